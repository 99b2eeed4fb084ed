"""Webhooks: other systems subscribe to events, pause, rotate their secret, and hear again. # INT-02

A webhook is never deleted: removed, it stays with its log. Its secret is shown once; whoever
lost it has a new one made. What is sent and when: `sending`.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from traceward.kernel.base.enclosed import enclose, fresh_key
from traceward.kernel.base.refusals import InvalidInput, NotFound, WrongState, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.people import grant_scope
from traceward.kernel.command.registry import REGISTRY
from traceward.kernel.command.run import command
from traceward.kernel.command.shown_once import ShownOnce
from traceward.kernel.command.write import amend, created, record_change
from traceward.kernel.org.models import LegalEntity, Site
from traceward.kernel.org.roles import ADMINISTRATOR, SYSTEM
from traceward.kernel.org.scope import WHOLE_GROUP, ScopeKey
from traceward.kernel.outbox.models import (
    DeliveryState,
    Webhook,
    WebhookDelivery,
    WebhookState,
)
from traceward.kernel.outbox.queue import LAST_ORDINAL, last_sequence
from traceward.kernel.outbox.rules import MAX_PATTERNS, is_pattern, is_wanted
from traceward.kernel.outbox.signatures import KEY_BYTES, secret_text
from traceward.kernel.outbox.targets import target_of

PURPOSE = "webhook"
MOST_OVERLAP_HOURS = 168

#: The first place in the order from which on nothing is older than the moment.
SEQUENCE_AT = """
SELECT min(o.sequence) FROM audit_entry a JOIN outbox_order o ON o.command_id = a.id
WHERE a.at >= %s
"""


@dataclass(frozen=True)
class WebhookRegistered:
    """The webhook gets events from now on; the secret is shown this once."""

    webhook_uid: uuid.UUID
    secret: ShownOnce


@dataclass(frozen=True)
class WebhookStands:
    """The webhook is in this state."""

    webhook_uid: uuid.UUID
    state: str


@dataclass(frozen=True)
class SecretRotated:
    """The new secret, shown this once; the former one signs too until then."""

    webhook_uid: uuid.UUID
    secret: ShownOnce
    former_until: datetime


@dataclass(frozen=True)
class Replaying:
    """Events from this place in the order on are sent again."""

    webhook_uid: uuid.UUID
    from_sequence: int


@dataclass(frozen=True)
class DeliverySettled:
    """The delivery is in this state."""

    delivery_uid: uuid.UUID
    state: str


def webhook_scope(webhook_uid: uuid.UUID, **_: Any) -> Iterable[ScopeKey]:
    """Where the webhook hears of; the whole group where there is none."""
    row = Webhook.objects.filter(uid=webhook_uid).values_list("legal_entity_id", "site_id").first()
    return [ScopeKey(*row)] if row else [WHOLE_GROUP]


def delivery_scope(delivery_uid: uuid.UUID, **_: Any) -> Iterable[ScopeKey]:
    """Where the delivery's webhook hears of."""
    row = (
        WebhookDelivery.objects.filter(uid=delivery_uid)
        .values_list("webhook__legal_entity_id", "webhook__site_id")
        .first()
    )
    return [ScopeKey(*row)] if row else [WHOLE_GROUP]


@command("outbox.register_webhook", roles=(ADMINISTRATOR,), scope=grant_scope)
def register_webhook(
    name: str,
    url: str,
    patterns: list[str],
    *,
    legal_entity_id: int | None = None,
    site_id: int | None = None,
    by: Actor,
) -> WebhookRegistered:
    """Events of these names, about this part of the group, are sent to the address from now on.

    A pattern is `*`, `area.*`, `area.verb.*`, a whole name such as `stock.block.StockBlocked`,
    or `*.StockBlocked`. An event about more than the webhook's site or legal entity is not sent.
    """
    name = _checked_name(name)
    _check_patterns(patterns)
    target_of(url)
    entity_id = _entity(legal_entity_id, site_id)
    key = fresh_key(KEY_BYTES)
    webhook = Webhook.objects.create(
        name=name,
        url=url,
        patterns=patterns,
        legal_entity_id=entity_id,
        site_id=site_id,
        secret=enclose(key, PURPOSE),
        created_at=by.now,
        last_sequence=last_sequence(),
        last_ordinal=LAST_ORDINAL,
    )
    created(webhook, by=by, name=name, url=url, patterns=patterns, entity=entity_id, site=site_id)
    return WebhookRegistered(webhook.uid, ShownOnce(secret_text(key)))


@command("outbox.change_webhook", roles=(ADMINISTRATOR,), scope=webhook_scope)
def change_webhook(
    webhook_uid: uuid.UUID,
    *,
    name: str | None = None,
    url: str | None = None,
    patterns: list[str] | None = None,
    by: Actor,
) -> WebhookStands:
    """The webhook has this name, address and patterns from now on; what is left out stays."""
    webhook = _standing(webhook_uid)
    values: dict[str, Any] = {}
    if name is not None:
        values["name"] = _checked_name(name)
    if url is not None:
        target_of(url)
        values["url"] = url
    if patterns is not None:
        _check_patterns(patterns)
        values["patterns"] = patterns
    amend(webhook, by=by, **values)
    return WebhookStands(webhook.uid, webhook.state)


