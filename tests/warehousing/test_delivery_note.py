"""随货同行单: archived by itself, printed from the archive, read back by a scanner. # DOC-01"""

import uuid
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from django.conf import settings

from tests import scanning
from tests.outbound import VAN, checked, opened, shipped
from tests.refusing import only_at, refused
from tests.world import World
from traceward.domain.catalog.models import PackagingLevel
from traceward.domain.stock.commands.containers import nest_container
from traceward.domain.stock.models import Code, Container, Lot, Serial, Status, StockMove
from traceward.domain.warehousing import queries
from traceward.domain.warehousing.commands import checking, noting, picking, shipping
from traceward.domain.warehousing.models import Shipment
from traceward.domain.warehousing.papers import delivery_note as papers
from traceward.kernel.audit.files import check_documents
from traceward.kernel.base.refusals import InvalidInput, NotAllowed, NotFound, TooLarge
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.command.registry import REGISTRY
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.documents import paper
from traceward.kernel.documents.files import may_read, versions
from traceward.kernel.documents.models import DocumentFile, Printing
from traceward.kernel.org import roles
from traceward.kernel.org.scope import Grant
from traceward.kernel.records.models import StoredFile
from traceward.kernel.records.store import FileDamaged

SSCC = "095200000000000011"


@pytest.fixture
def stocked(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(settings, "VAR", tmp_path)
    set_up_roles()
    world.stock(world.lot("STENT", "L1", date(2030, 12, 31)), 50)
    return world


def ledger_of(shipment_id: int) -> tuple[list[dict[str, str]], set[str]]:
    """What the moves say that left: UDIs as elements, and the codes of whole containers."""
    udis, boxes = [], set()
    for move in StockMove.objects.filter(document=shipment_id, code=Code.SHIP):
        udi = {"01": PackagingLevel.objects.get(item=move.item_id, level=0).di}
        lot = Lot.objects.get(pk=move.lot_id)
        udi |= {"17": f"{lot.expires_on:%y%m%d}", "10": lot.raw_number}
        if move.serial_id:
            udi["21"] = Serial.objects.get(pk=move.serial_id).raw_number
        udis.append(udi)
        if move.to_container_id:
            boxes.add(Container.objects.get(pk=move.to_container_id).code)
    return udis, boxes


def archive(world: World, shipment_id: int, **more: Any) -> noting.Archived:
    by = more.pop("by", None) or world.by(roles.SYSTEM)
    uid = Shipment.objects.get(pk=shipment_id).uid
    return noting.archive_delivery_note(uid, by=by)


def test_the_symbols_say_what_the_ledger_says(stocked: World) -> None:  # SAL-02
    going = checked(stocked)
    shipping.pack(going.pick_id, sscc=SSCC, by=stocked.by(roles.STOREKEEPER))
    sent = shipping.ship(going.pick_id, VAN, by=stocked.by(roles.DISPATCHER))
    note = archive(stocked, sent.shipment_id)
    file = papers.delivery_note_of(sent.shipment_id)
    number = str(Shipment.objects.get(pk=sent.shipment_id))
    assert (file.name, file.media_type) == (f"{number}.pdf", "application/pdf")
    assert (file.sha256, file.name) == (note.sha256, note.name)
    (page,) = scanning.pages(file.content)
    udis, boxes = ledger_of(sent.shipment_id)
    assert page.udis == udis == [{"01": "06901234567892", "17": "301231", "10": "L1"}]
    assert page.ssccs == sorted(boxes) == [SSCC]
    assert page.plain == [number]
    for said in (
        *(
            "沪安医疗器械",
            "江城医院",
            "QuickWheels",
            "国械注准20223130001",
            "北辰器械",
            "第1页共1页",
        ),
        *(str(Shipment.objects.get(pk=sent.shipment_id).demand), "2030-12-31", "复核员", "件"),
    ):
        assert said in page.text, said


def stock_serials(world: World, lot: Lot, *numbers: str) -> None:
    for number in numbers:
        row = Serial.objects.create(item=lot.item, lot=lot, number=number, raw_number=number)
        leg = {"serial_id": row.pk}
        world.post(world.leg(Code.RECEIVE, lot, 1, "SUP", "A-01", status=Status.PENDING, **leg))
        to = {"from_status": Status.PENDING, "to_status": Status.QUALIFIED}
        world.post(world.leg(Code.RELEASE, lot, 1, "A-01", "A-01", **to, **leg))


def test_serials_stand_on_the_paper_one_by_one(stocked: World) -> None:
    stock_serials(stocked, stocked.lot("PACER", "P/1(A)"), "S1", "S(2)")
    going = opened(stocked, "PACER", 2)
    codes = [f"(01)06901234567908(17)301231(10)P/1\\(A)(21){n}" for n in ("S1", "S\\(2)")]
    scans = [picking.PickScan([code], "A-01", 1) for code in codes]
    picking.pick(going.pick_id, scans, by=stocked.by(roles.PICKER))
    found = [checking.CheckScan([code], 1) for code in codes]
    by = stocked.by(roles.CHECKER)
    checking.check(going.pick_id, found, is_package_intact=True, is_label_right=True, by=by)
    sent = shipping.ship(going.pick_id, VAN, by=stocked.by(roles.DISPATCHER))
    archive(stocked, sent.shipment_id)
    (page,) = scanning.pages(papers.delivery_note_of(sent.shipment_id).content)
    udis, _ = ledger_of(sent.shipment_id)
    assert sorted(page.udis, key=str) == sorted(udis, key=str)
    assert {udi["21"] for udi in page.udis} == {"S1", "S(2)"}
    assert StoredFile.objects.get().retain_until is None  # implants: for ever


def test_a_pallet_is_on_the_paper_where_all_of_it_goes(stocked: World) -> None:  # INV-10
    going = checked(stocked)
    by = stocked.by(roles.STOREKEEPER)
    box = shipping.pack(going.pick_id, sscc=SSCC, by=by.asking()).container_id
    pallet = Container.objects.create(code="095200000000000028")
    nest_container(box, pallet.pk, by=by.asking())
    outermost = Container.objects.create(code="095200000000000035")
    nest_container(pallet.pk, outermost.pk, by=by.asking())
    sent = shipping.ship(going.pick_id, VAN, by=stocked.by(roles.DISPATCHER))
    codes = [SSCC, pallet.code, outermost.code]
    assert [p.code for p in queries.pallets_of([SSCC])] == codes[1:]
    archive(stocked, sent.shipment_id)
    (page,) = scanning.pages(papers.delivery_note_of(sent.shipment_id).content)
    assert sorted(page.ssccs) == codes
    assert "2含1" in page.text
    assert "3含2" in page.text
    Container.objects.create(code="095200000000000042", parent=outermost)
    assert [p.code for p in queries.pallets_of([SSCC])] == [pallet.code]
    assert queries.pallets_of([]) == []


def test_archiving_again_changes_nothing(stocked: World) -> None:
    handler = REGISTRY["warehousing.archive_delivery_note"]
    assert set(handler.subscribes) == {"ShipmentDispatched", "ShipmentCancelled"}
    going = shipped(stocked)
    first = archive(stocked, going.shipment_id)
    assert archive(stocked, going.shipment_id) == first
    row = DocumentFile.objects.get()
    assert (row.document_id, row.role, row.version) == (going.shipment_id, "delivery note", 1)
    assert row.file.retain_until == date(2032, 12, 31)  # two years past expiry
    assert check_documents(using="default") == []


def test_the_same_shipment_makes_the_same_bytes(stocked: World) -> None:
    shipment = Shipment.objects.get(pk=shipped(stocked).shipment_id)
    first = papers.made(shipment, void_on=None)
    assert papers.made(shipment, void_on=None) == first
    assert papers.made(shipment, void_on=date(2030, 1, 1)) != first


def test_printing_makes_the_paper_and_is_on_record(stocked: World) -> None:
    going = shipped(stocked)
    with pytest.raises(NotFound):
        papers.delivery_note_of(going.shipment_id)
    first = noting.print_delivery_note(going.shipment_id, by=stocked.by(roles.DISPATCHER))
    content = papers.delivery_note_of(going.shipment_id).content
    by = stocked.by(roles.DRIVER)
    again = noting.print_delivery_note(going.shipment_id, copies=3, by=by)
    assert (first.printings, again.printings) == (1, 2)
    assert first.note == again.note
    assert papers.delivery_note_of(going.shipment_id).content == content
    rows = Printing.objects.order_by("pk").values_list("person_id", "copies", "printed__version")
    dispatcher = stocked.by(roles.DISPATCHER).person_id
    assert list(rows) == [(dispatcher, 1, 1), (by.person_id, 3, 1)]


def test_a_cancelled_shipment_has_a_void_paper(stocked: World) -> None:
    going = shipped(stocked)
    archive(stocked, going.shipment_id)
    shipping.cancel_shipment(going.shipment_id, "too late", by=stocked.by(roles.DISPATCHER))
    void = archive(stocked, going.shipment_id)
    assert (void.version, void.is_void) == (2, True)
    assert archive(stocked, going.shipment_id) == void
    (page,) = scanning.pages(papers.delivery_note_of(going.shipment_id).content)
    assert "作废VOID：本次发货已于" in page.text
    assert page.udis == [{"01": "06901234567892", "17": "301231", "10": "L1"}]
    (before,) = scanning.pages(papers.delivery_note_of(going.shipment_id, version=1).content)
    assert "作废" not in before.text
    sent = shipping.ship(going.pick_id, VAN, by=stocked.by(roles.DISPATCHER))
    assert archive(stocked, sent.shipment_id).version == 1


def test_a_shipment_cancelled_before_it_was_archived_has_a_void_paper_only(stocked: World) -> None:
    going = shipped(stocked)
    shipping.cancel_shipment(going.shipment_id, "too late", by=stocked.by(roles.DISPATCHER))
    assert archive(stocked, going.shipment_id).is_void
    assert archive(stocked, going.shipment_id).version == 1


def test_no_persons_contact_is_in_the_file(stocked: World) -> None:
    """The order's contact can be erased, so it is in nothing that is sealed (docs/adr/0076)."""
    going = shipped(stocked, contact=Erasable("李四 13800000000"))
    archive(stocked, going.shipment_id)
    (page,) = scanning.pages(papers.delivery_note_of(going.shipment_id).content)
    assert "李四" not in page.text
    assert "13800000000" not in page.text


def test_who_may_not_see_the_shipment_does_not_get_its_paper(stocked: World) -> None:  # ORG-03
    going = shipped(stocked)
    row = versions(going.shipment_id, archive(stocked, going.shipment_id) and papers.ROLE)[0]
    here, there = stocked.shanghai.pk, stocked.chengdu.pk
    assert may_read(row.file_id, [Grant(None, None)])
    assert may_read(row.file_id, [Grant(None, there), Grant(None, here)])
    assert not may_read(row.file_id, [Grant(None, there)])
    elsewhere = only_at(stocked, roles.DISPATCHER, stocked.chengdu)
    with refused(NotAllowed):
        noting.print_delivery_note(going.shipment_id, by=elsewhere)
    with refused(NotAllowed):
        archive(stocked, going.shipment_id, by=elsewhere.asking())


def test_what_cannot_be_printed_is_refused(stocked: World, tmp_path: Path) -> None:
    by = stocked.by(roles.DISPATCHER)
    going = shipped(stocked)
    for copies in (0, 21):
        with refused(InvalidInput, "copies"):
            noting.print_delivery_note(going.shipment_id, copies=copies, by=by.asking())
    with refused(NotFound):
        noting.print_delivery_note(0, by=by.asking())
    with refused(NotFound):
        noting.archive_delivery_note(uuid.UUID(int=0), by=stocked.by(roles.SYSTEM))
    note = archive(stocked, going.shipment_id)
    (tmp_path / "files" / note.sha256).write_bytes(b"%PDF another")
    with refused(FileDamaged):
        noting.print_delivery_note(going.shipment_id, by=by.asking())
    with pytest.raises(FileDamaged):
        papers.delivery_note_of(going.shipment_id)


def test_without_a_font_nothing_is_archived(
    stocked: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    going = shipped(stocked)
    monkeypatch.setattr(paper, "FOLDER", tmp_path / "nowhere")
    paper._fonts.cache_clear()
    with refused(paper.FontMissing) as caught:
        archive(stocked, going.shipment_id)
    assert "中缺少字体 NotoSansSC-Regular.ttf" in caught.value.in_language("zh-hans")
    monkeypatch.undo()
    monkeypatch.setattr(settings, "VAR", tmp_path)
    assert archive(stocked, going.shipment_id).version == 1


LONG = "骨科脊柱内固定系统（单轴、多轴椎弓根螺钉，连接棒，横向连接器），钛合金，灭菌，含配套工具"


def long_note(shipment: Shipment, count: int) -> bytes:
    """The shipment's paper as if it had so many lines, each with a serial and a long name."""
    note = queries.delivery_note(shipment.pk)
    line = replace(
        note.lines[0],
        device_name=LONG,
        model="MODEL" * 8,
        lot="ABCDEFGHIJ0123456789",
        contract_maker_name=LONG[:30],
    )
    lines = tuple(
        replace(line, serial=f"{n:020}", sscc=SSCC if n % 2 else "") for n in range(count)
    )
    data = papers._data(shipment, replace(note, lines=lines), None)
    return paper.pdf(papers.TEMPLATE, data, at=shipment.dispatched_at)


@pytest.mark.parametrize(
    "count", [1, 40, pytest.param(500, marks=pytest.mark.full, id="500 lines")]
)
def test_every_symbol_of_a_long_paper_is_whole(stocked: World, count: int) -> None:
    content = long_note(Shipment.objects.get(pk=shipped(stocked).shipment_id), count)
    read = list(scanning.pages(content))
    assert [udi["21"] for page in read for udi in page.udis] == [f"{n:020}" for n in range(count)]
    assert {udi["10"] for page in read for udi in page.udis} == {"ABCDEFGHIJ0123456789"}
    for n, page in enumerate(read, 1):
        assert f"第{n}页共{len(read)}页" in page.text
        assert page.plain == read[0].plain  # the number of the paper stands on every page
        assert ("注册证/备案编号" in page.text) == bool(page.udis)  # the head of the table
    assert sum(page.text.count(LONG) for page in read) == count
    assert "".join(page.text for page in read).count("供货单位出库专用章") == 1


def test_a_paper_of_too_many_lines_is_refused(
    stocked: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    going = shipped(stocked)
    monkeypatch.setattr(papers, "MAX_LINES", 0)
    with refused(TooLarge):
        archive(stocked, going.shipment_id)


def test_what_is_no_gs1_code_has_no_symbol(stocked: World) -> None:
    """A code of another agency, or a lot in Chinese: the text stands there, no wrong symbol."""
    shipment = Shipment.objects.get(pk=shipped(stocked).shipment_id)
    note = queries.delivery_note(shipment.pk)
    for changed in ({"udi_di": "MA.156.M0.1"}, {"lot": "批一"}, {"udi_di": ""}):
        lines = (replace(note.lines[0], sscc="BOX-7", **changed),)
        data = papers._data(shipment, replace(note, lines=lines), None)
        assert data["lines"][0]["symbol"] is None
        assert data["cases"][0]["symbol"] is None
        (page,) = scanning.pages(paper.pdf(papers.TEMPLATE, data, at=shipment.dispatched_at))
        assert (page.udis, page.ssccs) == ([], [])
        assert "BOX-7" in page.text


def test_an_expiry_of_a_month_is_shown_and_coded_as_one(stocked: World) -> None:
    shipment = Shipment.objects.get(pk=shipped(stocked).shipment_id)
    note = queries.delivery_note(shipment.pk)
    lines = (replace(note.lines[0], expiry_precision="month"),)
    data = papers._data(shipment, replace(note, lines=lines), None)
    (page,) = scanning.pages(paper.pdf(papers.TEMPLATE, data, at=shipment.dispatched_at))
    assert page.udis[0]["17"] == "301200"
    assert "2030-12" in page.text
    assert "2030-12-31" not in page.text


#: What the paper's own font lacks, and what stands on the paper instead where it does not print.
STRANGE = {
    "Łódź Šůř ⌀3.5 10⁺ ①": "ŁódźŠůř⌀3.510⁺①",
    "😀": "〓",
    "한국": "〓〓",
    "ไทย": "〓〓〓",
    "བོ": "〓",
    "𠮷野": "〓野",
    "a\x07\u202eb\tc": "abc",
    "中\u0334\u0e31": "〓",
}


def test_a_paper_is_made_whatever_is_written_on_it(stocked: World) -> None:
    going = shipped(stocked)
    Shipment.objects.filter(pk=going.shipment_id).update(
        consignee_name="".join(STRANGE), carrier_name="Łukasz 😀"
    )
    archive(stocked, going.shipment_id)
    (page,) = scanning.pages(papers.delivery_note_of(going.shipment_id).content)
    assert page.udis == [{"01": "06901234567892", "17": "301231", "10": "L1"}]
    assert "".join(STRANGE.values()) in page.text
    assert "Łukasz〓" in page.text
    assert "〓代表无法打印的字符，原文见系统记录" in page.text
    assert "〓standsforacharacterthatcannotbeprinted" in page.text


def test_accents_that_no_font_sets_together_are_marked(stocked: World) -> None:
    """Each part of it prints by itself, but not one after the other."""
    shipment = Shipment.objects.get(pk=shipped(stocked).shipment_id)
    note = replace(queries.delivery_note(shipment.pk), conditions="ย\u0310\n \u06ed1")
    data = papers._data(shipment, note, None)
    (page,) = scanning.pages(paper.pdf(papers.TEMPLATE, data, at=shipment.dispatched_at))
    assert "〓" in page.text
    assert page.udis


def test_a_text_is_on_the_paper_as_it_is(stocked: World) -> None:
    """Nothing is put into a text to break it, so that it can be searched for and copied."""
    shipment = Shipment.objects.get(pk=shipped(stocked).shipment_id)
    note = queries.delivery_note(shipment.pk)
    line = replace(
        note.lines[0], specification="3.0 × 18 mm", model="A" * 40, lot="LOT-" + "7" * 16
    )
    data = papers._data(shipment, replace(note, lines=(line,)), None)
    content = paper.pdf(papers.TEMPLATE, data, at=shipment.dispatched_at)
    with pypdfium2.PdfDocument(content) as document:
        text = document[0].get_textpage().get_text_bounded()
    assert "3.0 × 18 mm" in text
    assert "国械注准20223130001" in text
    assert "LOT-" + "7" * 16 in "".join(text.split())  # on two lines
    assert "A" * 40 in "".join(text.split())
    assert "\u200b" not in text
    assert "〓" not in text
