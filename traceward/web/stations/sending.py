"""装箱, 装车发运, 签收: what was checked goes into boxes, onto the van, and to who signs for it."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace

from traceward.domain.stock.models import Code
from traceward.domain.stock.refusals import MAKERS
from traceward.domain.warehousing.queries import Goods, recalled
from traceward.resources.labels import Words
from traceward.web.kit.comparing import Wanted
from traceward.web.kit.hands import Hand, Taken, held
from traceward.web.kit.stations import (
    Act,
    At,
    Key,
    Step,
    Task,
    Turn,
    Verdict,
    misfit,
    station,
)
from traceward.web.kit.suggestions import Row, Suggested, known
from traceward.web.pages.sending import CARRIER, OWN, travelling, usual
from traceward.web.stations import basket, picking
from traceward.web.stations.reading import called, document, rows, task_with
from traceward.web.visitors import Visitor

PACK, SHIP, SIGN = "warehousing.pack", "warehousing.ship", "sales.sign_for"
UNPACK = "warehousing.unpack"
PRINT = "warehousing.print_box_labels"
FIRST_GOODS = Words("先扫描放进这一箱的货物", "First scan what goes into this box")
STILL_LOOSE = Words("还有 {n} 未装箱", "{n} still loose")
NOT_OURS = Words("不在本单内", "Not of this document")
#: Boxes of the task that are named where another was scanned.
SHOWN = 3
OURS = Words("扫到 {code}，本单的箱：{ours}", "{code} was scanned; the boxes are {ours}")
NO_BOX = Words("扫到 {code}，本单没有箱待扫", "{code} was scanned; no box of it is waiting")
LIST = Key("list", "list-details", Words("清单", "List"))
MORE = Key("more", "scan", Words("继续扫描", "Scan more"), basket.go_on)


def checked(pk: int, to: Visitor) -> Task | None:
    """What was checked of the pick, none of it scanned."""
    return picking.again(pk, to, "checked")


def loose(pk: int, to: Visitor) -> Task | None:
    """What is in no box yet."""
    task = checked(pk, to)
    if task is None:
        return None
    lines = (replace(one, done=one.quantity if one.box else 0) for one in task.lines)
    return replace(task, lines=tuple(lines))


def shipped(pk: int, to: Visitor) -> Task | None:
    """What is on its way with the shipment."""
    names = (
        "id",
        "number",
        "state",
        "version",
        "consignee_name",
        "deliver_to_name_zh",
        "deliver_to_name_en",
    )
    shipment = document("warehousing.shipments", pk, to, *names, "transit_id")
    if shipment is None:
        return None
    about = called(shipment, "deliver_to", to) or shipment["consignee_name"]
    found = rows("warehousing.shipment_lines", to, sort="line_number", shipment_id=pk)
    is_over = shipment["state"] != "shipped"
    task = task_with(shipment, about, f"/warehousing/shipments/{pk}", found, to, is_over)
    gone = _gone(pk, shipment["transit_id"], to)
    lines = []
    for one in task.lines:
        goods = (one.item_id, one.lot_id, one.serial_id)
        part = min(one.quantity, gone[goods])
        gone[goods] -= part
        lines.append(replace(one, done=part))
    return replace(task, lines=tuple(lines), source="warehousing.shipments")


def _gone(pk: int, transit: int, to: Visitor) -> Counter[tuple[int, int | None, int | None]]:
    """By goods, what of the shipment was signed for, or refused and is announced to come back."""
    gone: Counter[tuple[int, int | None, int | None]] = Counter()
    signed = rows("sales.deliveries", to, shipment_id=pk, state="signed", fields="id")
    fields = "line_number,item_id,lot_id,serial_id,quantity"
    for one in signed:
        for line in rows("sales.delivery_lines", to, "line_number", fields=fields,
                         delivery_id=one["id"]):  # fmt: skip
            gone[line["item_id"], line["lot_id"], line["serial_id"]] += line["quantity"]
    back = rows("sales.returns", to, shipment_id=pk, from_place_id=transit, fields="id,state")
    for one in back:
        counts = {"announced": "quantity", "received": "received"}.get(one["state"])
        if counts:
            more = f"{fields},received"
            for line in rows("sales.return_lines", to, "line_number", fields=more,
                             return_id=one["id"]):  # fmt: skip
                gone[line["item_id"], line["lot_id"], line["serial_id"]] += line[counts]
    return gone


def first(task: Task) -> str:
    return "done" if task.is_over or not any(one.left for one in task.lines) else "goods"


def asked_for(task: Task, hand: Hand) -> Wanted | None:
    """The line that comes next, while there is something to do."""
    return None if task.is_over else basket.asked_for(task.lines, hand)


def box(turn: Turn) -> Verdict:
    """All that is in the box was scanned with it."""
    task, code = turn.task, basket.code_of(turn)
    assert task is not None, "a box belongs to a task"
    now = task.with_held(turn.hand)
    lines = [one for one in now.lines if one.box == code]
    if not lines:
        ours = sorted({one.box for one in now.lines if one.box and one.left})
        text = turn.say(OURS if ours else NO_BOX, code=code, ours="、".join(ours[:SHOWN]))
        return turn.bad(turn.say(NOT_OURS), text)
    left = tuple((one.id, one.left) for one in lines if one.left)
    if not left:
        return turn.bad(turn.say(Words("此箱已扫过", "This box was scanned already")), code)
    _require_free(lines)
    return basket.hold(turn, left, code)


def goods(turn: Turn) -> Verdict:
    """Packs of goods that belong to the task; those in a box go with their box."""
    task, found = turn.task, turn.look_up()
    assert task is not None, "goods belong to a task"
    of = found.goods if found else None
    if of is None:
        return turn.bad(turn.say(NOT_OURS), turn.code)
    now = task.with_held(turn.hand)
    lines = [one for one in now.lines if _is_same(one, of.item_id, of.lot_id, of.serial_id)]
    if not lines:
        text = " ".join(one for one in (of.item_code, of.lot, of.serial) if one)
        return misfit(turn) or turn.bad(turn.say(NOT_OURS), text)
    _require_free(lines)
    quantity, parts = of.base_units * turn.hand.packs, []
    for one in lines:
        part = min(quantity, one.left)
        if part:
            parts.append((one.id, part))
            quantity -= part
    if not parts and (enough := misfit(turn)):
        return enough
    if quantity:
        text = turn.say(Words("多出 {n}", "{n} too many"), n=quantity)
        return turn.bad(turn.say(Words("数量超出", "Too many")), text)
    says = " ".join(one for one in (of.item_code, of.lot, of.serial) if one)
    return basket.hold(turn, tuple(parts), says)


def _require_free(lines: Iterable[Wanted]) -> None:
    """Refused at the scan, as at the end, where a recall that began meanwhile names them."""
    goods = {Goods(one.item_id, one.lot_id, one.serial_id) for one in lines}
    rows = recalled(sorted(goods, key=str), Code.SHIP)
    if rows:
        raise MAKERS["TW006"](rows)


def _is_same(one: Wanted, item: int, lot: int | None, serial: int | None) -> bool:
    return (one.item_id, one.lot_id, one.serial_id) == (item, lot, serial)


def into_box(turn: Turn) -> Verdict:
    """What was scanned since the last box, and no more, stands in this one."""
    task = turn.task
    assert task is not None, "what is packed belongs to a pick"
    parts = _scanned(task, turn)
    if not parts:
        return turn.bad(turn.say(basket.NOTHING), turn.say(FIRST_GOODS))
    sscc = {"sscc": basket.code_of(turn)} if turn.code.strip() else {}
    answer = turn.run(PACK, pick_id=task.id, parts=parts, **sscc)
    now = loose(task.id, turn.to) or task
    title = turn.say(Words("已装箱 · {n}", "Packed · {n}"), n=answer.quantity)
    packed = Taken((), place=answer.sscc, parts=((0, answer.quantity),))
    after = replace(turn.hand, basket=(), last=packed, line=0, step="goods")
    left = sum(one.left for one in now.lines)
    if left:
        text = f"{answer.sscc} · {turn.say(STILL_LOOSE, n=left)}"
        return turn.good(title, text, hand=after)
    return turn.good(title, answer.sscc, "done", replace(after, step="done"))


def out_of_box(turn: Turn) -> Verdict:
    """The last scan is taken back, or the last box is empty again."""
    task, last = turn.task, turn.hand.last
    if task is None or last is None or last.codes:
        return basket.take_out(turn)
    answer = turn.run(UNPACK, pick_id=task.id, sscc=last.place)
    title = turn.say(Words("已拆箱 · −{n}", "Unpacked · −{n}"), n=answer.quantity)
    text = turn.say(Words("从箱 {sscc} 取出，重新扫描装箱", "Out of {sscc}: scan them again"),
                    sscc=answer.sscc)  # fmt: skip
    return turn.good(title, text, "more", replace(turn.hand, last=None, line=0, step="goods"))


def print_label(turn: Turn) -> Verdict:
    """The label of the box that was packed last is there to be printed, and on record."""
    task, last = turn.task, turn.hand.last
    sscc = last.place if last and not last.codes else ""
    if task is not None and not sscc:
        packed = checked(task.id, turn.to)
        sscc = max((one.box for one in packed.lines), default="") if packed else ""
    boxes = known("stock.containers", turn.to, code=sscc, fields="id") if sscc else []
    pick = document(picking.PICKS, task.id, turn.to, "id", "site_id") if task else None
    if not boxes or pick is None:
        text = turn.say(Words("先装一箱", "Pack a box first"))
        return turn.bad(turn.say(Words("没有箱标可打印", "No label to print")), text)
    labels = [{"container_id": boxes[0]["id"]}]
    made = turn.run(PRINT, site_id=pick["site_id"], labels=labels).label_print_id
    files = tuple((one.upper(), f"/station/labels/{made}.{one}") for one in ("pdf", "zpl"))
    title = turn.say(Words("箱标已备好", "The label is ready"))
    return replace(turn.good(title, sscc, "more"), files=files)


def _scanned(task: Task, turn: Turn) -> list[dict[str, int]]:
    """By number of the line, how many base units of it were scanned."""
    by_line = held(turn.hand)
    return [
        {"line_number": one.number, "quantity": by_line[one.id]}
        for one in task.lines
        if by_line.get(one.id)
    ]


def handed_over(turn: Turn) -> Suggested:
    """The lines that were scanned, as the delivery asks for them."""
    task = turn.task
    assert task is not None, "a delivery is of a shipment"
    return {"lines": _scanned(task, turn)}


def all_back(turn: Turn) -> Suggested:
    """Nothing was accepted: all that is on its way comes back."""
    task = turn.task
    assert task is not None, "a delivery is of a shipment"
    lines = [{"line_number": one.number, "quantity": one.left} for one in task.lines if one.left]
    return {"lines": lines, "was_refused": True}


def sign(turn: Turn) -> Verdict:
    """What was scanned is signed for; of the rest it is said what becomes of it."""
    if not turn.hand.basket:
        return turn.bad(turn.say(basket.NOTHING), turn.say(ALL_REFUSED))
    left = _not_scanned(turn)
    if not left:
        return basket.finish(turn)
    done = sum(held(turn.hand).values())
    title = turn.say(Words("只扫了 {n}，还差 {left}", "{n} scanned, {left} not"), n=done, left=left)
    return turn.good(title, turn.say(REST_LATER), "more", replace(turn.hand, step="later"))


def refuse(turn: Turn) -> Verdict:
    """What was not scanned was refused at the door, all of it or the rest."""
    left = _not_scanned(turn)
    if not left:
        text = turn.say(Words("先撤销拒收的那一件", "Take back the scan of what is refused"))
        return turn.bad(turn.say(Words("没有可拒收的货物", "Nothing is left to refuse")), text)
    step = "refuse" if turn.hand.basket else "nothing"
    title = turn.say(Words("拒收 {left}，退回", "{left} refused: they come back"), left=left)
    done = sum(held(turn.hand).values())
    text = turn.say(Words("签收 {n}", "{n} signed for"), n=done) if done else turn.say(NONE_TAKEN)
    return turn.good(title, text, "more", replace(turn.hand, step=step))


def later(turn: Turn) -> Verdict:
    """The rest is brought another time after all."""
    step = "later" if turn.hand.basket else "goods"
    title = turn.say(turn.station.step(step).asks)
    return turn.good(title, "", "more", replace(turn.hand, step=step))


def _not_scanned(turn: Turn) -> int:
    assert turn.task is not None, "a delivery is of a shipment"
    return sum(one.left for one in turn.task.with_held(turn.hand).lines)


ALL_REFUSED = Words("全部拒收的，按“拒收”", "If all of it is refused, press “Refused”")
REST_LATER = Words(
    "其余仍在途，以后再送；客户拒收的，按“拒收”",
    "The rest stays on its way; if it is refused, press “Refused”",
)
NONE_TAKEN = Words("一件都不签收", "Nothing is signed for")
REFUSED = Key("refuse", "package-off", Words("拒收", "Refused"), refuse)


def _loaded(scanned: Act) -> Act:
    """Once all is scanned, it goes as the last goods to this place went."""

    def act(turn: Turn) -> Verdict:
        verdict = scanned(turn)
        if verdict.hand.step != "book":
            return verdict
        kind, _ = usual(_pick(turn), turn.to)
        return replace(verdict, hand=replace(verdict.hand, step=BY[kind]))

    return act


def _pick(turn: Turn) -> Row:
    assert turn.task is not None, "what is loaded belongs to a pick"
    found = document(picking.PICKS, turn.task.id, turn.to, "id", "site_id", "deliver_to_id")
    assert found is not None, "the task was read from it"
    return found


def _by(kind: str, words: Words, icon: str) -> Key:
    """The key for going by the other kind of vehicle."""

    def act(turn: Turn) -> Verdict:
        title = turn.say(words)
        return turn.good(title, "", "more", replace(turn.hand, step=BY[kind]))

    return Key(kind, icon, words, act)


def _begun(kind: str) -> Callable[[Turn], Suggested]:
    return lambda turn: travelling(kind, _pick(turn), turn.to)


BY = {OWN: "book", CARRIER: "carrier"}
BY_US, BY_THEM = Words("自有车辆", "Own vehicle"), Words("第三方运输", "Carrier")
REASON = frozenset({"refused_because"})
OF_US = frozenset({"transport.vehicle_plate", "transport.driver_id"})
OF_THEM = frozenset({"transport.carrier_name", "transport.waybill"})
#: The kind is chosen by the key, and is on the papers in Chinese.
MODE = frozenset({"transport.mode"})


def _mode(words: Words) -> Callable[[Turn], Suggested]:
    return lambda _: {"transport": {"mode": words.zh}}


SCANNED = {"goods": At("goods", goods), "container": At("goods", box)}
LOADED = {"goods": At("goods", _loaded(goods)), "container": At("goods", _loaded(box))}
LABEL = Key("label", "download", Words("打印箱标", "Print label"), print_label)
ASKS = Words("请扫描箱号或商品", "Scan a box or goods")

station(
    "pack",
    PACK,
    "packages",
    Words("装箱", "Pack"),
    tasks="to_ship",
    read=loose,
    first=first,
    focus=asked_for,
    undo=out_of_box,
    keeps=True,
    refused=Words("不能装箱", "not to be packed"),
    then="load",
    steps=(
        Step(
            "goods",
            Words("扫描商品，再扫箱标 SSCC", "Scan goods, then the label of the box (SSCC)"),
            {"goods": At("goods", goods), "container": At("goods", into_box)},
            keys=(Key("new", "plus", Words("新箱号", "New SSCC"), into_box), LABEL, LIST),
        ),
        Step(
            "book",
            Words("请扫箱标 SSCC", "Scan the label of the box (SSCC)"),
            {"container": At("goods", into_box)},
            keys=(Key("new", "plus", Words("新箱号", "New SSCC"), into_box), LIST),
        ),
        Step("done", Words("已全部装箱", "Everything is packed"), keys=(LABEL,)),
    ),
)
station(
    "load",
    SHIP,
    "package-export",
    Words("装车发运", "Load and ship"),
    tasks="to_ship",
    read=checked,
    first=first,
    focus=asked_for,
    undo=basket.take_out,
    keeps=True,
    refused=Words("不能装车", "not to be loaded"),
    steps=(
        Step(
            "goods",
            ASKS,
            LOADED,
            keys=(LIST,),
        ),
        Step(
            "book",
            Words("自有车辆：填车牌与驾驶员，发运", "Own vehicle: say plate and driver, then ship"),
            LOADED,
            keys=(_by(CARRIER, BY_THEM, "building-warehouse"), MORE),
            form=SHIP,
            meant=_mode(BY_US),
            begun=_begun(OWN),
            needs=OF_US,
            leaves=OF_THEM | MODE,
        ),
        Step(
            "carrier",
            Words("第三方运输：填承运方与运单，发运", "Carrier: say who and waybill, then ship it"),
            LOADED,
            keys=(_by(OWN, BY_US, "package-export"), MORE),
            form=SHIP,
            meant=_mode(BY_THEM),
            begun=_begun(CARRIER),
            needs=OF_THEM,
            leaves=OF_US | MODE,
        ),
        Step("done", Words("本单已发运", "This pick is shipped")),
    ),
)
station(
    "deliver",
    SIGN,
    "signature",
    Words("签收", "Deliver"),
    tasks="shipments",
    read=shipped,
    first=first,
    focus=asked_for,
    undo=basket.take_out,
    keeps=True,
    refused=Words("不能交付", "not to be handed over"),
    steps=(
        Step(
            "goods",
            ASKS,
            SCANNED,
            keys=(Key("book", "signature", Words("去签收", "Sign"), sign), REFUSED, LIST),
        ),
        Step(
            "book",
            Words("收货人签收", "The receiver signs"),
            SCANNED,
            keys=(MORE,),
            form=SIGN,
            meant=handed_over,
            leaves=REASON,
        ),
        Step(
            "later",
            Words("签收已扫的，其余以后再送", "Sign for what was scanned; the rest comes later"),
            SCANNED,
            keys=(REFUSED, MORE),
            form=SIGN,
            meant=handed_over,
            leaves=REASON,
        ),
        Step(
            "refuse",
            Words("签收已扫的，其余拒收退回", "Sign for what was scanned; the rest is refused"),
            SCANNED,
            keys=(
                Key("later", "player-skip-forward", Words("以后再送", "Comes later"), later),
                MORE,
            ),
            form=SIGN,
            meant=handed_over,
            needs=REASON,
        ),
        Step(
            "nothing",
            Words("全部拒收，退回", "All of it is refused and comes back"),
            SCANNED,
            keys=(MORE,),
            form="sales.announce_return",
            meant=all_back,
        ),
        Step("done", Words("没有待签收的货物", "Nothing is left to sign for")),
    ),
)
