"""Orders, signed deliveries, uses: what becomes true, and what is refused."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from tests.inbound import code
from tests.outbound import (
    VAN,
    Going,
    allocated,
    check,
    checked,
    ordered,
    picked,
    reserved,
    shipped,
    sign_for,
    signed,
    standing,
)
from tests.refusing import only_at, refused
from tests.world import World
from traceward.domain.catalog.models import Item, Product
from traceward.domain.catalog.queries import CertificateLacking
from traceward.domain.partners.models import Licence, Partner
from traceward.domain.partners.queries import LicenceLacking, NotQualified
from traceward.domain.sales import queries
from traceward.domain.sales.commands import delivering, ordering, using
from traceward.domain.sales.models import (
    Delivery,
    OrderContact,
    PatientReference,
    SalesOrder,
    SalesOrderLine,
    TransferPoint,
    UsageLine,
)
from traceward.domain.stock import refusals as stock
from traceward.domain.stock.commands.blocks import Scope, block
from traceward.domain.stock.commands.moves import reverse
from traceward.domain.stock.models import BlockKind, Code, StockBalance, StockMove
from traceward.domain.warehousing.commands import shipping
from traceward.domain.warehousing.models import Shipment
from traceward.kernel.base.refusals import (
    InvalidInput,
    NotAllowed,
    NotFound,
    SignatureRequired,
    WrongState,
)
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.command.run import run_json
from traceward.kernel.org import roles

PSEUDONYM = "P-7F3K-0001"
SSCC = "095200000000000011"


@pytest.fixture
def stocked(world: World) -> World:
    world.stock(world.lot("STENT", "L1", date(2030, 12, 31)), 5)
    return world


def boxed(world: World) -> Going:
    """Three of the lot are on their way in a box."""
    going = checked(world)
    shipping.pack(going.pick_id, sscc=SSCC, by=world.by(roles.STOREKEEPER))
    sent = shipping.ship(going.pick_id, VAN, by=world.by(roles.DISPATCHER))
    going.shipment_id = sent.shipment_id
    return going


# --- Orders -----------------------------------------------------------------------------------


def test_an_order_keeps_price_certificate_and_licences_of_the_day(world: World) -> None:  # OUT-02
    going = ordered(world, quantity=3, unit_price=Decimal("33.3350"), contact=Erasable("李四 1"))
    order = SalesOrder.objects.get(pk=going.order_id)
    assert order.number.startswith("SO-HA-")
    line = SalesOrderLine.objects.get(line__document=order)
    assert line.amount == Decimal("100.01")
    assert line.registration_number == "国械注准20223130001"
    assert line.customer_licence == f"L{world.hospital.pk}"
    assert OrderContact.objects.get(order=order).text == "李四 1"


def test_an_order_is_refused_where_a_licence_or_certificate_is_missing(world: World) -> None:
    """# OUT-03"""
    yesterday = timezone.now().date() - timedelta(days=2)
    for party in (world.hospital, world.us):
        Licence.objects.filter(party=party).update(valid_until=yesterday)
        with refused(LicenceLacking, "lines.0.item_id"):
            ordered(world)
        Licence.objects.filter(party=party).update(valid_until=None)
    Product.objects.update(valid_until=yesterday)
    with refused(CertificateLacking, "lines.0.item_id"):
        ordered(world)
    Product.objects.update(valid_until=None)
    Partner.objects.filter(party=world.hospital).update(is_qualified=False)
    with refused(NotQualified):
        ordered(world)


def test_an_order_with_a_value_that_cannot_be_is_refused(world: World) -> None:
    item, sales = world.items["STENT"].pk, world.by(roles.SALES)
    good = [ordering.OrderedItem(item, 1)]
    foreign = world.lot("REAGENT", "R1").pk
    customer, place = world.hospital.pk, world.places["DEP"].pk
    cases = (
        ([], place, "lines"),
        ([ordering.OrderedItem(item, 0)], place, "lines.0.quantity"),
        ([ordering.OrderedItem(item, 10**18)], place, "lines.0.quantity"),
        ([ordering.OrderedItem(0, 1)], place, "lines.0.item_id"),
        ([*good, ordering.OrderedItem(item, 1, Decimal(-1))], place, "lines.1.unit_price"),
        ([ordering.OrderedItem(item, 1, Decimal("0.0000001"))], place, "lines.0.unit_price"),
        ([ordering.OrderedItem(item, 1, lot_id=foreign)], place, "lines.0.lot_id"),
        ([ordering.OrderedItem(item, 1, serial_id=1)], place, "lines.0.serial_id"),
        (good, world.places["A-01"].pk, "deliver_to_id"),
        (good, 0, "deliver_to_id"),
    )
    for lines, where, field in cases:
        with refused(InvalidInput, field):
            ordering.order(world.shanghai.pk, customer, where, lines, by=sales.asking())
    with refused(NotFound, "site_id"):
        ordering.order(0, customer, place, good, by=sales.asking())


