"""What a hostile or broken client can do at the door: it is told so, and nothing has changed."""

import json
import socket
import time
import uuid
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.test import Client, RequestFactory

from tests.kernel.verbs import RUNS
from tests.world import World
from traceward.api import callers, commanding, problems
from traceward.api.limits import STRANGERS
from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.command import database_errors
from traceward.kernel.command.models import AnsweredRequest
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.command.tokens import token_for
from traceward.kernel.org import roles
from traceward.kernel.org.models import Party, Person
from traceward.settings import _database
from traceward.web import health as health_page

Ask = Callable[..., tuple[int, dict[str, Any]]]
PATH = "/api/v1/commands/testing.name"
NAME = '{"name": "Lan"}'


@pytest.fixture
def token(world: World) -> str:
    set_up_roles()
    RUNS.clear()
    STRANGERS.forget()
    return token_for(Person.objects.get(pk=world.by(roles.SYSTEM).person_id))


@pytest.fixture
def ask(token: str) -> Ask:
    """Sends a request, signed in unless it says otherwise; in Chinese where asked."""
    client = Client(raise_request_exception=False)

    def send(
        body: str | bytes = NAME,
        *,
        path: str = PATH,
        method: str = "POST",
        content_type: str = "application/json",
        language: str = "en",
        **headers: str,
    ) -> tuple[int, dict[str, Any]]:
        given = {
            "Authorization": f"Bearer {token}",
            "Idempotency-Key": str(uuid.uuid4()),
            "Accept-Language": language,
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        data = body.encode() if isinstance(body, str) else body
        answer = client.generic(method, path, data, content_type=content_type, headers=given)
        told = json.loads(answer.content) if answer.content else {}
        if answer.status_code >= 400 and told:
            assert answer["Content-Type"] == "application/problem+json"
            assert told["status"] == answer.status_code
        return answer.status_code, told

    return send


def refused(ask: Ask, status: int, said: str, body: str | bytes = NAME, **how: Any) -> None:
    """Told in both languages, with this status; nothing was run, kept or made."""
    parties = Party.objects.count()
    code, told = ask(body, **how)
    assert (code, said in told["title"]) == (status, True), told
    code, chinese = ask(body, **{**how, "language": "zh-CN,zh;q=0.9"})
    assert code == status
    assert any("\u4e00" <= sign <= "\u9fff" for sign in chinese["title"])
    assert RUNS == []
    assert Party.objects.count() == parties
    assert not AnsweredRequest.objects.filter(verb="testing.name", outcome="done").exists()


def test_a_command_is_run_once_through_the_door(ask: Ask) -> None:
    key = "scanner 7 / 0001"
    answers = [ask(NAME, Idempotency_Key=key) for _ in range(2)]
    assert answers[0] == answers[1]
    assert answers[0][0] == 200
    assert RUNS == ["Lan"]


def test_a_huge_body(ask: Ask) -> None:  # UX-02
    refused(ask, 413, "larger than 8000000 bytes", b"{" + b" " * 8_000_001 + b"}")


@pytest.mark.parametrize(
    "body",
    [
        '{"name":' + "[" * 100_000 + "]" * 100_000 + "}",
        b'{"name": "\xff\xfe"}',
        '{"name": "Lan"}'.encode("utf-16"),
        '{"name": "\\ud800"}',
        '{"\\uDC00": "Lan"}',
        '{"name": NaN}',
        '{"name": -Infinity}',
        '{"numbers": [' + "9" * 5000 + "]}",
        "[]",
        "null",
        "",
        "{'name': 'Lan'}",
        '{"name": "Lan"} and more',
    ],
    ids=range(13),
)
def test_a_body_that_is_no_json_object(ask: Ask, body: str | bytes) -> None:
    refused(ask, 422, "must be one JSON object", body)


def test_each_wrong_argument_is_told_in_the_callers_language(ask: Ask) -> None:  # UX-02
    body = '{"name": 1, "nmae": "Lan"}'
    _, told = ask(body)
    assert told["details"] == [
        {"field": "name", "problem": "a text is expected"},
        {"field": "nmae", "problem": "there is no argument of this name"},
    ]
    _, told = ask(body, language="zh-CN")
    assert [row["problem"] for row in told["details"]] == ["应为文字", "没有这个参数"]


def test_deep_json_within_what_the_reader_takes(ask: Ask) -> None:
    refused(ask, 422, "cannot be used", '{"numbers":' + "[" * 200 + "]" * 200 + "}")


def test_a_name_twice_in_one_object(ask: Ask) -> None:
    refused(ask, 422, "stands twice", '{"name": "Lan", "name": "Mei"}')
    refused(ask, 422, "“a” stands twice", '{"name": "Lan", "words": {"a": "1", "a": "2"}}')


@pytest.mark.parametrize("kind", ["text/xml", "text/plain", "application/x-www-form-urlencoded"])
def test_another_content_type(ask: Ask, kind: str) -> None:
    refused(ask, 415, "application/json", content_type=kind)
    assert ask(content_type="application/json; charset=utf-8")[0] == 200


def test_a_body_in_chunks(ask: Ask) -> None:
    client = Client(headers={"Transfer-Encoding": "chunked"})
    request = client.generic("POST", PATH, b"").wsgi_request
    request.environ.pop("CONTENT_LENGTH", None)
    del request.headers
    with pytest.raises(problems.LengthRequired, match="Content-Length"):
        commanding._body(request)


@pytest.mark.parametrize("key", ["", "x" * 201, "x" * 10_000])
def test_a_request_id_that_is_none(ask: Ask, key: str) -> None:
    refused(ask, 422, "Idempotency-Key", Idempotency_Key=key)


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_another_method(ask: Ask, method: str) -> None:
    refused(ask, 405, "takes POST only", method=method)
    refused(ask, 405, "takes POST only", method=method, X_HTTP_Method_Override="POST")


def test_another_address(ask: Ask) -> None:
    refused(ask, 404, "nothing at this address", path="/api/nowhere")
    refused(ask, 404, "no command called", path="/api/v1/commands/no.such")
    refused(ask, 404, "no command called", path="/api/v1/commands/x%00%ff")


@pytest.mark.parametrize(
    "given",
    ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer " + "a" * 60_000, "Bearer a:b:c", "Bearer 中"],
)
def test_no_token_of_ours(ask: Ask, given: str) -> None:
    entries = AuditEntry.objects.count()
    refused(ask, 401, "token", Authorization=given)
    assert AuditEntry.objects.count() == entries


def test_two_tokens_in_one_header(ask: Ask, token: str) -> None:
    refused(ask, 401, "token", Authorization=f"Bearer {token}, Bearer {token}")


def test_many_wrong_tokens_do_not_shut_out_the_right_one(ask: Ask) -> None:
    entries = AuditEntry.objects.count()
    told = {ask(Authorization=f"Bearer {n}")[0] for n in range(100)}
    assert told == {401, 429}
    assert AuditEntry.objects.count() == entries
    assert ask()[0] == 200


def test_a_fault_of_ours_is_told_without_its_inside(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: Any) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr(commanding, "run_json", failing)
    refused(ask, 500, "same Idempotency-Key")
    assert "secret" not in json.dumps(ask())


def test_a_request_that_cannot_be_read_is_told() -> None:
    request = RequestFactory().get("/nowhere")
    answer = problems.bad_request(request, ValueError("inside"))
    assert answer.status_code == json.loads(answer.content)["status"] == 400


def test_a_silent_database_is_not_waited_for(token: str) -> None:  # SEC-03
    assert settings.DATABASES["default"]["OPTIONS"]["connect_timeout"] == "5"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        made = _database(f"postgresql://x@127.0.0.1:{port}/x?connect_timeout=2", "app")
        began = time.monotonic()
        with pytest.raises(psycopg.OperationalError, match="timeout"):
            psycopg.connect(
                host=made["HOST"],
                port=made["PORT"],
                connect_timeout=made["OPTIONS"]["connect_timeout"],
            )
        assert time.monotonic() - began < 20


class Away:
    """A connection to a server that is gone."""

    in_atomic_block = False

    def close(self) -> None:
        """Nothing is open."""

    def cursor(self) -> None:
        raise InterfaceError("closed")


def test_a_database_that_is_away(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:  # SEC-03
    def away(_: str) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(database_errors, "connection", Away())
    monkeypatch.setattr(health_page, "connection", Away())
    monkeypatch.setattr(database_errors.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(callers, "person_of", away)
    refused(ask, 503, "does not answer")
    answer = Client().get("/health")
    assert (answer.status_code, answer.json()["status"]) == (503, "down")


def test_a_connection_that_breaks_while_signing_is_made_again(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:  # SEC-03
    tries = []

    def broken_once(_: Any, __: str, by: Any, ___: str) -> Any:
        tries.append(1)
        if len(tries) == 1:
            raise OperationalError("server closed the connection unexpectedly")
        return by.reauthenticated()

    monkeypatch.setattr(database_errors, "connection", Away())
    monkeypatch.setattr(callers, "reauthenticated", broken_once)
    assert ask(Signature_Password="mine")[0] == 200
    assert len(tries) == 2
