"""Putting away: a place that suits, or a refusal that names one."""

from decimal import Decimal

import pytest

from tests.inbound import code, inspected, received
from tests.refusing import only_at, refused
from tests.world import World
from traceward.domain.places.models import Place
from traceward.domain.quality.commands import decide
from traceward.domain.quality.rules import Share
from traceward.domain.stock.commands.blocks import Scope, block
from traceward.domain.stock.models import BlockKind, Status, StockBalance
from traceward.domain.stock.refusals import NotReleased, ShortStock, UnsuitablePlace
from traceward.domain.warehousing.commands.storing import PutAway, put_away
from traceward.domain.warehousing.models import Receipt, ReceiptLine
from traceward.domain.warehousing.queries import suggested_bin, want_of
from traceward.kernel.base.refusals import InvalidInput, NotAllowed
from traceward.kernel.org import roles

LOT = code("STENT", "L1")


@pytest.fixture
def released(world: World) -> Receipt:
    """Ten of lot L1, accepted, still at the dock."""
    (inspection,) = inspected(world, (LOT, 10))
    decide(
        inspection.pk,
        [Share(world.places["DOCK"].pk, 10, 0)],
        "fit for use",
        by=world.by(roles.QUALITY_HEAD).reauthenticated(),
    )
    return Receipt.objects.get()


def store(world: World, receipt: Receipt, quantity: int, place: str, **values) -> object:
    line = ReceiptLine.objects.get(receipt=receipt)
    by = values.pop("by", world.by(roles.STOREKEEPER))
    away = PutAway(line.pk, quantity, world.places[place].pk, **values)
    return put_away(receipt.pk, [away], by=by)


def test_released_goods_stand_in_the_bin(world: World, released: Receipt) -> None:  # INB-04
    assert store(world, released, 4, "A-01").state == "received"
    assert store(world, released, 6, "A-02").state == "put away"
    stands = StockBalance.objects.filter(place__kind="bin", on_hand__gt=0)
    assert dict(stands.values_list("place__code", "on_hand")) == {"A-01": 4, "A-02": 6}


def test_an_unsuitable_bin_is_refused_and_another_named(world: World) -> None:  # INV-05
    item = world.items["STENT"]
    item.storage_c_min, item.storage_c_max = Decimal(2), Decimal(20)
    item.save(update_fields=["storage_c_min", "storage_c_max"])
    receipt = Receipt.objects.get(pk=received(world, (LOT, 1)).receipt_id)
    with refused(UnsuitablePlace, "lines.0.to_place_id") as caught:
        store(world, receipt, 1, "A-01", status=Status.PENDING)
    assert "C-01" in str(caught.value)


def test_a_zone_of_another_status_is_refused(world: World, released: Receipt) -> None:
    Place.objects.filter(code="A-01").update(zone="rejected")  # GSP art. 40
    with refused(UnsuitablePlace, "lines.0.to_place_id"):
        store(world, released, 1, "A-01")


def test_a_closed_bin_or_no_bin_is_refused(world: World, released: Receipt) -> None:
    Place.objects.filter(code="A-01").update(is_open=False)
    for place in ("A-01", "STAGE"):
        with refused(UnsuitablePlace, "lines.0.to_place_id"):
            store(world, released, 1, place)


def test_what_is_not_there_is_not_put_away(world: World, released: Receipt) -> None:  # INV-04
    with refused(ShortStock):
        store(world, released, 1, "A-01", status=Status.REJECTED)
    with refused(InvalidInput, "lines.0"):
        store(world, released, 1, "B-01")
    with refused(InvalidInput, "lines"):
        put_away(released.pk, [], by=world.by(roles.STOREKEEPER))


def test_what_waits_for_acceptance_is_not_put_away_as_accepted(world: World) -> None:  # INV-03
    receipt = Receipt.objects.get(pk=received(world, (LOT, 1)).receipt_id)
    with refused(NotReleased) as caught:
        store(world, receipt, 1, "A-01")
    assert "wait for acceptance" in str(caught.value)
    assert "待验" in caught.value.in_language("zh-hans")


