"""A supplier's notice becomes a receipt: warehousing takes the goods, purchasing settles."""

import uuid
from dataclasses import dataclass

from traceward.domain.purchasing.commands import settle
from traceward.domain.purchasing.models import NoticeState, PurchaseOrder, ShippingNotice
from traceward.domain.warehousing.commands.receiving import Journey, Scan, receive
from traceward.kernel.base.refusals import NotFound, called, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.org.roles import STOREKEEPER, SUPERVISOR
from traceward.kernel.org.scope import ScopeKey, scope_of


@dataclass(frozen=True)
class NoticeReceived:
    """The receipt, what it brought in, what is still to come, and the order's state."""

    receipt_id: int
    receipt_uid: uuid.UUID
    base_units: int
    still_to_come: int
    order_state: str


def notice_scope(notice_id: int, **_: object) -> list[ScopeKey]:
    return scope_of(ShippingNotice, notice_id)


@command(
    "inbound.receive_notice",
    roles=(STOREKEEPER, SUPERVISOR),
    scope=notice_scope,
    from_states=(NoticeState.ANNOUNCED,),
)
def receive_notice(
    notice_id: int,
    place_id: int,
    delivery_note: str,
    scans: list[Scan],
    *,
    journey: Journey | None = None,
    is_intact: bool = True,
    by: Actor,
) -> NoticeReceived:
    """The scanned goods of the notice wait for inspection; it is said what is still to come."""
    notice = ShippingNotice.objects.find(notice_id)
    if notice is None:
        raise NotFound(
            sentence("There is no shipping notice with id {id}."), field="notice_id", id=notice_id
        )
    PurchaseOrder.objects.lock(notice.order_id)  # the order before its notice, as `settle` does
    with called("document_id", "notice_id"):
        received = receive(
            notice_id,
            place_id,
            delivery_note,
            scans,
            journey=journey,
            is_intact=is_intact,
            by=by,
        )
    settled = settle(notice.uid, by=by)
    return NoticeReceived(
        received.receipt_id,
        received.receipt_uid,
        received.base_units,
        settled.still_to_come,
        settled.order_state,
    )
