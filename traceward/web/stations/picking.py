"""拣货: to the bin, scan it; scan the goods; the next bin. What is scanned is picked at once."""

import json
from collections.abc import Sequence
from dataclasses import replace

from traceward.kernel.workflow.models import HeldCommand, HeldState
from traceward.resources.labels import Words
from traceward.web.kit.comparing import Wanted
from traceward.web.kit.hands import Hand, Taken
from traceward.web.kit.stations import (
    At,
    Key,
    Step,
    Task,
    Turn,
    Verdict,
    first_left,
    station,
)
from traceward.web.kit.suggestions import Suggested
from traceward.web.stations.reading import Kept, called, document, goods, kept, rows, wanted
from traceward.web.visitors import Visitor

PICKS, PICK = "warehousing.picks", "warehousing.pick"
END = "warehousing.end_pick"
#: Letters of a reason that begins by itself: what somebody adds has room, too.
ROOM = 220
REST, OTHERS = "另 {n} 行缺货", "{n} more lines short"
SHORT, ENDED = "缺货：{place} {goods} 差 {left}", "Short: {left} of {goods} at {place}"


def task_of(pk: int, to: Visitor) -> Task | None:
    """The pick as it stands, its lines in walking order."""
    found = read(pk, to)
    return found[0] if found else None


def read(pk: int, to: Visitor) -> tuple[Task, str] | None:
    """The same, and its state."""
    pick = document(
        PICKS, pk, to,
        *("id", "number", "state", "version", "demand_number", "consignee_name"),
        *("deliver_to_name_zh", "deliver_to_name_en"),
    )  # fmt: skip
    if pick is None:
        return None
    more = ("picked", "place_code", "specification", "model")
    found = goods("warehousing.pick_lines", to, *more, pick_id=pk)
    of = kept(found, to)
    task = Task(
        pk,
        pick["number"],
        f"{pick['demand_number']} → {called(pick, 'deliver_to', to) or pick['consignee_name']}",
        f"/warehousing/picks/{pk}",
        tuple(
            wanted(
                line,
                to,
                line["quantity"],
                line["picked"],
                of.get(line["item_id"], Kept()),
                place=line["place_code"],
                under=line["specification"] or line["model"] or "",
            )
            for line in found
        ),
        is_over=pick["state"] != "open",
        source=PICKS,
        version=pick["version"],
    )
    return task, str(pick["state"])


def again(pk: int, to: Visitor, state: str) -> Task | None:
    """What was picked, to be scanned anew, as long as the pick is in this state."""
    found = read(pk, to)
    if found is None:
        return None
    task, now = found
    lines = (replace(one, quantity=one.done, done=0, place="") for one in task.lines if one.done)
    waits = NOT_YET[now].in_language(to.language) if now in NOT_YET and now != state else ""
    return replace(task, lines=tuple(lines), is_over=now != state, waits=waits)


#: By state of a pick, what is done with it before the next station.
NOT_YET = {
    "open": Words("还在拣货，拣完后再来", "Still being picked: come back when it is picked"),
    "picked": Words("还未复核，复核后再来", "Not checked yet: come back when it is checked"),
}


def not_held(ids: Sequence[int], to: Visitor) -> set[int]:
    """Of these picks those of which no shortage waits for a supervisor."""
    waiting = HeldCommand.objects.filter(verb=END, state=HeldState.WAITING)
    held = {json.loads(one).get("pick_id") for one in waiting.values_list("arguments", flat=True)}
    return set(ids) - held


def first(task: Task) -> str:
    return "done" if task.is_over or not any(one.left for one in task.lines) else "place"


def reach(turn: Turn) -> Verdict:
    """One stands at this bin, where something of the pick is left."""
    task, code = turn.task, turn.code.strip()
    assert task is not None, "a pick is a task"
    here = [one for one in task.lines if one.place == code and one.left]
    if not here:
        right = first_left(task, turn.hand)
        text = Words("应到 {place}", "Go to {place}")
        return turn.bad(
            turn.say(Words("库位不符", "Wrong bin")),
            turn.say(text, place=right.place) if right else "",
        )
    asked = next((one for one in here if one.id == turn.hand.line), here[0])
    hand = replace(turn.hand, place=code, line=asked.id, step="goods", last=None)
    verdict = turn.good(turn.say(Words("库位正确", "Right bin")), code, hand=hand)
    return replace(verdict, now=task)


