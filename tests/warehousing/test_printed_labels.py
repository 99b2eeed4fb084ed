"""Labels are printed and read back by the product's own scanner. # WMS-06"""

from datetime import UTC, date, datetime
from typing import Any

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import scanning
from tests.outbound import checked
from tests.refusing import only_at, refused
from tests.warehousing.labels import HIBC_DI, MA_DI
from tests.warehousing.printers import Printed, printed
from tests.warehousing.test_delivery_note import stock_serials
from tests.world import World
from traceward.domain.catalog.models import Agency, Item, PackagingLevel
from traceward.domain.catalog.scanning import UnreadableCode
from traceward.domain.places.models import Place
from traceward.domain.stock.models import Code, Container, Lot, Precision, Serial, Status
from traceward.domain.warehousing.commands import shipping
from traceward.domain.warehousing.commands.labelling import (
    MAX_LABELS,
    BoxLabel,
    GoodsLabel,
    LabelsPrinted,
    PlaceLabel,
    print_box_labels,
    print_goods_labels,
    print_place_labels,
)
from traceward.domain.warehousing.models import LabelPrint, PrintedLabel
from traceward.domain.warehousing.papers import labels as papers
from traceward.domain.warehousing.papers import zpl
from traceward.domain.warehousing.scanning import LookedUp, look_up
from traceward.kernel.base.refusals import InvalidInput, NotAllowed, TooLarge
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles
from traceward.kernel.org.models import Site

TODAY = date(2026, 11, 28)
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
SSCC = "095200000000000011"


@pytest.fixture
def stocked(world: World) -> World:
    set_up_roles()
    world.stock(world.lot("STENT", "L1", date(2030, 12, 31)), 50)
    return world


def goods(world: World, *labels: GoodsLabel, at: Site | None = None, **more: Any) -> LabelsPrinted:
    by = more.pop("by", None) or world.by(roles.STOREKEEPER)
    return print_goods_labels((at or world.shanghai).pk, list(labels), by=by, **more)


def boxes(world: World, *labels: BoxLabel, at: Site | None = None, **more: Any) -> LabelsPrinted:
    by = world.by(roles.STOREKEEPER)
    return print_box_labels((at or world.shanghai).pk, list(labels), by=by, **more)


def places(world: World, *codes: str, at: Site | None = None, **more: Any) -> LabelsPrinted:
    labels = [PlaceLabel(world.places[code].pk) for code in codes]
    by = world.by(roles.STOREKEEPER)
    return print_place_labels((at or world.shanghai).pk, labels, by=by, **more)


def ask(raw: str, sites: list[int] | None = None) -> LookedUp:
    return look_up([raw], sites=sites, now=NOW, today=TODAY)


def on_paper(done: LabelsPrinted) -> list[str]:
    """By page of the PDF, what a scanner sends for the one symbol on it."""
    found = scanning.raws(papers.pdf_of(LabelPrint.objects.get(pk=done.label_print_id)).content)
    assert {len(page) for page in found} == {1}, "each page has one symbol"
    return [page[0] for page in found]


def by_printer(done: LabelsPrinted) -> list[Printed]:
    made = LabelPrint.objects.get(pk=done.label_print_id)
    return printed(papers.zpl_of(made).content.decode())


def text_of(done: LabelsPrinted) -> str:
    content = papers.pdf_of(LabelPrint.objects.get(pk=done.label_print_id)).content
    return "".join(page.text for page in scanning.pages(content))


