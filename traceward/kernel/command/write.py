"""What a command's body says about its work: events, changes, signatures, documents."""

import dataclasses
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Model

from traceward.kernel.audit.models import Signature
from traceward.kernel.base import arrays, ids
from traceward.kernel.base.canonical import canonical_json, digest
from traceward.kernel.base.refusals import InvalidInput, SamePerson, sentence
from traceward.kernel.base.rows import add_row, add_rows, save_rows
from traceward.kernel.command import numbers
from traceward.kernel.command.actor import Actor, EmittedEvent, Versioned
from traceward.kernel.documents.models import Document, DocumentLine
from traceward.kernel.org.models import Site
from traceward.kernel.rules.queries import ParameterReader
from traceward.kernel.rules.rules import Decided

#: What is changed of a document that counts a command.
COUNTED = ("version", "version_command_id")
MAX_EVENT_BYTES = 64_000
#: So many rules are named in an audit entry.
MAX_RULES = 50


def emit(event: Any, *, subject: uuid.UUID | None = None, by: Actor) -> None:
    """The event goes out after the commit. Its fields name records; readers fetch the lines."""
    data = canonical_json(dataclasses.asdict(event)).decode()
    if len(data.encode()) > MAX_EVENT_BYTES:
        raise AssertionError(f"{type(event).__name__} is over 64 KB: name the document instead")
    name = f"{by.verb}.{type(event).__name__}"
    by.work.events.append(EmittedEvent(ids.new_uid(), name, subject, data))


def record_change(row: Model, before: dict[str, Any], after: dict[str, Any], *, by: Actor) -> None:
    """The audit entry says what was there and what is there now."""
    by.work.changes.append(
        {
            "kind": row._meta.label,
            "id": row.pk,
            "before": {k: str(v) for k, v in before.items()},
            "after": {k: str(v) for k, v in after.items()},
        }
    )


def amend(row: Model, *, by: Actor, **values: Any) -> None:
    """The locked row has the new values, and the audit entry both."""
    changed = set_values(row, by=by, **values)
    if changed:
        row.save(update_fields=changed)


def set_values(row: Model, *, by: Actor, **values: Any) -> list[str]:
    """The same, of rows that are saved together by `save_rows`; the names of what changed."""
    before = {name: getattr(row, name) for name in values}
    changed = {name: value for name, value in values.items() if before[name] != value}
    if not changed:
        return []
    for name, value in changed.items():
        setattr(row, name, value)
    record_change(row, {n: before[n] for n in changed}, changed, by=by)
    counted = count_change(row, by=by) if isinstance(row, Document) else []
    return [*changed, *counted]


def apply_rules(rules: ParameterReader, context: Mapping[str, Any], *, by: Actor) -> Decided:
    """What the rules in force say here; the audit entry names the rule and its version."""
    decided = rules.value_for(context)
    used = by.work.facts.setdefault("rules", [])
    if decided.rule not in used and len(used) < MAX_RULES:
        used.append(decided.rule)
    return decided


def enter(document: Document, state: str, *, by: Actor) -> None:
    """The locked document stands in the new state, and the audit entry says so."""
    save_rows([document], step(document, state, by=by))


def step(document: Document, state: str, *, by: Actor) -> list[str]:
    """The same, of documents that are saved together by `save_rows`; the names of what changed."""
    before = document.enter(state)
    record_change(document, {"state": before}, {"state": state}, by=by)
    return ["state", *count_change(document, by=by)]


def touch(document: Document, *, by: Actor) -> None:
    """The locked document counts a version more, since its lines or what belongs to it changed."""
    counted = count_change(document, by=by)
    save_rows([document], counted)


def count_change(document: Document, *, by: Actor) -> list[str]:
    """The same, of documents that are saved together; a command counts once. docs/adr/0090"""
    versions = by.work.versions
    if document.pk in versions:
        return []
    versions[document.pk] = Versioned(document.version + 1, document.version_command_id)
    document.version, document.version_command_id = document.version + 1, by.work.command_id
    return list(COUNTED)


def created(row: Model, *, by: Actor, **values: Any) -> None:
    """The audit entry says that the row was made, with these values."""
    record_change(row, {}, values, by=by)


