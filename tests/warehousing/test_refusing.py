"""Refusing at the door: on record, nothing enters, and the supplier may announce it anew."""

from decimal import Decimal

import pytest

from tests.api.test_refusals import send
from tests.api.test_versions import read
from tests.inbound import JOURNEY, announced, code
from tests.refusing import refused
from tests.world import World
from traceward.domain.purchasing import commands as purchasing
from traceward.domain.purchasing.models import PurchaseOrder, ShippingNotice
from traceward.domain.stock.models import StockMove
from traceward.domain.warehousing.commands import reading
from traceward.domain.warehousing.commands.journeys import Journey
from traceward.domain.warehousing.commands.receiving import Scan, receive
from traceward.domain.warehousing.commands.refusing import (
    RefusedAtDoor,
    RefusedGoods,
    refuse_delivery,
)
from traceward.domain.warehousing.models import ExpectedLine, RefusedDelivery, RefusedLine
from traceward.domain.warehousing.rules import RefusalReason
from traceward.domain.warehousing.scanning.announced import NotAnnounced
from traceward.kernel.base.refusals import InvalidInput
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person
from traceward.kernel.outbox.models import Event

ONE, TWO = code("STENT", "L1"), code("STENT", "L2")


def refuse(world: World, notice_id: int, *lines: RefusedGoods, **values) -> RefusedAtDoor:
    return refuse_delivery(
        notice_id,
        world.places["DOCK"].pk,
        values.pop("reason", RefusalReason.DAMAGED),
        values.pop("seen", "two boxes are wet"),
        lines=list(lines) or None,
        delivery_note=values.pop("delivery_note", "DN-9"),
        journey=values.pop("journey", JOURNEY),
        by=world.by(roles.STOREKEEPER),
    )


def take(world: World, notice_id: int, raw: str, packs: int) -> None:
    receive(
        notice_id,
        world.places["DOCK"].pk,
        "DN-9",
        [Scan([raw], packs)],
        journey=JOURNEY,
        by=world.by(roles.STOREKEEPER),
    )


def settle(world: World, notice_id: int) -> purchasing.Settled:
    uid = ShippingNotice.objects.get(pk=notice_id).uid
    return purchasing.settle(uid, by=world.by(roles.SYSTEM))


def line_of(notice_id: int, lot: str) -> int:
    return ExpectedLine.objects.get(delivery=notice_id, lot_number=lot).pk


def test_a_whole_delivery_is_refused_and_announced_anew(world: World) -> None:  # INB-02
    coming = announced(world, (ONE, 6), (TWO, 4))
    done = refuse(world, coming.notice_id)
    assert (done.lines, done.base_units, done.still_to_come) == (2, 10, 0)
    record = RefusedDelivery.objects.get(pk=done.refusal_id)
    assert record.number.startswith("RJ-HA-")
    assert (record.reason, record.seen, record.delivery_note) == (
        "damaged",
        "two boxes are wet",
        "DN-9",
    )
    assert not StockMove.objects.exists()
    event = Event.objects.get(name="warehousing.refuse_delivery.GoodsRefused")
    assert event.subject == record.uid
    settled = settle(world, coming.notice_id)
    assert (settled.notice_state, settled.order_state) == ("closed", "approved")
    again = [purchasing.Noticed([raw], packs) for raw, packs in ((ONE, 6), (TWO, 4))]
    purchasing.notify(coming.order_id, "N-again", again, by=world.by(roles.BUYER))
    with refused(NotAnnounced, "document_id"):
        take(world, coming.notice_id, ONE, 1)


def test_some_lines_are_refused_and_the_rest_is_received(world: World) -> None:  # INB-02
    coming = announced(world, (ONE, 6), (TWO, 4))
    done = refuse(world, coming.notice_id, RefusedGoods(2, line_of(coming.notice_id, "L1")))
    assert done.still_to_come == 8
    # what was refused may be announced while the rest of the notice still comes
    again = [purchasing.Noticed([ONE], 2)]
    more = purchasing.notify(coming.order_id, "N-more", again, by=world.by(roles.BUYER))
    with refused(NotAnnounced, "scans.0.packs"):
        take(world, coming.notice_id, ONE, 5)
    take(world, coming.notice_id, ONE, 4)
    take(world, coming.notice_id, TWO, 4)
    assert settle(world, coming.notice_id).notice_state == "closed"
    take(world, more.notice_id, ONE, 2)
    assert settle(world, more.notice_id).order_state == "received"
    assert PurchaseOrder.objects.get(pk=coming.order_id).state == "received"


