"""Examples of the commands about webhooks; each webhook hears of Shanghai."""

from collections.abc import Callable
from typing import Any

from tests.world import LONG_AGO, World
from traceward.kernel.outbox.models import Event, Webhook, WebhookDelivery

Arguments = dict[str, Any]

WEBHOOKS: dict[str, Callable[[World], Arguments]] = {}


def example(verb: str) -> Callable[..., Callable[[World], Arguments]]:
    def keep(made: Callable[[World], Arguments]) -> Callable[[World], Arguments]:
        WEBHOOKS[verb] = made
        return made

    return keep


def webhook(world: World) -> Webhook:
    """Hears of Shanghai."""
    return Webhook.objects.create(
        name="ERP",
        url="http://127.0.0.1:9/",
        patterns=["stock.*"],
        legal_entity=world.entity,
        site=world.shanghai,
        created_at=LONG_AGO,
        secret=b"",
        last_sequence=0,
        last_ordinal=0,
    )


@example("outbox.register_webhook")
def register_webhook(world: World) -> Arguments:
    return {
        "name": "ERP",
        "url": "http://127.0.0.1:9/",
        "patterns": ["stock.*"],
        "site_id": world.shanghai.pk,
    }


@example("outbox.change_webhook")
def change_webhook(world: World) -> Arguments:
    return {"webhook_uid": webhook(world).uid, "name": "WMS"}


@example("outbox.pause_webhook")
def pause_webhook(world: World) -> Arguments:
    return {"webhook_uid": webhook(world).uid, "reason": "stocktaking"}


@example("outbox.resume_webhook")
def resume_webhook(world: World) -> Arguments:
    row = webhook(world)
    Webhook.objects.filter(pk=row.pk).update(state="paused")
    return {"webhook_uid": row.uid}


@example("outbox.remove_webhook")
def remove_webhook(world: World) -> Arguments:
    return {"webhook_uid": webhook(world).uid, "reason": "replaced"}


@example("outbox.rotate_webhook_secret")
def rotate_webhook_secret(world: World) -> Arguments:
    return {"webhook_uid": webhook(world).uid}


@example("outbox.replay_webhook")
def replay_webhook(world: World) -> Arguments:
    return {"webhook_uid": webhook(world).uid, "from_sequence": 1}


def parked_delivery(world: World) -> WebhookDelivery:
    event = Event.objects.create(
        command_id=1, ordinal=1, at=LONG_AGO, name="stock.block.StockBlocked", data={}
    )
    return WebhookDelivery.objects.create(
        webhook=webhook(world),
        event=event,
        sequence=1,
        ordinal=1,
        subject=event.uid,
        replay=0,
        state="parked",
        due_at=LONG_AGO,
    )


@example("outbox.retry_delivery")
def retry_delivery(world: World) -> Arguments:
    return {"delivery_uid": parked_delivery(world).uid}


@example("outbox.skip_delivery")
def skip_delivery(world: World) -> Arguments:
    return {"delivery_uid": parked_delivery(world).uid, "reason": "known there"}
