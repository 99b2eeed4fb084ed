"""One value of a row as a person reads it: a record by its name, a day with what is left of it.

A cell is named by a column or by the stem of several: "item" shows the columns item_id, item_code,
item_name_zh and item_name_en as one, the name over the code. "lot/expires_on" shows the second
name's value under the first one's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from traceward.kernel.base.refusals import fill, sentence, tell
from traceward.resources import labels
from traceward.resources.choices import values_of
from traceward.resources.kit import RESOURCES, Column, Resource
from traceward.resources.labels import Words
from traceward.web.kit.carriers import carrier_named
from traceward.web.kit.tones import tone_of
from traceward.web.visitors import Visitor

Row = Mapping[str, Any]
NONE = mark_safe('<span class="tw-t3 tw-none">—</span>')
#: Columns of a record behind a foreign key, the telling ones first.
TELLING = ("number", "raw_number", "registration_number", "code", "login", "di")
#: Days that end something, and are shown with how far away they are.
ENDINGS = frozenset({"expires_on", "lot_expires_on", "valid_until", "effective_until"})
SOON, NEAR = 30, 90
#: A text longer than this may take several lines.
LONG = 12
#: Which line of its document a row is.
LINE = "line_number"
#: What a sentence with its values is kept as.
PHRASE = frozenset({"sentence", "values"})
#: Lists of goods that stand: what they are is red once their day is past.
STANDING = frozenset({"stock.balances", "warehousing.taken_lines"})
OVER = sentence("Expired")
#: Moments that end a month.
MONTHS = frozenset({"closed_until"})
#: A yes or no of which no is a fault.
PASSING = frozenset(
    {
        *("is_passed", "is_appearance_good", "is_packaging_good", "is_expiry_good"),
        *("is_label_right", "is_flow_right", "is_monitoring_right", "is_clean", "is_protected"),
        *("is_intact", "is_package_intact"),
    }
)
#: Columns whose value is a state under another name.
STATES = frozenset(
    {
        *("stock.blocks.kind", "recalls.units.held_as", "recalls.drill_units.held_as"),
        *(f"stock.{name}.held_as" for name in ("balances", "lots", "serials")),
    }
)
#: "resource.column" → what the value says in words, where it depends on the row or is a duration;
#: None leaves it to its type.
WORDED: dict[str, Callable[[Row], str | None]] = {}
#: What has so many days left fills its bar.
YEAR = 365


@dataclass(frozen=True)
class Cell:
    """A column of a page: one name of the resource, perhaps with a second one under it."""

    resource: Resource
    name: str
    under: str = ""

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The resource's columns that are read for it."""
        return (*names_of(self.resource, self.name), *names_of(self.resource, self.under))

    @property
    def key(self) -> str:
        """As it is declared, and as a visitor's choice names it."""
        return f"{self.name}/{self.under}" if self.under else self.name

    @property
    def column(self) -> Column | None:
        """Its only column, where it is one."""
        return self.resource.columns.get(self.name)

    @property
    def is_yes_or_no(self) -> bool:
        return self.column is not None and self.column.type is bool

    @property
    def is_number(self) -> bool:
        found = self.column
        return (
            found is not None
            and not self.under
            and found.type in (int, float, Decimal)
            and not values_of(self.resource, found)
        )

    @property
    def sort(self) -> str:
        """The column that the page sorts by for it; empty where there is none."""
        for name in names_of(self.resource, self.name):
            found = self.resource.columns[name]
            if found.is_sortable and not (name.endswith("_id") and len(self.names) > 1):
                return name
        return ""

    def label(self, language: str) -> str:
        names = filter(None, (self.name, self.under))
        return " / ".join(said(self.resource, name).in_language(language) for name in names)

    def html(self, row: Row, to: Visitor) -> SafeString:
        first = show(self.resource, self.name, row, to)
        if not self.under:
            return first
        second = beneath(self.resource, self.under, row, to)
        if second == NONE:
            return first
        return format_html('{}<div class="tw-sm tw-t3">{}</div>', first, second)

    def text(self, row: Row, to: Visitor) -> str:
        """As a title, an export or a reader's voice has it."""
        return plain(self.resource, self.name, row, to)


def said(resource: Resource, name: str) -> Words:
    """What the column or record is called in this list."""
    if name == "name" and f"{resource.name}.name" not in labels.NAMES:
        return labels.of_column("name")
    return labels.of_column(f"{resource.name}.{names_of(resource, name)[0]}")


