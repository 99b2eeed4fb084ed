"""A consumer of webhooks on loopback, which behaves as badly as it is told to.

It verifies what comes with code of its own, not ours, and applies each event once by its id.
"""

import base64
import hashlib
import hmac
import json
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: Given the event and how often it came so far (1, 2 …), says what happens: a status to answer,
#: or one of the words below.
Manner = Callable[[dict[str, Any], int], int | str]


class Consumer:
    """What came, in the order in which it came, and what was applied of it."""

    def __init__(self) -> None:
        self.secrets: list[str] = []
        self.manner: Manner = lambda event, times: 204
        self.came: list[dict[str, Any]] = []
        self.applied: list[dict[str, Any]] = []
        self.statuses: list[int | str] = []
        self.times: dict[str, int] = defaultdict(int)
        self.wrong: list[str] = []
        #: Set where a request arrived that is being held; `release` lets it go on.
        self.holding, self.release = threading.Event(), threading.Event()
        #: How many requests of one subject were under way at once, at most.
        self.most_at_once = 0
        self._at_once: dict[str, int] = defaultdict(int)
        self._guard = threading.Lock()
        self.url = ""

    def take(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        if not self._is_signed(handler, body):
            self.wrong.append(body.decode())
            handler.send_error(401)
            return
        event = json.loads(body)
        subject = str(event.get("subject", event["id"]))
        with self._guard:
            self._at_once[subject] += 1
            self.most_at_once = max(self.most_at_once, self._at_once[subject])
            self.came.append(event)
            self.times[event["id"]] += 1
            manner = self.manner(event, self.times[event["id"]])
            self.statuses.append(manner)
        try:
            self._behave(handler, event, manner)
        finally:
            with self._guard:
                self._at_once[subject] -= 1

    def _behave(
        self, handler: BaseHTTPRequestHandler, event: dict[str, Any], manner: int | str
    ) -> None:
        if manner == "close":  # before anything is done
            handler.close_connection = True
            handler.connection.close()
            return
        if manner == "apply and close":
            self._apply(event)
            handler.close_connection = True
            handler.connection.close()
            return
        if manner == "late":  # applied, and answered when nobody waits any more
            self.holding.set()
            assert self.release.wait(30)
            manner = 204
        if manner == "apply and fail":
            self._apply(event)
            manner = 500
        status = int(manner)
        if 200 <= status < 300:
            self._apply(event)
        handler.send_response(status)
        if status == 302:
            handler.send_header("Location", self.url)
        handler.send_header("Content-Length", "2")
        handler.end_headers()
        if status != 204:
            handler.wfile.write(b"ok")

    def _apply(self, event: dict[str, Any]) -> None:
        with self._guard:
            if event["id"] not in {known["id"] for known in self.applied}:
                self.applied.append(event)

    def _is_signed(self, handler: BaseHTTPRequestHandler, body: bytes) -> bool:
        """As the Standard Webhooks specification has it, written down again."""
        head = handler.headers
        signed = b".".join([head["webhook-id"].encode(), head["webhook-timestamp"].encode(), body])
        given = head["webhook-signature"].split(" ")
        for secret in self.secrets:
            key = base64.b64decode(secret.removeprefix("whsec_"))
            mark = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
            if any(hmac.compare_digest(f"v1,{mark}", one) for one in given):
                return str(json.loads(body)["id"]) == head["webhook-id"]
        return False


@contextmanager
def consuming() -> Iterator[Consumer]:
    """A consumer that listens, until the block ends."""
    consumer = Consumer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            try:
                consumer.take(self)
            except OSError:  # who asked has gone
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    consumer.url = f"http://127.0.0.1:{server.server_address[1]}/events"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield consumer
    finally:
        consumer.release.set()
        server.shutdown()
        server.server_close()
        thread.join()
