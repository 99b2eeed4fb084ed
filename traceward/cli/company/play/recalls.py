"""Recalls as the plan has them: a lot is blocked everywhere, and who has it is told."""

from django.db.models import Q

from traceward.cli.company.plan.steps import Recall
from traceward.cli.company.play.player import Player
from traceward.domain.places.models import PlaceKind
from traceward.domain.recalls.commands import (
    Origin,
    Target,
    acknowledge,
    check_effectiveness,
    close,
    conclude_drill,
    drill,
    notify,
    report,
)
from traceward.domain.recalls.commands import open as open_recall
from traceward.domain.recalls.models import (
    CheckHow,
    CheckResult,
    OriginKind,
    RecallLevel,
    RecallTarget,
    ReportKind,
)
from traceward.domain.recalls.queries import consignees
from traceward.domain.stock.models import Lot, Status, StockBalance
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.mailing import send_due
from traceward.kernel.org import roles

OUTSIDE = Q(place__kind__in=(PlaceKind.DEPARTMENT, PlaceKind.CUSTOMER))
USED = Q(place__kind=PlaceKind.USED)


def recall(player: Player, step: Recall) -> None:
    site_id = player.known.sites[step.site]
    if step.is_closed:
        _drill(player, site_id, RecallLevel(step.level))
    lot_id = _used_up(site_id) if step.is_closed else _all_over(site_id)
    if lot_id is None:
        return
    by = player.known.by(roles.COMPLIANCE)
    target = Target(lot_id=lot_id)
    level = RecallLevel(step.level)
    origin = _complaint(lot_id, player, step.reason)
    case_id = open_recall(site_id, level, step.reason, [target], origin=origin, by=by).case_id
    notify(case_id, by=by.asking())
    send_due()  # into files: a sandbox writes to nobody
    report(case_id, ReportKind.DECISION, reference=f"ZH{player.day:%Y%m%d}", by=by.asking())
    if step.is_closed:
        report(case_id, ReportKind.PLAN, reference=f"JH{player.day:%Y%m%d}", by=by.asking())
    told = consignees(case_id)
    for n, consignee in enumerate(told):
        if consignee.party_id is not None and (step.is_closed or n < len(told) // 2):
            has = consignee.standing + consignee.used
            answer = "已逐件核对，无剩余" if step.is_closed else "库存已封存，等待退回"
            acknowledge(case_id, consignee.party_id, has, answer, by=by.asking())
            _check(case_id, consignee.party_id, n, by)
    if step.is_closed:
        conclusion = "涉及产品均已查明去向，库存不合格品已隔离，受影响患者由医院随访"
        close(case_id, conclusion, by=player.known.signing(roles.QUALITY_HEAD))


def _complaint(lot_id: int, player: Player, text: str) -> Origin:
    """The first consignee that has some of it has rung."""
    rows = StockBalance.objects.filter(OUTSIDE | USED, lot=lot_id, place__party__isnull=False)
    party_id = rows.order_by("pk").values_list("place__party", flat=True).first()
    if party_id is None:
        return Origin(OriginKind.OWN, received_on=player.day, text=text)
    reference = f"TS{player.day:%Y%m%d}"
    return Origin(OriginKind.COMPLAINT, party_id, "", player.day, reference, text)


def _drill(player: Player, site_id: int, level: RecallLevel) -> None:
    """The quality head tries a recall first, of a lot that is on shelves and at departments."""
    lot_id = _all_over(site_id)
    if lot_id is None:
        return
    by = player.known.by(roles.QUALITY_HEAD)
    reason = "年度召回演练：假定包装密封不良"
    drill_id = drill(site_id, level, reason, [Target(lot_id=lot_id)], by=by).drill_id
    conclusion = "去向全部查明，各收货单位电话均已接通；演练记录归档"
    conclude_drill(drill_id, conclusion, by=by.asking())


def _check(case_id: int, party_id: int, n: int, by: Actor) -> None:
    """Somebody looked whether it knew and acted: some by a visit, the others by telephone."""
    how = CheckHow.VISIT if n % 3 == 0 else CheckHow.TELEPHONE
    note = "现场核对封存区与台账" if how is CheckHow.VISIT else "与设备科核对数量"
    check_effectiveness(case_id, party_id, how, CheckResult.ACTED, note=note, by=by.asking())


def _used_up(site_id: int) -> int | None:
    """The first lot of the site, by number, that was used to the last unit or rejected."""
    standing = StockBalance.objects.filter(on_hand__gt=0, physical=True)
    over = standing.filter(USED, place__site=site_id, lot__isnull=False).values("lot")
    open_ = standing.filter(~USED).exclude(status=Status.REJECTED).values("lot")
    known = RecallTarget.objects.filter(lot__isnull=False).values("lot")
    found = Lot.objects.filter(pk__in=over).exclude(pk__in=open_.filter(lot__isnull=False))
    found = found.exclude(pk__in=known)
    return found.order_by("raw_number").values_list("pk", flat=True).first()


def _all_over(site_id: int) -> int | None:
    """The implantable lot that stands on our shelves and at departments, first by number."""
    standing = StockBalance.objects.filter(
        on_hand__gt=0, place__site=site_id, lot__isnull=False, item__is_implantable=True
    )
    shelves = standing.filter(place__kind=PlaceKind.BIN).values("lot")
    lots = Lot.objects.filter(pk__in=standing.filter(OUTSIDE).values("lot"))
    both = lots.filter(pk__in=shelves).order_by("raw_number")
    found = both.values_list("pk", flat=True).first()
    return found or lots.order_by("raw_number").values_list("pk", flat=True).first()
