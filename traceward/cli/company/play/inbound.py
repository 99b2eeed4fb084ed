"""Inbound work as the plan has it: order, approve, announce, receive, inspect, decide, store."""

from collections import defaultdict
from zlib import crc32

from traceward.cli.company.plan.steps import (
    Announce,
    Batch,
    Buy,
    Decide,
    Inspect,
    Receive,
    Store,
)
from traceward.cli.company.play.player import Came, Player, labels_of
from traceward.domain.purchasing.commands import Noticed, Wanted, approve, notify, settle
from traceward.domain.purchasing.commands import order as place_order
from traceward.domain.purchasing.models import ShippingNotice
from traceward.domain.quality.commands import open_inspections
from traceward.domain.quality.models import Inspection
from traceward.domain.quality.rules import Share
from traceward.domain.stock.models import Status
from traceward.domain.stock.rules import normalised
from traceward.domain.warehousing.commands.journeys import Journey
from traceward.domain.warehousing.commands.receiving import Scan
from traceward.domain.warehousing.commands.refusing import refuse_delivery
from traceward.domain.warehousing.commands.storing import PutAway, put_away
from traceward.domain.warehousing.models import ReceiptLine
from traceward.domain.warehousing.rules import RefusalReason
from traceward.flows.acceptance import Found, Verdict, decide_lots, record_results
from traceward.flows.inbound import receive_notice
from traceward.kernel.command.delivery import system_actor
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.org import roles

CHECKS = ("packaging", "label", "certificate")
#: Of what comes from our own sites nothing is bad.
GOOD = Batch("", "", 0, None, None)
#: Of so many deliveries one is refused at the door at first; the plan's dice know nothing of it.
REFUSED_ONE_IN = 40


def buy(player: Player, step: Buy) -> None:
    known = player.known
    lines = [
        Wanted(known.items[wish.item], wish.quantity, player.article(wish.item).price)
        for wish in step.wishes
    ]
    made = place_order(
        known.sites[step.site],
        known.parties[step.supplier],
        lines,
        wanted_on=step.wanted_on,
        quality_terms="按产品技术要求和质量保证协议验收",
        after_sales_terms="质量问题 7 个工作日内换货",
        by=known.by(roles.BUYER, step.site),
    )
    player.purchases[step.key] = made.order_id
    if step.is_approved:
        approve(made.order_id, by=known.by(roles.SUPERVISOR, step.site))


def announce(player: Player, step: Announce) -> None:
    scans = [Noticed([raw], packs) for raw, packs in _labels(player, step.batches)]
    made = notify(
        player.purchases[step.order],
        step.reference,
        scans,
        expected_on=step.expected_on,
        by=player.known.by(roles.BUYER, step.site),
    )
    player.notices[step.key] = made.notice_id
    player.announced[step.key] = step.batches


def _labels(player: Player, batches: tuple[Batch, ...]) -> list[tuple[str, int]]:
    return [x for batch in batches for x in labels_of(player.article(batch.item), batch)]


def receive(player: Player, step: Receive) -> None:
    batches = player.announced.pop(step.notice)
    zone, arrival, low, high = "DY", None, None, None
    if step.is_cold:
        zone, (arrival, low, high) = "DYL", step.celsius
    place_id = player.bins[step.site, zone][0]
    journey = Journey(
        "冷藏车" if step.is_cold else "厢式货车",
        Erasable("送货人"),
        departed_at=player.before(step.hours),
        arrival_c=arrival,
        transit_c_min=low,
        transit_c_max=high,
    )
    if crc32(step.notice.encode()) % REFUSED_ONE_IN == 0:
        _refuse_first(player, step, batches, place_id, journey)
    done = receive_notice(
        player.notices[step.notice],
        place_id,
        step.note,
        [Scan([raw], packs) for raw, packs in _labels(player, batches)],
        journey=journey,
        by=player.known.by(roles.STOREKEEPER, step.site),
    )
    settle(ShippingNotice.objects.get(pk=player.notices[step.notice]).uid, by=system_actor())
    player.came[step.notice] = Came(done.receipt_id, place_id, batches)
    open_inspections(done.receipt_uid, by=player.known.by(roles.INSPECTOR, step.site))


