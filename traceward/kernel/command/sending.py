"""Webhooks are sent: at least once, in order per subject, several at a time. # INT-01 INT-02

Bookkeeping of the worker, in threads of its own: neither sealing nor handlers wait for it. While
a message is under way no transaction is open; an advisory lock keeps every other thread and
worker from the same subject of the same webhook. What is not recorded is sent again.
"""

import contextlib
import logging
import os
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import Error, close_old_connections, connection, transaction
from django.db.models import QuerySet

from traceward.kernel.base.enclosed import CannotOpen, disclose
from traceward.kernel.base.models import Database
from traceward.kernel.base.refusals import Refusal, fill, sentence
from traceward.kernel.command.database_errors import is_lost
from traceward.kernel.command.delivery import system_actor
from traceward.kernel.command.webhooks import PURPOSE, pause_webhook
from traceward.kernel.outbox import http
from traceward.kernel.outbox.cloudevents import MEDIA_TYPE, Fact, body_of
from traceward.kernel.outbox.http import Answer
from traceward.kernel.outbox.models import (
    DeliveryState,
    Webhook,
    WebhookAttempt,
    WebhookDelivery,
    WebhookState,
)
from traceward.kernel.outbox.queue import queue_events
from traceward.kernel.outbox.rules import (
    GIVES_UP_AFTER,
    GONE,
    MAX_ATTEMPTS,
    is_delivered,
    pause_after,
    rest_after,
)
from traceward.kernel.outbox.signatures import signed_headers
from traceward.kernel.outbox.targets import UnusableAddress, target_of

LOG = logging.getLogger("traceward.worker")
THREADS = "TRACEWARD_WEBHOOK_THREADS"
DEFAULT_THREADS, MOST_THREADS = 4, 32
PAUSE_SECONDS = 0.5
#: Told to stop, what is under way may take so long; what is cut off is sent again.
END_SECONDS = 5.0
#: So many messages of a subject are sent before other subjects get their turn.
BURST = 20

ELSEWHERE = sentence(
    "Its secret was stored by another installation and cannot be used here: rotate it, then resume."
)
SAID_GONE = sentence("The consumer answered 410: it wants no more events.")
NOTHING_CAME = sentence("Nothing came through for {hours} hours. The last answer was: {said}.")

#: The first open one of each subject, where it is due; few of each webhook.
HEADS = """
SELECT d.webhook_id, d.subject, w.failures > 0
FROM outbox_webhook w CROSS JOIN LATERAL (
  SELECT x.webhook_id, x.subject, x.due_at, x.id FROM outbox_webhook_delivery x
  WHERE x.webhook_id = w.id AND x.state = 'queued' AND x.due_at <= tw_now()
    AND NOT EXISTS (
      SELECT FROM outbox_webhook_delivery b
      WHERE b.webhook_id = x.webhook_id AND b.subject = x.subject
        AND b.state IN ('queued', 'parked')
        AND (b.sequence, b.ordinal, b.id) < (x.sequence, x.ordinal, x.id))
  ORDER BY x.due_at, x.id LIMIT 50
) d
WHERE w.state = 'active' AND (w.resting_until IS NULL OR w.resting_until <= tw_now())
ORDER BY d.due_at, d.id
"""
#: The first open one of this subject, due or not.
HEAD = """
SELECT d.id, d.attempts, d.state = 'queued' AND d.due_at <= tw_now(),
       e.uid, e.name, e.subject, e.at, d.sequence, d.ordinal
FROM outbox_webhook_delivery d JOIN outbox_event e ON e.id = d.event_id
WHERE d.webhook_id = %s AND d.subject = %s AND d.state IN ('queued', 'parked')
ORDER BY d.sequence, d.ordinal, d.id LIMIT 1
"""


@dataclass(frozen=True)
class _Job:
    """One message that is to be sent now."""

    webhook: Webhook
    delivery_id: int
    attempts: int
    fact: Fact


