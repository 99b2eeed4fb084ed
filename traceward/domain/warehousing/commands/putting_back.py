"""Picked goods go back into their bins: some of them by scans, or all as the pick is cancelled."""

from collections.abc import Sequence
from dataclasses import dataclass

from traceward.domain.stock.commands import Said, collect, promise
from traceward.domain.stock.models import Code
from traceward.domain.stock.rules import Promise, is_expired
from traceward.domain.warehousing import events, queries
from traceward.domain.warehousing.commands.picking import (
    PickProgress,
    PickScan,
    leg,
    lines_of,
    locked,
    pick_scope,
    staged,
)
from traceward.domain.warehousing.commands.scans import keep_scans
from traceward.domain.warehousing.models import Pick, PickLine, PickState
from traceward.domain.warehousing.queries import Goods, Promised
from traceward.domain.warehousing.refusals import WrongPick
from traceward.domain.warehousing.scanning import goods_of, place_code, scanned
from traceward.kernel.base.refusals import InvalidInput, sentence
from traceward.kernel.base.rows import save_rows
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.command.write import emit, enter, record_change, touch
from traceward.kernel.org.roles import PICKER, STOREKEEPER, SUPERVISOR


@dataclass(frozen=True)
class PickUndone:
    """So many base units stand in their bins again."""

    brought_back: int
    state: str


@command(
    "warehousing.cancel_pick",
    roles=(STOREKEEPER, SUPERVISOR),
    scope=pick_scope,
    from_states=(PickState.OPEN, PickState.PICKED, PickState.CHECKED),
)
def cancel_pick(pick_id: int, reason: str, *, by: Actor) -> PickUndone:
    """What was fetched stands in its bin again; what still may be promised stays promised.

    Goods that were blocked or expired meanwhile go back without a promise.
    """
    document = locked(pick_id, PickState.OPEN, PickState.PICKED, PickState.CHECKED)
    if not reason.strip():
        raise InvalidInput(sentence("Say why the pick is cancelled."), field="reason")
    lines = [line for line in lines_of(document) if line.picked]
    _to_bins(document, [(line, line.picked) for line in lines], reason, Said("pick_id"), by)
    enter(document, PickState.CANCELLED, by=by)
    emit(
        events.PickCancelled(document.uid, document.demand.uid),
        subject=document.uid,
        by=by,
    )
    return PickUndone(sum(line.picked for line in lines), document.state)


@command(
    "warehousing.put_back",
    roles=(PICKER, STOREKEEPER),
    scope=pick_scope,
    from_states=(PickState.OPEN, PickState.PICKED),
)
def put_back(pick_id: int, scans: list[PickScan], *, reason: str = "", by: Actor) -> PickProgress:
    """Goods that this pick fetched stand in the scanned bin again, which they came from.

    They are to be fetched as before: a scan is taken back by the same scan. A pick that was
    complete, and is not checked yet, is open again. # OUT-05 WMS-01
    """
    document = locked(pick_id, PickState.OPEN, PickState.PICKED)
    if not scans:
        raise InvalidInput(sentence("Scan what you put back."), field="scans")
    lines = lines_of(document)
    today = document.site.day_at(by.now)
    read = scanned([(s.codes, s.packs) for s in scans], today, field="scans.{n}.codes")
    keep_scans(document, read, by=by)
    back, scan_of = [], []
    for n, (scan, seen) in enumerate(zip(scans, read, strict=True)):
        place = place_code(scan.place_code, field=f"scans.{n}.place_code")
        left = seen.quantity
        for line in reversed(lines):
            goods = Goods(line.item_id, line.lot_id, line.serial_id)
            part = min(left, line.picked) if goods == seen.goods and line.place.code == place else 0
            if part:
                record_change(line, {"picked": line.picked}, {"picked": line.picked - part}, by=by)
                line.picked -= part
                back.append((line, part))
                scan_of.append(n)
                left -= part
        if left:
            raise WrongPick(
                sentence(
                    "Of {goods}, {quantity} were not fetched from {place} by {document}. "
                    "Put back only what this pick fetched, into the bin it came from."
                ),
                field=f"scans.{n}.codes",
                goods=goods_of(seen.label),
                quantity=left,
                place=place,
                document=str(document),
            )
    said = Said("scans.{n}.codes", of=scan_of)
    _to_bins(document, back, reason.strip(), said, by)
    save_rows(list({line.pk: line for line, _ in back}.values()), ["picked"])
    if document.state == PickState.PICKED:
        enter(document, PickState.OPEN, by=by)
    else:
        touch(document, by=by)
    return PickProgress(
        -sum(quantity for _, quantity in back),
        sum(line.quantity - line.picked for line in lines),
        document.state,
    )


def _to_bins(
    document: Pick, back: Sequence[tuple[PickLine, int]], reason: str, said: Said, by: Actor
) -> None:
    """So much of these lines stands in its bins again; promised as far as it still may be."""
    today = document.site.day_at(by.now)
    there = queries.standing(line.demand_line_id for line, _ in back)
    moved_on = queries.moved_on([line for line, _ in back])
    legs, promises = [], []
    for line, quantity in back:
        here = staged(line, document.staging_id, line.container_id)
        home = queries.promise_of(line).key
        if line.from_container_id in moved_on:
            home = home._replace(container_id=None)
        move = leg(Code.MOVE, here, home, quantity, document, line)
        legs.append(move._replace(reason=reason))
        promised = min(there.get(Promised(line.demand_line_id, here), 0), quantity)
        promises.append(Promise(line.demand_line_id, here, -promised))
        if not is_expired(line.lot.expires_on if line.lot else None, today):
            promises.append(Promise(line.demand_line_id, home, promised))
    collect(legs, said=said, by=by)
    promise(promises, by=by)
