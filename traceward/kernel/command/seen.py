"""Documents as a caller read them: the command is refused where one has changed since.

docs/adr/0090
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from traceward.kernel.audit.models import AuditEntry
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
TAG = re.compile(r'"?([1-9]\d{0,17})-([1-9]\d{0,8})"?')


@dataclass(frozen=True)
class Seen:
    """The id of a document, and the version of it that was read."""

    document_id: int
    version: int

    def plain(self) -> list[int]:
        """As it stands in the digest of the request."""
        return [self.document_id, self.version]


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


def require_unchanged(read: Sequence[Seen], grants: Sequence[Grant]) -> None:
    """Each document that the caller read is locked; refused where one has changed since.

    It is locked before anything else of the command, so of two callers who read the same version
    one waits for the other, and is refused.
    """
    locked = _locked([seen.document_id for seen in read])
    for seen in read:
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