def test_a_closed_notice_is_short_of_what_was_not_refused(world: World) -> None:  # INB-01
    set_up_roles()
    buyer = Person.objects.get(pk=world.by(roles.BUYER).person_id)
    coming = announced(world, (ONE, 6), (TWO, 4))
    take(world, coming.notice_id, ONE, 1)
    refuse(world, coming.notice_id, RefusedGoods(2, line_of(coming.notice_id, "L1")))
    ended = purchasing.close_notice(coming.notice_id, "no more", by=world.by(roles.BUYER))
    lines = read(buyer, f"purchasing/notices/{coming.notice_id}").json()["lines"]
    assert [(x["refused"], x["short"]) for x in lines] == [(2, 3), (0, 4)]
    assert ended.short == 7


def test_no_more_is_refused_than_is_still_to_come(world: World) -> None:
    coming = announced(world, (ONE, 6))
    line = line_of(coming.notice_id, "L1")
    take(world, coming.notice_id, ONE, 4)
    with refused(InvalidInput, "lines.1.quantity") as caught:
        refuse(world, coming.notice_id, RefusedGoods(1, line), RefusedGoods(2, line))
    assert caught.value.values["left"] == 1
    with refused(InvalidInput, "lines.0.line_id"):
        refuse(world, coming.notice_id, RefusedGoods(1, line + 10_000))
    with refused(InvalidInput, "lines.0.quantity"):
        refuse(world, coming.notice_id, RefusedGoods(0, line))
    take(world, coming.notice_id, ONE, 2)
    with refused(InvalidInput, "lines"):
        refuse(world, coming.notice_id)


def test_goods_that_nobody_announced_are_refused_on_record(world: World) -> None:  # INB-02
    coming = announced(world, (ONE, 6))
    with refused(InvalidInput, "lines.0.codes"):
        refuse(world, coming.notice_id, RefusedGoods(3), reason=RefusalReason.WRONG_GOODS)
    other = RefusedGoods(3, codes=["(01)09521234543213(10)L7"], seen="not ordered")
    done = refuse(world, coming.notice_id, other, reason=RefusalReason.WRONG_GOODS)
    assert done.still_to_come == 6
    line = RefusedLine.objects.get(refusal=done.refusal_id)
    assert (line.expected_line_id, line.item_id, line.raw) == (None, None, other.codes[0])


def test_a_refusal_says_what_was_seen_and_who_brought_it(world: World) -> None:  # GSP art. 60
    coming = announced(world, (ONE, 6))
    with refused(InvalidInput, "seen"):
        refuse(world, coming.notice_id, seen=" ")
    with refused(InvalidInput, "delivery_note"):
        refuse(world, coming.notice_id, delivery_note="")
    with refused(InvalidInput, "journey.deliverer"):
        refuse(world, coming.notice_id, journey=Journey("road"))
    done = refuse(world, coming.notice_id, reason=RefusalReason.PAPERS_MISSING, delivery_note="")
    by = world.by(roles.SUPERVISOR)
    told = reading.read_refused_deliverer(done.refusal_id, "the supplier asks", by=by)
    assert told.text.reveal() == "老周"
    with refused(InvalidInput, "reason"):
        reading.read_refused_deliverer(done.refusal_id, "", by=by.asking())


def test_a_refused_temperature_is_measured_and_wrong(world: World) -> None:  # INB-02 GSP art. 63
    cold = code("REAGENT", "R1")
    coming = announced(world, (cold, 5), item="REAGENT")
    why = RefusalReason.TEMPERATURE
    with refused(InvalidInput, "journey.arrival_c"):
        refuse(world, coming.notice_id, reason=why)
    fine = Journey("road", Erasable("老周"), arrival_c=Decimal("5.0"))
    with refused(InvalidInput, "journey.arrival_c"):
        refuse(world, coming.notice_id, reason=why, journey=fine)
    warm = Journey("road", Erasable("老周"), arrival_c=Decimal("14.5"))
    done = refuse(world, coming.notice_id, reason=why, journey=warm)
    assert RefusedDelivery.objects.get(pk=done.refusal_id).arrival_c == Decimal("14.5")


