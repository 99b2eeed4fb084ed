"""Orders and notices end: by themselves once all has come (`settle`), or by hand with less."""

from dataclasses import dataclass

from traceward.domain.purchasing import events, queries
from traceward.domain.purchasing.commands.ordering import order_scope
from traceward.domain.purchasing.models import (
    NoticeState,
    OrderState,
    PurchaseOrder,
    ShippingNotice,
)
from traceward.domain.warehousing.commands.receiving import expect_no_more
from traceward.domain.warehousing.queries import still_to_come
from traceward.kernel.base.refusals import InvalidInput, NotFound, WrongState, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.command.write import emit, enter, touch
from traceward.kernel.documents.models import Document
from traceward.kernel.org.roles import BUYER, COORDINATOR, SUPERVISOR
from traceward.kernel.org.scope import ScopeKey, scope_of


@dataclass(frozen=True)
class Ended:
    """Base units that have not come, and that nobody waits for any more."""

    short: int


@command(
    "purchasing.close",
    roles=(BUYER, SUPERVISOR),
    scope=order_scope,
    from_states=(OrderState.SUBMITTED, OrderState.APPROVED),
)
def close(order_id: int, reason: str, *, by: Actor) -> Ended:
    """Nothing more of the order is expected, nor of its notices; what has come stays ours.

    An order that is not approved ends the same way.
    """
    found: PurchaseOrder = PurchaseOrder.objects.lock(order_id)
    found.require(OrderState.SUBMITTED, OrderState.APPROVED)
    notices = list(ShippingNotice.objects.lock_all(queries.waited_for(found.pk)))
    rest = {notice.pk: still_to_come(notice.pk) for notice in notices}
    short = sum(line.quantity for line in queries.due_lines(found.pk)) + sum(rest.values())
    _require_short(found, short)
    _say_why(reason, by)
    for notice in notices:
        end_notice(notice, found, rest[notice.pk], by=by)
    enter(found, OrderState.CLOSED, by=by)
    emit(events.PurchaseClosed(found.uid, short), subject=found.uid, by=by)
    return Ended(short)


def notice_scope(notice_id: int, **_: object) -> list[ScopeKey]:
    return scope_of(ShippingNotice, notice_id)


@command(
    "purchasing.close_notice",
    roles=(BUYER, COORDINATOR),
    scope=notice_scope,
    from_states=(NoticeState.ANNOUNCED,),
)
def close_notice(notice_id: int, reason: str, *, by: Actor) -> Ended:
    """Nothing more of the notice is expected: the supplier delivered less, or takes it back.

    What has not come is due on the order again, and another notice may announce it.
    """
    notice = ShippingNotice.objects.find(notice_id)
    if notice is None:
        raise NotFound(
            sentence("There is no shipping notice with id {id}."), field="notice_id", id=notice_id
        )
    found = PurchaseOrder.objects.lock(notice.order_id)  # the order first, as `settle` does
    notice = ShippingNotice.objects.lock(notice_id)
    notice.require(NoticeState.ANNOUNCED)
    short = still_to_come(notice.pk)
    _require_short(notice, short)
    _say_why(reason, by)
    end_notice(notice, found, short, by=by)
    touch(found, by=by)
    return Ended(short)


def _require_short(document: Document, short: int) -> None:
    if not short:
        raise WrongState(
            sentence("All of {number} has come. It ends by itself; there is nothing to close."),
            number=str(document),
        )


def _say_why(reason: str, by: Actor) -> None:
    if not reason.strip():
        raise InvalidInput(sentence("Say why nothing more is expected."), field="reason")
    by.work.facts["reason"] = reason


def end_notice(notice: ShippingNotice, order: PurchaseOrder, short: int, *, by: Actor) -> None:
    """Nothing more of the locked notice is waited for; so much of it has not come."""
    enter(notice, NoticeState.CLOSED, by=by)
    expect_no_more(notice)
    emit(events.NoticeClosed(notice.uid, order.uid, short), subject=notice.uid, by=by)
