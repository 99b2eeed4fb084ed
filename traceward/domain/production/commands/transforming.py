"""Inputs are consumed and outputs produced, in one step, with the genealogy between them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from traceward.domain.catalog.models import Item
from traceward.domain.places.models import Place, PlaceKind
from traceward.domain.production import events, rules
from traceward.domain.production.models import (
    Direction,
    Transformation,
    TransformationLine,
    TransformationState,
)
from traceward.domain.production.refusals import LotLogicBroken
from traceward.domain.production.rules import Consumed, Made
from traceward.domain.stock.commands import collect, relate
from traceward.domain.stock.commands.identity import LotFacts, ensure_lots, ensure_serials
from traceward.domain.stock.models import Code, Lot, Serial, Status, StockBalance
from traceward.domain.stock.refusals import NotReleased
from traceward.domain.stock.rules import Edge, Leg, normalised
from traceward.kernel.base.refusals import InvalidInput, NotFound, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.command.write import add_lines, emit, open_document
from traceward.kernel.documents.models import DocumentLine
from traceward.kernel.org.models import Site
from traceward.kernel.org.roles import PRODUCTION
from traceward.kernel.org.scope import WHOLE_GROUP, ScopeKey


@dataclass(frozen=True)
class Input:
    """So many base units of a lot or serial, taken from a place."""

    item_id: int
    quantity: int
    place_id: int
    lot_id: int | None = None
    serial_id: int | None = None


@dataclass(frozen=True)
class Part:
    """So much of the input at this position of the list."""

    input: int
    quantity: int


@dataclass(frozen=True)
class Output:
    """A new lot of so many base units, or new serials of a lot or of none.

    `parts` says what went into this output; it may be left out where all outputs are one lot.
    """

    item_id: int
    place_id: int
    quantity: int
    lot_number: str = ""
    serial_numbers: list[str] = field(default_factory=list)
    expires_on: date | None = None
    parts: list[Part] = field(default_factory=list)


@dataclass(frozen=True)
class Transformed:
    transformation_id: int
    #: Lots that came out, in the order of the outputs; None where an output has none.
    lot_ids: list[int | None]
    serial_ids: list[int]


def site_scope(
    site_id: int, inputs: Sequence[Input], outputs: Sequence[Output], **_: Any
) -> list[ScopeKey]:
    """The site, and the sites of all places that goods leave or enter."""
    places = {x.place_id for x in inputs} | {x.place_id for x in outputs}
    keys = set(Place.objects.filter(pk__in=places).values_list("legal_entity_id", "site_id"))
    keys |= set(Site.objects.filter(pk=site_id).values_list("legal_entity_id", "pk"))
    return [ScopeKey(*key) for key in sorted(keys)] or [WHOLE_GROUP]


@command("production.transform", roles=(PRODUCTION,), scope=site_scope)
def transform(
    site_id: int,
    inputs: list[Input],
    outputs: list[Output],
    *,
    made_on: date | None = None,
    by: Actor,
) -> Transformed:
    """The inputs are gone, the outputs wait for quality, and it is known what went into what.

    Unreleased, expired or blocked inputs are refused by the ledger. # PRO-02
    """
    site = Site.objects.select_related("legal_entity").filter(pk=site_id).first()
    if site is None:
        raise NotFound(sentence("There is no site with id {id}."), field="site_id", id=site_id)
    today = by.now.astimezone(ZoneInfo(site.time_zone)).date()
    day = made_on or today
    if day > today:
        raise InvalidInput(
            sentence("{made_on} lies in the future. Enter the day of making."),
            field="made_on",
            made_on=str(day),
        )
    _check_places(site_id, inputs, outputs)
    _check_released(inputs)
    consumed = _consumed(inputs)
    _check_dates(consumed, outputs, day)
    items = Item.objects.in_bulk({x.item_id for x in outputs})
    _check_outputs(outputs, items)
    lots = _output_lots(outputs, items, day, by)
    serials = _output_serials(outputs, lots, by)
    _check_new(inputs, lots, serials)
    made = _made(outputs, lots, serials)
    edges = _edges(consumed, made)
    document = Transformation(made_on=day)
    open_document(document, site=site, state=TransformationState.DONE, by=by)
    _post(document, site, inputs, outputs, lots, serials, by)
    relate(edges, by=by)
    event = events.GoodsTransformed(document.uid, len(inputs), len(outputs))
    emit(event, subject=document.uid, by=by)
    return Transformed(
        document.pk,
        [lot.pk if lot else None for lot in lots],
        [serial.pk for row in serials for serial in row],
    )


def _check_places(site_id: int, inputs: Sequence[Input], outputs: Sequence[Output]) -> None:
    if not inputs:
        raise InvalidInput(sentence("Say what was consumed."), field="inputs")
    if not outputs:
        raise InvalidInput(sentence("Say what was made."), field="outputs")
    wanted = {f"inputs.{n}": (x.place_id, x.quantity) for n, x in enumerate(inputs)}
    wanted |= {f"outputs.{n}": (x.place_id, x.quantity) for n, x in enumerate(outputs)}
    places = {place_id for place_id, _ in wanted.values()}
    ours = set(Place.objects.filter(pk__in=places, site=site_id).values_list("pk", flat=True))
    for at, (place_id, quantity) in wanted.items():
        if place_id not in ours:
            raise InvalidInput(
                sentence("Choose a place of the site where it was made."), field=f"{at}.place_id"
            )
        if quantity < 1:
            raise InvalidInput(
                sentence("The quantity must be a whole number above zero."),
                field=f"{at}.quantity",
            )


def _check_released(inputs: Sequence[Input]) -> None:
    """Refused by name where the goods are there but not released; the ledger refuses the rest."""
    for n, x in enumerate(inputs):
        rows = StockBalance.objects.filter(
            item=x.item_id, lot=x.lot_id, serial=x.serial_id, place=x.place_id, on_hand__gt=0
        ).select_related("lot", "item")
        others = [row for row in rows if row.status != Status.QUALIFIED]
        if others and len(others) == len(rows):
            raise NotReleased(
                sentence(
                    "Lot {lot} of {item} is “{status}”; that does not allow “{action}”. "
                    "Wait for the quality decision, or take other stock."
                ),
                field=f"inputs.{n}",
                lot=str(others[0].lot or "—"),
                item=others[0].item.code,
                status=Status(others[0].status).label,
                action="consume",
            )


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


def _check_dates(consumed: Sequence[Consumed], outputs: Sequence[Output], day: date) -> None:
    earliest = rules.earliest_making(consumed)
    if earliest is not None and day < earliest:
        raise LotLogicBroken(
            sentence("An input was made on {earliest}, after the output ({made_on})."),
            field="made_on",
            earliest=str(earliest),
            made_on=str(day),
        )
    limit = rules.latest_expiry(consumed)
    for n, output in enumerate(outputs):
        expires_on = output.expires_on
        if limit is not None and (expires_on is None or expires_on > limit):
            raise LotLogicBroken(
                sentence(
                    "An input may be used until {limit} only, so the output cannot expire later "
                    "(entered: {expires_on}). Correct the expiry, or use another input."
                ),
                field=f"outputs.{n}.expires_on",
                limit=str(limit),
                expires_on=str(expires_on or "—"),
            )


def _check_outputs(outputs: Sequence[Output], items: dict[int, Item]) -> None:
    for n, output in enumerate(outputs):
        item = items.get(output.item_id)
        if item is None:
            raise NotFound(
                sentence("There is no item with id {id}."),
                field=f"outputs.{n}.item_id",
                id=output.item_id,
            )
        if item.has_lots != bool(output.lot_number.strip()):
            raise InvalidInput(
                sentence("{item} is kept by lot: enter its number.")
                if item.has_lots
                else sentence("{item} is not kept by lot: leave the number out."),
                field=f"outputs.{n}.lot_number",
                item=item.code,
            )
        numbers = {normalised(s) for s in output.serial_numbers}
        wanted = output.quantity if item.has_serials else 0
        if len(numbers) != wanted or len(output.serial_numbers) != wanted:
            raise InvalidInput(
                sentence("{item} needs {wanted} different serial numbers, {given} were given."),
                field=f"outputs.{n}.serial_numbers",
                item=item.code,
                wanted=wanted,
                given=len(numbers),
            )


def _output_lots(
    outputs: Sequence[Output], items: dict[int, Item], day: date, by: Actor
) -> list[Lot | None]:
    known = ensure_lots(
        (
            LotFacts(o.item_id, o.lot_number, o.expires_on, made_on=day)
            for o in outputs
            if items[o.item_id].has_lots
        ),
        by=by,
    )
    return [known.get((o.item_id, normalised(o.lot_number))) for o in outputs]


def _output_serials(
    outputs: Sequence[Output], lots: Sequence[Lot | None], by: Actor
) -> list[list[Serial]]:
    wanted = [
        (o.item_id, lot.pk if lot else None, number)
        for o, lot in zip(outputs, lots, strict=True)
        for number in o.serial_numbers
    ]
    known = ensure_serials(wanted, by=by) if wanted else {}
    return [[known[o.item_id, normalised(s)] for s in o.serial_numbers] for o in outputs]


def _check_new(
    inputs: Sequence[Input], lots: Sequence[Lot | None], serials: Sequence[Sequence[Serial]]
) -> None:
    """Nothing is made of itself."""
    used_lots = {x.lot_id for x in inputs if x.lot_id}
    used_serials = {x.serial_id for x in inputs if x.serial_id}
    for n, (lot, row) in enumerate(zip(lots, serials, strict=True)):
        if (lot and lot.pk in used_lots) or any(s.pk in used_serials for s in row):
            raise LotLogicBroken(
                sentence("An output is one of the inputs. Give it a lot or serial of its own."),
                field=f"outputs.{n}",
            )


def _made(
    outputs: Sequence[Output], lots: Sequence[Lot | None], serials: Sequence[Sequence[Serial]]
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


def _edges(consumed: Sequence[Consumed], made: Sequence[Made]) -> list[Edge]:
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
    return [
        Edge(
            consumed[x.input].lot_id, consumed[x.input].serial_id, x.lot_id, x.serial_id, x.quantity
        )
        for x in found
    ]


def _post(
    document: Transformation,
    site: Site,
    inputs: Sequence[Input],
    outputs: Sequence[Output],
    lots: Sequence[Lot | None],
    serials: Sequence[Sequence[Serial]],
    by: Actor,
) -> None:
    """Lines and legs: qualified inputs into production, pending outputs out of it."""
    book = Place.objects.filter(kind=PlaceKind.PRODUCTION, site=site, is_open=True).first()
    if book is None:
        raise InvalidInput(
            sentence("The site has no place for production. Have one opened."), field="site_id"
        )
    rows: list[TransformationLine] = [
        TransformationLine(
            direction=Direction.INPUT,
            item_id=x.item_id,
            lot_id=x.lot_id,
            serial_id=x.serial_id,
            place_id=x.place_id,
            quantity=x.quantity,
        )
        for x in inputs
    ]
    for output, lot, units in zip(outputs, lots, serials, strict=True):
        parts: list[tuple[Serial | None, int]] = [(s, 1) for s in units]
        for serial, quantity in parts or [(None, output.quantity)]:
            rows.append(
                TransformationLine(
                    direction=Direction.OUTPUT,
                    item_id=output.item_id,
                    lot=lot,
                    serial=serial,
                    place_id=output.place_id,
                    quantity=quantity,
                )
            )
    numbered = add_lines(document, len(rows))
    for row, number in zip(rows, numbered, strict=True):
        row.line, row.transformation = number, document
    TransformationLine.objects.bulk_create(rows)
    owner = site.legal_entity.party_id
    collect((_leg(document, row, row.line, book.pk, owner) for row in rows), by=by)


def _leg(
    document: Transformation, row: TransformationLine, line: DocumentLine, book: int, owner: int
) -> Leg:
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
        document_id=document.pk,
        line_id=line.pk,
    )
