"""What the plant makes: every six weeks a campaign of sub-assemblies, then of kits of them.

Kits go from the plant to the theatres of its own legal entity.
"""

import random
from collections import defaultdict
from datetime import date, timedelta

from traceward.cli.company.articles import Recipe
from traceward.cli.company.blueprint import Blueprint
from traceward.cli.company.group import TODAY, Hospital
from traceward.cli.company.plan import supply, transfers
from traceward.cli.company.plan.days import later, working
from traceward.cli.company.plan.demand import Order
from traceward.cli.company.plan.steps import Accept, Make, Plan, Wish

#: Days to the first campaign, and from one to the next.
FIRST, RHYTHM = 24, 42
#: Working days until the kits are made of the campaign's sub-assemblies.
KITS_AFTER = 4
#: Of each batch of kits so much is sold before the next one.
SOLD = 0.75


def make(plan: Blueprint, into: Plan, site: str) -> dict[str, list[Order]]:
    """Campaigns and the materials for them; by site, who orders the kits that go there."""
    chance = random.Random(f"{plan.seed}/{site}/making")
    needs: list[supply.Need] = []
    orders: dict[str, list[Order]] = defaultdict(list)
    campaign = 0
    day = working(plan.opens_on + timedelta(days=FIRST))
    while day < TODAY:
        for recipe in plan.recipes:
            is_kit = not _is_part(plan, recipe)
            on = later(day, KITS_AFTER) if is_kit else day
            needs += _campaign(into, site, recipe, on)
        campaign += 1
        _spread(plan, into, site, later(day, KITS_AFTER + 2), orders, chance, campaign)
        day = working(day + timedelta(days=RHYTHM))
    last = _waiting(plan, into, site)
    supply.buy(plan, into, site, [*needs, *last])
    return orders


def _is_part(plan: Blueprint, recipe: Recipe) -> bool:
    """Whether other things are made of it."""
    return any(recipe.output == item for other in plan.recipes for item, _ in other.inputs)


def _campaign(into: Plan, site: str, recipe: Recipe, on: date) -> list[supply.Need]:
    """One batch: made, accepted the day after; what it takes."""
    if on >= TODAY:
        return []
    lot = f"{recipe.output.replace('-', '')}{on:%y%m%d}"
    key = f"{site}/{lot}"
    into.add(on, 1, Make(key, site, recipe.output, recipe.batch, lot, later(on, 1)))
    into.add(later(on, 1), 1, Accept(key, site))
    return [supply.Need(on, item, recipe.batch * quantity) for item, quantity in recipe.inputs]


def _spread(
    plan: Blueprint,
    into: Plan,
    site: str,
    on: date,
    orders: dict[str, list[Order]],
    chance: random.Random,
    campaign: int,
) -> None:
    """The kits go to the entity's distribution centres, and from there to theatres."""
    targets = [
        w.code for w in plan.warehouses if w.entity == into.entity and w.kind == "distribution"
    ]
    kits = [recipe for recipe in plan.recipes if not _is_part(plan, recipe)]
    for target in targets:
        wishes = [
            Wish(recipe.output, round(recipe.batch * SOLD) // len(targets)) for recipe in kits
        ]
        transfers.send(plan, into, (site, target), on, wishes, campaign)
        there = later(on, transfers.TAKES + 1)
        for wish in wishes:
            orders[target] += _sold(plan, target, wish, there, chance)


def _sold(plan: Blueprint, site: str, wish: Wish, on: date, chance: random.Random) -> list[Order]:
    """So many kits for a theatre that uses them."""
    article = plan.articles[wish.item]
    able: list[tuple[Hospital, str]] = [
        (hospital, department)
        for hospital in plan.hospitals
        if hospital.site == site and (hospital.firm.papers[0].valid_until or TODAY) >= TODAY
        for department in hospital.departments
        if department in article.departments
    ]
    if not able:
        return []
    hospital, department = chance.choice(able)
    day = working(on + timedelta(days=chance.randrange(18)))
    return [Order(day, hospital, department, (wish,))]


def _waiting(plan: Blueprint, into: Plan, site: str) -> list[supply.Need]:
    """This morning one order is planned, and goods are issued to another one."""
    needs = []
    for recipe, is_issued in zip(plan.recipes[:2], (True, False), strict=True):
        lot = f"{recipe.output.replace('-', '')}{TODAY:%y%m%d}"
        due = TODAY + timedelta(days=4)
        key = f"{site}/{lot}"
        step = Make(key, site, recipe.output, recipe.batch, lot, due, is_issued, False)
        into.add(TODAY, 0, step)
        needs += [supply.Need(TODAY, item, recipe.batch * q) for item, q in recipe.inputs]
    return needs
