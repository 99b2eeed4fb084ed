"""No question tells of goods of another firm or site: not how many, not under which papers, not
what was done with them. # SEC-01 ORG-03
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from tests.api.test_reading import Get, getter, person
from tests.inbound import announced, code, inspected
from tests.ledger import database_now, post_all
from tests.outbound import allocated, signed
from tests.recalls.test_commands import opened
from tests.world import LONG_AGO, World
from traceward.api.limits import STRANGERS
from traceward.domain.recalls import commands as recalls
from traceward.domain.recalls.commands import Target
from traceward.domain.recalls.models import RecallLevel
from traceward.domain.sales.commands import using
from traceward.domain.sales.models import SalesOrder
from traceward.domain.stock.commands.blocks import Scope, block
from traceward.domain.stock.models import BlockKind, Code, Container, Lot, Serial, Status
from traceward.domain.stock.rules import Edge
from traceward.flows import outbound as flows
from traceward.kernel.documents.models import Document, DocumentLine
from traceward.kernel.org import roles
from traceward.kernel.org.models import (
    LegalEntity,
    Party,
    Person,
    Role,
    RoleGrant,
    RolePermission,
    Site,
)
from traceward.resources.kit import EVERYBODY, QUESTIONS

EXPIRY = date(2030, 12, 31)
SSCC = "095212345678901235"


@dataclass
class Full:
    """Goods in Shanghai of every sort, and the one in Chengdu that was made of them."""

    world: World
    lot: Lot
    serial: Serial
    box: Container
    made: Lot
    case_id: int
    drill_id: int


@pytest.fixture
def full(world: World) -> Full:
    """Lot L1 stands, in a box too, was sold, used, blocked and recalled; and went into lot M1, of
    which two were brought to Chengdu.
    """
    STRANGERS.forget()
    lot, made, units = world.lot("STENT", "L1", EXPIRY), world.lot("STENT", "M1"), "P1"
    world.stock(lot, 20)
    signed(world, quantity=3)
    using.use(
        world.places["DEP"].pk,
        [using.UsedItem([code("STENT", "L1")], 1)],
        by=world.by(roles.COORDINATOR),
    )
    unit_lot = world.lot("PACER", units, EXPIRY)
    serial = Serial.objects.create(item=unit_lot.item, lot=unit_lot, number="S1", raw_number="S1")
    outer = Container.objects.create(code="095212345678901242")
    box = Container.objects.create(code=SSCC, parent=outer)
    pending = {"status": Status.PENDING}
    world.post(world.leg(Code.RECEIVE, unit_lot, 1, "SUP", "A-01", serial_id=serial.pk, **pending))
    world.post(world.leg(Code.MOVE, lot, 4, "A-01", "A-02", to_container_id=box.pk))
    by = world.by(roles.SYSTEM).reauthenticated()
    turned = [
        world.leg(Code.CONSUME, lot, 5, "A-01", "PRD"),
        world.leg(Code.PRODUCE, made, 5, "PRD", "A-01", **pending),
    ]
    post_all(legs=turned, edges=[Edge(lot.pk, None, made.pk, None, 5)], by=by)
    world.post(world.leg(Code.RELEASE, made, 5, "A-01", "A-01", from_status=Status.PENDING))
    world.post(world.leg(Code.PICK, made, 2, "A-01", "STAGE"))
    world.post(world.leg(Code.SHIP, made, 2, "STAGE", "WAY"))
    came = {"from_status": Status.QUALIFIED, "to_status": Status.PENDING}
    world.post(world.leg(Code.RETURN_FROM_CUSTOMER, made, 2, "WAY", "B-01", **came))
    block(Scope(lot_id=lot.pk), BlockKind.HOLD, "wet", by=world.by(roles.QUALITY_HEAD))
    case = opened(world, Target(lot_id=lot.pk)).case_id
    tried = [Target(lot_id=lot.pk)]
    drill = recalls.drill(
        world.shanghai.pk, RecallLevel.ONE, "tried", tried, by=world.by(roles.QUALITY_HEAD)
    )
    return Full(world, lot, serial, box, made, case, drill.drill_id)


def reader(world: World, where: str) -> Get:
    """Somebody with every role, but only at that site, in another firm, or at a site of it."""
    scope: dict[str, Any] = {"site": getattr(world, where, None)}
    if scope["site"] is None:
        party = Party.objects.create(name_zh="北岸器械", name_en="North Bank")
        entity = LegalEntity.objects.create(code="NB", party=party)
        site = Site.objects.create(
            code="NB1", name_en="North", kind="distribution", legal_entity=entity
        )
        scope = {"legal_entity": entity} if where == "firm" else {"site": site}
    somebody = Person.objects.create(login=where, name_en="Somebody", password="!")
    for role in Role.objects.filter(code__in=[r.code for r in EVERYBODY]):
        RoleGrant.objects.create(person=somebody, role=role, granted_at=LONG_AGO, **scope)
    return getter(somebody)


def asked(full: Full) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every question, with each of its arguments that can name Shanghai's goods."""
    world, lot, serial = full.world, full.lot.pk, full.serial.pk
    order = SalesOrder.objects.get().pk
    ids = {
        "lots": [lot],
        "serials": [serial],
        "nodes": [lot, serial],
        "containers": [full.box.pk],
        "documents": list(Document.objects.values_list("pk", flat=True)),
        "lines": list(DocumentLine.objects.values_list("pk", flat=True)),
        "places": [world.places[name].pk for name in ("A-01", "A-02", "DEP", "USED")],
        "partners": [world.supplier.pk, world.hospital.pk],
        "document_id": order,
        "order_id": order,
        "case_id": full.case_id,
        "drill_id": full.drill_id,
        "customer_id": world.hospital.pk,
        "site_id": world.shanghai.pk,
        "codes": SSCC,
    }
    for name, question in sorted(QUESTIONS.items()):
        if name in SHARED | JUDGING:
            continue
        fields = question.arguments.model_fields
        moment = {"happened": database_now().isoformat()} if "happened" in fields else {}
        needed = [f for f in fields if f in ids and fields[f].is_required()]
        for field in needed or [f for f in fields if f in ids]:
            yield name, {field: ids[field], **moment}
            if moment and not fields["happened"].is_required():
                yield name, {field: ids[field]}
        if not needed and name not in NAMED:
            yield name, moment