def open_document(document: Document, *, site: Site, state: str, by: Actor) -> None:
    """The new document is saved in its first state; its number comes at the command's end."""
    _begin(document, site, state, by)
    add_row(document)
    _issue(document, state, by)


def open_documents(documents: Sequence[Document], *, site: Site, state: str, by: Actor) -> None:
    """The same for many of one kind, whatever their number in as many statements."""
    for document in documents:
        _begin(document, site, state, by)
    for document in add_rows(documents):
        _issue(document, state, by)


def _begin(document: Document, site: Site, state: str, by: Actor) -> None:
    document.kind = document.KIND
    document.site, document.legal_entity_id = site, site.legal_entity_id
    document.state, document.created_at, document.created_by_id = state, by.now, by.person_id
    document.version_command_id = by.work.command_id


def _issue(document: Document, state: str, by: Actor) -> None:
    by.work.versions[document.pk] = Versioned(document.version, None)
    numbers.issue(document, by)
    created(document, by=by, uid=document.uid, state=state)


def add_lines(document: Document, count: int, *, after: int = 0) -> list[DocumentLine]:
    """So many lines more, numbered on from `after`."""
    lines = [DocumentLine(document_id=document.pk, line_number=after + n + 1) for n in range(count)]
    for line, pk in zip(lines, _lines([x.uid for x in lines], document, after), strict=True):
        line.pk = pk
        line._state.adding, line._state.db = False, connection.alias
    return lines


def add_line_ids(document: Document, count: int) -> list[int]:
    """The same from the first one on, of which only the keys are asked for."""
    return _lines([ids.new_uid() for _ in range(count)], document, 0)


def _lines(uids: Iterable[uuid.UUID], document: Document, after: int) -> list[int]:
    """A line for each uid is written, by one statement; their keys in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO documents_line (uid, document_id, line_number)"
            " SELECT x.uid, %s, %s + x.n FROM unnest(%s::uuid[]) WITH ORDINALITY x(uid, n)"
            " RETURNING line_number, id",
            [document.pk, after, arrays.uids(uids)],
        )
        return [pk for _, pk in sorted(cursor.fetchall())]


def link(earlier: Document, later: Document, kind: str) -> None:
    """The later document belongs to the earlier one."""
    link_all([(earlier, later)], kind)


def link_all(pairs: Iterable[tuple[Document, Document]], kind: str) -> None:
    """The later document of each pair belongs to the earlier one; one statement."""
    known = [(ids.new_uid(), earlier.pk, later.pk) for earlier, later in pairs]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO documents_link (uid, earlier_id, later_id, kind)"
            " SELECT *, %s FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[])",
            [kind, *([row[n] for row in known] for n in range(3))],
        )


def sign(
    meaning: str, *, kind: str, uid: uuid.UUID, content: dict[str, Any], by: Actor
) -> Signature:
    """The person has signed this content with this meaning; the entry carries its hash. # QUA-04"""
    signature = signed(meaning, kind=kind, uid=uid, content=content, by=by)
    signature.save(force_insert=True)
    return signature


def signed(
    meaning: str, *, kind: str, uid: uuid.UUID, content: dict[str, Any], by: Actor
) -> Signature:
    """The same, of signatures that the caller writes together by `add_rows`."""
    assert by.is_reauthenticated, "the runner refuses a signed command without re-authentication"
    if by.device is not None and by.device.happened_at is not None:
        raise InvalidInput(
            sentence("A signed decision counts from now. Send it without another moment."),
            field="happened_at",
        )
    signature = Signature(
        person_id=by.person_id,
        at=by.now,
        meaning=meaning,
        subject_kind=kind,
        subject_uid=uid,
        content_hash=digest(content),
        command_id=by.work.command_id,
    )
    by.work.signatures.append(
        {
            "uid": str(signature.uid),
            "meaning": meaning,
            "subject": str(uid),
            "content_hash": signature.content_hash.hex(),
        }
    )
    return signature


STEP_BEFORE = sentence(
    "You did the step before this one yourself. Ask another person to do this one."
)


def require_other_person(
    did_before: int, *, by: Actor, said: str = STEP_BEFORE, **values: Any
) -> None:
    """Refused where the same person did the step before, in these words. # ORG-03"""
    if did_before == by.person_id:
        raise SamePerson(said, **values)
