"""An order gives its product: a lot of its own, what it took, and the genealogy. # PRO-01 PRO-02"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from traceward.domain.catalog.models import Item
from traceward.domain.production import queries, rules
from traceward.domain.production.commands.checking import check_places, check_released
from traceward.domain.production.commands.goods import Input, Output, Part
from traceward.domain.production.commands.making import day_of, make
from traceward.domain.production.commands.planning import order_scope
from traceward.domain.production.commands.wip import picked_out, take_out, under_way
from traceward.domain.production.models import IssuedGoods, OrderState, Transformation, WorkOrder
from traceward.domain.production.refusals import NotIssued
from traceward.domain.stock.rules import normalised
from traceward.kernel.base.refusals import InvalidInput, sentence
from traceward.kernel.base.rows import save_rows
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.command.write import amend, apply_rules
from traceward.kernel.org.roles import PRODUCTION
from traceward.kernel.rules.queries import reader


@dataclass(frozen=True)
class Used:
    """So many base units of issued goods went in."""

    issued_id: int
    quantity: int


@dataclass(frozen=True)
class Completed:
    transformation_id: int
    #: Lots that came out, in the order of the outputs, and their numbers.
    lot_ids: list[int | None]
    lot_numbers: list[str]
    serial_ids: list[int]
    #: Good units of the order so far.
    made: int


@command(
    "production.complete",
    roles=(PRODUCTION,),
    scope=order_scope,
    from_states=(OrderState.RELEASED,),
)
def complete(
    order_id: int,
    outputs: list[Output],
    *,
    consumed: list[Used] | None = None,
    lost: int = 0,
    made_on: date | None = None,
    by: Actor,
) -> Completed:
    """The outputs stand pending inspection, and what they took of the issued goods is gone.

    Without `consumed`, what the bill of material says for the units made and lost is taken
    (backflush), the lot that expires first before the others. A lot without number gets one by
    rule; its expiry is the item's shelf life or the earliest limit of the inputs. By-products may
    be among the outputs where the bill names them. # PRO-01 PRO-02
    """
    order = under_way(order_id)
    document = Transformation(made_on=day_of(order.site, made_on, by), order=order, lost=lost)
    made = _check_outputs(order, outputs, lost)
    _check_amount(order, made + lost, by)
    outputs = _numbered(order, outputs, document.made_on, by)
    if consumed is None:
        taken = _backflushed(order, outputs, made + lost)
    else:
        taken = picked_out(order, [(x.issued_id, x.quantity) for x in consumed], field="consumed")
    gone = take_out(order, taken, by=by)
    inputs = [
        Input(g.key.item_id, g.quantity, order.wip_id, g.key.lot_id, g.key.serial_id) for g in gone
    ]
    check_released(inputs, fields=[f"consumed.{g.n}" for g in gone])
    outputs = _with_shares(inputs, outputs)
    done = make(document, order.site, inputs, outputs, issued=[g.issued for g in gone], by=by)
    for row, quantity in taken:
        row.consumed += quantity
    save_rows([row for row, _ in taken], ["consumed"])
    amend(order, by=by, made=order.made + made, lost=order.lost + lost)
    numbers = [o.lot_number for o in outputs]
    return Completed(done.transformation_id, done.lot_ids, numbers, done.serial_ids, order.made)


def _check_outputs(order: WorkOrder, outputs: Sequence[Output], lost: int) -> int:
    """How many good units of the order's item come out."""
    if not outputs:
        raise InvalidInput(sentence("Say what was made."), field="outputs")
    if lost < 0:
        raise InvalidInput(sentence("What was lost is 0 or more."), field="lost")
    check_places(
        order.site_id, {f"outputs.{n}": (x.place_id, x.quantity) for n, x in enumerate(outputs)}
    )
    besides = queries.by_products(order)
    made = 0
    for n, output in enumerate(outputs):
        if output.item_id == order.item_id:
            made += output.quantity
        elif output.item_id not in besides:
            raise InvalidInput(
                sentence("{number} makes {item} and by-products of its bill of material only."),
                field=f"outputs.{n}.item_id",
                number=str(order),
                item=order.item.code,
            )
    if not made:
        raise InvalidInput(
            sentence("Say how much of {item} was made."), field="outputs", item=order.item.code
        )
    return made


def _check_amount(order: WorkOrder, units: int, by: Actor) -> None:
    context = queries.context_of(order.item, order.site_id)
    percent = apply_rules(reader(queries.OVER_PRODUCTION), context, by=by).value
    limit = order.quantity * (100 + percent) // 100
    begun = order.made + order.lost + units
    if begun > limit:
        raise InvalidInput(
            sentence("{number} is for {quantity}; with this {begun} would be made or lost."),
            field="outputs",
            number=str(order),
            quantity=order.quantity,
            begun=begun,
        )