def cells_of(resource: Resource, declared: tuple[str, ...]) -> tuple[Cell, ...]:
    """The cells of these names; of all that is worth showing where none are declared."""
    found = declared or tuple(stems_of(resource))
    return tuple(Cell(resource, *name.split("/")) for name in found)


def stems_of(resource: Resource) -> dict[str, None]:
    """What there is to show, in order: columns, and records by their stem."""
    stems: dict[str, None] = {}
    for name in resource.columns:
        if name not in ("id", "uid", "version", "sort_key", "path"):
            stems[stem_of(resource, name)] = None
    return stems


def telling(resource: Resource, *left_out: str) -> tuple[str, ...]:
    """What rows show where nothing is declared: neither what is left out nor bare ids; of a line
    first its document."""
    found = [
        name
        for name in stems_of(resource)
        if name not in left_out and names_of(resource, name) != (f"{name}_id",)
    ]
    if found[:1] == [LINE] and f"{found[1]}_number" in resource.columns:
        found[:2] = [f"{found[1]}/{LINE}"]
    return tuple(found)


def stem_of(resource: Resource, name: str) -> str:
    """The stem that shows this column; its own name where it stands alone."""
    if name in ("name_zh", "name_en"):
        return "name"
    for stem in _stems(resource):
        rest = name.removeprefix(f"{stem}_")
        if rest != name and rest in ("id", *TELLING, "name_zh", "name_en"):
            return stem
    return name


def _stems(resource: Resource) -> list[str]:
    """Stems of the records behind foreign keys, the longest first."""
    found = [name.removesuffix("_id") for name in resource.columns if name.endswith("_id")]
    return sorted(found, key=len, reverse=True)


def names_of(resource: Resource, name: str) -> tuple[str, ...]:
    """The columns behind a cell's name."""
    if not name:
        return ()
    if name in resource.columns:
        return (name,)
    parts: tuple[str, ...] = ("id", *TELLING, "name_zh", "name_en")
    if f"{name}_id" not in resource.columns:  # a record of any kind, known by its uid
        parts = (*parts, "kind", "uid")
    found = tuple(n for part in parts if (n := f"{name}_{part}") in resource.columns)
    if name == "name":
        found = tuple(n for n in ("name_zh", "name_en") if n in resource.columns)
    if not found:
        raise ValueError(f"{resource.name} has no column or record called {name}")
    return found


def show(resource: Resource, name: str, row: Row, to: Visitor) -> SafeString:
    """The value, or record, of this name in the row."""
    column = resource.columns.get(name)
    if column is None:
        return _record(resource, name, row, to)
    if (told := _worded(resource, name, row)) is not None:
        return format_html("{}", told)
    if name == "status" and resource.name in STANDING and is_over(row, to):
        return over(to)
    return value(resource, column, row.get(name), to)


def _worded(resource: Resource, name: str, row: Row) -> str | None:
    give = WORDED.get(f"{resource.name}.{name}")
    return None if give is None or row.get(name) is None else give(row)


def is_over(row: Row, to: Visitor) -> bool:
    """Whether the day of the goods is past."""
    return any(isinstance(day := row.get(n), date) and day < to.today for n in ENDINGS)


def over(to: Visitor) -> SafeString:
    """The state of goods whose day is past, whatever was decided about them."""
    return format_html('<span class="tw-tag tw-dot tw-bad">{}</span>', fill(OVER, {}, to.language))


def beneath(resource: Resource, name: str, row: Row, to: Visitor) -> SafeString:
    """The same in one line, where it stands under another."""
    if name in resource.columns:
        return show(resource, name, row, to)
    own, code = _named(name, row, to)
    shown = code or own
    return format_html('<span class="tw-code">{}</span>', shown) if shown else NONE


def plain(resource: Resource, name: str, row: Row, to: Visitor) -> str:
    """The same without markup."""
    if name in resource.columns:
        if (told := _worded(resource, name, row)) is not None:
            return told
        found = resource.columns[name]
        return text(resource, found, row.get(name), to)
    return " ".join(dict.fromkeys(filter(None, _named(name, row, to))))


