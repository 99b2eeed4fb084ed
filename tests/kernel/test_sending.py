"""Whatever a consumer does, it ends with each event applied once, in order per document. # INT-02

Time is moved, not waited for: what is due later is due when the sandbox's clock stands there.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Max, Min

from tests import world as worlds
from tests.audit.sealed import sequence_all
from tests.kernel.consumer import Consumer, consuming
from tests.ledger import database_now, set_clock
from tests.refusing import refused
from tests.world import World
from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.base.refusals import WrongState
from traceward.kernel.command import webhooks
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.command.sending import Sender
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.command.write import emit
from traceward.kernel.org import roles
from traceward.kernel.org.models import Site
from traceward.kernel.org.scope import WHOLE_GROUP, ScopeKey
from traceward.kernel.outbox import queue
from traceward.kernel.outbox.models import (
    CommandOrder,
    DeliveryState,
    Webhook,
    WebhookAttempt,
    WebhookDelivery,
)
from traceward.kernel.outbox.queue import queue_events
from traceward.kernel.outbox.rules import MAX_ATTEMPTS

pytestmark = pytest.mark.filterwarnings("default::ResourceWarning")
#: So long the tests' senders wait for an answer; and the one whose consumer answers late.
PATIENCE, IMPATIENCE = 30.0, 0.5


@dataclass(frozen=True)
class Told:
    """An event of the tests."""

    n: int


def site_scope(site_id: int | None = None, **_: Any) -> list[ScopeKey]:
    site = Site.objects.filter(pk=site_id).first() if site_id else None
    return [ScopeKey(site.legal_entity_id, site.pk)] if site else [WHOLE_GROUP]


@command("testing.tell", roles=(roles.SYSTEM,), scope=site_scope)
def tell(
    subject: uuid.UUID | None, numbers: list[int], site_id: int | None = None, *, by: Actor
) -> int:
    """These numbers were told of the subject, in this order."""
    for n in numbers:
        emit(Told(n), subject=subject, by=by)
    return len(numbers)


@pytest.fixture(scope="module")
def company(fresh_database: str, django_db_blocker: pytest.FixtureRequest) -> Iterator[World]:
    with django_db_blocker.unblock():
        set_up_roles()
        yield worlds.build()


@pytest.fixture
def consumer() -> Iterator[Consumer]:
    with consuming() as made:
        yield made


def subscribed(world: World, consumer: Consumer, *patterns: str, **where: int) -> uuid.UUID:
    """The consumer hears of such events from now on; any other webhook is removed."""
    for uid in Webhook.objects.exclude(state="removed").values_list("uid", flat=True):
        webhooks.remove_webhook(uid, "the next test", by=world.by(roles.ADMINISTRATOR))
    made = webhooks.register_webhook(
        "Consumer",
        consumer.url,
        list(patterns or ("testing.*",)),
        **where,
        by=world.by(roles.ADMINISTRATOR),
    )
    consumer.secrets.append(made.secret.reveal())
    return made.webhook_uid


def said(world: World, subject: uuid.UUID | None, *numbers: int, site: Site | None = None) -> None:
    tell(subject, list(numbers), site.pk if site else None, by=world.by(roles.SYSTEM))


def send(sender: Sender | None = None) -> None:
    """What is due now is sent, and nothing else."""
    sequence_all()
    queue_events()
    sender = sender or Sender(2, PATIENCE)
    while sender.send_some():
        pass


def send_next(sender: Sender | None = None) -> bool:
    """What is due now is sent, and the clock stands where the next try is due; false if none."""
    send(sender)
    active = Webhook.objects.filter(state="active")
    waiting = WebhookDelivery.objects.filter(state="queued", webhook__in=active)
    rested = active.aggregate(at=Max("resting_until"))["at"]
    later = waiting.filter(due_at__gt=database_now()).aggregate(at=Min("due_at"))["at"]
    moments = [at for at in (rested, later) if at is not None]
    if moments and max(moments) > database_now():
        set_clock(max(moments) + timedelta(seconds=1))
    return waiting.exists()


def send_all(sender: Sender | None = None) -> None:
    """The clock goes on from one due moment to the next until nothing waits."""
    for _ in range(200):
        if not send_next(sender):
            return
    raise AssertionError("something waits for ever")


def numbers(consumer: Consumer, subject: uuid.UUID) -> list[int]:
    """What the consumer applied of the subject, in its order."""
    return [e["data"]["n"] for e in consumer.applied if e.get("subject") == str(subject)]


MANNERS: list[list[int | str]] = [
    [204],
    [500, 200],
    ["close", 200],
    ["apply and close", 200],
    ["late", 200],
    ["apply and fail", "close", 200],
    [302, 404, 200],
    [503, "late", "apply and fail", 204],
]


def test_each_event_is_applied_once_in_order_per_document(
    company: World, consumer: Consumer
) -> None:
    """A consumer that is down, slow, fails, closes early, and answers twice and late."""
    with socket.socket() as down:
        down.bind(("127.0.0.1", 0))  # nobody listens there
        up, consumer.url = consumer.url, f"http://127.0.0.1:{down.getsockname()[1]}/"
        uid = subscribed(company, consumer)
        subjects = [uuid.uuid4(), uuid.uuid4()]
        for n in range(len(MANNERS)):
            for subject in subjects:
                said(company, subject, 2 * n, 2 * n + 1)
        send()
        assert consumer.came == []
    webhooks.change_webhook(uid, url=up, by=company.by(roles.ADMINISTRATOR))

    def manner(event: dict[str, Any], times: int) -> int | str:
        script = MANNERS[event["data"]["n"] // 2]
        return script[min(times, len(script)) - 1]

    consumer.manner = manner
    send_all(Sender(2, IMPATIENCE))
    consumer.release.set()  # what was late is applied now, after all that came behind
    send_all()
    for subject in subjects:
        assert numbers(consumer, subject) == list(range(2 * len(MANNERS)))
    assert len(consumer.applied) == len(subjects) * 2 * len(MANNERS)
    assert consumer.wrong == []
    assert {"late", "close", 500, 302} <= set(consumer.statuses)
    # Nothing of a subject ever came before what stands before it was taken.
    first: dict[str, list[int]] = defaultdict(list)
    for event in consumer.came:
        if event["data"]["n"] not in first[event["subject"]]:
            first[event["subject"]].append(event["data"]["n"])
    assert all(came == sorted(came) for came in first.values())
    log = WebhookAttempt.objects.filter(delivery__webhook__uid=uid)
    assert log.filter(status=0, answer__contains="no answer within").exists()
    assert log.filter(status=302).exists()
    assert log.filter(status__gte=200, status__lt=300).count() == len(consumer.applied)
    assert Webhook.objects.get(uid=uid).failures == 0


def test_the_message_is_a_cloudevent(company: World, consumer: Consumer) -> None:
    subscribed(company, consumer)
    subject = uuid.uuid4()
    said(company, subject, 1, 2)
    said(company, None, 3)
    send()
    one, two, three = consumer.came
    assert one["specversion"] == "1.0"
    assert one["type"] == "traceward.testing.tell.Told"
    assert one["source"].startswith("urn:uuid:")
    assert (one["subject"], one["data"]) == (str(subject), {"n": 1})
    assert one["datacontenttype"] == "application/json"
    assert one["time"].endswith("Z")
    assert one["sequence"] < two["sequence"] < three["sequence"]
    assert "subject" not in three
    assert set(one) == {
        *("specversion", "id", "source", "type", "subject", "time", "sequence"),
        *("datacontenttype", "data"),
    }


def test_a_failing_event_holds_back_its_own_subject_only(
    company: World, consumer: Consumer
) -> None:  # INT-04
    uid = subscribed(company, consumer)
    ill, well = uuid.uuid4(), uuid.uuid4()
    consumer.manner = lambda event, times: 422 if event["data"]["n"] == 1 else 200
    said(company, ill, 1)
    said(company, well, 10)
    said(company, ill, 2)
    said(company, well, 11)
    send()
    assert (numbers(consumer, ill), numbers(consumer, well)) == ([], [10, 11])
    for n in range(MAX_ATTEMPTS):
        said(company, well, 12 + n)  # something comes through meanwhile: it is not paused
        send_next()
    parked = WebhookDelivery.objects.get(webhook__uid=uid, state="parked")
    assert (parked.attempts, parked.why) == (MAX_ATTEMPTS, "422 ok")
    assert numbers(consumer, ill) == [], "what stands behind a parked one waits for a decision"
    assert numbers(consumer, well) == list(range(10, 12 + MAX_ATTEMPTS))

    by = company.by(roles.ADMINISTRATOR)
    webhooks.retry_delivery(parked.uid, by=by)
    send()  # is refused again, and not parked at once
    parked.refresh_from_db()
    assert (parked.state, parked.attempts) == ("queued", 1)
    with refused(WrongState):
        webhooks.skip_delivery(parked.uid, "the consumer knows it", by=by.asking())
    WebhookDelivery.objects.filter(pk=parked.pk).update(state=DeliveryState.PARKED)
    webhooks.skip_delivery(parked.uid, "the consumer knows it", by=by.asking())
    send()
    assert numbers(consumer, ill) == [2]


def test_a_webhook_that_fails_for_long_is_paused_with_the_reason(
    company: World, consumer: Consumer
) -> None:
    uid = subscribed(company, consumer)
    subject = uuid.uuid4()
    consumer.manner = lambda event, times: 500
    for n in range(7):
        said(company, uuid.uuid4() if n else subject, n)
    send_all()
    webhook = Webhook.objects.get(uid=uid)
    assert webhook.state == "paused"
    assert "Nothing came through for 1" in webhook.reason
    assert "小时" in webhook.reason
    pause = AuditEntry.objects.filter(verb="outbox.pause_webhook").latest("id")
    assert pause.actor.login == "system"
    assert not WebhookDelivery.objects.filter(webhook=webhook, state="parked").exists()
    # Rested between the attempts: not each subject was tried each time.
    assert len(consumer.came) < 7 * MAX_ATTEMPTS

    said(company, subject, 8)
    send()
    waiting = WebhookDelivery.objects.filter(webhook=webhook)
    assert waiting.count() == 7, "what comes meanwhile is not queued, nor lost"
    consumer.manner = lambda event, times: 200
    webhooks.resume_webhook(uid, by=company.by(roles.ADMINISTRATOR))
    send()
    assert numbers(consumer, subject) == [0, 8]
    assert len(consumer.applied) == 8


def test_a_consumer_that_has_gone_is_paused_at_once(company: World, consumer: Consumer) -> None:
    uid = subscribed(company, consumer)
    consumer.manner = lambda event, times: 410
    said(company, uuid.uuid4(), 1)
    send()
    assert "410" in Webhook.objects.get(uid=uid).reason


@pytest.mark.parametrize("by_moment", [False, True])
def test_replay_from_any_point(company: World, consumer: Consumer, by_moment: bool) -> None:
    """Under the same ids: a consumer that knows them applies nothing twice."""
    uid = subscribed(company, consumer)
    a, b = uuid.uuid4(), uuid.uuid4()
    said(company, a, 1)
    sequence_all()
    set_clock(database_now() + timedelta(minutes=1))
    moment = database_now()
    said(company, b, 2)
    said(company, a, 3)
    said(company, None, 4)
    send()
    begin = CommandOrder.objects.aggregate(end=Max("sequence"))["end"] - 2
    before = [e["id"] for e in sorted(consumer.came, key=lambda event: event["sequence"])]
    consumer.manner = lambda event, times: 500 if event["data"]["n"] == 5 else 200
    said(company, b, 5)
    send()
    point = {"from_moment": moment} if by_moment else {"from_sequence": begin}
    made = webhooks.replay_webhook(uid, **point, by=company.by(roles.ADMINISTRATOR))
    assert made.from_sequence == begin
    del consumer.came[:]
    consumer.manner = lambda event, times: 200
    send()
    assert {event["id"] for event in consumer.came} > set(before[1:])
    assert sorted(event["data"]["n"] for event in consumer.came) == [2, 3, 4, 5]
    assert (numbers(consumer, a), numbers(consumer, b)) == ([1, 3], [2, 5])
    # From the very beginning: also what was there before the webhook was.
    webhooks.replay_webhook(uid, from_sequence=1, by=company.by(roles.ADMINISTRATOR))
    send()
    assert set(before) < {event["id"] for event in consumer.applied}


def test_a_long_replay_is_queued_piece_by_piece(
    company: World, consumer: Consumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    uid = subscribed(company, consumer)
    monkeypatch.setattr(queue, "MAX_WAITING", 6)
    monkeypatch.setattr(queue, "BATCH", 4)
    for n in range(5):
        said(company, uuid.uuid4(), *range(4 * n, 4 * n + 4))
    sequence_all()
    assert queue_events() == 8
    assert queue_events() == 0
    for _ in range(5):
        send()
    assert sorted(e["data"]["n"] for e in consumer.applied) == list(range(20))
    assert WebhookDelivery.objects.filter(webhook__uid=uid).count() == 20


def test_what_is_about_another_scope_is_not_sent(
    company: World, consumer: Consumer
) -> None:  # ORG-03
    subscribed(company, consumer, site_id=company.shanghai.pk)
    said(company, None, 1, site=company.chengdu)
    said(company, None, 2, site=company.shanghai)
    said(company, None, 3)  # about the whole group
    send()
    assert [e["data"]["n"] for e in consumer.applied] == [2]
    with consuming() as second:
        subscribed(company, second, legal_entity_id=company.entity.pk)
        said(company, None, 4, site=company.chengdu)
        said(company, None, 5)
        send()
        assert [e["data"]["n"] for e in second.applied] == [4]


def test_only_what_was_asked_for_is_sent(company: World, consumer: Consumer) -> None:
    subscribed(company, consumer, "testing.name.*", "*.Nothing")
    said(company, None, 1)
    send()
    assert consumer.came == []


def test_both_secrets_sign_while_one_is_replaced(company: World, consumer: Consumer) -> None:
    uid = subscribed(company, consumer)
    old = list(consumer.secrets)
    made = webhooks.rotate_webhook_secret(uid, overlap_hours=2, by=company.by(roles.ADMINISTRATOR))
    for secrets in (old, [made.secret.reveal()]):
        consumer.secrets = secrets
        said(company, None, 1)
        send()
    assert (len(consumer.applied), consumer.wrong) == (2, [])
    set_clock(database_now() + timedelta(hours=2))
    consumer.secrets = old
    said(company, None, 2)
    send()
    assert len(consumer.wrong) == 1


def test_a_restored_copy_elsewhere_sends_nothing(
    company: World, consumer: Consumer, settings: Any
) -> None:
    uid = subscribed(company, consumer)
    said(company, None, 1)
    settings.SECRET_KEY = "another installation's"
    send()
    assert consumer.came == []
    assert "another installation" in Webhook.objects.get(uid=uid).reason


def test_two_workers_never_send_one_subject_at_once(company: World, consumer: Consumer) -> None:
    subscribed(company, consumer)
    subjects = [uuid.uuid4() for _ in range(5)]
    for n in range(30):
        said(company, subjects[n % 5], n)
    sequence_all()
    everything = threading.Event()

    def manner(event: dict[str, Any], times: int) -> int:
        if len(consumer.came) >= 30:
            everything.set()
        return 200

    consumer.manner = manner
    stopping = threading.Event()
    work = [threading.Thread(target=Sender(3).run_until, args=(stopping,)) for _ in range(2)]
    for worker in work:
        worker.start()
    came = everything.wait(60)
    stopping.set()
    for worker in work:
        worker.join(20)
    assert came
    assert consumer.most_at_once == 1
    assert len(consumer.came) == 30, "nothing was sent twice either"
    for place, subject in enumerate(subjects):
        assert numbers(consumer, subject) == list(range(place, 30, 5))


def test_a_worker_that_is_killed_in_the_middle_loses_and_doubles_nothing(
    company: World, consumer: Consumer, fresh_database: str
) -> None:  # SEC-03
    subscribed(company, consumer)
    subject = uuid.uuid4()
    said(company, subject, *range(10))
    sequence_all()
    # The fourth event's request is held: the worker is killed while it waits for the answer.
    consumer.manner = lambda event, times: "late" if event["data"]["n"] == 3 and times == 1 else 200
    command = [sys.executable, "-m", "tests.kernel.sending_worker", fresh_database]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "traceward.settings"}
    with subprocess.Popen(command, env=environment) as worker:
        came = consumer.holding.wait(60)
        worker.send_signal(signal.SIGKILL)
    assert came
    assert numbers(consumer, subject) == [0, 1, 2]
    give_up = database_now() + timedelta(minutes=5)
    while len(consumer.applied) < 10 and database_now() < give_up:
        send()  # the killed worker's session lets go of the subject a moment later
    consumer.release.set()
    assert numbers(consumer, subject) == list(range(10))
    assert consumer.times[consumer.applied[3]["id"]] == 2
