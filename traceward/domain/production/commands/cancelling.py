"""A transformation that was recorded by mistake is taken back as a whole."""

from dataclasses import dataclass
from typing import Any

from traceward.domain.production import events
from traceward.domain.production.models import Transformation, TransformationState
from traceward.domain.stock.commands.moves import take_back
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.command.write import emit, enter
from traceward.kernel.org.roles import PRODUCTION
from traceward.kernel.org.scope import ScopeKey, scope_of


def transformation_scope(transformation_id: int, **_: Any) -> list[ScopeKey]:
    return scope_of(Transformation.objects.filter(pk=transformation_id))


@dataclass(frozen=True)
class TransformationUndone:
    """So many base units were moved back, inputs and outputs together."""

    quantity: int


@command("production.cancel", roles=(PRODUCTION,), scope=transformation_scope)
def cancel(transformation_id: int, reason: str, *, by: Actor) -> TransformationUndone:
    """A transformation that was recorded by mistake is cancelled as a whole.

    The inputs stand again where they were, the outputs are gone, and nothing went into anything.
    Refused once the outputs were moved on or decided about.
    """
    document: Transformation = Transformation.objects.lock(transformation_id)
    enter(document, TransformationState.CANCELLED, by=by)
    quantity = take_back(document, reason, by=by)
    emit(events.TransformationCancelled(document.uid), subject=document.uid, by=by)
    return TransformationUndone(quantity)
