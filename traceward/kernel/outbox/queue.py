"""Events are queued for the webhooks that want them, in order, each once. No command: it decides
nothing, and may be run at any time, by anybody, as often as wished.
"""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from traceward.kernel.org.scope import WHOLE_GROUP, Grant, ScopeKey, uncovered
from traceward.kernel.outbox.models import (
    CommandOrder,
    DeliveryState,
    Webhook,
    WebhookDelivery,
    WebhookState,
)
from traceward.kernel.outbox.rules import is_wanted

#: Events that are looked at in one transaction.
BATCH = 500
#: Behind so many that wait nothing more is queued: a replay of years must not copy them all.
MAX_WAITING = 5_000
#: Behind all events of a command.
LAST_ORDINAL = 2**31 - 1

EVENTS = """
SELECT o.sequence, e.ordinal, e.id, coalesce(e.subject, e.uid), e.name,
       a.detail::jsonb -> 'scope', tw_now()
FROM outbox_order o
JOIN outbox_event e ON e.command_id = o.command_id
JOIN audit_entry a ON a.id = o.command_id
WHERE o.sequence >= %s AND o.sequence <= %s AND (o.sequence, e.ordinal) > (%s, %s)
ORDER BY o.sequence, e.ordinal LIMIT %s
"""


@dataclass(frozen=True)
class _Event:
    sequence: int
    ordinal: int
    pk: int
    subject: uuid.UUID
    name: str
    scope: list[ScopeKey]
    now: datetime


def queue_events() -> int:
    """Every active webhook has the events that it wants in its queue; says how many were new."""
    end = last_sequence()
    behind = Webhook.objects.filter(state=WebhookState.ACTIVE).exclude(
        last_sequence=end, last_ordinal=LAST_ORDINAL
    )
    return sum(_queue_for(pk) for pk in behind.order_by("pk").values_list("pk", flat=True))


def last_sequence() -> int:
    """The newest place in the order."""
    return CommandOrder.objects.aggregate(end=Max("sequence"))["end"] or 0


def _queue_for(pk: int) -> int:
    """Batch after batch, until the webhook has seen everything or enough is waiting."""
    queued = 0
    while True:
        with transaction.atomic():
            webhook: Webhook = Webhook.objects.lock(pk)
            waiting = WebhookDelivery.objects.filter(webhook=webhook, state=DeliveryState.QUEUED)
            if webhook.state != WebhookState.ACTIVE or waiting.count() >= MAX_WAITING:
                return queued
            end = last_sequence()  # now that nobody else moves this webhook on
            events = list(_events_after(webhook, end))
            queued += _queue(webhook, events)
            is_all = len(events) < BATCH
            webhook.last_sequence = end if is_all else events[-1].sequence
            webhook.last_ordinal = LAST_ORDINAL if is_all else events[-1].ordinal
            webhook.save(update_fields=["last_sequence", "last_ordinal"])
        if is_all:
            return queued


def _events_after(webhook: Webhook, end: int) -> Iterator[_Event]:
    after = [webhook.last_sequence, end, webhook.last_sequence, webhook.last_ordinal]
    with connection.cursor() as cursor:
        cursor.execute(EVENTS, [*after, BATCH])
        rows = cursor.fetchall()
    for sequence, ordinal, pk, subject, name, scope, now in rows:
        yield _Event(sequence, ordinal, pk, subject, name, _scope(scope), now)


def _scope(stored: Any) -> list[ScopeKey]:
    """Where the command counted; one from before this was noted is the whole group's."""
    keys = json.loads(stored) if isinstance(stored, str) else stored
    return [ScopeKey(*key) for key in keys or ()] or [WHOLE_GROUP]


def _queue(webhook: Webhook, events: list[_Event]) -> int:
    """An event goes out only where the webhook covers everything that it is about. # ORG-03"""
    granted = Grant(webhook.legal_entity_id, webhook.site_id)
    rows = [
        WebhookDelivery(
            webhook=webhook,
            event_id=event.pk,
            sequence=event.sequence,
            ordinal=event.ordinal,
            subject=event.subject,
            replay=webhook.replays,
            due_at=event.now,
        )
        for event in events
        if is_wanted(event.name, webhook.patterns) and not uncovered([granted], event.scope)
    ]
    WebhookDelivery.objects.bulk_create(rows)
    return len(rows)