@command("outbox.pause_webhook", roles=(ADMINISTRATOR, SYSTEM), scope=webhook_scope)
def pause_webhook(webhook_uid: uuid.UUID, reason: str, *, by: Actor) -> WebhookStands:
    """Nothing is sent any more, for this reason; nothing is lost either: it waits."""
    _require_reason(reason)
    webhook = _standing(webhook_uid)
    _enter(webhook, WebhookState.PAUSED, reason, by)
    return WebhookStands(webhook.uid, webhook.state)


@command("outbox.resume_webhook", roles=(ADMINISTRATOR,), scope=webhook_scope)
def resume_webhook(webhook_uid: uuid.UUID, *, by: Actor) -> WebhookStands:
    """What waited is sent now, and everything that comes; attempts are counted anew."""
    webhook = _standing(webhook_uid)
    _enter(webhook, WebhookState.ACTIVE, "", by)
    amend(webhook, by=by, failures=0, failing_since=None, resting_until=None)
    waiting = WebhookDelivery.objects.filter(webhook=webhook, state=DeliveryState.QUEUED)
    by.work.facts["waiting"] = waiting.update(attempts=0, due_at=by.now)
    return WebhookStands(webhook.uid, webhook.state)


@command("outbox.remove_webhook", roles=(ADMINISTRATOR,), scope=webhook_scope)
def remove_webhook(webhook_uid: uuid.UUID, reason: str, *, by: Actor) -> WebhookStands:
    """Nothing is ever sent there again, for this reason; the webhook and its log stay on record."""
    _require_reason(reason)
    webhook = _standing(webhook_uid)
    _enter(webhook, WebhookState.REMOVED, reason, by)
    by.work.facts["dropped"] = _replace_open(webhook, 0, by)
    return WebhookStands(webhook.uid, webhook.state)


@command("outbox.rotate_webhook_secret", roles=(ADMINISTRATOR,), scope=webhook_scope)
def rotate_webhook_secret(
    webhook_uid: uuid.UUID, *, overlap_hours: int = 24, by: Actor
) -> SecretRotated:
    """A new secret signs from now on; for so many hours the former one signs beside it."""
    if not 0 <= overlap_hours <= MOST_OVERLAP_HOURS:
        raise InvalidInput(
            sentence("The former secret can count for 0 to {limit} hours more."),
            field="overlap_hours",
            limit=MOST_OVERLAP_HOURS,
        )
    webhook = _standing(webhook_uid)
    key, until = fresh_key(KEY_BYTES), by.now + timedelta(hours=overlap_hours)
    webhook.former_secret, webhook.former_secret_until = webhook.secret, until
    webhook.secret = enclose(key, PURPOSE)
    webhook.save(update_fields=["secret", "former_secret", "former_secret_until"])
    record_change(webhook, {}, {"secret": "rotated", "former_secret_until": until}, by=by)
    return SecretRotated(webhook.uid, ShownOnce(secret_text(key)), until)


@command("outbox.replay_webhook", roles=(ADMINISTRATOR,), scope=webhook_scope)
def replay_webhook(
    webhook_uid: uuid.UUID,
    *,
    from_sequence: int | None = None,
    from_moment: datetime | None = None,
    by: Actor,
) -> Replaying:
    """Events from this place in the order, or from this moment, on are sent again, under their ids.

    What waits or is parked from there on is taken out of the queue first, and comes again in order.
    """
    if (from_sequence is None) == (from_moment is None):
        raise InvalidInput(
            sentence("Say from where: either a place in the order or a moment."),
            field="from_sequence",
        )
    if from_moment is not None and from_moment.tzinfo is None:
        raise InvalidInput(
            sentence("Give the moment with its time zone, such as 2026-11-22T08:00:00+08:00."),
            field="from_moment",
        )
    if from_sequence is not None and from_sequence < 1:
        raise InvalidInput(sentence("The first place in the order is 1."), field="from_sequence")
    webhook = _standing(webhook_uid)
    start = from_sequence if from_moment is None else _sequence_at(from_moment)
    assert start is not None
    last = last_sequence()
    if start > max(last, 1):  # from the very beginning one may always ask
        raise InvalidInput(
            sentence(
                "There is nothing to send again: the last place in the order is {last}. "
                "Say an earlier one, or an earlier moment; what is new comes by itself."
            ),
            field="from_sequence" if from_moment is None else "from_moment",
            last=last,
        )
    by.work.facts["replaced"] = _replace_open(webhook, start, by)
    amend(
        webhook,
        by=by,
        last_sequence=start - 1,
        last_ordinal=LAST_ORDINAL,
        replays=webhook.replays + 1,
    )
    return Replaying(webhook.uid, start)


