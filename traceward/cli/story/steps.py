"""The main job in steps; each uses the same commands as real work and checks what came of it."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connection

from traceward.cli.story import company as companies
from traceward.cli.story.after import assemble, find_and_recall, prove, trace_both_ways
from traceward.cli.story.files import read_notice, read_order
from traceward.cli.story.progress import Story
from traceward.cli.story.records import look_after, read_records
from traceward.cli.story.telling import Teller
from traceward.domain.catalog.models import Item
from traceward.domain.catalog.scanning import Label, labels
from traceward.domain.purchasing.commands import Noticed, Wanted, approve, notify
from traceward.domain.purchasing.commands import order as buy
from traceward.domain.quality.commands import decide, open_inspections, record_result
from traceward.domain.quality.models import Inspection
from traceward.domain.quality.rules import Share
from traceward.domain.sales.commands.delivering import sign_for
from traceward.domain.sales.commands.ordering import OrderedItem
from traceward.domain.sales.commands.ordering import order as take_order
from traceward.domain.sales.commands.using import UsedItem, use
from traceward.domain.stock.models import Lot, Serial, StockBalance
from traceward.domain.warehousing.commands.checking import CheckScan, check
from traceward.domain.warehousing.commands.journeys import Journey
from traceward.domain.warehousing.commands.noting import print_delivery_note
from traceward.domain.warehousing.commands.picking import PickScan, pick
from traceward.domain.warehousing.commands.receiving import Scan
from traceward.domain.warehousing.commands.shipping import Transport, pack, ship
from traceward.domain.warehousing.commands.storing import PutAway, put_away
from traceward.domain.warehousing.models import PickLine, ReceiptLine
from traceward.flows.inbound import receive_notice
from traceward.flows.outbound import allocate, start_pick
from traceward.kernel.base.gs1 import Element, build_elements
from traceward.kernel.base.refusals import Refusal
from traceward.kernel.command.bookkeeping import tick
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.documents.models import Document
from traceward.kernel.org import roles
from traceward.kernel.org.models import Site

UNKNOWN_LOT = "NOT-OURS"

#: The sandbox's clock is set here, so that the story reads the same in every year.
MOMENT = "2026-11-20 09:00:00+08:00"


def tell(teller: Teller, notice: Path, order: Path, admin: str) -> None:
    """The whole story, from an empty database to the proof and back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tw_set_clock(%s)", [MOMENT])
    teller.step("小公司开业", "A small company opens")
    company = companies.set_up()
    teller.say(
        f"{len(company.people)} 个岗位，{len(company.places)} 个库位，{len(company.items)} 种物料",
        f"{len(company.people)} roles, {len(company.places)} places, {len(company.items)} items",
    )
    story = Story(teller, company, read_notice(notice), read_order(order))
    buy_and_announce(story)
    receive_goods(story)
    inspect_and_release(story)
    put_goods_away(story)
    sell_and_allocate(story)
    pick_goods(story)
    check_and_ship(story)
    deliver_and_use(story)
    look_after(story)
    read_records(story)
    lot = _lot_of(_doubtful(story))
    assemble(story, lot)
    trace_both_ways(story, lot)
    find_and_recall(story, lot)
    prove(story, admin)
    teller.say(f"共 {teller.seconds():.1f} 秒", f"{teller.seconds():.1f} s in all")


