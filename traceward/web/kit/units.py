"""Quantities as people count them: “3 箱” is so many base units, by the item's packaging levels.

The command gets base units only. Which item is meant, the line says, or what stands above it; the
sum is shown before it is sent, and said again where it cannot be one.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from traceward.kernel.base.refusals import fill, sentence
from traceward.kernel.command.registry import REGISTRY
from traceward.resources import ids
from traceward.resources.kit import RESOURCES
from traceward.web.kit.frames import in_a_page
from traceward.web.kit.suggestions import known
from traceward.web.visitors import Visitor, visitor_of

#: Arguments that count base units of an item.
MEASURED = frozenset(
    {"quantity", "counted", "accepted", "rejected", "sample_quantity", "defective_quantity"}
)
ITEMS, LEVELS = "catalog.items", "catalog.packaging_levels"
SENT = "warehousing.shipment_lines"
#: What goods that are counted one by one are called; a single outer pack is both of the latter.
EACH = ("件", "pcs", "个", "pc", "piece", "pieces", "unit", "units", "each", "ea")
INNER = ("盒", "中包装", "box", "boxes", "inner", "inners")
OUTER = ("箱", "大包装", "case", "cases", "carton", "cartons")
MAX_LENGTH = 60
PART = re.compile(r"\s*([\d,]+(?:\.\d+)?)\s*([^\d\s.,+]+)\s*[+，,]?")
CHOOSE_FIRST = sentence("Choose the goods first, or type the quantity in base units.")
NO_UNIT = sentence("“{unit}” is no unit of these goods. They come as {known}.")
NO_WHOLE = sentence("“{text}” are not whole packs. Type whole numbers: {known}.")


@dataclass(frozen=True)
class Unit:
    """A pack of the item, the words for it, and how many base units it holds."""

    words: tuple[str, ...]
    base_units: int

    def name(self, language: str) -> str:
        """How it is called in this language."""
        is_chinese = language.startswith("zh")
        return next((w for w in self.words if w.isascii() != is_chinese), self.words[0])

    def told(self, language: str) -> str:
        """Its name and what it holds."""
        held = f" ×{self.base_units:,}" if self.base_units > 1 else ""
        return f"{self.name(language)}{held}"


def units_of(item: Mapping[str, Any], levels: list[Mapping[str, Any]]) -> list[Unit]:
    """The item's packs from the base unit up."""
    sizes = [row["base_units"] for row in sorted(levels, key=lambda r: r["level"]) if row["level"]]
    unit = str(item["base_unit"])
    base = Unit(EACH if unit.upper() == "EA" else (unit.lower(),), 1)
    if len(sizes) == 1:
        return [base, Unit((*INNER, *OUTER), sizes[0])]
    named = [Unit((f"{n}级包装", f"level-{n}"), size) for n, size in enumerate(sizes, 1)]
    if named:
        named[0] = Unit((*INNER, *named[0].words), sizes[0])
        named[-1] = Unit((*OUTER, *named[-1].words), sizes[-1])
    return [base, *named]


@dataclass
class Units:
    """Reads quantities of one form; each item is looked up once."""

    verb: str
    to: Visitor
    known: dict[str, list[Unit]] = field(default_factory=dict)

    def of(self, path: str, given: Mapping[str, str]) -> list[Unit]:
        """The units of the goods that the line at this path is about; none where none is chosen."""
        item = self._item(path, given)
        if item and item not in self.known:
            rows = known(ITEMS, self.to, limit=1, id=item)
            levels = known(LEVELS, self.to, item_id=item) if rows else []
            self.known[item] = units_of(rows[0], levels) if rows else []
        return self.known.get(item, [])

    def _item(self, path: str, given: Mapping[str, str]) -> str:
        """The id of the item: of the line itself, else of what stands above it."""
        line = given.get(f"{path.rpartition('.')[0]}.line_number", "")
        shipment = re.match(r"#?(\d{1,18})(?:\s|$)", given.get("shipment_id", ""))
        if shipment and re.fullmatch(r"[0-9]{1,9}", line):
            where = {"shipment_id": shipment[1], "line_number": line}
            row = next(iter(known(SENT, self.to, limit=1, **where)), {})
            return str(row.get("item_id") or "")
        above = path
        while above:
            above = above.rpartition(".")[0]
            start = f"{above}." if above else ""
            beside = {
                name: text
                for name, text in given.items()
                if name.startswith(start) and "." not in name[len(start) :]
            }
            naming = {n: t for n, t in beside.items() if self._names_an_item(n)}
            for name, text in sorted(naming.items(), key=lambda pair: "item_id" not in pair[0]):
                if found := self._item_of(name, text):
                    return found
            if naming:
                return ""
        return ""

    def _list(self, path: str) -> str:
        return ids.list_of(path.rpartition(".")[2], self.verb.partition(".")[0]) or ""

    def _names_an_item(self, path: str) -> bool:
        name = self._list(path) if path.endswith("_id") else ""
        return name == ITEMS or (bool(name) and "item_id" in RESOURCES[name].columns)

    def _item_of(self, path: str, text: str) -> str:
        chosen = re.match(r"#?(\d{1,18})(?:\s|$)", text)
        if not chosen:
            return ""
        if self._list(path) == ITEMS:
            return chosen[1]
        row = next(iter(known(self._list(path), self.to, limit=1, id=chosen[1])), {})
        return str(row.get("item_id") or "")

    def read(self, path: str, text: str, given: Mapping[str, str]) -> tuple[int | None, str]:
        """The base units that the text says, or else why it says none."""
        plain = unicodedata.normalize("NFKC", text).strip()
        units, language = self.of(path, given), self.to.language
        if not units:
            return None, fill(CHOOSE_FIRST, {}, language)
        known_ = "、".join(u.told(language) for u in units) if language.startswith("zh") else None
        told = known_ or ", ".join(u.told(language) for u in units)
        total, at = Decimal(0), 0
        for part in PART.finditer(plain):
            unit = next((u for u in units if part[2].lower() in u.words), None)
            if part.start() != at or unit is None or len(plain) > MAX_LENGTH:
                break
            total += Decimal(part[1].replace(",", "")) * unit.base_units
            at = part.end()
        if at < len(plain):
            rest = (re.sub(r"^[\d\s,.]+", "", plain[at:]) or plain[at:]).strip()[:MAX_LENGTH]
            return None, fill(NO_UNIT, {"unit": rest, "known": told}, language)
        if total != int(total) or "." in plain:
            return None, fill(NO_WHOLE, {"text": text[:MAX_LENGTH], "known": told}, language)
        return int(total), ""


def has_unit(name: str, text: str) -> bool:
    """Whether a quantity was typed with a unit, which the command would not understand."""
    return name in MEASURED and re.search(r"\d\s*[^\d\s.,−-]", text) is not None


@in_a_page
def show_units(request: HttpRequest) -> HttpResponse:
    """What a quantity that is being typed comes to, and in which units it may be typed."""
    to, given = visitor_of(request), {name: str(text) for name, text in request.GET.items()}
    verb, path, text = (given.pop(name, "") for name in ("~verb", "~path", "~text"))
    units = Units(verb, to)
    found = units.of(path, given) if verb in REGISTRY and to.may(verb) else []
    total, problem = (
        units.read(path, text, given)
        if found and has_unit(path.rpartition(".")[2], text)
        else (None, "")
    )
    context = {
        "units": [(u.name(to.language), u.told(to.language)) for u in found] if found[1:] else [],
        "total": f"{total:,} {found[0].name(to.language)}" if total is not None else "",
        "problem": problem,
        "text": text,
    }
    return render(request, "tw/units.html", context)