def called_by(resource: Resource, title: str, row: Row, to: Visitor) -> str:
    """The row's own name, or its party's, where the title does not say it."""
    stems = stems_of(resource)
    shown = (plain(resource, name, row, to) for name in ("name", "party") if name in stems)
    found = next((one for one in shown if one and one != "—"), "")
    return "" if found in title else found


def _named(stem: str, row: Row, to: Visitor) -> tuple[str, str]:
    """Name and code of the record."""
    first, second = row.get(f"{stem}_name_zh"), row.get(f"{stem}_name_en")
    if stem == "name":
        first, second = row.get("name_zh"), row.get("name_en")
    if not to.language.startswith("zh"):
        first, second = second, first
    code = next((row[n] for part in TELLING if row.get(n := f"{stem}_{part}")), "")
    return str(first or second or ""), str(code or "")


def _record(resource: Resource, stem: str, row: Row, to: Visitor) -> SafeString:
    name, code = _named(stem, row, to)
    address = address_of(resource, stem, row, to)
    shown = name or code or str(row.get(f"{stem}_id") or "")
    if not shown:
        return NONE
    css = ("tw-who" if stem.endswith("_by") else "tw-name") if name else "tw-code"
    if address:
        first = format_html('<a class="tw-lnk {}" href="{}">{}</a>', css, address, shown)
    else:
        first = format_html('<span class="{}">{}</span>', css, shown)
    if not name or not code or name == code or stem.endswith("_by"):
        return first
    return format_html('{}<div class="tw-sm tw-t3 tw-code">{}</div>', first, code)


def address_of(resource: Resource, stem: str, row: Row, to: Visitor) -> str:
    """The page of the record behind the foreign key; empty where the visitor may not open it."""
    column = resource.columns.get(f"{stem}_id")
    key = row.get(f"{stem}_id" if column else f"{stem}_uid")
    if not key:
        return ""
    kind = str(row.get(f"{stem}_kind") or "")
    target = name_of(column.field.related_model) if column else labels.list_of_kind(kind)
    return f"/{target.replace('.', '/')}/{key}" if target and to.may(target) else ""


def name_of(model: Any) -> str:
    """The resource whose pages show rows of this model; empty where there is none."""
    return next((r.name for r in RESOURCES.values() if r.model is model), "")


def value(resource: Resource, column: Column, found: Any, to: Visitor) -> SafeString:
    """A single value, marked up by what it is."""
    if found is None or found == "":
        return NONE
    if isinstance(found, dict) and set(found) == PHRASE:
        return format_html("{}", tell(found, to.language))
    if isinstance(found, dict):
        return _parts(f"{resource.name}.{column.name}", found, to)
    shown = text(resource, column, found, to)
    if found is False and column.name in PASSING:
        return format_html('<span class="tw-tag tw-dot tw-bad">{}</span>', shown)
    if is_state(resource.name, column.name):
        tone = tone_of(str(found), resource.name)
        return format_html('<span class="tw-tag tw-dot {}">{}</span>', tone, shown)
    if column.name in ENDINGS and isinstance(found, date):
        return ending(found, shown, to)
    if isinstance(found, date | datetime) or column.name.endswith(("code", "number", "uid", "id")):
        return format_html('<span class="tw-code">{}</span>', shown)
    if isinstance(found, str) and "\n" in shown.strip():
        return format_html('<span class="tw-as-written">{}</span>', shown.strip())
    is_long = isinstance(found, str) and len(shown) > LONG
    return format_html('<span class="tw-said">{}</span>' if is_long else "{}", shown)


def is_state(within: str, name: str) -> bool:
    """Whether a value of this name says how things stand, and has a colour."""
    is_named = name in ("state", "status") or name.endswith(("_state", "_status"))
    return is_named or f"{within}.{name}" in STATES