@pytest.mark.parametrize("size", papers.LAYOUTS["udi"])
def test_a_lots_label_is_read_as_that_lot(stocked: World, size: str) -> None:
    lot = stocked.lot("STENT", "L1")
    done = goods(stocked, GoodsLabel(lot.pk, copies=2), size=size)
    raw = "]d2010690123456789217" + "30123110L1"
    assert on_paper(done) == [raw, raw]
    (label,) = by_printer(done)
    assert (label.copies, label.raw) == (2, raw)
    answer = ask(raw)
    assert answer.found
    assert (answer.found.kind, answer.found.id) == ("lot", lot.pk)
    assert answer.goods
    assert (answer.goods.item_code, answer.goods.expires_on) == ("STENT", date(2030, 12, 31))
    said = text_of(done)
    for part in ("STENT", "(01)06901234567892", "(10)L1", "2030-12-31", "国械注准20223130001"):
        assert part in said, part


def test_a_serial_is_read_with_lot_expiry_and_day_of_making(stocked: World) -> None:
    item = stocked.items["PACER"]
    dated = {"made_on": date(2026, 1, 2), "expires_on": date(2029, 5, 31)}
    lot = Lot.objects.create(
        item=item,
        maker=item.maker,
        number="P/1_(A)",
        raw_number="P/1_(A)",
        **{**dated, "expiry_precision": Precision.MONTH, "expiry_basis": "best before"},
    )
    stock_serials(stocked, lot, "S_1%")
    serial = Serial.objects.get(number="S_1%")
    done = goods(stocked, GoodsLabel(serial_id=serial.pk))
    (raw,) = on_paper(done)
    assert raw == "]d2010690123456790811260102" + "17290500" + "10P/1_(A)\x1d21S_1%"
    assert by_printer(done)[0].raw == raw
    answer = ask(raw)
    assert answer.found
    assert answer.goods
    assert (answer.found.kind, answer.found.id) == ("serial", serial.pk)
    assert (answer.goods.lot, answer.goods.expiry_precision) == ("P/1_(A)", "month")
    assert answer.goods.expires_on == date(2029, 5, 31)
    assert (answer.misfits, answer.told) == ((), None)
    assert "2029-05" in text_of(done)


def level(world: World, item: str, number: int, units: int, **more: Any) -> PackagingLevel:
    return PackagingLevel.objects.create(
        item=world.items[item], level=number, base_units=units, **more
    )


@pytest.mark.parametrize(
    ("agency", "di"),
    [(Agency.GS1, "16901234567899"), (Agency.HIBC, HIBC_DI), (Agency.MA, MA_DI)],
)
def test_a_case_is_read_as_a_case(stocked: World, agency: str, di: str) -> None:
    case = level(stocked, "STENT", 1, 10, agency=agency, di=di)
    lot = stocked.lot("STENT", "L1")
    done = goods(stocked, GoodsLabel(lot.pk, packaging_id=case.pk))
    (raw,) = on_paper(done)
    assert by_printer(done)[0].raw == raw
    answer = ask(raw)
    assert answer.goods
    assert (answer.goods.packaging_id, answer.goods.base_units) == (case.pk, 10)
    assert (answer.goods.lot, answer.goods.expires_on) == ("L1", date(2030, 12, 31))
    assert answer.systems == (agency,)
    assert answer.misfits == ()
    assert "10件pcs" in text_of(done)


@pytest.mark.parametrize("size", papers.LAYOUTS["sscc"])
def test_a_box_is_read_as_that_box(stocked: World, size: str) -> None:
    going = checked(stocked)
    by = stocked.by(roles.STOREKEEPER)
    box = shipping.pack(going.pick_id, sscc=SSCC, by=by).container_id
    done = boxes(stocked, BoxLabel(box), size=size)
    (raw,) = on_paper(done)
    assert raw == f"]C100{SSCC}"
    assert by_printer(done)[0].raw == raw
    answer = ask(raw)
    assert answer.found
    assert (answer.found.kind, answer.found.id) == ("container", box)
    said = text_of(done)
    for part in ("江城医院", "沪安医疗器械", "3件", "L1", "2030-12-31", f"(00){SSCC}"):
        assert part in said, part


