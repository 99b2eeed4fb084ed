"""Document numbers: gapless per kind, legal entity and year, since they are taken last.

The year is that of the day at the document's site.
"""

from collections import defaultdict

from traceward.kernel.command.actor import Actor, UnitOfWork
from traceward.kernel.documents.models import Document

GIVE = "tw_give_numbers(%s::text[], %s::bigint[], %s::int[], %s::text[], %s::int[], %s::bigint[])"
#: The kind, legal entity and year of a series, and the prefix of its numbers.
Series = tuple[str, int, int, str]


def issue(document: Document, by: Actor) -> None:
    """The document gets its number at the end of the running command."""
    by.work.numbered.append(document)
    by.work.facts.setdefault("documents", []).append(str(document.uid))


def give(unit: UnitOfWork) -> None:
    """Each document collected for a number will have one after the post, series after series.

    Those of a series are numbered in the order in which they were made; the database locks the
    series in order, each once.
    """
    series: dict[Series, list[int]] = defaultdict(list)
    for document in unit.numbered:
        assert isinstance(document, Document), "nothing else has a number"
        year = document.site.day_at(document.created_at).year
        key = (document.kind, document.legal_entity_id, year, document.PREFIX)
        series[key].append(document.pk)
    if not series:
        return
    ordered = sorted(series.items())
    kinds, entities, years, prefixes = zip(*(key for key, _ in ordered), strict=True)
    counts = [len(pks) for _, pks in ordered]
    pks = [pk for _, numbered in ordered for pk in sorted(numbered)]
    columns = (kinds, entities, years, prefixes, counts, pks)
    unit.calls.append((GIVE, [list(column) for column in columns]))
