"""/metrics tells how the installation stands, to whoever may know."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from tests.kernel.verbs import name_party
from tests.ledger import database_now
from tests.world import World
from traceward.kernel.audit.models import Verification
from traceward.kernel.command import figures, webhooks
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles
from traceward.kernel.outbox.models import Event, ParkedEvent, Webhook, WebhookDelivery
from traceward.web.metrics import TOKEN


def asked(**headers: str) -> dict[tuple[str, str], float]:
    """Name and first label → value; series of one label only."""
    answer = Client().get("/metrics", headers=headers)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, next(iter(sample.labels.values()), "")): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
        if len(sample.labels) < 2
    }


def test_the_figures(world: World) -> None:  # INT-01 INT-04
    set_up_roles()
    by = world.by(roles.ADMINISTRATOR)
    hook = webhooks.register_webhook("ERP", "http://127.0.0.1:9/", ["testing.*"], by=by)
    name_party("Lan", by=world.by(roles.SYSTEM))
    event = Event.objects.get(name="testing.name.PartyNamed")
    ParkedEvent.objects.create(
        handler="testing.greet", event=event, parked_at=database_now(), why="a fault"
    )
    row = Webhook.objects.get(uid=hook.webhook_uid)
    for replay, state in enumerate(("queued", "parked")):
        WebhookDelivery.objects.create(
            webhook=row,
            event=event,
            sequence=1,
            ordinal=1,
            subject=uuid.uuid4(),
            replay=replay,
            state=state,
            due_at=database_now(),
        )
    Webhook.objects.filter(pk=row.pk).update(
        failures=3, failing_since=database_now() - timedelta(minutes=2)
    )
    Verification.objects.create(
        at=database_now(), seconds=1.5, seals=3, is_fast=False, findings=2, first_finding="a seal"
    )
    found = asked()
    uid = str(row.uid)
    assert found["traceward_up", ""] == 1
    assert found["traceward_unsequenced_commands", ""] >= 2
    assert found["traceward_parked_events", ""] == 1
    assert found["traceward_held_commands", ""] == 0
    assert found["traceward_webhook_active", uid] == 1
    assert found["traceward_webhook_queued", uid] == 1
    assert found["traceward_webhook_parked", uid] == 1
    assert found["traceward_webhook_failures", uid] == 3
    assert found["traceward_webhook_failing_seconds", uid] >= 120
    assert found["traceward_verify_findings", ""] == 2
    assert found["traceward_database_size_bytes", ""] > 1_000_000
    assert found["traceward_database_connections", ""] >= 1
    assert ("traceward_unsealed_commands_oldest_seconds", "") in found
    assert ("traceward_jobs_overdue_seconds", "") in found


def test_requests_and_commands_are_counted(world: World) -> None:
    Client().get("/api/nothing")
    text = Client().get("/metrics").content.decode()
    assert 'route="(unknown)",status="404"' in text
    assert "traceward_command_seconds_bucket" in text or "traceward_command_seconds" in text


def test_the_figures_without_a_database(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> None:
        raise OperationalError("the server is away")

    monkeypatch.setattr(figures, "_row", away)
    monkeypatch.setattr("traceward.web.metrics.connection.close", lambda: None)
    assert asked()["traceward_up", ""] == 0


def test_only_this_machine_or_the_token_may_ask(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:  # SEC-02
    def status(address: str = "127.0.0.1", **headers: str) -> int:
        client = Client(REMOTE_ADDR=address)
        return client.get("/metrics", headers=headers).status_code

    monkeypatch.delenv(TOKEN, raising=False)
    assert status() == 200
    assert status("::1") == 200
    assert status("192.0.2.7") == 403
    assert status("nowhere") == 403
    assert status(**{"X-Forwarded-For": "192.0.2.7"}) == 403, "a proxy asks for somebody else"
    assert status(Authorization="Bearer ") == 200
    monkeypatch.setenv(TOKEN, "tw-scrape")
    assert status() == 403
    assert status(Authorization="Bearer wrong") == 403
    assert status("192.0.2.7", Authorization="Bearer tw-scrape") == 200