def _numbered(order: WorkOrder, outputs: Sequence[Output], day: date, by: Actor) -> list[Output]:
    """Outputs of items kept by lot have a number: as given, or by the rule, one for each item."""
    items = Item.objects.in_bulk({o.item_id for o in outputs})
    back = queries.lots_of_serials(order) if order.is_rework else {}
    given: dict[int, str] = {}
    found = []
    for output in outputs:
        item = items.get(output.item_id)
        if item is None or not item.has_lots or output.lot_number.strip():
            found.append(output)
            continue
        again = [back[s] for s in map(normalised, output.serial_numbers) if s in back]
        if not again and item.pk not in given:
            given[item.pk] = _next_number(order, item, day, by)
        found.append(replace(output, lot_number=again[0] if again else given[item.pk]))
    return found


def _next_number(order: WorkOrder, item: Item, day: date, by: Actor) -> str:
    """The first number by the rule that no completion of the order has; the last one if all do."""
    pattern = apply_rules(
        reader(queries.LOT_NUMBER), queries.context_of(item, order.site_id), by=by
    ).value
    used = queries.lot_numbers_of(order.pk)
    number = ""
    for run in range(1, len(used) + 2):
        number = rules.lot_number(
            pattern,
            entity=order.legal_entity.code,
            order=str(order).rsplit("-", 1)[-1],
            run=run,
            day=day,
        )
        if (item.pk, normalised(number)) not in used:
            break
    return number


def _backflushed(
    order: WorkOrder, outputs: Sequence[Output], units: int
) -> list[tuple[IssuedGoods, int]]:
    """What the bill says for the units, from what stands in WIP; refused where that is short.

    Of what is reworked, the serials that come out again are taken, and no others.
    """
    rows: dict[int, list[IssuedGoods]] = defaultdict(list)
    before: dict[int, int] = defaultdict(int)
    again = {normalised(s) for o in outputs for s in o.serial_numbers} if order.is_rework else set()
    for row in queries.issued_to(order.pk):
        serial = row.serial
        is_unit = serial is not None and row.component.item_id == order.item_id
        if serial is None or not is_unit or serial.number in again:
            rows[row.component_id].append(row)
        before[row.component_id] += row.consumed
    begun = order.made + order.lost + units
    found = []
    for line in order.lines.select_related("item").order_by("pk"):
        need = rules.needed(begun, line.quantity_per, order.per_quantity) - before[line.pk]
        by_id = {row.pk: row for row in rows[line.pk]}
        there = [rules.Standing(row.pk, row.left) for row in rows[line.pk]]
        taken, missing = rules.backflush(max(need, 0), there)
        if missing:
            raise NotIssued(
                sentence(
                    "{need} of {item} are needed for it, {missing} of them were not issued. "
                    "Issue them first, or say what was consumed."
                ),
                field="outputs",
                need=need,
                missing=missing,
                item=line.item.code,
            )
        found += [(by_id[pk], quantity) for pk, quantity in taken]
    if not found:
        raise NotIssued(
            sentence("Nothing of what was issued is consumed by it. Say what was consumed."),
            field="consumed",
        )
    return found


def _with_shares(inputs: Sequence[Input], outputs: Sequence[Output]) -> list[Output]:
    """Where several lots come out and nobody said their parts, each has its share of each input."""
    lots = list(dict.fromkeys((o.item_id, normalised(o.lot_number)) for o in outputs))
    if len(lots) < 2 or any(o.parts for o in outputs):
        return list(outputs)
    shares: dict[tuple[int, str], list[Part]] = defaultdict(list)
    weights = [
        sum(o.quantity for o in outputs if (o.item_id, normalised(o.lot_number)) == lot)
        for lot in lots
    ]
    for n, one in enumerate(inputs):
        for lot, quantity in zip(lots, rules.shared(one.quantity, weights) or (), strict=False):
            shares[lot].append(Part(n, quantity))
    if any(len(shares[lot]) < len(inputs) for lot in lots):
        raise InvalidInput(
            sentence("Say which input went into which output, and how much of it."),
            field="outputs.0.parts",
        )
    first = set()
    found = []
    for output in outputs:
        lot = (output.item_id, normalised(output.lot_number))
        found.append(output if lot in first else replace(output, parts=shares[lot]))
        first.add(lot)
    return found
