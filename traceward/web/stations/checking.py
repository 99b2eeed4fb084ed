"""复核: another person scans everything again, then says how packages and labels are. # OUT-03"""

from dataclasses import replace

from traceward.resources.labels import Words
from traceward.web.kit.stations import At, Key, Step, Task, Turn, Verdict, station
from traceward.web.stations import basket, picking
from traceward.web.visitors import Visitor

CHECK = "warehousing.check"


def task_of(pk: int, to: Visitor) -> Task | None:
    """What was picked, none of it checked; the checker is not told where it came from."""
    return picking.again(pk, to, "picked")


def first(task: Task) -> str:
    return "done" if task.is_over else "goods"


def take(turn: Turn) -> Verdict:
    """The packs were picked for this order."""
    assert turn.task is not None, "a pick is a task"
    return basket.judge(turn, "warehousing.judge_check", pick_id=turn.task.id)


def cancel(turn: Turn) -> Verdict:
    """What was picked is wrong or damaged: the pick is cancelled by who may, and says why."""
    title = turn.say(Words("复核不通过", "Not passed"))
    text = turn.say(Words("填写原因；货物放回原库位", "Say why; the goods go back to their bins"))
    return turn.good(title, text, "more", replace(turn.hand, step="cancel"))


CANCEL = Key("cancel", "circle-x", Words("不通过", "Not passed"), cancel)
station(
    "check",
    CHECK,
    "shield-check",
    Words("复核", "Check"),
    tasks="to_check",
    read=task_of,
    first=first,
    focus=lambda task, hand: None if task.is_over else basket.asked_for(task.lines, hand),
    undo=basket.take_out,
    keeps=True,
    refused=Words("复核不通过", "not passed"),
    then="pack",
    steps=(
        Step(
            "goods",
            Words("请逐件扫描已拣商品", "Scan what was picked, pack by pack"),
            {"goods": At("goods", take)},
            keys=(CANCEL, Key("list", "list-details", Words("清单", "List"))),
        ),
        Step(
            "book",
            Words("核对外观与标签，复核通过", "Look at packages and labels, then pass it"),
            {"goods": At("goods", take)},
            keys=(Key("more", "scan", Words("继续扫描", "Scan more"), basket.go_on), CANCEL),
            form=CHECK,
            meant=basket.scans,
        ),
        Step(
            "cancel",
            Words("复核不通过：取消拣货，货物放回库位", "Not passed: cancel the pick"),
            keys=(Key("more", "scan", Words("继续复核", "Check on"), basket.go_on),),
            form="warehousing.cancel_pick",
        ),
        Step("done", Words("本单已复核", "This pick is checked")),
    ),
)
