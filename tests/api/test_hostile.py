"""Each value of each command, exchanged for what no client should send. # INT-02

The arguments are those with which the command succeeds, so each value is reached.
"""

import json
import uuid
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.test import Client

from tests.api.test_reading import getter
from tests.api.test_refusals import permitted, sale
from tests.house.examples import EXAMPLES
from tests.house.nothing_there import plain
from tests.world import World
from traceward.api.limits import ACCOUNTS
from traceward.domain.catalog.models import PackagingLevel
from traceward.kernel.command.registry import REGISTRY
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.command.tokens import token_for
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person
from traceward.resources.asking import hows
from traceward.resources.kit import QUESTIONS, RESOURCES

PASSWORD = "correct horse battery"
#: JSON texts; what is no JSON at all stands in test_doors.
HOSTILE = (
    *("1e400", "-1", "1.5", str(2**31), str(2**63 - 1), str(2**63), "1" + "0" * 60),
    *('"0001-01-01"', '"9999-12-31"'),
    *('"0001-01-01T00:00:00+14:00"', '"9999-12-31T23:59:59-12:00"', '"2026-01-01T00:00:00"'),
    *('"1e999999999"', '"0.' + "0" * 400 + '1"', '"' + "中" * 9_999 + '"', r'"a\u0000b"'),
    *(r'"\u202e"', r'"a\u0007b"', '"\u200b"'),
    *('" "', "null", "[]", '{"a": {}}'),
)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all values, the lists and objects themselves among them; of a list the first."""
    if path:
        yield path
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))
    if isinstance(value, list) and value:
        yield from leaves(value[0], (*path, 0))


def exchanged(value: Any, path: tuple[Any, ...], text: str) -> str:
    """The JSON text with this text at the path."""
    token = uuid.uuid4().hex
    changed = json.loads(json.dumps(value, cls=DjangoJSONEncoder))
    inner = changed
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = token
    return json.dumps(changed).replace(f'"{token}"', text)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("lines", 0, "quantity"), str(2**63)),
        (("lines", 0, "quantity"), "1" + "0" * 60),
        (("lines", 0, "unit_price"), '"1e999999999"'),
    ],
    ids=range(3),
)
def test_a_number_that_no_column_holds_is_refused(
    world: World, path: tuple[Any, ...], text: str
) -> None:
    """Found by the test below: such numbers were faults of ours."""
    set_up_roles()
    verb, arguments = sale(world)
    arguments["lines"][0]["unit_price"] = "1"
    person = permitted(verb)[0]
    answer = Client().post(
        f"/api/v1/commands/{verb}",
        exchanged(arguments, path, text),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token_for(person)}", "Idempotency-Key": "1"},
    )
    assert answer.status_code == 422, answer.json()
    assert answer.json()["type"].endswith(":InvalidInput")
    assert answer.json()["field"] == ".".join(map(str, path))


def test_a_number_is_never_cut_down_to_its_column(world: World) -> None:
    """The driver's binary form made 5 of 2**32 + 5, and nobody was told."""
    set_up_roles()
    verb = "catalog.add_packaging_level"
    arguments = plain(EXAMPLES[verb](world))
    before = PackagingLevel.objects.count()
    answer = Client().post(
        f"/api/v1/commands/{verb}",
        exchanged(arguments, ("units_of_level_below",), str(2**32 + 5)),
        content_type="application/json",
        headers={
            "Authorization": f"Bearer {token_for(permitted(verb)[0])}",
            "Idempotency-Key": "1",
        },
    )
    assert answer.status_code == 422, answer.json()
    assert answer.json()["field"] == "units_of_level_below"
    assert PackagingLevel.objects.count() == before


@pytest.mark.full
@pytest.mark.parametrize("verb", sorted(EXAMPLES))
def test_no_value_makes_a_fault_of_ours(world: World, settings: Any, verb: str) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    set_up_roles()
    with connection.cursor() as cursor:  # as at a commit, which is not to come here
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    arguments = plain(EXAMPLES[verb](world))
    person = permitted(verb)[0]
    person.set_password(PASSWORD)
    person.save(update_fields=["password"])
    headers = {"Authorization": f"Bearer {token_for(person)}", "Signature-Password": PASSWORD}
    client = Client(raise_request_exception=False)
    faults = []
    for path in list(leaves(arguments)):
        for text in HOSTILE:
            body = exchanged(arguments, path, text).encode()
            ACCOUNTS.forget()
            answer = client.post(
                f"/api/v1/commands/{verb}",
                body,
                content_type="application/json",
                headers={**headers, "Idempotency-Key": str(uuid.uuid4())},
            )
            if answer.status_code >= 500:
                faults.append((path, text[:60], answer.status_code))
    assert not faults
    assert REGISTRY[verb]


#: As an address has them.
ASKED = (
    *("-1", "0", "1.5", "1e400", str(2**31), str(2**63), "9" * 400, "1e999999999", "NaN"),
    *("0001-01-01", "9999-12-31", "0000-00-00", "9999-12-31T23:59:59-12:00", ""),
    *("0001-01-01T00:00:00+14:00", "2026-01-01T00:00:00", "a\0b", "中" * 2_000, "%", "\\", "null"),
)


@pytest.mark.full
@pytest.mark.parametrize("name", sorted([*RESOURCES, *QUESTIONS]))
def test_no_question_makes_a_fault_of_ours(world: World, name: str) -> None:
    world.stock(world.lot("STENT", "L1"), 5)
    found: Any = RESOURCES.get(name) or QUESTIONS[name]
    path, asked = f"{found.area}/{found.noun}", _filters(found) if name in RESOURCES else set()
    if name in QUESTIONS:
        path, asked = f"{found.area}/ask/{found.noun}", set(found.arguments.model_fields)
    get = getter(Person.objects.get(pk=world.by(roles.AUDITOR).person_id))
    needed = _needed(found) if name in QUESTIONS else {}
    faults = [
        (one, text[:40])
        for one in sorted(asked)
        for text in ASKED
        if get(path, **{**needed, one: text})[0] >= 500
    ]
    assert not faults


def _filters(resource: Any) -> set[str]:
    """What may be said in the address; of columns of one type, one."""
    of_type = {
        (column.type, how): f"{column.name}{'__' if how else ''}{how}"
        for column in resource.columns.values()
        for how in hows(resource, column)
    }
    return {*of_type.values(), "q", "cursor", "limit", "sort", "fields", "count"}


def _needed(question: Any) -> dict[str, str]:
    """Values for what must be said, so that the others are reached."""
    return {
        name: "2026-01-01" if field.annotation is date else "1"
        for name, field in question.arguments.model_fields.items()
        if field.is_required()
    }
