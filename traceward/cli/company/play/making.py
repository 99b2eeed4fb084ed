"""Production as the plan has it: planned, released, issued, completed, accepted, shelved."""

from traceward.cli.company.plan.steps import Accept, Make
from traceward.cli.company.play.inbound import CHECKS
from traceward.cli.company.play.player import Player
from traceward.domain.production.commands import issuing, planning
from traceward.domain.production.commands.completing import complete
from traceward.domain.production.commands.goods import Output
from traceward.domain.quality.commands import decide, open_inspections, record_result
from traceward.domain.quality.models import Inspection
from traceward.domain.quality.rules import Share
from traceward.domain.stock.commands.moves import Line, move
from traceward.kernel.documents.models import Document
from traceward.kernel.org import roles

SHORT = "物料未到齐，本批取消，待下一批补产"


def make(player: Player, step: Make) -> None:
    known, by = player.known, player.known.by
    item, wip = known.items[step.item], known.places[f"{step.site}-WIP"]
    planned = planning.plan(
        known.sites[step.site], item, step.quantity, wip, due_on=step.due_on, by=by(roles.PLANNER)
    )
    planning.release(planned.order_id, by=by(roles.PRODUCTION, step.site))
    if not step.is_issued:
        return
    promised = issuing.allocate(planned.order_id, by=by(roles.PLANNER))
    if promised.shortage and step.is_done:
        planning.cancel_order(planned.order_id, SHORT, by=by(roles.PLANNER))
        return
    issuing.issue(planned.order_id, by=by(roles.STOREKEEPER, step.site))
    if not step.is_done:
        return
    place = player.bin_for(step.site, "DY", item)
    output = Output(item, place, step.quantity, lot_number=step.lot)
    done = complete(planned.order_id, [output], by=by(roles.PRODUCTION, step.site))
    planning.close(planned.order_id, by=by(roles.PRODUCTION, step.site))
    player.made[step.key] = done.transformation_id


def accept(player: Player, step: Accept) -> None:
    """Inspected, released, and in its bin; nothing, where materials were short."""
    known, made = player.known, player.made.pop(step.order, None)
    if made is None:
        return
    source = Document.objects.get(pk=made)
    inspector = known.by(roles.INSPECTOR, step.site)
    (inspection_id,) = open_inspections(source.uid, by=inspector).inspection_ids
    for check in CHECKS:
        record_result(inspection_id, check, True, 5, by=inspector.asking())
    row = Inspection.objects.get(pk=inspection_id)
    place = player.bin_for(step.site, "DY", row.item_id)
    by = known.signing(roles.QUALITY_CONTROLLER, step.site)
    decide(inspection_id, [Share(place, row.quantity, 0)], "批生产记录审核合格，准予入库", by=by)
    to = player.bin_for(step.site, "HG", row.item_id)
    line = Line(row.item_id, row.quantity, place, to, row.owner_id, lot_id=row.lot_id)
    move([line], by=known.by(roles.STOREKEEPER, step.site))
