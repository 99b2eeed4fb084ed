"""Places open under their kind and close for ever; what stands in them can leave."""

from decimal import Decimal

import pytest

from tests.refusing import only_at, refused
from tests.world import World
from traceward.domain.places.commands import close_place, open_place
from traceward.domain.places.models import Place, PlaceKind, Zone
from traceward.domain.places.queries import boundary_place
from traceward.domain.stock.models import Code
from traceward.domain.stock.refusals import MoveNotAllowed
from traceward.kernel.base.refusals import (
    Conflict,
    InvalidInput,
    NotAllowed,
    NotFound,
    WrongState,
)
from traceward.kernel.org import roles


def make(world: World, code: str, kind: PlaceKind = PlaceKind.BIN, **values) -> int:
    site = values.pop("site_id", world.shanghai.pk)
    by = values.pop("by", world.by(roles.SUPERVISOR))
    return open_place(site, code, kind, by=by, **values).id


def test_a_bin_knows_its_way_down_and_is_kept_as_its_zone(world: World) -> None:  # ORG-01
    house = make(world, "W1", PlaceKind.WAREHOUSE)
    zone = make(
        world,
        "Z1",
        PlaceKind.ZONE,
        parent_id=house,
        zone=Zone.PENDING,
        temperature_c_min=Decimal(2),
        temperature_c_max=Decimal(8),
    )
    row = Place.objects.get(pk=make(world, "Z1-01", parent_id=zone, pick_rank=3))
    assert row.path == [house, zone, row.pk]
    assert (row.zone, row.temperature_c_max) == ("pending", Decimal(8))
    assert row.physical
    assert row.legal_entity_id == world.entity.pk


@pytest.mark.parametrize(
    ("kind", "physical"),
    [
        (PlaceKind.SUPPLIER, False),
        (PlaceKind.PRODUCTION, False),
        (PlaceKind.ADJUSTMENT, False),
        (PlaceKind.USED, True),
        (PlaceKind.DESTRUCTION, True),
    ],
)
def test_only_open_ended_places_may_go_below_zero(world: World, kind, physical: bool) -> None:
    assert Place.objects.get(pk=make(world, "X", kind)).physical is physical


def test_a_place_stands_where_it_can(world: World) -> None:
    house = make(world, "W1", PlaceKind.WAREHOUSE)
    with refused(InvalidInput, "parent_id"):
        make(world, "X", parent_id=world.places["A-01"].pk)
    with refused(InvalidInput, "parent_id"):
        make(world, "X", site_id=world.chengdu.pk, parent_id=house)
    with refused(InvalidInput, "parent_id"):
        make(world, "X", PlaceKind.SUPPLIER, parent_id=house)
    close_place(house, "moved out", by=world.by(roles.SUPERVISOR))
    with refused(WrongState, "parent_id"):
        make(world, "X", parent_id=house)
    with refused(NotFound):
        make(world, "X", parent_id=0)


def test_a_place_needs_its_facts(world: World) -> None:
    with refused(InvalidInput, "code"):
        make(world, " ")
    with refused(Conflict, "code"):
        make(world, "A-01")


def test_a_place_of_an_unknown_site_is_refused(world: World) -> None:
    with refused(NotFound, "site_id"):
        make(world, "X", site_id=0)


def test_temperatures_come_in_pairs(world: World) -> None:
    with refused(InvalidInput, "temperature_c_max"):
        make(world, "X", temperature_c_min=Decimal(2))
    with refused(InvalidInput, "temperature_c_min"):
        make(world, "X", temperature_c_max=Decimal(2))
    with refused(InvalidInput, "temperature_c_min"):
        make(world, "X", temperature_c_min=Decimal(9), temperature_c_max=Decimal(8))
    with refused(InvalidInput, "pick_rank"):
        make(world, "X", pick_rank=-1)


def test_a_customers_place_is_somebodys(world: World) -> None:
    with refused(InvalidInput, "party_id"):
        make(world, "X", PlaceKind.CUSTOMER)
    with refused(InvalidInput, "party_id"):
        make(world, "X", PlaceKind.BIN, party_id=world.hospital.pk)
    with refused(NotFound, "party_id"):
        make(world, "X", PlaceKind.CUSTOMER, party_id=0)
    ward = make(world, "X", PlaceKind.CUSTOMER, party_id=world.hospital.pk)
    theirs = make(world, "X1", PlaceKind.DEPARTMENT, parent_id=ward, party_id=world.hospital.pk)
    assert Place.objects.get(pk=theirs).path == [ward, theirs]


def test_the_partys_own_boundary_place_comes_first(world: World) -> None:
    site, supplier = world.shanghai.pk, world.supplier.pk
    assert boundary_place(site, PlaceKind.SUPPLIER, supplier).code == "SUP"
    make(world, "SUP-S1", PlaceKind.SUPPLIER, party_id=supplier)
    assert boundary_place(site, PlaceKind.SUPPLIER, supplier).code == "SUP-S1"
    with pytest.raises(NotFound):
        boundary_place(world.chengdu.pk, PlaceKind.SUPPLIER, supplier)


def test_a_closed_place_takes_nothing_but_lets_go(world: World) -> None:
    lot = world.lot("STENT", "L1")
    world.stock(lot, 2)
    pk = world.places["A-01"].pk
    with refused(InvalidInput, "reason"):
        close_place(pk, " ", by=world.by(roles.SUPERVISOR))
    assert close_place(pk, "leaking roof", by=world.by(roles.SUPERVISOR)).places == 1
    with refused(WrongState):
        close_place(pk, "again", by=world.by(roles.SUPERVISOR))
    world.post(world.leg(Code.MOVE, lot, 2, "A-01", "A-02"))
    with refused(MoveNotAllowed):
        world.post(world.leg(Code.MOVE, lot, 1, "A-02", "A-01"))


def test_what_lies_below_closes_too(world: World) -> None:
    house = make(world, "W1", PlaceKind.WAREHOUSE)
    below = [make(world, f"W1-{n}", parent_id=house) for n in (1, 2)]
    assert close_place(house, "moved out", by=world.by(roles.SUPERVISOR)).places == 3
    assert not Place.objects.filter(pk__in=below, is_open=True).exists()


def test_a_grant_for_another_site_does_not_count(world: World) -> None:  # ORG-03
    elsewhere = only_at(world, roles.SUPERVISOR, world.chengdu)
    with refused(NotAllowed):
        make(world, "X", by=elsewhere)
    with refused(NotAllowed):
        close_place(world.places["A-01"].pk, "x", by=elsewhere.asking())
