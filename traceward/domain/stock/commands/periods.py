"""Closing a period: from then on nothing is back-dated into it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from traceward.domain.stock import events
from traceward.domain.stock.commands.blocks import BLOCK_LOCK
from traceward.domain.stock.models import ClosedPeriod
from traceward.domain.stock.refusals import TimeRefused
from traceward.kernel.base.refusals import InvalidInput, WrongState, moment, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.command.write import created, emit
from traceward.kernel.org.models import LegalEntity
from traceward.kernel.org.roles import FINANCE
from traceward.kernel.org.scope import ScopeKey

#: Entries may lag so far behind the world without a reason, so a period cannot end later.
NOT_BEFORE = timedelta(minutes=15)


@dataclass(frozen=True)
class PeriodClosed:
    """The books of the legal entity are closed up to this moment, which stays open itself."""

    legal_entity_id: int
    closed_until: datetime


def close_scope(legal_entity_id: int, **_: Any) -> list[ScopeKey]:
    """A legal entity's books are closed by somebody who may do so for all of it."""
    return [ScopeKey(legal_entity_id, None)]


@command("stock.close_period", roles=(FINANCE,), scope=close_scope)
def close_period(legal_entity_id: int, closed_until: datetime, *, by: Actor) -> PeriodClosed:
    """Nothing is entered any more as having happened before the moment.

    A closed period is not opened again; what was forgotten is entered at a later moment. # INV-08
    """
    if closed_until.tzinfo is None:
        raise InvalidInput(sentence("Give the moment with its time zone."), field="closed_until")
    if closed_until > by.now - NOT_BEFORE:
        raise TimeRefused(
            sentence(
                "A period is closed 15 minutes after its end at the earliest. Close it later."
            ),
            field="closed_until",
        )
    entity = LegalEntity.objects.lock(legal_entity_id)
    with connection.cursor() as cursor:
        # Posts hold this lock shared: those in flight end first, later ones see the closed period.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [BLOCK_LOCK])
    known = ClosedPeriod.objects.filter(legal_entity=entity, closed_until__gte=closed_until)
    newest = known.order_by("-closed_until").first()
    if newest is not None:
        raise WrongState(
            sentence(
                "The books of {entity} are closed up to {until} already. Give a later moment."
            ),
            field="closed_until",
            entity=entity.code,
            until=moment(newest.closed_until),
        )
    row = ClosedPeriod.objects.create(
        legal_entity=entity, closed_until=closed_until, closed_at=by.now
    )
    created(row, by=by, legal_entity=entity.code, closed_until=closed_until.isoformat())
    emit(events.PeriodClosed(entity.code, closed_until.isoformat()), subject=row.uid, by=by)
    return PeriodClosed(entity.pk, closed_until)
