"""Pages: how long the server takes for lists, documents and boards of the demo's company.

    ./dev demo
    ./dev demo --scale large --sandbox-name traceward_large

Each page is asked for by somebody who may see it, in process, through everything that stands
before a page. A board counts with what the browser fetches for it at once: the number at the bell.
The ordinary company has about 156,000 moves, the large one 10
million; --full looks at both and prints how the time grows.
"""

import gzip
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import connection
from django.test import Client

from benchmarks.figures import Figure, growth
from benchmarks.scale import FULL, QUICK, Scale
from tests.looks.addresses import Look, People, looks
from traceward.cli.scratch import exists, use_sandbox
from traceward.domain.stock.models import StockMove
from traceward.kernel.org.models import Person
from traceward.web.statics import FOLDERS

COMPANY, LARGE = "traceward_demo", "traceward_large"
LIMITS_MS = {"list": 150, "row": 150, "home": 300, "trace": 500}
WORK = {"list": "list of 50 rows", "row": "document", "home": "board", "trace": "trace"}
FIRST_KB, LATER_KB = 180, 40
KILO = 1024
#: What a page fetches when it stands.
BELL = "/alerts/count"


@dataclass
class Seen:
    """A page: how long the server took each time, its questions to the database, its size."""

    look: Look
    milliseconds: list[float] = field(default_factory=list)
    queries: int = 0
    compressed: int = 0

    @property
    def p95(self) -> float:
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]


#: Fetched by who opens the camera of a station, and by nobody else.
OF_THE_CAMERA = frozenset({"barcode.js", "camera.js", "zxing_reader.wasm"})


def run(scale: Scale) -> list[Figure]:
    """All pages of one company, or of both."""
    companies = [COMPANY, LARGE] if scale is FULL else [COMPANY]
    found = [(_moves(name), _seen(name, 5 if scale is QUICK else 24)) for name in companies]
    figures = []
    for kind in WORK:
        for moves, seen in found:
            figures.append(_figure(kind, moves, _of(kind, seen)))
        if len(found) > 1:
            (fewer, before), (more, after) = found
            was, now = (_middle(_of(kind, seen)) for seen in (before, after))
            figures[-1].note += f"; median grows as moves^{growth(fewer, was, more, now):.2f}"
            figures[-1].note += _changed(_of(kind, before), _of(kind, after))
    return [*figures, *_sizes(found[-1][1])]


def _moves(name: str) -> int:
    from django.conf import settings

    if not exists(name, settings.HOME):
        raise SystemExit(
            f"There is no company {name} here; benchmarks/pages.py says how to make it."
        )
    use_sandbox(name)
    return StockMove.objects.count()


def _seen(name: str, rounds: int) -> list[Seen]:
    """Every list, row and home, once to warm up and then so often."""
    use_sandbox(name)
    made, clients = [], {}
    for look in looks(People.of_the_demo()):
        if look.name.split()[0] not in WORK:
            continue
        if look.login not in clients:
            clients[look.login] = Client(headers={"accept-encoding": "gzip"})
            clients[look.login].force_login(Person.objects.get(login=look.login))
        made.append(_asked(look, clients[look.login], rounds))
    return made


def _asked(look: Look, client: Client, rounds: int) -> Seen:
    seen, address = Seen(look), look.address
    answer = client.get(address)
    if answer.status_code == 302:  # a document in general leads to its own kind
        address = answer["Location"]
    with _counted(seen):
        answer = client.get(address)
    assert answer.status_code == 200, (look, answer.status_code)
    seen.compressed = len(answer.content)
    addresses = [address]
    if look.name.startswith("home "):
        addresses.append(BELL)
        with _counted(seen):
            fetched = client.get(BELL).status_code
        assert fetched == answer.status_code, (look, fetched)
    for _ in range(rounds):
        began = time.perf_counter()
        for one in addresses:
            client.get(one)
        seen.milliseconds.append((time.perf_counter() - began) * 1_000)
    return seen


@contextmanager
def _counted(seen: Seen) -> Iterator[None]:
    def count(execute, sql, parameters, many, context):  # type: ignore[no-untyped-def]
        seen.queries += 1
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(count):
        yield


def _of(kind: str, seen: list[Seen]) -> list[Seen]:
    return [one for one in seen if one.look.name.startswith(f"{kind} ")]


def _middle(seen: list[Seen]) -> float:
    ordered = sorted(one.p95 for one in seen)
    return ordered[len(ordered) // 2]


def _figure(kind: str, moves: int, seen: list[Seen]) -> Figure:
    """The slowest page of the kind stands for it."""
    worst = sorted(seen, key=lambda one: one.p95, reverse=True)
    over = [one for one in worst if one.p95 > LIMITS_MS[kind]]
    note = f"{len(seen)} pages, median {_middle(seen):.0f}, over the limit {len(over)}; slowest: "
    note += ", ".join(f"{one.look.name.partition(' ')[2]} {one.p95:.0f}" for one in worst[:4])
    note += f"; at most {max(one.queries for one in seen)} queries"
    return Figure(
        "pages",
        f"{WORK[kind]}, server p95, slowest",
        f"{moves:,} moves",
        worst[0].p95,
        "ms",
        target=f"≤ {LIMITS_MS[kind]} ms",
        met=worst[0].p95 <= LIMITS_MS[kind],
        note=note,
    )


def _changed(before: list[Seen], after: list[Seen]) -> str:
    """Pages that ask the larger company more often."""
    was = {one.look.name: one.queries for one in before}
    more = [one.look.name for one in after if one.queries > was.get(one.look.name, one.queries) + 4]
    return f"; more queries on {', '.join(more)}" if more else ""


def _sizes(seen: list[Seen]) -> list[Figure]:
    """What goes over the wire, compressed: the first page with all its files, then a page."""
    files = [path for folder in FOLDERS for path in folder.iterdir() if path.suffix != ".svg"]
    files = [path for path in files if path.name not in OF_THE_CAMERA]
    parts = sum(
        path.stat().st_size if path.suffix == ".woff2" else len(gzip.compress(path.read_bytes()))
        for path in files
    )
    largest = max(seen, key=lambda one: one.compressed)
    rows = (
        ("first visit", parts + largest.compressed, FIRST_KB),
        ("later visit", largest.compressed, LATER_KB),
    )
    return [
        Figure(
            "pages",
            f"{work}, compressed, largest",
            largest.look.name,
            size / KILO,
            "KB",
            target=f"≤ {most} KB",
            met=size / KILO <= most,
        )
        for work, size, most in rows
    ]
