"""The demo company: the same seed gives the same company, sound, with work for everybody."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from django.conf import settings
from django.db import connections

from tests.databases import WORKER, clone, drop, point_at
from tests.trace.walked import compare_recalls, compare_traces, most_travelled
from traceward.cli.company.blueprint import FULL, SMALL, Blueprint, draw
from traceward.cli.company.digest import digest
from traceward.cli.company.group import TODAY
from traceward.cli.company.plan.history import plans
from traceward.cli.company.plan.steps import Announce
from traceward.cli.company.play.loading import load, settle
from traceward.cli.company.play.opening import PASSWORD
from traceward.cli.company.work import figures, one_of_each, today, todays_work
from traceward.domain.catalog.models import Item
from traceward.domain.purchasing.models import NoticeState, ShippingNotice
from traceward.domain.recalls.models import RecallCase
from traceward.domain.stock.models import Code, Lot, Status, StockMove
from traceward.domain.stock.queries import Moment
from traceward.domain.trace.queries import Start, backward
from traceward.domain.warehousing.models import ReceiptLine
from traceward.kernel.audit.verify import verify
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person
from traceward.kernel.org.scope import Grant
from traceward.kernel.outbox.models import CommandOrder, Event, HandlerProgress
from traceward.resources.kit import RESOURCES, Reader, Resource
from traceward.resources.records.questions import completeness

SEED = 7
#: With some moves between bins behind it, as a large one has for benchmarks.
MOVES = 1_500
TINY = draw(SEED, replace(SMALL, moves=MOVES))


#: Resources whose list fits on one page in a company of any size, and why.
SHORT = {
    "audit.sign_ins": "nobody has signed in yet",
    "audit.verifications": "a row comes of each proof that somebody asks for",
    "documents.files": "the worker sets delivery notes, of the last two days",
    "documents.printings": "nobody has printed anything yet",
    "org.api_keys": "a key is shown once, to the person who asks for it",
    "lists.views": "a view is kept by whoever asks again and again",
    "org.legal_entities": "there are two",
    "org.roles": "the trade has so many",
    "org.second_factors": "each person adds their own",
    "org.sessions": "nobody has signed in yet",
    "org.shared_devices": "nobody shares one yet",
    "org.sites": "there are six",
    "outbox.attempts": "nobody outside listens to a sandbox",
    "outbox.deliveries": "nobody outside listens to a sandbox",
    "outbox.handlers": "so many commands subscribe to events",
    "outbox.parked": "no handler failed",
    "outbox.webhooks": "nobody outside listens to a sandbox",
    "production.bom_lines": "six things are made, of a few others each",
    "production.boms": "six things are made",
    "purchasing.returns": "little goes back to suppliers",
    "quality.restrictions": "few cold goods come back",
    "outbox.mails": "recalls are rare, and nothing else writes to people outside",
    "partners.contacts": "each of forty hospitals has one",
    "recalls.answers": "recalls are rare",
    "recalls.checks": "recalls are rare",
    "recalls.messages": "recalls are rare",
    "recalls.cases": "recalls are rare",
    "recalls.drill_consignees": "a drill is held once a year",
    "recalls.drill_findings": "a drill is held once a year",
    "recalls.drill_actions": "a drill is held once a year",
    "recalls.drill_points": "a drill is held once a year",
    "recalls.drill_targets": "a drill is held once a year",
    "recalls.drills": "a drill is held once a year",
    "recalls.notices": "recalls are rare",
    "recalls.reports": "recalls are rare",
    "recalls.scopes": "recalls are rare",
    "recalls.targets": "recalls are rare",
    "rules.parameters": "rules are exceptions from what is usual",
    "workflow.acknowledgements": "whoever sees an alert says so",
    "stock.alerts": "the worker raises them within its first hour",
    "stock.blocks": "blocks are exceptions, and are lifted",
    "stock.closed_periods": "a month of each legal entity is closed once",
    "stock.early_warnings": "the worker raises them within its first hour",
    "transfers.discrepancies": "little is lost between our own sites",
    "warehousing.destructions": "little is destroyed",
    "warehousing.refusal_lines": "little is refused at the door",
    "warehousing.refusals": "little is refused at the door",
    "workflow.held": "few count differences are so large that they wait",
}
#: Of those, what is empty until somebody does something.
EMPTY = {
    "audit.sign_ins", "audit.verifications", "documents.files", "documents.printings",
    "lists.views", "org.api_keys", "org.second_factors", "org.sessions",
    "org.shared_devices",
    "workflow.acknowledgements",
    "outbox.attempts", "outbox.deliveries", "outbox.parked", "outbox.webhooks",
    "stock.alerts", "stock.early_warnings",
    "warehousing.label_prints", "warehousing.printed_labels",
}  # fmt: skip
#: In the month of a small company nothing is used up, counted, taken back, lost or closed yet.
LATE = {
    "quality.restrictions", "recalls.answers", "recalls.checks", "recalls.drill_actions",
    "recalls.drill_consignees", "recalls.drill_findings", "recalls.drill_points",
    "recalls.drill_targets", "recalls.drills", "records.counts", "records.returns",
    "records.used_sales", "sales.consignment_sales", "sales.return_lines", "sales.returns",
    "sales.usage_lines", "sales.usages", "stock.closed_periods", "transfers.discrepancies",
    "warehousing.count_lines", "warehousing.counts",
}  # fmt: skip
PAGE = 50
PATIENCE_SECONDS = 120


def commands_wait() -> bool:
    """Commands wait for their place in the sequence."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM outbox_queue)")
        return bool(cursor.fetchone()[0])


