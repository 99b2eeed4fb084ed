"""One command for the ledger's own tests: whatever `stock_post` takes, in one post."""

import uuid
from datetime import datetime

from django.db import connection

from traceward.domain.stock.commands import collect, promise, relate
from traceward.domain.stock.models import Code, Lot
from traceward.domain.stock.rules import Edge, Leg, Promise
from traceward.kernel.audit.models import Signature
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.documents.models import Document, DocumentLine
from traceward.kernel.org import roles
from traceward.kernel.org.models import Site
from traceward.kernel.org.scope import WHOLE_GROUP

SIGNED = frozenset({Code.RELEASE, Code.REJECT, Code.WRITE_OFF})


@command("testing.ledger", roles=(roles.SYSTEM,), scope=lambda **_: [WHOLE_GROUP])
def post_all(
    legs: list[Leg],
    *,
    promises: list[Promise] | None = None,
    edges: list[Edge] | None = None,
    happened_at: datetime | None = None,
    reason: str | None = None,
    signed: bool = True,
    signer_id: int | None = None,
    expires_at: datetime | None = None,
    by: Actor,
) -> int:
    """Legs, promises and edges as they are given; signed unless told otherwise."""
    if signed and any(leg.code in SIGNED for leg in legs):
        lot = Lot.objects.filter(pk=legs[0].lot_id).first()
        Signature.objects.create(
            person_id=signer_id or by.person_id,
            at=by.now,
            meaning="test",
            subject_kind="lot",
            subject_uid=lot.uid if lot else uuid.UUID(int=0),
            content_hash=bytes(32),
            command_id=by.work.command_id,
        )
    posting = collect(legs, by=by)
    posting.happened_at, posting.backdate_reason = happened_at, reason
    if promises:
        promise(promises, expires_at=expires_at, by=by)
    if edges:
        relate(edges, by=by)
    return len(legs)


@command("testing.post_twice", roles=(roles.SYSTEM,), scope=lambda **_: [WHOLE_GROUP])
def post_twice(legs: list[Leg], *, by: Actor) -> int:
    """The legs are posted, and posted again at the end: a fault of ours that is not let through."""
    collect(legs, by=by)
    for closer in by.work.closers.values():
        closer()
    return len(legs)


def demand_line(site: Site, person_id: int, now: datetime) -> int:
    """A line of a document, to promise goods to."""
    document = Document.objects.create(
        kind="sales.order",
        legal_entity_id=site.legal_entity_id,
        site=site,
        state="open",
        created_at=now,
        created_by_id=person_id,
    )
    return DocumentLine.objects.create(document=document, line_number=1).pk


def database_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tw_now()")
        return cursor.fetchone()[0]


def set_clock(moment: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tw_set_clock(%s)", [moment])
