"""Whether an inspection can be decided, and how; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Share:
    """So much of what stands at one place is accepted, so much rejected; base units."""

    place_id: int
    accepted: int
    rejected: int
    serial_id: int | None = None
    container_id: int | None = None


def missing_checks(required: Iterable[str], found: Mapping[str, bool]) -> list[str]:
    """The required checks without a result."""
    return [name for name in required if name not in found]


def failed_checks(found: Mapping[str, bool]) -> list[str]:
    """The checks whose last result is not passed."""
    return sorted(name for name, is_passed in found.items() if not is_passed)


def totals(shares: Sequence[Share]) -> tuple[int, int]:
    """Accepted and rejected over all shares."""
    return sum(s.accepted for s in shares), sum(s.rejected for s in shares)


def bad_share(shares: Sequence[Share]) -> int | None:
    """The position of the first share that decides about nothing, or about less than nothing."""
    for n, share in enumerate(shares):
        if share.accepted < 0 or share.rejected < 0 or share.accepted + share.rejected == 0:
            return n
    return None