def take(turn: Turn) -> Verdict:
    """The scanned packs are picked, and stand in staging."""
    task, hand = turn.task, turn.hand
    assert task is not None, "a pick is a task"
    scan = {"codes": turn.codes, "place_code": hand.place, "packs": hand.packs}
    answer = turn.run(PICK, pick_id=task.id, scans=[scan])
    now = _after(task, turn.to)
    title = turn.say(Words("正确 · +{n}", "Right · +{n}"), n=answer.taken)
    parts = _taken(task, now) or ((hand.line, answer.taken),)
    last = Taken(tuple(turn.codes), hand.place, hand.packs, parts=parts)
    if now.is_over:
        text = turn.say(Words("本单已拣完", "This pick is complete"))
        return replace(turn.good(title, text, "done", Hand(step="done", last=last)), now=now)
    line, was = now.line(hand.line), now.line(last.line)
    left = [
        one
        for one in now.lines
        if one.place == hand.place and one.left and one.id not in hand.short
    ]
    after = hand.line if line and line.left else left[0].id if left else 0
    step, place = ("goods", hand.place) if left else ("place", "")
    hand = replace(hand, step=step, place=place, line=after, last=last)
    if first_left(now, hand) is None:
        hand = replace(hand, step="short")
    return replace(turn.good(title, _goods(was), hand=hand), now=now)


def _after(task: Task, to: Visitor) -> Task:
    """The task after a scan; only what scans change of it is read anew."""
    pick = document(PICKS, task.id, to, "id", "state", "version")
    fields = "id,line_number,picked"
    found = rows("warehousing.pick_lines", to, sort="line_number", fields=fields, pick_id=task.id)
    picked = {row["id"]: row["picked"] for row in found}
    lines = tuple(replace(one, done=picked.get(one.id, one.done)) for one in task.lines)
    is_over, version = pick is None or pick["state"] != "open", pick["version"] if pick else 0
    return replace(task, lines=lines, is_over=is_over, version=version)


def _taken(before: Task, now: Task) -> tuple[tuple[int, int], ...]:
    """Lines of which more is picked than before, with how much more."""
    was = {one.id: one.done for one in before.lines}
    return tuple(
        (one.id, one.done - was.get(one.id, 0))
        for one in now.lines
        if one.done > was.get(one.id, 0)
    )


def put_back(turn: Turn) -> Verdict:
    """What the last scan took stands in its bin again."""
    task, last = turn.task, turn.hand.last
    if task is None or last is None:
        return turn.bad(turn.say(Words("没有可撤销的扫描", "No scan to take back")))
    scan = {"codes": list(last.codes), "place_code": last.place, "packs": last.packs}
    turn.run("warehousing.put_back", pick_id=task.id, scans=[scan])
    title = turn.say(Words("已撤销 · −{n}", "Taken back · −{n}"), n=last.quantity)
    text = turn.say(Words("放回 {place}", "Put it back at {place}"), place=last.place)
    hand = replace(turn.hand, step="goods", place=last.place, line=last.line, last=None)
    return turn.good(title, text, hand=hand)


def skip(turn: Turn) -> Verdict:
    """This line comes after the others."""
    return _on(turn, "skipped", Words("已跳过，最后再拣", "Left for later"))


def short(turn: Turn) -> Verdict:
    """There is not enough: the others are picked, and then the pick ends short, with a reason."""
    return _on(turn, "short", Words("缺货 · 差 {n}", "Short · {n}"))


def not_short(turn: Turn) -> Verdict:
    """What was noted as short is looked for once more."""
    title = turn.say(Words("缺货已取消，继续拣", "Not short: go on picking"))
    return turn.good(
        title, "", "more", replace(turn.hand, short=(), line=0, place="", step="place")
    )


SAID_LATER = Words("拣完其余后报主管", "Told to the supervisor once the rest is picked")


