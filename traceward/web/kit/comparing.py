"""What a task asks for, and which part of a scanned label differs from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from traceward.domain.stock.rules import normalised

if TYPE_CHECKING:
    from traceward.domain.warehousing.scanning.lookup import GoodsFound

#: The parts of a GS1 label, by what they say; in the order in which one looks.
SAID = {
    "01": "item", "02": "item", "8006": "item", "10": "lot", "21": "serial", "17": "expires",
}  # fmt: skip
ORDER = ("item", "lot", "serial", "expires")


@dataclass(frozen=True)
class Wanted:
    """One line of a task, as plain data: a browser can hold it."""

    id: int
    item: str
    name: str
    quantity: int
    done: int = 0
    place: str = ""
    lot: str = ""
    serial: str = ""
    expires_on: date | None = None
    unit: str = ""
    #: In words: "2–8 ℃".
    storage: str = ""
    is_cold: bool = False
    #: What is told besides: who announced it, where it goes.
    under: str = ""
    #: The box that it is in; what it is, to compare with.
    box: str = ""
    item_id: int = 0
    lot_id: int | None = None
    serial_id: int | None = None
    #: The number of the line in its document.
    number: int = 0
    #: The label of its packs as the papers have it, where it comes in a box.
    codes: tuple[str, ...] = ()

    @property
    def left(self) -> int:
        return max(self.quantity - self.done, 0)


@dataclass(frozen=True)
class Compared:
    """The nearest line, what of the label differs from it, and what it says instead."""

    line: Wanted
    wrong: tuple[str, ...]
    #: By what differs, how the label has it and how the line has it.
    scanned: Mapping[str, str]
    right: Mapping[str, str]

    @property
    def is_enough(self) -> bool:
        """Whether it fits, and all of it was scanned already."""
        return not self.wrong and not self.line.left

    def marks(self, parts: Sequence[tuple[str, str]]) -> tuple[tuple[str, str, str], ...]:
        """Each part of the label: "ok", "no", or "" where the line does not say it."""
        return tuple((ai, value, self._mark(SAID.get(ai, ""))) for ai, value in parts)

    def _mark(self, what: str) -> str:
        if what in self.wrong:
            return "no"
        if "item" in self.wrong:
            return ""
        return "ok" if self.right.get(what) else ""


def compare(
    lines: Sequence[Wanted], at: int, goods: "GoodsFound", said: Mapping[str, str]
) -> Compared | None:
    """The line that differs least: of those one that is open, and the one that is asked for."""
    found = [_compared(one, goods, said) for one in lines]
    return min(
        found,
        key=lambda one: (
            [what in one.wrong for what in ORDER],
            not one.line.left,
            one.line.id != at,
        ),
        default=None,
    )


def _compared(line: Wanted, goods: "GoodsFound", said: Mapping[str, str]) -> Compared:
    day = str(line.expires_on or "")
    scanned = {
        "item": goods.item_code,
        "lot": goods.lot,
        "serial": goods.serial,
        "expires": said.get("17", ""),
    }
    right = {"item": line.item, "lot": line.lot, "serial": line.serial, "expires": day}
    if line.item_id != goods.item_id:
        return Compared(line, ("item",), scanned, right)
    differs = {
        "lot": normalised(line.lot) != normalised(goods.lot),
        "serial": normalised(line.serial) != normalised(goods.serial),
        "expires": not day.startswith(scanned["expires"]),
    }
    wrong = tuple(what for what in ORDER[1:] if differs[what] and right[what] and scanned[what])
    return Compared(line, wrong, scanned, right)
