"""What is left of a pick line is fetched from another lot: docs/adr/0271 # OUT-05"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from traceward.domain.stock.allocation import Demand
from traceward.domain.stock.allocation import Pick as Other
from traceward.domain.stock.commands.allocation import promise_instead
from traceward.domain.stock.queries.asked import TELLING
from traceward.domain.stock.refusals import goods_named
from traceward.domain.warehousing import queries
from traceward.domain.warehousing.commands.picking import lines_of, locked, pick_scope
from traceward.domain.warehousing.models import Pick, PickLine, PickState
from traceward.kernel.base.refusals import InvalidInput, WrongState, sentence
from traceward.kernel.base.rows import add_rows, save_rows
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.command.write import add_lines, record_change, touch
from traceward.kernel.documents.models import Document
from traceward.kernel.org.roles import STOREKEEPER, SUPERVISOR

#: What of a pick line says which goods are fetched, from where, and how many.
CHANGED = ("lot", "serial", "place", "from_container", "quantity")


class Why(StrEnum):
    """Why the proposed lot is not fetched."""

    DAMAGED = "damaged"
    NOT_THERE = "not there"
    SHORT_LIFE = "short life"
    OTHER = "other"


@dataclass(frozen=True)
class LotChanged:
    """So much is fetched from other lots; these lines say which, and from where."""

    quantity: int
    lot: str
    serial: str
    place_code: str
    line_numbers: list[int]


@command(
    "warehousing.change_lot",
    roles=(STOREKEEPER, SUPERVISOR),
    scope=pick_scope,
    from_states=(PickState.OPEN,),
)
def change_lot(
    pick_id: int, line_number: int, why: Why, *, reason: str = "", by: Actor
) -> LotChanged:
    """What is left of the line is fetched from the next lots that the rules allow, all of it.

    Its own lot is promised to the demand no longer. Which lot comes next, strategy, remaining
    shelf life, quality and blocks decide, as in any allocation; what the customer named stays.
    """
    if why == Why.OTHER and not reason.strip():
        raise InvalidInput(sentence("Say why another lot is fetched."), field="reason")
    demand = Pick.objects.filter(pk=pick_id).values_list("demand_id", flat=True).first()
    if demand is not None:
        Document.objects.lock(demand)  # as allocations do, before the pick
    document = locked(pick_id, PickState.OPEN)
    lines = lines_of(document)
    line = next((one for one in lines if one.line.line_number == line_number), None)
    if line is None or line.picked >= line.quantity:
        raise InvalidInput(
            sentence("Choose a line of {number} of which something is left to fetch."),
            field="line_number",
            number=str(document),
        )
    _require_open_choice(document, line)
    left, was = line.quantity - line.picked, queries.promise_of(line)
    held = queries.standing([line.demand_line_id]).get(was, 0)
    found = promise_instead(
        Demand(
            line_id=line.demand_line_id,
            item_id=line.item_id,
            quantity=left,
            site_id=document.site_id,
            owner_id=line.owner_id,
            customer_id=document.consignee_id,
        ),
        was.key,
        min(held, left),
        field="line_number",
        by=by,
    )
    by.work.facts["why"] = why.value
    by.work.facts["reason"] = reason.strip()
    made = _changed(document, lines, line, found.picks, by)
    touch(document, by=by)
    rows = {one.pk: one for one in lines_of(document)}
    first = rows[made[0].pk]
    return LotChanged(
        left,
        str(first.lot or ""),
        str(first.serial or ""),
        first.place.code,
        [rows[one.pk].line.line_number for one in made],
    )


def _require_open_choice(document: Pick, line: PickLine) -> None:
    """Refused where the demand itself names the lot or the serial."""
    asked = TELLING[document.demand.kind]([line.demand_line_id])[line.demand_line_id]
    if asked.lot_id is not None or asked.serial_id is not None:
        raise WrongState(
            sentence(
                "{number} asks for {goods} itself. Agree on another with whoever ordered it, and "
                "have the order changed."
            ),
            number=str(document.demand),
            goods=goods_named(line.item.code, str(line.lot or ""), str(line.serial or "")),
        )


def _changed(
    document: Pick, lines: Sequence[PickLine], line: PickLine, picks: Sequence[Other], by: Actor
) -> list[PickLine]:
    """The lines that fetch the other goods: this one where nothing of it was fetched, and more."""
    own = [] if line.picked else [line]
    more = add_lines(
        document, len(picks) - len(own), after=max(one.line.line_number for one in lines)
    )
    before = {name: getattr(line, name) for name in _columns()}
    if line.picked:
        line.quantity = line.picked
    new = [
        PickLine(
            line=one,
            pick=document,
            demand_line_id=line.demand_line_id,
            item_id=line.item_id,
            owner_id=line.owner_id,
        )
        for one in more
    ]
    made = [*own, *new]
    for one, other in zip(made, picks, strict=True):
        one.lot_id, one.serial_id = other.key.lot_id, other.key.serial_id
        one.place_id, one.from_container_id = other.key.place_id, other.key.container_id
        one.quantity = other.quantity
    record_change(line, before, {name: getattr(line, name) for name in before}, by=by)
    save_rows([line], list(CHANGED))
    add_rows(new)
    return made


def _columns() -> list[str]:
    return [name if name == "quantity" else f"{name}_id" for name in CHANGED]