class Sender:
    """Sends what is due; one for all threads of a process."""

    def __init__(self, threads: int, seconds: float = http.SECONDS) -> None:
        self.threads, self.seconds = threads, seconds
        self.stopping = threading.Event()
        self._waking = threading.Condition()
        self._guard = threading.Lock()
        self._busy: Counter[int] = Counter()

    def send_some(self) -> bool:
        """Some messages of one subject that is due and that nobody else is at; false if none is."""
        for webhook_id, subject, is_failing in _heads():
            with self._seat(webhook_id, is_failing) as has_seat:
                if has_seat and self._send_subject(webhook_id, subject):
                    return True
        return False

    @contextlib.contextmanager
    def _seat(self, webhook_id: int, is_failing: bool) -> Iterator[bool]:
        """A webhook never has all threads to itself, and one that fails has one only."""
        most = 1 if is_failing else max(1, self.threads - 1)
        with self._guard:
            has_seat = self._busy[webhook_id] < most
            self._busy[webhook_id] += has_seat
        try:
            yield has_seat
        finally:
            with self._guard:
                self._busy[webhook_id] -= has_seat

    def _send_subject(self, webhook_id: int, subject: uuid.UUID) -> int:
        sent = 0
        with alone(f"{webhook_id} {subject}") as is_alone:
            while is_alone and sent < BURST and not self.stopping.is_set():
                job = _job(webhook_id, subject)
                if job is None:
                    break
                sent += 1
                if not self._send(job):
                    break
        return sent

    def _send(self, job: _Job) -> bool:
        """Whether the message was handed over; what became of it is recorded either way."""
        try:
            keys = _keys(job.webhook)
        except CannotOpen:
            _pause(job.webhook, ELSEWHERE)
            return False
        body = body_of(job.fact, Database.objects.get(pk=1).uid)
        message_id = str(job.fact.uid)
        headers = {
            "Content-Type": MEDIA_TYPE,
            "User-Agent": "traceward",
            **signed_headers(keys, message_id, int(time.time()), body),
        }
        try:
            answer = http.post(target_of(job.webhook.url), headers, body, self.seconds)
        except UnusableAddress as refusal:
            answer = Answer(0, 0, str(refusal))
        if is_delivered(answer.status):
            _record_success(job, answer)
            return True
        _record_failure(job, answer)
        return False

    # --- Threads --------------------------------------------------------------------------

    def run_until(self, stopping: threading.Event) -> None:
        """Events are queued and sent until told to stop; an outage is told of elsewhere."""
        work = [
            threading.Thread(target=self._work, daemon=True, name=f"webhooks {n}")
            for n in range(self.threads)
        ]
        for thread in work:
            thread.start()
        told = ""
        while not stopping.is_set():
            close_old_connections()
            try:
                if queue_events() or _heads():
                    with self._waking:
                        self._waking.notify_all()
                told = ""
            except Exception as error:
                told = _tell(error, told)
            stopping.wait(PAUSE_SECONDS)
        self.stopping.set()
        with self._waking:
            self._waking.notify_all()
        give_up = time.monotonic() + END_SECONDS
        for thread in work:
            thread.join(max(0.0, give_up - time.monotonic()))
        connection.close()

    def _work(self) -> None:
        """Sleeps until woken, and sends until nothing is due; needs no connection before."""
        told, has_sent = "", False
        while not self.stopping.is_set():
            if not has_sent:
                with self._waking:
                    self._waking.wait()
            close_old_connections()
            try:
                has_sent, told = not self.stopping.is_set() and self.send_some(), ""
            except Exception as error:
                has_sent, told = False, _tell(error, told)
        connection.close()


def _tell(error: Exception, told: str) -> str:
    """The fault is logged, once for as long as it is the same; the next connection is new."""
    with contextlib.suppress(Error):  # a broken connection may not even close
        connection.close()
    is_outage = isinstance(error, Error) and is_lost(error)
    if not is_outage and repr(error) != told:
        LOG.error("webhooks: %r; it is tried again", error, exc_info=error)
    return repr(error)


def threads() -> int:
    """How many messages a worker sends at once: TRACEWARD_WEBHOOK_THREADS, 1 to 32."""
    given = os.environ.get(THREADS, "")
    return min(max(int(given), 1), MOST_THREADS) if given.isdecimal() else DEFAULT_THREADS


def run_until(stopping: threading.Event) -> None:
    """Webhooks are sent until told to stop."""
    Sender(threads()).run_until(stopping)


