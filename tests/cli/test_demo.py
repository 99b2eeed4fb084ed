"""The demo company: the same seed gives the same company, sound, with work for everybody."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from django.conf import settings

from tests.databases import WORKER, clone, drop, point_at
from traceward.cli.company.blueprint import FULL, SMALL, draw
from traceward.cli.company.digest import digest
from traceward.cli.company.group import TODAY
from traceward.cli.company.plan.history import plans
from traceward.cli.company.plan.steps import Announce, Sell
from traceward.cli.company.play.loading import load
from traceward.cli.company.work import figures, one_of_each, today, todays_work
from traceward.domain.catalog.models import Item
from traceward.domain.purchasing.models import ShippingNotice
from traceward.domain.recalls.models import RecallCase
from traceward.domain.stock.models import Lot, Status, StockMove
from traceward.domain.trace.queries import Start, backward
from traceward.domain.warehousing.models import ReceiptLine
from traceward.kernel.audit.verify import verify
from traceward.kernel.base.gs1 import has_check_digit
from traceward.kernel.org import roles
from traceward.kernel.org.rules import uscc_fault

SEED = 7
#: With some moves between bins behind it, as a large one has for benchmarks.
MOVES = 1_500
TINY = draw(SEED, replace(SMALL, moves=MOVES))


def silent(share: float, day: date) -> None:
    """Nobody is told how far it is."""


def loaded(database: str) -> dict[str, str]:
    """The small company in a database of its own, and its fingerprint."""
    clone(database)
    point_at(database)
    load(TINY, silent, processes=1)
    return digest()


@pytest.fixture(scope="module")
def twice(
    django_db_setup: None, django_db_blocker: pytest.FixtureRequest
) -> Iterator[list[dict[str, str]]]:
    """Loaded twice; the second one stays while the module runs."""
    before = settings.DATABASES["default"]["NAME"]
    names = [f"tw_demo_{n}_{WORKER}" for n in (1, 2)]
    with django_db_blocker.unblock():
        yield [loaded(name) for name in names]
        point_at(before)
        for name in names:
            drop(name)


def test_the_same_seed_gives_the_same_company(twice: list[dict[str, str]]) -> None:
    first, second = twice
    assert first == second


def test_the_ledger_is_sound(twice: list[dict[str, str]]) -> None:
    report = verify()
    assert report.is_sound, [str(finding) for finding in report.findings]
    assert report.leaves.total() > StockMove.objects.count() >= MOVES


def test_everybody_has_work(twice: list[dict[str, str]]) -> None:
    assert today() == TODAY
    waiting = {work.role for work in todays_work(TODAY) if work.count}
    assert waiting == set(roles.ALL) - {roles.SYSTEM, roles.AUDITOR, roles.ADMINISTRATOR}


def test_everybody_of_the_trade_is_there(twice: list[dict[str, str]]) -> None:
    assert {role for role, _ in one_of_each()} == set(roles.ALL) - {roles.SYSTEM}
    found = figures()
    assert (found["entities"], found["sites"], found["hospitals"]) == (2, 3, 2)


def test_what_came_is_what_was_planned(twice: list[dict[str, str]]) -> None:
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


def test_kits_know_what_they_were_made_of(twice: list[dict[str, str]]) -> None:
    kit = Lot.objects.filter(item__code="CK-01").order_by("pk").first()
    assert kit is not None
    made_of = {node.item_id for node in backward(Start(lots=[kit.pk]), sites=None).nodes}
    codes = set(Item.objects.filter(pk__in=made_of).values_list("code", flat=True))
    assert {"SA-SHEATH", "RM-TUBE", "GW-01"} <= codes


def test_one_recall_runs(twice: list[dict[str, str]]) -> None:
    assert RecallCase.objects.filter(state="open").exists()


# --- The plan, without a database ---------------------------------------------------------------


def test_the_full_company_is_as_large_as_promised() -> None:
    full = draw(SEED, FULL)
    assert len(full.articles) >= 300
    assert len(full.hospitals) == 40
    assert len([w for w in full.warehouses if w.kind == "distribution"]) == 5
    departments = [len(hospital.departments) for hospital in full.hospitals]
    assert (min(departments), max(departments)) == (2, 4)
    makers = {article.maker for article in full.articles.values()}
    assert len(makers) >= 12
    days = {paper.valid_until for firm in full.firms for paper in firm.papers}
    assert any(day and day < TODAY for day in days)


def test_every_number_has_its_right_check_character() -> None:
    full = draw(SEED, FULL)
    dis = [pack.di for article in full.articles.values() for pack in article.packs]
    assert len(dis) == len(set(dis))
    assert all(di[1:4] == "952" and has_check_digit(di) for di in dis)
    firms = [*full.firms, *(hospital.firm for hospital in full.hospitals)]
    assert all(firm.gln.startswith("952") and has_check_digit(firm.gln) for firm in firms)
    codes = [firm.uscc for firm in firms if firm.uscc]
    assert len(codes) == len(set(codes))
    assert all(code[2:8] == "999999" and uscc_fault(code) is None for code in codes)


def test_the_plan_is_the_seed_and_nothing_else() -> None:
    assert plans(draw(SEED, TINY.scale)) == plans(TINY)
    other = plans(draw(SEED + 1, SMALL))
    assert [plan.steps for plan in other] != [plan.steps for plan in plans(TINY)]


def test_winter_asks_for_more_than_summer() -> None:
    full = draw(SEED, FULL)
    winter = {code for code, article in full.articles.items() if article.profile == "winter"}
    asked = {1: 0, 7: 0}
    for plan in plans(full):
        for (day, _), row in plan.steps.items():
            for step in row:
                if isinstance(step, Sell) and day.year == 2026 and day.month in asked:
                    asked[day.month] += sum(w.quantity for w in step.wishes if w.item in winter)
    assert asked[1] > asked[7]
