"""What was put away by mistake goes back to where it came in, as long as nothing happened to it."""

from typing import Any

from tests import outbound
from tests.refusing import refused
from tests.warehousing.test_storing import released, store
from tests.world import World
from traceward.domain.stock.commands.blocks import Scope, block
from traceward.domain.stock.models import BlockKind, StockBalance, StockMove
from traceward.domain.warehousing.commands.counting import Counted, count
from traceward.domain.warehousing.commands.taking_back import take_back
from traceward.domain.warehousing.models import Receipt, ReceiptLine
from traceward.kernel.base.refusals import Conflict, InvalidInput, NotAllowed
from traceward.kernel.org import roles

__all__ = ["released"]

KEEPER = roles.STOREKEEPER


def back(world: World, receipt: Receipt, place: str = "A-01", role: Any = KEEPER) -> Any:
    line = ReceiptLine.objects.get(receipt=receipt)
    return take_back(receipt.pk, line.pk, world.places[place].pk, by=world.by(role))


def there() -> dict[str, int]:
    rows = StockBalance.objects.filter(on_hand__gt=0, physical=True)
    return dict(rows.values_list("place__code", "on_hand"))


def test_the_last_put_away_is_taken_back(world: World, released: Receipt) -> None:  # INB-04
    store(world, released, 4, "A-01")
    assert store(world, released, 6, "A-02").state == "put away"
    done = back(world, released, "A-02")
    assert (done.base_units, done.place, done.state) == (6, "DOCK", "received")
    assert there() == {"DOCK": 6, "A-01": 4}
    with refused(InvalidInput, "place_id"):
        back(world, released, "A-02")
    assert store(world, released, 6, "A-01").state == "put away", "it waited again"
    assert back(world, released).base_units == 6
    assert back(world, released).base_units == 4, "one after the other"
    assert there() == {"DOCK": 10}
    assert StockMove.objects.filter(reverses__isnull=False).count() == 3


def test_only_its_own_person_takes_it_back(world: World, released: Receipt) -> None:
    store(world, released, 10, "A-01")
    with refused(NotAllowed) as caught:
        back(world, released, role=roles.SUPERVISOR)
    assert "put it away" in str(caught.value)
    assert "由本人撤销" in caught.value.in_language("zh-hans")
    assert there() == {"A-01": 10}


def test_what_was_taken_from_is_not_taken_back(world: World, released: Receipt) -> None:
    store(world, released, 10, "A-01")
    lot = ReceiptLine.objects.get(receipt=released).lot
    assert lot is not None
    world.post(world.leg(3, lot, 1, "A-01", "A-02"))
    with refused(Conflict) as caught:
        back(world, released)
    assert "已从该库位取货" in caught.value.in_language("zh-hans")


def test_what_was_counted_is_not_taken_back(world: World, released: Receipt) -> None:  # WMS-04
    store(world, released, 10, "A-01")
    line, owner = ReceiptLine.objects.get(receipt=released), released.legal_entity.party_id
    found = Counted(line.item_id, 10, owner, lot_id=line.lot_id)
    count(world.places["A-01"].pk, [found], by=world.by(KEEPER))
    with refused(Conflict) as caught:
        back(world, released)
    assert "counted" in str(caught.value)


def test_what_is_promised_is_not_taken_back(world: World, released: Receipt) -> None:
    store(world, released, 10, "A-01")
    outbound.allocated(world, quantity=1)
    with refused(Conflict) as caught:
        back(world, released)
    assert "promised" in str(caught.value)


def test_what_is_blocked_stays(world: World, released: Receipt) -> None:  # INV-03
    store(world, released, 10, "A-01")
    lot = ReceiptLine.objects.get(receipt=released).lot_id
    head = world.by(roles.QUALITY_HEAD)
    block(Scope(lot_id=lot), BlockKind.HOLD, "a complaint", by=head.asking())
    with refused(Conflict) as caught:
        back(world, released)
    assert "已冻结或召回" in caught.value.in_language("zh-hans")


def test_the_bin_and_the_line_belong_to_the_receipt(world: World, released: Receipt) -> None:
    store(world, released, 10, "A-01")
    line = ReceiptLine.objects.get(receipt=released).pk
    for place in ("A-02", "B-01"):
        with refused(InvalidInput, "place_id"):
            take_back(released.pk, line, world.places[place].pk, by=world.by(KEEPER))
    with refused(InvalidInput, "receipt_line_id"):
        take_back(released.pk, 10**9, world.places["A-01"].pk, by=world.by(KEEPER))
    with refused(InvalidInput, "place_id"):
        take_back(released.pk, line, 10**9, by=world.by(KEEPER))
