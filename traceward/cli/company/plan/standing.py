"""What happens to goods that stand: counted, looked at, sent back to suppliers, destroyed."""

import random
from collections.abc import Iterator
from datetime import date, timedelta

from traceward.cli.company.blueprint import Blueprint
from traceward.cli.company.group import TODAY
from traceward.cli.company.plan.days import later, working
from traceward.cli.company.plan.steps import CheckStock, Clear, Count, Destroy, Plan, SendBack

REASONS = (
    "月度动态盘点：零散件数与账面不符",
    "盘点：拆零后漏记一件",
    "盘点：同品种相邻库位错放，已归位",
    "盘点：外箱内少装一件，已告知供应商",
)
LARGE_REASON = "全面盘点：整托差异，复盘确认"
#: Days to the first time and from one to the next, of each site.
COUNTS, CHECKS, BACK, DESTROYED = (45, 30), (20, 30), (48, 36), (70, 50)
#: Every so-manieth count finds a large difference, every so-manieth check a doubtful lot.
LARGE_EVERY, DOUBTFUL_EVERY = 2, 4
#: Quality has looked at a doubtful lot after so many working days.
CLEARED_AFTER = 2


def keep(plan: Blueprint, into: Plan, site: str) -> None:
    """The site's goods are looked after for the whole history."""
    chance = random.Random(f"{plan.seed}/{site}/counts")
    _count(plan, into, site, chance)
    for nth, day in enumerate(_days(plan, CHECKS, chance), 1):
        is_doubtful = nth % DOUBTFUL_EVERY == 0
        into.add(day, 2, _check(site, chance, is_doubtful))
        if is_doubtful and later(day, CLEARED_AFTER) < TODAY:
            into.add(later(day, CLEARED_AFTER), 0, Clear(site))
    for day in _days(plan, BACK, chance):
        into.add(day, 1, SendBack(site))
    for day in _days(plan, DESTROYED, chance):
        into.add(day, 1, Destroy(site))


def begin(plan: Blueprint, into: Plan, site: str) -> None:
    """This morning's: a bin was looked at, and others have to decide about goods."""
    chance = random.Random(f"{plan.seed}/{site}/standing")
    into.add(TODAY, 0, _check(site, chance, True))
    into.add(TODAY, 0, SendBack(site, is_sent=False))
    into.add(TODAY, 0, Destroy(site, is_done=False))


def _days(plan: Blueprint, rhythm: tuple[int, int], chance: random.Random) -> Iterator[date]:
    first, step = rhythm
    day = plan.opens_on + timedelta(days=first + chance.randrange(15))
    while working(day) < TODAY:
        yield working(day)
        day += timedelta(days=step)


def _count(plan: Blueprint, into: Plan, site: str, chance: random.Random) -> None:
    for nth, day in enumerate(_days(plan, COUNTS, chance), 1):
        changes = tuple(chance.choice((-1, -1, -2, 1, -3)) for _ in range(chance.randint(1, 4)))
        counted = Count(site, chance.randrange(40), changes, chance.choice(REASONS))
        into.add(day, 2, counted)
        if nth % LARGE_EVERY == 0:
            large = (chance.choice((-120, 110, 130)),)
            is_released = nth % (2 * LARGE_EVERY) == 0
            into.add(day, 2, Count(site, chance.randrange(9), large, LARGE_REASON, is_released))


def _check(site: str, chance: random.Random, is_doubtful: bool) -> CheckStock:
    tenths, humidity = chance.randint(185, 238), chance.randint(42, 63)
    return CheckStock(site, chance.randrange(40), is_doubtful, tenths, humidity)
