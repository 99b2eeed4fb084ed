"""What a benchmark says: one figure a row, its ratio to the floor, and whether it is enough."""

import math
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass


@dataclass
class Figure:
    """One row of the table. `ratio` is against the floor of the same run, where there is one."""

    benchmark: str
    work: str
    size: str
    ours: float
    unit: str
    floor: float | None = None
    ratio: float | None = None
    target: str = ""
    met: bool | None = None
    #: Share of the machine's processors that the clients took: ours, then the floor's.
    client_cpu: str = ""
    note: str = ""

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def spread(values: Sequence[float]) -> str:
    """The lowest and the highest of the rounds."""
    return f"{short(min(values))}–{short(max(values))}"


def growth(small: float, small_seconds: float, large: float, large_seconds: float) -> float:
    """The power of the size with which the time grows: 1 is linear, 0 is constant."""
    return math.log(large_seconds / small_seconds) / math.log(large / small)


def short(value: float | None) -> str:
    """Three significant digits, thousands set apart."""
    if value is None:
        return ""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def milliseconds(question: Callable[[], object]) -> float:
    """How long the answer takes."""
    began = time.perf_counter()
    question()
    return (time.perf_counter() - began) * 1_000


HEAD = (
    "id", "work", "size", "ours", "floor", "unit", "ratio", "target", "met", "client CPU", "notes",
)  # fmt: skip


def cells(figure: Figure) -> tuple[str, ...]:
    """The row as text."""
    return (
        figure.benchmark,
        figure.work,
        figure.size,
        short(figure.ours),
        short(figure.floor),
        figure.unit,
        "" if figure.ratio is None else f"{figure.ratio:.2f}",
        figure.target,
        {True: "met", False: "missed", None: ""}[figure.met],
        figure.client_cpu,
        figure.note,
    )


def table(figures: Sequence[Figure]) -> str:
    """The figures as a Markdown table that also reads well in a terminal."""
    rows = [HEAD, *(cells(f) for f in figures)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(HEAD))]
    lines = [
        "| " + " | ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (w + 2) for w in widths) + "|")
    return "\n".join(lines)