def _refuse_first(
    player: Player, step: Receive, batches: tuple[Batch, ...], place_id: int, journey: Journey
) -> None:
    """The goods came without their papers: refused at the door, announced anew, brought again."""
    notice = ShippingNotice.objects.get(pk=player.notices[step.notice])
    refuse_delivery(
        notice.pk,
        place_id,
        RefusalReason.PAPERS_MISSING,
        "随货同行单未随车，送货人无法出示",
        journey=journey,
        by=player.known.by(roles.STOREKEEPER, step.site),
    )
    settle(notice.uid, by=system_actor())
    again = notify(
        notice.order_id,
        f"{notice.reference}-2",
        [Noticed([raw], packs) for raw, packs in _labels(player, batches)],
        expected_on=player.day,
        by=player.known.by(roles.BUYER, step.site),
    )
    player.notices[step.notice] = again.notice_id


def inspect(player: Player, step: Inspect) -> None:
    """Each check of every lot has its result; a bad one says what is wrong."""
    came = player.came.get(step.notice)
    if came is None:
        return
    results = []
    for inspection, batch in _inspections(player, came):
        sample = min(inspection.quantity, 5 if inspection.quantity < 100 else 20)
        for check in CHECKS:
            is_bad = bool(batch.rejected) and check == CHECKS[0]
            bad = min(sample, batch.rejected) if is_bad else 0
            results.append(
                Found(inspection.pk, check, not is_bad, sample, bad, batch.defect if is_bad else "")
            )
    record_results(came.receipt_id, results, by=player.known.by(roles.INSPECTOR, step.site))


def _inspections(player: Player, came: Came) -> list[tuple[Inspection, Batch]]:
    """The receipt's inspections, each with what the plan says of its lot."""
    items = player.known.items
    batches = {(items[b.item], normalised(b.lot)): b for b in came.batches}
    rows = Inspection.objects.filter(source=came.receipt_id).select_related("lot").order_by("pk")
    numbered = ((row, row.lot.number if row.lot else "") for row in rows)
    return [(row, batches.get((row.item_id, number), GOOD)) for row, number in numbered]


def decide(player: Player, step: Decide) -> None:
    came = player.came.get(step.notice)
    if came is None:
        return
    lines: dict[tuple[int, int | None], list[ReceiptLine]] = defaultdict(list)
    for line in ReceiptLine.objects.filter(receipt=came.receipt_id).order_by("pk"):
        lines[line.item_id, line.lot_id].append(line)
    verdicts = []
    for inspection, batch in _inspections(player, came):
        shares = _shares(lines[inspection.item_id, inspection.lot_id], batch, came.place_id)
        is_bad = bool(batch.rejected)
        verdicts.append(
            Verdict(
                inspection.pk,
                shares,
                "部分不合格，不合格品移入不合格品区" if is_bad else "符合产品技术要求，准予入库",
                defects=batch.defect,
                disposition="退回供应商" if is_bad else "",
            )
        )
    by = player.known.signing(roles.QUALITY_CONTROLLER, step.site)
    decide_lots(came.receipt_id, verdicts, by=by)


def _shares(lines: list[ReceiptLine], batch: Batch, place_id: int) -> list[Share]:
    """The last units of a lot are those that are bad."""
    if batch.serials:
        good = len(lines) - batch.rejected
        return [
            Share(place_id, int(n < good), int(n >= good), serial_id=line.serial_id)
            for n, line in enumerate(lines)
        ]
    total = sum(line.quantity for line in lines)
    return [Share(place_id, total - batch.rejected, batch.rejected)]


def store(player: Player, step: Store) -> None:
    """Good units go to the item's own bin, bad ones to the rejected area."""
    came = player.came.pop(step.notice, None)
    if came is None:
        return
    items = player.known.items
    left = {(items[b.item], normalised(b.lot)): b.rejected for b in came.batches}
    rows = ReceiptLine.objects.filter(receipt=came.receipt_id).select_related("item", "lot")
    lines = []
    for row in rows.order_by("-pk"):
        key = (row.item_id, row.lot.number if row.lot else "")
        bad = min(left.get(key, 0), row.quantity)
        left[key] = left.get(key, 0) - bad
        is_cold = player.article(row.item.code).is_cold
        for quantity, zone, status in (
            (row.quantity - bad, "LK" if is_cold else "HG", Status.QUALIFIED),
            (bad, "BHL" if is_cold else "BH", Status.REJECTED),
        ):
            if quantity:
                to = player.bin_for(step.site, zone, row.item_id)
                lines.append(PutAway(row.pk, quantity, to, status))
    put_away(came.receipt_id, lines, by=player.known.by(roles.STOREKEEPER, step.site))
