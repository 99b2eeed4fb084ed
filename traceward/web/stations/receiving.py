"""收货: what was announced is scanned pack by pack, and booked with how it came. # INB-02

From a supplier, from another site (调入收货), or back from a customer (退货收货).
"""

from collections.abc import Callable
from dataclasses import replace

from traceward.domain.warehousing.scanning.announced import REFUSE
from traceward.resources.labels import Words
from traceward.web.kit.hands import Taken, held
from traceward.web.kit.stations import At, Key, Step, Task, Turn, Verdict, parts_of, station
from traceward.web.kit.suggestions import Suggested
from traceward.web.pages.suggestions import COLD_WAY, base_dis, label_of, last_of, only_place
from traceward.web.stations import basket
from traceward.web.stations.reading import Kept, called, document, kept, rows, task_with, wanted
from traceward.web.visitors import Visitor

NOTICES, RECEIVE = "purchasing.notices", "inbound.receive_notice"
SHIPMENTS, RETURNS = "warehousing.shipments", "sales.returns"


def task_of(pk: int, to: Visitor) -> Task | None:
    """The notice: what is still to come of it."""
    names = (
        "id",
        "number",
        "state",
        "version",
        "order_number",
        "supplier_name_zh",
        "supplier_name_en",
    )
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
                 "serial_raw_number": line["serial_number"],
                 "container_code": _box_on(line["raw"])},
                to,
                line["quantity"] - (line["refused"] or 0),
                line["received"] or 0,
                of.get(line["item_id"], Kept()),
                codes=tuple(line["raw"].split("\n")),
            )
            for line in found
        ),
        is_over=notice["state"] != "announced",
        source=NOTICES,
        version=notice["version"],
    )  # fmt: skip


def shipment(pk: int, to: Visitor) -> Task | None:
    """The shipment of a transfer: what of it is on its way still."""
    names = ("id", "number", "state", "version", "demand_kind", "demand_number", "site_code")
    sent = document(SHIPMENTS, pk, to, *names)
    if sent is None or sent["demand_kind"] != "transfers.order":
        return None
    about, is_over = f"{sent['site_code']} · {sent['demand_number']}", sent["state"] != "shipped"
    found = rows("warehousing.shipment_lines", to, sort="line_number", shipment_id=pk)
    task = task_with(sent, about, f"/warehousing/shipments/{pk}", found, to, is_over, "received")
    boxed = {row["id"]: row for row in found if row["container_code"]}
    dis = base_dis(boxed.values(), to) if boxed else {}
    lines = (
        replace(one, codes=tuple(label_of(boxed[one.id], dis))) if one.id in boxed else one
        for one in task.lines
    )
    return replace(task, lines=tuple(lines), source=SHIPMENTS)


def return_(pk: int, to: Visitor) -> Task | None:
    """The announced return: all of it."""
    names = (
        "id",
        "number",
        "state",
        "version",
        "customer_name_zh",
        "customer_name_en",
        "shipment_number",
    )
    back = document(RETURNS, pk, to, *names)
    if back is None:
        return None
    about = f"{called(back, 'customer', to)} · {back['shipment_number']}"
    found = rows("sales.return_lines", to, sort="line_number", return_id=pk)
    is_over = back["state"] != "announced"
    task = task_with(back, about, f"/sales/returns/{pk}", found, to, is_over)
    return replace(task, source=RETURNS)


def first(task: Task) -> str:
    return "done" if task.is_over or not any(one.left for one in task.lines) else "goods"


def take(turn: Turn) -> Verdict:
    """The packs belong to the notice, and to which of its lines."""
    assert turn.task is not None, "a notice is a task"
    return basket.judge(turn, "warehousing.judge_arrival", document_id=turn.task.id)


def _box_on(raw: str) -> str:
    """The SSCC that the supplier named with the goods; empty where there is none."""
    return next((said for ai, said in parts_of(raw.split("\n")) if ai == "00"), "")


def box(turn: Turn) -> Verdict:
    """All that the papers say is in the box has come with it; of another, what to scan instead."""
    task, code = turn.task, basket.code_of(turn)
    assert task is not None, "a notice is a task"
    said = dict(parts_of([turn.code]))
    if said.keys() & {"01", "8006"}:
        return take(turn)
    if "00" not in said:
        turn = replace(turn, code=f"(00){code}")
    now = task.with_held(turn.hand)
    inside = [one for one in now.lines if one.box == code and one.codes]
    if not inside:
        return _unnamed(turn, code)
    left = [one for one in inside if one.left]
    if not left:
        return turn.bad(turn.say(Words("此箱已扫过", "This box was scanned already")), code)
    parts: list[tuple[int, int]] = []
    hand = turn.hand
    for one in left:
        packs, rest = divmod(one.left, basket.packs_of(turn, one.codes))
        if rest:
            text = turn.say(Words("箱内已开箱：逐件扫描", "It was opened: scan pack by pack"))
            return turn.bad(turn.say(Words("整箱数量不符", "Not the whole box")), text)
        given = {"codes": list(one.codes), "packs": packs, "held": basket.texts(hand)}
        found = turn.ask("warehousing.judge_arrival", document_id=task.id, **given)
        more = tuple((part.line_id, part.quantity) for part in found)
        hand = replace(hand, basket=(*hand.basket, Taken(tuple(one.codes), parts=more)))
        parts += more
    turn = replace(turn, hand=replace(turn.hand, codes=(), packs=1))
    return basket.hold(turn, tuple(parts), code)


