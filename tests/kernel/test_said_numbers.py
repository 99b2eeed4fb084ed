"""A number is said as one, in the digits 0 to 9."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from pydantic import JsonValue, create_model

from tests.refusing import refused
from tests.world import World
from traceward.kernel.base.refusals import InvalidInput, phrase
from traceward.kernel.command.invalid_input import DIGITS, NUMBER
from traceward.kernel.command.run import run_json
from traceward.kernel.command.said_numbers import misread_number
from traceward.kernel.org import roles


@dataclass(frozen=True)
class Line:
    quantity: int = 1
    price: Decimal = Decimal(0)
    text: str = ""
    is_open: bool = False


class Pair(NamedTuple):
    first: int
    second: Decimal | None = None


MODEL = create_model(
    "Asked",
    count=(int, 0),
    lines=(list[Line], []),
    ids=(list[int] | None, None),
    pair=(Pair | None, None),
    amounts=(dict[str, Decimal], {}),
    anything=(JsonValue, None),
)


def misread(said: dict[str, Any]) -> Any:
    model = MODEL.model_validate(said)
    return misread_number(said, {name: getattr(model, name) for name in MODEL.model_fields})


@pytest.mark.parametrize(
    ("said", "field", "problem"),
    [
        ({"count": True}, "count", NUMBER),
        ({"ids": [1, False]}, "ids.1", NUMBER),
        ({"lines": [{}, {"quantity": True}]}, "lines.1.quantity", NUMBER),
        ({"lines": [{"price": "１２"}]}, "lines.0.price", DIGITS),
        ({"lines": [{"price": "١٢"}]}, "lines.0.price", DIGITS),
        ({"pair": {"first": 1, "second": "１"}}, "pair.second", DIGITS),
        ({"pair": [True]}, "pair.0", NUMBER),
        ({"amounts": {"a": "１"}}, "amounts.a", DIGITS),
    ],
)
def test_what_is_no_number_is_not_taken_for_one(said: Any, field: str, problem: str) -> None:
    assert misread(said) == (field, phrase(problem))


@pytest.mark.parametrize(
    "said",
    [
        {"count": 1, "lines": [{"quantity": "12", "price": 1.5, "text": "１２", "is_open": True}]},
        {"anything": {"a": [True, "１", 1]}, "ids": None},
        {"lines": [Line(2, Decimal(1), "一")], "pair": Pair(1)},
        {},
    ],
)
def test_other_values_stay_what_they_are(said: Any) -> None:
    assert misread(said) is None


def test_a_command_takes_no_truth_for_a_quantity(world: World) -> None:
    item, supplier = world.items["STENT"].pk, world.supplier.pk
    for wrong, name in (
        ({"quantity": True, "unit_price": 1}, "quantity"),
        ({"quantity": 1, "unit_price": "１２"}, "unit_price"),
    ):
        lines = [{"item_id": item, **wrong}]
        said = {"site_id": world.shanghai.pk, "supplier_id": supplier, "lines": lines}
        with refused(InvalidInput, f"lines.0.{name}"):
            run_json("purchasing.order", said, world.by(roles.BUYER))
