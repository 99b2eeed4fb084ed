"""B12: operators at pick stations over HTTP, each scanning by the clock; the log is checked after.

Nobody waits for another's answer (an open loop): each operator has a scan due every second, and a
scan counts from when it was due. Some answers are thrown away, and the scan is sent again with the
id that it had, as a handheld does that lost the answer. Afterwards the log that the operators kept
is held against the lines of the picks and the moves of the ledger, unit by unit.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from django.conf import settings
from django.db import connection
from django.test import Client

from benchmarks import company as companies
from benchmarks.figures import Figure
from benchmarks.http_server import free_port, wait_for
from benchmarks.operators import Floor, Shift, shift
from benchmarks.scale import FULL, QUICK, Scale
from tests import inbound, outbound, world
from traceward.domain.places.models import Place, PlaceKind
from traceward.domain.stock.models import Code, Status
from traceward.domain.warehousing.models import PickLine
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person, Role, RoleGrant

#: Scans a second that are to be answered so soon; the other rates, and where they end.
RATE, LIMIT_MS, GIVES_UP_MS = 60, 150, 250
STEPS, STEP_SECONDS = (10, 20, 40, RATE, 80, 100, 120, 150, 180, 220, 260), 8.0
#: A pick goes to so many bins, and takes so many units at each.
LINES, UNITS = 12, 14
#: So many picks share a lot.
PICKS_OF_A_LOT = 2
WORKERS, THREADS = 2, 8
EXPIRES_ON = date(2035, 12, 31)
END_SECONDS = 20


def run(scale: Scale) -> list[Figure]:
    """The shift at the rate of the target; with --full a minute of it, and then ever more."""
    seconds = {QUICK.name: 5.0, FULL.name: 60.0}.get(scale.name, 10.0)
    figures = []
    with companies.scratch("b12") as database:
        made = world.build()
        floors = _floors(made, 0, RATE)
        companies.settle(database)
        with served(database) as port:
            _begun(floors, port)
            shift(floors, 2.0)  # warm
            for rate in STEPS if scale is FULL else (RATE,):
                more = _floors(made, len(floors), rate)
                _begun(more, port)
                floors += more
                how_long = seconds if rate == RATE else STEP_SECONDS
                figures.append(_figure(shift(floors[:rate], how_long)))
                if figures[-1].ours > GIVES_UP_MS:
                    figures[-1].note += f"; p95 passes {GIVES_UP_MS} ms"
                    if rate >= RATE:
                        break
        figures.append(_compared(floors))
        wrong = companies.differences(database)
        assert wrong == 0, f"{wrong} balances differ from the ledger"
    return figures


def _floors(made: world.World, first: int, end: int) -> list[Floor]:
    """Operators of these numbers, each signed in and at a pick of their own."""
    picker = Role.objects.get(code=roles.PICKER.code)
    for n in range(first, end, PICKS_OF_A_LOT):
        _stocked(made, n)
    floors = []
    for n in range(first, end):
        person = Person.objects.create(login=f"picker-{n}", name_zh=f"拣货员{n}", password="!")
        RoleGrant.objects.create(person=person, role=picker, granted_at=world.LONG_AGO)
        client = Client()
        client.force_login(person)
        pick = outbound.opened(made, quantity=LINES * UNITS).pick_id
        floors.append(Floor(pick, client.cookies[settings.SESSION_COOKIE_NAME].value, _tour(pick)))
    return floors


def _begun(floors: list[Floor], port: int) -> None:
    for floor in floors:
        floor.begin(port)


def _stocked(made: world.World, n: int) -> None:
    """A lot stands in as many bins of its own as its picks visit."""
    model = made.places["A-01"]
    bins = Place.objects.bulk_create(
        Place(
            code=f"P-{n:04d}-{place:02d}", kind=PlaceKind.BIN, physical=True, site=model.site,
            legal_entity=model.legal_entity, pick_rank=100 + n,
            temperature_c_min=model.temperature_c_min,
            temperature_c_max=model.temperature_c_max,
        )
        for place in range(LINES * PICKS_OF_A_LOT)
    )  # fmt: skip
    made.places |= {place.code: place for place in bins}
    lot = made.lot("STENT", f"B{n:05d}", EXPIRES_ON)
    for code, source in ((Code.RECEIVE, "SUP"), (Code.RELEASE, "")):
        status = {"from_status": Status.PENDING} if code is Code.RELEASE else {}
        made.post(*(
            made.leg(
                code, lot, UNITS, source or one.code, one.code,
                status=Status.QUALIFIED if code is Code.RELEASE else Status.PENDING, **status,
            )
            for one in bins
        ))  # fmt: skip


def _tour(pick: int) -> list[tuple[int, str, str]]:
    """What is scanned in turn: of each line the bin, then the label of each unit."""
    tour = []
    lines = PickLine.objects.filter(pick=pick).select_related("place", "lot", "line")
    for line in lines.order_by("line__line_number"):
        assert line.lot is not None, "the goods have lots"
        label = inbound.code("STENT", line.lot.number, EXPIRES_ON.strftime("%y%m%d"))
        tour.append((line.pk, "place", line.place.code))
        tour += [(line.pk, "goods", label)] * line.quantity
    return tour


@contextmanager
def served(database: str) -> Iterator[int]:
    """`traceward serve` on this database; ended afterwards, with its workers."""
    port = free_port()
    command = [sys.executable, "-m", "traceward", "serve", "--port", str(port)]
    command += ["--workers", str(WORKERS), "--threads", str(THREADS)]
    environment = {**os.environ, "TRACEWARD_SANDBOX": database}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=open("/tmp/b12.err", "w")
    ) as process:
        try:
            wait_for(port)
            yield port
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
            shutil.rmtree(settings.HOME / "var" / database, ignore_errors=True)


def _figure(one: Shift) -> Figure:
    p95 = one.percentile(0.95)
    is_target = one.rate == RATE
    note = (
        f"p50 {one.percentile(0.5):.0f}, p99 {one.percentile(0.99):.0f}, worst "
        f"{max(one.waited_ms):.0f} ms; {len(one.waited_ms)} scans in {one.seconds:.1f} s, "
        f"{one.reached:.1f}/s reached, {one.sent_again} sent again"
    )
    if one.unsent:
        note += f"; {one.unsent} were never sent: the operators left"
    return Figure(
        "B12",
        "station scans over HTTP, open loop",
        f"{one.rate}/s",
        p95,
        "ms p95",
        target=f"≤ {LIMIT_MS} ms" if is_target else "",
        met=p95 <= LIMIT_MS if is_target else None,
        client_cpu=f"{one.client_cpu:.0%}",
        note=note,
    )


def _compared(floors: list[Floor]) -> Figure:
    """Units that the log says were taken, against the lines and the moves; each scan moved one."""
    logged = Counter(line for floor in floors for line, _ in floor.taken)
    picks = [floor.pick for floor in floors]
    lines = dict(PickLine.objects.filter(pick__in=picks).values_list("pk", "picked"))
    moved, by_request = _moved(picks)
    expected = Counter(str(request_id) for floor in floors for _, request_id in floor.taken)
    wrong = sum(abs(picked - logged[pk]) for pk, picked in lines.items())
    wrong += sum(abs(moved[pk] - logged[pk]) for pk in lines)
    wrong += sum(((expected - by_request) + (by_request - expected)).values())
    bad = sum(floor.bad for floor in floors)
    assert wrong == 0, f"{wrong} units were lost or doubled"
    assert bad == 0, f"{bad} scans were answered otherwise than they should have been"
    return Figure(
        "B12",
        "units lost or doubled",
        f"{sum(logged.values()):,} units",
        wrong,
        "units",
        target="0",
        met=wrong == 0,
        note=f"log against {len(lines):,} lines, {sum(moved.values()):,} units moved and "
        f"{len(by_request):,} requests; {sum(floor.sent_again for floor in floors)} sent again",
    )


def _moved(picks: list[int]) -> tuple[Counter[int], Counter[str]]:
    """Units moved, by line of the pick and by the id of the request that moved them."""
    by_line: Counter[int] = Counter()
    by_request: Counter[str] = Counter()
    with connection.cursor() as cursor:
        cursor.execute(MOVED, [picks])
        for line, request_id, units in cursor.fetchall():
            by_line[line] += int(units)
            by_request[str(request_id)] += int(units)
    return by_line, by_request


MOVED = """
SELECT l.line_id, a.request_id, sum(m.quantity)
FROM stock_move m
JOIN audit_entry a ON a.id = m.command_id
LEFT JOIN warehousing_pick_line l
  ON l.pick_id = m.document_id AND l.place_id = m.from_place_id AND l.lot_id = m.lot_id
WHERE m.document_id = ANY(%s) GROUP BY 1, 2
"""