def buy_and_announce(story: Story) -> None:
    """The buyer orders what the notice will announce; the supplier announces it."""
    t, c = story.teller, story.company
    site = Site.objects.get(pk=c.site)
    with connection.cursor() as cursor:
        cursor.execute("SELECT tw_now()")
        today = site.day_at(cursor.fetchone()[0])
    story.read = [_label(story, n, today) for n in range(len(story.notice.lines))]
    wanted: dict[int, int] = {}
    for label, line in zip(story.read, story.notice.lines, strict=True):
        wanted[label.item_id] = wanted.get(label.item_id, 0) + line.packs * label.base_units
    t.step("采购订单，另一人审批", "Purchase order, approved by another person")
    lines = [Wanted(item, quantity, Decimal(100)) for item, quantity in sorted(wanted.items())]
    bought = buy(c.site, c.supplier, lines, by=c.by(roles.BUYER))
    approve(bought.order_id, by=c.by(roles.SUPERVISOR))
    number = story.number(bought.order_id)
    t.say(
        f"{number}：{len(lines)} 行，{sum(wanted.values())} 件",
        f"{number}: {len(lines)} lines, {sum(wanted.values())} units",
    )
    t.step("供应商发货通知（CSV，原始 GS1 码）", "Supplier's shipping notice (CSV, raw GS1 codes)")
    announced = notify(
        bought.order_id,
        story.notice.delivery_note,
        [Noticed([x.scan], x.packs) for x in story.notice.lines],
        by=c.by(roles.BUYER),
    )
    story.receipt_id = announced.notice_id  # until the receipt is there
    for label, line in zip(story.read, story.notice.lines, strict=True):
        expiry = label.expires.on.isoformat() if label.expires else "—"
        serial = f" · SN {label.serial_number}" if label.serial_number else ""
        text = f"{label.item_code}  LOT {label.lot_number}{serial} · EXP {expiry}"
        packs = "pack" if line.packs == 1 else "packs"
        units = line.packs * label.base_units
        t.say(
            f"{text} × {line.packs} 包，共 {units} 件",
            f"{text} × {line.packs} {packs}, {units} in all",
        )
    t.figure("announced", announced.base_units)


def receive_goods(story: Story) -> None:
    """Goods are received by scanned UDI and stand 待验; a wrong scan is refused."""
    t, c = story.teller, story.company
    t.step("收货：逐包扫 UDI", "Receipt: each pack's UDI is scanned")
    scans = [Scan([x.scan], x.packs) for x in story.notice.lines]
    journey = Journey(
        "冷藏车" if t.is_chinese else "refrigerated van",
        Erasable("老周"),
        departed_at=datetime.fromisoformat(MOMENT) - timedelta(hours=4),
        arrival_c=Decimal("5.0"),
        transit_c_min=Decimal("3.1"),
        transit_c_max=Decimal("6.4"),
    )

    def take(scans: list[Scan]) -> Any:
        return receive_notice(
            story_notice,
            c.places["DOCK"],
            story.notice.delivery_note,
            scans,
            journey=journey,
            by=c.by(roles.STOREKEEPER),
        )

    story_notice = story.receipt_id
    first = story.read[0]
    strange = build_elements([Element("01", first.di), Element("10", "STRANGE-LOT")])
    story.refused("NotAnnounced", lambda: take([Scan([strange]), *scans[1:]]))
    received = take(scans)
    story.receipt_id = received.receipt_id
    tick()
    number = story.number(received.receipt_id)
    t.say(
        f"{number}：{received.base_units} 件入待验区，尚欠 {received.still_to_come}",
        f"{number}: {received.base_units} units stand pending, {received.still_to_come} to come",
    )
    t.figure("received", received.base_units)
    t.figure("lots_received", _by_lot(status=1))