def silent(share: float, day: date) -> None:
    """Nobody is told how far it is."""


def load_into(database: str, plan: Blueprint, processes: int) -> None:
    """The company is in a database of its own, which is the one in use."""
    clone(database)
    point_at(database)
    load(plan, silent, processes=processes)


def rows_of(resource: Resource) -> int:
    """How long its list is."""
    return resource.model._default_manager.filter(resource.where).count()


@pytest.fixture(scope="module")
def company(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[str]:
    """Loaded once; it stays while the module runs."""
    before = settings.DATABASES["default"]["NAME"]
    name = f"tw_demo_{WORKER}"
    with django_db_blocker.unblock():
        load_into(name, TINY, processes=1)
        yield name
        point_at(before)
        drop(name)


@pytest.mark.full
def test_the_same_seed_gives_the_same_company_by_one_process_or_two(company: str) -> None:
    first, other = digest(), f"{company}_2"
    try:
        load_into(other, TINY, processes=2)
        assert digest() == first
    finally:
        point_at(company)
        drop(other)


def test_the_ledger_is_sound(company: str) -> None:
    # A transaction of another test on this server holds the end of the sequence back meanwhile.
    until = time.monotonic() + PATIENCE_SECONDS
    while commands_wait() and time.monotonic() < until:
        settle()
        time.sleep(0.2)
    report = verify()
    assert report.is_sound, [str(finding) for finding in report.findings]
    assert report.leaves.total() > StockMove.objects.count() >= MOVES


def test_everybody_has_work(company: str) -> None:
    assert today() == TODAY
    waiting = {work.role for work in todays_work(TODAY) if work.count}
    assert waiting == set(roles.ALL) - {roles.SYSTEM, roles.AUDITOR, roles.ADMINISTRATOR}


def test_everybody_of_the_trade_is_there(company: str) -> None:
    workers = one_of_each(TODAY)
    assert {worker.role for worker in workers} == set(roles.ALL) - {roles.SYSTEM}
    storekeeper = next(worker for worker in workers if worker.role == roles.STOREKEEPER)
    assert ShippingNotice.objects.filter(
        state=NoticeState.ANNOUNCED, site__code=storekeeper.where
    ).exists()
    people = Person.objects.filter(pk__in=[worker.person_id for worker in workers])
    assert all(person.check_password(PASSWORD) for person in people[:1])
    assert all(person.has_usable_password() for person in people)
    found = figures()
    assert (found["entities"], found["sites"], found["hospitals"]) == (2, 3, 2)


def test_what_came_is_what_was_planned(company: str) -> None:
    received = {
        step.notice
        for plan in plans(TINY)
        for row in plan.steps.values()
        for step in row
        if type(step).__name__ == "Receive"
    }
    planned = sum(
        batch.quantity
        for plan in plans(TINY)
        for row in plan.steps.values()
        for step in row
        if isinstance(step, Announce) and step.key in received
        for batch in step.batches
    )
    notices = ShippingNotice.objects.values("pk")
    bought = ReceiptLine.objects.filter(receipt__expected__in=notices)
    assert sum(bought.values_list("quantity", flat=True)) == planned
    assert StockMove.objects.filter(to_status=Status.REJECTED).exists() or planned > 0


def test_kits_know_what_they_were_made_of(company: str) -> None:
    kit = Lot.objects.filter(item__code="CK-01").order_by("pk").first()
    assert kit is not None
    made_of = {node.item_id for node in backward(Start(lots=[kit.pk]), sites=None).nodes}
    codes = set(Item.objects.filter(pk__in=made_of).values_list("code", flat=True))
    assert {"SA-SHEATH", "RM-TUBE", "GW-01"} <= codes


def test_every_record_has_the_fields_that_the_law_asks_for(company: str) -> None:
    """GSP art. 55-107, as docs/reference/records.md names the exceptions. # INB-02 OUT-03"""
    found = completeness(to=Reader(0, (Grant(None, None),)))
    lacking = {one.record: [x.en for x in one.lacking] for one in found if one.lacking}
    assert lacking == {}
    there = {one.record.removeprefix("records.") for one in found if one.lines}
    assert there >= {
        *("purchases", "receipts", "acceptances", "storings"),
        *("sales", "outbound_checks", "delivery_notes", "transports"),
    }


def test_one_recall_runs(company: str) -> None:
    assert RecallCase.objects.filter(state="open").exists()


def test_a_count_leaves_alone_what_waits_to_be_put_away(company: str) -> None:
    """What is decided stands in the pending area until the next morning, and is put away whole."""
    counted = StockMove.objects.filter(code__in=(Code.ADJUST_IN, Code.ADJUST_OUT))
    assert not counted.exclude(from_place__zone="qualified").exclude(to_place__zone="qualified")


def test_no_list_is_empty_that_is_longer_in_the_full_company(company: str) -> None:
    """What a month cannot show, the full company does: see below."""
    empty = {name for name, resource in RESOURCES.items() if not rows_of(resource)}
    assert empty <= EMPTY | LATE


def test_the_worker_has_delivery_notes_of_two_days_to_set(company: str) -> None:
    """The history's notes are not set when a worker is started on the company."""
    heard = HandlerProgress.objects.get(handler="warehousing.archive_delivery_note")
    assert heard.last_sequence > 0
    later = CommandOrder.objects.filter(sequence__gt=heard.last_sequence).values("command_id")
    waiting = Event.objects.filter(name__endswith=".ShipmentDispatched", command_id__in=later)
    assert 0 < waiting.count() < PAGE


@pytest.mark.full
def test_the_full_company_is_large_sound_and_busy(company: str) -> None:
    """Eighteen months of it, by two processes: 150,000 moves, and every list has its pages."""
    name = f"{company}_full"
    try:
        load_into(name, draw(SEED, FULL), processes=2)
        assert StockMove.objects.count() >= 150_000
        short = {name for name, resource in RESOURCES.items() if rows_of(resource) <= PAGE}
        assert short <= set(SHORT)
        empty = {name for name, resource in RESOURCES.items() if not rows_of(resource)}
        assert empty <= EMPTY
        assert all(work.count for work in todays_work(TODAY))
        report = verify()
        assert report.is_sound, [str(finding) for finding in report.findings]
    finally:
        point_at(company)
        drop(name)


@pytest.fixture(scope="module")
def copied(company: str, django_db_blocker: pytest.FixtureRequest) -> Iterator[str]:
    """The same company once more, to recall what is in it."""
    name = f"{company}_3"
    with django_db_blocker.unblock():
        for alias in connections:
            connections[alias].close()
        clone(name, company)
        point_at(name)
        yield name
        point_at(company)
        drop(name)


@pytest.mark.parametrize(
    "count", [20, pytest.param(None, marks=pytest.mark.full)], ids=["some", "all"]
)
def test_its_traces_are_what_a_walk_of_the_moves_finds(company: str, count: int | None) -> None:
    """Forward and back, now and as of the middle of its history. # TRC-01"""
    lots = most_travelled(count)
    compare_traces(lots)
    moments = StockMove.objects.order_by("pk").values_list("happened_at", flat=True)
    compare_traces(lots[: count and count // 4], Moment(moments[len(moments) // 2]))


@pytest.mark.parametrize(
    "count", [6, pytest.param(None, marks=pytest.mark.full)], ids=["some", "all"]
)
def test_its_recalls_find_what_a_walk_of_the_moves_finds(copied: str, count: int | None) -> None:
    compare_recalls(most_travelled(count), roles.QUALITY_HEAD)  # TRC-03
