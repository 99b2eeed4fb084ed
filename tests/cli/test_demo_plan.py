"""The demo company's plan, without a database: as large as promised, and it adds up."""

from collections import Counter
from dataclasses import dataclass, field

import pytest

from traceward.cli.company.blueprint import FULL, SMALL, Blueprint, draw
from traceward.cli.company.group import TODAY
from traceward.cli.company.plan.history import plans
from traceward.cli.company.plan.steps import (
    Accept,
    Announce,
    Batch,
    Make,
    Plan,
    Request,
    Sell,
    Step,
    Store,
    Wish,
)
from traceward.kernel.base.gs1 import has_check_digit
from traceward.kernel.org.rules import uscc_fault

SEED = 952


@pytest.fixture(scope="module")
def full() -> Blueprint:
    return draw(SEED, FULL)


@pytest.fixture(scope="module")
def history(full: Blueprint) -> list[Plan]:
    """What the whole company does in eighteen months."""
    return plans(full)


def test_the_full_company_is_as_large_as_promised(full: Blueprint) -> None:
    assert len(full.articles) >= 300
    assert len(full.hospitals) == 40
    assert len([w for w in full.warehouses if w.kind == "distribution"]) == 5
    departments = [len(hospital.departments) for hospital in full.hospitals]
    assert (min(departments), max(departments)) == (2, 4)
    makers = {article.maker for article in full.articles.values()}
    assert len(makers) >= 12
    days = {paper.valid_until for firm in full.firms for paper in firm.papers}
    assert any(day and day < TODAY for day in days)


def test_every_number_has_its_right_check_character(full: Blueprint) -> None:
    dis = [pack.di for article in full.articles.values() for pack in article.packs]
    assert len(dis) == len(set(dis))
    assert all(di[1:4] == "952" and has_check_digit(di) for di in dis)
    firms = [*full.firms, *(hospital.firm for hospital in full.hospitals)]
    assert all(firm.gln.startswith("952") and has_check_digit(firm.gln) for firm in firms)
    codes = [firm.uscc for firm in firms if firm.uscc]
    assert len(codes) == len(set(codes))
    assert all(code[2:8] == "999999" and uscc_fault(code) is None for code in codes)


def test_a_supplier_uses_no_number_twice() -> None:
    """Chance gave two notices of one day the same number with this seed."""
    made = [
        step.reference
        for plan in plans(draw(7, FULL))
        for row in plan.steps.values()
        for step in row
        if isinstance(step, Announce)
    ]
    assert [number for number, times in Counter(made).items() if times > 1] == []


def test_the_plan_is_the_seed_and_nothing_else() -> None:
    assert plans(draw(7, SMALL)) == plans(draw(7, SMALL))
    assert plans(draw(8, SMALL)) != plans(draw(7, SMALL))


def test_winter_asks_for_more_than_summer(full: Blueprint, history: list[Plan]) -> None:
    winter = {code for code, article in full.articles.items() if article.profile == "winter"}
    asked = {1: 0, 7: 0}
    for plan in history:
        for (day, _), row in plan.steps.items():
            for step in row:
                if isinstance(step, Sell) and day.year == 2026 and day.month in asked:
                    asked[day.month] += sum(w.quantity for w in step.wishes if w.item in winter)
    assert asked[1] > asked[7]


@dataclass
class Shelves:
    """What the plan itself says stands on the shelves, and what was asked for and not there."""

    full: Blueprint
    there: Counter[tuple[str, str]] = field(default_factory=Counter)
    coming: dict[str, tuple[Wish | Batch, ...]] = field(default_factory=dict)
    asked: Counter[type[Step]] = field(default_factory=Counter)
    short: Counter[type[Step]] = field(default_factory=Counter)

    def follow(self, step: Step) -> None:
        if isinstance(step, Announce):
            self.coming[step.key] = step.batches
        elif isinstance(step, Store):
            for came in self.coming.get(step.notice, ()):  # none: what customers sent back
                bad = came.rejected if isinstance(came, Batch) else 0
                self.there[step.site, came.item] += came.quantity - bad
        elif isinstance(step, Make) and step.is_done:
            recipe = next(r for r in self.full.recipes if r.output == step.item)
            for item, each in recipe.inputs:
                self._take(step, step.site, item, each * step.quantity)
            self.coming[step.key] = (Wish(step.item, step.quantity),)
        elif isinstance(step, Accept):
            for made in self.coming[step.order]:
                self.there[step.site, made.item] += made.quantity
        elif isinstance(step, Sell) or (isinstance(step, Request) and step.is_approved):
            for wish in step.wishes:
                self._take(step, step.site, wish.item, wish.quantity)
            self.coming[step.key] = step.wishes

    def _take(self, step: Step, site: str, item: str, quantity: int) -> None:
        taken = min(quantity, self.there[site, item])
        self.there[site, item] -= taken
        self.asked[type(step)] += 1
        self.short[type(step)] += taken < quantity


def test_what_is_taken_has_come_before(full: Blueprint, history: list[Plan]) -> None:
    """Work orders find all their materials; of order lines one in fifty finds less than it wants.

    Picks, dispatches and transfers take what the ledger promised, which is never more.
    """
    for plan in history:
        shelves = Shelves(full)
        for row in plan.steps.values():
            for step in row:
                shelves.follow(step)
        assert shelves.short[Make] == 0
        assert shelves.short[Sell] * 50 < shelves.asked[Sell]
        assert shelves.short[Request] * 50 < shelves.asked[Request]
