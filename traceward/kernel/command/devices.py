"""What a device says with a request: which one it is, how its clock stands, when it happened."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from traceward.kernel.base.refusals import InvalidInput, sentence

MAX_NAME = 60
#: A clock that is off by more than a day is no clock.
MAX_OFFSET_MS = 86_400_000


@dataclass(frozen=True)
class Device:
    """Kept with every move of the request. # INV-01

    `clock_offset_ms` is the device's clock less ours, as it measured it; `happened_at` the moment
    in the world, corrected by the device. The ledger refuses the future, and what is more than
    15 minutes late: that is entered as back-dated, by who may, with a reason.
    """

    name: str = ""
    clock_offset_ms: int | None = None
    happened_at: datetime | None = None

    def plain(self) -> dict[str, Any]:
        """As it stands in the audit entry, and in the digest of the request."""
        known = {k: v for k, v in asdict(self).items() if v not in ("", None)}
        if self.happened_at is not None:
            known["happened_at"] = self.happened_at.isoformat()
        return known


def read_device(name: str, clock_offset_ms: str, happened_at: str) -> Device | None:
    """The device as a door was told of it in text; None where nothing was said."""
    if not (name or clock_offset_ms or happened_at):
        return None
    if len(name) > MAX_NAME or not name.isprintable():
        raise InvalidInput(
            sentence("A device has a name of at most {limit} characters."),
            field="device",
            limit=MAX_NAME,
        )
    return Device(name, _offset(clock_offset_ms), _moment(happened_at))


def _offset(text: str) -> int | None:
    if not text:
        return None
    digits = text.removeprefix("-")
    value = int(text) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None
    if value is None or abs(value) > MAX_OFFSET_MS:
        raise InvalidInput(
            sentence("The clock's offset is a whole number of milliseconds, within one day."),
            field="clock_offset_ms",
        )
    return value


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InvalidInput(
            sentence("Give the moment with its time zone."),
            field="happened_at",
        )
    return moment
