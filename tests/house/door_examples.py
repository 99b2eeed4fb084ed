"""Examples of the commands about goods that are refused at the door."""

from collections.abc import Callable
from typing import Any

from tests import inbound
from tests.world import World
from traceward.domain.warehousing.commands.refusing import refuse_delivery
from traceward.domain.warehousing.rules import RefusalReason
from traceward.kernel.org import roles

Arguments = dict[str, Any]


def refusal(world: World) -> Arguments:
    label = inbound.code("STENT", "L1")
    return {
        "document_id": inbound.announced(world, (label, 2)).notice_id,
        "place_id": world.places["DOCK"].pk,
        "reason": RefusalReason.DAMAGED,
        "seen": "two boxes are wet",
        "delivery_note": "DN-1",
        "journey": inbound.JOURNEY,
    }


def reading(world: World) -> Arguments:
    refused = refuse_delivery(**refusal(world), by=world.by(roles.STOREKEEPER))
    return {"refusal_id": refused.refusal_id, "reason": "the supplier asks"}


DOOR: dict[str, Callable[[World], Arguments]] = {
    "warehousing.refuse_delivery": refusal,
    "warehousing.read_refused_deliverer": reading,
}
