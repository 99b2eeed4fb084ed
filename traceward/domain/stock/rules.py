"""Pure decisions about stock: what makes a lot the same lot, when it expires."""

import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, NamedTuple

from traceward.kernel.base.worded import Worded

#: The stored quality statuses in words: 待验, 合格, 不合格.
STATUSES = Worded({1: "pending inspection", 2: "qualified", 3: "rejected"})
#: Why goods moved, in words.
CODES = Worded(
    {
        1: "receive",
        2: "put away",
        3: "move",
        4: "pick",
        5: "pack",
        6: "ship",
        7: "deliver",
        8: "use",
        9: "consume",
        10: "produce",
        11: "release",
        12: "reject",
        13: "adjust in",
        14: "adjust out",
        15: "return from customer",
        16: "return to supplier",
        17: "destroy",
        18: "reverse",
        19: "transfer",
        20: "write off",
    }
)
StatusWord = Annotated[int, STATUSES]
CodeWord = Annotated[int, CODES]


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

    @classmethod
    def between(
        cls,
        code: int,
        source: "BalanceKey",
        target: "BalanceKey",
        quantity: int,
        *,
        document_id: int | None = None,
        line_id: int | None = None,
        di: str | None = None,
        reason: str = "",
    ) -> "Leg":
        """So much of one balance becomes another's; a long reason is cut."""
        return cls(
            code=code,
            item_id=source.item_id,
            lot_id=source.lot_id,
            serial_id=source.serial_id,
            quantity=quantity,
            from_place_id=source.place_id,
            from_status=source.status,
            from_owner_id=source.owner_id,
            from_container_id=source.container_id,
            to_place_id=target.place_id,
            to_status=target.status,
            to_owner_id=target.owner_id,
            to_container_id=target.container_id,
            document_id=document_id,
            line_id=line_id,
            di=di,
            reason=reason[:300] or None,
        )

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
    status: StatusWord
    owner_id: int
    serial_id: int | None = None
    container_id: int | None = None

    @classmethod
    def of(cls, row: Any) -> "BalanceKey":
        """The key of what has these columns: a balance, a line of goods that stand somewhere."""
        return cls(*(getattr(row, name) for name in cls._fields))


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
    if number.isascii():  # as nearly all are; NFKC leaves them as they stand
        return number.upper().strip()
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


def warning_days(days: list[int], percents: list[int], shelf_life_days: int | None) -> list[int]:
    """Days before the last usable one on which a lot is warned about, the most urgent first.

    Shares of the shelf life count instead of days, where they are given and it is known. # INV-07
    """
    if percents and shelf_life_days:
        return sorted({shelf_life_days * percent // 100 for percent in percents})
    return sorted(set(days))


def step_of(days_left: int, steps: list[int]) -> int | None:
    """The most urgent step that is reached; a lot whose last day is today has no days left."""
    return next((step for step in steps if days_left <= step), None)


class Level(NamedTuple):
    """What is usable of an item at a site, held against its limits; 0 is no limit. # INV-11"""

    usable: int
    minimum: int
    maximum: int

    @property
    def lacking(self) -> int:
        """Below the minimum: so much is missing up to it."""
        return max(self.minimum - self.usable, 0)

    @property
    def surplus(self) -> int:
        """Above the maximum, or what a site without one has above its minimum."""
        return max(self.usable - (self.maximum or self.minimum), 0)

    @property
    def is_above(self) -> bool:
        return 0 < self.maximum < self.usable


def lasts_days(usable: int, used: int, days: int) -> int | None:
    """So many whole days it lasts, used up as in the last `days`; None: nothing was used."""
    return usable * days // used if used > 0 else None


def proposed(level: Level, others: Mapping[int, Level]) -> tuple[int, int | None]:
    """What to do about it: so many, and from or to which other site; none: buy, or nothing.

    Below the minimum the site with most to spare gives, and what none has is bought, up to the
    maximum; above the maximum the site that lacks most gets.
    """
    if level.lacking:
        giver = max(others, key=lambda site: (others[site].surplus, -site), default=None)
        if giver is not None and others[giver].surplus:
            return min(level.lacking, others[giver].surplus), giver
        return max(level.maximum - level.usable, level.lacking), None
    taker = max(others, key=lambda site: (others[site].lacking, -site), default=None)
    if taker is None or not others[taker].lacking:
        return 0, None
    return min(level.surplus, others[taker].lacking), taker
