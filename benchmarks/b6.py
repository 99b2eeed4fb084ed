"""B6, of it sealing and verification: cost and lag of the one, speed of the other."""

import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psycopg
from django.db import connections

from benchmarks import b1, moving
from benchmarks import company as companies
from benchmarks.clients import Clients, Round, clients, repeat
from benchmarks.company import Company
from benchmarks.figures import Figure, growth, median, short, spread
from benchmarks.scale import Scale
from traceward.domain.stock.sealed import STOCK_MOVE
from traceward.kernel.audit.proof import export_proof
from traceward.kernel.audit.sealing import seal_pending
from traceward.kernel.audit.verify import verify
from traceward.kernel.command.bookkeeping import PAUSE_SECONDS
from traceward.kernel.outbox.sequencer import sequence_commands

MOVE = STOCK_MOVE.code
LAG_SECONDS = 5.0
COST = 0.10
VERIFIED = 200_000
VERIFIED_ALONE = 50_000

#: The age of the oldest command that no seal covers.
LAG = """
SELECT coalesce(extract(epoch FROM clock_timestamp() - min(e.at)), 0) FROM audit_entry e
WHERE e.id IN (
  SELECT command_id FROM outbox_queue UNION ALL
  SELECT command_id FROM outbox_order
  WHERE sequence > coalesce((SELECT max(last_sequence) FROM audit_seal), 0))
"""


def run(scale: Scale) -> list[Figure]:
    """Hot clients with and without sealing, by turns; then verification, inside and outside."""
    with (
        tempfile.TemporaryDirectory() as folder,
        companies.company("b6", lots=scale.lots, bins=b1.BINS) as made,
    ):
        var = Path(folder)
        b1.stock(made, scale)
        sequence_commands()
        seal_pending(var=var)
        fewer = verification(made, var, scale)
        sealing = sealed_load(made, var, scale)
        sequence_commands()
        seal_pending(var=var)
        more = verification(made, var, scale)
        figures = [*sealing, *more, alone(var, scale, more[0])]
        slope = growth(_moves(fewer), _seconds(fewer), _moves(more), _seconds(more))
        more[0].note += f"; time grows as moves^{slope:.2f}"
        return figures


def sealed_load(made: Company, var: Path, scale: Scale) -> list[Figure]:
    """B1's hot clients; the ratio is their rate with sealing to that without."""
    plain: list[Round] = []
    sealed: list[Round] = []
    lags: list[float] = []
    with clients(b1.HOT_CLIENTS, made.database) as hot, clients(1, made.database) as sealer:
        b1.introduce(hot, made)
        for n in range(scale.rounds + 1):
            without = _load(hot, scale)
            sealer.ask(seal_for, {"seconds": 0, "var": str(var)})
            with _lag_watched(made.database, lags if n else []):
                sealer.begin(seal_for, {"seconds": scale.seconds, "var": str(var)})
                within = _load(hot, scale)
                sealer.end()
            if n:
                plain.append(without)
                sealed.append(within)
    ratio = median([s.per_second / p.per_second for s, p in zip(sealed, plain, strict=True)])
    cost = Figure(
        "B6", "8 hot clients while sealing", "200 lines a post",
        median([r.per_second for r in sealed]), "lines/s",
        median([r.per_second for r in plain]), ratio,
        f"≥ {1 - COST:.2f} × without sealing", ratio >= 1 - COST,
        f"{median([r.cpu_share for r in sealed]):.0%}, {median([r.cpu_share for r in plain]):.0%}",
        f"{len(sealed)} rounds, {spread([r.per_second for r in sealed])}, "
        f"without {spread([r.per_second for r in plain])}",
    )  # fmt: skip
    lag = Figure(
        "B6", "sealing lag under that load", "the worst seen", max(lags), "s",
        target=f"≤ {LAG_SECONDS:.0f} s", met=max(lags) <= LAG_SECONDS,
        note=f"oldest unsealed command, {len(lags)} looks, median {short(median(lags))} s",
    )  # fmt: skip
    return [cost, lag]


