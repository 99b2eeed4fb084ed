"""Working days: Monday to Friday without the public holidays."""

from collections.abc import Iterator
from datetime import date, timedelta

#: First and last day of each holiday, as the calendar of those years has them.
HOLIDAYS = (
    (date(2025, 5, 31), date(2025, 6, 2)),
    (date(2025, 10, 1), date(2025, 10, 8)),
    (date(2026, 1, 1), date(2026, 1, 3)),
    (date(2026, 2, 15), date(2026, 2, 23)),
    (date(2026, 4, 4), date(2026, 4, 6)),
    (date(2026, 5, 1), date(2026, 5, 5)),
    (date(2026, 6, 19), date(2026, 6, 21)),
    (date(2026, 9, 25), date(2026, 9, 27)),
    (date(2026, 10, 1), date(2026, 10, 7)),
)


def is_working(day: date) -> bool:
    return day.weekday() < 5 and not any(first <= day <= last for first, last in HOLIDAYS)


def working(day: date) -> date:
    """This day, or the first working day after it."""
    while not is_working(day):
        day += timedelta(days=1)
    return day


def later(day: date, count: int) -> date:
    """So many working days after the day."""
    for _ in range(count):
        day = working(day + timedelta(days=1))
    return day


def earlier(day: date, count: int) -> date:
    """So many working days before the day."""
    for _ in range(count):
        day -= timedelta(days=1)
        while not is_working(day):
            day -= timedelta(days=1)
    return day


def between(first: date, last: date) -> Iterator[date]:
    """The working days from the first to the last."""
    day = working(first)
    while day <= last:
        yield day
        day = working(day + timedelta(days=1))
