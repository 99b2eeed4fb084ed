"""B2 over HTTP: stock.move of one line, sent at a steady rate whether or not answers come.

Arrivals are planned beforehand (an open loop), so a slow answer makes others wait, and their
waiting counts. Client threads hold connections open, as scanners do.
"""

import http.client
import json
import resource
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

from benchmarks.clients import PROCESSORS
from benchmarks.company import Company, chooser
from benchmarks.figures import Figure
from benchmarks.http_server import server

RATES = (20, 40, 80, 120, 160, 200, 260, 340, 440)
LIMIT_MS, AT_RATE = 100, 80
GIVES_UP_MS = 250
CONNECTIONS = 24


@dataclass
class Wave:
    """Requests at one rate: when each was due, and how long after that it was answered."""

    rate: int
    seconds: float
    waited_ms: list[float] = field(default_factory=list)
    failed: int = 0
    client_cpu: float = 0.0

    def percentile(self, share: float) -> float:
        ordered = sorted(self.waited_ms)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def wave(port: int, token: str, bodies: Iterator[bytes], rate: int, seconds: float) -> Wave:
    """So many requests a second for so long; each counts from when it was due."""
    made = Wave(rate, seconds)
    count = max(20, int(rate * seconds))
    work = [next(bodies) for _ in range(count)]
    began = time.perf_counter() + 0.1
    lock, nth = threading.Lock(), iter(range(count))

    def client() -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while True:
            with lock:
                n = next(nth, None)
            if n is None:
                line.close()
                return
            due = began + n / rate
            time.sleep(max(0.0, due - time.perf_counter()))
            ok = _sent(line, token, work[n])
            with lock:
                made.waited_ms.append((time.perf_counter() - due) * 1_000)
                made.failed += not ok

    before = resource.getrusage(resource.RUSAGE_SELF)
    threads = [threading.Thread(target=client) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    after = resource.getrusage(resource.RUSAGE_SELF)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    made.client_cpu = used / (time.perf_counter() - began) / PROCESSORS
    return made


def _sent(line: http.client.HTTPConnection, token: str, body: bytes) -> bool:
    headers = {
        "Authorization": f"Bearer {token}",
        "Idempotency-Key": str(uuid.uuid4()),
        "Content-Type": "application/json",
    }
    line.request("POST", "/api/v1/commands/stock.move", body, headers)
    answer = line.getresponse()
    answer.read()
    return answer.status == 200


def bodies(made: Company, stocked: int) -> Iterator[bytes]:
    """Moves of one unit between bins, in random order, without end."""
    chosen = chooser(99, 1)
    while True:
        item, lot = chosen.choice(made.lots)
        source = chosen.choice(made.bins[:stocked])
        target = chosen.choice([place for place in made.bins if place != source])
        line = {
            "item_id": item,
            "quantity": 1,
            "from_place_id": source,
            "to_place_id": target,
            "owner_id": made.owner,
            "lot_id": lot,
        }
        yield json.dumps({"lines": [line]}).encode()


def figures(made: Company, stocked: int, token: str, seconds: float) -> list[Figure]:
    """p95 at each rate until it passes 250 ms; the target is for 80 commands a second."""
    found = []
    work = bodies(made, stocked)
    with server(made.database) as port:
        wave(port, token, work, 20, 2.0)  # warm
        for rate in RATES:
            one = wave(port, token, work, rate, seconds)
            assert one.failed == 0, f"{one.failed} of {len(one.waited_ms)} requests failed"
            found.append(_figure(one))
            if one.percentile(0.95) > GIVES_UP_MS:
                found[-1].note += f"; p95 passes {GIVES_UP_MS} ms at this rate"
                break
    return found


def _figure(one: Wave) -> Figure:
    p95 = one.percentile(0.95)
    is_target = one.rate == AT_RATE
    return Figure(
        "B2",
        "command over HTTP, open loop",
        f"{one.rate}/s",
        p95,
        "ms p95",
        target=f"≤ {LIMIT_MS} ms" if is_target else "",
        met=p95 <= LIMIT_MS if is_target else None,
        client_cpu=f"{one.client_cpu:.0%}",
        note=f"median {one.percentile(0.5):.1f} ms, {len(one.waited_ms)} requests",
    )
