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
    note = _same(rows, path, "delivery_note")
    return Notice(note, [NoticeLine(x["scan"], _whole(x, path, n, "packs")) for n, x in rows])


def read_order(path: Path) -> Order:
    """The order; a line that cannot be read is refused with its number."""
    rows = _rows(path, ("customer_reference", "gtin", "quantity", "unit_price"))
    lines = [
        OrderLine(x["gtin"], _whole(x, path, n, "quantity"), _price(x, path, n)) for n, x in rows
    ]
    return Order(_same(rows, path, "customer_reference"), lines)


Row = tuple[int, dict[str, str]]


def _rows(path: Path, columns: tuple[str, ...]) -> list[Row]:
    """Each row with the number of its line; all have the fields of the header, no more or less."""
    if not path.is_file():
        raise InvalidInput(
            sentence("{file} does not exist. Give the path of a file."), file=str(path)
        )
    if (size := path.stat().st_size) > MAX_BYTES:
        raise InvalidInput(
            sentence("{file} has {size} bytes; at most {limit} are read. Split it."),
            file=path.name,
            size=size,
            limit=MAX_BYTES,
        )
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [c for c in columns if c not in (reader.fieldnames or ())]
            rows = [(reader.line_num, row) for row in reader]
    except (UnicodeDecodeError, csv.Error):
        raise InvalidInput(
            sentence(
                "{file} cannot be read as CSV in UTF-8. In Excel, save it as “CSV UTF-8” and "
                "try again."
            ),
            file=path.name,
        ) from None
    if missing:
        raise InvalidInput(
            sentence(
                "{file} lacks the columns {missing}. Its first line must be {columns}, separated "
                "by commas."
            ),
            file=path.name,
            missing=", ".join(missing),
            columns=",".join(columns),
        )
    if not rows:
        raise InvalidInput(
            sentence("{file} has no line below its header. Enter at least one."), file=path.name
        )
    for line, row in rows:
        if None in row or None in row.values():
            raise InvalidInput(
                sentence(
                    "{file}, line {line}: there are more or fewer fields than in the header. "
                    "Put a text that has a comma in quotes."
                ),
                file=path.name,
                line=line,
            )
    return rows


def _same(rows: list[Row], path: Path, column: str) -> str:
    """What all lines say in the column; one file is one document."""
    first = rows[0][1][column]
    for line, row in rows:
        if not row[column].strip():
            raise InvalidInput(
                sentence("{file}, line {line}: {column} is empty. Enter it."),
                field=column,
                file=path.name,
                line=line,
                column=column,
            )
        if row[column] != first:
            raise InvalidInput(
                sentence(
                    "{file}, line {line}: {column} is “{text}”, but “{first}” before. Send one "
                    "file for each."
                ),
                field=column,
                file=path.name,
                line=line,
                column=column,
                text=row[column],
                first=first,
            )
    return first


def _whole(row: dict[str, str], path: Path, line: int, column: str) -> int:
    text = row[column]
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 9):
        raise InvalidInput(
            sentence(
                "{file}, line {line}: “{text}” in {column} is no whole number from 0 to 99999999. "
                "Correct it."
            ),
            field=column,
            file=path.name,
            line=line,
            text=text,
            column=column,
        )
    return int(text)


def _price(row: dict[str, str], path: Path, line: int) -> Decimal:
    text = row["unit_price"]
    try:
        price = Decimal(text)
    except InvalidOperation:
        price = Decimal(-1)
    if not price.is_finite() or price < 0:
        raise InvalidInput(
            sentence(
                "{file}, line {line}: “{text}” is no price in {column}. Write it like 6800.00."
            ),
            field="unit_price",
            file=path.name,
            line=line,
            text=text,
            column="unit_price",
        )
    return price