def test_goods_of_another_site_are_not_put_away(world: World, released: Receipt) -> None:
    world.stock(world.lot("STENT", "L1"), 5, "B-01")
    for place_id in (world.places["B-01"].pk, 10**9):
        with refused(InvalidInput, "lines.0.from_place_id"):
            store(world, released, 5, "A-01", from_place_id=place_id)


def test_no_more_is_put_away_than_came(world: World, released: Receipt) -> None:
    world.stock(world.lot("STENT", "L1"), 5, "A-02")
    with refused(InvalidInput, "lines.0.quantity"):
        store(world, released, 11, "A-01")
    assert store(world, released, 8, "A-01").state == "received"
    other, line = world.places["A-02"].pk, ReceiptLine.objects.get(receipt=released).pk
    away = [PutAway(line, 1, world.places["A-01"].pk, from_place_id=other)] * 3
    with refused(InvalidInput, "lines.2.quantity"):
        put_away(released.pk, away, by=world.by(roles.STOREKEEPER))
    assert store(world, released, 2, "A-01").state == "put away"


def test_goods_put_away_while_pending_are_put_away_again_once_decided(world: World) -> None:
    (inspection,) = inspected(world, (LOT, 10))
    receipt = Receipt.objects.get()
    assert store(world, receipt, 10, "A-01", status=Status.PENDING).state == "received"
    here = world.places["A-01"].pk
    by = world.by(roles.QUALITY_HEAD).reauthenticated()
    decide(inspection.pk, [Share(here, 10, 0)], "fit for use", by=by)
    assert store(world, receipt, 10, "A-02", from_place_id=here).state == "put away"


def test_putting_away_does_not_release(world: World) -> None:  # INB-03
    receipt = Receipt.objects.get(pk=received(world, (LOT, 3)).receipt_id)
    assert store(world, receipt, 3, "A-01", status=Status.PENDING).state == "received"
    lot = StockBalance.objects.get(place=world.places["A-01"], on_hand=3).lot
    assert lot is not None
    with refused(NotReleased):
        world.post(world.leg(4, lot, 1, "A-01", "STAGE", status=Status.PENDING))


def test_the_same_lot_is_kept_together(world: World) -> None:  # INB-04
    item = world.items["STENT"]
    lot, other = world.lot("STENT", "L1"), world.lot("STENT", "L2")
    want = want_of(item, "qualified")
    site = world.shanghai.pk
    assert suggested_bin(site, item.pk, lot.pk, want).code == "A-01"
    world.stock(other, 1, "A-01")
    assert suggested_bin(site, item.pk, lot.pk, want).code == "A-02"
    world.stock(lot, 1, "C-01")
    assert suggested_bin(site, item.pk, lot.pk, want).code == "C-01"


def test_a_blocked_bin_is_not_proposed(world: World) -> None:  # INB-04
    item, lot = world.items["STENT"], world.lot("STENT", "L1")
    other, head = world.lot("STENT", "L2"), world.by(roles.QUALITY_HEAD)

    def proposed() -> str:
        found = suggested_bin(world.shanghai.pk, item.pk, lot.pk, want_of(item, "qualified"))
        return found.code if found else ""

    def hold(**scope: int) -> None:
        block(Scope(**scope), BlockKind.HOLD, "wet floor", by=head.asking())

    world.stock(lot, 1, "A-01")
    hold(place_id=world.places["A-01"].pk, lot_id=other.pk)
    assert proposed() == "A-01", "another lot's hold"
    hold(place_id=world.places["A-01"].pk)
    assert proposed() == "A-02"
    hold(place_id=world.places["ZONE"].pk, item_id=item.pk)
    assert proposed() == "C-01", "A-02 is a part of the zone"
    Place.objects.filter(code="C-01").update(is_open=False)
    assert proposed() == ""


def test_a_grant_for_another_site_does_not_count(world: World, released: Receipt) -> None:
    elsewhere = only_at(world, roles.STOREKEEPER, world.chengdu)  # ORG-03
    with refused(NotAllowed):
        store(world, released, 1, "A-01", by=elsewhere)
