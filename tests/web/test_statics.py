"""Styles, scripts and pages are small on the wire, and kept by browsers. # UX-01"""

import gzip
from pathlib import Path
from typing import Any
from wsgiref.util import setup_testing_defaults

from django.test import Client

from tests.world import World
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person
from traceward.web.statics import address, with_statics


def asked(served: Any, path: str, **headers: str) -> tuple[dict[str, str], bytes]:
    """Headers and body of the answer."""
    environment: dict[str, Any] = {"PATH_INFO": path, **headers}
    setup_testing_defaults(environment)
    heard: dict[str, str] = {}
    body = served(environment, lambda status, sent: heard.update(sent, status=status))
    read = b"".join(body)
    if hasattr(body, "close"):
        body.close()
    return {name.lower(): value for name, value in heard.items()}, read


def nothing(environment: Any, start: Any) -> list[bytes]:
    start("404 Not Found", [])
    return []


def test_files_are_compressed_and_kept(settings: Any, tmp_path: Path) -> None:
    settings.VAR = tmp_path
    path = address("tw.css")
    for _ in range(2):  # the second worker finds them made
        served = with_statics(nothing)
        told, body = asked(served, path, HTTP_ACCEPT_ENCODING="gzip")
        assert told["content-encoding"] == "gzip"
        assert "immutable" in told["cache-control"]
    plain, whole = asked(served, path)
    assert gzip.decompress(body) == whole
    assert "content-encoding" not in plain
    assert len(body) < len(whole) / 3
    assert asked(served, "/static/../settings.py")[0]["status"] == "404 Not Found"


def test_pages_are_compressed(world: World) -> None:
    client = Client(headers={"accept-encoding": "gzip"})
    client.force_login(Person.objects.get(pk=world.by(roles.AUDITOR).person_id))
    answer = client.get("/stock/lots")
    assert answer["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.content).startswith(b"<!doctype html>")
    program = client.get("/api/v1/stock/lots")
    assert "Content-Encoding" not in program
