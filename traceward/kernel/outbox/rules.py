"""What webhooks decide: which events they want, when to try again, when to give up. Pure."""

import re
from datetime import timedelta
from fnmatch import fnmatchcase

MAX_PATTERNS = 50
PATTERN = re.compile(r"\*|[a-z]+\.(\*|[a-z_]+(\.(\*|[A-Za-z]+))?)|\*(\.\*)?\.[A-Z][A-Za-z]*")

#: An event is tried so often, over some twenty hours, and then parked.
MAX_ATTEMPTS = 10
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=6)
#: After so many failures in a row the whole webhook rests between attempts, too.
RESTS_AFTER = 5
LONGEST_REST = timedelta(minutes=5)
#: A webhook at which nothing came through for so long is paused.
GIVES_UP_AFTER = timedelta(hours=12)
#: How long an answer may ask us to wait.
LONGEST_WISH = timedelta(hours=1)
GONE = 410


def is_pattern(text: str) -> bool:
    """Whether it is `*`, `area.*`, `area.verb.*`, a whole name, or `*.EventName`."""
    return len(text) <= 150 and PATTERN.fullmatch(text) is not None


def is_wanted(name: str, patterns: list[str]) -> bool:
    """Whether one of the patterns matches the event's full name, verb.EventName."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def is_delivered(status: int) -> bool:
    """Whether the answer says that the consumer has the event."""
    return 200 <= status < 300


def pause_after(attempts: int, chance: float, wish: float = 0.0) -> timedelta:
    """How long to wait after so many failed attempts: ever longer, by four, ±20 % by chance.

    `chance` is from 0 to 1; `wish` are the seconds that the answer asked for (Retry-After).
    """
    plain = min(FIRST_PAUSE * 4 ** min(attempts - 1, 10), LONGEST_PAUSE)
    asked = min(timedelta(seconds=wish), LONGEST_WISH)
    return max(plain * (0.8 + 0.4 * chance), asked)


def rest_after(failures: int) -> timedelta | None:
    """How long the webhook rests after so many failures in a row; None where it does not."""
    if failures < RESTS_AFTER:
        return None
    return min(FIRST_PAUSE * 2 ** min(failures - RESTS_AFTER, 10), LONGEST_REST)
