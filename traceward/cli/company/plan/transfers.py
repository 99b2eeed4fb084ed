"""Transfers 调拨 inside a legal entity: asked for, approved, sent, and received as new goods."""

import random
from collections.abc import Sequence
from datetime import date, timedelta

from traceward.cli.company.blueprint import Blueprint
from traceward.cli.company.group import TODAY
from traceward.cli.company.plan import sales
from traceward.cli.company.plan.days import earlier, later, working
from traceward.cli.company.plan.steps import (
    Arrive,
    Check,
    Decide,
    Fetch,
    Inspect,
    Plan,
    Request,
    Ship,
    Store,
    Wish,
)
from traceward.cli.company.plan.supply import Need
from traceward.kernel.base.gs1 import build_sscc

#: Days from one help of a neighbour to the next, and to the first.
RHYTHM, FIRST = 35, 60
#: Goods are on the other site's shelf so many working days after they were asked for.
TAKES = 3
#: Of every so-manieth transfer a unit is missing.
SHORT_EVERY = 5
REASON = "安全库存不足，由邻近配送中心调拨补货"


def send(
    plan: Blueprint, into: Plan, sites: tuple[str, str], on: date, wishes: Sequence[Wish], n: int
) -> None:
    """The goods go from the first site to the second one, and onto its shelves."""
    site, to_site = sites
    key = f"{site}>{to_site}/{n}"
    warehouse = next(w for w in plan.warehouses if w.code == site)
    number = sales.site_number(site) * 100_000 + 70_000 + sales.site_number(to_site) * 1_000 + n
    came = later(on, 2)
    sscc = build_sscc(3, plan.firm(into.entity).prefix, number)
    into.add(on, 0, Request(key, site, to_site, tuple(wishes), REASON, came))
    into.add(on, 1, Fetch(key, site, n))
    into.add(on, 1, Check(key, site))
    into.add(on, 2, Ship(key, site, warehouse.plates[0], "", "", sscc))
    into.add(came, 0, Arrive(key, to_site, site, is_short=n % SHORT_EVERY == 0))
    into.add(came, 1, Inspect(key, to_site))
    into.add(came, 2, Decide(key, to_site))
    into.add(later(came, 1), 0, Store(key, to_site))


def help_out(plan: Blueprint, into: Plan, site: str, to_site: str) -> list[Need]:
    """The larger site helps the smaller one with consumables; what it gives is needed here."""
    chance = random.Random(f"{plan.seed}/{site}/{to_site}")
    able = [
        article
        for article in plan.articles.values()
        if article.line in ("ward", "surgery") and len(article.packs) > 1 and not article.is_cold
    ]
    needs: list[Need] = []
    day, n = working(plan.opens_on + timedelta(days=FIRST)), 0
    while day < TODAY:
        n += 1
        chosen = sorted(chance.sample(able, min(6, len(able))), key=lambda a: a.code)
        wishes = [Wish(a.code, a.packs[1].base_units * chance.randint(2, 5)) for a in chosen]
        is_last = working(day + timedelta(days=RHYTHM)) >= TODAY
        on = earlier(TODAY, 1) if is_last else day
        send(plan, into, (site, to_site), on, wishes, n)
        needs += [Need(on, wish.item, wish.quantity) for wish in wishes]
        day = working(day + timedelta(days=RHYTHM))
    asked = tuple(Wish(a.code, a.packs[1].base_units) for a in able[:4])
    key = f"{site}>{to_site}/today"
    due = TODAY + timedelta(days=3)
    into.add(TODAY, 0, Request(key, site, to_site, asked, REASON, due, is_approved=False))
    return needs
