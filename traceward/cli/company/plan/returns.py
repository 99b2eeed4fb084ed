"""Customers' returns 退货: of every so-manieth delivery a little comes back within two weeks."""

import random
from datetime import date

from traceward.cli.company.blueprint import Blueprint
from traceward.cli.company.group import TODAY
from traceward.cli.company.plan.days import later
from traceward.cli.company.plan.steps import Decide, Inspect, Plan, Return, Store, TakeBack

#: So many deliveries to one of which something comes back, and which of them.
EVERY, NTH = 7, 3
#: Working days from the delivery to the announcement, and to the goods.
AFTER, BACK = 2, 4
REASONS = ("型号订错，未开封", "超出科室周转用量，未开封", "外包装受压，科室拒用", "手术取消")


def key_of(order: str) -> str:
    """How later steps call what comes back of an order."""
    return f"{order}/back"


def come_back(plan: Blueprint, into: Plan, site: str, order: str, came: date) -> date:
    """Announced, received, inspected, decided, shelved; the day on which the rest may be used."""
    chance = random.Random(f"{plan.seed}/{order}/back")
    announced, back = later(came, AFTER), later(came, BACK)
    key = key_of(order)
    into.add(announced, 0, Return(order, site, chance.randrange(30), chance.choice(REASONS)))
    into.add(back, 0, TakeBack(order, site))
    into.add(back, 1, Inspect(key, site))
    into.add(back, 2, Decide(key, site))
    into.add(later(back, 1), 0, Store(key, site))
    return later(back, 1)


def begin(into: Plan, site: str, order: str) -> None:
    """This morning one more is announced; the goods are still with the customer."""
    into.add(TODAY, 0, Return(order, site, 1, REASONS[0]))
