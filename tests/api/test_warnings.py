"""What was taken although it should be looked at is told in both languages. # INT-02"""

from tests.api.test_refusals import send
from tests.inbound import announced, code, ordered, received
from tests.world import World
from traceward.domain.purchasing.models import ShippingNotice
from traceward.domain.stock.models import Serial
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person


def test_a_notice_of_goods_that_are_too_old_is_warned_about(world: World) -> None:  # INV-07
    set_up_roles()
    buyer = Person.objects.get(pk=world.by(roles.BUYER).person_id)
    lines = [
        {"codes": [code("STENT", "L1")]},
        {"codes": [code("STENT", "OLD", "240101")]},
        {"codes": [code("STENT", "", "")], "packs": 2},
    ]
    body = {"order_id": ordered(world), "reference": "N1", "lines": lines}
    answer = send(buyer, "commands/purchasing.notify", body)
    assert answer.status_code == 200, answer.content
    old, silent = answer.json()["answer"]["warnings"]
    assert (old["line"], silent["line"]) == (1, 2)
    assert old["en"].startswith("STENT, lot OLD is usable until 2024-01-01: it is expired when it")
    assert "有效期至 2024-01-01，到货时" in old["zh"]
    assert "STENT 的标签未注明批号和有效期" in silent["zh"]


def test_a_line_without_a_price_is_warned_about(world: World) -> None:
    set_up_roles()
    seller = Person.objects.get(pk=world.by(roles.SALES).person_id)
    stent = world.items["STENT"].pk
    body = {
        "site_id": world.shanghai.pk,
        "customer_id": world.hospital.pk,
        "deliver_to_id": world.places["DEP"].pk,
        "lines": [
            {"item_id": stent, "quantity": 1, "unit_price": "100"},
            {"item_id": stent, "quantity": 1},
        ],
    }
    answer = send(seller, "commands/sales.order", body)
    assert answer.status_code == 200, answer.content
    (free,) = answer.json()["answer"]["warnings"]
    assert free["line"] == 1
    assert free["en"].startswith("STENT is ordered for nothing.")
    assert "STENT 的单价为 0" in free["zh"]


def test_serials_that_are_known_already_are_warned_about(world: World) -> None:  # INB-02
    set_up_roles()
    buyer = Person.objects.get(pk=world.by(roles.BUYER).person_id)
    order = ordered(world, "PACER")

    def label(serial: str, lot: str = "P1") -> dict[str, list[str]]:
        return {"codes": [code("PACER", lot, serial=serial)]}

    received(world, (code("PACER", "P1", serial="S1"), 1), item="PACER")
    other = announced(world, (code("PACER", "P1", serial="S2"), 1), item="PACER")
    lot = world.lot("PACER", "P0")
    Serial.objects.create(item=lot.item, lot=lot, number="S3", raw_number="S3")
    lines = [label("s1"), label("S2"), label("S3"), label("S4")]
    body = {"order_id": order, "reference": "N1", "lines": lines}
    answer = send(buyer, "commands/purchasing.notify", body)
    assert answer.status_code == 200, answer.content
    stands, comes, differs = answer.json()["answer"]["warnings"]
    assert [x["line"] for x in (stands, comes, differs)] == [0, 1, 2]
    assert "stands in the books already (place: dock)" in stands["en"]
    number = str(ShippingNotice.objects.get(pk=other.notice_id))
    assert number in comes["zh"]
    assert "unit of lot P0" in differs["en"]
    twice = {"order_id": order, "reference": "N2", "lines": [label("S5"), label("s5")]}
    refused = send(buyer, "commands/purchasing.notify", twice)
    assert refused.status_code == 422
    assert refused.json()["field"] == "lines.1.codes"


def test_an_order_without_a_price_is_warned_about(world: World) -> None:  # INB-01
    set_up_roles()
    buyer = Person.objects.get(pk=world.by(roles.BUYER).person_id)
    line = {"item_id": world.items["STENT"].pk, "quantity": 5, "unit_price": "0"}
    lines = [{**line, "unit_price": "12.50"}, line, line]
    body = {"site_id": world.shanghai.pk, "supplier_id": world.supplier.pk, "lines": lines}
    answer = send(buyer, "commands/purchasing.order", body)
    assert answer.status_code == 200, answer.content
    (warned,) = answer.json()["answer"]["warnings"]
    assert warned["line"] == 1
    assert warned["en"].startswith("STENT is ordered for nothing.")
    assert "赠品" in warned["zh"]
