"""The page docs/reference/figures.md, and the machine that the figures come from."""

import os
import platform
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from benchmarks.figures import Figure, table
from tests import databases

TEXT = """# Figures

Written by `{command}` on {day}; what they mean stands in
[the guide to the benchmarks](../guides/benchmarks.md). {machine}{busy}

{table}

## Missed targets

{missed}
"""


BUSY = """

**The machine was busy with other work** (load average {load:.0f} on {processors} processors), so
only the ratios mean something, and targets in absolute figures (moves/s, ms, s) are to be measured
again on a quiet one before they are believed, met or missed."""


def busy(text: str) -> str:
    """A warning, where more wanted to run than there are processors besides the benchmark."""
    load = float(text.rsplit("load average ", 1)[1].rstrip("."))
    processors = os.cpu_count() or 1
    return BUSY.format(load=load, processors=processors) if load > 3 * processors else ""


def machine() -> str:
    """Processors, memory, how fast Python is here, the server and what its durability is.

    The same version of Python differs by a third, as it was built with its optimisations or not.
    """
    with psycopg.connect(databases.ADMIN) as admin:
        row = admin.execute(
            "SELECT current_setting('server_version'), current_setting('fsync'),"
            " current_setting('synchronous_commit'), current_setting('shared_buffers')"
        ).fetchone()
    version, fsync, synchronous, buffers = row or ("", "", "", "")
    assert (fsync, synchronous) == ("on", "on"), "a figure without durability does not count"
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    load = os.getloadavg()[0] if Path("/proc/loadavg").exists() else 0.0
    began = time.process_time()
    sum(n for n in range(10_000_000))
    loop = time.process_time() - began
    return (
        f"Machine: {os.cpu_count()} processors ({platform.machine()}), {memory:.0f} GB memory, "
        f"Python {platform.python_version()} (adds ten million numbers in {loop:.2f} s), "
        f"PostgreSQL {version}, fsync {fsync}, "
        f"synchronous_commit {synchronous}, shared_buffers {buffers}; load average {load:.1f}."
    )


def page(figures: Sequence[Figure], words: str, where: str) -> str:
    """The page with these figures, made on that machine."""
    missed = [
        f"- **{f.benchmark} {f.work}, {f.size}**: "
        f"{f.ours:,.0f} {f.unit}, target {f.target}. {f.note}"
        for f in figures
        if f.met is False
    ]
    return TEXT.format(
        command=f"./dev bench {words}".strip(),
        day=datetime.now(UTC).date().isoformat(),
        machine=where,
        busy=busy(where),
        table=table(figures),
        missed="\n".join(missed) or "None.",
    )
