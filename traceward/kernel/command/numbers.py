"""Document numbers: gapless per kind, legal entity and year, since they are taken last.

The year is that of the day at the document's site.
"""

from operator import itemgetter

from traceward.kernel.command.actor import Actor, UnitOfWork
from traceward.kernel.documents.models import Document, NumberSeries


def issue(document: Document, by: Actor) -> None:
    """The document gets its number at the end of the running command."""
    by.work.numbered.append(document)
    by.work.facts.setdefault("documents", []).append(str(document.uid))


def give(unit: UnitOfWork) -> None:
    """Each document collected for a number has one; series are locked in order."""
    documents = [
        (d.kind, d.legal_entity_id, d.site.day_at(d.created_at).year, d.pk, d)
        for d in unit.numbered
        if isinstance(d, Document)
    ]
    for _, _, year, _, document in sorted(documents, key=itemgetter(0, 1, 2, 3)):
        NumberSeries.objects.bulk_create(
            [NumberSeries(kind=document.kind, legal_entity_id=document.legal_entity_id, year=year)],
            ignore_conflicts=True,
        )
        series = NumberSeries.objects.select_for_update(no_key=True).get(
            kind=document.kind, legal_entity_id=document.legal_entity_id, year=year
        )
        document.number = (
            f"{document.PREFIX}-{document.legal_entity.code}-{year}-{series.next_number:06d}"
        )
        series.next_number += 1
        series.save(update_fields=["next_number"])
        document.save(update_fields=["number"])