def test_a_pallet_tells_what_is_in_its_boxes(stocked: World) -> None:  # INV-10
    pallet = Container.objects.create(code=SSCC)
    for n in range(10):
        box = Container.objects.create(code=f"BOX-{n}", parent=pallet)
        lot = stocked.lot("STENT", f"M{n}")
        leg = {"to_container_id": box.pk, "status": Status.PENDING}
        stocked.post(stocked.leg(Code.RECEIVE, lot, n + 1, "SUP", "A-01", **leg))
    own = Container.objects.get(code="BOX-9")
    done = boxes(stocked, BoxLabel(pallet.pk), BoxLabel(own.pk, 2))
    first, second, third = on_paper(done)
    assert (first, second) == (f"]C100{SSCC}", third)
    found = ask(second).found
    assert found
    assert (found.kind, found.id) == ("container", own.pk)  # a code of our own, no SSCC
    said = text_of(done)
    for part in ("55件", "拼箱", "另有2行", "M9"):
        assert part in said, part
    assert "M0" not in said.replace("MM0", "")


@pytest.mark.parametrize("size", papers.LAYOUTS["place"])
@pytest.mark.parametrize("code", ["A-01", "^XZ~JR_1\\5E", "冷库-01 架", "0690123456789", "X" * 40])
def test_a_place_is_read_as_that_place(stocked: World, code: str, size: str) -> None:
    place = stocked.places.get(code) or Place.objects.create(
        code=code,
        kind="bin",
        physical=True,
        zone="qualified",
        name_zh="库位",
        site=stocked.shanghai,
        legal_entity=stocked.entity,
    )
    done = print_place_labels(
        stocked.shanghai.pk, [PlaceLabel(place.pk)], size=size, by=stocked.by(roles.SUPERVISOR)
    )
    (raw,) = on_paper(done)
    (label,) = by_printer(done)
    assert label.raw.partition("Q1")[2] == raw[3:] == code
    answer = ask(raw, [stocked.shanghai.pk])
    assert answer.found
    assert (answer.found.kind, answer.found.id) == ("place", place.pk)
    assert label.commands.count("^XZ") == 0
    assert code.replace(" ", "") in text_of(done)


@settings(max_examples=60)
@given(st.text(max_size=60))
def test_no_text_is_a_command(value: str) -> None:
    """What is escaped is read as it was, and nothing in it begins a command."""
    field = zpl.escaped(value)
    assert not set("^~") & set(field)
    assert all(character.isprintable() for character in field)
    raw = bytearray()
    rest = field
    while rest:
        if rest.startswith("\\"):
            raw.append(int(rest[1:3], 16))
            rest = rest[3:]
        else:
            raw += rest[0].encode()
            rest = rest[1:]
    assert raw.decode() == value


EVIL = "^XA^FDx^XZ ~JR \\5E _1\x07"


def test_names_are_only_dots(stocked: World) -> None:
    """What a name says is drawn and never sent as text; control characters are left out."""
    Item.objects.filter(code="STENT").update(name_zh=EVIL + "支架", specification="#" * 60)
    done = goods(stocked, GoodsLabel(stocked.lot("STENT", "L1").pk))
    (label,) = by_printer(done)
    expected = ["^CI", "^PW", "^LL", "^LH", "^FO", "^GF", "^FS", "^FO", "^BX", "^FH", "^FD", "^FS"]
    assert [one[:3] for one in label.commands] == ["^XA", *expected, "^PQ"]
    assert "支架" in text_of(done)
    made = LabelPrint.objects.get(pk=done.label_print_id)
    drawn = papers.picture_of(made)
    assert drawn.content.startswith(b"\x89PNG")
    dark = label.picture.histogram()[0]
    assert 2_000 < dark < 30_000  # texts, and no symbol: the printer draws that


def test_what_no_font_has_is_said(stocked: World) -> None:
    Item.objects.filter(code="STENT").update(name_zh="支架 🫀")
    said = text_of(goods(stocked, GoodsLabel(stocked.lot("STENT", "L1").pk)))
    assert "支架〓" in said
    assert "无法打印" in said


