"""Documents and records as a caller read them: refused where one has changed since.

docs/adr/0090, docs/adr/0226
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.apps import apps
from django.db.models import Model

from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.base.canonical import digest
from traceward.kernel.base.refusals import (
    Conflict,
    InvalidInput,
    NotFound,
    Phrase,
    local,
    phrase,
    sentence,
)
from traceward.kernel.documents.models import Document, DocumentLink, kinds
from traceward.kernel.org.scope import Grant, ScopeKey, uncovered

#: So many documents may be named at once, and so many changes are told.
MAX_SEEN = 20
MAX_TOLD = 10
#: Newest commands of this kind that are looked through for who changed the record.
MAX_ENTRIES = 200
TAG = re.compile(r'"?([1-9]\d{0,17})-([1-9]\d{0,8})"?')


@dataclass(frozen=True)
class Seen:
    """The id of a document, and the version of it that was read."""

    document_id: int
    version: int

    def plain(self) -> list[int]:
        """As it stands in the digest of the request."""
        return [self.document_id, self.version]


@dataclass(frozen=True)
class SeenRecord:
    """A record that counts no versions, and the mark of its values as they were read."""

    kind: str
    key: int
    mark: str

    def plain(self) -> list[Any]:
        """As it stands in the digest of the request."""
        return [self.kind, self.key, self.mark]


def mark_of(row: Model) -> str:
    """Stands for the values of the row: another one as soon as one of them is another."""
    values = {f.attname: str(getattr(row, f.attname)) for f in row._meta.concrete_fields}
    return digest(values).hex()[:32]


class StaleVersion(Conflict):
    """The document was changed after the caller read it; nothing is overwritten."""

    http_status = 412


def tag_of(document_id: int, version: int) -> str:
    """The version of a document as one word: the ETag of its row."""
    return f'"{document_id}-{version}"'


def read_seen(text: str, field: str = "If-Match") -> tuple[Seen, ...]:
    """What a door was told in text: one such word, or several with commas; nothing is none."""
    if not text:
        return ()
    found = [TAG.fullmatch(word.strip()) for word in text.split(",", MAX_SEEN)]
    seen = {int(tag[1]): int(tag[2]) for tag in found if tag}
    if len(seen) < len(found) or len(found) > MAX_SEEN:
        raise InvalidInput(
            sentence(
                "Say each document once, as its id and the version that you read: “17-4”; "
                "at most {limit}."
            ),
            field=field,
            limit=MAX_SEEN,
        )
    return tuple(Seen(pk, version) for pk, version in sorted(seen.items()))


def require_unchanged(
    read: Sequence[Seen | SeenRecord], grants: Sequence[Grant], verb: str = ""
) -> None:
    """Each document and record that the caller read is locked; refused where one has changed.

    It is locked before anything else of the command, so of two callers who read the same version
    one waits for the other, and is refused. `verb` is the command, which changes the record.
    """
    documents = [seen for seen in read if isinstance(seen, Seen)]
    locked = _locked([seen.document_id for seen in documents])
    for record in read:
        if isinstance(record, SeenRecord):
            _require_same(record, verb)
    for seen in documents:
        document = locked.get(seen.document_id)
        if document is None or uncovered(
            grants, [ScopeKey(document.legal_entity_id, document.site_id)]
        ):
            raise NotFound(
                sentence("There is no {what} with id {id}. Look it up in its list and try again."),
                what="document",
                id=seen.document_id,
            )
        if document.version != seen.version:
            raise _stale(document, seen.version)


def _locked(pks: list[int]) -> dict[int, Document]:
    """The documents and those that they belong to, which commands lock first: they are older.

    A kind's own row is locked with the document's, as its commands do.
    """
    earlier = DocumentLink.objects.filter(later__in=pks).values_list("earlier", flat=True)
    rows = Document.objects.filter(pk__in={*pks, *earlier}).order_by("pk")
    known = kinds()
    return {
        pk: known.get(kind, Document).objects.lock(pk)
        for pk, kind in rows.values_list("pk", "kind")
    }


def _require_same(seen: SeenRecord, verb: str) -> None:
    """Refused where the record has other values than those that were read."""
    row = apps.get_model(seen.kind)._default_manager.lock(seen.key)
    if mark_of(row) == seen.mark:
        return
    newest = AuditEntry.objects.filter(verb=verb).select_related("actor").order_by("-at")
    for entry in newest[:MAX_ENTRIES]:
        for change in entry.facts.get("changes", ()):
            if (change["kind"], change["id"]) == (row._meta.label, row.pk):
                raise _changed_by(entry, row, change)
    raise StaleVersion(
        sentence("{record} was changed meanwhile. Compare, and choose what is to stand."),
        field="If-Match",
        record=str(row),
    )


def _changed_by(entry: AuditEntry, row: Model, change: dict[str, Any]) -> StaleVersion:
    person = entry.actor
    told = {"by": person.login, "at": local(entry.at), "verb": entry.verb}
    return StaleVersion(
        sentence("{who} has changed {record} meanwhile. Compare, and choose what is to stand."),
        field="If-Match",
        details=[{**told, "before": change["before"], "after": change["after"]}],
        who={"zh": person.name_zh, "en": person.name_en},
        record=str(row),
    )


def _stale(document: Document, read: int) -> StaleVersion:
    told = list(_changes_since(document, read))
    values: dict[str, Any] = {"number": str(document), "now": document.version, "read": read}
    if not told:
        return StaleVersion(
            sentence(
                "{number} has version {now}, and you read version {read}. "
                "Open it again and repeat your change."
            ),
            field="If-Match",
            **values,
        )
    return StaleVersion(
        sentence(
            "{number} was changed after you read version {read}: {changes}. "
            "Open it again and repeat your change."
        ),
        field="If-Match",
        details=[one.row for one in told],
        changes=[one.told for one in reversed(told)],
        **values,
    )


class _Change(NamedTuple):
    row: dict[str, Any]
    told: Phrase


def _changes_since(document: Document, read: int) -> Iterator[_Change]:
    """The newest changes first, back to the version that was read; each entry names the one before.

    A row has who, when, by which verb, and of each changed field both values.
    """
    command_id = document.version_command_id
    for version in range(document.version, max(read, document.version - MAX_TOLD), -1):
        entry = AuditEntry.objects.select_related("actor").find(command_id or 0)
        if entry is None:
            return
        person, verb = entry.actor, entry.verb
        facts = entry.facts
        row: dict[str, Any] = {
            "document": str(document),
            "version": version,
            "by": person.login,
            "at": local(entry.at, document.site.time_zone),
            "verb": verb,
            "before": {},
            "after": {},
        }
        for change in facts.get("changes", ()):
            if (change["kind"], change["id"]) == (document._meta.label, document.pk):
                row["before"] = _plain(change["before"], document) | row["before"]
                row["after"] |= _plain(change["after"], document)
        names = {"zh": person.name_zh, "en": person.name_en}
        yield _Change(row, phrase(TOLD, who=names, verb=verb, version=version))
        command_id = facts["versions"][str(document.pk)][1]


def _plain(values: dict[str, str], document: Document) -> dict[str, Any]:
    """The values of an audit entry as they are told: states in words, moments by the site's clock.

    The entry has them as Python writes them.
    """
    return {name: _told(name, value, document) for name, value in values.items()}


def _told(name: str, value: str, document: Document) -> Any:
    if name == "state" and value:
        return phrase(STATE, state=value)
    if value in NOTHING:
        return NOTHING[value]
    if re.fullmatch(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d.*[+-]\d\d:\d\d", value):
        return local(datetime.fromisoformat(value), document.site.time_zone)
    return value


NOTHING = {"None": None, "True": True, "False": False}
STATE = sentence("{state}")
TOLD = sentence("{who} with “{verb}” (version {version})")
