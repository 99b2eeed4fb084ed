"""How orders are served: promised, picked, checked, sent, signed for and used up."""

import random
from datetime import timedelta

from traceward.cli.company.blueprint import Blueprint
from traceward.cli.company.group import TODAY
from traceward.cli.company.plan import returns
from traceward.cli.company.plan.days import later, working
from traceward.cli.company.plan.demand import Order
from traceward.cli.company.plan.steps import Check, Deliver, Fetch, Plan, Sell, Ship, Use
from traceward.cli.company.tables import table
from traceward.kernel.base.gs1 import build_sscc

#: Every so-manieth order goes on consignment: ours until it is used.
CONSIGNED = 5
#: So many go by our own vehicle; the rest by a carrier.
OWN_VEHICLE = 0.7


def serve(plan: Blueprint, into: Plan, site: str, orders: list[Order]) -> None:
    """Each order goes its way from the day on which it came until it is used up."""
    last = ""
    for n, order in enumerate(orders, 1):
        chance = random.Random(f"{plan.seed}/{site}/{n}")
        sell, fetch, check, ship, deliver, use = steps_of(
            plan, into.entity, site, order, f"{site}/{n}", n
        )
        into.add(order.day, 0, sell)
        into.add(order.day, 1, fetch)
        into.add(order.day, 1, check)
        into.add(order.day, 2, ship)
        came = later(order.day, 1 if ship.plate else 2)
        into.add(came, 1, deliver)
        used = working(came + timedelta(days=chance.randint(8, 40)))
        if n % returns.EVERY == returns.NTH:
            used = max(used, returns.come_back(plan, into, site, sell.key, came))
        elif came < TODAY < used:
            last = sell.key
        into.add(used, 2, use)
    if last:
        returns.begin(into, site, last)


def steps_of(
    plan: Blueprint, entity: str, site: str, order: Order, key: str, n: int
) -> tuple[Sell, Fetch, Check, Ship, Deliver, Use]:
    """The order's steps in turn; `n` is its number at the site."""
    chance = random.Random(f"{plan.seed}/{key}")
    warehouse = next(w for w in plan.warehouses if w.code == site)
    number = site_number(site) * 100_000 + n
    carriers = [firm.zh for firm in plan.firms if firm.role == "carrier"]
    is_own = chance.random() < OWN_VEHICLE
    ship = Ship(
        key,
        site,
        plate=chance.choice(warehouse.plates) if is_own else "",
        carrier="" if is_own else chance.choice(carriers),
        waybill="" if is_own else f"YD{order.day:%y%m%d}{number:08d}",
        sscc=build_sscc(2, plan.firm(entity).prefix, number),
    )
    return (
        _sell(key, site, order, n, chance),
        Fetch(key, site, n),
        Check(key, site),
        ship,
        Deliver(key, site, n, receiver(chance)),
        Use(key, order.hospital.site, chance.choice((4, 6, 9, 50)), number * 7),
    )


def site_number(site: str) -> int:
    """The site's number among all, for numbers that must differ."""
    return [row["code"] for row in table("sites")].index(site) + 1


def _sell(key: str, site: str, order: Order, n: int, chance: random.Random) -> Sell:
    names = {row["code"]: row["zh"] for row in table("departments")}
    return Sell(
        key,
        site,
        order.hospital.firm.code,
        order.department,
        order.wishes,
        reference=f"CG{order.day:%Y%m%d}{order.department[:2]}{n:04d}",
        address=f"{order.hospital.firm.zh}{names[order.department]}",
        contact=f"{receiver(chance)} 分机 {chance.randrange(1000, 9999)}",
        is_consigned=n % CONSIGNED == 0 and order.department in ("CATH", "ORTHO", "EYE"),
    )


def receiver(chance: random.Random) -> str:
    """Somebody of the hospital."""
    return chance.choice(table("surnames"))["zh"] + chance.choice(
        ("护士长", "老师", "技师", "主任")
    )