@command("outbox.retry_delivery", roles=(ADMINISTRATOR,), scope=delivery_scope)
def retry_delivery(delivery_uid: uuid.UUID, *, by: Actor) -> DeliverySettled:
    """The parked event is sent again, and what waits behind it after it."""
    delivery = _parked(delivery_uid)
    amend(
        delivery,
        by=by,
        state=DeliveryState.QUEUED.value,
        attempts=0,
        due_at=by.now,
        settled_at=None,
    )
    return DeliverySettled(delivery.uid, delivery.state)


@command("outbox.skip_delivery", roles=(ADMINISTRATOR,), scope=delivery_scope)
def skip_delivery(delivery_uid: uuid.UUID, reason: str, *, by: Actor) -> DeliverySettled:
    """The parked event is not sent, for this reason; what waits behind it goes on."""
    _require_reason(reason)
    delivery = _parked(delivery_uid)
    amend(delivery, by=by, state=DeliveryState.SKIPPED.value, settled_at=by.now, why=reason.strip())
    return DeliverySettled(delivery.uid, delivery.state)


# --- What is asked of the arguments -----------------------------------------------------------


def _checked_name(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= 200:
        raise InvalidInput(
            sentence("Give the webhook a name of 1 to {limit} characters."),
            field="name",
            limit=200,
        )
    return name


def _check_patterns(patterns: list[str]) -> None:
    if not 1 <= len(patterns) <= MAX_PATTERNS:
        raise InvalidInput(
            sentence("Name 1 to {limit} patterns of events."), field="patterns", limit=MAX_PATTERNS
        )
    for pattern in patterns:
        if not (is_pattern(pattern) and _can_match(pattern)):
            raise InvalidInput(
                sentence(
                    "No event can match “{pattern}”. Write a name such as "
                    "stock.block.StockBlocked, with * for the parts that may be any."
                ),
                field="patterns",
                pattern=pattern,
            )


def _can_match(pattern: str) -> bool:
    """Whether some command's events could be called so: an area or a verb is not misspelt."""
    event = pattern.rsplit(".", 1)[-1].replace("*", "Any")
    return any(is_wanted(f"{verb}.{event}", [pattern]) for verb in REGISTRY)


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise InvalidInput(sentence("Say why."), field="reason")


def _entity(legal_entity_id: int | None, site_id: int | None) -> int | None:
    """The legal entity that the webhook hears of, which is the site's own; None for all."""
    if site_id is None:
        known = LegalEntity.objects.filter(pk=legal_entity_id or 0).exists()
        if legal_entity_id is not None and not known:
            raise _nothing("legal_entity_id", LegalEntity, legal_entity_id)
        return legal_entity_id
    site = Site.objects.find(site_id)
    if site is None:
        raise _nothing("site_id", Site, site_id)
    if legal_entity_id not in (None, site.legal_entity_id):
        raise InvalidInput(
            sentence("Site {site} belongs to another legal entity. Leave one of them out."),
            field="site_id",
            site=site.code,
        )
    return site.legal_entity_id


def _nothing(field: str, model: Any, pk: int) -> NotFound:
    return NotFound(
        sentence("There is no {what} with id {id}. Look it up in its list and try again."),
        field=field,
        what=str(model._meta.verbose_name),
        id=pk,
    )


# --- What the commands share ------------------------------------------------------------------


def _standing(webhook_uid: uuid.UUID) -> Webhook:
    """The webhook, locked; refused where it was removed."""
    webhook: Webhook = Webhook.objects.lock_uid(webhook_uid)
    if webhook.state == WebhookState.REMOVED:
        raise WrongState(sentence("This webhook was removed. Register a new one."))
    return webhook


def _enter(webhook: Webhook, state: WebhookState, reason: str, by: Actor) -> None:
    if (webhook.state, state.value) not in Webhook.TRANSITIONS:
        raise WrongState(
            sentence("The webhook is “{state}” already; there is nothing left to do."),
            state=webhook.state,
        )
    amend(webhook, by=by, state=state.value, reason=reason.strip())


def _replace_open(webhook: Webhook, start: int, by: Actor) -> int:
    """What waits or is parked from this place on is out of the queue; says how many."""
    is_open = [DeliveryState.QUEUED, DeliveryState.PARKED]
    rows = WebhookDelivery.objects.filter(webhook=webhook, state__in=is_open)
    return rows.filter(sequence__gte=start).update(state=DeliveryState.REPLACED, settled_at=by.now)


def _sequence_at(moment: datetime) -> int:
    """Where the first command from the moment on stands; behind the last where none does."""
    with connection.cursor() as cursor:
        cursor.execute(SEQUENCE_AT, [moment])
        found = cursor.fetchone()[0]
    return int(found) if found is not None else last_sequence() + 1


def _parked(delivery_uid: uuid.UUID) -> WebhookDelivery:
    """The parked delivery, locked; refused where it is not parked."""
    delivery: WebhookDelivery = WebhookDelivery.objects.lock_uid(delivery_uid)
    if delivery.state != DeliveryState.PARKED:
        raise WrongState(
            sentence("This delivery is “{state}”; only a parked one is decided about."),
            state=delivery.state,
        )
    return delivery
