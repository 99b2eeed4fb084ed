"""A receipt ends once all that it brought has left the dock, by whatever way. # INB-01"""

import pytest

from tests import inbound, outbound
from tests.api.test_versions import read
from tests.inbound import CHECKS, code
from tests.returns.test_returns import approved, asked, destroyed
from tests.world import World
from traceward.domain.purchasing import commands as purchasing
from traceward.domain.quality import commands as quality
from traceward.domain.quality.rules import Share
from traceward.domain.stock.models import Status, StockBalance
from traceward.domain.warehousing.commands.destroying import Taking
from traceward.domain.warehousing.commands.storing import PutAway, put_away
from traceward.domain.warehousing.models import Receipt, ReceiptLine
from traceward.domain.warehousing.rules import cleared
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person

LABEL = code("STENT", "L1")


def decided(world: World, quantity: int, rejected: int) -> Receipt:
    """A receipt of lot L1 at the dock, decided about: so many of them rejected."""
    made = inbound.received(world, (LABEL, quantity))
    (pk,) = quality.open_inspections(made.receipt_uid, by=world.by(roles.SYSTEM)).inspection_ids
    for check in CHECKS:
        quality.record_result(pk, check, True, 1, by=world.by(roles.INSPECTOR))
    share = Share(world.places["DOCK"].pk, quantity - rejected, rejected)
    by = world.by(roles.QUALITY_HEAD).reauthenticated()
    said = {"defects": "crushed", "disposition": "destroy"} if rejected else {}
    quality.decide(pk, [share], "as found", by=by, **said)
    return Receipt.objects.get(pk=made.receipt_id)


def rejects(quantity: int) -> list[Taking]:
    row = StockBalance.objects.get(place__code="DOCK", status=Status.REJECTED, on_hand__gt=0)
    return [Taking(row.pk, quantity)]


def store(world: World, receipt: Receipt, quantity: int) -> str:
    line = ReceiptLine.objects.get(receipt=receipt)
    away = [PutAway(line.pk, quantity, world.places["A-01"].pk)]
    return put_away(receipt.pk, away, by=world.by(roles.STOREKEEPER)).state


def destroy(world: World, quantity: int) -> None:
    destroyed(world, approved(world, asked(world, lines=rejects(quantity))))


def send_back(world: World, receipt: Receipt, quantity: int) -> None:
    buyer, head = world.by(roles.BUYER), world.by(roles.QUALITY_HEAD)
    made = purchasing.propose_return(receipt.pk, rejects(quantity), "crushed", by=buyer)
    purchasing.approve_return(made.return_id, by=head)
    purchasing.send_return(made.return_id, outbound.VAN, by=world.by(roles.STOREKEEPER))


def state(receipt: Receipt) -> str:
    return str(Receipt.objects.get(pk=receipt.pk).state)


def test_a_receipt_ends_when_the_last_of_it_is_destroyed(world: World) -> None:
    receipt = decided(world, 10, 3)
    assert store(world, receipt, 7) == "received"
    destroy(world, 2)
    assert state(receipt) == "received"
    destroy(world, 1)
    set_up_roles()
    auditor = Person.objects.get(pk=world.by(roles.AUDITOR).person_id)
    row = read(auditor, f"warehousing/receipts/{receipt.pk}").json()
    assert row["state"] == "cleared"


def test_a_receipt_ends_when_the_rest_is_put_away_after_rejects_left(world: World) -> None:
    receipt = decided(world, 10, 3)
    send_back(world, receipt, 3)
    assert state(receipt) == "received"
    assert store(world, receipt, 4) == "received"
    assert store(world, receipt, 3) == "cleared"


def test_a_receipt_whose_goods_all_go_back_ends(world: World) -> None:
    older, receipt = decided(world, 4, 4), decided(world, 5, 5)
    send_back(world, receipt, 5)
    assert (state(older), state(receipt)) == ("received", "cleared")
    destroy(world, 4)
    assert state(older) == "cleared"


@pytest.mark.parametrize(
    ("rests", "waiting", "found"),
    [
        ({1: {"a": 5}, 2: {"a": 5}}, {"a": 5}, [1]),
        ({1: {"a": 5}, 2: {"a": 3}}, {"a": 5}, [2]),
        ({1: {"a": 5}, 2: {"a": 5}}, {}, [1, 2]),
        ({1: {"a": 5, "b": 1}, 2: {"a": 5}}, {"a": 5, "b": 1}, [2]),
        ({1: {"a": 0}}, {"a": 9}, [1]),
    ],
)
def test_what_is_gone_is_counted_for_the_first_ones(
    rests: dict[int, dict[str, int]], waiting: dict[str, int], found: list[int]
) -> None:
    assert cleared(sorted(rests), rests, waiting) == found