def test_an_amount_is_rounded_to_the_unit_of_its_currency(world: World) -> None:
    for currency, price, amount in (("JPY", "33.5", "101"), ("KWD", "0.0015", "0.005")):
        world.entity.currency = currency
        world.entity.save(update_fields=["currency"])
        going = ordered(world, quantity=3, unit_price=Decimal(price))
        line = SalesOrderLine.objects.get(line__document=going.order_id)
        assert line.amount == Decimal(amount)


def test_a_customers_order_number_is_taken_once(world: World) -> None:
    ordered(world, customer_reference="PO-1")
    with refused(InvalidInput, "customer_reference"):
        ordered(world, customer_reference="PO-1")


def test_a_cancelled_order_frees_what_was_promised(stocked: World) -> None:
    going = allocated(stocked)
    assert reserved() == {"A-01": 3}
    with refused(InvalidInput, "reason"):
        ordering.cancel(going.order_id, "", by=stocked.by(roles.SALES))
    freed = ordering.cancel(going.order_id, "budget", by=stocked.by(roles.SALES)).freed_line_ids
    assert freed == going.line_ids
    assert reserved() == {}
    with refused(WrongState):
        ordering.cancel(going.order_id, "again", by=stocked.by(roles.SALES))


def test_an_order_being_picked_or_gone_is_not_cancelled(stocked: World) -> None:
    going = picked(stocked)
    with refused(WrongState):
        ordering.cancel(going.order_id, "late", by=stocked.by(roles.SALES))
    check(stocked, going)
    shipping.ship(going.pick_id, VAN, by=stocked.by(roles.DISPATCHER))
    with refused(WrongState):
        ordering.cancel(going.order_id, "late", by=stocked.by(roles.SALES))


# --- Deliveries -------------------------------------------------------------------------------


def test_signed_goods_stand_at_the_customers_and_are_theirs(stocked: World) -> None:  # SAL-02
    going = shipped(stocked)
    done = sign_for(stocked, going)
    assert (done.quantity, done.left, done.shipment_state) == (3, 0, "delivered")
    assert standing() == {"A-01": 2, "DEP": 3}
    row = StockBalance.objects.get(place__code="DEP")
    assert row.owner_id == stocked.hospital.pk
    (progress,) = queries.line_progress(going.order_id)
    steps = progress.ordered, progress.picked, progress.shipped, progress.delivered
    assert steps == (3, 3, 3, 3)
    (record,) = queries.sales_record(going.order_id)
    assert (record.lot, record.quantity, record.buyer) == ("L1", 3, "江城医院")


def test_consigned_goods_stay_ours_until_used(stocked: World) -> None:
    signed(stocked, transfer_point=TransferPoint.USE)
    row = StockBalance.objects.get(place__code="DEP")
    assert row.owner_id == stocked.us.pk
    item = using.UsedItem([code("STENT", "L1")], 2)
    using.use(stocked.places["DEP"].pk, [item], by=stocked.by(roles.COORDINATOR))
    assert StockBalance.objects.get(place__code="USED").owner_id == stocked.hospital.pk
    assert standing() == {"A-01": 2, "DEP": 1, "USED": 2}


def test_what_is_not_accepted_stays_on_the_way(stocked: World) -> None:
    going = shipped(stocked)
    done = sign_for(stocked, going, lines=[delivering.SignedLine(1, 2)])
    assert (done.quantity, done.left, done.shipment_state) == (2, 1, "shipped")
    assert standing() == {"A-01": 2, "transit": 1, "DEP": 2}
    with refused(InvalidInput, "lines.0"):
        sign_for(stocked, going, lines=[delivering.SignedLine(1, 2)])
    assert sign_for(stocked, going).shipment_state == "delivered"
    with refused(WrongState):
        sign_for(stocked, going)


