"""Holding what was scanned against what was announced; pure."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

#: What the label asks to be kept below this is cold chain: its journey must be on record.
COLD_BELOW_C = Decimal(15)


@dataclass(frozen=True)
class Scanned:
    """One code, with the base units that it stands for. Numbers are normalised, "" for none."""

    item_id: int
    quantity: int
    lot: str = ""
    serial: str = ""
    expires_on: date | None = None


@dataclass(frozen=True)
class Announced:
    """What one announced line still has to come; "" and None where it does not say."""

    line_id: int
    item_id: int
    open_quantity: int
    lot: str = ""
    serial: str = ""
    expires_on: date | None = None


@dataclass(frozen=True)
class Part:
    """So much of a scan belongs to this announced line."""

    scan: int
    line_id: int
    quantity: int


class Fault(StrEnum):
    ITEM = "item"
    LOT = "lot"
    SERIAL = "serial"
    EXPIRY = "expires_on"
    OVER = "quantity"


@dataclass(frozen=True)
class Contradiction:
    """A scan that does not agree: the field, what was announced and what was scanned."""

    scan: int
    fault: Fault
    announced: str
    scanned: str


def match(
    scans: Sequence[Scanned], lines: Sequence[Announced]
) -> tuple[list[Part], list[Contradiction]]:
    """Each scan in announced lines that agree with it, and every contradiction. # INB-02

    A scan may fill several lines of the same lot. More than was announced is a contradiction.
    """
    by_item: dict[int, list[Announced]] = defaultdict(list)
    for line in lines:
        by_item[line.item_id].append(line)
    still_open = {line.line_id: line.open_quantity for line in lines}
    parts: list[Part] = []
    faults: list[Contradiction] = []
    for n, scan in enumerate(scans):
        agreeing, fault = _agreeing(n, scan, by_item[scan.item_id])
        if fault is not None:
            faults.append(fault)
            continue
        rest = scan.quantity
        for line in agreeing:
            taken = min(rest, still_open[line.line_id])
            if taken:
                parts.append(Part(n, line.line_id, taken))
                still_open[line.line_id] -= taken
                rest -= taken
        if rest:
            due = scan.quantity - rest
            faults.append(Contradiction(n, Fault.OVER, str(due), str(scan.quantity)))
    return parts, faults


def _agreeing(
    n: int, scan: Scanned, lines: Sequence[Announced]
) -> tuple[list[Announced], Contradiction | None]:
    """The lines of the item that say the same, narrowed by lot, serial and expiry in turn."""
    if not lines:
        return [], Contradiction(n, Fault.ITEM, "", "")
    left = list(lines)
    for fault, name in ((Fault.LOT, "lot"), (Fault.SERIAL, "serial"), (Fault.EXPIRY, "expires_on")):
        said = getattr(scan, name)
        agreeing = [line for line in left if getattr(line, name) in ("", None, said)]
        if not agreeing:
            announced = sorted({str(getattr(line, name)) for line in left})
            more = ", …" if len(announced) > 3 else ""
            return [], Contradiction(n, fault, ", ".join(announced[:3]) + more, str(said or "—"))
        left = agreeing
    return left, None


def needs_cold_chain(storage_c_max: Decimal | None) -> bool:
    """Whether the journey's temperatures must be on record (GSP art. 63)."""
    return storage_c_max is not None and storage_c_max <= COLD_BELOW_C


def is_within(measured: Decimal, c_min: Decimal | None, c_max: Decimal | None) -> bool:
    """Whether a measured temperature is one the label allows."""
    return (c_min is None or measured >= c_min) and (c_max is None or measured <= c_max)