def _unnamed(turn: Turn, code: str) -> Verdict:
    """The papers do not say what is in the box: its goods are scanned, and the box is kept."""
    title, text = turn.say(UNLISTED), f"{code} · {turn.say(SCAN_GOODS)}"
    if turn.station.key != "receive":
        return turn.bad(title, text)
    hand = replace(turn.hand, codes=(turn.code.strip(),))
    return Verdict("more", title, hand, text, parts=(("00", code, ""),))


def measured(turn: Turn) -> frozenset[str]:
    """How cold goods travelled is asked for where some were scanned."""
    task = turn.task
    lines = [task.line(pk) for pk in held(turn.hand)] if task else []
    return frozenset(COLD_WAY) if any(one is not None and one.is_cold for one in lines) else NOTHING


NOTHING: frozenset[str] = frozenset()
UNLISTED = Words("单据未列此箱内容", "The papers do not list this box")
SCAN_GOODS = Words(
    "扫描外箱上的商品条码（01），没有的扫箱内商品的 UDI",
    "Scan the barcode of the goods on the case (01); if it has none, the UDI of what is in it",
)


def refuse(turn: Turn) -> Verdict:
    """What was scanned is refused at the door and goes back; without a scan, all of it."""
    quantity = sum(held(turn.hand).values())
    title = turn.say(Words("拒收 {n}，不入库", "{n} refused: they do not come in"), n=quantity)
    if not quantity:
        title = turn.say(Words("全部拒收，不入库", "All of it is refused"))
    text = turn.say(PART_REFUSED)
    return turn.good(title, text, "more", replace(turn.hand, step="refuse"))


PART_REFUSED = Words(
    "只拒收一部分的，先登记收下的，再扫要拒收的",
    "To refuse a part, receive the rest first; then scan what is refused",
)


def refused(turn: Turn) -> Suggested:
    """The announced lines that were scanned, as the refusal asks for them."""
    lines = [{"line_id": pk, "quantity": n} for pk, n in held(turn.hand).items()]
    return {"lines": lines} if lines else {}


def at_door(turn: Turn) -> Suggested:
    """Where the last goods of this supplier came in, and how."""
    task, to = turn.task, turn.to
    notice = document(NOTICES, task.id, to, "site_id", "supplier_id") if task else None
    if notice is None:
        return {}
    site = notice["site_id"]
    last = last_of("warehousing.receipts", to, site_id=site, supplier_id=notice["supplier_id"])
    return {
        "place_id": last.get("place_id") or only_place(site, to, kind="dock", zone="pending"),
        "journey": {"transport_mode": last.get("transport_mode") or None},
    }


REFUSED = Key("refuse", "circle-x", Words("拒收", "Refuse"), refuse)
DAMAGED = Key("damaged", "package-off", Words("破损", "Damaged"), basket.damage)


def _steps(form: str, meant: Callable[[Turn], Suggested]) -> tuple[Step, ...]:
    """Scan what came, then compare the papers and book it."""
    marks = (DAMAGED,) if meant is basket.packs else ()
    refusing = (REFUSED,) if form == RECEIVE else ()
    return (
        Step(
            "goods",
            Words("请扫描到货 UDI", "Scan what came (UDI)"),
            {"goods": At("goods", take), "container": At("goods", box)},
            keys=(
                Key("book", "check", Words("登记收货", "Receive"), basket.finish),
                *marks,
                *refusing,
                Key("list", "list-details", Words("清单", "List")),
            ),
        ),
        Step(
            "book",
            Words("核对单据与温度，登记收货", "Compare papers and temperature, then receive"),
            {"goods": At("goods", take), "container": At("goods", box)},
            keys=(MORE, *marks, *refusing),
            form=form,
            meant=meant,
            needed=measured if form == RECEIVE else None,
        ),
        *(AT_DOOR if refusing else ()),
        Step("done", Words("已全部到货", "Everything has come")),
    )


MORE = Key("more", "scan", Words("继续扫描", "Scan more"), basket.go_on)
AT_DOOR = (
    Step(
        "refuse",
        Words("拒收：填写原因与所见", "Refused: say why, and what was seen"),
        keys=(MORE,),
        form=REFUSE,
        meant=refused,
        begun=at_door,
        leaves=frozenset({"lines"}),
        needs=frozenset({"journey.transport_mode", "journey.deliverer"}),
        stays=True,
    ),
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
