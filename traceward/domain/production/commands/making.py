"""What every transformation has: checked inputs, new lots, edges, lines and legs. # PRO-02"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from traceward.domain.catalog.models import Item
from traceward.domain.catalog.queries import items_with_facts, papers_of
from traceward.domain.places.models import PlaceKind
from traceward.domain.places.queries import boundary_place
from traceward.domain.production import events, queries, rules
from traceward.domain.production.commands.checking import (
    check_dates,
    check_fresh,
    check_items,
    check_mixing,
    check_outputs,
    check_own_lots,
)
from traceward.domain.production.commands.goods import Input, Output, Transformed
from traceward.domain.production.models import (
    Direction,
    IssuedGoods,
    Transformation,
    TransformationLine,
    TransformationState,
)
from traceward.domain.production.refusals import LotLogicBroken
from traceward.domain.production.rules import Consumed, Made
from traceward.domain.stock.commands import Said, collect, relate
from traceward.domain.stock.commands.identity import LotFacts, Unit, ensure_lots, ensure_serials
from traceward.domain.stock.models import Code, Lot, Precision, Status
from traceward.domain.stock.rules import Edge, Leg, normalised
from traceward.kernel.base.days import require_happened
from traceward.kernel.base.refusals import InvalidInput, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.write import add_lines, emit, open_document
from traceward.kernel.org.models import Site


def make(
    document: Transformation,
    site: Site,
    inputs: Sequence[Input],
    outputs: Sequence[Output],
    *,
    issued: Sequence[IssuedGoods] = (),
    by: Actor,
) -> Transformed:
    """The inputs are gone, the outputs wait for quality, and it is known what went into what.

    `issued` has for each input what it was issued as, where it went into a work order.
    """
    day = document.made_on
    items = items_with_facts({x.item_id for x in inputs} | {x.item_id for x in outputs})
    wanted = {f"inputs.{n}": x.item_id for n, x in enumerate(inputs)}
    wanted |= {f"outputs.{n}": x.item_id for n, x in enumerate(outputs)}
    check_items(wanted, items)
    consumed = _consumed(inputs)
    check_outputs(outputs, items)
    known = queries.known_lots([(o.item_id, normalised(o.lot_number)) for o in outputs])
    outputs = [_with_expiry(o, items[o.item_id], consumed, known, day) for o in outputs]
    check_dates(consumed, outputs, day)
    lots = _output_lots(outputs, items, day, by)
    serials = _output_serials(outputs, lots, by)
    if not (document.order and document.order.is_rework):
        check_fresh(inputs, lots, serials)
    check_own_lots(inputs, outputs, lots, document.order)
    found = _links(consumed, _made(outputs, lots, serials))
    check_mixing(found, inputs, items, site, by)
    open_document(document, site=site, state=TransformationState.DONE, by=by)
    rows = _rows(inputs, issued, outputs, lots, serials)
    _post(document, site, rows, items, by)
    relate(_edges(consumed, found), by=by)
    event = events.GoodsTransformed(document.uid, len(inputs), len(outputs))
    emit(event, subject=document.uid, by=by)
    return Transformed(
        document.pk,
        [lot.pk if lot else None for lot in lots],
        [serial.pk for row in serials for serial in row],
    )


def day_of(site: Site, made_on: date | None, by: Actor) -> date:
    """The day of making; refused where it lies in the future."""
    today = site.day_at(by.now)
    day = made_on or today
    require_happened(day, today, "made_on")
    return day


def _consumed(inputs: Sequence[Input]) -> list[Consumed]:
    lots = Lot.objects.in_bulk({x.lot_id for x in inputs if x.lot_id})
    seen = set()
    found = []
    for n, x in enumerate(inputs):
        key = (x.item_id, x.lot_id, x.serial_id, x.place_id)
        if key in seen:
            raise InvalidInput(
                sentence("This input stands on the list twice. Enter it once, with its total."),
                field=f"inputs.{n}",
            )
        seen.add(key)
        lot = lots.get(x.lot_id or 0)
        dates = (lot.made_on, lot.expires_on) if lot else (None, None)
        found.append(Consumed(x.lot_id, x.serial_id, x.quantity, *dates))
    return found


def _with_expiry(
    output: Output,
    item: Item,
    consumed: Sequence[Consumed],
    known: dict[tuple[int, str], Lot],
    day: date,
) -> Output:
    """As it was said; else that of the lot where it is known, else what the rules say."""
    if output.expires_on is not None:
        return output
    lot = known.get((output.item_id, normalised(output.lot_number)))
    if lot is not None:
        precision = Precision(lot.expiry_precision)
        return replace(output, expires_on=lot.expires_on, expiry_precision=precision)
    limit = rules.latest_expiry(consumed)
    reckoned = rules.expiry(day, item.shelf_life_days, limit)
    return replace(output, expires_on=reckoned, expiry_precision=Precision.DAY)


def _output_lots(
    outputs: Sequence[Output], items: dict[int, Item], day: date, by: Actor
) -> list[Lot | None]:
    known = ensure_lots(
        (
            LotFacts(o.item_id, o.lot_number, o.expires_on, o.expiry_precision.value, made_on=day)
            for o in outputs
            if items[o.item_id].has_lots
        ),
        by=by,
    )
    return [known.get((o.item_id, normalised(o.lot_number))) for o in outputs]


def _output_serials(
    outputs: Sequence[Output], lots: Sequence[Lot | None], by: Actor
) -> list[list[Unit]]:
    wanted = [
        (o.item_id, lot.pk if lot else None, number)
        for o, lot in zip(outputs, lots, strict=True)
        for number in o.serial_numbers
    ]
    known = ensure_serials(wanted, by=by) if wanted else {}
    return [[known[o.item_id, normalised(s)] for s in o.serial_numbers] for o in outputs]


def _made(
    outputs: Sequence[Output], lots: Sequence[Lot | None], serials: Sequence[Sequence[Unit]]
) -> list[Made]:
    made = []
    for output, lot, row in zip(outputs, lots, serials, strict=True):
        parts = tuple((p.input, p.quantity) for p in output.parts)
        lot_id = lot.pk if lot else None
        if parts or not row:
            only = row[0].pk if len(row) == 1 else None
            made.append(Made(lot_id, only, parts))
        else:
            made.extend(Made(lot_id, serial.pk) for serial in row)
    return made


def _links(consumed: Sequence[Consumed], made: Sequence[Made]) -> list[rules.Link]:
    """What went into what; refused where it is not said, or does not add up."""
    found = rules.links(consumed, made)
    if found is None or any(not 0 <= x.input < len(consumed) or x.quantity < 1 for x in found):
        raise InvalidInput(
            sentence("Say which input went into which output, and how much of it."),
            field="outputs.0.parts",
        )
    if any(x.lot_id is None and x.serial_id is None for x in found):
        raise InvalidInput(
            sentence("Say it for each serial: one output line with one serial number and parts."),
            field="outputs.0.parts",
        )
    wrong = rules.misfit(consumed, found)
    if wrong is not None:
        raise LotLogicBroken(
            sentence(
                "Of input {n}, {quantity} were consumed, but the parts of the outputs do not add "
                "up to it. Correct the parts."
            ),
            field=f"inputs.{wrong}.quantity",
            n=wrong + 1,
            quantity=consumed[wrong].quantity,
        )
    return found


def _edges(consumed: Sequence[Consumed], found: Iterable[rules.Link]) -> list[Edge]:
    return [
        Edge(
            consumed[x.input].lot_id, consumed[x.input].serial_id, x.lot_id, x.serial_id, x.quantity
        )
        for x in found
    ]


def _rows(
    inputs: Sequence[Input],
    issued: Sequence[IssuedGoods],
    outputs: Sequence[Output],
    lots: Sequence[Lot | None],
    serials: Sequence[Sequence[Unit]],
) -> list[TransformationLine]:
    rows = [
        TransformationLine(
            direction=Direction.INPUT,
            item_id=x.item_id,
            lot_id=x.lot_id,
            serial_id=x.serial_id,
            place_id=x.place_id,
            quantity=x.quantity,
            issued=issued[n] if issued else None,
        )
        for n, x in enumerate(inputs)
    ]
    for output, lot, units in zip(outputs, lots, serials, strict=True):
        parts: list[tuple[int | None, int]] = [(unit.pk, 1) for unit in units]
        for serial_id, quantity in parts or [(None, output.quantity)]:
            rows.append(
                TransformationLine(
                    direction=Direction.OUTPUT,
                    item_id=output.item_id,
                    lot=lot,
                    serial_id=serial_id,
                    place_id=output.place_id,
                    quantity=quantity,
                )
            )
    return rows


def _post(
    document: Transformation,
    site: Site,
    rows: Sequence[TransformationLine],
    items: dict[int, Item],
    by: Actor,
) -> None:
    """Lines and legs: qualified inputs into production, pending outputs out of it."""
    book = boundary_place(site.pk, PlaceKind.PRODUCTION)
    papers = papers_of(items.values(), document.made_on)
    for row, number in zip(rows, add_lines(document, len(rows)), strict=True):
        row.line, row.transformation = number, document
        for name, value in papers[row.item_id].items():
            setattr(row, name, value)
    TransformationLine.objects.bulk_create(rows)
    owner = site.legal_entity.party_id
    taken = [row for row in rows if row.direction == Direction.INPUT]
    made = [row for row in rows if row.direction != Direction.INPUT]
    collect((_leg(row, book.pk, owner) for row in taken), by=by)
    collect((_leg(row, book.pk, owner) for row in made), said=Said("outputs"), by=by)


def _leg(row: TransformationLine, book: int, owner: int) -> Leg:
    is_input = row.direction == Direction.INPUT
    status = Status.QUALIFIED if is_input else Status.PENDING
    return Leg(
        code=Code.CONSUME if is_input else Code.PRODUCE,
        item_id=row.item_id,
        lot_id=row.lot_id,
        serial_id=row.serial_id,
        quantity=row.quantity,
        from_place_id=row.place_id if is_input else book,
        from_status=status,
        from_owner_id=owner,
        to_place_id=book if is_input else row.place_id,
        to_status=status,
        to_owner_id=owner,
        document_id=row.transformation_id,
        line_id=row.line_id,
    )
