"""Every operation of the API with cases made from its own description, as every role. # INT-02

Nothing that a client sends makes a fault of ours, and every answer is one that the description
announces. A few cases of each operation run always, more than 20,000 with `./dev test --full`.
That takes more than an hour: `-k AREA` runs one area. TRACEWARD_SEED repeats a run.
"""

import copy
import itertools
import os
import random
import uuid
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import schemathesis
from django.apps import apps
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as how
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.world import World
from traceward.api.limits import ACCOUNTS
from traceward.kernel.command.registry import REGISTRY
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.command.tokens import token_for
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person
from traceward.resources.kit import QUESTIONS, RESOURCES

IS_FULL = os.environ.get("TRACEWARD_FULL") == "1"
IS_CI = bool(os.environ.get("CI"))
SEED = int(os.environ.get("TRACEWARD_SEED") or (20261128 if IS_CI else random.randrange(2**31)))
CASES = 50 if IS_FULL else 2
PASSWORD = "correct horse battery"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
#: The areas of the product; commands of the tests are left out.
OURS = [verb for verb, c in REGISTRY.items() if c.function.__module__.startswith("traceward")]
TAGS = sorted({name.partition(".")[0] for name in (*OURS, *RESOURCES, *QUESTIONS)})
#: Arguments of these names are often the id of a record that is there.
RECORDS = {
    "site_id": "org.Site",
    "legal_entity_id": "org.LegalEntity",
    "party_id": "org.Party",
    "supplier_id": "org.Party",
    "customer_id": "org.Party",
    "maker_id": "org.Party",
    "registrant_id": "org.Party",
    "consignee_id": "org.Party",
    "person_id": "org.Person",
    "item_id": "catalog.Item",
    "product_id": "catalog.Product",
    "packaging_id": "catalog.PackagingLevel",
    "partner_id": "partners.Partner",
    "licence_id": "partners.Licence",
    "place_id": "places.Place",
    "to_place_id": "places.Place",
    "deliver_to_id": "places.Place",
    "staging_id": "places.Place",
    "lot_id": "stock.Lot",
}


@pytest.fixture
def tokens(world: World, settings: Any) -> Iterator[Iterator[str]]:
    """A token of one role after the other; everybody can sign."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    set_up_roles()
    ACCOUNTS.forget()
    for number in range(3):
        world.stock(world.lot("STENT", f"L{number}"), 10)
    made = []
    for role in roles.ALL:
        person = Person.objects.get(pk=world.by(role).person_id)
        person.set_password(PASSWORD)
        person.save(update_fields=["password"])
        made.append(token_for(person))
    for signal in (request_started, request_finished):  # the test's transaction goes on
        signal.disconnect(close_old_connections)
    yield itertools.cycle(made)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@cache
def description() -> dict[str, Any]:
    """Made when it is first asked for: by then every command of the tests is known."""
    from traceward.api.v1 import api

    found: dict[str, Any] = api.get_openapi_schema()
    return found


def described(tag: str) -> dict[str, Any]:
    """The operations of one area, with ids of records that are there among the examples."""
    whole = copy.deepcopy(description())
    whole["paths"] = {
        path: found
        for path, operations in whole["paths"].items()
        if (found := {m: o for m, o in operations.items() if o["tags"] == [tag]})
    }
    _name_records(whole)
    return whole


def _name_records(schema: Any) -> None:
    if isinstance(schema, list):
        for inner in schema:
            _name_records(inner)
    if not isinstance(schema, dict):
        return
    properties = schema.get("properties")
    if isinstance(properties, dict):
        for name, model in RECORDS.items():
            if name in properties:
                ids = list(apps.get_model(model).objects.values_list("pk", flat=True)[:20])
                known = {"enum": ids or [1]}
                properties[name] = {"anyOf": [known, known, properties[name]]}
    for inner in schema.values():
        _name_records(inner)


@pytest.mark.parametrize("tag", TAGS)
def test_nothing_that_is_sent_makes_a_fault_of_ours(
    tokens: Iterator[str], tag: str, capsys: pytest.CaptureFixture[str]
) -> None:
    schema = schemathesis.openapi.from_dict(described(tag))
    schema.app = get_wsgi_application()
    told: Counter[int] = Counter()
    faults: list[str] = []
    for result in schema.get_all_operations():
        try:
            _try(result.ok(), tokens, told)
        except Exception as fault:  # the other operations are tried, too
            faults.append(f"{result.ok().label}: {fault}")
    with capsys.disabled():
        if IS_FULL:
            print(f"\n{tag}: {told.total()} cases, seed {SEED}: {dict(sorted(told.items()))}")
    assert not faults, "\n\n".join(faults)
    assert told.total() >= CASES


def _try(operation: Any, tokens: Iterator[str], told: Counter[int]) -> None:
    # No database: `shrink` would repeat what has changed the records since.
    @seed(SEED)
    @how(
        max_examples=CASES,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def send(case: Any) -> None:
        case.headers = {
            name: value
            for name, value in (case.headers or {}).items()
            if not name.startswith(("Signature", "Happened"))
        }
        headers = {
            "Authorization": f"Bearer {next(tokens)}",
            "Idempotency-Key": str(uuid.uuid4()),
            "Signature-Password": PASSWORD,
        }
        response = case.call(headers=headers)
        case.validate_response(response, checks=CHECKS)
        told[response.status_code] += 1

    send()
