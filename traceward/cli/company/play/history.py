"""Days are played one after the other, each slot by slot; two legal entities side by side."""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

from traceward.cli.company.plan import steps
from traceward.cli.company.play import (
    inbound,
    making,
    newcomers,
    outbound,
    recalls,
    returns,
    standing,
    transfers,
)
from traceward.cli.company.play.player import SHANGHAI, Player
from traceward.domain.catalog.commands import renew_product
from traceward.domain.stock.commands.periods import close_period
from traceward.kernel.org import roles

When = tuple[date, int]


def renew(player: Player, step: steps.Renew) -> None:
    product = player.known.products[step.family]
    renew_product(product, step.valid_until, by=player.known.by(roles.DATA_OWNER))


def close_books(player: Player, step: steps.CloseBooks) -> None:
    until = datetime.combine(step.until, time(0), SHANGHAI)
    by = player.known.by(roles.FINANCE, step.entity)
    close_period(player.known.entities[step.entity], until, by=by)


HOW: dict[type, Callable[[Player, Any], None]] = {
    steps.Buy: inbound.buy,
    steps.Announce: inbound.announce,
    steps.Receive: inbound.receive,
    steps.Inspect: inbound.inspect,
    steps.Decide: inbound.decide,
    steps.Store: inbound.store,
    steps.Sell: outbound.sell,
    steps.OpenPick: outbound.open_pick,
    steps.Fetch: outbound.fetch,
    steps.Check: outbound.check_goods,
    steps.Ship: outbound.send,
    steps.Deliver: outbound.deliver,
    steps.Use: outbound.use_up,
    steps.Count: standing.count,
    steps.CheckStock: standing.check,
    steps.Clear: standing.clear,
    steps.SendBack: standing.send_back,
    steps.Destroy: standing.destroy_goods,
    steps.Return: returns.announce,
    steps.TakeBack: returns.take_back,
    steps.Introduce: newcomers.introduce,
    steps.Approach: newcomers.approach,
    steps.Recall: recalls.recall,
    steps.Request: transfers.request,
    steps.Arrive: transfers.arrive,
    steps.Make: making.make,
    steps.Accept: making.accept,
    steps.CloseBooks: close_books,
    steps.Renew: renew,
}


def play(player: Player, plan: steps.Plan, when: When) -> None:
    """What the plan has for this slot of this day has happened."""
    player.day, player.slot = when
    for step in plan.steps.get(when, ()):
        HOW[type(step)](player, step)