def _load(hot: Clients, scale: Scale) -> Round:
    return hot.round(moving.by_command, seconds=scale.seconds, lines=b1.HOT_LINES, hot=b1.HOT_LOTS)


def seal_for(seconds: float, var: str) -> dict[str, float]:
    """As the worker does: sequence, seal, rest; runs in a client process."""

    def once() -> int:
        sequence_commands()
        count = seal_pending(var=Path(var))
        time.sleep(PAUSE_SECONDS if seconds else 0)
        return count + 1

    return repeat(seconds, once)


class _lag_watched:
    """While it runs, the lag is looked at four times a second."""

    def __init__(self, database: str, lags: list[float]) -> None:
        self.database, self.lags, self.ended = database, lags, threading.Event()
        self.thread = threading.Thread(target=self._watch)

    def _watch(self) -> None:
        with psycopg.connect(companies.address(self.database), autocommit=True) as connection:
            while not self.ended.wait(0.25):
                (lag,) = connection.execute(LAG).fetchone() or (0,)
                self.lags.append(float(lag))

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, *failure: object) -> None:
        self.ended.set()
        self.thread.join()


def verification(made: Company, var: Path, scale: Scale) -> list[Figure]:
    """`verify` reads every sealed row and hashes it again; the floor hashes each move once."""
    companies.settle(made.database)
    floors: list[float] = []
    walks: list[float] = []
    wholes: list[float] = []
    moves = 0
    with psycopg.connect(companies.address(made.database), autocommit=True) as admin:
        for n in range(scale.rounds + 1):
            began = time.perf_counter()
            admin.execute(companies.statements()["hash_moves"])
            floor = time.perf_counter() - began
            report = verify(var=var)
            assert report.is_sound, [str(f) for f in report.findings[:3]]
            moves = report.leaves[MOVE]
            if n:
                floors.append(floor)
                walks.append(report.log_seconds)
                wholes.append(report.seconds)
    connections["verify"].close()
    rate = moves / median(walks)
    ratio = median([f / w for f, w in zip(floors, walks, strict=True)])
    walk = Figure(
        "B6", "verify: rows against seals", f"{moves:,} moves", rate, "moves/s",
        moves / median(floors), ratio, f"≥ {VERIFIED:,} moves/s", rate >= VERIFIED, "",
        f"{len(walks)} rounds, {spread([moves / w for w in walks])}; "
        "the floor hashes moves only, on one connection",
    )  # fmt: skip
    whole = Figure(
        "B6", "verify with all self-checks", f"{moves:,} moves", moves / median(wholes),
        "moves/s", note=f"{short(median(wholes))} s in all",
    )  # fmt: skip
    return [walk, whole]


def alone(var: Path, scale: Scale, inside: Figure) -> Figure:
    """The export's own verifier, as a stranger runs it."""
    moves = int(inside.size.split()[0].replace(",", ""))
    times: list[float] = []
    began = time.perf_counter()
    out = var / "export"
    export_proof(out, var=var)
    exporting = time.perf_counter() - began
    for n in range(min(scale.rounds, 5) + 1):
        began = time.perf_counter()
        command: list[Any] = [sys.executable, out / "verify_export.py", out]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-500:] + done.stderr[-500:]
        if n:
            times.append(time.perf_counter() - began)
    rate = moves / median(times)
    return Figure(
        "B6", "stand-alone verifier", f"{moves:,} moves", rate, "moves/s",
        target=f"≥ {VERIFIED_ALONE:,} moves/s", met=rate >= VERIFIED_ALONE,
        note=f"{spread([moves / t for t in times])}; the export took {short(exporting)} s",
    )  # fmt: skip


def _moves(figures: list[Figure]) -> float:
    return float(figures[0].size.split()[0].replace(",", ""))


def _seconds(figures: list[Figure]) -> float:
    return _moves(figures) / figures[0].ours
