"""Days as people and labels write them: 2027-05-31, 2027年5月, 20270531, 270531, 2027-05.

A label may know the month or the year only. As GS1 has it (day 00), an expiry is then the last day
of that; a day of making is the first, since what is counted from it shall not come out too late.
What may be two days is not guessed.
"""

import re
import unicodedata
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from traceward.kernel.base.gs1.dates import full_year
from traceward.kernel.base.refusals import Phrase, phrase, sentence
from traceward.web.kit.frames import in_a_page
from traceward.web.visitors import visitor_of

#: Arguments that labels may know by their month only, by area; whether they end something.
COARSE = {"production.expires_on": True, "production.made_on": False}
#: The argument beside a day that says how exactly it is known.
PRECISION = "expiry_precision"
DAY, MONTH, YEAR = "day", "month", "year"
APART = re.compile(r"(\d{4})[-/.年](?:(\d{1,2})(?:[-/.月](?:(\d{1,2})日?)?)?)?")
NO_DAY = sentence("it is no day; write 2027-05-31, or 2027-05 where the label names the month only")
NO_SUCH_DAY = sentence("there is no such day")
WHOLE_DAY = sentence("a whole day is needed, such as 2027-05-31")
TWO_DAYS = sentence("it may be {first} or {second}; write it with hyphens")


@dataclass(frozen=True)
class Read:
    """A day that was typed, and how exactly."""

    on: date
    precision: str = DAY


def read_day(text: str, today: date, *, is_end: bool | None = None) -> Read | Phrase:
    """The day that was meant, or why it is none; `is_end` is None where a month is not enough."""
    plain = unicodedata.normalize("NFKC", text).strip()
    found = _apart(plain) or _digits(plain, today)
    if not found:
        return phrase(NO_DAY)
    read = [one for parts in found if (one := _made(*parts, is_end=is_end is not False))]
    if not read:
        return phrase(NO_SUCH_DAY)
    if len(read) > 1:
        return phrase(TWO_DAYS, first=_told(read[0]), second=_told(read[1]))
    if is_end is None and read[0].precision != DAY:
        return phrase(WHOLE_DAY)
    return read[0]


Parts = tuple[int, int, int]


def _apart(text: str) -> list[Parts]:
    whole = APART.fullmatch(text)
    return [(int(whole[1]), int(whole[2] or 0), int(whole[3] or 0))] if whole else []


def _digits(text: str, today: date) -> list[Parts]:
    """Digits only: a year, year and month, or a day with the year's century or without."""
    if not (text.isascii() and text.isdecimal()):
        return []
    if len(text) == 4:
        return [(int(text), 0, 0)]
    if len(text) == 8:
        return [(int(text[:4]), int(text[4:6]), int(text[6:]))]
    if len(text) != 6:
        return []
    label = (full_year(int(text[:2]), today), int(text[2:4]), int(text[4:]))
    month = (int(text[:4]), int(text[4:]), 0)
    near = 1950 <= month[0] <= today.year + 50 and month[1] >= 1
    return [label, month] if near else [label]


def _made(year: int, month: int, day: int, *, is_end: bool) -> Read | None:
    if not (1900 <= year <= 2200 and month <= 12):
        return None
    if month == 0:
        return None if day else Read(date(year, 12, 31) if is_end else date(year, 1, 1), YEAR)
    last = monthrange(year, month)[1]
    if day == 0:
        return Read(date(year, month, last if is_end else 1), MONTH)
    return Read(date(year, month, day)) if day <= last else None


def _told(read: Read) -> str:
    return f"{read.on:%Y-%m-%d}" if read.precision == DAY else f"{read.on:%Y-%m}"


@in_a_page
def show_day(request: HttpRequest) -> HttpResponse:
    """What a day that is being typed means."""
    to, text = visitor_of(request), request.GET.get("~text", "")
    area = request.GET.get("~verb", "").partition(".")[0]
    is_end = COARSE.get(f"{area}.{request.GET.get('~path', '').rpartition('.')[2]}")
    read = read_day(text, to.today, is_end=is_end) if text.strip() else None
    is_plain = isinstance(read, Read) and f"{read.on:%Y-%m-%d}" == text.strip()
    context = {"read": None if is_plain or isinstance(read, dict) else read}
    return render(request, "tw/day.html", context)
