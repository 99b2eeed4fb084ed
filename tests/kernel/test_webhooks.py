"""Webhooks are registered, changed, paused, resumed, removed and rotated; secrets stay secret."""

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connections

from tests.kernel.verbs import entry
from tests.ledger import database_now
from tests.refusing import refused
from tests.world import World
from traceward.kernel.base.enclosed import disclose
from traceward.kernel.base.refusals import InvalidInput, NotFound, WrongState
from traceward.kernel.command import webhooks
from traceward.kernel.command.models import AnsweredRequest
from traceward.kernel.command.registry import REGISTRY
from traceward.kernel.command.run import Done, run_json
from traceward.kernel.command.shown_once import HIDDEN, ShownOnce
from traceward.kernel.org import roles
from traceward.kernel.outbox.models import Event, Webhook, WebhookDelivery
from traceward.kernel.outbox.signatures import secret_text
from traceward.kernel.outbox.targets import UnusableAddress

URL = "http://127.0.0.1:9/events"


def registered(world: World, **values: Any) -> uuid.UUID:
    given = {"name": "ERP", "url": URL, "patterns": ["stock.*"], **values}
    return webhooks.register_webhook(**given, by=world.by(roles.ADMINISTRATOR)).webhook_uid


def parked_delivery(world: World) -> uuid.UUID:
    """An event that was tried too often."""
    webhook = Webhook.objects.get(uid=registered(world))
    event = Event.objects.create(
        command_id=1, ordinal=1, at=database_now(), name="stock.block.StockBlocked", data={}
    )
    row = WebhookDelivery.objects.create(
        webhook=webhook,
        event=event,
        sequence=1,
        ordinal=1,
        subject=event.uid,
        replay=0,
        state="parked",
        attempts=10,
        due_at=database_now(),
    )
    return row.uid


def test_the_secret_is_shown_once_and_stands_nowhere(world: World) -> None:  # INT-02 SEC-02
    asking = world.by(roles.ADMINISTRATOR)
    arguments = {"name": "ERP", "url": URL, "patterns": ["stock.*"]}
    done = run_json("outbox.register_webhook", arguments, asking)
    assert isinstance(done, Done)
    answer = done.answer
    command = REGISTRY["outbox.register_webhook"]
    secret = command.told(answer)["secret"]
    assert secret.startswith("whsec_")
    webhook = Webhook.objects.get(uid=answer.webhook_uid)
    assert secret_text(disclose(webhook.secret, webhooks.PURPOSE)) == secret
    assert secret.encode() not in bytes(webhook.secret)
    # A retry gets the same answer, without the secret; so does whoever reads the records.
    again = run_json("outbox.register_webhook", arguments, asking)
    assert isinstance(again, Done)
    assert command.told(again.answer) == {"webhook_uid": str(webhook.uid), "secret": HIDDEN}
    stored = AnsweredRequest.objects.get(request_id=asking.request_id)
    assert secret not in stored.answer + entry(asking).detail
    assert json.loads(stored.answer)["secret"] == HIDDEN
    assert repr(ShownOnce(secret)) == HIDDEN


def test_the_verifying_role_reads_no_secret(world: World) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT a.attname, has_column_privilege('traceward_verify', a.attrelid, a.attnum,"
            " 'SELECT') FROM pg_attribute a WHERE a.attrelid = 'outbox_webhook'::regclass"
            " AND a.attnum > 0"
        )
        readable = dict(cursor.fetchall())
    assert not readable["secret"]
    assert not readable["former_secret"]
    assert readable["url"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"),
        ({"patterns": []}, "patterns"),
        ({"patterns": ["stock.*"] * 51}, "patterns"),
        ({"patterns": ["stok.*"]}, "patterns"),
        ({"patterns": ["stock.block"]}, "patterns"),
        ({"patterns": ["stock.[a-z]*"]}, "patterns"),
        ({"url": "ftp://127.0.0.1/"}, "url"),
    ],
)
def test_what_cannot_be_subscribed_to_is_refused(
    world: World, values: dict[str, Any], field: str
) -> None:
    kind = UnusableAddress if field == "url" else InvalidInput
    given = {"name": "ERP", "url": URL, "patterns": ["stock.*"], **values}
    with refused(kind, field):
        webhooks.register_webhook(**given, by=world.by(roles.ADMINISTRATOR))


@pytest.mark.parametrize(
    "pattern", ["*", "stock.*", "stock.block.*", "stock.block.StockBlocked", "*.StockBlocked"]
)
def test_patterns_of_events(world: World, pattern: str) -> None:
    assert registered(world, patterns=[pattern])


