"""What the plant makes: every four weeks a campaign of sub-assemblies, then of kits of them.

Kits go from the plant to the theatres of its own legal entity.
"""

import random
from datetime import date, timedelta

from traceward.cli.company.articles import Recipe
from traceward.cli.company.blueprint import Blueprint
from traceward.cli.company.group import TODAY, Hospital
from traceward.cli.company.plan import sales, supply
from traceward.cli.company.plan.days import later, working
from traceward.cli.company.plan.demand import Order
from traceward.cli.company.plan.steps import Accept, Make, Plan, Wish

#: Days to the first campaign, and from one to the next.
FIRST, RHYTHM = 30, 28
#: Working days until the kits are made of the campaign's sub-assemblies.
KITS_AFTER = 4
#: Of each batch of kits so much is sold before the next one.
SOLD = 0.75


def make(plan: Blueprint, into: Plan, site: str) -> None:
    """Campaigns, the materials for them, and who gets the kits."""
    chance = random.Random(f"{plan.seed}/{site}/making")
    needs: list[supply.Need] = []
    orders: list[Order] = []
    day = working(plan.opens_on + timedelta(days=FIRST))
    while day < TODAY:
        for recipe in plan.recipes:
            is_kit = not _is_part(plan, recipe)
            on = later(day, KITS_AFTER) if is_kit else day
            needs += _campaign(into, site, recipe, on)
            if is_kit:
                orders += _sold(plan, into.entity, recipe, later(on, 3), chance)
        day = working(day + timedelta(days=RHYTHM))
    last = _waiting(plan, into, site)
    supply.buy(plan, into, site, [*needs, *last])
    kept = [order for order in orders if order.day < TODAY]
    sales.serve(plan, into, site, sorted(kept, key=lambda order: (order.day, order.place)))


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


def _sold(
    plan: Blueprint, entity: str, recipe: Recipe, on: date, chance: random.Random
) -> list[Order]:
    """The batch in a few orders of theatres that use it."""
    article = plan.articles[recipe.output]
    sites = {w.code for w in plan.warehouses if w.entity == entity}
    able: list[tuple[Hospital, str]] = [
        (hospital, department)
        for hospital in plan.hospitals
        if hospital.site in sites
        for department in hospital.departments
        if department in article.departments
    ]
    left = round(recipe.batch * SOLD)
    found = []
    while left > 0 and able:
        hospital, department = chance.choice(able)
        quantity = min(left, article.packs[-1].base_units * chance.randint(4, 8))
        wishes = (Wish(recipe.output, quantity),)
        day = working(on + timedelta(days=chance.randrange(18)))
        found.append(Order(day, hospital, department, wishes))
        left -= quantity
    return found


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
