"""What happens to goods that stand: counted, looked at, sent back to suppliers, destroyed."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from django.db.models import F, Q, QuerySet

from traceward.cli.company.plan.steps import CheckStock, Clear, Count, Destroy, SendBack
from traceward.cli.company.play.outbound import measured
from traceward.cli.company.play.player import Player
from traceward.domain.places.models import PlaceKind
from traceward.domain.purchasing.commands import approve_return, propose_return, send_return
from traceward.domain.quality.commands.checking import Finding, check_stock
from traceward.domain.quality.models import StockCheckLine
from traceward.domain.quality.queries import standing_in
from traceward.domain.stock.commands.blocks import lift_block
from traceward.domain.stock.models import Status, StockBalance, StockBlock
from traceward.domain.warehousing.commands.counting import Counted
from traceward.domain.warehousing.commands.counting import count as count_place
from traceward.domain.warehousing.commands.destroying import (
    Taking,
    approve_destruction,
    destroy,
    propose_destruction,
)
from traceward.domain.warehousing.commands.shipping import Transport
from traceward.domain.warehousing.models import ReceiptLine, TakenLine
from traceward.kernel.command.commands import reject, release
from traceward.kernel.command.run import Held
from traceward.kernel.org import roles

#: A look at a bin names so many lots and serials at most, a destruction so many balances.
LOOKS, DESTROYS = 40, 8
BY_CODES = ("place__code", "item__code", "lot__raw_number", "serial__raw_number", "status")


def _shelved(player: Player, site: str) -> QuerySet[StockBalance]:
    """What stands qualified in the site's bins for it, lots on hold left out; by their codes."""
    held = StockBlock.objects.filter(lifted_at=None, lot__isnull=False).values("lot")
    rows = StockBalance.objects.filter(
        ~Q(lot__in=held),
        place__site=player.known.sites[site],
        place__kind=PlaceKind.BIN,
        place__zone="qualified",
        status=Status.QUALIFIED,
        on_hand__gt=0,
    )
    return rows.order_by(*BY_CODES)


def count(player: Player, step: Count) -> None:
    """All of a bin is counted; a large difference waits, or a second person decided."""
    most = max(-change for change in step.changes)
    free = _shelved(player, step.site).filter(
        serial=None, on_hand__gte=F("reserved") + max(most, 1)
    )
    able: dict[int, list[StockBalance]] = defaultdict(list)
    for row in free:
        able[row.place_id].append(row)
    places = [pk for pk, rows in able.items() if len(rows) >= len(step.changes)]
    if not places:
        return  # not so much stands there yet
    place_id = places[step.first % len(places)]
    changes = {row.pk: c for row, c in zip(able[place_id], step.changes, strict=False)}
    there = StockBalance.objects.filter(place=place_id, on_hand__gt=0).order_by(*BY_CODES)
    lines = [
        Counted(
            row.item_id,
            row.on_hand + changes.get(row.pk, 0),
            row.owner_id,
            row.lot_id,
            row.serial_id,
            row.status,
            row.container_id,
        )
        for row in there
    ]
    by = player.known.by(roles.STOREKEEPER, step.site)
    done = count_place(place_id, lines, explanation=step.reason, by=by)
    if isinstance(done, Held) and step.is_released is not None:
        by = player.known.by(roles.SUPERVISOR, step.site)
        if step.is_released:
            release(done.held_uid, by=by)
        else:
            reject(done.held_uid, "再次复盘后账实相符，不作调整", by=by)


def check(player: Player, step: CheckStock) -> None:
    """Everything in the bin is looked at; what is doubtful is on hold from now on."""
    places: dict[int, str] = dict(_shelved(player, step.site).values_list("place", "place__code"))
    if not places:
        return
    place_id = list(places)[step.first % len(places)]
    is_cold = f"{step.site}-LK" in places[place_id]
    standing = list(standing_in(place_id))
    doubtful = _alone(player, step.site, place_id) if step.is_doubtful else None
    named = sorted(standing, key=lambda goods: (goods[1] != doubtful, goods[0], goods[1:]))
    findings = [
        Finding(
            item_id,
            lot_id,
            serial_id,
            is_packaging_good=lot_id is None or lot_id != doubtful,
            note="外箱受潮，内包装待确认" if lot_id is not None and lot_id == doubtful else "",
        )
        for item_id, lot_id, serial_id in named[:LOOKS]
    ]
    check_stock(
        place_id,
        findings=findings,
        temperature_c=Decimal(step.tenths - (160 if is_cold else 0)) / 10,
        humidity_percent=step.humidity,
        by=player.known.by(roles.MAINTENANCE, step.site),
    )