def test_what_is_taken_out_of_a_box_stands_outside_it(stocked: World) -> None:
    """A box stands in one place: the part that moves on leaves the box. # INV-10"""
    going = boxed(stocked)
    sign_for(stocked, going, lines=[delivering.SignedLine(1, 2)])
    there = StockBalance.objects.filter(on_hand__gt=0, place__code="DEP")
    assert [row.container_id for row in there] == [None]
    rest = StockBalance.objects.get(on_hand__gt=0, place__kind="transit")
    assert (rest.on_hand, rest.container_id is None) == (1, False)
    sign_for(stocked, going)
    found = dict(there.values_list("container__code", "on_hand"))
    assert found == {None: 2, SSCC: 1}


def test_a_whole_box_is_handed_over_as_one(stocked: World) -> None:
    going = boxed(stocked)
    sign_for(stocked, going, lines=[delivering.SignedLine(1, 3)])
    row = StockBalance.objects.get(on_hand__gt=0, place__code="DEP")
    assert (row.on_hand, row.container.code) == (3, SSCC)


def test_nothing_left_to_hand_over_is_not_signed_for(stocked: World) -> None:
    going = shipped(stocked)
    way = Shipment.objects.get(pk=going.shipment_id).transit
    stocked.places["T"] = way
    lot = stocked.lot("STENT", "L1")
    back = stocked.leg(Code.RETURN_FROM_CUSTOMER, lot, 3, "T", "A-02", from_status=2, to_status=1)
    stocked.post(back)
    with refused(InvalidInput, "lines"):
        sign_for(stocked, going)


def test_a_delivery_is_signed_by_who_hands_it_over(stocked: World) -> None:  # QUA-04
    going = shipped(stocked)
    with refused(SignatureRequired):
        sign_for(stocked, going, by=stocked.by(roles.DRIVER))
    with refused(InvalidInput, "receiver"):
        delivering.sign_for(
            going.shipment_id, Erasable(" "), by=stocked.by(roles.DRIVER).reauthenticated()
        )
    with refused(InvalidInput, "lines"):
        sign_for(stocked, going, lines=[])


def test_recalled_goods_on_the_way_are_not_handed_over(stocked: World) -> None:  # OUT-03
    going = shipped(stocked)
    scope = Scope(lot_id=stocked.lot("STENT", "L1").pk)
    block(scope, BlockKind.RECALL, "leaks", by=stocked.by(roles.QUALITY_HEAD))
    with refused(stock.Blocked):
        sign_for(stocked, going)


# --- Use --------------------------------------------------------------------------------------


@pytest.fixture
def at_the_hospital(stocked: World) -> World:
    signed(stocked)
    Item.objects.filter(code="STENT").update(is_implantable=True)
    return stocked


def used(world: World, quantity: int = 1, patient: str | None = PSEUDONYM, lot: str = "L1"):
    item = using.UsedItem([code("STENT", lot)], quantity, Erasable(patient) if patient else None)
    return using.use(world.places["DEP"].pk, [item], by=world.by(roles.COORDINATOR))


def everything_written(but: str) -> str:
    """Every row of every table, as text, but of one table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [row[0] for row in cursor.fetchall() if row[0] != but]
        texts = []
        for table in tables:
            cursor.execute(f'SELECT string_agg(x::text, chr(10)) FROM "{table}" x')  # noqa: S608
            texts.append(cursor.fetchone()[0] or "")
    return "\n".join(texts)


def test_used_goods_are_used_and_the_patient_stands_in_one_row(at_the_hospital: World) -> None:
    """# SAL-03"""
    done = used(at_the_hospital)
    assert standing() == {"A-01": 2, "DEP": 2, "USED": 1}
    line = UsageLine.objects.get(pk=done.line_ids[0])
    assert PatientReference.objects.get(usage_line=line).text == PSEUDONYM
    assert PSEUDONYM not in everything_written(but="sales_patient_reference")


def test_the_digest_of_the_arguments_says_nothing_of_the_patient(at_the_hospital: World) -> None:
    """Two requests that differ in the pseudonym only have the same digest. # SAL-03"""
    by = at_the_hospital.by(roles.COORDINATOR)
    place = at_the_hospital.places["DEP"].pk
    marks = set()
    for patient in ("P-1", "P-2"):
        item = using.UsedItem([code("STENT", "L1")], 1, Erasable(patient))
        asking = by.asking()
        using.use(place, [item], by=asking)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT arguments_digest FROM audit_entry WHERE request_id = %s",
                [asking.request_id],
            )
            marks.add(bytes(cursor.fetchone()[0]))
    assert len(marks) == 1


