"""What the story must come to, computed from the same two files by plain means.

Reads the codes with a few regular expressions of its own and knows nothing of the product: no
database, no Django, no GS1 library. `python -m tests.story.expected NOTICE ORDER` prints it.
"""

import calendar
import csv
import datetime
import json
import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

TODAY = datetime.date(2026, 11, 20)
MINIMUM_DAYS = 90
UNITS = {
    "09521000001015": ("ST-3018", 1),
    "19521000001012": ("ST-3018", 5),
    "09521000002029": ("TN-0050", 1),
    "09521000003033": ("PM-8800", 1),
}


def fields(code: str) -> dict[str, str]:
    """GTIN, lot, expiry and serial out of one of the three forms."""
    if code.startswith("http"):
        found = dict(re.findall(r"/(01|10|21)/([^/?]+)", code))
        found.update(re.findall(r"[?&](17)=(\d{6})", code))
        return found
    if code.startswith("("):
        return dict(re.findall(r"\((\d\d)\)([^(]+)", code))
    text = code[3:]
    found = {}
    while text:
        ai, text = text[:2], text[2:]
        size = {"01": 14, "17": 6}.get(ai)
        if size is None:
            found[ai], _, text = text.partition("\x1d")
        else:
            found[ai], text = text[:size], text[size:]
    return found


def last_day(yymmdd: str) -> datetime.date:
    year, month, day = 2000 + int(yymmdd[:2]), int(yymmdd[2:4]), int(yymmdd[4:])
    return datetime.date(year, month, day or calendar.monthrange(year, month)[1])


def expected(notice: Path, order: Path) -> dict[str, Any]:
    stock: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    expiry: dict[tuple[str, str], datetime.date] = {}
    with notice.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            read = fields(row["scan"])
            item, units = UNITS[read["01"]]
            stock[item][read["10"]] += units * int(row["packs"])
            expiry[item, read["10"]] = last_day(read["17"])
    received = {lot: quantity for lots in stock.values() for lot, quantity in lots.items()}
    allocated: dict[str, dict[str, int]] = {}
    shipped = short = 0
    with order.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            item, left = UNITS[row["gtin"]][0], int(row["quantity"])
            lots = sorted(stock[item], key=lambda lot: (expiry[item, lot], lot))
            got: dict[str, int] = {}
            for lot in lots:
                is_long = (expiry[item, lot] - TODAY).days >= MINIMUM_DAYS
                part = min(left, stock[item][lot]) if is_long else 0
                if part:
                    got[lot] = part
                    stock[item][lot] -= part
                    left -= part
            allocated[row["gtin"]] = got
            shipped += sum(got.values())
            short += left
    return {
        "received": sum(received.values()),
        "lots_received": dict(sorted(received.items())),
        "released": sum(received.values()),
        "allocated": allocated,
        "short": short,
        "shipped": shipped,
    }


if __name__ == "__main__":
    print(json.dumps(expected(Path(sys.argv[1]), Path(sys.argv[2])), indent=1))
