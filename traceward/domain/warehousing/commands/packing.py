"""What goes into a box of a pick: parts of lines; and out of it again."""

from collections.abc import Sequence
from dataclasses import dataclass

from traceward.domain.stock.commands import Said, collect, promise
from traceward.domain.stock.models import Code, Container
from traceward.domain.stock.rules import Promise
from traceward.domain.warehousing.commands.picking import (
    leg,
    lines_of,
    locked,
    pick_scope,
    require_standing,
    staged,
)
from traceward.domain.warehousing.models import Pick, PickLine, PickState
from traceward.domain.warehousing.queries import Promised
from traceward.domain.warehousing.scanning import sscc_of
from traceward.kernel.base.refusals import InvalidInput, sentence
from traceward.kernel.base.rows import add_rows, save_rows
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.command.write import add_lines, record_change, touch
from traceward.kernel.org.roles import PICKER, STOREKEEPER

#: What the rest of a line has of its own.
PARTED = frozenset({"line_id", "quantity", "picked", "container_id"})


@dataclass(frozen=True)
class PackedPart:
    """Of this line of the pick, so many base units stand in the container."""

    line_number: int
    quantity: int


def parted(
    document: Pick,
    lines: Sequence[PickLine],
    loose: Sequence[PickLine],
    parts: Sequence[PackedPart],
    by: Actor,
) -> list[PickLine]:
    """The loose lines with these quantities; what is left of one is a line of its own."""
    numbered = {line.line.line_number: line for line in loose}
    chosen, rests = [], []
    for n, part in enumerate(parts):
        line = numbered.pop(part.line_number, None)
        left = line.picked if line else 0
        if line is None or not 1 <= part.quantity <= left:
            raise InvalidInput(
                sentence("Of line {line}, {left} are loose. Pack no more of them."),
                field=f"parts.{n}",
                line=part.line_number,
                left=left,
            )
        if part.quantity < left:
            rests.append((line, line.quantity - part.quantity, left - part.quantity))
            was = {"quantity": line.quantity, "picked": left}
            now = {"quantity": part.quantity, "picked": part.quantity}
            record_change(line, was, now, by=by)
            line.quantity = line.picked = part.quantity
        chosen.append(line)
    if rests:
        last = max(line.line.line_number for line in lines)
        added = add_lines(document, len(rests), after=last)
        same = [field.attname for field in PickLine._meta.concrete_fields]
        add_rows(
            PickLine(
                **{name: getattr(line, name) for name in same if name not in PARTED},
                line=number,
                quantity=quantity,
                picked=picked,
            )
            for number, (line, quantity, picked) in zip(added, rests, strict=True)
        )
        save_rows([line for line, *_ in rests], ["quantity", "picked"])
    return chosen


@dataclass(frozen=True)
class Unpacked:
    """So many base units are loose again."""

    sscc: str
    quantity: int


@command(
    "warehousing.unpack",
    roles=(PICKER, STOREKEEPER),
    scope=pick_scope,
    from_states=(PickState.CHECKED,),
)
def unpack(pick_id: int, sscc: str, *, by: Actor) -> Unpacked:
    """What this pick packed into the container stands loose in staging again, and promised."""
    document = locked(pick_id, PickState.CHECKED)
    code = sscc_of(sscc, document.site.day_at(by.now), field="sscc")
    box = Container.objects.filter(code=code).first()
    chosen = [x for x in lines_of(document) if box is not None and x.container_id == box.pk]
    if box is None or not chosen:
        raise InvalidInput(
            sentence("Nothing of {number} is in {sscc}. Choose a box of this pick."),
            field="sscc",
            number=str(document),
            sscc=code,
        )
    legs, promises = [], []
    for line in chosen:
        boxed = staged(line, document.staging_id, box.pk)
        loose = staged(line, document.staging_id)
        legs.append(leg(Code.PACK, boxed, loose, line.picked, document, line))
        promises.append(Promise(line.demand_line_id, boxed, -line.picked))
        promises.append(Promise(line.demand_line_id, loose, line.picked))
        record_change(line, {"container": box.pk}, {"container": None}, by=by)
        line.container_id = None
    require_standing(
        (Promised(x.demand_line_id, staged(x, document.staging_id, box.pk)), x.picked)
        for x in chosen
    )
    collect(legs, said=Said("pick_id"), by=by)
    promise(promises, by=by)
    save_rows(chosen, ["container"])
    touch(document, by=by)
    return Unpacked(code, sum(line.picked for line in chosen))
