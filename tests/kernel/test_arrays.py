"""What is written as an array arrives as the list that it was made of."""

import uuid
from collections.abc import Sequence

import pytest
from django.db import connection

from traceward.kernel.base.arrays import numbers, texts, uids


def _arrived(kind: str, array: object) -> list[object]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT %s::{kind}[]", [array])  # a type's name
        ((values,),) = cursor.fetchall()
    return list(values)


@pytest.mark.django_db
@pytest.mark.parametrize("values", [[], [1], [7, 7, 7], [None, None], [1, None, -(2**63)]])
def test_numbers_arrive(values: list[int | None]) -> None:
    assert _arrived("bigint", numbers(values)) == values


@pytest.mark.django_db
@pytest.mark.parametrize(
    "values",
    [
        [],
        [""],
        ["", ""],
        ["NULL", "null", "", "{}", ",", " a ", "'"],
        ['"'],
        ["a", "\\", 'b"c'],
        ["批号", "Ä\n\t\x1d", "%s", "%"],
    ],
)
def test_texts_arrive(values: Sequence[str]) -> None:
    assert _arrived("text", texts(values)) == values


@pytest.mark.django_db
def test_uids_arrive() -> None:
    made = [uuid.uuid4() for _ in range(3)]
    assert _arrived("uuid", uids(made)) == made
    assert _arrived("uuid", uids([])) == []
