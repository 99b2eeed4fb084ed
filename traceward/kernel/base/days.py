"""Days and moments of daily work: what is planned or happened lies near today."""

from datetime import date

from traceward.kernel.base.refusals import InvalidInput, sentence

YEARS_BACK, YEARS_AHEAD = 1, 5
DAYS = 366


def require_happened(day: date | None, today: date, field: str) -> None:
    """Refused where the day of what has happened is still to come, or is years ago."""
    if day is not None and day > today:
        raise InvalidInput(
            sentence("{day} lies in the future. Enter the day on which it happened."),
            field=field,
            day=str(day),
        )
    require_near(day, today, field)


def require_near(day: date | None, today: date, field: str) -> None:
    """Refused where the day is a slip of the hand: years away from when such work is done."""
    if day is None or -YEARS_BACK * DAYS <= (day - today).days <= YEARS_AHEAD * DAYS:
        return
    raise InvalidInput(
        sentence("{day} is more than {back} year before or {ahead} years after today. Correct it."),
        field=field,
        day=str(day),
        back=YEARS_BACK,
        ahead=YEARS_AHEAD,
    )
