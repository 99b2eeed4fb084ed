"""Records asked for: those of one document in the words of the trade, and how complete all are."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, Count, Q, QuerySet, Value, When

from traceward.kernel.base.refusals import NotFound, sentence
from traceward.kernel.documents.models import Document
from traceward.resources import reading
from traceward.resources.kit import Id, Limit, Reader, question
from traceward.resources.records.declaring import RECORDS, Field, Record


@dataclass(frozen=True)
class Head:
    """A field of the record: what the law calls it, and where it does not apply."""

    zh: str
    en: str
    #: When it applies, and by which article; empty where it always does.
    only_zh: str
    only_en: str
    article: str


@dataclass(frozen=True)
class Entry:
    """What the line says in a field; nothing is missing where the field does not apply."""

    value: str
    is_due: bool


@dataclass(frozen=True)
class Sheet:
    """A record of one document, as it would be printed: heads, and lines of entries."""

    record: str
    zh: str
    en: str
    articles: str
    heads: list[Head]
    lines: list[list[Entry]]


@question("records.of_document", scope=None)
def of_document(document_id: Id, limit: Limit = 200, *, to: Reader) -> list[Sheet]:
    """The records that the law asks for of this document, with their fields as they were kept."""
    sheets = [_sheet(one, document_id, limit, to) for one in RECORDS.values()]
    found = [sheet for sheet in sheets if sheet.lines]
    if not found and not Document.objects.filter(pk=document_id).exists():
        raise NotFound(
            sentence("There is no {what} with id {id}. Look it up in its list and try again."),
            field="document_id",
            what=str(Document._meta.verbose_name),
            id=document_id,
        )
    return found


def _sheet(one: Record, document_id: int, limit: int, to: Reader) -> Sheet:
    rows = _with_due(one, reading.visible(one.resource, to).filter(one.about(document_id)))
    return Sheet(
        one.name,
        one.zh,
        one.en,
        one.articles,
        [head_of(what) for what in one.fields],
        [_entries(one, row) for row in rows.order_by("pk").values(*_paths(one))[:limit]],
    )


def head_of(what: Field) -> Head:
    when = what.when
    only = (when.zh, when.en, when.article) if when else ("", "", "")
    return Head(what.zh, what.en, *only)


def _with_due(one: Record, rows: QuerySet[Any]) -> QuerySet[Any]:
    """… with a column for each field that does not always apply."""
    return rows.annotate(
        **{f"due_{n}": _flag(one.is_due(what)) for n, what in enumerate(one.fields) if what.when}
    )


def _flag(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False))


def _paths(one: Record) -> list[str]:
    """What a line is printed from, in the order in which `_entries` reads it."""
    columns = [one.resource.columns[name].path for what in one.fields for name in what.names]
    due = [f"due_{n}" for n, what in enumerate(one.fields) if what.when]
    return list(dict.fromkeys([f"{one.site}__time_zone", *columns, *due]))


def _entries(one: Record, row: dict[str, Any]) -> list[Entry]:
    zone = ZoneInfo(row[f"{one.site}__time_zone"])
    found = []
    for n, what in enumerate(one.fields):
        values = [row[one.resource.columns[name].path] for name in what.names]
        said = (_text(value, zone) for value in values)
        is_due = row[f"due_{n}"] if what.when else True
        found.append(Entry(" ".join(text for text in said if text), is_due))
    return found


def _text(value: Any, zone: ZoneInfo) -> str:
    """As it is printed, in any language; moments by the site's clock."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "✓" if value else "✗"
    if isinstance(value, datetime):
        return f"{value.astimezone(zone):%Y-%m-%d %H:%M}"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


@dataclass(frozen=True)
class FieldCount:
    """Of so many lines to which the field applies, so many say something."""

    zh: str
    en: str
    due: int
    filled: int


@dataclass(frozen=True)
class Completeness:
    """How complete a record is: lines, and each field of it."""

    record: str
    zh: str
    en: str
    articles: str
    lines: int
    fields: list[FieldCount]

    @property
    def lacking(self) -> list[FieldCount]:
        return [one for one in self.fields if one.filled < one.due]


@question("records.completeness", scope=None)
def completeness(
    since: date | None = None, until: date | None = None, *, to: Reader
) -> list[Completeness]:
    """Per record and field, on how many lines it applies and is filled, of papers made in these
    days (UTC, both included).

    What was written of goods before they came under a certificate is left out: it stays as it was.
    """
    return [_counted(one, since, until, to) for one in RECORDS.values()]


def _counted(one: Record, since: date | None, until: date | None, to: Reader) -> Completeness:
    rows = reading.visible(one.resource, to).filter(one.as_device)
    if since:
        rows = rows.filter(**{f"{one.made_at}__date__gte": since})
    if until:
        rows = rows.filter(**{f"{one.made_at}__date__lte": until})
    said = {f"said_{n}": _flag(one.is_filled(what)) for n, what in enumerate(one.fields)}
    counts = {"lines": Count("pk")}
    for n, what in enumerate(one.fields):
        due = Q(**{f"due_{n}": True}) if what.when else Q()
        counts[f"all_{n}"] = Count("pk", filter=due or None)
        counts[f"filled_{n}"] = Count("pk", filter=due & Q(**{f"said_{n}": True}))
    found = _with_due(one, rows.order_by()).annotate(**said).aggregate(**counts)
    fields = [
        FieldCount(what.zh, what.en, found[f"all_{n}"], found[f"filled_{n}"])
        for n, what in enumerate(one.fields)
    ]
    return Completeness(one.name, one.zh, one.en, one.articles, found["lines"], fields)