def inspect_and_release(story: Story) -> None:
    """Each lot is inspected and released by a signed usage decision, the only way to 合格."""
    t, c = story.teller, story.company
    t.step("验收与放行：电子签名", "Inspection and release: signed")
    receipt = Document.objects.get(pk=story.receipt_id)
    conclusion = "符合要求" if t.is_chinese else "as required"
    by_inspector = c.by(roles.INSPECTOR)
    ids = open_inspections(receipt.uid, by=by_inspector).inspection_ids
    story.refused(
        "NotInspected",
        lambda: decide(
            ids[0], _shares(story, ids[0]), conclusion, by=c.signing(roles.QUALITY_HEAD)
        ),
    )
    for inspection_id in ids:
        for name in ("packaging", "label", "certificate"):
            record_result(inspection_id, name, True, 1, by=c.by(roles.INSPECTOR))
        decided = decide(
            inspection_id,
            _shares(story, inspection_id),
            conclusion,
            by=c.signing(roles.QUALITY_HEAD),
        )
        lot = Inspection.objects.select_related("lot").get(pk=inspection_id).lot
        t.say(
            f"批 {lot}：合格 {decided.accepted}，不合格 {decided.rejected}，已签名",
            f"lot {lot}: {decided.accepted} accepted, {decided.rejected} rejected, signed",
        )
    t.figure("inspections", len(ids))
    t.figure("released", sum(_by_lot(status=2).values()))


def _shares(story: Story, inspection_id: int) -> list[Share]:
    """Everything that the inspection is about is accepted where it stands."""
    found = Inspection.objects.get(pk=inspection_id)
    rows = StockBalance.objects.filter(
        item=found.item_id, lot=found.lot_id, status=1, on_hand__gt=0, physical=True
    )
    return [Share(r.place_id, r.on_hand, 0, serial_id=r.serial_id) for r in rows]


def _by_lot(**where: Any) -> dict[str, int]:
    """On hand inside our walls by lot number."""
    rows = StockBalance.objects.filter(
        on_hand__gt=0, place__kind__in=("dock", "bin", "staging"), **where
    ).select_related("lot")
    found: dict[str, int] = {}
    for row in rows:
        found[str(row.lot)] = found.get(str(row.lot), 0) + row.on_hand
    return dict(sorted(found.items()))


def put_goods_away(story: Story) -> None:
    """Goods go to bins; cold goods are refused in a warm one."""
    t, c = story.teller, story.company
    t.step("上架：温区不符即拒", "Putaway: a wrong temperature zone is refused")
    rows = list(ReceiptLine.objects.filter(receipt=story.receipt_id).select_related("item", "lot"))
    cold = [r for r in rows if r.item.storage_c_max is not None]
    if cold:
        wrong = [PutAway(cold[0].pk, cold[0].quantity, c.places["A-01-01"])]
        by = c.by(roles.STOREKEEPER)
        story.refused("UnsuitablePlace", lambda: put_away(story.receipt_id, wrong, by=by))
    lines = [PutAway(r.pk, r.quantity, c.places[_bin_for(r)]) for r in rows]
    stored = put_away(story.receipt_id, lines, by=c.by(roles.STOREKEEPER))
    t.say(f"{stored.base_units} 件上架", f"{stored.base_units} units put away")


def _bin_for(row: ReceiptLine) -> str:
    if row.item.storage_c_max is not None:
        return "C-01-01"
    return "A-01-02" if row.item.has_serials else "A-01-01"


