"""What was put away by mistake stands where it came in again. # INB-04 ADR 0281"""

from dataclasses import dataclass

from django.db.models import Exists, F

from traceward.domain.places.models import Place
from traceward.domain.stock.commands import Said, collect
from traceward.domain.stock.commands.moves import leg_of
from traceward.domain.stock.models import Code, StockBalance, StockMove
from traceward.domain.stock.queries.held import on_balance
from traceward.domain.stock.rules import BalanceKey
from traceward.domain.warehousing.commands.storing import receipt_scope
from traceward.domain.warehousing.models import Receipt, ReceiptLine, ReceiptState, StockCount
from traceward.domain.warehousing.queries import Goods, stored
from traceward.kernel.base.refusals import (
    Conflict,
    InvalidInput,
    NotAllowed,
    Phrase,
    phrase,
    sentence,
)
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.command.write import enter, touch
from traceward.kernel.org.models import Person
from traceward.kernel.org.roles import STOREKEEPER, SUPERVISOR


@dataclass(frozen=True)
class BroughtBack:
    """So many base units stand at this place again; the receipt is in this state."""

    base_units: int
    place: str
    state: str


TAKEN_BACK = sentence("put away by mistake")
WAS_MOVED = sentence("goods of it were taken from there")
WAS_COUNTED = sentence("the place was counted")
IS_PROMISED = sentence("it is promised to an order")
IS_BLOCKED = sentence("it is on hold or recalled")


@command(
    "warehousing.take_back",
    roles=(STOREKEEPER, SUPERVISOR),
    scope=receipt_scope,
    from_states=(ReceiptState.RECEIVED, ReceiptState.PUT_AWAY, ReceiptState.CLEARED),
)
def take_back(receipt_id: int, receipt_line_id: int, place_id: int, *, by: Actor) -> BroughtBack:
    """What the person last put into the place of this line stands where it came from again.

    As long as nothing has happened to it: nothing was taken, counted, promised or blocked.
    """
    receipt = Receipt.objects.lock(receipt_id)
    if not ReceiptLine.objects.filter(receipt=receipt, pk=receipt_line_id).exists():
        raise InvalidInput(
            sentence("Choose a line of {document}."),
            field="receipt_line_id",
            document=str(receipt),
        )
    put = stored(document_id=receipt.pk, line_id=receipt_line_id, to_place_id=place_id)
    last = put.order_by("-pk").first()
    place = Place.objects.filter(pk=place_id, site=receipt.site_id).first()
    if last is None or place is None:
        raise InvalidInput(
            sentence("Nothing of this line of {document} was put there. Choose the bin it is in."),
            field="place_id",
            document=str(receipt),
        )
    if last.actor_id != by.person_id:
        who = Person.objects.get(pk=last.actor_id)
        raise NotAllowed(
            sentence(
                "{who} put it away. They may take it back, or you move the goods to where they "
                "belong."
            ),
            who={"zh": who.name("zh-hans"), "en": who.name("en")},
        )
    since = _since(last)
    if since is not None:
        raise Conflict(
            sentence(
                "It was put into {place}, and since then {what}. Move the goods to where they "
                "belong instead."
            ),
            place=place.code,
            what=since,
        )
    leg = leg_of(last).mirrored(last.pk, Code.REVERSE, str(TAKEN_BACK))
    collect([leg], said=Said("place_id"), by=by)
    if receipt.state == ReceiptState.RECEIVED:
        touch(receipt, by=by)
    else:
        enter(receipt, ReceiptState.RECEIVED.value, by=by)
    return BroughtBack(last.quantity, last.from_place.code, receipt.state)


def _since(put: StockMove) -> Phrase | None:
    """What happened to the goods since they were put there; None where nothing did."""
    where = {name: getattr(put, _at("to", name)) for name in BalanceKey._fields}
    from_there = {_at("from", name): value for name, value in where.items()}
    out = StockMove.objects.filter(pk__gt=put.pk, reverses=None, **from_there)
    if out.exists():
        return phrase(WAS_MOVED)
    counts = StockCount.objects.filter(place=put.to_place_id, counted_at__gte=put.posted_at)
    if counts.exists():
        return phrase(WAS_COUNTED)
    balance = StockBalance.objects.filter(**where)
    if not balance.filter(on_hand__gte=F("reserved") + put.quantity).exists():
        return phrase(IS_PROMISED)
    if balance.filter(Exists(on_balance())).exists():
        return phrase(IS_BLOCKED)
    return None


def _at(end: str, name: str) -> str:
    """What a move calls this part of the balance that it takes from, or adds to."""
    return name if name in Goods._fields else f"{end}_{name}"
