"""A drill finds what a walk of the moves finds, is scored, and touches nothing. # TRC-04"""

import hashlib
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.db import connection
from hypothesis import example, given

from tests.ledger import database_now, set_clock
from tests.outbound import allocated, shipped, signed
from tests.recalls.test_commands import opened
from tests.recalls.test_everywhere import found, standing, through
from tests.refusing import only_at, refused
from tests.trace.genealogies import Story, Walk, stories
from tests.trace.test_brute_force import EVERYTHING, MARKS, TOLD
from tests.web.local import browser_of
from tests.world import World
from traceward.domain.places.models import Place
from traceward.domain.recalls import commands as recalls
from traceward.domain.recalls import queries, rules
from traceward.domain.recalls.commands import Drilled, Target
from traceward.domain.recalls.models import (
    DrillAct,
    DrillAction,
    DrillConsignee,
    DrillFinding,
    DrillPoint,
    DrillState,
    FindingSide,
    RecallCase,
    RecallDrill,
    RecallLevel,
)
from traceward.domain.stock.models import Lot, Serial, StockMove
from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.base.refusals import InvalidInput, NotAllowed, NotFound, WrongState
from traceward.kernel.command.parameters import set_parameter
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.documents.models import Document
from traceward.kernel.org import roles
from traceward.kernel.org.models import Party
from traceward.kernel.outbox.models import Event

#: Units by kind of place, site, and whether they are rejected.
Sums = Counter[tuple[str, int, bool]]
#: What a drill writes besides its own tables: the record of its command.
OF_COMMANDS = ("audit_", "outbox_", "command_", "procrastinate_", "django_", "documents_number")


def fingerprint() -> dict[str, str]:
    """By table a digest of all its rows, of everything that is neither a drill nor its record."""
    tables = {model._meta.db_table for model in apps.get_models()}
    digests = {}
    with connection.cursor() as cursor:
        for table in sorted(tables):
            if table.startswith((*OF_COMMANDS, "recalls_drill")):
                continue
            where = "WHERE kind <> 'recalls.drill'" if table == "documents_document" else ""
            cursor.execute(f"SELECT t::text FROM {table} t {where} ORDER BY 1")  # noqa: S608
            rows = "\n".join(row for (row,) in cursor.fetchall())
            digests[table] = hashlib.md5(rows.encode(), usedforsecurity=False).hexdigest()
    return digests


def drilled(world: World, *targets: Target, **more) -> Drilled:
    by = more.pop("by", None) or world.by(roles.QUALITY_HEAD)
    wanted = list(targets) or [Target(lot_id=world.lot("STENT", "L1").pk)]
    level = more.pop("level", RecallLevel.ONE)
    return recalls.drill(world.shanghai.pk, level, "strut may break", wanted, by=by, **more)


def assert_walked(done: Drilled, walk: Walk, nodes: set[int], places: dict[int, Place]) -> None:
    """The drill has the goods, the units and the consignees that the walk has."""
    assert _nodes(done.drill_id) == nodes
    units = queries.list_units(queries.drilled(done.drill_id))
    assert found(units) == standing(walk, nodes, places)
    assert kept(done.drill_id) == by_kind(walk, nodes, places)
    came, went = through(nodes, places)
    for side, sums in ((FindingSide.CAME_IN, came), (FindingSide.WENT_OUT, went)):
        rows = DrillFinding.objects.filter(drill=done.drill_id, side=side)
        assert {row.place_kind: row.quantity for row in rows} == sums
    row = RecallDrill.objects.get(pk=done.drill_id)
    assert (row.difference, row.in_process) == (0, 0)
    there = {one.consignee_id: one.standing for one in _consignees(done.drill_id)}
    walked: Counter[int | None] = Counter()
    for node in nodes:
        for (place, *_), n in walk.stands[node].items():
            if places[place].kind in ("customer", "department"):
                walked[places[place].party_id] += n
    assert {party: n for party, n in there.items() if n} == {p: n for p, n in walked.items() if n}


