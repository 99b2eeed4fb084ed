"""Whatever is scanned is answered: what it is, how it stands, what does not fit, what to do."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings

from tests.inbound import announced, code
from tests.kernel.codes.test_properties import hostile
from tests.outbound import VAN, checked, sign_for
from tests.warehousing import labels
from tests.world import World
from traceward.domain.catalog.models import Agency, Identifier, PackagingLevel
from traceward.domain.purchasing.models import ShippingNotice
from traceward.domain.sales.commands import using
from traceward.domain.stock.commands.blocks import Scope, block
from traceward.domain.stock.commands.containers import nest_container
from traceward.domain.stock.models import BlockKind, Code, Container, Lot, Serial, Status
from traceward.domain.warehousing.commands import shipping
from traceward.domain.warehousing.scanning import LookedUp, look_up
from traceward.kernel.org import roles

# WMS-01 INV-05

TODAY = date(2026, 11, 28)
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.fixture
def stocked(world: World) -> World:
    labels.with_codes(world)
    world.stock(world.lot("STENT", "L1", date(2030, 12, 31)), 5)
    return world


def ask(*codes: str, sites: list[int] | None = None) -> LookedUp:
    return look_up(codes, sites=sites, now=NOW, today=TODAY)


def found(answer: LookedUp) -> tuple[str, str]:
    assert answer.found is not None, answer
    return answer.found.kind, answer.found.name


@pytest.mark.parametrize(
    "raw", [code("STENT", "L1"), labels.hibc("L1"), labels.ma("L1"), labels.ma_xml("L1"), "L1"]
)
def test_a_label_leads_to_its_lot_and_where_it_stands(stocked: World, raw: str) -> None:
    answer = ask(raw)
    assert found(answer) == ("lot", "L1")
    assert answer.goods
    assert (answer.goods.item_code, answer.goods.lot, answer.goods.base_units) == ("STENT", "L1", 1)
    assert (answer.goods.expires_on, answer.goods.expiry_precision) == (date(2030, 12, 31), "day")
    (there,) = answer.whereabouts
    assert (there.place, there.quantity, there.status) == ("A-01", 5, "qualified")
    assert answer.states == ("qualified",)
    assert (answer.misfits, answer.candidates, answer.told) == ((), (), None)
    assert answer.is_complete


def test_the_state_says_what_forbids_first(stocked: World) -> None:
    lot = stocked.lot("STENT", "L1")
    by = stocked.by(roles.QUALITY_CONTROLLER)
    block(Scope(lot_id=lot.pk), BlockKind.HOLD, "seal doubtful", by=by)
    stocked.lot("STENT", "OLD", date(2026, 11, 27))
    answer = ask(code("STENT", "L1"))
    assert answer.states == ("on hold", "qualified")
    assert [(b.kind, b.reason) for b in answer.blocks] == [("hold", "seal doubtful")]
    assert answer.whereabouts[0].is_on_hold
    old = ask(code("STENT", "OLD", "261127"))
    assert (old.states, old.whereabouts) == (("expired",), ())


def test_a_serial_is_found_with_its_lot(stocked: World) -> None:
    lot = stocked.lot("PACER", "P1")
    Serial.objects.create(item=lot.item, lot=lot, number="S1", raw_number="S1")
    for codes in (("(01)06901234567908(21)S1",), ("S1",), ("PACER", "S1")):
        answer = ask(*codes)
        assert found(answer) == ("serial", "S1")
        assert answer.goods
        assert (answer.goods.lot, answer.goods.serial) == ("P1", "S1")
    by = stocked.by(roles.QUALITY_CONTROLLER)
    block(Scope(lot_id=lot.pk), BlockKind.RECALL, "returned", by=by)
    assert ask("S1").states == ("recalled",)


def test_what_does_not_fit_the_record_is_listed(stocked: World) -> None:
    answer = ask(code("STENT", "L1", "290131"))
    assert found(answer) == ("lot", "L1")
    (misfit,) = answer.misfits
    assert (misfit.what, misfit.said, misfit.known) == ("expires", "2029-01-31", "2030-12-31")


def test_a_label_that_contradicts_itself_is_told(stocked: World) -> None:
    answer = ask(code("STENT", "L1"), labels.hibc("L2"))
    assert answer.found is None
    assert (answer.misfits[0].said, answer.misfits[0].known) == ("L2", "L1")
    assert answer.told
    assert "质量" in answer.told.zh


def test_a_lot_that_was_never_received_is_told(stocked: World) -> None:
    answer = ask(code("STENT", "NEW"))
    assert found(answer) == ("item", "STENT")
    assert answer.goods
    assert (answer.goods.lot_id, answer.goods.lot) == (None, "NEW")
    assert answer.told
    assert "never received" in answer.told.en


def test_an_item_is_found_by_its_code_and_by_a_bare_gtin(stocked: World) -> None:
    for raw in ("STENT", "06901234567892", "+T999WIDGET015"):
        answer = ask(raw)
        assert found(answer) == ("item", "STENT")
        assert answer.whereabouts[0].quantity == 5


def test_a_container_is_found_by_its_sscc_with_what_is_in_it(stocked: World) -> None:
    going = checked(stocked)
    sscc = "395212345432100004"
    shipping.pack(going.pick_id, sscc=f"]C100{sscc}", by=stocked.by(roles.PICKER))
    outer = Container.objects.create(code="PALLET-1")
    for raw in (f"(00){sscc}", sscc, f"]C100{sscc}"):
        answer = ask(raw)
        assert found(answer) == ("container", sscc)
        assert [(at.place, at.quantity) for at in answer.whereabouts] == [("STAGE", 3)]
        assert answer.told is None
    inner = Container.objects.get(code=sscc)
    nest_container(inner.pk, outer.pk, by=stocked.by(roles.STOREKEEPER))
    answer = ask("PALLET-1")
    assert found(answer) == ("container", outer.code)
    assert answer.whereabouts[0].quantity == 3


def test_a_box_tells_its_lots_serials_and_shipment(stocked: World) -> None:  # INV-10
    going = checked(stocked)
    sscc, lot = "395212345432100004", stocked.lot("STENT", "L1")
    shipping.pack(going.pick_id, sscc=sscc, by=stocked.by(roles.PICKER))
    unit_lot = stocked.lot("PACER", "P1")
    unit = Serial.objects.create(item=unit_lot.item, lot=unit_lot, number="S1", raw_number="s1")
    outer = Container.objects.create(code="PALLET-1")
    inner = Container.objects.get(code=sscc)
    for leg in (
        stocked.leg(
            Code.RECEIVE, unit_lot, 1, "SUP", "A-01", status=Status.PENDING, serial_id=unit.pk
        ),
        stocked.leg(Code.RELEASE, unit_lot, 1, "A-01", "A-01", from_status=1, serial_id=unit.pk),
        stocked.leg(Code.PICK, unit_lot, 1, "A-01", "STAGE", serial_id=unit.pk),
        stocked.leg(
            Code.PACK, unit_lot, 1, "STAGE", "STAGE", serial_id=unit.pk, to_container_id=outer.pk
        ),
    ):
        stocked.post(leg)
    nest_container(inner.pk, outer.pk, by=stocked.by(roles.STOREKEEPER))
    box = ask("PALLET-1").box
    assert box
    assert [(one.sscc, one.parent_id) for one in box.boxes] == [(sscc, outer.pk)]
    assert [
        (c.sscc, c.item_code, c.lot, c.serial, c.quantity, c.place, c.status) for c in box.contents
    ] == [
        (sscc, "STENT", "L1", "", 3, "STAGE", "qualified"),
        ("PALLET-1", "PACER", "P1", "s1", 1, "STAGE", "qualified"),
    ]
    assert (box.contents[0].lot_id, box.contents[0].expires_on) == (lot.pk, lot.expires_on)
    assert (box.shipments, box.is_complete) == ((), True)
    inside = ask(sscc).box
    assert inside
    assert (inside.parent_sscc, inside.boxes) == ("PALLET-1", ())
    assert len(inside.contents) == 1


def test_a_box_tells_its_shipment_when_it_was_sent_and_when_it_is_empty(stocked: World) -> None:
    going = checked(stocked)
    packed = shipping.pack(going.pick_id, sscc="395212345432100004", by=stocked.by(roles.PICKER))
    sent = shipping.ship(going.pick_id, VAN, by=stocked.by(roles.DISPATCHER))
    going.shipment_id = sent.shipment_id
    box = ask(packed.sscc).box
    assert box
    assert [c.place_kind for c in box.contents] == ["transit"]
    (shipment,) = box.shipments
    assert (shipment.shipment_id, shipment.quantity) == (sent.shipment_id, 3)
    assert (shipment.state, shipment.consignee) == ("shipped", "江城医院")
    sign_for(stocked, going)
    box = ask(packed.sscc).box
    assert box
    assert [(c.place, c.quantity) for c in box.contents] == [("DEP", 3)]
    item = using.UsedItem([code("STENT", "L1")], 3)
    using.use(stocked.places["DEP"].pk, [item], by=stocked.by(roles.COORDINATOR))
    box = ask(packed.sscc).box
    assert box
    assert box.contents == ()
    assert box.shipments[0].state == "delivered"
    assert ask(packed.sscc, sites=[stocked.chengdu.pk]).box is None


def test_a_place_is_found_with_what_stands_below_it(stocked: World) -> None:
    for raw in ("A-01", "]C0A-01", "ZONE"):
        answer = ask(raw)
        assert found(answer) == ("place", raw.removeprefix("]C0"))
        assert answer.whereabouts[0].quantity == 5


def test_a_document_is_found_by_its_number(stocked: World) -> None:
    coming = announced(stocked, (code("STENT", "L1"), 5))
    number = str(ShippingNotice.objects.get(pk=coming.notice_id).number)
    answer = ask(number)
    assert found(answer) == ("document", number)
    assert answer.found
    assert answer.found.of == "purchasing.notice"
    assert answer.states == ("announced",)


def test_what_may_be_several_things_names_them(stocked: World) -> None:
    stocked.lot("REAGENT", "L1")
    Lot.objects.create(
        item=stocked.items["STENT"],
        maker=stocked.items["STENT"].maker,
        number="A-01",
        raw_number="A-01",
    )
    answer = ask("L1")
    assert answer.found is None
    assert {(c.kind, c.name, c.of) for c in answer.candidates} == {
        ("lot", "L1", "STENT"),
        ("lot", "L1", "REAGENT"),
    }
    assert {(c.kind, c.name) for c in ask("A-01").candidates} == {
        ("lot", "A-01"),
        ("place", "A-01"),
    }
    pacer = PackagingLevel.objects.get(item=stocked.items["PACER"])
    Identifier.objects.create(packaging=pacer, agency=Agency.OWN, di="06901234567892")
    assert {c.name for c in ask("06901234567892").candidates} == {"STENT", "PACER"}


def test_nothing_of_other_sites_is_shown(stocked: World) -> None:  # ORG-03
    elsewhere = [stocked.chengdu.pk]
    answer = ask(code("STENT", "L1"), sites=elsewhere)
    assert found(answer) == ("lot", "L1")
    assert (answer.whereabouts, answer.states) == ((), ())
    assert ask("A-01", sites=elsewhere).found is None
    coming = announced(stocked, (code("STENT", "L1"), 5))
    number = str(ShippingNotice.objects.get(pk=coming.notice_id).number)
    assert ask(number, sites=elsewhere).found is None
    assert ask(number, sites=[stocked.shanghai.pk]).found


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("", "empty"),
        ("NOBODY", "NOBODY"),
        ("(01)09521234543213(10)L1", "09521234543213"),
        ("(00)395212345432100004", "395212345432100004"),
        ("06901234567893", "should be 2"),
        ("+T999WIDGET016", "should be 5"),
        ("https://example.com/", "ordinary web address"),
    ],
)
def test_what_is_not_known_is_told_with_what_to_do(stocked: World, raw: str, said: str) -> None:
    answer = ask(raw)
    assert answer.found is None
    assert answer.told
    assert said in answer.told.en
    assert answer.told.zh.endswith("。")


@settings(
    deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(hostile)
def test_hostile_codes_are_answered(stocked: World, raw: str) -> None:
    answer = ask(raw)
    assert answer.codes == (raw,)
    assert answer.found or answer.told or answer.candidates


def test_a_look_up_asks_little(stocked: World, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(8):
        ask(code("STENT", "L1"))
    with django_assert_max_num_queries(14):
        ask("L1")


def test_a_full_box_takes_no_more_queries(stocked: World, django_assert_max_num_queries) -> None:
    box = Container.objects.create(code="FULL-1")
    for n in range(6):
        lot = stocked.lot("STENT", f"F{n}")
        stocked.stock(lot, 5)
        stocked.post(stocked.leg(Code.MOVE, lot, 4, "A-01", "A-02", to_container_id=box.pk))
        Container.objects.create(code=f"IN-{n}", parent=box)
    with django_assert_max_num_queries(26):
        answer = ask("FULL-1")
    assert answer.box
    assert (len(answer.box.contents), len(answer.box.boxes)) == (6, 6)
