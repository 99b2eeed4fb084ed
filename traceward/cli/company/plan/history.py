"""Eighteen months of one legal entity."""

from datetime import timedelta

from traceward.cli.company.articles import newcomers
from traceward.cli.company.blueprint import Blueprint
from traceward.cli.company.group import TODAY
from traceward.cli.company.plan import demand, making, sales, standing, supply, today, transfers
from traceward.cli.company.plan.days import later, working
from traceward.cli.company.plan.steps import Approach, CloseBooks, Introduce, Plan, Recall, Renew

#: Code and names of a supplier whose papers wait for quality this morning.
NEW_SUPPLIER = (
    "XINQIAO",
    "新樵康复器械（佛山）有限公司",
    "Xinqiao Rehabilitation Devices (Foshan)",
)


#: Why lots were recalled, the newest first.
RECALLED = (
    "生产企业通知：该批外包装标签有效期印刷错误，主动召回",
    "生产企业通知：该批中包装条码模糊，主动召回",
    "监管抽检：该批说明书缺少禁忌症内容，责令召回",
)


def plans(blueprint: Blueprint) -> list[Plan]:
    """What each legal entity does; the two touch no goods of each other."""
    return [_plan(blueprint, firm.code) for firm in blueprint.firms if firm.role == "entity"]


def _plan(blueprint: Blueprint, entity: str) -> Plan:
    made = Plan(entity)
    sites = [w for w in blueprint.warehouses if w.entity == entity]
    kits: dict[str, list[demand.Order]] = {}
    for warehouse in sites:
        if warehouse.kind == "plant":
            kits = making.make(blueprint, made, warehouse.code)
    centres = [w.code for w in sites if w.kind == "distribution"]
    for site in centres:
        given = [
            need
            for neighbour in (centres[1:] if site == centres[0] else [])
            for need in transfers.help_out(blueprint, made, site, neighbour)
        ]
        _trade(blueprint, made, site, given, kits.get(site, []))
    _close_books(blueprint, made)
    _recall(blueprint, made)
    if entity == blueprint.firms[0].code:
        for day, family, until in blueprint.renewals:
            made.add(working(day), 0, Renew(family, until))
        _newcomers(blueprint, made)
    made.steps = {when: row for when, row in sorted(made.steps.items()) if when <= (TODAY, 0)}
    return made


def _trade(
    blueprint: Blueprint,
    into: Plan,
    site: str,
    given: list[supply.Need],
    kits: list[demand.Order],
) -> None:
    """What the site buys and sells, counts, and finds on its desks this morning."""
    orders = demand.orders(blueprint, site)
    morning = demand.burst(blueprint, site, today.orders_wanted(blueprint))
    needs = [
        supply.Need(order.day, wish.item, wish.quantity)
        for order in [*orders, *morning]
        for wish in order.wishes
    ]
    supply.buy(blueprint, into, site, [*needs, *given])
    supply.buy_too_much(blueprint, into, site)
    kept = [order for order in kits if order.day < TODAY]
    by_day = sorted([*orders, *kept], key=lambda order: (order.day, order.place))
    sales.serve(blueprint, into, site, by_day)
    standing.keep(blueprint, into, site)
    today.begin(blueprint, into, site, morning)


def _newcomers(blueprint: Blueprint, into: Plan) -> None:
    """New products were approved one after the other; two of them and a supplier are not yet."""
    for code, (days_ago, _) in newcomers().items():
        day = working(TODAY - timedelta(days=days_ago))
        if day > blueprint.opens_on:
            into.add(day, 0, Introduce(code, is_approved=days_ago > 0))
    into.add(TODAY, 0, Approach(*NEW_SUPPLIER))


def _close_books(blueprint: Blueprint, into: Plan) -> None:
    """Each month is closed in the second week of the next one; the last one is not yet."""
    month = (blueprint.opens_on.replace(day=1) + timedelta(days=32)).replace(day=1)
    while (day := later(month, 8)) < TODAY - timedelta(days=30):
        into.add(day, 2, CloseBooks(into.entity, month))
        month = (month + timedelta(days=32)).replace(day=1)


def _recall(blueprint: Blueprint, into: Plan) -> None:
    """One entity closed some recalls; the other one has one running."""
    site = next(w.code for w in blueprint.warehouses if w.entity == into.entity)
    if into.entity == blueprint.firms[0].code:
        for nth, reason in enumerate(RECALLED, 1):
            day = working(TODAY - (TODAY - blueprint.opens_on) * nth / 8)
            into.add(day, 2, Recall(site, 3, reason, is_closed=True))
    else:
        reason = "不良事件监测：该批产品输送系统释放阻力偏大，主动召回"
        into.add(TODAY, 0, Recall(site, 2, reason, is_closed=False))
