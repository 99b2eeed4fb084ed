"""The two files that the story runs on: a supplier's shipping notice and a hospital's order."""

import csv
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from traceward.kernel.base.refusals import InvalidInput, sentence

FOLDER = Path(__file__).parent / "data"
MAX_BYTES = 2_000_000


@dataclass(frozen=True)
class NoticeLine:
    """A pack's code as the supplier's file has it, and how many such packs come."""

    scan: str
    packs: int


@dataclass(frozen=True)
class Notice:
    delivery_note: str
    lines: list[NoticeLine]


@dataclass(frozen=True)
class OrderLine:
    gtin: str
    quantity: int
    unit_price: Decimal


@dataclass(frozen=True)
class Order:
    customer_reference: str
    lines: list[OrderLine]


def read_notice(path: Path) -> Notice:
    """The notice; a line that cannot be read is refused with its number."""
    rows = _rows(path, ("delivery_note", "scan", "packs"))
    lines = [
        NoticeLine(row["scan"], _whole(row["packs"], path, n, "packs"))
        for n, row in enumerate(rows, 2)
    ]
    return Notice(rows[0]["delivery_note"], lines)


def read_order(path: Path) -> Order:
    """The order; a line that cannot be read is refused with its number."""
    rows = _rows(path, ("customer_reference", "gtin", "quantity", "unit_price"))
    lines = [
        OrderLine(
            row["gtin"],
            _whole(row["quantity"], path, n, "quantity"),
            _price(row["unit_price"], path, n),
        )
        for n, row in enumerate(rows, 2)
    ]
    return Order(rows[0]["customer_reference"], lines)


def _rows(path: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    if not path.is_file() or path.stat().st_size > MAX_BYTES:
        raise InvalidInput(
            sentence("{file} is no file of at most {limit} bytes."), file=str(path), limit=MAX_BYTES
        )
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [c for c in columns if c not in (reader.fieldnames or ())]
            rows = list(reader)
    except (UnicodeDecodeError, csv.Error):
        raise InvalidInput(
            sentence("{file} cannot be read as CSV in UTF-8. Save it as such and try again."),
            file=path.name,
        ) from None
    if missing or not rows:
        raise InvalidInput(
            sentence("{file} needs a header with {columns} and at least one line."),
            file=path.name,
            columns=", ".join(columns),
        )
    return rows


def _whole(text: str, path: Path, line: int, column: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 9):
        raise InvalidInput(
            sentence("{file}, line {line}: “{text}” is no whole number in {column}."),
            field=column,
            file=path.name,
            line=line,
            text=text,
            column=column,
        )
    return int(text)


def _price(text: str, path: Path, line: int) -> Decimal:
    try:
        price = Decimal(text)
    except InvalidOperation:
        price = Decimal(-1)
    if not price.is_finite() or price < 0:
        raise InvalidInput(
            sentence("{file}, line {line}: “{text}” is no price."),
            field="unit_price",
            file=path.name,
            line=line,
            text=text,
        )
    return price
