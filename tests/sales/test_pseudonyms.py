"""Who a patient is stands at the hospital only. # SAL-03"""

import pytest

from tests.inbound import code
from tests.outbound import signed
from tests.refusing import refused
from tests.world import World
from traceward.domain.sales.commands import using
from traceward.domain.sales.rules import is_pseudonym, names_a_person
from traceward.kernel.base.refusals import InvalidInput
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.org import roles

#: Numbers of nobody: there is no region 999999.
ID_CARD = "999999199003070012"


@pytest.mark.parametrize("text", ["张三", "P 1", "P-1\u3000", "Ｐ１", "P:1", "+8613800000000", ""])
def test_a_pseudonym_has_its_form(text: str) -> None:
    assert not is_pseudonym(text)


@pytest.mark.parametrize(
    "text",
    [
        ID_CARD,
        "P-999999-19900307-0012",
        "99999919900307008X",
        "999999199003070_08x",
        "999999900307001",
        "13800000000",
        "138-0000-0000",
        "8613800000000",
    ],
)
def test_the_number_of_a_person_is_known(text: str) -> None:
    assert is_pseudonym(text)
    assert names_a_person(text)


@pytest.mark.parametrize(
    "text",
    ["a", "ZY-2026-004711", "p_1.2/3", "999999199003070013", "999999199013070012", "12000000000"],
)
def test_other_numbers_are_pseudonyms(text: str) -> None:
    assert is_pseudonym(text)
    assert not names_a_person(text)


def test_what_is_no_pseudonym_is_refused(world: World) -> None:
    world.stock(world.lot("STENT", "L1"), 5)
    signed(world, quantity=2)
    by = world.by(roles.COORDINATOR)
    for text in (f"张三 {ID_CARD}", ID_CARD, "13800000000"):
        items = [using.UsedItem([code("STENT", "L1")], 1, Erasable(who)) for who in ("P-1", text)]
        with refused(InvalidInput, "items.1.patient") as caught:
            using.use(world.places["DEP"].pk, items, by=by.asking())
        assert text not in str(caught.value)