def kept(drill_id: int) -> Sums:
    rows = DrillFinding.objects.filter(drill=drill_id, side=FindingSide.STANDS)
    sums: Sums = Counter()
    for row in rows:
        sums[row.place_kind, row.site_id or 0, row.is_rejected] += row.quantity
    return sums


def by_kind(walk: Walk, nodes: set[int], places: dict[int, Place]) -> Sums:
    sums: Sums = Counter()
    for node in nodes:
        for (place, status, _), n in walk.stands[node].items():
            if n and places[place].physical:
                sums[places[place].kind, places[place].site_id, status == 3] += n
    return sums


def _nodes(drill_id: int) -> set[int]:
    """Lots and serials in scope, those of a whole lot or item with it, told by hand."""
    nodes: set[int] = set()
    for goods in queries.drilled(drill_id):
        if goods.serial_id is not None:
            nodes.add(goods.serial_id)
        elif goods.lot_id is not None:
            members = Serial.objects.filter(lot=goods.lot_id).values_list("pk", flat=True)
            nodes |= {goods.lot_id, *members}
        else:
            for kind in (Lot, Serial):
                nodes |= set(kind.objects.filter(item=goods.item_id).values_list("pk", flat=True))
    return nodes


def _consignees(drill_id: int) -> Iterable[DrillConsignee]:
    return DrillConsignee.objects.filter(drill=drill_id)


@TOLD
@given(acts=stories)
@example(acts=EVERYTHING)
def test_a_drill_finds_every_unit_that_a_walk_finds(
    world: World, acts: list[tuple[str, int, int, int]]
) -> None:
    """Of lots split, sent on, consumed, reworked, consigned, used, returned, destroyed, undone."""
    story = Story(world, f"D{next(MARKS)}")
    began = database_now()
    for act in acts:
        story.act(*act)
    Lot.objects.filter(pk=story.lots[1].pk).update(supplier_lot=f"V-{story.mark}")
    walk = Walk()
    places = {p.pk: p for p in Place.objects.all()}
    before = fingerprint()
    lots = [lot.pk for lot in story.lots]
    asked = {
        "a lot": (Target(lot_id=lots[0]), {lots[0]}),
        "a supplier's lot": (Target(supplier_lot=f"V-{story.mark}"), {lots[1]}),
        "an item": (
            Target(item_id=story.unit_lot.item_id),
            {pk for kind in (Lot, Serial) for pk in of_item(kind, story.unit_lot.item_id)},
        ),
        "a place": (
            Target(place_id=world.places["DEP"].pk, from_at=began),
            stood_in(world.places["DEP"].pk, began),
        ),
    }
    for serial in story.serials[:2]:
        target = Target(item_id=serial.item_id, serial_from=serial.raw_number)
        asked[serial.raw_number] = (target, {serial.pk})
        asked[f"only {serial.raw_number}"] = (Target(serial_id=serial.pk), {serial.pk})
    drills = 0
    for what, (target, start) in asked.items():
        if not start:
            with refused(InvalidInput, "targets.0"):
                drilled(world, target)
            continue
        done, drills = drilled(world, target), drills + 1
        assert_walked(done, walk, walk.after(start), places)
        assert done.score >= 60, what
    assert fingerprint() == before
    assert RecallDrill.objects.count() >= drills > 0


def of_item(kind: type[Lot] | type[Serial], item: int) -> list[int]:
    return list(kind.objects.filter(item=item).values_list("pk", flat=True))


def stood_in(place: int, since: datetime) -> set[int]:
    """What stood in the place then, or came into it later, by adding up its moves one by one."""
    stands: Counter[int] = Counter()
    came = set()
    for move in StockMove.objects.order_by("pk"):
        node = move.serial_id or move.lot_id
        if move.happened_at > since:
            came |= {node} if move.to_place_id == place else set()
            continue
        stands[node] += move.quantity * (move.to_place_id == place)
        stands[node] -= move.quantity * (move.from_place_id == place)
    return came | {node for node, n in stands.items() if n}


