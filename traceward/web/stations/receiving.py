"""收货: what was announced is scanned pack by pack, and booked with how it came. # INB-02

From a supplier, from another site (调入收货), or back from a customer (退货收货).
"""

from collections.abc import Callable

from traceward.resources.labels import Words
from traceward.web.kit.stations import At, Key, Step, Task, Turn, Verdict, station
from traceward.web.kit.suggestions import Suggested
from traceward.web.stations import basket
from traceward.web.stations.reading import Kept, called, document, kept, rows, task_with, wanted
from traceward.web.visitors import Visitor

NOTICES, RECEIVE = "purchasing.notices", "inbound.receive_notice"
SHIPMENTS, RETURNS = "warehousing.shipments", "sales.returns"


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
                of.get(line["item_id"], Kept()),
            )
            for line in found
        ),
        is_over=notice["state"] != "announced",
    )  # fmt: skip


def shipment(pk: int, to: Visitor) -> Task | None:
    """The shipment of a transfer: what of it is on its way still."""
    names = ("id", "number", "state", "demand_kind", "demand_number", "site_code")
    sent = document(SHIPMENTS, pk, to, *names)
    if sent is None or sent["demand_kind"] != "transfers.order":
        return None
    about, is_over = f"{sent['site_code']} · {sent['demand_number']}", sent["state"] != "shipped"
    found = rows("warehousing.shipment_lines", to, sort="line_number", shipment_id=pk)
    return task_with(sent, about, f"/warehousing/shipments/{pk}", found, to, is_over, "received")


def return_(pk: int, to: Visitor) -> Task | None:
    """The announced return: all of it."""
    names = ("id", "number", "state", "customer_name_zh", "customer_name_en", "shipment_number")
    back = document(RETURNS, pk, to, *names)
    if back is None:
        return None
    about = f"{called(back, 'customer', to)} · {back['shipment_number']}"
    found = rows("sales.return_lines", to, sort="line_number", return_id=pk)
    return task_with(back, about, f"/sales/returns/{pk}", found, to, back["state"] != "announced")


def first(task: Task) -> str:
    return "done" if task.is_over or not any(one.left for one in task.lines) else "goods"


def take(turn: Turn) -> Verdict:
    """The packs belong to the notice, and to which of its lines."""
    assert turn.task is not None, "a notice is a task"
    return basket.judge(turn, "warehousing.judge_arrival", document_id=turn.task.id)


DAMAGED = Key("damaged", "package-off", Words("破损", "Damaged"), basket.damage)


def _steps(form: str, meant: Callable[[Turn], Suggested]) -> tuple[Step, ...]:
    """Scan what came, then compare the papers and book it."""
    marks = (DAMAGED,) if meant is basket.packs else ()
    return (
        Step(
            "goods",
            Words("请扫描到货 UDI", "Scan what came (UDI)"),
            {"goods": At("goods", take)},
            keys=(
                Key("book", "check", Words("登记收货", "Receive"), basket.finish),
                *marks,
                Key("list", "list-details", Words("清单", "List")),
            ),
        ),
        Step(
            "book",
            Words("核对单据与温度，登记收货", "Compare papers and temperature, then receive"),
            {"goods": At("goods", take)},
            keys=(Key("more", "scan", Words("继续扫描", "Scan more"), basket.go_on), *marks),
            form=form,
            meant=meant,
        ),
        Step("done", Words("已全部到货", "Everything has come")),
    )


for key, verb, words, tasks, read, meant in (
    ("receive", RECEIVE, Words("收货", "Receive"), "notices", task_of, basket.scans),
    (
        "receive-transfer",
        "transfers.receive",
        Words("调入收货", "Receive a transfer"),
        "transfers_arriving",
        shipment,
        basket.packs,
    ),
    (
        "receive-return",
        "sales.receive_return",
        Words("退货收货", "Receive a return"),
        "returns",
        return_,
        basket.packs,
    ),
):
    station(
        key,
        verb,
        "package-import",
        words,
        tasks=tasks,
        read=read,
        first=first,
        focus=lambda task, hand: None if task.is_over else basket.asked_for(task.lines, hand),
        undo=basket.take_out,
        keeps=True,
        refused=Words("不能收货", "not to be received"),
        steps=_steps(verb, meant),
    )
