"""What must hold before goods are made of others: places, statuses, dates, lots. # PRO-02"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from traceward.domain.catalog.models import Item
from traceward.domain.places.models import Place
from traceward.domain.production import queries, rules
from traceward.domain.production.commands.goods import Input, Output
from traceward.domain.production.models import WorkOrder
from traceward.domain.production.refusals import LotLogicBroken
from traceward.domain.production.rules import Consumed
from traceward.domain.stock.commands.identity import Unit
from traceward.domain.stock.models import Lot, Precision, Status
from traceward.domain.stock.refusals import NotReleased, goods_named
from traceward.domain.stock.rules import normalised
from traceward.kernel.base.refusals import InvalidInput, NotFound, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.write import apply_rules
from traceward.kernel.org.models import Site
from traceward.kernel.rules.queries import reader


def check_places(site_id: int, wanted: dict[str, tuple[int, int]]) -> None:
    """By field, (place, quantity): each place is one of the site, and there is something of it."""
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


def check_released(
    inputs: Sequence[Input], *, action: str = "consume", fields: Sequence[str] = ()
) -> None:
    """Refused by name where the goods are there but not released; the ledger refuses the rest."""
    spots = [queries.Spot(x.item_id, x.lot_id, x.serial_id, x.place_id) for x in inputs]
    standing = queries.statuses_at(spots)
    for n, spot in enumerate(spots):
        rows = standing.get(spot, [])
        if rows and all(row.status != Status.QUALIFIED for row in rows):
            raise NotReleased(
                sentence(
                    "{goods} is “{status}”; that does not allow “{action}”. "
                    "Wait for the quality decision, or take other stock."
                ),
                field=fields[n] if fields else f"inputs.{n}",
                goods=goods_named(
                    rows[0].item.code, str(rows[0].lot or ""), str(rows[0].serial or "")
                ),
                status=Status(rows[0].status).label,
                action=action,
            )


def check_dates(consumed: Sequence[Consumed], outputs: Sequence[Output], day: date) -> None:
    """Nothing is made before its inputs were, and nothing outlives them."""
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


def check_items(wanted: dict[str, int], items: dict[int, Item]) -> None:
    """By field, item id: each is one that there is."""
    for at, item_id in wanted.items():
        if item_id not in items:
            raise NotFound(
                sentence("There is no item with id {id}."), field=f"{at}.item_id", id=item_id
            )


def _check_precision(output: Output, field: str) -> None:
    """Of an expiry whose month only is known the last day counts, as GS1 has it."""
    if output.expires_on is None or output.expiry_precision != Precision.MONTH:
        return
    if (output.expires_on + timedelta(days=1)).day != 1:
        raise InvalidInput(
            sentence("An expiry of which the month only is known is its last day."), field=field
        )


def check_outputs(outputs: Sequence[Output], items: dict[int, Item]) -> None:
    """Each output is identified as its item asks."""
    for n, output in enumerate(outputs):
        item = items[output.item_id]
        if item.has_lots != bool(output.lot_number.strip()):
            raise InvalidInput(
                sentence("{item} is kept by lot: enter its number.")
                if item.has_lots
                else sentence("{item} is not kept by lot: leave the number out."),
                field=f"outputs.{n}.lot_number",
                item=item.code,
            )
        _check_precision(output, f"outputs.{n}.expires_on")
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


def check_fresh(
    inputs: Sequence[Input], lots: Sequence[Lot | None], serials: Sequence[Sequence[Unit]]
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


def check_own_lots(
    inputs: Sequence[Input],
    outputs: Sequence[Output],
    lots: Sequence[Lot | None],
    order: WorkOrder | None,
) -> None:
    """A lot is made by one order; what another one made, or what was received, is another lot.

    Rework gives serials back to the lot that they are of.
    """
    foreign = queries.lots_of_others((lot.pk for lot in lots if lot), order.pk if order else None)
    back = {x.lot_id for x in inputs} if order is not None and order.is_rework else set()
    for n, (output, lot) in enumerate(zip(outputs, lots, strict=True)):
        if lot is None or lot.pk not in foreign or (output.serial_numbers and lot.pk in back):
            continue
        raise LotLogicBroken(
            sentence("Lot {lot} is there already, of another making. Give another lot number."),
            field=f"outputs.{n}.lot_number",
            lot=lot.raw_number,
        )


def check_mixing(
    found: Iterable[rules.Link],
    inputs: Sequence[Input],
    items: dict[int, Item],
    site: Site,
    by: Actor,
) -> None:
    """One lot goes into an output where the item's rule asks for it, over all completions."""
    limits = reader(queries.MIXES_LOTS)
    single = {
        pk
        for pk in {x.item_id for x in inputs}
        if not apply_rules(limits, queries.context_of(items[pk], site.pk), by=by).value
    }
    rows = rules.by_output(found, [x.item_id for x in inputs], [x.lot_id for x in inputs])
    rows = [row for row in rows if row[1] in single]
    if not rows:
        return
    before = queries.went_into([output for output, _, _ in rows], single)
    item_id = rules.mixed(rows, before)
    if item_id is not None:
        raise LotLogicBroken(
            sentence(
                "Only one lot of {item} goes into an output lot; here are two. "
                "Take one lot, or give the output a lot of its own."
            ),
            field="inputs",
            item=items[item_id].code,
        )
