"""Where webhooks may go, how they are signed, and when they are tried again."""

import ipaddress
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest

from tests.kernel.consumer import consuming
from traceward.kernel.outbox import http, targets
from traceward.kernel.outbox.rules import (
    LONGEST_PAUSE,
    MAX_ATTEMPTS,
    is_pattern,
    is_wanted,
    pause_after,
    rest_after,
)
from traceward.kernel.outbox.signatures import signed_headers
from traceward.kernel.outbox.targets import Target, UnusableAddress, is_open, target_of

pytestmark = pytest.mark.filterwarnings("default::ResourceWarning")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
)
def test_addresses_of_our_own_networks_are_closed(address: str) -> None:  # SEC-02
    assert not is_open(ipaddress.ip_address(address))
    everything = [ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0")]
    assert is_open(ipaddress.ip_address(address), everything)


def test_public_addresses_are_open() -> None:
    for address in ("1.2.3.4", "2400:3200::1", "64:ff9b::102:304"):
        assert is_open(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nothing",
        "ftp://1.2.3.4/",
        "file:///etc/passwd",
        "http://",
        "http://mei@1.2.3.4/",
        "http://mei:secret@1.2.3.4/",
        "http://1.2.3.4/#part",
        "http://1.2.3.4:99999/",
        "http://1.2.3.4/a b",
        "http://1.2.3.4\\@127.0.0.1/",
        "http://例子/",
        "http://[::1/",
        "http://1.2.3.4/" + "x" * 500,
    ],
)
def test_malformed_addresses_are_refused(url: str) -> None:
    with pytest.raises(UnusableAddress, match="Give a whole address"):
        target_of(url)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "http://127.1/", "http://0x7f000001/", "http://localhost:9/"]
)
def test_loopback_is_refused_unless_allowed(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(targets.NETWORKS, "127.0.0.0/8, ::1/128")
    assert target_of(url).address in ("127.0.0.1", "::1")
    monkeypatch.delenv(targets.NETWORKS)
    with pytest.raises(UnusableAddress, match="private network") as caught:
        target_of(url)
    assert caught.value.field == "url"
    monkeypatch.setenv(targets.NETWORKS, "everything")
    with pytest.raises(UnusableAddress, match="must list networks"):
        target_of(url)


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    def answer(host: str, port: int, **_: Any) -> list[Any]:
        return [(2, 1, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", answer)


def test_one_private_address_among_public_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(targets.NETWORKS)
    resolving(monkeypatch, "1.2.3.4", "10.0.0.1")
    with pytest.raises(UnusableAddress, match=r"10\.0\.0\.1"):
        target_of("https://consumer.example/")
    resolving(monkeypatch)
    with pytest.raises(UnusableAddress, match="is not known"):
        target_of("https://consumer.example/")


def test_the_connection_is_made_to_the_address_that_was_judged(  # DNS rebinding
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolving(monkeypatch, "1.2.3.4")
    target = target_of("https://consumer.example:8443/events?from=tw")
    assert target.url == "https://1.2.3.4:8443/events?from=tw"
    assert (target.host, target.authority) == ("consumer.example", "consumer.example:8443")
    assert target_of("http://consumer.example").authority == "consumer.example"
    monkeypatch.undo()
    with consuming() as consumer:
        port = int(consumer.url.rsplit(":", 1)[1].split("/")[0])
        named = Target("http", "nowhere.invalid", port, "/", "127.0.0.1")
        headers = signed_headers([b"k"], "1", 1, b"{}")
        assert http.post(named, headers, b"{}", 5).status == 401  # it was reached


@contextmanager
def answering(*parts: bytes, pause: threading.Event | None = None) -> Iterator[Target]:
    """A server that answers one request with these bytes, and holds on before the last."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                for part in parts[:-1]:
                    connection.sendall(part)
                if pause is not None:
                    pause.wait(20)
                with suppress(OSError):
                    connection.sendall(parts[-1])

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield Target("http", "127.0.0.1", server.getsockname()[1], "/", "127.0.0.1")
        finally:
            if pause is not None:
                pause.set()
            thread.join()


def test_answers_are_read_to_a_limit_of_time_and_size() -> None:
    huge = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n" + b"\x00\xff<b>" * 10_000
    with answering(huge) as target:
        answer = http.post(target, {}, b"{}", 5)
    assert answer.status == 200
    assert len(answer.text) <= http.SHOWN
    assert "\x00" not in answer.text
    waiting = threading.Event()
    with answering(b"HTTP/1.1 200 OK\r\nX-Drip: ", b"\r\n\r\n", pause=waiting) as target:
        answer = http.post(target, {}, b"{}", 0.2)
    assert (answer.status, answer.text) == (0, "no answer within 0.2 s")
    with answering(b"SSH-2.0-nothing\r\n\r\n") as target:
        assert http.post(target, {}, b"{}", 5).status == 0
    with answering(b"HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n") as target:
        assert (http.post(target, {}, b"{}", 5).wish) == 7


def test_pauses_grow_within_limits() -> None:
    pauses = [pause_after(n, 0.5) for n in range(1, MAX_ATTEMPTS + 1)]
    assert pauses[0] == timedelta(seconds=5)
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE
    assert pause_after(1, 0) < pauses[0] < pause_after(1, 1)
    assert pause_after(1, 0.5, wish=60) == timedelta(seconds=60)
    assert pause_after(1, 0.5, wish=1e9) == timedelta(hours=1)
    assert timedelta(hours=12) < sum(pauses, timedelta()) < timedelta(hours=36)
    assert rest_after(4) is None
    assert rest_after(5) == timedelta(seconds=5)
    assert rest_after(500) == timedelta(minutes=5)


def test_patterns() -> None:
    name = "stock.block.StockBlocked"
    for pattern in ("*", "stock.*", "stock.block.*", name, "*.StockBlocked"):
        assert is_pattern(pattern)
        assert is_wanted(name, ["sales.*", pattern])
    for pattern in ("", "sales.*", "stock.blo.*", "*.Stock"):
        assert not is_wanted(name, [pattern])
    for pattern in ("", ".", "stock", "stock.b?ock.*", "[a].*", "*" * 200):
        assert not is_pattern(pattern)


def test_signatures_are_those_of_the_standard() -> None:
    """One worked out with openssl: `printf … | openssl dgst -sha256 -hmac … -binary | base64`."""
    headers = signed_headers([b"traceward", b"other"], "e1", 1700000000, b'{"n":1}')
    first, second = headers["webhook-signature"].split(" ")
    assert first == "v1,2MY9VUc6wL3BlNL2/DD7ayWzEPOUgaPtSWC90G2hulk="
    assert second.startswith("v1,")
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == ("e1", "1700000000")