def test_long_texts_shrink_and_are_never_cut(stocked: World) -> None:
    item = stocked.items["STENT"]
    name = "一次性使用无菌药物洗脱冠状动脉支架输送系统" * 4
    Item.objects.filter(pk=item.pk).update(name_zh=name, specification="S-" * 30)
    lot = stocked.lot("STENT", "L1")
    assert name in text_of(goods(stocked, GoodsLabel(lot.pk)))
    Item.objects.filter(pk=item.pk).update(
        name_zh="甲" * 200, name_en="W" * 200, model="乙" * 100, specification="丙" * 200
    )
    with refused(InvalidInput, "size") as caught:
        goods(stocked, GoodsLabel(lot.pk))
    assert "50 × 30" in str(caught.value)
    said = text_of(goods(stocked, GoodsLabel(lot.pk), size="100x60"))
    assert said.count("甲") == 200
    assert said.count("W") == 200


def test_who_printed_how_many_stays_on_record(stocked: World) -> None:
    """GSP art. 51: the same print makes the same bytes, whatever the master data says later."""
    lot = stocked.lot("STENT", "L1")
    by = stocked.by(roles.STOREKEEPER)
    done = goods(stocked, GoodsLabel(lot.pk, copies=7), GoodsLabel(lot.pk, copies=2), by=by)
    made = LabelPrint.objects.get(pk=done.label_print_id)
    assert (made.labels, done.printed, made.person_id) == (9, 9, by.person_id)
    assert (made.kind, made.size, made.site_id) == ("udi", "50x30", stocked.shanghai.pk)
    lines = PrintedLabel.objects.filter(label_print=made).order_by("line_number")
    code = "(01)06901234567892(17)301231(10)L1"
    assert [(x.lot_id, x.copies, x.code) for x in lines] == [(lot.pk, 7, code), (lot.pk, 2, code)]
    before = papers.pdf_of(made).content, papers.zpl_of(made).content
    Item.objects.filter(pk=lot.item_id).update(name_zh="改名")
    assert (papers.pdf_of(made).content, papers.zpl_of(made).content) == before
    again = goods(stocked, GoodsLabel(lot.pk, copies=7), GoodsLabel(lot.pk, copies=2), by=by)
    assert again == done  # the same request


def test_labels_are_refused_at_their_field(stocked: World) -> None:
    lot = stocked.lot("STENT", "L1")
    pacer = stocked.lot("PACER", "P1")
    stock_serials(stocked, pacer, "S1", "S2")
    serial = Serial.objects.get(number="S1")
    case = level(stocked, "PACER", 1, 10, di="16901234567905")
    strange = level(stocked, "REAGENT", 1, 10, di="16901234567912")
    own = level(stocked, "STENT", 1, 5, agency=Agency.OWN, di="STENT-5")
    for label, field in (
        (GoodsLabel(), "lot_id"),
        (GoodsLabel(packaging_id=case.pk), "lot_id"),
        (GoodsLabel(987654), "lot_id"),
        (GoodsLabel(serial_id=987654), "serial_id"),
        (GoodsLabel(lot.pk, serial.pk), "serial_id"),
        (GoodsLabel(pacer.pk), "serial_id"),
        (GoodsLabel(serial_id=serial.pk, packaging_id=case.pk), "packaging_id"),
        (GoodsLabel(lot.pk, packaging_id=strange.pk), "packaging_id"),
        (GoodsLabel(lot.pk, packaging_id=own.pk), "packaging_id"),
        (GoodsLabel(lot.pk, copies=0), "copies"),
        (GoodsLabel(lot.pk, copies=-1), "copies"),
        (GoodsLabel(lot.pk, copies=10_000), "copies"),
    ):
        with refused(InvalidInput, f"labels.1.{field}"):
            goods(stocked, GoodsLabel(lot.pk), label)
    with refused(InvalidInput, "labels"):
        goods(stocked)
    with refused(TooLarge, "labels"):
        goods(stocked, *[GoodsLabel(lot.pk)] * 201)
    with refused(TooLarge, "labels.1.copies"):
        goods(stocked, GoodsLabel(lot.pk, copies=MAX_LABELS), GoodsLabel(lot.pk))