def _heads() -> list[tuple[int, uuid.UUID, bool]]:
    with connection.cursor() as cursor:
        cursor.execute(HEADS)
        return list(cursor.fetchall())


@contextlib.contextmanager
def alone(what: str) -> Iterator[bool]:
    """Whether no other thread or worker is sending this; a killed one lets go of it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 7207))", [what])
        is_alone = bool(cursor.fetchone()[0])
    try:
        yield is_alone
    finally:
        if is_alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 7207))", [what])


def _job(webhook_id: int, subject: uuid.UUID) -> _Job | None:
    """The next message of the subject, if it is due and the webhook may send."""
    webhook = Webhook.objects.get(pk=webhook_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT tw_now()")
        now: datetime = cursor.fetchone()[0]
        if webhook.state != WebhookState.ACTIVE or (webhook.resting_until or now) > now:
            return None
        cursor.execute(HEAD, [webhook_id, subject])
        row = cursor.fetchone()
    if row is None or not row[2]:
        return None
    delivery_id, attempts, _, uid, name, about, at, sequence, ordinal = row
    data = WebhookDelivery.objects.values_list("event__data", flat=True).get(pk=delivery_id)
    fact = Fact(uid, name, about, at, sequence, ordinal, data)
    return _Job(webhook, delivery_id, attempts, fact)


def _keys(webhook: Webhook) -> list[bytes]:
    """The secret, and the former one while it still counts."""
    keys = [disclose(webhook.secret, PURPOSE)]
    if webhook.former_secret_until and webhook.former_secret_until > database_now():
        keys.append(disclose(webhook.former_secret, PURPOSE))
    return keys


def database_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tw_now()")
        now: datetime = cursor.fetchone()[0]
    return now


def _record_success(job: _Job, answer: Answer) -> None:
    with transaction.atomic():
        now = _attempted(job, answer)
        if job.webhook.failures:
            Webhook.objects.filter(pk=job.webhook.pk).update(
                failures=0, failing_since=None, resting_until=None
            )
        _waiting(job).update(
            state=DeliveryState.DELIVERED, attempts=job.attempts + 1, settled_at=now, why=""
        )


def _record_failure(job: _Job, answer: Answer) -> None:
    """The event is tried again later, or parked; the webhook rests, or is paused."""
    attempts = job.attempts + 1
    why = f"{answer.status or ''} {answer.text}".strip()
    with transaction.atomic():
        webhook: Webhook = Webhook.objects.lock(job.webhook.pk)
        now = _attempted(job, answer)
        rest = rest_after(webhook.failures + 1)
        webhook.failures += 1
        webhook.failing_since = webhook.failing_since or now
        webhook.resting_until = now + rest if rest else None
        webhook.save(update_fields=["failures", "failing_since", "resting_until"])
        is_over = attempts >= MAX_ATTEMPTS
        pause = pause_after(attempts, random.random(), answer.wish)
        _waiting(job).update(
            state=DeliveryState.PARKED if is_over else DeliveryState.QUEUED,
            attempts=attempts,
            due_at=now + pause,
            settled_at=now if is_over else None,
            why=why,
        )
        failing = now - webhook.failing_since
    if answer.status == GONE:
        _pause(webhook, SAID_GONE)
    elif failing >= GIVES_UP_AFTER:
        hours = failing // timedelta(hours=1)
        _pause(webhook, NOTHING_CAME, hours=hours, said=why)


def _attempted(job: _Job, answer: Answer) -> datetime:
    """The attempt is in the log; gives the time."""
    now = database_now()
    WebhookAttempt.objects.create(
        delivery_id=job.delivery_id,
        at=now,
        milliseconds=answer.milliseconds,
        status=answer.status,
        answer=answer.text,
    )
    return now


def _waiting(job: _Job) -> QuerySet[WebhookDelivery]:
    """The delivery, unless a replay has replaced it meanwhile."""
    return WebhookDelivery.objects.filter(pk=job.delivery_id, state=DeliveryState.QUEUED)


def _pause(webhook: Webhook, why: str, **values: object) -> None:
    """Paused as the system, on record like any other pause; one that is paused stays so."""
    reason = " ".join(fill(why, values, language) for language in ("zh-hans", "en"))
    with contextlib.suppress(Refusal):
        pause_webhook(webhook.uid, reason, by=system_actor())
