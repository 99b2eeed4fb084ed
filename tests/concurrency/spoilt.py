"""Guards taken away: a race must then be lost."""

from traceward.kernel.command import numbers
from traceward.kernel.command.actor import UnitOfWork
from traceward.kernel.documents.models import Document, NumberSeries


def number_series() -> None:
    """The number series is read without its lock."""
    numbers.give = _give_unlocked


def _give_unlocked(unit: UnitOfWork) -> None:
    for document in unit.numbered:
        assert isinstance(document, Document)
        series, _ = NumberSeries.objects.get_or_create(
            kind=document.kind,
            legal_entity_id=document.legal_entity_id,
            year=document.site.day_at(document.created_at).year,
        )
        document.number = f"{document.PREFIX}-HA-{series.year}-{series.next_number:06d}"
        document.save(update_fields=["number"])
        series.next_number += 1
        series.save(update_fields=["next_number"])
