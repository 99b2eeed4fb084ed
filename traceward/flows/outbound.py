"""From a customer's order to the shelf: sales says what, stock promises which, picking fetches."""

from traceward.domain.catalog.queries import items_with_facts
from traceward.domain.partners.models import Partner
from traceward.domain.sales.commands.ordering import keep_licences, order_scope
from traceward.domain.sales.models import OrderState, SalesOrder, SalesOrderLine
from traceward.domain.sales.queries import still_asked
from traceward.domain.stock.allocation import Demand, Shortfall, Strategy
from traceward.domain.stock.commands.allocation import Reserved, reserve
from traceward.domain.stock.commands.terms import require_served
from traceward.domain.warehousing.commands.picking import PickOpened, open_pick
from traceward.domain.warehousing.queries import require_may_go_out
from traceward.kernel.base.refusals import WrongState, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.command.write import touch
from traceward.kernel.org.roles import PLANNER, SALES, STOREKEEPER, SUPERVISOR


@command(
    "outbound.allocate",
    roles=(SALES, PLANNER, SUPERVISOR),
    scope=order_scope,
    from_states=(OrderState.OPEN,),
)
def allocate(
    order_id: int,
    *,
    strategy: Strategy | None = None,
    shortfall: Shortfall = Shortfall.TAKE,
    by: Actor,
) -> Reserved:
    """The order's lines have stock promised, with reasons, as far as it is there.

    What was picked already is not promised again. Licences and certificates are asked for today.
    # OUT-03
    """
    order: SalesOrder = SalesOrder.objects.lock(order_id)
    require_served(order.kind, order.state, str(order))
    lines = list(SalesOrderLine.objects.filter(line__document=order_id).order_by("line__pk"))
    items = items_with_facts(line.item_id for line in lines)
    seller = order.legal_entity.party_id
    today = order.site.day_at(by.now)
    licences = require_may_go_out(
        seller, order.customer_id, [items[x.item_id] for x in lines], today, field="lines.{n}"
    )
    keep_licences(lines, {pk: verdict.number for pk, verdict in licences.items()}, by)
    partner = Partner.objects.get(party=order.customer_id)
    asked = still_asked([line.pk for line in lines])
    demands = [
        Demand(
            line_id=line.pk,
            item_id=line.item_id,
            quantity=asked[line.pk].quantity,
            site_id=order.site_id,
            owner_id=seller,
            strategy=strategy,
            customer_id=order.customer_id,
            customer_class=partner.customer_class,
            lot_id=line.lot_id,
            serial_ids=(line.serial_id,) if line.serial_id else (),
        )
        for line in lines
        if asked[line.pk].quantity > 0
    ]
    if not demands:
        raise WrongState(
            sentence("Everything of {number} has left already. There is nothing to allocate."),
            number=str(order),
        )
    touch(order, by=by)
    return reserve(demands, shortfall=shortfall, by=by)


@command(
    "outbound.start_pick",
    roles=(STOREKEEPER, SUPERVISOR),
    scope=order_scope,
    from_states=(OrderState.OPEN,),
)
def start_pick(order_id: int, staging_id: int, *, by: Actor) -> PickOpened:
    """What is promised to the order is a pick for its customer, in walking order."""
    return open_pick(SalesOrder.objects.lock(order_id).pk, staging_id, by=by)