@pytest.fixture
def spread(world: World) -> World:
    """Of 20 units: 3 in the department, 3 on the way, 3 promised, the rest on the shelf."""
    world.stock(world.lot("STENT", "L1", date(2030, 12, 31)), 20)
    signed(world, quantity=3)
    world.going = shipped(world, quantity=3)
    world.promised = allocated(world, quantity=3)
    return world


def test_a_drill_of_a_document_follows_its_moves(spread: World) -> None:
    paper = Document.objects.get(kind="warehousing.shipment", pk=spread.going.shipment_id)
    done = drilled(spread, Target(document_id=paper.pk))
    assert _nodes(done.drill_id) == {spread.lot("STENT", "L1").pk}


def test_what_a_recall_would_do_stands_as_drafts(spread: World) -> None:  # TRC-04
    before = fingerprint()
    done = drilled(spread)
    acts = {(a.act, a.quantity) for a in DrillAction.objects.filter(drill=done.drill_id)}
    assert acts == {
        (DrillAct.HOLD, None),
        (DrillAct.RELEASE, 3),
        (DrillAct.ISOLATE, 14),
        (DrillAct.TELL, 6),
        (DrillAct.FETCH, 6),
    }
    assert (done.promises, done.standing, done.consignees) == (1, 20, 1)
    assert fingerprint() == before
    assert not RecallCase.objects.exists()
    event = Event.objects.get(name="recalls.drill.RecallDrilled")
    assert "recalls.drill" in event.name
    row = RecallDrill.objects.get(pk=done.drill_id)
    assert row.number is not None
    assert row.number.startswith("HA-RX") or "RX" in row.number
    assert AuditEntry.objects.filter(verb="recalls.drill").count() == 1


def test_a_drill_says_what_the_recall_then_does(spread: World) -> None:
    """The same promises fall, the same goods are held, the same sums are told."""
    done = drilled(spread)
    goods = queries.drilled(done.drill_id)
    promised = [(p.line_id, p.balance_id, p.quantity) for p in queries.promises(goods)]
    sums, adds_up = queries.groups(goods), queries.ladder(goods)
    told = queries.consignees(goods)
    case = opened(spread)
    assert [(h.line_id, h.balance_id, h.quantity) for h in case.hits] == promised
    assert queries.groups(case.case_id) == sums
    assert queries.ladder(case.case_id) == adds_up
    assert queries.consignees(case.case_id) == told
    assert queries.list_units(case.case_id) == queries.list_units(goods)


def test_the_score_says_where_points_were_lost(spread: World) -> None:
    assert drilled(spread).score == 100
    Party.objects.filter(pk=spread.hospital.pk).update(phone="")
    done = drilled(spread)
    points = {p.aspect: p.points for p in DrillPoint.objects.filter(drill=done.drill_id)}
    assert points == {
        "adds_up": 40, "named": 20, "reachable": 0, "licensed": 5, "in_time": 20,
    }  # fmt: skip
    assert done.score == 85


def test_weights_are_a_rule(spread: World) -> None:
    Party.objects.filter(pk=spread.hospital.pk).update(phone="")
    weights = {"adds_up": 0, "named": 0, "reachable": 30, "licensed": 10, "in_time": 0}
    set_parameter("recalls.drill_weights", weights, by=spread.by(roles.QUALITY_HEAD))
    assert drilled(spread).score == 25


def test_a_share_is_never_rounded_up() -> None:
    one = rules.Scored("adds_up", 40, 9_999_999, 10_000_000)
    assert one.points == Decimal("39.9")
    assert rules.drill_score([one]) == Decimal("99.7")
    assert rules.drill_score([]) == 0
    assert rules.Scored("named", 20, 0, 0).points == 20
    assert rules.in_time(480, 240) == (240, 480)
    assert rules.in_time(3, 0) == (0, 1)


def test_nothing_came_in_and_something_differs() -> None:
    facts = rules.DrillFacts(0, 3, 0, 0, 0, 0, 0, 1, 10)
    assert [p.points for p in rules.drill_points(facts, rules.DRILL_WEIGHTS)] == [0, 20, 15, 5, 20]


