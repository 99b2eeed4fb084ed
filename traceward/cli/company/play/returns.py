"""Customers' returns as the plan has them; what comes is inspected and shelved as any receipt."""

from dataclasses import replace

from traceward.cli.company.plan.returns import key_of
from traceward.cli.company.plan.steps import Batch, Return, TakeBack
from traceward.cli.company.play.player import Back, Came, Player, code_of
from traceward.domain.quality.commands import open_inspections
from traceward.domain.sales.commands.returning import (
    ReturnedLine,
    announce_return,
    receive_return,
)
from traceward.domain.warehousing.commands.arriving import Pack
from traceward.domain.warehousing.commands.journeys import Journey
from traceward.domain.warehousing.models import Receipt, ShipmentLine
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.org import roles

#: So many lines come back, and of each so manieth part.
LINES, PART = 2, 3
NO_CELSIUS = "离开冷链期间无温度记录"


def announce(player: Player, step: Return) -> None:
    """Of lots, not of serials; the customer has so much less to use up."""
    shipment_id = player.delivered.get(step.order)
    if shipment_id is None:
        return
    rows = ShipmentLine.objects.filter(shipment=shipment_id, serial=None, lot__isnull=False)
    able = [
        row
        for row in rows.select_related("line", "item", "lot").order_by("line__line_number")
        if row.quantity >= PART
    ]
    if not able:
        return
    first = step.nth % len(able)
    is_cold = player.article(able[first].item.code).is_cold
    chosen = [row for row in able[first:] if player.article(row.item.code).is_cold == is_cold]
    lines, packs, batches = [], [], []
    for row in chosen[:LINES]:
        assert row.lot is not None
        article, quantity = player.article(row.item.code), row.quantity // PART
        code = code_of(article.packs[0].di, row.lot.raw_number, "", row.lot.expires_on)
        lines.append(ReturnedLine(row.line.line_number, quantity))
        packs.append((code, quantity))
        bad = quantity if is_cold else 0
        defect = NO_CELSIUS if is_cold else ""
        batches.append(
            Batch(
                row.item.code,
                row.lot.raw_number,
                quantity,
                None,
                None,
                rejected=bad,
                defect=defect,
            )
        )
    by = player.known.by(roles.SALES, step.site)
    made = announce_return(shipment_id, lines, step.reason, by=by)
    player.backs[step.order] = Back(made.return_id, tuple(packs), tuple(batches), is_cold)
    _less(player, step.order, packs)


def _less(player: Player, order: str, packs: list[tuple[str, int]]) -> None:
    """So much of what the delivery brought is not there to be used."""
    left = list(player.taken[order])
    for code, quantity in packs:
        n = next(n for n, x in enumerate(left) if x.code == code and x.quantity >= quantity)
        left[n] = replace(left[n], quantity=left[n].quantity - quantity)
    player.taken[order] = [x for x in left if x.quantity]


def take_back(player: Player, step: TakeBack) -> None:
    """It stands in the returns zone; cold goods that nobody measured may only be rejected."""
    back = player.backs.pop(step.order, None)
    if back is None:
        return
    known = player.known
    place_id = player.bins[step.site, "THL" if back.is_cold else "TH"][0]
    done = receive_return(
        back.return_id,
        place_id,
        [Pack([code], quantity) for code, quantity in back.packs],
        "外包装完好，未开封",
        transport_conditions="厢式货车，常温",
        storage_conditions="科室库房",
        journey=Journey("厢式货车", Erasable("送货人"), departed_at=player.before(2)),
        by=known.by(roles.STOREKEEPER, step.site),
    )
    player.came[key_of(step.order)] = Came(done.receipt_id, place_id, back.batches)
    receipt = Receipt.objects.get(pk=done.receipt_id)
    open_inspections(receipt.uid, by=known.by(roles.INSPECTOR, step.site))
