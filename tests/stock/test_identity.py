"""Serials come to be known once, in one spelling, and always in the same order."""

from datetime import date

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.refusing import refused
from tests.world import World
from traceward.domain.stock.commands.identity import (
    LotContradiction,
    LotFacts,
    ensure_lots,
    ensure_serials,
)
from traceward.kernel.base.refusals import InvalidInput
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.org import roles
from traceward.kernel.org.scope import WHOLE_GROUP


@command("testing.know_serials", roles=(roles.SYSTEM,), scope=lambda **_: [WHOLE_GROUP])
def know(item_id: int, numbers: list[str], *, by: Actor) -> list[int]:
    """The serials are known."""
    return [s.pk for s in ensure_serials([(item_id, None, n) for n in numbers], by=by).values()]


def test_a_serial_in_another_spelling_is_refused(ledger: World) -> None:
    item, by = ledger.items["PACER"].pk, ledger.by(roles.SYSTEM)
    first = know(item, ["Sn-1"], by=by.asking())
    assert know(item, ["Sn-1", " Sn-1 "], by=by.asking()) == first
    for numbers in (["sn-1"], ["A-1", "a-1"]):
        with refused(LotContradiction, "serial"):
            know(item, numbers, by=by.asking())


@command("testing.know_lots", roles=(roles.SYSTEM,), scope=lambda **_: [WHOLE_GROUP])
def know_lots(item_id: int, numbers: list[str], expires_on: list[date], *, by: Actor) -> list[int]:
    """The lots are known."""
    facts = [
        LotFacts(item_id, number, day) for number, day in zip(numbers, expires_on, strict=True)
    ]
    return sorted(lot.pk for lot in ensure_lots(facts, by=by).values())


def test_a_lot_that_contradicts_what_is_known_is_refused(ledger: World) -> None:  # INV-05
    item, by = ledger.items["STENT"].pk, ledger.by(roles.SYSTEM)
    day, other = date(2031, 5, 31), date(2032, 5, 31)
    first = know_lots(item, ["Lot-7"], [day], by=by.asking())
    assert know_lots(item, [" Lot-7", "Lot-7 "], [day, day], by=by.asking()) == first
    with refused(LotContradiction, "expires_on"):
        know_lots(item, ["Lot-7"], [other], by=by.asking())
    with refused(LotContradiction, "expires_on"):
        know_lots(item, ["Lot-8", "Lot-8"], [day, other], by=by.asking())
    with refused(LotContradiction, "lot"):
        know_lots(item, ["LOT-7"], [day], by=by.asking())
    with refused(InvalidInput, "lot"):
        know_lots(item, ["  "], [day], by=by.asking())
    with refused(InvalidInput, "serial"):
        know(ledger.items["PACER"].pk, [" "], by=by.asking())


def test_serials_are_written_in_one_order(ledger: World) -> None:
    """Two receipts of the same serials cannot wait for each other."""
    item = ledger.items["PACER"].pk
    with CaptureQueriesContext(connection) as seen:
        know(item, ["ZED3", "ZED1", "ZED2"], by=ledger.by(roles.SYSTEM))
    (insert,) = [q["sql"] for q in seen if "INSERT INTO stock_serial" in q["sql"]]
    places = [insert.index(number) for number in ("ZED1", "ZED2", "ZED3")]
    assert places == sorted(places)
