"""Dates as GS1 writes them: two-digit years, and day 00 for the last day of the month.

Source: GS1 General Specifications, section 7.12 (century) and the date identifiers of section 3.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, time
from functools import lru_cache
from typing import Literal

from .linters import lint_hhmi, lint_yymmd0
from .problems import CodeProblem


@dataclass(frozen=True, slots=True)
class CodeDate:
    """A date read from a code, with what is needed to write it again.

    ``precision`` is "month" when the code said day 00; ``on`` is then the last day of the month.
    ``at`` is the time of day where the code has one. ``raw`` has the digits as scanned.
    """

    on: date
    precision: Literal["day", "month"]
    raw: str
    at: time | None = None


def full_year(two_digits: int, today: date) -> int:
    """The year from 49 years back to 50 ahead of today that ends in the two digits."""
    century, current = divmod(today.year, 100)
    distance = two_digits - current
    if distance >= 51:
        century -= 1
    elif distance <= -50:
        century += 1
    return century * 100 + two_digits


def read_date(raw: str, today: date, *, ai: str = "17") -> CodeDate:
    """The date of YYMMDD, or of YYMMDDHHMM with the time of day.

    Raises ``CodeProblem``, which names the application identifier ``ai``, when there is no such
    day; 000229 is one only in a leap year.
    """
    try:
        return _read_date(raw, today)
    except CodeProblem as problem:
        raise CodeProblem(problem.code, **{**problem.params, "ai": ai}) from None


@lru_cache(maxsize=1024)
def _read_date(raw: str, today: date) -> CodeDate:
    lint_yymmd0(raw[:6])
    at = None
    if len(raw) > 6:
        lint_hhmi(raw[6:])
        at = time(int(raw[6:8]), int(raw[8:10]))
    year, month, day = full_year(int(raw[:2]), today), int(raw[2:4]), int(raw[4:6])
    if not MINYEAR <= year <= MAXYEAR:
        raise CodeProblem("bad_year", position=1, found=raw[:2])
    last = monthrange(year, month)[1]
    if day > last:
        raise CodeProblem("bad_day", position=5, found=raw[4:6])
    if day == 0:
        return CodeDate(date(year, month, last), "month", raw, at)
    return CodeDate(date(year, month, day), "day", raw, at)


def write_date(on: date, precision: Literal["day", "month"] = "day") -> str:
    """YYMMDD, with day 00 when only the month is meant."""
    return f"{on:%y%m}" + (f"{on:%d}" if precision == "day" else "00")
