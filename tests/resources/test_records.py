"""The records of GSP 2023 come out of normal work with each field that applies. # INB-02 OUT-03"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction

from tests import inbound, outbound
from tests.inbound import code
from tests.world import World, build
from traceward.domain.purchasing.models import PurchaseOrder
from traceward.domain.quality import commands as quality
from traceward.domain.quality.commands.checking import Finding, check_stock
from traceward.domain.quality.rules import Share
from traceward.domain.sales.commands import returning, using
from traceward.domain.sales.models import TransferPoint
from traceward.domain.stock.models import StockBalance
from traceward.domain.warehousing.commands.arriving import Pack
from traceward.domain.warehousing.commands.counting import Counted, count
from traceward.domain.warehousing.commands.storing import PutAway, put_away
from traceward.domain.warehousing.models import Receipt, ReceiptLine, Shipment
from traceward.kernel.base.refusals import NotFound
from traceward.kernel.org import roles
from traceward.kernel.org.models import Party, Person
from traceward.kernel.org.scope import Grant
from traceward.resources import reading
from traceward.resources.kit import Reader
from traceward.resources.records.declaring import RECORDS
from traceward.resources.records.questions import Completeness, completeness, of_document

EVERYWHERE = Reader(0, (Grant(None, None),))
LABEL = code("STENT", "L1")


def bought(world: World) -> int:
    """Ten stents came, were inspected, released and put away; the receipt."""
    (found,) = inbound.inspected(world, (LABEL, 10))
    head = world.by(roles.QUALITY_HEAD).reauthenticated()
    quality.decide(found.pk, [Share(world.places["DOCK"].pk, 10, 0)], "as required", by=head)
    line = ReceiptLine.objects.get(receipt=found.source_id)
    where = [PutAway(line.pk, 10, world.places["A-01"].pk)]
    put_away(found.source_id, where, by=world.by(roles.STOREKEEPER))
    return found.source_id


def looked_after(world: World) -> None:
    """A look at the shelf finds a doubtful lot; the count agrees with the books."""
    other = world.lot("STENT", "DOUBTFUL")
    world.stock(other, 1, "A-02")
    check_stock(
        world.places["A-02"].pk,
        findings=[Finding(other.item_id, other.pk, is_packaging_good=False, note="wet")],
        temperature_c=Decimal("21.5"),
        humidity_percent=55,
        by=world.by(roles.MAINTENANCE),
    )
    row = StockBalance.objects.get(place__code="A-02", on_hand__gt=0)
    line = Counted(row.item_id, 1, row.owner_id, row.lot_id)
    count(row.place_id, [line], by=world.by(roles.STOREKEEPER))


def came_back(world: World, shipment_id: int) -> None:
    """One of what was delivered comes back, and is inspected."""
    lines = [returning.ReturnedLine(1, 1)]
    back = returning.announce_return(
        shipment_id, lines, "ordered too many", by=world.by(roles.SALES)
    )
    dock = world.places["DOCK"].pk
    packs = [Pack([LABEL], 1)]
    by = world.by(roles.STOREKEEPER)
    done = returning.receive_return(back.return_id, dock, packs, "unopened", by=by)
    receipt = Receipt.objects.get(pk=done.receipt_id)
    opened = quality.open_inspections(receipt.uid, by=world.by(roles.SYSTEM))
    for check in inbound.CHECKS:
        by = world.by(roles.INSPECTOR)
        quality.record_result(opened.inspection_ids[0], check, True, 1, by=by)
    head = world.by(roles.QUALITY_HEAD).reauthenticated()
    quality.decide(opened.inspection_ids[0], [Share(dock, 1, 0)], "as new", by=head)


@pytest.fixture(scope="module")
def worked(fresh_database: str) -> World:
    """Each step of the work was done once, by the usual commands."""
    world = build()
    bought(world)
    sold = outbound.signed(world, quantity=2)
    came_back(world, sold.shipment_id)
    outbound.signed(world, quantity=2, transfer_point=TransferPoint.USE)
    items = [using.UsedItem([LABEL], 2)]
    using.use(world.places["DEP"].pk, items, by=world.by(roles.COORDINATOR))
    looked_after(world)
    return world


@pytest.fixture
def undone(worked: World) -> Iterator[None]:
    """What the test changes is not there for the next one."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def lacking(found: list[Completeness]) -> dict[str, list[str]]:
    return {one.record: [x.en for x in one.lacking] for one in found if one.lacking}