def sell_and_allocate(story: Story) -> None:
    """A hospital's order is promised stock by FEFO, with reasons."""
    t, c = story.teller, story.company
    t.step("医院订单（CSV）与 FEFO 配货", "The hospital's order (CSV), allocated by FEFO")
    items = _items_by_gtin(story)
    lines = [OrderedItem(items[x.gtin], x.quantity, x.unit_price) for x in story.order.lines]
    ordered = take_order(
        c.site,
        c.hospital,
        c.places["JC1-OR"],
        lines,
        customer_reference=story.order.customer_reference,
        delivery_address="江城市中山路 1 号",
        contact=Erasable("手术室 李护士长"),
        by=c.by(roles.SALES),
    )
    story.order_id = ordered.order_id
    currency = Site.objects.select_related("legal_entity").get(pk=c.site).legal_entity.currency
    amount = f"{ordered.amount} {currency}"
    t.say(
        f"{story.number(ordered.order_id)}：{len(lines)} 行，金额 {amount}",
        f"{story.number(ordered.order_id)}: {len(lines)} lines, amount {amount}",
    )
    promised = allocate(ordered.order_id, by=c.by(roles.SALES))
    allocated: dict[str, dict[str, int]] = {}
    for line, wanted in zip(promised.lines, story.order.lines, strict=True):
        got = sum(p.quantity for p in line.picks)
        t.say(
            f"{wanted.gtin}：配 {got}，缺 {line.shortage}",
            f"{wanted.gtin}: {got} promised, {line.shortage} short",
        )
        for reason in line.reasons:
            told = reason.told(t.language)
            t.say(f"  · {told}", f"  · {told}")
        allocated.setdefault(wanted.gtin, {})
        for p in line.picks:
            lot = StockBalance.objects.select_related("lot").filter(lot=p.key.lot_id).first()
            name = str(lot.lot) if lot else "—"
            allocated[wanted.gtin][name] = allocated[wanted.gtin].get(name, 0) + p.quantity
    t.figure("allocated", allocated)
    t.figure("short", promised.shortage)
    short = [(n, line.shortage) for n, line in enumerate(promised.lines, 2) if line.shortage]
    zh = "，".join([f"第 {n} 行缺 {units} 件" for n, units in short])
    en = ", ".join([f"line {n} lacks {units}" for n, units in short])
    t.must(
        not short,
        f"订单未能配齐：{zh}。请减少订单数量，或在通知中增加",
        f"the order could not be covered: {en}. Order less, or announce more",
    )


def _label(story: Story, n: int, today: date) -> Label:
    """What the code of this line says; where it cannot be used, the line is named."""
    try:
        return labels([[story.notice.lines[n].scan]], today)[0]
    except Refusal as refusal:
        zh, en = refusal.in_language("zh-hans"), refusal.in_language("en")
        line = n + 2
        story.teller.must(False, f"通知第 {line} 行：{zh}", f"notice line {line}: {en}")
        raise


def _items_by_gtin(story: Story) -> dict[str, int]:
    known = {di: item for item, *_, packs in companies.ITEMS for di, _ in packs}
    codes = dict(Item.objects.values_list("code", "pk"))
    found = {}
    for n, line in enumerate(story.order.lines, 2):
        story.teller.must(
            line.gtin in known,
            f"订单第 {n} 行：没有 GTIN 为 {line.gtin} 的物料",
            f"order line {n}: there is no item with GTIN {line.gtin}",
        )
        found[line.gtin] = codes[known[line.gtin]]
    return found


def pick_goods(story: Story) -> None:
    """What was promised is fetched; a wrong lot is refused with the right one named."""
    t, c = story.teller, story.company
    t.step("拣货：扫错批号即拒", "Picking: a wrong lot is refused")
    opened = start_pick(story.order_id, c.places["STAGE"], by=c.by(roles.STOREKEEPER))
    story.pick_id = opened.pick_id
    rows = _pick_lines(story)
    other = _lot_besides(rows[0])
    wrong = PickScan([_code(rows[0], lot=other)], rows[0].place.code)
    kind = "WrongPick" if other != UNKNOWN_LOT else "InvalidInput"
    story.refused(kind, lambda: pick(story.pick_id, [wrong], by=c.by(roles.PICKER)))
    scans = [PickScan([_code(r)], r.place.code, packs=r.quantity) for r in rows]
    done = pick(story.pick_id, scans, by=c.by(roles.PICKER))
    t.say(
        f"{story.number(story.pick_id)}：{opened.lines} 行，{done.taken} 件",
        f"{story.number(story.pick_id)}: {opened.lines} lines, {done.taken} units",
    )
    t.figure("picked", done.taken)


def _lot_besides(row: PickLine) -> str:
    """Another lot of the item that is here too, and is not to be picked; else an unknown one."""
    taken = PickLine.objects.filter(line__document=row.line.document_id).values("lot_id")
    lot = Lot.objects.filter(item=row.item_id).exclude(pk__in=taken).first()
    return lot.raw_number if lot else UNKNOWN_LOT


