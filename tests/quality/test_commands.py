"""The quality gate: inspected, then decided by another person, signed; no other way out of 待验."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.inbound import CHECKS, code, inspected, received
from tests.ledger import set_clock
from tests.refusing import only_at, refused
from tests.world import LONG_AGO, World, move_clock
from traceward.domain.quality import commands as quality
from traceward.domain.quality.commands import deciding
from traceward.domain.quality.models import Inspection, Result
from traceward.domain.quality.queries import REQUIRED_CHECKS
from traceward.domain.quality.rules import Share
from traceward.domain.stock.commands.blocks import Scope, block
from traceward.domain.stock.models import (
    BlockKind,
    Code,
    Container,
    Lot,
    Serial,
    Status,
    StockBalance,
)
from traceward.domain.stock.refusals import Blocked, Expired, ShortStock
from traceward.kernel.audit.models import Signature
from traceward.kernel.base.refusals import (
    InvalidInput,
    NotAllowed,
    NotFound,
    SamePerson,
    SignatureRequired,
    WrongState,
)
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.devices import Device
from traceward.kernel.org import roles
from traceward.kernel.org.models import Role, RoleGrant
from traceward.kernel.rules.models import Parameter

LOT = code("STENT", "L1")


@pytest.fixture
def ready(world: World) -> Inspection:
    """Ten of lot L1 at the dock, every check passed."""
    return inspected(world, (LOT, 10))[0]


def decide(
    world: World,
    inspection: Inspection,
    shares: Sequence[tuple[int, int]] = ((10, 0),),
    by: Actor | None = None,
    **words: str,
) -> quality.Decided:
    dock = world.places["DOCK"].pk
    said = {"conclusion": "fit for use", **words}
    who = by or world.by(roles.QUALITY_HEAD).reauthenticated()
    return quality.decide(
        inspection.pk, [Share(dock, good, bad) for good, bad in shares], by=who, **said
    )


def stands(world: World) -> dict[int, int]:
    rows = StockBalance.objects.filter(place=world.places["DOCK"], on_hand__gt=0)
    return dict(rows.values_list("status", "on_hand"))


def test_a_receipt_opens_one_inspection_for_each_lot(world: World) -> None:  # INB-03
    done = received(world, (LOT, 4), (code("STENT", "L2"), 3))
    by = world.by(roles.SYSTEM)
    ids = quality.open_inspections(done.receipt_uid, by=by).inspection_ids
    rows = Inspection.objects.filter(pk__in=ids).order_by("lot__number")
    assert list(rows.values_list("lot__number", "quantity")) == [("L1", 4), ("L2", 3)]
    assert rows[0].registration_number == "国械注准20223130001"
    assert rows[0].supplier_id == world.supplier.pk
    again = quality.open_inspections(done.receipt_uid, by=world.by(roles.SYSTEM))
    assert again.inspection_ids == ids
    assert Inspection.objects.count() == 2


def test_a_document_that_brought_nothing_has_no_inspection(world: World, ready: Inspection) -> None:
    with refused(NotFound, "document_uid"):
        quality.open_inspections(ready.uid, by=world.by(roles.SYSTEM))


def test_accepted_goods_are_qualified_and_the_decision_signed(
    world: World, ready: Inspection
) -> None:  # QUA-02 QUA-04
    done = decide(world, ready)
    assert stands(world) == {Status.QUALIFIED: 10}
    ready.refresh_from_db()
    assert (ready.state, ready.accepted, ready.rejected) == ("decided", 10, 0)
    signature = Signature.objects.get(uid=done.signature_uid)
    assert signature.subject_uid == ready.uid
    assert signature.meaning == "usage decision"
    assert signature.person_id == world.by(roles.QUALITY_HEAD).person_id


def test_goods_are_split_by_quantity(world: World, ready: Inspection) -> None:  # QUA-02
    decide(world, ready, [(7, 3)], defects="seal broken", disposition="return to supplier")
    assert stands(world) == {Status.QUALIFIED: 7, Status.REJECTED: 3}
    with refused(WrongState):
        decide(world, ready)


def test_each_unit_is_decided_about_once(world: World, ready: Inspection) -> None:
    for shares in ([(9, 0)], [(11, 0)], [(5, 4)]):
        with refused(InvalidInput, "shares"):
            decide(world, ready, shares, defects="x", disposition="x")
    with refused(InvalidInput, "shares.1"):
        decide(world, ready, [(10, 0), (0, 0)])
    with refused(InvalidInput, "shares.0"):
        decide(world, ready, [(11, -1)])


def test_goods_that_are_not_there_are_not_released(world: World, ready: Inspection) -> None:
    with refused(ShortStock):
        quality.decide(
            ready.pk,
            [Share(world.places["A-01"].pk, 10, 0)],
            "fit",
            by=world.by(roles.QUALITY_HEAD).reauthenticated(),
        )


def test_goods_of_another_site_are_not_decided_about(world: World, ready: Inspection) -> None:
    lot = world.lot("STENT", "L1")
    away = world.leg(Code.RECEIVE, lot, 10, "SUP", "B-01", status=Status.PENDING)
    world.post(away)
    shares = [Share(world.places["DOCK"].pk, 5, 0), Share(world.places["B-01"].pk, 5, 0)]
    with refused(InvalidInput, "shares.1.place_id"):
        quality.decide(ready.pk, shares, "fit", by=world.by(roles.QUALITY_HEAD).reauthenticated())


def test_the_signature_covers_the_container(
    world: World, ready: Inspection, monkeypatch: pytest.MonkeyPatch
) -> None:  # QUA-04
    signed: list[dict[str, object]] = []
    sign = deciding.signed

    def noting(meaning: str, *, content: dict[str, object], **rest: object) -> Signature:
        signed.append(content)
        return sign(meaning, content=content, **rest)

    monkeypatch.setattr(deciding, "signed", noting)
    dock, lot = world.places["DOCK"].pk, world.lot("STENT", "L1")
    box = Container.objects.create(code="095200000000000012").pk
    leg = world.leg(Code.MOVE, lot, 4, "DOCK", "A-01", status=Status.PENDING, to_container_id=box)
    world.post(leg)
    bin_id = world.places["A-01"].pk
    shares = [Share(dock, 6, 0), Share(bin_id, 4, 0, container_id=box)]
    quality.decide(ready.pk, shares, "fit", by=world.by(roles.QUALITY_HEAD).reauthenticated())
    assert signed[0]["shares"] == [[dock, None, None, 6, 0], [bin_id, box, None, 4, 0]]


def test_a_rejection_says_what_is_wrong_and_what_happens(world: World, ready: Inspection) -> None:
    with refused(InvalidInput, "defects"):
        decide(world, ready, [(9, 1)])
    with refused(InvalidInput, "disposition"):
        decide(world, ready, [(9, 1)], defects="seal broken")
    with refused(InvalidInput, "conclusion"):
        decide(world, ready, conclusion=" ")


def test_without_results_nothing_is_decided(world: World) -> None:  # INB-03
    done = received(world, (LOT, 10))
    ids = quality.open_inspections(done.receipt_uid, by=world.by(roles.SYSTEM)).inspection_ids
    inspection = Inspection.objects.get(pk=ids[0])
    with refused(quality.NotInspected, "inspection_id") as caught:
        decide(world, inspection)
    assert "packaging, label, certificate" in str(caught.value)


def test_a_failed_check_needs_a_reason_to_accept(world: World, ready: Inspection) -> None:
    quality.record_result(
        ready.pk,
        "label",
        False,
        5,
        defective_quantity=1,
        note="smudged",
        by=world.by(roles.INSPECTOR),
    )
    with refused(quality.NotInspected, "defects"):
        decide(world, ready)
    decide(world, ready, [(9, 1)], defects="1 label smudged", disposition="destroy")
    assert Result.objects.filter(inspection=ready, check_name="label").count() == 2


def uninspected(world: World) -> int:
    done = received(world, (LOT, 10))
    return quality.open_inspections(done.receipt_uid, by=world.by(roles.SYSTEM)).inspection_ids[0]


def test_an_additional_check_stands_for_none_of_the_required(world: World) -> None:  # INB-02
    pk, inspector = uninspected(world), world.by(roles.INSPECTOR)
    for unknown in ("Packaging", "lable", "包装", "sterility"):
        with refused(InvalidInput, "check_name") as caught:
            quality.record_result(pk, unknown, True, 1, by=inspector.asking())
    assert "packaging, label, certificate" in str(caught.value)
    assert "包装、标签" in caught.value.in_language("zh-hans")
    for known in ("label", " LABEL ", "标签"):
        with refused(InvalidInput, "is_additional"):
            quality.record_result(pk, known, True, 1, is_additional=True, by=inspector.asking())
    done = quality.record_result(
        pk, "sterility", True, 1, is_additional=True, by=inspector.asking()
    )
    assert done.missing == list(CHECKS)
    Parameter.objects.create(
        key=REQUIRED_CHECKS.key, context={}, value=["sterility"], valid_from=LONG_AGO, version=1
    )
    with refused(quality.NotInspected, "inspection_id"):  # asked for only since
        decide(world, Inspection.objects.get(pk=pk))


def test_an_additional_check_that_failed_counts(world: World, ready: Inspection) -> None:
    quality.record_result(
        ready.pk, "odour", False, 5, note="of mould", is_additional=True,
        by=world.by(roles.INSPECTOR),
    )  # fmt: skip
    with refused(quality.NotInspected, "defects") as caught:
        decide(world, ready)
    assert "odour did not pass" in str(caught.value)
    assert decide(world, ready, defects="an odour of the carton only").accepted == 10


def test_results_are_recorded_as_they_were_found(world: World) -> None:
    done = received(world, (LOT, 10))
    pk = quality.open_inspections(done.receipt_uid, by=world.by(roles.SYSTEM)).inspection_ids[0]

    def record(check: str = "label", sample: int = 2, **values) -> quality.Recorded:
        passed = values.pop("passed", True)
        return quality.record_result(
            pk, check, passed, sample, by=world.by(roles.INSPECTOR), **values
        )

    assert record().missing == ["packaging", "certificate"]
    with refused(InvalidInput, "check_name"):
        record(" ")
    with refused(InvalidInput, "sample_quantity"):
        record(sample=11)
    with refused(InvalidInput, "defective_quantity"):
        record(defective_quantity=3)
    with refused(InvalidInput, "note"):
        record(passed=False)


def granted(actor: Actor, role: roles.RoleName) -> Actor:
    """The same person with this role too."""
    RoleGrant.objects.create(
        person_id=actor.person_id, role=Role.objects.get(code=role.code), granted_at=LONG_AGO
    )
    return actor.asking()


def test_who_inspected_does_not_decide(world: World, ready: Inspection) -> None:  # ORG-03
    inspector = granted(world.by(roles.INSPECTOR), roles.QUALITY_HEAD).reauthenticated()
    with refused(SamePerson):
        decide(world, ready, by=inspector)


def test_policy_may_let_the_inspector_decide(world: World, ready: Inspection) -> None:
    Parameter.objects.create(
        key="quality.decide.other_person",
        value=False,
        context={"site": world.shanghai.pk},
        valid_from="2020-01-01T00:00Z",
    )
    inspector = granted(world.by(roles.INSPECTOR), roles.QUALITY_HEAD).reauthenticated()
    assert decide(world, ready, by=inspector).accepted == 10


def test_who_received_neither_inspects_nor_decides(world: World, ready: Inspection) -> None:
    keeper = granted(world.by(roles.STOREKEEPER), roles.QUALITY_HEAD)  # ORG-03
    with refused(SamePerson):
        decide(world, ready, by=keeper.reauthenticated())
    keeper = granted(keeper, roles.INSPECTOR)
    with refused(SamePerson):
        quality.record_result(ready.pk, "label", True, 1, by=keeper)


def test_without_signature_nothing_is_decided(world: World, ready: Inspection) -> None:  # QUA-04
    with refused(SignatureRequired):
        decide(world, ready, by=world.by(roles.QUALITY_HEAD))


def test_expired_goods_are_not_released(world: World, ready: Inspection) -> None:  # INV-07
    move_clock(Lot.objects.get(number="L1").expires_on + timedelta(days=1))
    with refused(Expired):
        decide(world, ready)
    decide(world, ready, [(0, 10)], defects="expired", disposition="destroy")


def test_a_device_does_not_set_back_a_signed_decision(  # QUA-04 INV-01
    world: World, ready: Inspection
) -> None:
    expires_on = Lot.objects.get(number="L1").expires_on
    before = datetime.combine(expires_on, time(23, 58), ZoneInfo("Asia/Shanghai"))
    set_clock(before + timedelta(minutes=10))
    head = world.by(roles.QUALITY_HEAD).reauthenticated()
    with refused(InvalidInput, "happened_at"):
        decide(world, ready, by=replace(head, device=Device("PDA-7", 0, before)))
    with refused(Expired):
        decide(world, ready, by=replace(head.asking(), device=Device("PDA-7", 0)))


def test_goods_on_hold_are_not_released(world: World, ready: Inspection) -> None:
    lot = Lot.objects.get(number="L1")
    scope = Scope(lot_id=lot.pk)
    block(scope, BlockKind.HOLD, "complaint", by=world.by(roles.QUALITY_HEAD))
    with refused(Blocked):
        decide(world, ready)


def test_each_serial_is_decided_about(world: World) -> None:
    codes = [code("PACER", "P1", serial=f"S{n}") for n in (1, 2)]
    (inspection,) = inspected(world, *((c, 1) for c in codes), item="PACER")
    by = world.by(roles.QUALITY_HEAD).reauthenticated()
    pending = StockBalance.objects.filter(status=Status.PENDING, on_hand__gt=0)
    found = list(pending.order_by("serial_id"))
    assert [row.on_hand for row in found] == [1, 1]
    first = [Share(found[0].place_id, 1, 0, found[0].serial_id)]
    with refused(InvalidInput, "shares"):
        quality.decide(inspection.pk, [*first, *first], "fit", by=by)
    second = Share(found[1].place_id, 0, 1, found[1].serial_id)
    done = quality.decide(
        inspection.pk,
        [*first, second],
        "one fit",
        defects="dented",
        disposition="return",
        by=by.asking(),
    )
    assert (done.accepted, done.rejected) == (1, 1)
    rejected = StockBalance.objects.get(status=Status.REJECTED, on_hand=1)
    assert Serial.objects.get(pk=rejected.serial_id).number == "S2"


def test_a_grant_for_another_site_does_not_count(world: World, ready: Inspection) -> None:
    head = only_at(world, roles.QUALITY_HEAD, world.chengdu).reauthenticated()  # ORG-03
    inspector = only_at(world, roles.INSPECTOR, world.chengdu)
    with refused(NotAllowed):
        decide(world, ready, by=head)
    with refused(NotAllowed):
        quality.record_result(ready.pk, "label", True, 1, by=inspector)
    with refused(NotAllowed):
        quality.open_inspections(ready.source.uid, by=inspector.asking())


def test_the_checks_of_the_tests_are_those_required() -> None:
    assert list(CHECKS) == REQUIRED_CHECKS.default
