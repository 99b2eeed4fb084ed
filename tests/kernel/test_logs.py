"""Logs say who did what, how it ended and how long it took, and nothing that a record holds."""

import io
import json
import logging
import sys
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.test import Client, RequestFactory

from tests.kernel.verbs import name_party
from tests.world import World
from traceward.kernel.base import logs
from traceward.kernel.base.refusals import WrongState
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.command.tokens import token_for
from traceward.kernel.command.watching import FIGURES
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person
from traceward.web.requests import given_id

PATH = "/api/v1/commands/org.register_party"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What is logged meanwhile, as a server logs it."""
    before = logging.root.handlers[:], logging.root.level
    stream = io.StringIO()
    monkeypatch.delenv(logs.FORM, raising=False)
    logs.set_up(stream)
    yield stream
    logging.root.handlers[:], logging.root.level = before


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.fixture
def by(world: World) -> Actor:
    set_up_roles()
    return world.by(roles.SYSTEM)


def test_a_command_leaves_one_line_without_its_arguments(by: Actor, told: io.StringIO) -> None:
    name_party("Lan", by=by)
    refused = by.asking()
    with pytest.raises(WrongState):
        name_party("Mei", then="refuse", by=refused)
    done, told_no = lines(told)
    assert done["level"] == "info"
    assert (done["logger"], done["verb"], done["outcome"]) == (
        "traceward.command",
        "testing.name",
        "done",
    )
    assert done["request_id"] == str(by.request_id)
    assert done["person"] == by.login
    assert done["milliseconds"] > 0
    assert (told_no["outcome"], told_no["request_id"]) == ("WrongState", str(refused.request_id))
    assert "Lan" not in told.getvalue()
    assert "Mei" not in told.getvalue()


def test_a_request_and_its_command_name_the_same_id(by: Actor, told: io.StringIO) -> None:
    key = str(uuid.uuid4())
    token = token_for(Person.objects.get(pk=by.person_id))
    answer = Client().post(
        PATH,
        {"name_en": "Lan"},
        "application/json",
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": key},
    )
    assert (answer.status_code, answer["X-Request-Id"]) == (200, key)
    command, request = lines(told)
    assert command["request_id"] == request["request_id"] == key
    assert command["door"] == "api"
    assert (request["method"], request["status"]) == ("POST", 200)
    assert request["route"] == PATH.removeprefix("/")
    assert request["person"] == by.login
    assert token not in told.getvalue()
    assert "Lan" not in told.getvalue()


def test_a_problem_names_the_request(by: Actor, told: io.StringIO) -> None:
    answer = Client().get("/api/nothing/here/secret-42")
    assert answer.status_code == 404
    assert answer.json()["instance"] == f"urn:uuid:{answer['X-Request-Id']}"
    (request,) = lines(told)
    assert (request["route"], request["status"]) == ("(unknown)", 404)
    assert "secret-42" not in told.getvalue()


def test_the_id_is_the_clients_where_it_gave_one() -> None:
    made = RequestFactory()
    known = uuid.uuid4()
    assert given_id(made.get("/", headers={"X-Request-Id": str(known)})) == known
    both = {"X-Request-Id": str(known), "Idempotency-Key": "scanner 7"}
    assert given_id(made.get("/", headers=both)) != known
    assert given_id(made.get("/", headers=both)) == given_id(made.get("/", headers=both))
    long = made.get("/", headers={"X-Request-Id": "x" * 201})
    assert given_id(long) != given_id(long)


def test_a_fault_is_told_without_the_values_that_the_database_names(told: io.StringIO) -> None:
    try:
        raise psycopg.errors.UniqueViolation(
            'duplicate key value violates "name"\nDETAIL:  Key (login)=(mei) already exists.'
        )
    except psycopg.Error:
        logging.getLogger("traceward").exception("it failed")
    (line,) = lines(told)
    assert "duplicate key" in line["fault"]
    assert "mei" not in line["fault"]
    assert "test_logs.py" in line["fault"]


def test_the_form_is_chosen_by_one_setting(
    monkeypatch: pytest.MonkeyPatch, told: io.StringIO
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    assert logs.is_json(io.StringIO())
    assert not logs.is_json(Terminal())
    monkeypatch.setenv(logs.FORM, "json")
    assert logs.is_json(Terminal())
    monkeypatch.setenv(logs.FORM, "text")
    assert not logs.is_json(sys.stderr)
    stream = io.StringIO()
    logs.set_up(stream)
    logging.getLogger("traceward").info("ready", extra=logs.fields(verb="stock.move", person=None))
    assert stream.getvalue().endswith("info ready verb=stock.move\n")
    made = logs.server_settings()
    assert made["formatters"]["ours"]["()"] == "traceward.kernel.base.logs.Plain"


def test_commands_are_counted_by_outcome(by: Actor) -> None:
    def count(outcome: str) -> float:
        samples = [s for metric in FIGURES.collect() for s in metric.samples]
        return sum(
            sample.value
            for sample in samples
            if sample.name == "traceward_commands_total"
            and (sample.labels["verb"], sample.labels["outcome"]) == ("testing.name", outcome)
        )

    before = count("done"), count("WrongState")
    name_party("Lan", by=by)
    with pytest.raises(WrongState):
        name_party("Mei", then="refuse", by=by.asking())
    assert (count("done"), count("WrongState")) == (before[0] + 1, before[1] + 1)
