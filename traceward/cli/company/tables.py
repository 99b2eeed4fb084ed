"""The lists of names and figures beside this module, as they stand in their files."""

import csv
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "data"


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """The rows of `data/<name>.csv` by their column names."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def words(text: str) -> list[str]:
    """The words of a cell that holds several, apart by blanks."""
    return text.split()


def parts(text: str) -> list[str]:
    """The parts of a cell that holds several, apart by semicolons."""
    return [part.strip() for part in text.split(";") if part.strip()]