def test_a_refused_use_writes_the_patient_nowhere(at_the_hospital: World) -> None:
    by = at_the_hospital.by(roles.COORDINATOR)
    place = at_the_hospital.places["DEP"].pk
    item = {"codes": [code("STENT", "L1")], "quantity": 9, "patient": PSEUDONYM}
    with refused(stock.ShortStock, "items.0"):
        run_json("sales.use", {"place_id": place, "items": [item]}, by.asking())
    with refused(InvalidInput):
        run_json("sales.use", {"place_id": place, "items": [{**item, "quantity": "x"}]}, by)
    assert PSEUDONYM not in everything_written(but="sales_patient_reference")


def test_a_use_that_cannot_be_is_refused(at_the_hospital: World) -> None:
    world = at_the_hospital
    with refused(InvalidInput, "items.0.patient"):
        used(world, patient=None)
    with refused(InvalidInput, "items.0.quantity"):
        used(world, quantity=0)
    with refused(stock.ShortStock, "items.0"):
        used(world, quantity=4)
    with refused(InvalidInput, "items.0.codes"):
        used(world, lot="L9")
    by = world.by(roles.COORDINATOR)
    item = using.UsedItem([code("STENT", "L1")], 1, Erasable(PSEUDONYM))
    tomorrow = timezone.now().date() + timedelta(days=2)
    with refused(InvalidInput, "used_on"):
        using.use(world.places["DEP"].pk, [item], used_on=tomorrow, by=by)
    with refused(InvalidInput, "items"):
        using.use(world.places["DEP"].pk, [], by=by.asking())
    with refused(InvalidInput, "place_id"):
        using.use(world.places["A-01"].pk, [item], by=by.asking())


def test_recalled_goods_are_not_used(at_the_hospital: World) -> None:
    scope = Scope(lot_id=at_the_hospital.lot("STENT", "L1").pk)
    block(scope, BlockKind.RECALL, "leaks", by=at_the_hospital.by(roles.QUALITY_HEAD))
    with refused(stock.Blocked):
        used(at_the_hospital)


def test_reading_the_patient_is_on_record_and_not_stored(at_the_hospital: World) -> None:
    line = used(at_the_hospital).line_ids[0]
    by = at_the_hospital.by(roles.COMPLIANCE)
    with refused(InvalidInput, "reason"):
        using.read_patient(line, "", by=by.asking())
    assert using.read_patient(line, "recall of L1", by=by).patient.reveal() == PSEUDONYM
    assert using.read_patient(line, "recall of L1", by=by).patient.reveal() != PSEUDONYM
    assert PSEUDONYM not in everything_written(but="sales_patient_reference")
    with connection.cursor() as cursor:
        cursor.execute("SELECT detail FROM audit_entry WHERE request_id = %s", [by.request_id])
        assert "recall of L1" in cursor.fetchone()[0]


def test_an_erased_patient_is_gone_and_the_use_stays(at_the_hospital: World) -> None:
    line = used(at_the_hospital).line_ids[0]
    by = at_the_hospital.by(roles.COMPLIANCE)
    with refused(InvalidInput, "reason"):
        using.erase_patient(line, " ", by=by.asking())
    assert using.erase_patient(line, "term is over", by=by.asking()).was_there
    assert not using.erase_patient(line, "term is over", by=by.asking()).was_there
    assert PSEUDONYM not in everything_written(but="")
    assert UsageLine.objects.filter(pk=line).exists()
    with refused(NotFound, "usage_line_id"):
        using.erase_patient(0, "none", by=by.asking())


def test_a_grant_for_another_site_does_not_count(stocked: World) -> None:  # ORG-03
    going = signed(stocked, quantity=2)
    line = using.use(
        stocked.places["DEP"].pk,
        [using.UsedItem([code("STENT", "L1")], 1, Erasable(PSEUDONYM))],
        by=stocked.by(roles.COORDINATOR),
    ).line_ids[0]
    seller = only_at(stocked, roles.SALES, stocked.chengdu)
    driver = only_at(stocked, roles.DRIVER, stocked.chengdu).reauthenticated()
    compliance = only_at(stocked, roles.COMPLIANCE, stocked.chengdu)
    item = using.UsedItem([code("STENT", "L1")])
    wanted = [ordering.OrderedItem(stocked.items["STENT"].pk, 1)]
    place = stocked.places["DEP"].pk
    attempts = (
        lambda: ordering.order(
            stocked.shanghai.pk, stocked.hospital.pk, place, wanted, by=seller.asking()
        ),
        lambda: ordering.cancel(going.order_id, "x", by=seller.asking()),
        lambda: sign_for(stocked, going, by=driver.asking()),
        lambda: using.use(place, [item], by=seller.asking()),
        lambda: using.read_patient(line, "x", by=compliance.asking()),
        lambda: using.erase_patient(line, "x", by=compliance.asking()),
    )
    for attempt in attempts:
        with refused(NotAllowed):
            attempt()


