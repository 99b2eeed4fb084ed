"""What pydantic finds is told in our own words, in the caller's language."""

import datetime
import re
import uuid
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest
from pydantic import Json, TypeAdapter, ValidationError

from tests.world import World
from traceward.kernel.base.refusals import InvalidInput, NotFound, phrase, tell
from traceward.kernel.command.arguments import name_argument
from traceward.kernel.command.invalid_input import OTHER, PROBLEMS, problem_of
from traceward.kernel.command.run import run_json
from traceward.kernel.org import roles

CONTEXT = dict.fromkeys(
    [
        "gt",
        "ge",
        "lt",
        "le",
        "min_length",
        "max_length",
        "max_digits",
        "decimal_places",
        "whole_digits",
        "multiple_of",
        "expected",
    ],
    3,
)


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@pytest.mark.parametrize("kind", sorted(PROBLEMS))
def test_every_problem_is_told_in_both_languages(kind: str) -> None:  # UX-02
    told = problem_of({"type": kind, "ctx": CONTEXT})
    english, chinese = tell(told, "en"), tell(told, "zh-hans")
    assert re.search(r"[a-z]{2}", english)
    assert re.search(r"[一-鿿]", chinese)
    assert not re.search(r"[{}]|—", english + chinese)
    assert not set(re.findall(r"[A-Za-z]+", chinese)) - {"UUID", "JSON", "true", "false", "T"}


@pytest.mark.parametrize(
    ("kind", "value", "chinese"),
    [
        (int, "x", "应为整数"),
        (int, 1.5, "应为整数"),
        (str, 1, "应为文字"),
        (bool, "maybe", "应为 true 或 false"),
        (Decimal, "x", "应为数字"),
        (datetime.date, "yesterday", "应为日期，如 2026-01-31"),
        (datetime.datetime, "noon", "应为时刻，如 2026-01-31T08:00:00+08:00"),
        (uuid.UUID, "x", "应为 UUID 形式的标识"),
        (list[int], 5, "应为列表"),
        (dict[str, int], 5, "应为带名称的一组值"),
        (Colour, "green", "只能是 'red', 'blue' 之一"),
        (Json, "{", "不是有效的 JSON"),
    ],
)
def test_what_pydantic_says_is_in_the_table(kind: Any, value: Any, chinese: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(value)
    (error,) = caught.value.errors(include_url=False)
    assert error["type"] in PROBLEMS
    assert tell(problem_of(error), "zh-hans") == chinese


def test_an_unknown_type_gets_the_plain_sentence() -> None:
    assert problem_of({"type": "of_next_year"}) == phrase(OTHER)


def test_a_chinese_caller_reads_chinese(world: World) -> None:  # UX-02
    with pytest.raises(InvalidInput) as caught:
        run_json("stock.adjust", {"differences": "x"}, world.by(roles.STOREKEEPER))
    assert caught.value.in_language("zh-hans") == (
        "“differences”的值不可用：应为列表。请更正后重发。"
    )
    assert str(caught.value) == (
        "The value of “differences” cannot be used: a list is expected. Correct it and send again."
    )
    assert {row["field"] for row in caught.value.details} == {"differences", "reason"}
    again = InvalidInput.from_json(caught.value.as_json())
    assert again.in_language("zh-hans") == caught.value.in_language("zh-hans")


@dataclass(frozen=True)
class Named:
    lot_id: int
    quantity: int = 1


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"order_id": 7, "lines": [Named(5)]}, "order_id"),
        ({"order_id": 5, "lines": [Named(5), Named(7), Named(7)]}, "lines.1.lot_id"),
        ({"order_id": 7, "lines": [Named(7)]}, ""),  # which of the two, nobody can tell
        ({"order_id": 5}, ""),
    ],
)
def test_what_is_not_there_is_named_by_its_argument(arguments: Any, field: str) -> None:
    refusal = NotFound("There is no {what} with id {id}.", what="order", id=7)
    name_argument(refusal, arguments)
    assert refusal.field == field


def test_a_field_that_was_said_stays() -> None:
    refusal = NotFound("There is no {what} with id {id}.", field="lines.0", what="order", id=7)
    name_argument(refusal, {"order_id": 7})
    assert refusal.field == "lines.0"
