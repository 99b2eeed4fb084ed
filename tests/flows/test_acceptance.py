"""A whole delivery is accepted at once, by the same rules as lot by lot."""

from tests import inbound
from tests.inbound import CHECKS, code
from tests.refusing import only_at, refused
from tests.world import World
from traceward.domain.quality.commands import NotInspected, open_inspections
from traceward.domain.quality.models import Inspection, Result
from traceward.domain.quality.rules import Share
from traceward.domain.stock.models import Status, StockBalance
from traceward.flows.acceptance import Found, Verdict, decide_lots, record_results
from traceward.kernel.audit.models import Signature
from traceward.kernel.base.refusals import InvalidInput, NotAllowed, SamePerson, SignatureRequired
from traceward.kernel.org import roles

TWO_LOTS = ((code("STENT", "L1"), 4), (code("STENT", "L2"), 6))


def came(world: World) -> list[Inspection]:
    """Two lots came, and nothing was looked at yet."""
    receipt = inbound.received(world, *TWO_LOTS)
    opened = open_inspections(receipt.receipt_uid, by=world.by(roles.SYSTEM))
    return list(Inspection.objects.filter(pk__in=opened.inspection_ids).order_by("pk"))


def passed(rows: list[Inspection]) -> list[Found]:
    return [Found(row.pk, check, True, 1) for row in rows for check in CHECKS]


def all_good(world: World, rows: list[Inspection]) -> list[Verdict]:
    dock = world.places["DOCK"].pk
    return [Verdict(row.pk, [Share(dock, row.quantity, 0)], "fit for use") for row in rows]


def record(world: World, rows: list[Inspection], results: list[Found]):
    return record_results(rows[0].source_id, results, by=world.by(roles.INSPECTOR))


def decide(world: World, rows: list[Inspection], verdicts: list[Verdict]):
    by = world.by(roles.QUALITY_HEAD).reauthenticated()
    return decide_lots(rows[0].source_id, verdicts, by=by)


def test_all_lots_are_inspected_and_decided_at_once(world: World) -> None:  # INB-03 QUA-04
    rows = came(world)
    assert record(world, rows, passed(rows)[:-1]).unfinished == [rows[1].pk]
    recorded = record(world, rows, passed(rows)[-1:])
    assert (recorded.results, recorded.unfinished) == (1, [])
    decided = decide(world, rows, all_good(world, rows))
    assert (decided.inspections, decided.accepted, decided.rejected) == (2, 10, 0)
    standing = StockBalance.objects.filter(place=world.places["DOCK"], on_hand__gt=0)
    assert {row.status for row in standing} == {Status.QUALIFIED}
    signed = Signature.objects.filter(subject_uid__in=[row.uid for row in rows])
    assert signed.count() == 2


def test_one_bad_line_and_none_counts(world: World) -> None:
    rows = came(world)
    wrong = [*passed(rows), Found(rows[1].pk, "label", False, 1)]
    with refused(InvalidInput, "results.6.note"):
        record(world, rows, wrong)
    assert not Result.objects.exists()
    record(world, rows, passed(rows)[: len(CHECKS)])
    with refused(NotInspected, "verdicts.1.inspection_id"):
        decide(world, rows, all_good(world, rows))
    assert not Signature.objects.filter(subject_uid=rows[0].uid).exists()


def test_nothing_and_another_receipts_lots_are_refused(world: World) -> None:
    rows = came(world)
    other = came_again(world)
    with refused(InvalidInput, "results"):
        record(world, rows, [])
    with refused(InvalidInput, "verdicts"):
        decide(world, rows, [])
    with refused(InvalidInput, "results.1.inspection_id"):
        record(world, rows, [passed(rows)[0], passed(other)[0]])
    with refused(InvalidInput, "verdicts.0.inspection_id"):
        decide(world, rows, all_good(world, other))


def came_again(world: World) -> list[Inspection]:
    receipt = inbound.received(world, (code("STENT", "L3"), 2))
    opened = open_inspections(receipt.receipt_uid, by=world.by(roles.SYSTEM))
    return list(Inspection.objects.filter(pk__in=opened.inspection_ids))


def test_who_inspected_does_not_decide_and_a_decision_is_signed(world: World) -> None:  # ORG-03
    rows = came(world)
    inspector = world.by(roles.QUALITY_CONTROLLER)
    record_results(rows[0].source_id, passed(rows), by=inspector)
    verdicts = all_good(world, rows)
    with refused(SamePerson, "verdicts.0"):
        decide_lots(rows[0].source_id, verdicts, by=inspector.asking().reauthenticated())
    with refused(SignatureRequired):
        decide_lots(rows[0].source_id, verdicts, by=world.by(roles.QUALITY_HEAD))


def test_a_grant_for_another_site_does_not_count(world: World) -> None:  # ORG-03
    rows = came(world)
    elsewhere = only_at(world, roles.INSPECTOR, world.chengdu)
    with refused(NotAllowed):
        record_results(rows[0].source_id, passed(rows), by=elsewhere)
