"""收货: the announced goods are scanned pack by pack, and booked with how they came. # INB-02"""

from traceward.resources.labels import Words
from traceward.web.kit.stations import At, Key, Step, Task, Turn, Verdict, station
from traceward.web.stations import basket
from traceward.web.stations.reading import called, document, kept, rows, wanted
from traceward.web.visitors import Visitor

NOTICES, RECEIVE = "purchasing.notices", "inbound.receive_notice"


def task_of(pk: int, to: Visitor) -> Task | None:
    """The notice: what is still to come of it."""
    names = ("id", "number", "state", "order_number", "supplier_name_zh", "supplier_name_en")
    notice = document(NOTICES, pk, to, *names)
    if notice is None:
        return None
    found = rows("purchasing.notice_lines", to, sort="line_number", notice_id=pk)
    of = kept(found, to)
    return Task(
        pk,
        notice["number"],
        f"{called(notice, 'supplier', to)} · {notice['order_number']}",
        f"/purchasing/notices/{pk}",
        tuple(
            wanted(
                {**line, "lot_raw_number": line["lot_number"], "lot_expires_on": line["expires_on"],
                 "serial_raw_number": line["serial_number"]},
                to,
                line["quantity"] - (line["refused"] or 0),
                line["received"] or 0,
                of.get(line["item_id"], ("", "")),
            )
            for line in found
        ),
        is_over=notice["state"] != "announced",
    )  # fmt: skip


def first(task: Task) -> str:
    return "done" if task.is_over or not any(one.left for one in task.lines) else "goods"


def take(turn: Turn) -> Verdict:
    """The packs belong to the notice, and to which of its lines."""
    assert turn.task is not None, "a notice is a task"
    return basket.judge(turn, "warehousing.judge_arrival", document_id=turn.task.id)


station(
    "receive",
    RECEIVE,
    "package-import",
    Words("收货", "Receive"),
    tasks="notices",
    read=task_of,
    first=first,
    focus=lambda task, hand: basket.asked_for(task.lines, hand),
    undo=basket.take_out,
    refused=Words("不能收货", "not to be received"),
    steps=(
        Step(
            "goods",
            Words("请扫描到货 UDI", "Scan what came (UDI)"),
            {"goods": At("goods", take)},
            keys=(
                Key("book", "check", Words("登记收货", "Book it"), basket.finish),
                Key("list", "list-details", Words("清单", "List")),
            ),
        ),
        Step(
            "book",
            Words("核对单据与温度，登记收货", "Compare papers and temperature, then book it"),
            keys=(Key("more", "scan", Words("继续扫描", "Scan more"), basket.go_on),),
            form=RECEIVE,
            meant=basket.scans,
        ),
        Step("done", Words("已全部到货", "Everything has come")),
    ),
)
