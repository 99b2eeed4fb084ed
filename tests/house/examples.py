"""One call of every command that counts at a site or in a legal entity, on real records.

Each example makes what the command is about in Shanghai, with helpers that play the whole job,
and gives the arguments with which somebody who has the role there succeeds.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tests import inbound, outbound
from tests.house.account_examples import ACCOUNTS
from tests.house.door_examples import DOOR
from tests.house.group_examples import GROUP
from tests.house.making_examples import MAKING
from tests.house.outbound_examples import LABEL, OUTBOUND, stocked
from tests.house.webhook_examples import WEBHOOKS
from tests.house.whole_group_examples import WHOLE
from tests.stock.allocating import demand
from tests.world import LONG_AGO, World
from traceward.domain.places.models import PlaceKind
from traceward.domain.purchasing import commands as purchasing
from traceward.domain.quality.commands import releasing
from traceward.domain.quality.commands.checking import Finding
from traceward.domain.quality.models import Inspection
from traceward.domain.quality.rules import Share
from traceward.domain.stock.commands.blocks import Scope, block
from traceward.domain.stock.commands.containers import nest_container as nest
from traceward.domain.stock.commands.moves import Difference, Line, adjust
from traceward.domain.stock.models import BlockKind, Code, Container, Status, StockMove
from traceward.domain.warehousing.commands import counting, receiving, storing
from traceward.domain.warehousing.models import ReceiptLine
from traceward.flows import acceptance
from traceward.kernel.command import filing
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.parameters import set_parameter
from traceward.kernel.command.registry import REGISTRY
from traceward.kernel.command.run import Held, run
from traceward.kernel.documents.models import Document
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person, Role, RoleGrant, SiteKind
from traceward.resources.kit import now

Arguments = dict[str, Any]
Example = Callable[[World], Arguments]

EXAMPLES: dict[str, Example] = {
    **ACCOUNTS,
    **DOOR,
    **GROUP,
    **MAKING,
    **OUTBOUND,
    **WEBHOOKS,
    **WHOLE,
}


def example(verb: str) -> Callable[[Example], Example]:
    def keep(made: Example) -> Example:
        EXAMPLES[verb] = made
        return made

    return keep


# --- Kernel ---------------------------------------------------------------------------------


@example("documents.attach_file")
def attach_file(world: World) -> Arguments:
    file = {"name": "report.pdf", "base64": "JVBERi0x"}
    return {"document_id": inbound.ordered(world), "role": "test report", "file": file}


@example("documents.void_file")
def void_file(world: World) -> Arguments:
    attached = filing.attach_file(**attach_file(world), by=world.by(roles.BUYER))
    return {"file_id": attached.file_id, "reason": "of another lot"}


@example("org.open_site")
def open_site(world: World) -> Arguments:
    return {
        "code": "WX",
        "legal_entity_id": world.entity.pk,
        "kind": SiteKind.DISTRIBUTION,
        "name_zh": "无锡仓",
    }


@example("org.grant_role")
def grant_role(world: World) -> Arguments:
    person = Person.objects.get(login="test-picker")
    return {"person_id": person.pk, "role": "checker", "site_id": world.shanghai.pk}


@example("org.revoke_role")
def revoke_role(world: World) -> Arguments:
    grant = RoleGrant.objects.create(
        person=Person.objects.get(login="test-picker"),
        role=Role.objects.get(code="checker"),
        site=world.shanghai,
        legal_entity=world.entity,
        granted_at=LONG_AGO,
    )
    return {"grant_id": grant.pk, "reason": "moved to another shift"}


def large_difference(world: World) -> Held:
    """A difference so large that another person decides."""
    stocked(world, 200)
    lot = world.lot("STENT", "L1")
    found = Difference(lot.item_id, world.places["A-01"].pk, -150, world.us.pk, lot_id=lot.pk)
    held = adjust([found], "counted twice", by=world.by(roles.STOREKEEPER))
    assert isinstance(held, Held)
    return held


@example("workflow.release")
def release(world: World) -> Arguments:
    return {"held_uid": large_difference(world).held_uid}


@example("workflow.reject")
def reject(world: World) -> Arguments:
    return {"held_uid": large_difference(world).held_uid, "reason": "count again"}


@example("workflow.acknowledge")
def acknowledge(world: World) -> Arguments:
    return {"subject": "warehousing.picks", "records": [1]}


@example("workflow.arrange_board")
def arrange_board(world: World) -> Arguments:
    return {"shown": ["to_pick", "to_check"], "hidden": ["to_ship"]}


# --- Places and stock -----------------------------------------------------------------------


@example("places.open_place")
def open_place(world: World) -> Arguments:
    return {"site_id": world.shanghai.pk, "code": "A-09", "kind": PlaceKind.STAGING}


@example("places.close_place")
def close_place(world: World) -> Arguments:
    return {"place_id": world.places["A-02"].pk, "reason": "shelf taken down"}


def line(world: World) -> Line:
    stocked(world)
    lot, places = world.lot("STENT", "L1"), world.places
    return Line(lot.item_id, 1, places["A-01"].pk, places["A-02"].pk, world.us.pk, lot_id=lot.pk)


@example("stock.move")
def move(world: World) -> Arguments:
    return {"lines": [line(world)]}


@example("stock.move_backdated")
def move_backdated(world: World) -> Arguments:
    lines = [line(world)]
    last = StockMove.objects.order_by("-pk")[0]
    return {
        "lines": lines,
        "happened_at": last.happened_at,
        "reason": "scanner was offline",
    }


@example("stock.reverse")
def reverse(world: World) -> Arguments:
    lot = stocked(world).lot("STENT", "L1")
    world.post(world.leg(Code.MOVE, lot, 1, "A-01", "A-02"))
    last = StockMove.objects.order_by("-pk")[0]
    return {"move_ids": [last.pk], "reason": "wrong bin"}


def boxed(world: World, *codes: str) -> list[Container]:
    """One of the lot in each of these new boxes, at A-01."""
    lot = stocked(world).lot("STENT", "L1")
    made = [Container.objects.create(code=code) for code in codes]
    for box in made:
        world.post(world.leg(Code.PACK, lot, 1, "A-01", "A-01", to_container_id=box.pk))
    return made


@example("stock.move_container")
def move_container(world: World) -> Arguments:
    (box,) = boxed(world, "BOX")
    return {"container_id": box.pk, "to_place_id": world.places["A-02"].pk}


@example("stock.nest_container")
def nest_container(world: World) -> Arguments:
    box, pallet = boxed(world, "BOX", "PALLET")
    return {"container_id": box.pk, "parent_id": pallet.pk}


@example("stock.unnest_container")
def unnest_container(world: World) -> Arguments:
    nested = nest_container(world)
    nest(**nested, by=world.by(roles.STOREKEEPER))
    return {"container_id": nested["container_id"]}


@example("stock.adjust")
def count_off(world: World) -> Arguments:
    lot = stocked(world).lot("STENT", "L1")
    found = Difference(lot.item_id, world.places["A-01"].pk, -1, world.us.pk, lot_id=lot.pk)
    return {"differences": [found], "reason": "counted twice"}


@example("stock.reserve")
def reserve(world: World) -> Arguments:
    return {"demands": [demand(stocked(world), 2)]}


@example("stock.release_reservations")
def release_reservations(world: World) -> Arguments:
    return {"line_ids": outbound.allocated(stocked(world)).line_ids}


@example("stock.watch")
def watch(world: World) -> Arguments:
    stocked(world, 1)
    set_parameter("stock.minimum", 5, {}, by=world.by(roles.QUALITY_HEAD))
    return {"site_id": world.shanghai.pk}


@example("stock.block")
def block_place(world: World) -> Arguments:
    scope = Scope(place_id=world.places["A-01"].pk)
    return {"scope": scope, "kind": BlockKind.HOLD, "reason": "water on the floor"}


@example("stock.block_all")
def block_places(world: World) -> Arguments:
    scopes = [Scope(place_id=world.places[code].pk) for code in ("A-01", "A-02")]
    return {"scopes": scopes, "kind": BlockKind.HOLD, "reason": "water on the floor"}


@example("stock.lift_block")
def lift_block(world: World) -> Arguments:
    placed = block(**block_place(world), by=world.by(roles.QUALITY_HEAD))
    return {"block_uid": placed.block_uid, "reason": "dry again"}


@example("stock.close_period")
def close_period(world: World) -> Arguments:
    return {"legal_entity_id": world.entity.pk, "closed_until": LONG_AGO}


# --- The way in -----------------------------------------------------------------------------


@example("purchasing.order")
def buy(world: World) -> Arguments:
    wanted = purchasing.Wanted(world.items["STENT"].pk, 10, Decimal("120.50"))
    return {
        "site_id": world.shanghai.pk,
        "supplier_id": world.supplier.pk,
        "lines": [wanted],
    }


@example("purchasing.approve")
def approve(world: World) -> Arguments:
    return {"order_id": purchasing.order(**buy(world), by=world.by(roles.BUYER)).order_id}


@example("purchasing.notify")
def notify(world: World) -> Arguments:
    lines = [purchasing.Noticed([LABEL], 2)]
    return {"order_id": inbound.ordered(world), "reference": "N1", "lines": lines}


@example("purchasing.close")
def close_purchase(world: World) -> Arguments:
    return {"order_id": inbound.ordered(world), "reason": "not needed"}


@example("purchasing.close_notice")
def close_notice(world: World) -> Arguments:
    return {"notice_id": inbound.announced(world, (LABEL, 2)).notice_id, "reason": "lost"}


@example("inbound.receive_notice")
def receive_notice(world: World) -> Arguments:
    return {
        "notice_id": inbound.announced(world, (LABEL, 2)).notice_id,
        "place_id": world.places["DOCK"].pk,
        "delivery_note": "DN-1",
        "scans": [receiving.Scan([LABEL], 2)],
        "journey": inbound.JOURNEY,
    }


@example("warehousing.receive")
def receive(world: World) -> Arguments:
    values = receive_notice(world)
    return {"document_id": values.pop("notice_id"), **values}


@example("purchasing.settle")
def settle(world: World) -> Arguments:
    inbound.received(world, (LABEL, 2))
    return {"expected_uid": Document.objects.get(kind="purchasing.notice").uid}


@example("quality.open_inspections")
def open_inspections(world: World) -> Arguments:
    return {"document_uid": inbound.received(world, (LABEL, 2)).receipt_uid}


@example("quality.record_result")
def record_result(world: World) -> Arguments:
    (row,) = inbound.inspected(world, (LABEL, 2))
    return {
        "inspection_id": row.pk,
        "check_name": inbound.CHECKS[0],
        "is_passed": True,
        "sample_quantity": 1,
    }


@example("quality.decide")
def decide(world: World) -> Arguments:
    (row,) = inbound.inspected(world, (LABEL, 2))
    shares = [Share(world.places["DOCK"].pk, 2, 0)]
    return {"inspection_id": row.pk, "shares": shares, "conclusion": "fit for use"}


def evidence_of(row: Inspection) -> str:
    """What the evidence is called by whoever had nothing to do with the goods."""
    found = Inspection.objects.select_related(*releasing.OF_EVIDENCE).get(pk=row.pk)
    (judged,) = releasing.judge([found], Actor(0, "nobody"), now())
    return judged.evidence


@example("quality.look_through")
def look_through(world: World) -> Arguments:
    (row,) = inbound.inspected(world, (LABEL, 2))
    return {"inspection_id": row.pk, "evidence": evidence_of(row)}


@example("quality.release")
def release_goods(world: World) -> Arguments:
    return {**look_through(world), "conclusion": "fit for use"}


#: Commands before which the same person has to use another one, with some of their arguments.
FIRST = {"quality.release": "quality.look_through"}


def begin(verb: str, arguments: Arguments, by: Actor) -> None:
    """The person has done what comes before the command."""
    if verb in FIRST:
        before = REGISTRY[FIRST[verb]]
        names = before.arguments.model_fields
        run(before, {n: value for n, value in arguments.items() if n in names}, by.asking())
    if verb == "warehousing.take_back":
        line, place = arguments["receipt_line_id"], arguments["place_id"]
        away = storing.PutAway(line, 2, place, status=Status.PENDING)
        storing.put_away(arguments["receipt_id"], [away], by=by.asking())


@example("inbound.record_results")
def record_results(world: World) -> Arguments:
    (row,) = inbound.inspected(world, (LABEL, 2))
    found = acceptance.Found(row.pk, inbound.CHECKS[0], True, 1)
    return {"receipt_id": row.source_id, "results": [found]}


@example("inbound.decide_lots")
def decide_lots(world: World) -> Arguments:
    (row,) = inbound.inspected(world, (LABEL, 2))
    shares = [Share(world.places["DOCK"].pk, 2, 0)]
    verdict = acceptance.Verdict(row.pk, shares, "fit for use")
    return {"receipt_id": row.source_id, "verdicts": [verdict]}


@example("warehousing.put_away")
def put_away(world: World) -> Arguments:
    receipt = inbound.received(world, (LABEL, 2))
    row = ReceiptLine.objects.get(receipt=receipt.receipt_id)
    away = storing.PutAway(row.pk, 2, world.places["A-01"].pk, status=Status.PENDING)
    return {"receipt_id": receipt.receipt_id, "lines": [away]}


@example("warehousing.take_back")
def take_back(world: World) -> Arguments:
    given = put_away(world)
    (away,) = given["lines"]
    return {
        "receipt_id": given["receipt_id"],
        "receipt_line_id": away.receipt_line_id,
        "place_id": away.to_place_id,
    }


@example("warehousing.read_deliverer")
def read_deliverer(world: World) -> Arguments:
    receipt = inbound.received(world, (LABEL, 2))
    return {"receipt_id": receipt.receipt_id, "reason": "a box is missing"}


@example("warehousing.count")
def count(world: World) -> Arguments:
    lot = stocked(world).lot("STENT", "L1")
    counted = counting.Counted(lot.item_id, 5, world.us.pk, lot.pk)
    return {"place_id": world.places["A-01"].pk, "lines": [counted]}


@example("quality.check_stock")
def check_stock(world: World) -> Arguments:
    lot = stocked(world).lot("STENT", "L1")
    return {
        "place_id": world.places["A-01"].pk,
        "findings": [Finding(lot.item_id, lot.pk, is_packaging_good=False, note="wet")],
        "temperature_c": Decimal(20),
        "humidity_percent": 50,
    }
