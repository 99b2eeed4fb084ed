"""Days and moments of daily work: what is planned or happened lies near today."""

from datetime import date

from traceward.kernel.base.refusals import InvalidInput, sentence

YEARS_BACK, YEARS_AHEAD = 1, 5
DAYS = 366


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