def test_every_record_is_complete(worked: World) -> None:  # GSP art. 55-107
    found = completeness(to=EVERYWHERE)
    assert {one.record for one in found if one.lines} == set(RECORDS)
    assert lacking(found) == {}
    assert all(x.due == one.lines for one in found for x in one.fields[:2])


def test_what_a_step_left_out_is_named(worked: World, undone: None) -> None:
    ReceiptLine.objects.update(udi_di="", production_licence="")
    Shipment.objects.filter(waybill="WB-1").update(consignee_phone="")
    PurchaseOrder.objects.update(quality_terms="", after_sales_terms="", agreement_number="")
    assert lacking(completeness(to=EVERYWHERE)) == {
        "records.purchases": ["quality liability", "after-sales terms"],
        "records.storings": ["production licence or filing number", "UDI"],
        "records.delivery_notes": ["consignee's contact"],
        "records.transports": ["consignee's contact"],
    }
    assert not any(one.lines for one in completeness(until=date(2020, 1, 1), to=EVERYWHERE))


@pytest.mark.parametrize("names", [{"name_en": "Liu Yan"}, {}])
def test_who_has_one_name_or_none_is_printed_all_the_same(
    worked: World, undone: None, names: dict[str, str]
) -> None:
    Person.objects.update(**{"name_zh": "", "name_en": "", **names})
    assert lacking(completeness(to=EVERYWHERE)) == {}
    (row, *_) = reading.visible(RECORDS["records.acceptances"].resource, EVERYWHERE).values()
    login = Person.objects.get(pk=row["inspected_by_id"]).login
    assert row["inspector"] == names.get("name_en", login)


def test_a_field_is_asked_for_where_it_applies_only(worked: World, undone: None) -> None:
    """What is imported has no Chinese production licence (GSP art. 65)."""
    ReceiptLine.objects.update(production_licence="", maker_name="别家", contract_maker_name="")
    Party.objects.filter(pk=worked.supplier.pk).update(country="DE")
    assert lacking(completeness(to=EVERYWHERE)) == {"records.storings": ["contract manufacturer"]}


def test_a_documents_records_are_printed_in_the_words_of_the_trade(worked: World) -> None:
    shipment = Shipment.objects.order_by("pk").first()
    assert shipment is not None
    sheets = {x.zh: x for x in of_document(shipment.pk, to=EVERYWHERE)}
    assert list(sheets) == ["销售记录", "随货同行单", "运输记录", "退货记录"]
    note = sheets["随货同行单"]
    (line,) = note.lines
    said = {head.zh: entry.value for head, entry in zip(note.heads, line, strict=True)}
    assert said["注册证编号／备案编号"] == "国械注准20223130001"
    assert (said["生产批号／序列号"], said["数量"]) == ("L1", "2")
    assert said["收货单位名称"] == "江城医院"
    conditions = next(n for n, head in enumerate(note.heads) if head.zh == "贮存条件")
    assert note.heads[conditions].article == "91, 106"
    assert (line[conditions].value, line[conditions].is_due) == ("", False)


def test_records_of_another_site_are_not_shown(worked: World) -> None:  # SEC-01 ORG-03
    shipment = Shipment.objects.order_by("pk").first()
    assert shipment is not None
    chengdu = Reader(0, (Grant(worked.entity.pk, worked.chengdu.pk),))
    assert not any(one.lines for one in completeness(to=chengdu))
    assert of_document(shipment.pk, to=chengdu) == []
    with pytest.raises(NotFound):
        of_document(2**62, to=chengdu)