def test_a_hundred_boxes_at_once(stocked: World) -> None:
    Container.objects.bulk_create(Container(code=f"BOX-{n}") for n in range(101))
    labels = [BoxLabel(pk) for pk in Container.objects.values_list("pk", flat=True)]
    with refused(TooLarge, "labels"):
        boxes(stocked, *labels)
    assert boxes(stocked, *labels[:100]).printed == 100


def test_what_no_code_can_have_is_refused(stocked: World) -> None:
    """A lot in Chinese, a serial without its lot, an item without a UDI-DI."""
    written = stocked.lot("STENT", "批号1")
    stocked.stock(written, 1)
    with refused(UnreadableCode, "labels.0.lot_id"):
        goods(stocked, GoodsLabel(written.pk))
    pacer = stocked.items["PACER"]
    alone = Serial.objects.create(item=pacer, number="S9", raw_number="S9")
    with refused(InvalidInput, "labels.0.serial_id"):
        goods(stocked, GoodsLabel(serial_id=alone.pk))
    made = Item.objects.create(
        code="BARE", name_zh="无码", product=pacer.product, maker=pacer.maker
    )
    bare = Lot.objects.create(item=made, maker=made.maker, number="B1", raw_number="B1")
    stocked.post(stocked.leg(Code.RECEIVE, bare, 1, "SUP", "A-01", status=Status.PENDING))
    with refused(InvalidInput, "labels.0.packaging_id"):
        goods(stocked, GoodsLabel(bare.pk))


def test_only_what_is_or_was_at_the_site(stocked: World) -> None:  # ORG-03
    lot = stocked.lot("STENT", "L1")
    with refused(InvalidInput, "labels.0.lot_id"):
        goods(stocked, GoodsLabel(lot.pk), at=stocked.chengdu)
    with refused(InvalidInput, "labels.0.place_id"):
        places(stocked, "A-01", at=stocked.chengdu)
    going = checked(stocked)
    by = stocked.by(roles.STOREKEEPER)
    box = shipping.pack(going.pick_id, sscc=SSCC, by=by).container_id
    with refused(InvalidInput, "labels.0.container_id"):
        boxes(stocked, BoxLabel(box), at=stocked.chengdu)
    with refused(InvalidInput, "site_id"):
        print_place_labels(987654, [PlaceLabel(1)], by=stocked.by(roles.STOREKEEPER))
    there = only_at(stocked, roles.STOREKEEPER, stocked.chengdu)
    with refused(NotAllowed):
        goods(stocked, GoodsLabel(lot.pk), by=there)


def test_as_many_as_there_may_be_are_made_in_seconds(stocked: World) -> None:
    lot = stocked.lot("STENT", "L1")
    for n in range(200):
        stocked.lot("STENT", f"N{n}")
    rows = Lot.objects.filter(number__startswith="N").order_by("pk")
    pending = {"status": Status.PENDING}
    stocked.post(*[stocked.leg(Code.RECEIVE, one, 1, "SUP", "A-01", **pending) for one in rows])
    labels = [GoodsLabel(one.pk, copies=2) for one in rows[:199]]
    done = goods(stocked, *labels, GoodsLabel(lot.pk, copies=102))
    assert done.printed == MAX_LABELS
    content = papers.pdf_of(LabelPrint.objects.get(pk=done.label_print_id)).content
    with pypdfium2.PdfDocument(content) as document:
        assert len(document) == MAX_LABELS