#: Asked of something that is named, by one of several arguments.
NAMED = {"recalls.what_if", "stock.passed_over", "trace.forward", "trace.backward"}
#: Asked of one task or inspection: see `test_a_scan_is_judged_where_its_task_is`.
JUDGING = {"warehousing.judge_arrival", "warehousing.judge_check", "quality.judge_release"}
#: Papers, names and rules of the whole group, by their own words.
SHARED = {"catalog.lapsing_papers", "rules.known_parameters", "trace.identify"}
#: What an answer may repeat of its question, or say of itself.
ECHOED = {
    "@context",
    "moment",
    "sites",
    "codes",
    "systems",
    "told",
    "candidates",
    "is_complete",
    "direction",
}


def told_in(answer: Any) -> Any:
    """What an answer tells: nothing where it has no rows, or names that stand before zeros."""
    if isinstance(answer, list):
        return [x for v in answer if (x := told_in(v))]
    if isinstance(answer, dict):
        rest = {k: told_in(v) for k, v in answer.items() if k not in ECHOED}
        return {k: v for k, v in rest.items() if v and not isinstance(v, str)}
    return answer


@pytest.mark.parametrize("where", ["firm", "site"])
def test_no_question_tells_of_another_firms_goods(full: Full, where: str) -> None:
    elsewhere, auditor = reader(full.world, where), getter(person(full.world, roles.AUDITOR))
    told: set[str] = set()
    for name, arguments in asked(full):
        path = name.replace(".", "/ask/", 1)
        status, answer = elsewhere(path, **arguments)
        assert status in (200, 403, 404), (name, arguments, answer)
        if status == 200:
            assert not told_in(answer["answer"]), (name, arguments, answer)
        if where == "site":
            continue
        status, answer = auditor(path, **arguments)
        assert status == 200, (name, arguments, answer)
        told |= {name} if told_in(answer["answer"]) else set()
    assert where == "site" or len(told) >= 15, told


@pytest.mark.parametrize("where", ["firm", "site"])
@pytest.mark.parametrize("name", sorted(JUDGING))
def test_a_scan_is_judged_where_its_task_is(
    world: World, name: str, where: str
) -> None:  # SEC-01 WMS-01
    world.stock(world.lot("STENT", "L7", EXPIRY), 5)
    going = allocated(world)
    by = world.by(roles.STOREKEEPER)
    pick = flows.start_pick(going.order_id, world.places["STAGE"].pk, by=by).pick_id
    notice = announced(world, (code("STENT", "L7"), 1)).notice_id
    codes = {"codes": [code("STENT", "L7")]}
    (inspection,) = inspected(world, (code("STENT", "L8"), 1))
    asked_for = {
        "warehousing.judge_arrival": {"document_id": notice, **codes},
        "warehousing.judge_check": {"pick_id": pick, **codes},
        "quality.judge_release": {"inspection_ids": inspection.pk},
    }[name]
    path = name.replace(".", "/ask/", 1)
    status, answer = reader(world, where)(path, **asked_for)
    assert status == 403, answer
    status, answer = getter(person(world, roles.AUDITOR))(path, **asked_for)
    assert status in (200, 422, 409), answer


