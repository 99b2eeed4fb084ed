"""Transfers as the plan has them; picking, check and dispatch are those of any order."""

from traceward.cli.company.plan.steps import Arrive, Request
from traceward.cli.company.play.player import Came, Player
from traceward.domain.quality.commands import open_inspections
from traceward.domain.transfers.commands import closing, receiving, requesting
from traceward.domain.transfers.commands.requesting import WantedItem
from traceward.domain.transfers.models import TransferState
from traceward.domain.warehousing.commands.arriving import Pack
from traceward.kernel.org import roles


def request(player: Player, step: Request) -> None:
    """Asked for there, approved here, and promised."""
    known = player.known
    lines = [WantedItem(known.items[wish.item], wish.quantity) for wish in step.wishes]
    made = requesting.request(
        known.sites[step.site],
        player.bins[step.to_site, "DY"][0],
        lines,
        step.reason,
        wanted_on=step.wanted_on,
        by=known.by(roles.STOREKEEPER, step.to_site),
    )
    if not step.is_approved:
        return
    requesting.approve(made.transfer_id, by=known.by(roles.SUPERVISOR, step.site))
    by = known.by(roles.STOREKEEPER, step.site)
    promised = requesting.allocate(made.transfer_id, by=by)
    if any(line.picks for line in promised.lines):
        player.orders[step.key] = made.transfer_id
        player.transfers.add(step.key)


def arrive(player: Player, step: Arrive) -> None:
    """Every pack is scanned again, and the transfer ends; what came waits for inspection."""
    shipment_id, *_ = player.shipments.pop(step.order, [None])
    if shipment_id is None:
        return
    known = player.known
    place_id = player.bins[step.site, "DY"][0]
    packs = [Pack([x.code], x.quantity) for x in player.taken.pop(step.order)]
    if step.is_short:
        packs = _one_less(packs)
    by = known.by(roles.STOREKEEPER, step.site)
    done = receiving.receive(shipment_id, place_id, packs, by=by)
    state = done.transfer_state
    if done.missing:
        by = known.signing(roles.SUPERVISOR, step.from_site)
        state = receiving.write_off(shipment_id, MISSING, by=by).transfer_state
    if state != TransferState.CLOSED:
        closing.close(player.orders[step.order], reason=CLOSED, by=known.by(roles.PLANNER))
    if done.receipt_id is not None and done.receipt_uid is not None:
        player.came[step.order] = Came(done.receipt_id, place_id, ())
        open_inspections(done.receipt_uid, by=known.by(roles.INSPECTOR, step.site))


def _one_less(packs: list[Pack]) -> list[Pack]:
    """One unit of the first pack of several is missing."""
    n = next((n for n, pack in enumerate(packs) if pack.packs > 1), None)
    if n is None:
        return packs
    return [*packs[:n], Pack(packs[n].codes, packs[n].packs - 1), *packs[n + 1 :]]


MISSING = "装车清点与到货清点不符，双方查找无果，按短少处理"
CLOSED = "已全部到货；未发部分不再调拨"