def test_the_receiver_stands_in_an_erasable_row(stocked: World) -> None:
    going = signed(stocked)
    assert "张三" not in everything_written(but="sales_delivery_receiver")
    delivery = Delivery.objects.get(of_shipment=going.shipment_id)
    assert delivery.handed_over_by_id == stocked.by(roles.DRIVER).person_id
    assert Shipment.objects.get(pk=going.shipment_id).state == "delivered"


def cancel_delivery(world: World, going: Going, **more: Any) -> delivering.DeliveryUndone:
    delivery = Delivery.objects.filter(of_shipment=going.shipment_id).latest("pk")
    by = more.pop("by", None) or world.by(roles.COORDINATOR).reauthenticated()
    return delivering.cancel_delivery(delivery.pk, more.pop("reason", "wrong ward"), by=by)


def test_a_cancelled_delivery_is_on_its_way_again_and_ours(stocked: World) -> None:  # QUA-04
    going = signed(stocked)
    undone = cancel_delivery(stocked, going)
    assert (undone.shipment_id, undone.quantity) == (going.shipment_id, 3)
    assert standing() == {"A-01": 2, "transit": 3}
    row = StockBalance.objects.get(place__code__startswith="T-", on_hand=3)
    assert row.owner_id == stocked.entity.party_id
    assert Shipment.objects.get(pk=going.shipment_id).state == "shipped"
    (line,) = queries.line_progress(going.order_id)
    assert (line.shipped, line.delivered) == (3, 0)
    sign_for(stocked, going)
    states = Delivery.objects.order_by("pk").values_list("state", flat=True)
    assert (list(states), standing()) == (["cancelled", "signed"], {"A-01": 2, "DEP": 3})


def test_a_delivery_is_cancelled_signed_once_and_only_while_the_goods_are_there(
    stocked: World,
) -> None:
    going = signed(stocked)
    with refused(SignatureRequired):
        cancel_delivery(stocked, going, by=stocked.by(roles.COORDINATOR).asking())
    with refused(InvalidInput, "reason"):
        cancel_delivery(stocked, going, reason=" ")
    item = using.UsedItem([code("STENT", "L1")], 1, Erasable(PSEUDONYM))
    used = using.use(stocked.places["DEP"].pk, [item], by=stocked.by(roles.COORDINATOR))
    with refused(stock.ShortStock):
        cancel_delivery(stocked, going)
    using.cancel_usage(used.usage_id, "wrong", by=stocked.by(roles.COORDINATOR))
    cancel_delivery(stocked, going)
    with refused(WrongState):
        cancel_delivery(stocked, going)


def test_a_cancelled_use_stands_in_the_department_again_without_the_patient(
    at_the_hospital: World,
) -> None:  # SAL-03
    world = at_the_hospital
    before = standing()
    item = using.UsedItem([code("STENT", "L1")], 1, Erasable(PSEUDONYM))
    used = using.use(world.places["DEP"].pk, [item], by=world.by(roles.COORDINATOR))
    by = world.by(roles.COORDINATOR)
    with refused(InvalidInput, "reason"):
        using.cancel_usage(used.usage_id, "", by=by.asking())
    assert using.cancel_usage(used.usage_id, "wrong department", by=by.asking()).quantity == 1
    assert standing() == before
    assert PSEUDONYM not in everything_written(but="")
    with refused(WrongState):
        using.cancel_usage(used.usage_id, "again", by=by.asking())
    moves = StockMove.objects.filter(document=used.usage_id)
    with refused(stock.ReversalRefused):
        reverse([m.pk for m in moves], "x", by=world.by(roles.SUPERVISOR).asking())


def test_a_use_of_what_was_recalled_meanwhile_may_still_be_cancelled(
    at_the_hospital: World,
) -> None:
    world = at_the_hospital
    item = using.UsedItem([code("STENT", "L1")], 1, Erasable(PSEUDONYM))
    used = using.use(world.places["DEP"].pk, [item], by=world.by(roles.COORDINATOR))
    head = world.by(roles.QUALITY_HEAD).reauthenticated()
    block(Scope(lot_id=world.lot("STENT", "L1").pk), BlockKind.RECALL, "leaks", by=head)
    by = world.by(roles.COORDINATOR)
    assert using.cancel_usage(used.usage_id, "never opened", by=by).quantity == 1
