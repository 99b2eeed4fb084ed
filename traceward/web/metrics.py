"""/metrics: figures for Prometheus, from the database and from this process.

From this machine only, or with the token in TRACEWARD_METRICS_TOKEN; with a token set, only with
it, so that a proxy on this machine lets nobody in. (docs/reference/operations.md)
"""

import ipaddress
import os
import time
from collections.abc import Iterator

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from traceward.domain.stock.checkpoints import newest_checkpoint
from traceward.kernel.base.refusals import fill, sentence
from traceward.kernel.command import figures
from traceward.kernel.command.watching import FIGURES

TOKEN = "TRACEWARD_METRICS_TOKEN"
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")
CLOSED = sentence("Ask from this machine, or send the token of {variable}.")


def metrics(request: HttpRequest) -> HttpResponse:
    """The figures as text; 403 for whoever may not read them."""
    if not is_allowed(request):
        told = fill(CLOSED, {"variable": TOKEN}, "en")
        return HttpResponse(f"{told}\n", status=403, content_type="text/plain; charset=utf-8")
    shared = CollectorRegistry(auto_describe=False)
    shared.register(FromDatabase())
    text = generate_latest(shared) + generate_latest(FIGURES)
    return HttpResponse(text, content_type=MEDIA_TYPE)


def is_allowed(request: HttpRequest) -> bool:
    """Whether who asks has the token; without one, whether they are on this machine."""
    token = os.environ.get(TOKEN, "")
    if token:
        given = request.headers.get("Authorization", "")
        return constant_time_compare(given, f"Bearer {token}")
    if any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


class FromDatabase(Collector):
    """What is true for the whole installation, whichever server is asked."""

    def collect(self) -> Iterator[Metric]:
        found: list[Metric] = []
        try:
            found = list(_figures())
        except Error:
            connection.close()
        yield _gauge("up", "Whether the database answers", 1.0 if found else 0.0)
        yield from found


def _gauge(name: str, told: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"traceward_{name}", told, value=value)


def _by(name: str, told: str, label: str, rows: dict[str, float]) -> GaugeMetricFamily:
    made = GaugeMetricFamily(f"traceward_{name}", told, labels=[label])
    for key, value in rows.items():
        made.add_metric([key], value)
    return made


def _waiting(name: str, told: str, found: figures.Waiting) -> Iterator[Metric]:
    yield _gauge(name, told, found.count)
    yield _gauge(f"{name}_oldest_seconds", "How long the oldest of them waits", found.seconds)


def _figures() -> Iterator[Metric]:
    yield from _waiting(
        "unsequenced_commands", "Commands without a place in the order", figures.sequencing()
    )
    yield from _waiting("unsealed_commands", "Commands in no seal yet", figures.sealing())
    yield from _waiting(
        "held_commands", "Commands that wait for a decision", figures.held_commands()
    )
    found = figures.handlers()
    yield _by(
        "handler_events",
        "Events that the handler was not given yet",
        "handler",
        {verb: one.count for verb, one in found.items()},
    )
    yield _by(
        "handler_oldest_seconds",
        "How long the oldest of them waits",
        "handler",
        {verb: one.seconds for verb, one in found.items()},
    )
    yield _gauge("parked_events", "Events that nobody settled yet", figures.parked_events())
    yield from _webhooks()
    yield from _ledger()
    yield from _database()


#: Figure → what it says, of each webhook.
OF_WEBHOOKS = {
    "queued": "Events that wait for it",
    "behind": "Commands whose events were not looked at for it yet",
    "parked": "Events that were tried too often",
    "failures": "Failed attempts since the last one that came through",
    "failing_seconds": "How long nothing has come through",
    "oldest_seconds": "How old the oldest event is that waits",
}


def _webhooks() -> Iterator[Metric]:
    found = figures.webhooks()
    active = {str(webhook.uid): float(webhook.state == "active") for webhook in found}
    yield _by("webhook_active", "1 where it sends, 0 where it is paused", "webhook", active)
    for name, told in OF_WEBHOOKS.items():
        rows = {str(webhook.uid): float(getattr(webhook, name)) for webhook in found}
        yield _by(f"webhook_{name}", told, "webhook", rows)


def _ledger() -> Iterator[Metric]:
    verified = figures.last_verification()
    if verified is not None:
        yield _gauge("verify_findings", "What the last verification found", verified.findings)
        yield _gauge("verify_timestamp_seconds", "When it was, since 1970", verified.at.timestamp())
    newest = newest_checkpoint()
    if newest is not None:
        yield _gauge(
            "checkpoint_timestamp_seconds", "The newest checkpoint's moment", newest.timestamp()
        )


def _database() -> Iterator[Metric]:
    found = figures.database()
    yield _gauge("database_size_bytes", "How large the database is", found.size_bytes)
    yield _gauge("database_connections", "Connections to the database", found.connections)
    yield _gauge("database_connections_max", "How many it may have", found.max_connections)
    yield _by("jobs", "Scheduled jobs by status", "status", dict(figures.jobs()))
    yield _gauge(
        "jobs_overdue_seconds", "How long the oldest due job waits", figures.overdue_job_seconds()
    )
    yield _gauge("scrape_timestamp_seconds", "The server's own clock", time.time())
