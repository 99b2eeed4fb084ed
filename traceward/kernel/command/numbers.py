"""Document numbers: gapless per kind, legal entity and year, since they are taken last.

The year is that of the day at the document's site.
"""

from collections import defaultdict
from operator import attrgetter

from traceward.kernel.command.actor import Actor, UnitOfWork
from traceward.kernel.documents.models import Document, NumberSeries

PK = attrgetter("pk")


def issue(document: Document, by: Actor) -> None:
    """The document gets its number at the end of the running command."""
    by.work.numbered.append(document)
    by.work.facts.setdefault("documents", []).append(str(document.uid))


def give(unit: UnitOfWork) -> None:
    """Each document collected for a number has one; series are locked in order, each once."""
    series: dict[tuple[str, int, int], list[Document]] = defaultdict(list)
    for document in sorted((d for d in unit.numbered if isinstance(d, Document)), key=PK):
        year = document.site.day_at(document.created_at).year
        series[document.kind, document.legal_entity_id, year].append(document)
    for key, documents in sorted(series.items()):
        _number(key, documents)


def _number(key: tuple[str, int, int], documents: list[Document]) -> None:
    """The documents have the series' next numbers, in the order in which they were made."""
    names = dict(zip(("kind", "legal_entity_id", "year"), key, strict=True))
    NumberSeries.objects.bulk_create([NumberSeries(**names)], ignore_conflicts=True)
    rows = NumberSeries.objects.select_related("legal_entity")
    row = rows.select_for_update(no_key=True, of=("self",)).get(**names)
    for document in documents:
        document.number = (
            f"{document.PREFIX}-{row.legal_entity.code}-{row.year}-{row.next_number:06d}"
        )
        row.next_number += 1
    row.save(update_fields=["next_number"])
    Document.objects.bulk_update(documents, ["number"], batch_size=1000)