def ending(found: date, shown: str, to: Visitor) -> SafeString:
    """A day that ends something, and how far away it is."""
    days = (found - to.today).days
    tone = "bad" if days < SOON else "warn" if days < NEAR else "ok"
    left = f"{days:,} 天" if to.language.startswith("zh") else f"{days:,} d"
    return format_html(
        '<span class="tw-code">{}</span><div class="tw-left tw-sm"><span class="tw-bar">'
        '<i class="tw-{} tw-w{}"></i></span><b class="{}">{}</b></div>',
        shown,
        tone,
        min(max(days * 10 // YEAR, 0), 10),
        f"tw-c-{tone}" if tone != "ok" else "tw-t3",
        left.replace("-", "−"),
    )


def text(resource: Resource, column: Column, found: Any, to: Visitor) -> str:
    """The value in the visitor's language and time zone."""
    if found is None or found == "":
        return "—"
    if isinstance(found, bool):
        return labels.of_value(column.name, found).in_language(to.language)
    if isinstance(found, datetime) and column.name in MONTHS:
        return _month(found, to)
    if isinstance(found, datetime):
        return found.astimezone(ZoneInfo(to.time_zone)).strftime("%Y-%m-%d %H:%M")
    if isinstance(found, date):
        return found.isoformat()
    if isinstance(found, str) and _is_code(column):
        return found
    if isinstance(found, str) and column.name == "carrier_name":
        return carrier_named(found, to)
    if isinstance(found, str):
        return labels.of_value(f"{resource.name}.{column.name}", found).in_language(to.language)
    if isinstance(found, list | dict):
        return _in_line(f"{resource.name}.{column.name}", found, to) or "—"
    if isinstance(found, Decimal):
        return _short(found).replace("-", "−")
    if isinstance(found, int) and (
        words := labels.of_number(f"{resource.name}.{column.name}", found)
    ):
        return words.in_language(to.language)
    if isinstance(found, int) and not column.name.endswith(("_id", "id", "number")):
        return f"{found:,}".replace("-", "−")
    return str(found)


def _month(found: datetime, to: Visitor) -> str:
    """The month that ends with this moment; the moment, where none does."""
    local = found.astimezone(ZoneInfo(to.time_zone))
    if (local.day, local.hour, local.minute) != (1, 0, 0):
        return local.strftime("%Y-%m-%d %H:%M")
    return (local - timedelta(days=1)).strftime("%Y-%m")


def _is_code(column: Column) -> bool:
    """Whether it is what a record is called, and no choice of ours: the same in each language."""
    is_named = column.name == "code" or column.name.endswith("_code")
    return is_named and not column.field.choices


#: Of the audit trail: parts of an entry that are no argument.
PARTS = {
    "arguments": sentence("What was asked for"),
    "changes": sentence("What changed"),
    "before": sentence("Before"),
    "after": sentence("After"),
}


def _called(within: str, key: str, to: Visitor) -> str:
    """What a name within a value is called; the name itself where nobody has called it."""
    if key in PARTS:
        return fill(PARTS[key], {}, to.language)
    try:
        return labels.of_column(f"{within}.{key}").in_language(to.language)
    except KeyError:
        return key


def _parts(within: str, found: Mapping[str, Any], to: Visitor) -> SafeString:
    """A value with parts: each by its name, in order."""
    rows = (
        (_called(within, key, to), _part(f"{within}.{key}", one, to)) for key, one in found.items()
    )
    return format_html(
        '<dl class="tw-nest">{}</dl>',
        format_html_join("", "<div><dt>{}</dt><dd>{}</dd></div>", rows),
    )


def _part(name: str, found: Any, to: Visitor) -> SafeString:
    if isinstance(found, dict) and found:
        return _parts(name, found, to)
    if isinstance(found, list) and any(isinstance(one, dict) for one in found):
        return format_html_join("", "{}", ((_part(name, one, to),) for one in found))
    return format_html("{}", _in_line(name, found, to) or "—")


def _in_line(name: str, found: Any, to: Visitor) -> str:
    """The same in one line."""
    if isinstance(found, dict):
        pairs = ((_called(name, key, to), f"{name}.{key}", one) for key, one in found.items())
        return "; ".join(f"{said}: {_in_line(path, one, to) or '—'}" for said, path, one in pairs)
    if isinstance(found, list):
        return ", ".join(_in_line(name, one, to) for one in found)
    if found is None:
        return ""
    if isinstance(found, bool | str):
        return labels.of_value(name, found).in_language(to.language)
    if isinstance(found, int) and (words := labels.of_number(name, found)):
        return words.in_language(to.language)
    return str(found).replace("-", "−")


def _short(found: Decimal) -> str:
    """Of money, kept finer than it is paid: two places, and more where they say something."""
    shown = f"{found:,f}"
    whole, _, places = shown.partition(".")
    return f"{whole}.{places.rstrip('0').ljust(2, '0')}" if len(places) > 2 else shown