def _alone(player: Player, site: str, place_id: int) -> int | None:
    """A lot of the bin that stands nowhere else, and that nobody was promised."""
    here = _shelved(player, site).filter(place=place_id, serial=None, lot__isnull=False, reserved=0)
    lots = list(dict.fromkeys(here.values_list("lot", flat=True)))
    rows = StockBalance.objects.filter(lot__in=lots, on_hand__gt=0, physical=True)
    elsewhere = set(rows.exclude(place=place_id).values_list("lot", flat=True))
    return next((lot for lot in lots if lot not in elsewhere), None)


def clear(player: Player, step: Clear) -> None:
    """Quality found nothing wrong with the lots that were doubtful."""
    lines = StockCheckLine.objects.filter(
        check_of__site=player.known.sites[step.site],
        block__lifted_at=None,
        block__isnull=False,
    )
    for uid in lines.order_by("pk").values_list("block__uid", flat=True):
        by = player.known.signing(roles.QUALITY_HEAD)
        lift_block(uid, "开箱复检：内包装完好，解除暂停", by=by)


def send_back(player: Player, step: SendBack) -> None:
    """The first receipt of which rejected goods stand there goes back, as far as it was."""
    known = player.known
    rejected = {
        (row.item_id, row.lot_id or 0, row.serial_id): row for row in _rejected(player, step.site)
    }
    lines = ReceiptLine.objects.filter(
        receipt__site=known.sites[step.site],
        receipt__expected__stand_at=None,
        lot__in={lot for _, lot, _ in rejected},
    )
    of_receipt: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for line in lines.order_by("receipt", "pk"):
        row = rejected.get((line.item_id, line.lot_id or 0, line.serial_id))
        if row is not None:
            of_receipt[line.receipt_id][row.pk] += line.quantity
    if not of_receipt:
        return
    receipt_id, came = next(iter(of_receipt.items()))
    on_hand = {row.pk: row.on_hand for row in rejected.values()}
    kept_at = {
        row.pk: (row.item.storage_c_min, row.item.storage_c_max) for row in rejected.values()
    }
    together = kept_at[next(iter(came))]  # what asks for other degrees goes back another day
    takings = [
        Taking(pk, min(on_hand[pk], quantity))
        for pk, quantity in came.items()
        if kept_at[pk] == together
    ]
    by = known.by(roles.STOREKEEPER, step.site)
    made = propose_return(receipt_id, takings, "验收不合格，按质量保证协议退回", by=by)
    if not step.is_sent:
        return
    approve_return(made.return_id, by=known.by(roles.SUPERVISOR, step.site))
    carrier = next(firm.zh for firm in player.plan.firms if firm.role == "carrier")
    waybill = f"TH{player.day:%y%m%d}{step.site}"
    departure_c = measured(TakenLine.objects.filter(line__document=made.return_id))
    transport = Transport(
        "第三方运输",
        carrier_name=carrier,
        waybill=waybill,
        conditions="常温" if departure_c is None else "冷藏箱 2–8 ℃",
        departure_c=departure_c,
    )
    send_return(made.return_id, transport, by=known.by(roles.DISPATCHER, step.site))


def _rejected(player: Player, site: str) -> Iterable[StockBalance]:
    rows = StockBalance.objects.filter(
        place__site=player.known.sites[site],
        place__kind=PlaceKind.BIN,
        status=Status.REJECTED,
        reserved=0,
        on_hand__gt=0,
    )
    return rows.select_related("item").order_by(*BY_CODES)


def destroy_goods(player: Player, step: Destroy) -> None:
    """What was rejected is destroyed before two witnesses; what ended waits for quality."""
    known = player.known
    rows = list(_rejected(player, step.site))
    reason = "不合格品，无法退回供应商"
    if not step.is_done:
        ended = _shelved(player, step.site).filter(lot__expires_on__lt=player.day, reserved=0)
        reason, rows = ("过期失效", list(ended)) if ended else (reason, rows)
    if not rows:
        return
    takings = [Taking(row.pk, row.on_hand) for row in rows[:DESTROYS]]
    by = known.by(roles.STOREKEEPER, step.site)
    made = propose_destruction(
        known.sites[step.site], takings, reason, "委托有资质单位高温焚烧", by=by
    )
    if not step.is_done:
        return
    approve_destruction(made.destruction_id, by=known.signing(roles.QUALITY_HEAD))
    witnesses = [
        known.by(role, step.site).person_id for role in (roles.INSPECTOR, roles.SUPERVISOR)
    ]
    by = known.signing(roles.STOREKEEPER, step.site)
    destroy(made.destruction_id, witnesses, by=by)
