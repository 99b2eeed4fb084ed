"""What hospitals order: steady, seasonal, intermittent and rare demand by department."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from traceward.cli.company.articles import Article
from traceward.cli.company.blueprint import Blueprint
from traceward.cli.company.group import TODAY, Hospital
from traceward.cli.company.plan.days import later, working
from traceward.cli.company.plan.steps import Wish

#: Sales begin when the first goods stand on the shelves.
FIRST_SALE_DAYS = 26
#: How much of a winter item is asked for, by month.
WINTER = (0, 2.0, 1.7, 1.2, 0.9, 0.7, 0.5, 0.5, 0.6, 0.8, 1.1, 1.6, 2.0)
#: Before the Spring Festival theatres work off their lists, in it they stand still.
RUSH = (date(2026, 1, 19), date(2026, 2, 13))
#: An order has at most so many lines, by department.
LINES = {"CATH": 60, "ORTHO": 60, "LAB": 48, "EYE": 24, "OR": 60, "STORE": 48}
#: Of the items made for it a department keeps so many.
KEPT = 0.92
#: Chance that an item stands on an order of a department that keeps it.
ASKED = {"steady": 0.88, "winter": 0.85, "intermittent": 0.2, "rare": 0.06}


@dataclass(frozen=True)
class Order:
    """A department wants these goods on this day."""

    day: date
    hospital: Hospital
    department: str
    wishes: tuple[Wish, ...]

    @property
    def place(self) -> str:
        return f"{self.hospital.firm.code}-{self.department}"


def orders(plan: Blueprint, site: str) -> list[Order]:
    """All orders of the hospitals that the site serves, by day; those of the last days too."""
    found = [
        order
        for hospital in plan.hospitals
        if hospital.site == site
        for department in hospital.departments
        for order in _of_department(plan, hospital, department)
    ]
    return sorted(found, key=lambda order: (order.day, order.place))


def _of_department(plan: Blueprint, hospital: Hospital, department: str) -> list[Order]:
    chance = random.Random(f"{plan.seed}/{hospital.firm.code}/{department}")
    kept = assortment(plan, hospital, department, chance)
    size = chance.uniform(0.7, 1.5)
    found = []
    day = plan.opens_on + timedelta(days=FIRST_SALE_DAYS + chance.randrange(28))
    last = min(TODAY - timedelta(days=1), hospital.firm.papers[0].valid_until or TODAY)
    while (on := working(day)) <= last:
        if wishes := _wishes(kept, on, department, size, chance):
            found.append(Order(on, hospital, department, wishes))
        pace = 0.7 if RUSH[0] <= on <= RUSH[1] else 1.0
        day = later(on, 1) + timedelta(
            days=round(plan.scale.weeks * 7 * pace * chance.uniform(0.6, 1.4)) - 1
        )
    return found


def burst(plan: Blueprint, site: str, count: int) -> list[Order]:
    """So many small orders of this morning, from hospitals that may buy."""
    chance = random.Random(f"{plan.seed}/{site}/burst")
    able = [
        (hospital, department)
        for hospital in plan.hospitals
        if hospital.site == site and (hospital.firm.papers[0].valid_until or TODAY) >= TODAY
        for department in hospital.departments
    ]
    found: list[Order] = []
    while len(found) < count:
        hospital, department = chance.choice(able)
        kept = assortment(plan, hospital, department, chance)
        likely = [article for article in kept if article.profile in ("steady", "winter")]
        if likely:
            asked = chance.sample(likely, min(len(likely), chance.randint(3, 7)))
            asked.sort(key=lambda article: article.code)
            wishes = tuple(Wish(a.code, _quantity(a, TODAY, 0.8, chance)) for a in asked)
            found.append(Order(TODAY, hospital, department, wishes))
    return found


def assortment(
    plan: Blueprint, hospital: Hospital, department: str, chance: random.Random
) -> list[Article]:
    """The items that the department keeps: some sizes of each product for it that it may use."""
    allowed = hospital.firm.papers[0].categories
    kept = []
    for article in plan.articles.values():
        if department not in article.departments or article.line == "own":
            continue
        category = plan.certificates[article.family].category
        if allowed and category[:2] not in allowed:
            continue
        if chance.random() < KEPT:
            kept.append(article)
    return kept


def _wishes(
    kept: list[Article], day: date, department: str, size: float, chance: random.Random
) -> tuple[Wish, ...]:
    asked = [article for article in kept if chance.random() < ASKED[article.profile]]
    if len(asked) > LINES[department]:
        asked = sorted(chance.sample(asked, LINES[department]), key=lambda a: a.code)
    return tuple(Wish(a.code, _quantity(a, day, size, chance)) for a in asked)


def _quantity(article: Article, day: date, size: float, chance: random.Random) -> int:
    if article.profile in ("intermittent", "rare") or article.line == "capital":
        return chance.choice((1, 1, 1, 2))
    if article.has_serials:
        return chance.choice((2, 3, 4, 4, 5, 6, 8))
    season = WINTER[day.month] if article.profile == "winter" else 1.0
    pack = article.packs[1].base_units if len(article.packs) > 1 else 1
    if article.line == "ivd":
        return max(1, round(chance.uniform(1, 6) * size * season))
    return pack * max(1, round(chance.uniform(0.6, 4) * size * season))
