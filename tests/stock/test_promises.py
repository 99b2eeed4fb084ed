"""A promise is kept on the one balance that it names, and given back from there. # INV-04"""

import pytest

from tests.ledger import database_now, demand_line
from tests.stock.posting import P, key_of, lot_of, policy, post, refused, serial
from tests.world import World
from traceward.domain.stock import refusals
from traceward.domain.stock.models import Code, Container, Reservation, Status, StockBalance
from traceward.domain.stock.rules import BalanceKey, Promise
from traceward.kernel.org import roles


@pytest.fixture
def neighbours(ledger: World) -> list[BalanceKey]:
    """Balances each of which differs from another in one thing alone."""
    lot, other = lot_of(ledger), ledger.lot("STENT", "L2")
    box = Container.objects.create(code="BOX")
    ledger.stock(other, 5)
    ledger.stock(lot, 4, "A-02")
    pack = ledger.leg(Code.PACK, lot, 2, "A-01", "A-01", to_container_id=box.pk)
    pending = ledger.leg(Code.RECEIVE, lot, 3, "SUP", "A-01", status=P)
    owners = {"from_owner": ledger.hospital.pk, "to_owner": ledger.hospital.pk}
    theirs = [
        ledger.leg(Code.RECEIVE, lot, 6, "SUP", "A-01", status=P, **owners),
        ledger.leg(Code.RELEASE, lot, 6, "A-01", "A-01", **owners, from_status=P),
    ]
    post(ledger, pack, pending)
    for leg in theirs:
        post(ledger, leg)
    keys = [key_of(ledger, lot), key_of(ledger, other), key_of(ledger, lot, "A-02")]
    keys += [keys[0]._replace(container_id=box.pk), keys[0]._replace(owner_id=ledger.hospital.pk)]
    for number in ("S1", "S2"):
        pacers, unit = serial(ledger, number)
        bought = ledger.leg(Code.RECEIVE, pacers, 1, "SUP", "A-01", status=P, serial_id=unit.pk)
        post(ledger, bought)
        released = ledger.leg(Code.RELEASE, pacers, 1, "A-01", "A-01", from_status=P)
        post(ledger, released._replace(serial_id=unit.pk))
        keys.append(key_of(ledger, pacers, serial_id=unit.pk))
    return keys


def held() -> dict[BalanceKey, int]:
    """What is promised of each balance, as the promises say it."""
    rows = Reservation.objects.filter(quantity__gt=0).select_related("balance")
    return {_key(row.balance): row.quantity for row in rows}


def reserved() -> dict[BalanceKey, int]:
    """The same as the balances say it."""
    return {_key(b): b.reserved for b in StockBalance.objects.exclude(reserved=0)}


def _key(b: StockBalance) -> BalanceKey:
    status = Status(b.status)
    return BalanceKey(
        b.item_id, b.lot_id, b.place_id, status, b.owner_id, b.serial_id, b.container_id
    )


def test_it_is_kept_and_given_back_where_it_was_made(
    ledger: World, neighbours: list[BalanceKey], line: int
) -> None:
    for key in neighbours:
        post(ledger, promises=[Promise(line, key, 1)])
        assert held() == reserved() == {key: 1}
        refused(refusals.ShortStock, ledger, promises=[Promise(line, key, -2)])
        post(ledger, promises=[Promise(line, key, -1)])
        assert held() == reserved() == {}


def test_all_at_once_and_each_back_alone(
    ledger: World, neighbours: list[BalanceKey], line: int
) -> None:
    post(ledger, promises=[Promise(line, key, 1) for key in neighbours])
    left = dict.fromkeys(neighbours, 1)
    assert held() == reserved() == left
    for key in neighbours:
        post(ledger, promises=[Promise(line, key, -1)])
        del left[key]
        assert held() == reserved() == left
        refused(refusals.ShortStock, ledger, promises=[Promise(line, key, -1)])


def test_key_of_another_item_is_no_balance(ledger: World, line: int) -> None:
    """Though the lot would tell which one is meant."""
    key = key_of(ledger, lot_of(ledger))
    wrong = key._replace(item_id=ledger.items["PACER"].pk)
    refused(refusals.ShortStock, ledger, promises=[Promise(line, wrong, 1)])
    post(ledger, promises=[Promise(line, key, 1)])
    refused(refusals.ShortStock, ledger, promises=[Promise(line, wrong, -1)])
    assert held() == reserved() == {key: 1}


def test_only_what_is_short_is_named(
    ledger: World, neighbours: list[BalanceKey], line: int
) -> None:
    """Not what can be promised, nor where goods come from."""
    fine, short = neighbours[:2]
    received = ledger.leg(Code.RECEIVE, lot_of(ledger), 1, "SUP", "A-01", status=P)
    promises = [Promise(line, fine, 1), Promise(line, short, 6)]
    error = refused(refusals.ShortStock, ledger, received, promises=promises)
    assert [(row["lot"], row["promise"]) for row in error.details] == [("L2", 6)]


def test_each_status_has_its_own_promise(
    ledger: World, neighbours: list[BalanceKey], line: int
) -> None:
    """Where goods that wait for inspection may be promised too, as some houses allow."""
    fit = neighbours[0]
    waiting = fit._replace(status=P)
    with policy("allocate", "pending", True):
        post(ledger, promises=[Promise(line, fit, 1), Promise(line, waiting, 2)])
        post(ledger, promises=[Promise(line, fit, -1)])
        assert held() == reserved() == {waiting: 2}
        post(ledger, promises=[Promise(line, waiting, -2)])
    assert held() == reserved() == {}


def test_a_line_gives_nothing_back_of_what_another_was_promised(ledger: World, line: int) -> None:
    key = key_of(ledger, lot_of(ledger))
    person = ledger.by(roles.SYSTEM).person_id
    other = demand_line(ledger.shanghai, person, database_now())
    post(ledger, promises=[Promise(other, key, 3)])
    refused(refusals.ShortStock, ledger, promises=[Promise(line, key, -1)])
    post(ledger, promises=[Promise(line, key, 1), Promise(other, key, -3)])
    assert held() == reserved() == {key: 1}