def test_it_hears_of_a_site_or_a_legal_entity(world: World) -> None:
    webhook = Webhook.objects.get(uid=registered(world, site_id=world.shanghai.pk))
    assert (webhook.legal_entity, webhook.site) == (world.entity, world.shanghai)
    with refused(NotFound, "legal_entity_id"):
        webhooks.register_webhook(
            "ERP", URL, ["*"], legal_entity_id=0, by=world.by(roles.ADMINISTRATOR)
        )
    with refused(InvalidInput, "site_id"):
        webhooks.register_webhook(
            "ERP",
            URL,
            ["*"],
            legal_entity_id=world.entity.pk + 1,
            site_id=world.shanghai.pk,
            by=world.by(roles.ADMINISTRATOR),
        )


def test_a_webhook_is_changed_paused_resumed_and_removed(world: World) -> None:
    uid, by = registered(world), world.by(roles.ADMINISTRATOR)
    webhooks.change_webhook(uid, name="WMS", patterns=["sales.*"], by=by.asking())
    webhook = Webhook.objects.get(uid=uid)
    assert (webhook.name, webhook.url, webhook.patterns) == ("WMS", URL, ["sales.*"])
    with refused(UnusableAddress, "url"):
        webhooks.change_webhook(uid, url="http://", by=by.asking())
    with refused(WrongState):
        webhooks.resume_webhook(uid, by=by.asking())
    with refused(InvalidInput, "reason"):
        webhooks.pause_webhook(uid, " ", by=by.asking())
    assert webhooks.pause_webhook(uid, "stocktaking", by=by.asking()).state == "paused"
    assert webhooks.resume_webhook(uid, by=by.asking()).state == "active"
    with refused(InvalidInput, "reason"):
        webhooks.remove_webhook(uid, "", by=by.asking())
    assert webhooks.remove_webhook(uid, "replaced", by=by.asking()).state == "removed"
    webhook.refresh_from_db()
    assert (webhook.state, webhook.reason) == ("removed", "replaced")
    with refused(WrongState):
        webhooks.resume_webhook(uid, by=by.asking())
    with refused(NotFound):
        webhooks.pause_webhook(uuid.uuid4(), "nothing", by=by.asking())


def test_a_removed_webhook_drops_what_waits(world: World) -> None:
    delivery = WebhookDelivery.objects.get(uid=parked_delivery(world))
    by = world.by(roles.ADMINISTRATOR)
    webhooks.remove_webhook(delivery.webhook.uid, "replaced", by=by)
    delivery.refresh_from_db()
    assert delivery.state == "replaced"
    assert entry(by).facts["dropped"] == 1


def test_a_secret_is_rotated(world: World) -> None:
    uid, by = registered(world), world.by(roles.ADMINISTRATOR)
    before = bytes(Webhook.objects.get(uid=uid).secret)
    made = webhooks.rotate_webhook_secret(uid, overlap_hours=1, by=by)
    webhook = Webhook.objects.get(uid=uid)
    assert bytes(webhook.former_secret) == before
    assert webhook.former_secret_until == made.former_until
    assert made.secret.reveal() not in entry(by).detail
    with refused(InvalidInput, "overlap_hours"):
        webhooks.rotate_webhook_secret(uid, overlap_hours=169, by=by.asking())


def test_a_replay_says_from_where(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    uid, by = registered(world), world.by(roles.ADMINISTRATOR)
    moment = database_now() - timedelta(days=1)
    for given in (
        {},
        {"from_sequence": 1, "from_moment": moment},
        {"from_moment": datetime(2026, 1, 1)},  # noqa: DTZ001  # without its zone, as refused
        {"from_sequence": 0},
    ):
        with refused(InvalidInput):
            webhooks.replay_webhook(uid, **given, by=by.asking())
    monkeypatch.setattr(webhooks, "last_sequence", lambda: 7)
    for field, beyond in (
        ("from_sequence", {"from_sequence": 8}),
        ("from_sequence", {"from_sequence": 10**12}),
        ("from_moment", {"from_moment": moment + timedelta(days=365)}),
    ):
        with refused(InvalidInput, field):
            webhooks.replay_webhook(uid, **beyond, by=by.asking())
    assert webhooks.replay_webhook(uid, from_sequence=7, by=by.asking()).from_sequence == 7


def test_a_parked_delivery_is_retried_or_skipped(world: World) -> None:  # INT-04
    uid, by = parked_delivery(world), world.by(roles.ADMINISTRATOR)
    with refused(InvalidInput, "reason"):
        webhooks.skip_delivery(uid, "", by=by.asking())
    assert webhooks.retry_delivery(uid, by=by.asking()).state == "queued"
    with refused(WrongState):
        webhooks.retry_delivery(uid, by=by.asking())
    WebhookDelivery.objects.filter(uid=uid).update(state="parked")
    assert webhooks.skip_delivery(uid, "known there", by=by.asking()).state == "skipped"
    assert WebhookDelivery.objects.get(uid=uid).why == "known there"