def _pick_lines(story: Story) -> list[PickLine]:
    found = PickLine.objects.filter(line__document=story.pick_id).order_by("line__line_number")
    return list(found.select_related("item", "lot", "serial", "place", "line"))


def _lot_of(row: PickLine) -> Lot:
    """Every item of the story has lots."""
    assert row.lot is not None
    return row.lot


def _code(row: PickLine, lot: str | None = None) -> str:
    """The base unit's code as a scanner sends it."""
    di = next(packs[0][0] for code, *_, packs in companies.ITEMS if code == row.item.code)
    elements = [Element("01", di), Element("10", lot or _lot_of(row).raw_number)]
    if row.serial_id:
        elements.append(Element("21", Serial.objects.get(pk=row.serial_id).raw_number))
    return build_elements(elements, symbology="]d2")


def check_and_ship(story: Story) -> None:
    """Another person checks; the goods are packed with an SSCC and shipped."""
    t, c = story.teller, story.company
    t.step("复核（另一人）、装箱、发运", "Check by another person, pack, ship")
    scans = [CheckScan([_code(r)], r.quantity) for r in _pick_lines(story)]
    story.refused(
        "SamePerson",
        lambda: check(story.pick_id, scans, True, True, by=c.by(roles.PICKER)),
    )
    checked = check(story.pick_id, scans, True, True, by=c.by(roles.CHECKER))
    packed = pack(story.pick_id, by=c.by(roles.PICKER))
    shipped = ship(
        story.pick_id,
        Transport(
            "自有车辆" if t.is_chinese else "own vehicle",
            vehicle_plate="沪A·12345",
            driver_id=c.by(roles.DRIVER).person_id,
            departure_c=Decimal("4.8"),
            conditions="2–8 ℃ / 10–30 ℃",
        ),
        by=c.by(roles.DISPATCHER),
    )
    story.shipment_id = shipped.shipment_id
    t.say(
        f"复核 {checked.quantity} 件，SSCC {packed.sscc}，{story.number(shipped.shipment_id)} 在途",
        f"{checked.quantity} units checked, SSCC {packed.sscc}, "
        f"{story.number(shipped.shipment_id)} on its way",
    )
    t.figure("shipped", shipped.quantity)
    printed = print_delivery_note(story.shipment_id, by=c.by(roles.DISPATCHER)).note
    t.say(
        f"随货同行单 {printed.name} 已归档并打印，SHA-256 {printed.sha256[:16]}…",
        f"delivery note {printed.name} archived and printed, SHA-256 {printed.sha256[:16]}…",
    )


def _doubtful(story: Story) -> PickLine:
    """The line whose lot will be recalled: one that is partly still here, where there is one."""
    rows = _pick_lines(story)
    left = _by_lot(place__kind="bin")
    return next((r for r in rows if left.get(str(r.lot))), rows[0])


def deliver_and_use(story: Story) -> None:
    """The hospital signs, and uses the first unit on a patient."""
    t, c = story.teller, story.company
    t.step("签收与临床使用", "Signed for, and used")
    signed = sign_for(
        story.shipment_id,
        Erasable("李护士长"),
        arrival_c=Decimal("5.2"),
        by=c.signing(roles.DRIVER),
    )
    row = _doubtful(story)
    used = use(
        c.places["JC1-OR"],
        [UsedItem([_code(row)], 1, Erasable("P-20931"))],
        by=c.by(roles.COORDINATOR),
    )
    tick()
    t.say(
        f"签收 {signed.quantity} 件；使用批 {row.lot} {used.quantity} 件（患者只存假名）",
        f"{signed.quantity} units signed for; {used.quantity} of lot {row.lot} used "
        "(the patient by pseudonym only)",
    )
    t.figure("delivered", signed.quantity)
    t.figure("used", {str(row.lot): used.quantity})
