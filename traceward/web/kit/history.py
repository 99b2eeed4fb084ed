"""History: what was done to a row, by whom, when and why, and what it changed. # SEC-02

Whoever may read a document sees who did what to it and why. What it changed, value by value, and
what was signed, is for who may read the audit trail.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import JSONField
from django.db.models.functions import Cast
from django.utils.translation import gettext

from traceward.kernel.audit.models import AuditEntry, Signature
from traceward.kernel.documents.models import Document
from traceward.kernel.org.models import Person
from traceward.kernel.org.scope import Grant
from traceward.resources import asking, labels, reading
from traceward.resources.history import of_documents
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
    #: What was signed for, and the hash of what was signed.
    signed: tuple[tuple[str, str], ...] = ()
    address: str = ""
    #: The state in which it left the document; empty where it stayed in the same.
    state: str = ""
    #: The other document that it was done to.
    of: str = ""

    @property
    def initials(self) -> str:
        return initials_of(self.who)


@dataclass(frozen=True)
class History:
    """The newest entries, the address of all of them, and whether their values may be shown."""

    entries: tuple[Entry, ...]
    more: str = ""
    is_full: bool = False

    @property
    def reached(self) -> dict[str, Entry]:
        """State → the last entry that led there."""
        return {one.state: one for one in reversed(self.entries) if one.state}


def history_of(
    resource: Resource,
    row: Mapping[str, Any],
    verbs: Sequence[str],
    to: Visitor,
    also: Sequence[tuple[str, str]] = (),
) -> History:
    """What was done to it, the newest first; of a record, by these verbs.

    With it what was done to rows of other lists that belong to its life, each by its number.
    """
    is_document = issubclass(resource.model, Document)
    numbers = _numbers(also, row["id"], to)
    if is_document:
        found = AuditEntry.objects.filter(of_documents([row["id"], *numbers]))
    else:
        found = _about(resource, row, verbs)
    rows = list(found.select_related("actor").order_by("-id")[: SHOWN + 1])
    is_full = to.may(ENTRIES) and Grant(None, None) in to.reader(ENTRIES).grants
    told = _Told(resource, row, to, _signed(rows) if is_full else {}, numbers)
    entries = [told.entry(one, is_full=is_full) for one in rows[:SHOWN]]
    more = f"/audit/entries?document_id={row['id']}" if is_document and is_full else ""
    return History(tuple(entries), more if len(rows) > SHOWN else "", is_full)


def _numbers(also: Sequence[tuple[str, str]], key: int, to: Visitor) -> dict[int, str]:
    found: dict[int, str] = {}
    for name, column in also:
        resource = RESOURCES[name]
        given = {column: [str(key)], "fields": ["id,number"], "limit": [str(asking.MAX_VALUES)]}
        page = reading.page(resource, asking.read(resource, given), to.reader(name))
        found |= {row["id"]: row["number"] for row in page.rows}
    return found


def _about(resource: Resource, row: Mapping[str, Any], verbs: Sequence[str]) -> Any:
    """Entries of these verbs that made or changed the record; by index as far as the verb."""
    change = {"changes": [{"kind": resource.model._meta.label, "id": row["id"]}]}
    done = AuditEntry.objects.filter(verb__in=verbs, outcome="done")
    told = done.annotate(told=Cast("detail", JSONField()))
    return told.filter(told__contains=change)  # type: ignore[misc]  # of a column that is made


def _signed(rows: Sequence[AuditEntry]) -> dict[int, list[tuple[str, str]]]:
    """By command, each meaning that was signed with the hash of what was signed."""
    found: dict[int, list[tuple[str, str]]] = {}
    signatures = Signature.objects.filter(command_id__in=[row.pk for row in rows]).order_by("pk")
    for pk, meaning, mark in signatures.values_list("command_id", "meaning", "content_hash")[:200]:
        found.setdefault(pk, []).append((gettext(meaning), bytes(mark).hex()))
    return found


@dataclass(frozen=True)
class _Told:
    """Entries in words; records that are named are asked for once."""

    resource: Resource
    row: Mapping[str, Any]
    to: Visitor
    signed: Mapping[int, list[tuple[str, str]]]
    #: Numbers of documents that belong to its life, by id.
    numbers: Mapping[int, str] = field(default_factory=dict)
    known: dict[tuple[Any, int], str] = field(default_factory=dict)

    def entry(self, entry: AuditEntry, *, is_full: bool) -> Entry:
        detail = entry.facts
        asked = detail.get("arguments")
        reason = asked.get("reason") if isinstance(asked, dict) else ""
        changes = list(self._changes(detail)) if is_full else []
        unseen = max(detail.get("change_count", 0) - len(detail.get("changes", ())), 0)
        return Entry(
            entry.actor.name(self.to.language),
            labels.of_value(f"{ENTRIES}.verb", entry.verb).in_language(self.to.language),
            moment_of(entry.at, self.to),
            str(reason or detail.get("reason") or ""),
            tuple(changes[:CHANGES]),
            unseen + len(changes[CHANGES:]) if is_full else 0,
            tuple(self.signed.get(entry.pk, ())),
            f"/audit/entries/{entry.pk}" if is_full else "",
            next((c["after"]["state"] for c in self._own(detail) if "state" in c["after"]), ""),
            self._of(detail),
        )

    def _of(self, detail: Mapping[str, Any]) -> str:
        """Which of the other documents it was done to, where it was not done to this one."""
        changed = detail.get("versions", {})
        found = [self.numbers[int(pk)] for pk in changed if int(pk) in self.numbers]
        if not found or str(self.row["id"]) in changed:
            return ""
        return found[0] if len(found) == 1 else f"{found[0]} +{len(found) - 1}"

    def _own(self, detail: Mapping[str, Any]) -> list[Any]:
        own = self.resource.model._meta.label, self.row["id"]
        return [c for c in detail.get("changes", ()) if (c["kind"], c["id"]) == own]

    def _changes(self, detail: Mapping[str, Any]) -> Iterator[Change]:
        """What was there and what is there now; what is new on the whole has no before."""
        own = self._own(detail)
        for change in detail.get("changes", ()):
            of = self.resource if change in own else _resource_of(change["kind"])
            if of is None:
                continue
            about = "" if change in own else labels.of_row(of.name).in_language(self.to.language)
            for name, before in change["before"].items():
                after = change["after"].get(name, "")
                yield Change(
                    f"{about} {said(of, name, self.to)}".strip(),
                    self._value(of, name, before),
                    self._value(of, name, after),
                )

    def _value(self, of: Resource, name: str, value: str) -> str:
        """The value in words: an entry has it as Python writes it."""
        column = of.columns.get(name) or of.columns.get(f"{name}_id")
        target = column.field.related_model if column is not None else None
        if target is None or not value.isdecimal():
            return _plain(of, name, value, self.to)
        key = target, int(value)
        if key not in self.known:
            self.known[key] = _record(target, int(value), self.to)
        return self.known[key]


def _resource_of(kind: str) -> Resource | None:
    return next((r for r in RESOURCES.values() if r.model._meta.label == kind), None)


def said(resource: Resource, name: str, to: Visitor) -> str:
    """What the value is called; as it is where no list shows it."""
    try:
        return labels.of_column(f"{resource.name}.{name}").in_language(to.language)
    except KeyError:
        return name


def _plain(resource: Resource, name: str, value: str, to: Visitor) -> str:
    if value in ("", "None"):
        return NOTHING
    if value in ("True", "False"):
        return labels.of_value(name, value == "True").in_language(to.language)
    if MOMENT.fullmatch(value):
        return moment_of(datetime.fromisoformat(value), to)
    return labels.of_value(f"{resource.name}.{name}", value).in_language(to.language)


def _record(model: Any, pk: int, to: Visitor) -> str:
    """The record behind a foreign key, by its name."""
    found = model._default_manager.filter(pk=pk).first()
    return found.name(to.language) if isinstance(found, Person) else str(found or pk)


def moment_of(at: datetime, to: Visitor) -> str:
    """As the visitor's clock has it."""
    return at.astimezone(ZoneInfo(to.time_zone)).strftime("%Y-%m-%d %H:%M")
