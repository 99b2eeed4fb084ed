"""Counts 盘点: every few weeks some bins of each site are counted, and differ a little."""

import random
from datetime import timedelta

from traceward.cli.company.blueprint import Blueprint
from traceward.cli.company.group import TODAY
from traceward.cli.company.plan.days import working
from traceward.cli.company.plan.steps import Count, Plan

REASONS = (
    "月度动态盘点：零散件数与账面不符",
    "盘点：拆零后漏记一件",
    "盘点：同品种相邻库位错放，已归位",
    "盘点：外箱内少装一件，已告知供应商",
)
#: Days from one count to the next; one in so many finds a large difference.
RHYTHM, LARGE_EVERY = 30, 6


def count(plan: Blueprint, into: Plan, site: str) -> None:
    chance = random.Random(f"{plan.seed}/{site}/counts")
    day = plan.opens_on + timedelta(days=45 + chance.randrange(15))
    nth = 0
    while working(day) < TODAY:
        nth += 1
        changes = tuple(chance.choice((-1, -1, -2, 1, -3)) for _ in range(chance.randint(2, 6)))
        into.add(
            working(day), 2, Count(site, chance.randrange(0, 25), changes, chance.choice(REASONS))
        )
        if nth % LARGE_EVERY == 0:
            large = (chance.choice((-120, 110, 130)),)
            reason = "季度全面盘点：整托差异，复盘确认"
            into.add(working(day), 2, Count(site, 3, large, reason, nth % 2 == 0))
        day += timedelta(days=RHYTHM)
