"""Simulated operators: each scans once a second at a station, and keeps a log of what was taken.

They know of the product what a browser knows: the address, the cookies, and the form of the page.
"""

import http.client
import re
import resource
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlencode

from benchmarks.clients import PROCESSORS

PERIOD = 1.0
#: Operators who are so many times longer at it than they should be leave.
PATIENCE = 3
#: Of so many scans one answer is thrown away, and the scan sent again.
LOST_OF = 50
HAND = re.compile(r'name="hand" value="([^"]*)"')
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]*)"')
VERDICT = re.compile(r'data-verdict="(\w+)"')


@dataclass
class Floor:
    """One operator at a pick: what is still to be scanned, and what came of each scan."""

    pick: int
    session: str
    #: Line, kind and code of each scan of the pick, in order.
    tour: list[tuple[int, str, str]]
    taken: list[tuple[int, uuid.UUID]] = field(default_factory=list)
    done: int = 0
    bad: int = 0
    sent_again: int = 0
    hand: str = ""

    @property
    def address(self) -> str:
        return f"/station/pick/{self.pick}"

    def begin(self, port: int) -> None:
        """The page of the pick is open in the operator's browser."""
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies = f"traceward_session={self.session}"
        self.line.request("GET", self.address, headers={"Cookie": self.cookies})
        answer = self.line.getresponse()
        html = answer.read().decode()
        assert answer.status == 200, f"the page of the pick answered {answer.status}"
        given = str(answer.getheader("Set-Cookie", "")).partition(";")[0]
        self.cookies += f"; {given}"
        self.token, self.hand = _found(TOKEN, html), unescape(_found(HAND, html))

    def scan(self) -> None:
        """The next code of the tour is scanned; a lost answer is asked for again."""
        of, kind, code = self.tour[self.done]
        request_id = uuid.uuid4()
        sent = {
            "csrfmiddlewaretoken": self.token,
            "request_id": str(request_id),
            "hand": self.hand,
            "code": code,
            "packs": "1",
        }
        body = urlencode(sent)
        html = self._post(body)
        if request_id.int % LOST_OF == 0:
            self.sent_again += 1
            html = self._post(body)
        self.done += 1
        tone = VERDICT.search(html)
        if tone is None or tone[1] not in ("ok", "done"):
            self.bad += 1
            return
        self.hand = unescape(_found(HAND, html))
        if kind == "goods":
            self.taken.append((of, request_id))

    def _post(self, body: str) -> str:
        headers = {
            "Cookie": self.cookies,
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Part": "1",
        }
        try:
            self.line.request("POST", self.address, body, headers)
            return self.line.getresponse().read().decode()
        except (ConnectionError, http.client.HTTPException):
            # The server closes a connection that was silent; a browser opens another one.
            self.sent_again += 1
            self.line.close()
            self.line.request("POST", self.address, body, headers)
            return self.line.getresponse().read().decode()


def _found(pattern: re.Pattern[str], html: str) -> str:
    found = pattern.search(html)
    return found[1] if found else ""


@dataclass
class Shift:
    """Scans at one rate: how long after it was due each was answered."""

    rate: int
    seconds: float = 0.0
    waited_ms: list[float] = field(default_factory=list)
    unsent: int = 0
    sent_again: int = 0
    client_cpu: float = 0.0

    @property
    def reached(self) -> float:
        """Scans answered in a second."""
        return len(self.waited_ms) / self.seconds

    def percentile(self, share: float) -> float:
        ordered = sorted(self.waited_ms)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def shift(floors: list[Floor], seconds: float) -> Shift:
    """The operators scan for so long, one after the other, each once in a period."""
    made, lock = Shift(len(floors)), threading.Lock()
    before_again = sum(floor.sent_again for floor in floors)
    turns = max(1, int(seconds / PERIOD))
    began = time.perf_counter() + 0.2
    until = began + PATIENCE * seconds

    def work(n: int, floor: Floor) -> None:
        waited = []
        for turn in range(turns):
            if time.perf_counter() > until:
                break
            due = began + (turn + n / len(floors)) * PERIOD
            time.sleep(max(0.0, due - time.perf_counter()))
            floor.scan()
            waited.append((time.perf_counter() - due) * 1_000)
        with lock:
            made.waited_ms += waited
            made.unsent += turns - len(waited)

    cpu = _cpu_seconds()
    with ThreadPoolExecutor(len(floors)) as at_work:
        for one in [at_work.submit(work, *pair) for pair in enumerate(floors)]:
            one.result()
    made.seconds = time.perf_counter() - began
    made.client_cpu = (_cpu_seconds() - cpu) / made.seconds / PROCESSORS
    made.sent_again = sum(floor.sent_again for floor in floors) - before_again
    return made


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
