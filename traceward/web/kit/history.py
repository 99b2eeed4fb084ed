"""History: what was done to a document, by whom, when and why, and what it changed. # SEC-02

Who may read the audit trail sees all of it; others see who made the document and who changed it
last, which its own row says.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from traceward.kernel.command.database_errors import persistent
from traceward.kernel.org.models import Person
from traceward.resources import asking, labels, reading
from traceward.resources.kit import RESOURCES, Resource
from traceward.web.visitors import Visitor, initials_of

ENTRIES = "audit.entries"
#: Entries that a page shows, and changed values of one of them.
SHOWN = 50
CHANGES = 8
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d.*[+-]\d\d:\d\d")
NOTHING = "—"


@dataclass(frozen=True)
class Change:
    """A value that was changed: of what, from what, to what."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Entry:
    """One thing that was done."""

    who: str
    verb: str
    at: str
    reason: str = ""
    changes: tuple[Change, ...] = ()
    #: Changes that are not shown.
    others: int = 0
    #: What was signed for.
    signed: tuple[str, ...] = ()
    address: str = ""

    @property
    def initials(self) -> str:
        return initials_of(self.who)


@dataclass(frozen=True)
class History:
    """The newest entries, and where the rest stands."""

    entries: tuple[Entry, ...]
    more: str = ""
    is_full: bool = False


def history_of(resource: Resource, row: Mapping[str, Any], to: Visitor) -> History:
    """What was done to this document, the newest first."""
    if not to.may(ENTRIES):
        return History(tuple(_facts(resource, row, to)))
    entries = RESOURCES[ENTRIES]
    given = {"document_id": [str(row["id"])], "limit": [str(SHOWN)]}
    asked = asking.read(entries, given)
    page = persistent(lambda: reading.page(entries, asked, to.reader(ENTRIES)))
    if not page.rows:  # its reader may not see all sites
        return History(tuple(_facts(resource, row, to)))
    shown = tuple(_entry(resource, row, one, to) for one in page.rows)
    more = f"/audit/entries?document_id={row['id']}" if page.next_cursor else ""
    return History(shown, more, is_full=True)


def _facts(resource: Resource, row: Mapping[str, Any], to: Visitor) -> Iterator[Entry]:
    """What the document's own row says: the last change, and how it began."""
    changed, made = row.get("changed_at"), row.get("created_at")
    if changed is not None and row.get("version", 1) > 1:
        yield Entry(
            _person(row, "changed_by", to),
            _verb(row["changed_with"], to),
            _moment(changed, to),
            row.get("changed_because") or "",
        )
    if made is not None:
        label = labels.of_column(f"{resource.name}.created_at").in_language(to.language)
        yield Entry(_person(row, "created_by", to), label, _moment(made, to))


def _entry(
    resource: Resource, row: Mapping[str, Any], entry: Mapping[str, Any], to: Visitor
) -> Entry:
    detail = entry["detail"]
    asked = detail.get("arguments")
    reason = (asked.get("reason") if isinstance(asked, dict) else "") or detail.get("reason") or ""
    changes = list(_changes(resource, row, detail, to))
    total = max(detail.get("change_count", 0) - len(detail.get("changes", ())), 0) + len(changes)
    return Entry(
        _person(entry, "actor", to),
        _verb(entry["verb"], to),
        _moment(entry["at"], to),
        str(reason),
        tuple(changes[:CHANGES]),
        total - len(changes[:CHANGES]),
        tuple(gettext(one["meaning"]) for one in detail.get("signatures", ())),
        f"/audit/entries/{entry['id']}",
    )


def _changes(
    resource: Resource, row: Mapping[str, Any], detail: Mapping[str, Any], to: Visitor
) -> Iterator[Change]:
    """What was there and what is there now; what is new on the whole has no before."""
    own = resource.model._meta.label
    for change in detail.get("changes", ()):
        is_own = (change["kind"], change["id"]) == (own, row["id"])
        of = resource if is_own else _resource_of(change["kind"])
        if of is None:
            continue
        about = "" if is_own else labels.of_row(of.name).in_language(to.language) + " "
        for name, before in change["before"].items():
            after = change["after"].get(name, "")
            label = f"{about}{_label(of, name, to)}"
            yield Change(label, _said(of, name, before, to), _said(of, name, after, to))


def _resource_of(kind: str) -> Resource | None:
    return next((r for r in RESOURCES.values() if r.model._meta.label == kind), None)


def _label(resource: Resource, name: str, to: Visitor) -> str:
    try:
        return labels.of_column(f"{resource.name}.{name}").in_language(to.language)
    except KeyError:  # a column that no list shows
        return name


def _said(resource: Resource, name: str, value: str, to: Visitor) -> str:
    """The value in words: an entry has it as Python writes it."""
    if value in ("", "None"):
        return NOTHING
    if value in ("True", "False"):
        return labels.of_value(name, value == "True").in_language(to.language)
    if MOMENT.fullmatch(value):
        return _moment(datetime.fromisoformat(value), to)
    column = resource.columns.get(name) or resource.columns.get(f"{name}_id")
    target = column.field.related_model if column is not None else None
    if target is not None and value.isdecimal():
        return _record(target, int(value), to)
    return labels.of_value(f"{resource.name}.{name}", value).in_language(to.language)


def _record(model: Any, pk: int, to: Visitor) -> str:
    """The record behind a foreign key, by its name."""
    found = model._default_manager.filter(pk=pk).first()
    return found.name(to.language) if isinstance(found, Person) else str(found or pk)


def _verb(verb: str, to: Visitor) -> str:
    """What was done; as it was called then, where no command is called so any more."""
    return labels.of_value(f"{ENTRIES}.verb", verb).in_language(to.language)


def _person(row: Mapping[str, Any], stem: str, to: Visitor) -> str:
    first, second = row.get(f"{stem}_name_zh"), row.get(f"{stem}_name_en")
    if not to.language.startswith("zh"):
        first, second = second, first
    return str(first or second or row.get(f"{stem}_login") or NOTHING)


def _moment(at: datetime, to: Visitor) -> str:
    return at.astimezone(ZoneInfo(to.time_zone)).strftime("%Y-%m-%d %H:%M")
