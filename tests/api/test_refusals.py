"""What a step must refuse is refused over HTTP: alone, in a bulk, in both languages, by every role.

Each case stands just before the forbidden step, on real records. Afterwards nothing has changed,
and the attempt is on record.
"""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from tests import inbound, outbound, transferring
from tests.inbound import code
from tests.ledger import database_now
from tests.refusing import everything
from tests.world import LONG_AGO, World, move_clock
from traceward.domain.catalog.models import Item, Product
from traceward.domain.partners.models import Licence
from traceward.domain.places.models import PlaceKind
from traceward.domain.recalls import commands as recalls
from traceward.domain.recalls.models import RecallLevel
from traceward.domain.sales.commands import ordering
from traceward.domain.stock.commands import blocks
from traceward.domain.stock.commands.periods import close_period
from traceward.domain.stock.models import BlockKind, Code, Lot
from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.command.parameters import set_parameter
from traceward.kernel.command.registry import REGISTRY
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.command.tokens import token_for
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person, Role, RoleGrant

Arguments = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A step that must be refused: its verb and arguments, and how it is refused."""

    make: Callable[[World], tuple[str, Arguments]]
    refusal: str
    status: int
    field: str | None = None
    #: The ETag of the document that was read, made from the arguments.
    seen: str = ""


CASES: dict[str, Case] = {}


def case(
    refusal: str, status: int = 409, field: str | None = None, seen: str = ""
) -> Callable[[Any], Any]:
    def keep(make: Any) -> Any:
        CASES[make.__name__] = Case(make, refusal, status, field, seen)
        return make

    return keep


def pick_of(going: outbound.Going, label: str, place: str = "A-01") -> tuple[str, Arguments]:
    scans = [{"codes": [label], "place_code": place, "packs": 3}]
    return "warehousing.pick", {"pick_id": going.pick_id, "scans": scans}


def sale(world: World, **more: Any) -> tuple[str, Arguments]:
    return "sales.order", {
        "site_id": world.shanghai.pk,
        "customer_id": world.hospital.pk,
        "deliver_to_id": world.places["DEP"].pk,
        "lines": [{"item_id": world.items["STENT"].pk, "quantity": 1}],
        **more,
    }


def purchase(world: World) -> tuple[str, Arguments]:
    return "purchasing.order", {
        "site_id": world.shanghai.pk,
        "supplier_id": world.supplier.pk,
        "lines": [{"item_id": world.items["STENT"].pk, "quantity": 1, "unit_price": "1"}],
    }


@case("WrongPick", field="scans.0.codes")
def wrong_lot(world: World) -> tuple[str, Arguments]:  # OUT-05
    world.stock(world.lot("STENT", "L1"), 10)
    going = outbound.opened(world)
    world.stock(world.lot("STENT", "LATE", date(2031, 12, 31)), 10)
    return pick_of(going, code("STENT", "LATE", "311231"))


@case("ContradictingScan", field="scans.0.codes")
def contradicting_scan(world: World) -> tuple[str, Arguments]:  # INV-05
    world.stock(world.lot("STENT", "L1"), 10)
    return pick_of(outbound.opened(world), code("STENT", "L1", "291231"))


@case("Expired", field="scans.0.codes")
def expired(world: World) -> tuple[str, Arguments]:  # OUT-03 INV-07
    world.stock(world.lot("STENT", "L1"), 10)
    going = outbound.opened(world)
    move_clock(date(2031, 1, 1))
    return pick_of(going, code("STENT", "L1"))


@case("CheckFailed")
def too_little_shelf_life(world: World) -> tuple[str, Arguments]:  # OUT-03
    world.stock(world.lot("STENT", "L1"), 10)
    going = outbound.picked(world)
    by = world.by(roles.QUALITY_HEAD)
    set_parameter("stock.allocation.minimum_days", 9_999, by=by)
    return check_of(going)


def check_of(going: outbound.Going) -> tuple[str, Arguments]:
    return "warehousing.check", {
        "pick_id": going.pick_id,
        "scans": [{"codes": [code("STENT", "L1")], "packs": 3}],
        "is_package_intact": True,
        "is_label_right": True,
    }


@case("NotReleased")
def unreleased(world: World) -> tuple[str, Arguments]:  # PRO-02 INB-03
    lot = world.lot("STENT", "L1")
    world.post(world.leg(Code.RECEIVE, lot, 5, "SUP", "A-01", status=1))
    return "production.transform", {
        "site_id": world.shanghai.pk,
        "inputs": [
            {
                "item_id": lot.item_id,
                "quantity": 1,
                "place_id": world.places["A-01"].pk,
                "lot_id": lot.pk,
            }
        ],
        "outputs": [
            {
                "item_id": world.items["REAGENT"].pk,
                "place_id": world.places["A-02"].pk,
                "quantity": 1,
                "lot_number": "KIT1",
                "expires_on": "2030-01-01",
                "parts": [{"input": 0, "quantity": 1}],
            }
        ],
    }


@case("Blocked", field="lines.0")
def blocked(world: World) -> tuple[str, Arguments]:  # OUT-03
    lot = world.lot("STENT", "L1")
    world.stock(lot, 10)
    line = {
        "lot_id": lot.pk,
        "item_id": lot.item_id,
        "quantity": 1,
        "from_place_id": world.places["A-01"].pk,
        "to_place_id": world.places["A-02"].pk,
        "owner_id": world.us.pk,
    }
    scope = blocks.Scope(place_id=world.places["A-01"].pk)
    by = world.by(roles.QUALITY_HEAD)
    blocks.block(scope, BlockKind.HOLD, "temperature", by=by)
    return "stock.move", {"lines": [line]}


@case("LicenceLacking")
def unlicensed_supplier(world: World) -> tuple[str, Arguments]:  # MDM-04
    Licence.objects.filter(party=world.supplier).update(revoked_at=LONG_AGO)
    return purchase(world)


@case("LicenceLacking")
def unlicensed_customer(world: World) -> tuple[str, Arguments]:  # MDM-04
    Licence.objects.filter(party=world.hospital).update(valid_until=date(2020, 1, 1))
    return sale(world)


@case("CertificateLacking")
def unlicensed_product(world: World) -> tuple[str, Arguments]:  # MDM-04
    Product.objects.update(valid_until=date(2023, 1, 1))
    return sale(world)


@case("SamePerson", 403)
def same_person_picks_and_checks(world: World) -> tuple[str, Arguments]:  # ORG-03
    world.stock(world.lot("STENT", "L1"), 10)
    going = outbound.picked(world)
    picker = world.by(roles.PICKER).person_id
    checker = Role.objects.get(code="checker")
    RoleGrant.objects.filter(role=checker).update(revoked_at=LONG_AGO)
    RoleGrant.objects.create(person_id=picker, role=checker, granted_at=LONG_AGO)
    return check_of(going)


@case("ShortStock")
def short(world: World) -> tuple[str, Arguments]:  # INV-04
    lot = world.lot("STENT", "L1")
    world.stock(lot, 2)
    return "stock.move", {
        "lines": [
            {
                "lot_id": lot.pk,
                "item_id": lot.item_id,
                "quantity": 3,
                "from_place_id": world.places["A-01"].pk,
                "to_place_id": world.places["A-02"].pk,
                "owner_id": world.us.pk,
            }
        ]
    }


@case("UnsuitablePlace", field="lines.0.to_place_id")
def wrong_storage_condition(world: World) -> tuple[str, Arguments]:  # INV-05 INB-04
    lot = world.lot("REAGENT", "R1")
    world.stock(lot, 5, "C-01")
    line = {
        "lot_id": lot.pk,
        "item_id": lot.item_id,
        "quantity": 1,
        "from_place_id": world.places["C-01"].pk,
        "to_place_id": world.places["A-01"].pk,
        "owner_id": world.us.pk,
    }
    return "stock.move", {"lines": [line]}


@case("NotAnnounced", field="scans.0")
def over_receipt(world: World) -> tuple[str, Arguments]:  # INB-02
    coming = inbound.announced(world, (code("STENT", "L1"), 5))
    return "warehousing.receive", {
        "document_id": coming.notice_id,
        "place_id": world.places["DOCK"].pk,
        "delivery_note": "DN-1",
        "scans": [{"codes": [code("STENT", "L1")], "packs": 6}],
    }


@case("TimeRefused", field="happened_at")
def closed_period(world: World) -> tuple[str, Arguments]:  # INV-08
    lot = world.lot("STENT", "L1")
    world.stock(lot, 2)
    end: datetime = database_now() - timedelta(hours=1)
    close_period(world.entity.pk, end, by=world.by(roles.FINANCE))
    return "stock.move_backdated", {
        "lines": [
            {
                "lot_id": lot.pk,
                "item_id": lot.item_id,
                "quantity": 1,
                "from_place_id": world.places["A-01"].pk,
                "to_place_id": world.places["A-02"].pk,
                "owner_id": world.us.pk,
            }
        ],
        "happened_at": (end - timedelta(minutes=5)).isoformat(),
        "reason": "forgotten",
    }


@case("StaleVersion", 412, "If-Match", seen='"{order_id}-1"')
def stale_document_version(world: World) -> tuple[str, Arguments]:  # INT-02
    world.stock(world.lot("STENT", "L1"), 10)
    going = outbound.allocated(world)
    return "sales.cancel", {"order_id": going.order_id, "reason": "ordered twice"}


@case("NotForSale", field="lines.0.item_id")
def raw_material_to_another_firm(world: World) -> tuple[str, Arguments]:  # MDM-01 TRF-01
    Item.objects.filter(code="STENT").update(product=None, material_category="raw")
    dock = transferring.place(world, PlaceKind.DOCK, transferring.other_entity(world))
    return "transfers.request", {
        "from_site_id": world.shanghai.pk,
        "deliver_to_id": dock.pk,
        "lines": [{"item_id": world.items["STENT"].pk, "quantity": 1}],
        "reason": "days of cover",
    }


@case("Blocked")
def named_by_a_recall_at_the_check(world: World) -> tuple[str, Arguments]:  # TRC-03 OUT-03
    lots = Lot.objects.filter(item=world.items["STENT"])
    world.lot("STENT", "L0")
    lots.update(supplier_lot="V-77")
    world.stock(world.lot("STENT", "L1"), 10)
    going = outbound.picked(world)
    targets = [recalls.Target(supplier_lot="V-77")]
    recalls.open(
        world.shanghai.pk, RecallLevel.ONE, "may crack", targets, by=world.by(roles.QUALITY_HEAD)
    )
    lots.update(supplier_lot="V-77")
    return check_of(going)


@case("WrongState")
def cancelled_and_unlicensed(world: World) -> tuple[str, Arguments]:  # OUT-01
    going = outbound.ordered(world)
    ordering.cancel(going.order_id, "ordered twice", by=world.by(roles.SALES))
    Licence.objects.update(valid_until=date(2020, 1, 1))
    return "outbound.allocate", {"order_id": going.order_id}


def permitted(verb: str) -> list[Person]:
    """Everybody who may use the verb everywhere."""
    codes = [role.code for role in REGISTRY[verb].roles]
    granted = RoleGrant.objects.filter(role__code__in=codes, revoked_at=None, site=None)
    return [g.person for g in granted.select_related("person").order_by("pk")]


def send(
    person: Person, path: str, body: Any, language: str = "en", key: str = "", seen: str = ""
) -> Any:
    headers = {
        "Authorization": f"Bearer {token_for(person)}",
        "Idempotency-Key": key or str(uuid.uuid4()),
        "Accept-Language": language,
        **({"If-Match": seen} if seen else {}),
    }
    return Client().post(
        f"/api/v1/{path}", json.dumps(body), content_type="application/json", headers=headers
    )


@pytest.mark.parametrize("name", sorted(CASES))
def test_it_is_refused_however_it_is_sent(world: World, name: str) -> None:
    set_up_roles()
    found = CASES[name]
    verb, arguments = found.make(world)
    people = permitted(verb)
    assert people
    seen = found.seen.format(**arguments)
    before = everything()
    for person in people:
        for language in ("en", "zh-CN"):
            answer = send(person, f"commands/{verb}", arguments, language, seen=seen)
            told = answer.json()
            assert told["type"] == f"urn:traceward:refusal:{found.refusal}", told
            assert answer.status_code == told["status"] == found.status
            if found.field is not None:
                assert told["field"].startswith(found.field)
            has_han = any("\u4e00" <= sign <= "\u9fff" for sign in told["title"].split("（")[0])
            assert told["title"].endswith("." if language == "en" else "。")
            assert has_han or language == "en"
        line = {"arguments": arguments, **({"if_match": seen} if seen else {})}
        lines = [line | {"key": str(uuid.uuid4())} for _ in range(2)]
        for line in send(person, f"bulk/{verb}", {"requests": lines}).json()["results"]:
            assert line["result"]["type"].endswith(f":{found.refusal}"), line
    assert everything() == before
    last = AuditEntry.objects.filter(verb=verb).order_by("pk").last()
    assert last is not None
    assert (last.outcome, last.actor) == ("refused", people[-1])


def test_a_repeated_request_is_answered_and_done_once(world: World) -> None:  # INT-02
    set_up_roles()
    verb, arguments = sale(world)
    person = permitted(verb)[0]
    first, again = (send(person, f"commands/{verb}", arguments, key="order 7") for _ in range(2))
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    assert AuditEntry.objects.filter(verb=verb, outcome="done").count() == 1
    other = send(person, f"commands/{verb}", arguments | {"customer_reference": "8"}, key="order 7")
    assert other.status_code == 409
    assert other.json()["type"].endswith("ReusedRequestId")
    lines = [{"key": "order 7", "arguments": arguments}]
    (line,) = send(person, f"bulk/{verb}", {"requests": lines}).json()["results"]
    assert line["result"] == first.json()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"requests": []},
        {"requests": [{"key": "1", "arguments": {}}] * 201},
        {"requests": [{"key": "1", "arguments": {}}] * 2},
        {"requests": [{"key": "", "arguments": {}}]},
        {"requests": [{"key": "1"}]},
        {"requests": [{"key": "1", "arguments": []}]},
        {"requests": "all"},
        {"requests": [{"key": "1", "arguments": {}}], "more": 1},
    ],
    ids=range(9),
)
def test_a_bulk_that_is_none_does_nothing(world: World, body: Any) -> None:
    set_up_roles()
    person = permitted("sales.order")[0]
    before = AuditEntry.objects.count()
    answer = send(person, "bulk/sales.order", body)
    assert answer.status_code in (413, 422)
    assert AuditEntry.objects.count() == before


def test_each_line_of_a_bulk_is_done_by_itself(world: World) -> None:
    set_up_roles()
    verb, good = sale(world)
    bad = good | {"site_id": 0}
    lines = [{"key": str(n), "arguments": a} for n, a in enumerate((good, bad, good))]
    answer = send(permitted(verb)[0], f"bulk/{verb}", {"requests": lines})
    assert answer.status_code == 200
    assert [line["status"] for line in answer.json()["results"]] == [200, 404, 200]
    assert AuditEntry.objects.filter(verb=verb, outcome="done").count() == 2