def test_a_drill_is_concluded_once_and_the_time_counts(spread: World) -> None:
    done = drilled(spread)
    by = spread.by(roles.COMPLIANCE)
    with refused(InvalidInput, "conclusion"):
        recalls.conclude_drill(done.drill_id, " ", by=by)
    set_clock(database_now() + timedelta(hours=8))
    recalls.conclude_drill(done.drill_id, "two telephone numbers were old", by=by.asking())
    row = RecallDrill.objects.get(pk=done.drill_id)
    assert row.state == DrillState.CONCLUDED
    assert row.score == 90  # twice the four hours, half of twenty points
    with refused(WrongState):
        recalls.conclude_drill(done.drill_id, "again", by=by.asking())


def test_the_next_drill_is_due_a_year_later(spread: World) -> None:
    row = RecallDrill.objects.get(pk=drilled(spread).drill_id)
    today = spread.shanghai.day_at(row.began_at)
    assert row.next_on == rules.months_after(today, 12)
    assert rules.months_after(date(2026, 11, 30), 3) == date(2027, 2, 28)
    assert rules.months_after(date(2026, 1, 31), 10**6) == date.max


def test_goods_that_move_meanwhile_are_no_difference(
    spread: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What does not add up is asked for once more; a difference that stays is one."""
    reaching = sys.modules["traceward.domain.recalls.queries.reach"]
    really, asked = queries.groups, []

    def late(goods) -> list[queries.Group]:
        asked.append(goods)
        return really(goods)[1:] if len(asked) == 1 else really(goods)

    monkeypatch.setattr(reaching, "groups", late)
    assert drilled(spread).score == 100
    assert len(asked) == 2
    monkeypatch.setattr(reaching, "groups", lambda goods: really(goods)[1:])
    assert drilled(spread).score < 100


def test_a_drill_that_is_due_waits_on_the_board(spread: World) -> None:
    set_up_roles()
    client = browser_of(roles.QUALITY_HEAD)
    first = RecallDrill.objects.get(pk=drilled(spread).drill_id)
    due = f"/recalls/drills?{urlencode({'view': 'due'})}"
    assert str(first) not in client.get(due).content.decode().partition("<main")[2]
    set_clock(database_now() + timedelta(days=350))
    client = browser_of(roles.QUALITY_HEAD, roles.COMPLIANCE)  # a visit has ended by then
    assert str(first) in client.get(due).content.decode().partition("<main")[2]
    assert "召回演练将到期" in client.get("/").content.decode()
    drilled(spread)
    assert str(first) not in client.get(due).content.decode().partition("<main")[2]


def test_a_drill_is_refused_as_a_recall_is(spread: World) -> None:
    there = only_at(spread, roles.QUALITY_HEAD, spread.shanghai)
    before = fingerprint()
    lot = spread.lot("STENT", "L1").pk
    by = spread.by(roles.QUALITY_HEAD)
    for targets, field in (
        ([], "targets"),
        ([Target()], "targets.0"),
        ([Target(lot_id=lot), Target(lot_id=999_999_999)], "targets.1"),
        ([Target(lot_id=lot, serial_from="A", place_id=1)], "targets.0"),
        ([Target(place_id=1)], "targets.0.from_at"),
        ([Target(lot_id=lot)] * 2_001, "targets"),
    ):
        with refused(InvalidInput, field):
            recalls.drill(spread.shanghai.pk, RecallLevel.ONE, "x", targets, by=by.asking())
    with refused(InvalidInput, "reason"):
        recalls.drill(spread.shanghai.pk, RecallLevel.ONE, " ", [Target(lot_id=lot)], by=by)
    with refused(NotFound, "site_id"):
        recalls.drill(999_999_999, RecallLevel.ONE, "x", [Target(lot_id=lot)], by=by.asking())
    with refused(NotAllowed):
        drilled(spread, by=spread.by(roles.STOREKEEPER))
    with refused(NotAllowed):
        drilled(spread, by=there)
    assert fingerprint() == before
    assert not RecallDrill.objects.exists()