def test_a_site_sees_whose_goods_its_own_were_made_of_and_no_more(full: Full) -> None:
    chengdu = reader(full.world, "chengdu")
    lot, made = full.lot.pk, full.made.pk
    trace = chengdu("trace/ask/backward", lots=made)[1]["answer"]
    assert {n["id"]: (n["inside"], n["in_transit"]) for n in trace["nodes"]} == {
        lot: (0, 0),
        made: (2, 0),
    }
    assert not any(n["delivered"] or n["used"] for n in trace["nodes"])
    assert [(e["input_id"], e["output_id"], e["quantity"]) for e in trace["edges"]] == [
        (lot, made, None)
    ]
    assert [(w["node_id"], w["quantity"]) for w in trace["whereabouts"]] == [(made, 2)]
    assert trace["sites"] == [full.world.chengdu.pk]
    for start in (
        {"lots": lot},
        {"containers": full.box.pk},
        {"partners": full.world.hospital.pk},
        {"places": full.world.places["A-01"].pk},
    ):
        found = chengdu("trace/ask/forward", **start)[1]["answer"]
        assert (found["start"], found["nodes"], found["edges"]) == ([], [], []), start
    acts = chengdu("trace/ask/timeline", nodes=[lot, made])[1]["answer"]
    assert {(act["what"], act["node_id"], act["to_place"]) for act in acts["acts"]} == {
        ("moved", made, "B-01"),
        ("blocked", made, ""),  # by the recall, which covers what was made of the lot
    }
    assert acts["papers"] == []
    assert {act["document_id"] for act in acts["acts"]} == {None}
    whole = getter(person(full.world, roles.AUDITOR))
    trace = whole("trace/ask/backward", lots=made)[1]["answer"]
    assert [e["quantity"] for e in trace["edges"]] == [5]
    assert trace["sites"] is None


def test_boxes_and_blocks_are_shown_where_their_goods_stand(full: Full) -> None:
    chengdu, auditor = reader(full.world, "chengdu"), getter(person(full.world, roles.AUDITOR))
    for path in ("stock/containers", "stock/genealogy"):
        assert auditor(path)[1]["rows"]
        assert chengdu(path)[1]["rows"] == []
    assert {row["lot_id"] for row in auditor("stock/blocks")[1]["rows"]} > {full.made.pk}
    (block,) = chengdu("stock/blocks")[1]["rows"]
    assert (block["lot_id"], block["case_id"], block["case_number"]) == (full.made.pk, None, None)
    assert chengdu(f"stock/blocks/{block['id']}")[1]["case_id"] is None
    assert chengdu("stock/blocks", case_id=full.case_id)[1]["rows"] == []
    shown = auditor("stock/blocks", case_id=full.case_id, sort="case_number")[1]["rows"]
    assert {row["case_id"] for row in shown} == {full.case_id}
    role = Role.objects.create(code="blocks-only", name_en="Blocks only")
    RolePermission.objects.create(role=role, permission="stock.blocks")
    somebody = Person.objects.create(login="blocks", name_en="Somebody", password="!")
    RoleGrant.objects.create(person=somebody, role=role, granted_at=LONG_AGO)
    hidden = getter(somebody)("stock/blocks", limit=100)[1]["rows"]
    assert {row["case_id"] for row in hidden} == {None}
    RolePermission.objects.create(role=role, permission="trace.timeline")
    told = getter(somebody)("trace/ask/timeline", nodes=[full.lot.pk])[1]["answer"]
    assert "recalls.case" not in {paper["kind"] for paper in told["papers"]}
    assert {a["document_id"] for a in told["acts"] if a["what"] == "blocked"} == {None}
    seen = auditor("trace/ask/timeline", nodes=[full.lot.pk])[1]["answer"]
    assert full.case_id in {paper["id"] for paper in seen["papers"]}
    assert len(hidden) > len(shown)
    assert chengdu("warehousing/ask/look_up", codes=SSCC)[1]["answer"]["found"] is None
    shanghai = reader(full.world, "shanghai")
    box = shanghai("warehousing/ask/look_up", codes=SSCC)[1]["answer"]["box"]
    assert [(c["lot"], c["quantity"], c["place"]) for c in box["contents"]] == [("L1", 4, "A-02")]
    assert box["parent_sscc"] == "095212345678901242"
    assert len(shanghai("stock/containers")[1]["rows"]) == 2
    assert len(shanghai("stock/blocks")[1]["rows"]) == len(auditor("stock/blocks")[1]["rows"])
    logins = {row["login"] for row in chengdu("org/people", limit=100)[1]["rows"]}
    assert {"chengdu", "test-auditor"} <= logins
    assert "shanghai" not in logins
