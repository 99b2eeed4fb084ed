"""This morning: something waits for everybody, at every site. Its orders stop half way."""

import random
from datetime import timedelta

from traceward.cli.company.articles import Article
from traceward.cli.company.blueprint import Blueprint
from traceward.cli.company.group import TODAY
from traceward.cli.company.plan import sales, standing
from traceward.cli.company.plan.days import earlier
from traceward.cli.company.plan.demand import Order
from traceward.cli.company.plan.steps import (
    Announce,
    Buy,
    Check,
    Count,
    Fetch,
    OpenPick,
    Plan,
    Sell,
    Ship,
    Step,
    Wish,
)
from traceward.cli.company.plan.supply import Arrival

#: How far each of the morning's orders has come, by turns.
ORDER_STAGES = ("placed", "promised", "opened", "picked", "checked", "sent")
#: How far each of the open purchases has come.
BUY_STAGES = ("asked", "ordered", "announced", "received", "inspected", "decided")
#: Differences that wait for a second person.
LARGE = (118, 140, 165)


def orders_wanted(plan: Blueprint) -> int:
    return len(ORDER_STAGES) * plan.scale.waiting


def begin(plan: Blueprint, into: Plan, site: str, orders: list[Order]) -> None:
    """What the site finds on its desks."""
    _orders(plan, into, site, orders)
    _purchases(plan, into, site)
    chance = random.Random(f"{plan.seed}/{site}/today")
    standing.begin(plan, into, site)
    large = (chance.choice(LARGE),)
    held = Count(site, chance.randrange(4, 20), large, "盘点：托盘数与账面不符，复盘确认", None)
    into.add(TODAY, 0, held)


def _orders(plan: Blueprint, into: Plan, site: str, orders: list[Order]) -> None:
    yesterday = earlier(TODAY, 1)
    for n, order in enumerate(orders):
        stage = ORDER_STAGES[n % len(ORDER_STAGES)]
        steps = sales.steps_of(plan, into.entity, site, order, f"{site}/today/{n}", 90_000 + n)
        done: list[Step] = [steps[0]]
        if stage == "placed":
            done = [_unpromised(steps[0])]
        elif stage == "opened":
            done.append(OpenPick(steps[0].key, site, n))
        elif stage != "promised":
            upto = {"picked": Fetch, "checked": Check, "sent": Ship}[stage]
            count = next(n for n, step in enumerate(steps) if isinstance(step, upto))
            done = list(steps[: count + 1])
        for step in done:
            into.add(yesterday if stage == "sent" else TODAY, 0, step)


def _unpromised(step: Sell) -> Sell:
    values = {**step.__dict__, "is_allocated": False}
    return Sell(**values)


def _purchases(plan: Blueprint, into: Plan, site: str) -> None:
    """One purchase at each stage, of goods that are always needed."""
    chance = random.Random(f"{plan.seed}/{site}/purchases")
    sellers = sorted(
        {
            article.supplier
            for article in plan.articles.values()
            if article.profile in ("steady", "winter") and _may_sell(plan, article)
        }
    )
    for n, stage in enumerate(BUY_STAGES):
        supplier = sellers[n % len(sellers)]
        arrival = Arrival(plan, site, supplier, "ABCDEF"[n], chance)
        arrival.is_first_bad = stage == BUY_STAGES[-1]
        goods = _goods(plan, supplier, chance)
        key = f"{site}-{supplier}-today{n}"
        wishes = tuple(Wish(a.code, 10 * a.packs[-1].base_units) for a in goods)
        is_asked = stage == "asked"
        ordered = TODAY if is_asked else earlier(TODAY, 8)
        buy = Buy(key, site, supplier, wishes, TODAY + timedelta(days=6), not is_asked)
        into.add(ordered, 0, buy)
        came = BUY_STAGES.index(stage) - BUY_STAGES.index("announced")
        for steps in arrival.steps(key, key, TODAY, list(wishes)):
            for step, after in zip(steps, (0, 1, 2, 3), strict=False):
                if came >= after:
                    day = earlier(TODAY, 1) if isinstance(step, Announce) else TODAY
                    into.add(day, 0, step)


def _may_sell(plan: Blueprint, article: Article) -> bool:
    """Whether all papers of the article's supplier count today, and it is not ourselves."""
    if not article.family or article.line == "own":
        return False
    papers = plan.firm(article.supplier).papers
    return all(paper.valid_until is None or paper.valid_until >= TODAY for paper in papers)


def _goods(plan: Blueprint, supplier: str, chance: random.Random) -> list[Article]:
    able = [
        article
        for article in plan.articles.values()
        if article.supplier == supplier and article.profile in ("steady", "winter")
    ]
    chosen = chance.sample(able, min(len(able), chance.randint(3, 5)))
    return sorted(chosen, key=lambda article: article.code)
