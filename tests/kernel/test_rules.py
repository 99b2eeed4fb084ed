"""Parameters: the most specific rule that matches decides, and says which it was."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from traceward.kernel.rules.models import Parameter
from traceward.kernel.rules.queries import SPECS, declare, reader
from traceward.kernel.rules.rules import Candidate, Decided, Spec, decide

SPEC = Spec("test.days", 90, ("customer", "class"))


def candidate(value: int, **context: object) -> Candidate:
    return Candidate(context, value, 1, f"u{value}")


def test_default_counts_where_no_rule_matches() -> None:  # INV-06
    assert decide(SPEC, [], {}) == Decided(90, "default")
    assert decide(SPEC, [candidate(5, customer=1)], {"customer": 2}) == Decided(90, "default")


@pytest.mark.parametrize("backwards", [False, True])
def test_most_specific_rule_decides(backwards: bool) -> None:  # INV-06
    rules = [
        candidate(1),
        candidate(2, **{"class": "hospital"}),
        candidate(3, customer=7),
        candidate(4, customer=7, **{"class": "hospital"}),
    ]
    if backwards:
        rules.reverse()
    for context, value in (
        ({}, 1),
        ({"class": "hospital"}, 2),
        ({"customer": 7}, 3),
        ({"customer": 7, "class": "clinic"}, 3),
        ({"customer": 7, "class": "hospital"}, 4),
        ({"customer": 8, "class": "hospital"}, 2),
    ):
        assert decide(SPEC, rules, context) == Decided(value, f"test.days@u{value}v1")


@pytest.mark.django_db
def test_reader_knows_the_rules_in_force() -> None:
    spec = declare("test.limit", 10, "site", doc="A limit for tests.")
    try:
        now = datetime.now(UTC)
        Parameter.objects.create(
            key="test.limit", value=20, valid_from=now - timedelta(days=2), replaced_at=now
        )
        Parameter.objects.create(key="test.limit", value=30, valid_from=now - timedelta(days=1))
        Parameter.objects.create(
            key="test.limit", context={"site": 4}, value=40, valid_from=now + timedelta(days=1)
        )
        limits = reader(spec)
        assert limits.value_for({"site": 1}).value == 30
        assert limits.value_for({"site": 4}).value == 30, "a rule of tomorrow does not count today"
        with connection.cursor() as cursor:
            cursor.execute("SELECT tw_set_clock(%s)", [now + timedelta(days=2)])
        assert reader(spec).value_for({"site": 4}).value == 40
    finally:
        del SPECS["test.limit"]


@pytest.mark.django_db
def test_one_rule_is_in_force_for_a_context() -> None:
    now = datetime.now(UTC)
    Parameter.objects.create(key="test.limit", context={"a": 1, "b": 2}, value=1, valid_from=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Parameter.objects.create(
            key="test.limit", context={"b": 2, "a": 1}, value=2, valid_from=now
        )
