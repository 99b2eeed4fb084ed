"""Released by whoever looked through the evidence, as it still is; gate by gate. # QUA-02 QUA-04"""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import making
from tests.inbound import code, inspected, received
from tests.ledger import database_now, set_clock
from tests.refusing import colleague, refused
from tests.world import LONG_AGO, World, move_clock
from traceward.domain.catalog.models import Product
from traceward.domain.partners.models import Licence
from traceward.domain.quality import commands as quality
from traceward.domain.quality.commands import deciding, gates, releasing
from traceward.domain.quality.commands.releasing import (
    OF_EVIDENCE,
    EvidenceChanged,
    Judged,
    NotLookedThrough,
    judge,
)
from traceward.domain.quality.models import Inspection
from traceward.domain.quality.rules import Share
from traceward.domain.stock.commands.blocks import Scope, block
from traceward.domain.stock.models import BlockKind, Lot, Status, StockBalance
from traceward.domain.stock.refusals import Blocked, Expired, ShortStock
from traceward.kernel.audit.models import AuditEntry, Signature
from traceward.kernel.base.refusals import (
    InvalidInput,
    NotAllowed,
    SamePerson,
    SignatureRequired,
    WrongState,
)
from traceward.kernel.command.actor import Actor
from traceward.kernel.documents.models import Document
from traceward.kernel.org import roles
from traceward.kernel.rules.models import Parameter
from traceward.kernel.rules.rules import Spec

FIT = "fit for use"


def ready(world: World, *numbers: str, item: str = "STENT") -> list[Inspection]:
    """Five units of each lot, with every check passed."""
    return [inspected(world, (code(item, number), 5), item=item)[0] for number in numbers]


def judged(row: Inspection, by: Actor) -> Judged:
    found = Inspection.objects.select_related(*OF_EVIDENCE).get(pk=row.pk)
    return judge([found], by.asking(), database_now())[0]


def head(world: World) -> Actor:
    return world.by(roles.QUALITY_HEAD).reauthenticated()


def look(row: Inspection, by: Actor) -> str:
    evidence = judged(row, by).evidence
    quality.look_through(row.pk, evidence, by=by.asking())
    return evidence


def lacking(row: Inspection, by: Actor) -> list[str]:
    return [gate.name for gate, why in judged(row, by).said if why is not None]


def rule(spec: Spec, value: object, **context: object) -> None:
    Parameter.objects.create(
        key=spec.key, context=context, value=value, valid_from=LONG_AGO, version=1
    )


def test_what_was_looked_through_is_released_whole_and_signed(world: World) -> None:  # QUA-04
    (row,) = ready(world, "L1")
    by = head(world)
    assert lacking(row, by) == []
    evidence = look(row, by)
    done = quality.release(row.pk, evidence, FIT, by=by.asking())
    assert (done.accepted, done.rejected) == (5, 0)
    row.refresh_from_db()
    assert (row.state, row.conclusion, row.decided_by_id) == ("decided", FIT, by.person_id)
    stands = StockBalance.objects.filter(lot=row.lot, on_hand__gt=0)
    assert list(stands.values_list("status", "on_hand")) == [(Status.QUALIFIED, 5)]
    signature = Signature.objects.get(subject_uid=row.uid)
    assert (signature.person_id, signature.meaning) == (by.person_id, "usage decision")
    entry = AuditEntry.objects.get(pk=signature.command_id)
    assert entry.verb == "quality.release"
    assert entry.facts["arguments"]["evidence"] == evidence
    assert entry.facts["looked_at"]
    assert AuditEntry.objects.get(verb="quality.look_through").actor_id == by.person_id


def test_the_signature_is_bound_to_the_evidence(world: World) -> None:  # QUA-04
    first, second = ready(world, "L1", "L2")
    by = head(world)
    quality.release(first.pk, look(first, by), FIT, by=by.asking())
    dock = world.places["DOCK"].pk
    quality.decide(second.pk, [Share(dock, 5, 0)], FIT, by=by.asking())
    hashes = set(Signature.objects.values_list("content_hash", flat=True))
    assert len(hashes) == 2
    assert "evidence" in deciding_content(first, "x")
    assert "evidence" not in deciding_content(second, "")


def deciding_content(row: Inspection, evidence: str) -> dict[str, object]:
    return deciding._content(row, [], {}, evidence)


