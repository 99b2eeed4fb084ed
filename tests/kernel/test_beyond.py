"""What is too large for its column, and noticed by the database only, is named by its field."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import pytest

from tests.kernel.verbs import name_party
from tests.refusing import refused
from traceward.kernel.base.refusals import InvalidInput
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.beyond import too_large


@dataclass(frozen=True)
class Line:
    """A line with a value of each kind."""

    item_id: int = 70_000
    price: Decimal = Decimal(1)
    name_zh: str = ""
    on: date = date(2026, 1, 1)
    at: list[datetime] = field(default_factory=lambda: [datetime(2026, 1, 1, tzinfo=UTC)])


def long(length: int) -> Exception:
    return Exception(f"value too long for type character varying({length})")


@pytest.mark.parametrize(
    ("line", "error", "said", "problem"),
    [
        (Line(item_id=2**63), OverflowError("too large"), "lines.1.item_id", "too large"),
        (Line(item_id=-(2**31) - 1), Exception("integer out of range"), "lines.1.item_id", "large"),
        (
            Line(price=Decimal(70_000)),
            Exception("numeric field overflow"),
            "lines.1.price",
            "large",
        ),
        (Line(price=Decimal("-1e999999999")), InvalidOperation(), "lines.1.price", "too large"),
        (Line(name_zh="名" * 201), long(200), "lines.1.name_zh", "at most 200"),
        (Line(item_id=1, on=date.max), OverflowError(), "lines.1.on", "far off"),
        (
            Line(item_id=1, at=[datetime.min.replace(tzinfo=UTC)]),
            OverflowError(),
            "lines.1.at.0",
            "far off",
        ),
        (Line(item_id=1), Exception("untranslatable"), "", "Correct it"),
    ],
    ids=range(8),
)
def test_what_is_too_large_is_named(line: Line, error: Exception, said: str, problem: str) -> None:
    refusal = too_large(error, {"lines": [Line(item_id=1), line], "reason": "r" * 300})
    assert refusal.field == said
    assert problem in str(refusal)


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ({"reason": "r" * 2_000}, "name_en"),
        ({"name_zh": "n" * 201, "reason": "r" * 2_000}, "name_en, name_zh"),
    ],
    ids=range(2),
)
def test_of_several_long_texts_those_are_named_whose_column_it_is(
    others: dict[str, Any], said: str
) -> None:
    refusal = too_large(long(200), {"name_en": "n" * 201, **others})
    assert f"“{said}”" in str(refusal)
    assert refusal.field == "name_en"
    assert [row["field"] for row in refusal.details] == said.split(", ")


def test_a_command_names_what_its_database_refused(by: Actor) -> None:
    with refused(InvalidInput, "name"):
        name_party("Lan" * 100, by=by.asking())
    with refused(InvalidInput, "numbers.1"):
        name_party("Lan", then="SELECT 2147483647 + 1", numbers=[1, 2**31], by=by.asking())
