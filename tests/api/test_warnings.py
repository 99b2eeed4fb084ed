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