def test_nobody_releases_what_they_did_not_look_through(world: World) -> None:  # QUA-04
    (row,) = ready(world, "L1")
    by, other = head(world), colleague(roles.QUALITY_HEAD).reauthenticated()
    evidence = judged(row, by).evidence
    with refused(NotLookedThrough, "evidence"):
        quality.release(row.pk, evidence, FIT, by=by.asking())
    look(row, other)  # somebody else's look is not theirs
    with refused(NotLookedThrough, "evidence"):
        quality.release(row.pk, evidence, FIT, by=by.asking())
    quality.release(row.pk, evidence, FIT, by=other.asking())


def test_a_look_counts_for_a_while(world: World) -> None:  # QUA-04
    (row,) = ready(world, "L1")
    by = head(world)
    evidence = look(row, by)
    set_clock(database_now() + timedelta(minutes=61))
    with refused(NotLookedThrough, "evidence") as caught:
        quality.release(row.pk, evidence, FIT, by=by.asking())
    assert "within 60 minutes" in str(caught.value)
    look(row, by)
    quality.release(row.pk, evidence, FIT, by=by.asking())


def test_evidence_that_changed_is_looked_through_again(world: World) -> None:  # QUA-04
    (row,) = ready(world, "L1")
    by = head(world)
    evidence = look(row, by)
    inspector = world.by(roles.INSPECTOR)
    quality.record_result(row.pk, "odour", True, 1, is_additional=True, by=inspector)
    with refused(EvidenceChanged, "evidence"):
        quality.release(row.pk, evidence, FIT, by=by.asking())
    with refused(EvidenceChanged, "evidence"):
        quality.look_through(row.pk, evidence, by=by.asking())
    quality.release(row.pk, look(row, by), FIT, by=by.asking())
    with refused(WrongState):
        quality.look_through(row.pk, evidence, by=by.asking())


def test_each_gate_refuses_by_itself(world: World) -> None:  # QUA-02 INB-03
    (row,) = ready(world, "L1")
    by = head(world)
    look(row, by)
    lot = Lot.objects.get(number="L1")
    block(Scope(lot_id=lot.pk), BlockKind.HOLD, "complaint", by=by.asking())
    assert lacking(row, by) == ["No block or recall"]
    with refused(Blocked) as caught:
        quality.release(row.pk, judged(row, by).evidence, FIT, by=by.asking())
    assert "complaint" in str(caught.value)
    Product.objects.update(valid_until=world.shanghai.day_at(database_now()) - timedelta(days=1))
    Licence.objects.filter(party=world.supplier).update(revoked_at=database_now())
    assert lacking(row, by) == [
        *("No block or recall", "Certificate counts", "Supplier's licence counts"),
    ]


def test_failed_missing_and_own_checks_keep_it(world: World) -> None:  # INB-03 ORG-03
    done = received(world, (code("STENT", "L1"), 5))
    opened = quality.open_inspections(done.receipt_uid, by=world.by(roles.SYSTEM))
    row = Inspection.objects.get(pk=opened.inspection_ids[0])
    by, inspector = head(world), world.by(roles.INSPECTOR)
    assert lacking(row, by) == [
        *("Required checks recorded", "Inspected by somebody else", "Checks passed"),
    ], "what was not done is not fulfilled"
    with refused(quality.NotInspected, "inspection_id"):
        quality.release(row.pk, judged(row, by).evidence, FIT, by=by.asking())
    for name in ("packaging", "label", "certificate"):
        is_good = name != "label"
        quality.record_result(row.pk, name, is_good, 2, note="torn", by=inspector.asking())
    assert lacking(row, by) == ["Checks passed"]
    with refused(quality.NotInspected, "defects"):
        quality.release(row.pk, judged(row, by).evidence, FIT, by=by.asking())
    controller = world.by(roles.QUALITY_CONTROLLER)
    quality.record_result(row.pk, "label", True, 2, by=controller)
    assert lacking(row, controller) == ["Inspected by somebody else"]
    own = controller.asking().reauthenticated()
    with refused(SamePerson):
        quality.release(row.pk, judged(row, own).evidence, FIT, by=own)
    assert lacking(row, by) == []


def test_who_received_it_does_not_release_it(world: World) -> None:  # ORG-03
    (row,) = ready(world, "L1")
    keeper = world.by(roles.STOREKEEPER)
    assert lacking(row, keeper) == ["Received by somebody else"]


