"""A handler whose effect adds up: one unit for every event, so that a second time would show."""

from traceward.domain.places.models import Place
from traceward.domain.stock.commands import collect
from traceward.domain.stock.models import Code, Lot, Status
from traceward.domain.stock.rules import Leg
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.org.models import LegalEntity
from traceward.kernel.org.roles import SYSTEM
from traceward.kernel.org.scope import WHOLE_GROUP

TALLY = "TALLY"


@command(
    "kills.tally",
    roles=(SYSTEM,),
    scope=lambda **_: [WHOLE_GROUP],
    subscribes=("StockBlocked", "BlockLifted"),
    from_start=True,
)
def tally(block_uid: str, *, by: Actor) -> str:
    """One unit more of the item TALLY stands at the dock."""
    places = dict(Place.objects.filter(code__in=("SUP", "DOCK")).values_list("code", "pk"))
    owner = LegalEntity.objects.get(code="HA").party_id
    lot = Lot.objects.get(number=TALLY)
    collect(
        [
            Leg(
                code=Code.RECEIVE,
                item_id=lot.item_id,
                lot_id=lot.pk,
                serial_id=None,
                quantity=1,
                from_place_id=places["SUP"],
                from_status=Status.PENDING,
                from_owner_id=owner,
                to_place_id=places["DOCK"],
                to_status=Status.PENDING,
                to_owner_id=owner,
            )
        ],
        by=by,
    )
    return block_uid