def _on(turn: Turn, what: str, words: Words) -> Verdict:
    task, hand = turn.task, turn.hand
    assert task is not None, "a pick is a task"
    at = first_left(task, hand)
    if at is None:
        return turn.bad(turn.say(Words("没有剩余的行", "No line is left")))
    noted = (*(one for one in getattr(hand, what) if one != at.id), at.id)
    after = replace(hand, place="", line=0, last=None)
    after = replace(after, skipped=noted) if what == "skipped" else replace(after, short=noted)
    step = "place" if first_left(task, after) else "short"
    text = f"{_goods(at)} · {turn.say(SAID_LATER)}" if what == "short" else _goods(at)
    return turn.good(turn.say(words, n=at.left), text, "more", replace(after, step=step))


def _goods(line: Wanted | None) -> str:
    return " ".join(one for one in (line.item, line.lot, line.serial) if one) if line else ""


def ending(turn: Turn) -> dict[str, object]:
    """The pick ends short; the reason begins with what was missing where."""
    task = turn.task
    assert task is not None, "a pick is a task"
    is_zh = turn.to.language.startswith("zh")
    lines = [one for one in task.lines if one.left]
    said = [
        (SHORT if is_zh else ENDED).format(place=one.place, goods=_goods(one), left=one.left)
        for one in lines
    ]
    between, rest = ("；", REST) if is_zh else ("; ", OTHERS)
    shown = len(said)
    while shown > 1 and len(between.join(said[:shown])) > ROOM:
        shown -= 1
    if shown < len(said):
        said = [*said[:shown], rest.format(n=len(said) - shown)]
    return {"pick_id": task.id, "reason": between.join(said)}


def other_lot(turn: Turn) -> Verdict:
    """The line that is asked for is to be fetched from another lot: why is asked first."""
    task = turn.task
    assert task is not None, "a pick is a task"
    at = first_left(task, turn.hand)
    if at is None:
        return turn.bad(turn.say(Words("没有剩余的行", "No line is left")))
    after = replace(turn.hand, step="lot", line=at.id, last=None)
    return turn.good(turn.say(Words("换批次", "Change lot")), _goods(at), "more", after)


def as_it_was(turn: Turn) -> Verdict:
    """The proposed lot is fetched all the same."""
    return turn.good(turn.say(Words("仍拣原批", "As proposed")), "", "more",
                     replace(turn.hand, step="place", place=""))  # fmt: skip


def changed_line(turn: Turn) -> Suggested:
    """The line whose lot is changed."""
    task = turn.task
    line = task.line(turn.hand.line) if task else None
    return {"line_number": line.number if line else 0}


KEYS = (
    Key("short", "package-off", Words("缺货", "Short"), short),
    Key("skip", "player-skip-forward", Words("跳过", "Skip"), skip),
    Key("lot", "transfer", Words("换批次", "Other lot"), other_lot),
    Key("list", "list-details", Words("清单", "List")),
)
station(
    "pick",
    PICK,
    "shopping-cart",
    Words("拣货", "Pick"),
    tasks="to_pick",
    ready=not_held,
    read=task_of,
    first=first,
    focus=first_left,
    undo=put_back,
    keeps=True,
    refused=Words("禁止拣取", "not to be picked"),
    then="check",
    steps=(
        Step(
            "place",
            Words("请扫描库位", "Scan the bin"),
            {"place": At("goods", reach)},
            keys=KEYS,
        ),
        Step(
            "goods",
            Words("请扫描商品 UDI", "Scan the goods (UDI)"),
            {"goods": At("goods", take), "place": At("goods", reach)},
            keys=KEYS,
        ),
        Step(
            "lot",
            Words("为何换批？按先到期先出另选一批", "Why? Another lot is chosen by the rules"),
            keys=(Key("back", "arrow-back-up", Words("仍拣原批", "As proposed"), as_it_was),),
            form="warehousing.change_lot",
            meant=changed_line,
            stays=True,
        ),
        Step(
            "short",
            Words("其余缺货：写明原因，结束拣货", "The rest is short: say why, and end the pick"),
            keys=(Key("back", "arrow-back-up", Words("继续找货", "Look again"), not_short),),
            form=END,
            begun=ending,
        ),
        Step("done", Words("本单已拣完", "This pick is complete")),
    ),
)