def test_expired_goods_are_kept(world: World) -> None:  # INV-07
    (row,) = ready(world, "L1")
    by = head(world)
    move_clock(Lot.objects.get(number="L1").expires_on + timedelta(days=1))
    assert "Within its life" in lacking(row, by)
    with refused(Expired):
        quality.decide(
            row.pk, [Share(world.places["DOCK"].pk, 5, 0)], FIT, by=by.asking()
        )  # the ledger says the same


def test_what_is_not_all_there_is_kept(world: World) -> None:
    (row,) = ready(world, "L1")
    by = head(world)
    assert judged(row, by).facts.shares(row) == [Share(world.places["DOCK"].pk, 5, 0)]
    Inspection.objects.filter(pk=row.pk).update(quantity=6)
    assert lacking(row, by) == ["All of it still waits"]
    with refused(ShortStock, "inspection_id"):
        quality.release(row.pk, judged(row, by).evidence, FIT, by=by.asking())


def test_serials_are_released_one_by_one(world: World) -> None:
    codes = [code("PACER", "P1", serial=f"S{n}") for n in (1, 2)]
    (row,) = inspected(world, *((one, 1) for one in codes), item="PACER")
    by = head(world)
    done = quality.release(row.pk, look(row, by), FIT, by=by.asking())
    assert done.accepted == 2
    stands = StockBalance.objects.filter(item__code="PACER", on_hand__gt=0)
    assert set(stands.values_list("status", flat=True)) == {Status.QUALIFIED}


def test_what_went_into_it_counts(world: World) -> None:  # QUA-02 PRO-02
    making.plant(world)
    order = making.issued(world)
    made = making.complete(world, order, making.pacers(world, "S1", "S2", "S3"))
    source = Document.objects.get(pk=made.transformation_id)
    opened = quality.open_inspections(source.uid, by=world.by(roles.SYSTEM))
    row = Inspection.objects.get(pk=opened.inspection_ids[0])
    by = head(world)
    assert "Nothing blocked went into it" not in lacking(row, by)
    (lot,) = {lot for lot, _ in judged(row, by).facts.inputs[row.pk]}
    block(Scope(lot_id=lot), BlockKind.HOLD, "odour", by=by.asking())
    assert "Nothing blocked went into it" in lacking(row, by)


def test_who_may_not_or_does_not_sign_is_refused(world: World) -> None:  # SEC-02 QUA-04
    (row,) = ready(world, "L1")
    by = head(world)
    evidence = look(row, by)
    with refused(SignatureRequired):
        quality.release(row.pk, evidence, FIT, by=world.by(roles.QUALITY_HEAD))
    with refused(NotAllowed):
        quality.release(row.pk, evidence, FIT, by=world.by(roles.INSPECTOR).reauthenticated())
    with refused(NotAllowed):
        quality.look_through(row.pk, evidence, by=world.by(roles.INSPECTOR))
    with refused(InvalidInput, "conclusion"):
        quality.release(row.pk, evidence, " ", by=by.asking())


def test_the_rules_say_what_one_entry_signs(world: World) -> None:  # QUA-04
    rows = ready(world, "L1", "L2")
    every = Inspection.objects.select_related(*OF_EVIDENCE)
    found = list(every.filter(pk__in=[row.pk for row in rows]))
    with pytest.raises(WrongState) as caught:
        releasing.require_together(found)
    assert "class 3" in str(caught.value)
    releasing.require_together(found[:1])  # alone its class does not matter
    rule(releasing.queries.TOGETHER_CLASS, 3)
    releasing.require_together(found)
    rule(releasing.queries.TOGETHER, 1)
    with pytest.raises(WrongState) as caught:
        releasing.require_together(found)
    assert "at most" in str(caught.value)


def test_many_are_judged_by_as_many_statements_as_few(world: World) -> None:
    ready(world, *(f"L{n}" for n in range(6)))
    by = head(world).asking()
    counted = []
    for size in (2, 6):
        rows = list(Inspection.objects.select_related(*OF_EVIDENCE).order_by("pk")[:size])
        with CaptureQueriesContext(connection) as seen:
            judge(rows, by, database_now())
        counted.append(len(seen))
    assert counted[0] == counted[1] <= 20


def test_every_gate_has_its_words() -> None:
    assert len({gate.name for gate in gates.ALL}) == len(gates.ALL) == 12