def test_what_is_said_of_refused_goods_does_not_contradict_itself(world: World) -> None:  # INB-02
    coming = announced(world, (ONE, 6))
    line = line_of(coming.notice_id, "L1")
    expired, none = RefusalReason.EXPIRED, RefusalReason.NO_TEMPERATURE
    with refused(InvalidInput, "reason"):  # it was announced until 2030
        refuse(world, coming.notice_id, reason=expired)
    with refused(InvalidInput, "lines.0.reason"):
        refuse(world, coming.notice_id, RefusedGoods(1, line, expired))
    old = RefusedGoods(1, line, expired, codes=[code("STENT", "L1", "200131")])
    assert refuse(world, coming.notice_id, old).still_to_come == 5
    other = RefusedGoods(1, line, codes=[code("REAGENT", "R1")])
    with refused(InvalidInput, "lines.0.codes") as caught:
        refuse(world, coming.notice_id, other)
    assert caught.value.values["item"] == "REAGENT"
    assert refuse(world, coming.notice_id, other, reason=RefusalReason.WRONG_GOODS).lines == 1
    known = Journey("road", Erasable("老周"), transit_c_min=Decimal(3), transit_c_max=Decimal(5))
    with refused(InvalidInput, "journey.transit_c_min"):
        refuse(world, coming.notice_id, reason=none, journey=known)
    smudged = RefusedGoods(1, line, codes=["(01)0952"])
    assert refuse(world, coming.notice_id, smudged).still_to_come == 3


def test_no_lines_are_not_all_lines(world: World) -> None:
    coming = announced(world, (ONE, 6))
    dock, by = world.places["DOCK"].pk, world.by(roles.STOREKEEPER)
    with refused(InvalidInput, "lines") as caught:
        refuse_delivery(
            coming.notice_id, dock, RefusalReason.DAMAGED, "wet", lines=[], journey=JOURNEY, by=by
        )
    assert "leave the lines out" in str(caught.value)


@pytest.mark.parametrize("with_lines", [True, False])
def test_a_refusal_is_sent_and_read_back_by_the_api(
    world: World, with_lines: bool
) -> None:  # INT-02
    set_up_roles()
    keeper = Person.objects.get(pk=world.by(roles.STOREKEEPER).person_id)
    coming = announced(world, (ONE, 6))
    line = line_of(coming.notice_id, "L1")
    given = {"line_id": line, "quantity": 6, "reason": "papers differ", "codes": [ONE]}
    body = {
        "document_id": coming.notice_id,
        "place_id": world.places["DOCK"].pk,
        "reason": "damaged",
        "seen": "外箱破损",
        "delivery_note": "DN-9",
        "journey": {"transport_mode": "road", "deliverer": "老周"},
        **({"lines": [given]} if with_lines else {}),
    }
    answer = send(keeper, "commands/warehousing.refuse_delivery", body)
    assert answer.status_code == 200, answer.content
    pk = answer.json()["answer"]["refusal_id"]
    row = read(keeper, f"warehousing/refusals/{pk}").json()
    assert (row["reason"], row["seen"], row["supplier_id"]) == (
        "damaged",
        "外箱破损",
        world.supplier.pk,
    )
    assert row["deliverer_read_by"] == "warehousing.read_refused_deliverer"
    (told,) = row["lines"]
    assert (told["lot_number"], told["quantity"]) == ("L1", 6)
    assert told["reason"] == ("papers differ" if with_lines else "damaged")
    (noticed,) = read(keeper, f"purchasing/notices/{coming.notice_id}").json()["lines"]
    assert (noticed["received"], noticed["refused"], noticed["due"]) == (0, 6, 0)
    (bought,) = read(keeper, f"purchasing/orders/{coming.order_id}").json()["lines"]
    assert (bought["announced"], bought["refused"], bought["due"]) == (0, 6, 10)
