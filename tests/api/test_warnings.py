"""What was taken although it should be looked at is told in both languages. # INT-02"""

from tests.api.test_refusals import send
from tests.inbound import code, ordered
from tests.world import World
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
