"""Pure decisions about stock: what makes a lot the same lot, when it expires."""

import unicodedata
from datetime import date, datetime
from typing import NamedTuple


class Leg(NamedTuple):
    """One movement to be posted, from → to; quantities in base units, ids of rows."""

    code: int
    item_id: int
    lot_id: int | None
    serial_id: int | None
    quantity: int
    from_place_id: int
    from_status: int
    from_owner_id: int
    to_place_id: int
    to_status: int
    to_owner_id: int
    from_container_id: int | None = None
    to_container_id: int | None = None
    document_id: int | None = None
    line_id: int | None = None
    reverses_id: int | None = None
    di: str | None = None
    reason: str | None = None

    def mirrored(self, move_id: int, code: int, reason: str) -> "Leg":
        """The leg that takes this one back."""
        return self._replace(
            code=code,
            from_place_id=self.to_place_id,
            from_status=self.to_status,
            from_owner_id=self.to_owner_id,
            from_container_id=self.to_container_id,
            to_place_id=self.from_place_id,
            to_status=self.from_status,
            to_owner_id=self.from_owner_id,
            to_container_id=self.from_container_id,
            reverses_id=move_id,
            reason=reason,
        )


class BalanceKey(NamedTuple):
    """What tells one balance from another."""

    item_id: int
    lot_id: int | None
    place_id: int
    status: int
    owner_id: int
    serial_id: int | None = None
    container_id: int | None = None


class Promise(NamedTuple):
    """A change of the quantity promised to a demand line from one balance."""

    line_id: int
    key: BalanceKey
    change: int
    #: Until when it holds; null: as the posting says, or for good.
    expires_at: datetime | None = None


class Edge(NamedTuple):
    """An input that went into an output, with the quantity of the input."""

    input_lot_id: int | None
    input_serial_id: int | None
    output_lot_id: int | None
    output_serial_id: int | None
    quantity: int


def normalised(number: str) -> str:
    """The number by which two spellings are the same lot or serial: NFKC, upper case, trimmed.

    NFKC again after the upper case, which takes some letters apart.
    """
    upper = unicodedata.normalize("NFKC", number).upper()
    return unicodedata.normalize("NFKC", upper).strip()


def is_same_expiry(said: date | None, precision: str, known: date | None) -> bool:
    """Whether a label that says this can be of a lot that is known with that day.

    A label that names the month only agrees with any day in it; one that says nothing, with all.
    """
    if said is None or said == known:
        return True
    if known is None or precision != "month":
        return False
    return (said.year, said.month) == (known.year, known.month)


def is_expired(expires_on: date | None, today: date) -> bool:
    """Usable through the day of expiry, shut from the next one on."""
    return expires_on is not None and expires_on < today
