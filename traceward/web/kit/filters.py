"""What an address asks of a list: filters in words that keep their sense, and the form for one.

A day may be said from today on, "today+90": a view that is kept asks the same thing every day.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.http import QueryDict

from traceward.kernel.base.refusals import InvalidInput, sentence
from traceward.resources import asking, ids, labels
from traceward.resources.asking import hows
from traceward.resources.choices import values_of
from traceward.resources.kit import Column, Resource
from traceward.web.kit import pickers
from traceward.web.kit.cells import stem_of, text
from traceward.web.visitors import Visitor

Given = Mapping[str, Sequence[str]]
#: Parts of the address that are no filters.
OWN = ("view", "from", "was", "edit", "site", "columns", *asking.OWN_NAMES)
#: With this an address of an export asks for every column.
COLUMNS, ALL_COLUMNS = "columns", "all"
SIGNS = {
    "": "=",
    "gt": ">",
    "gte": "≥",
    "lt": "<",
    "lte": "≤",
    "contains": "∋",
    "isnull": "∅",
}
TODAY = re.compile(r"today(?:([+-])([0-9]{1,4}))?")
FAR = 3_650
#: A value that a filter of records may name, found by its list; as many as a chip can name.
NAMED = 3
#: Days from today that a form offers at once: what ends, and what was.
AHEAD = (30, 90, 180)
BACK = (7, 30, 90)
NO_ROW = sentence("“{text}” names no record, or several. Choose one that is offered.")
BACKWARDS = sentence("From {low} to {high}: it ends before it begins. Change one of the two.")
NO_DAY = sentence("“{text}” is no day. Write it as 2026-11-30.")


def filters_of(given: Given) -> dict[str, list[str]]:
    """The filters among the parts of an address."""
    return {name: list(texts) for name, texts in given.items() if name not in OWN}


def split(name: str) -> tuple[str, str]:
    """A filter's column, and how it is compared."""
    stem, _, how = name.rpartition("__")
    return (stem, how) if stem and how in SIGNS else (name, "")


def is_day(column: Column) -> bool:
    """Whether its values are days or moments."""
    return column.type in (date, datetime)


def in_days(resource: Resource, given: Given, to: Visitor) -> dict[str, list[str]]:
    """The same with days in place of "today" and what counts from it."""
    made = {}
    for name, texts in given.items():
        column = resource.columns.get(split(name)[0])
        of_days = column is not None and name not in OWN and is_day(column)
        made[name] = [_in_day(column, one, to) for one in texts] if of_days else list(texts)
    return made


def _in_day(column: Any, said: str, to: Visitor) -> str:
    found = TODAY.fullmatch(said)
    if found is None:
        return said
    days = min(int(found[2] or 0), FAR)
    day = to.today + timedelta(days=-days if found[1] == "-" else days)
    return start_of(day, to) if column.type is datetime else day.isoformat()


def start_of(day: date, to: Visitor) -> str:
    """The moment at which the day begins where the visitor is."""
    return datetime.combine(day, time(), ZoneInfo(to.time_zone)).isoformat()


# --- One filter, from its form to the address ---------------------------------------------------


def added(resource: Resource, sent: QueryDict, to: Visitor) -> str:
    """The address's question with the filter that the form asks for, and none older of its column.

    Refused, at the column, where a value cannot be read.
    """
    given = sent.copy()
    name = given.pop("add")[-1]
    asked = {part: given.pop(part, []) for part in ("how", "value", *SIGNS) if part}
    for part in [p for p in given if split(p)[0] == name] + ["cursor", "from", "edit"]:
        given.pop(part, None)
    how = asked.pop("how")
    values = [one.strip() for one in asked.pop("value") if one.strip()]
    column = resource.columns.get(name)
    wanted = {how[-1] if how else "": values} if values else {}
    wanted |= {part: texts for part, texts in asked.items() if any(texts)}
    _require_forward(wanted, name)
    for part, texts in wanted.items():
        for sign, found in _read(resource, column, name, part, texts, to):
            given.setlist(f"{name}__{sign}" if sign else name, found)
    return urlencode(sorted(given.lists()), doseq=True)


def _read(
    resource: Resource,
    column: Column | None,
    name: str,
    how: str,
    texts: Sequence[str],
    to: Visitor,
) -> list[tuple[str, list[str]]]:
    """(how to compare, values) as an address has them."""
    texts = [one.strip() for one in texts if one.strip()]
    if column is None or how in ("isnull", "contains"):
        return [(how, texts)]
    rows = rows_of(resource, name)
    if rows and to.may(rows):
        return [(how, [_id_of(rows, one, name, to) for one in texts])]
    if column.type is datetime and not any(TODAY.fullmatch(one) or "T" in one for one in texts):
        days = [_day(one, name) for one in texts]
        if how in ("gte", "gt"):
            return [("gte", [start_of(day, to) for day in days])]
        ends = [start_of(day + timedelta(days=1), to) for day in days]
        if how:
            return [("lt", ends)]
        return [("gte", [start_of(days[0], to)]), ("lt", ends[:1])]
    return [(how, [one.replace("−", "-").replace(",", "") for one in texts])]


def _require_forward(wanted: Mapping[str, Sequence[str]], name: str) -> None:
    """Refused where the range ends before it begins."""
    low, high = (_sized(wanted.get(part, ())) for part in ("gte", "lte"))
    if low is not None and high is not None and type(low) is type(high) and low > high:
        low_, high_ = wanted["gte"][-1], wanted["lte"][-1]
        raise InvalidInput(BACKWARDS, field=name, low=low_, high=high_)


def _sized(texts: Sequence[str]) -> Any:
    """The day, or the number, as it can be compared; None where it is neither."""
    said = texts[-1].strip().replace("−", "-").replace(",", "") if texts else ""
    for read in (date.fromisoformat, Decimal):
        try:
            return read(said[:40])
        except (ValueError, ArithmeticError):
            continue
    return None


def _day(said: str, name: str) -> date:
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise InvalidInput(NO_DAY, field=name, text=said[:40]) from None


def _id_of(rows: str, said: str, name: str, to: Visitor) -> str:
    found = pickers.meant(rows, said, to)
    if isinstance(found, str):
        raise InvalidInput(NO_ROW, field=name, text=said[:60])
    return str(found)


def rows_of(resource: Resource, name: str) -> str:
    """The list whose rows a filter by id means; empty where it is no such filter."""
    if name in ("id", "line_id") or not name.endswith("_id") or name not in resource.columns:
        return ""
    return ids.list_of(name, resource.area) or ""


# --- The filters that count, in words -----------------------------------------------------------


@dataclass(frozen=True)
class Said:
    """A filter in words: of which column, how and what; and the parts of the address it is."""

    column: str
    label: str
    how: str
    value: str
    names: tuple[str, ...]


def said(resource: Resource, given: Given, to: Visitor) -> list[Said]:
    """The filters by column, both ends of a range as one."""
    by_column: dict[str, dict[str, list[str]]] = {}
    for name, texts in filters_of(given).items():
        stem, how = split(name)
        by_column.setdefault(stem, {})[how] = texts
    return [_said(resource, name, hows_, to) for name, hows_ in by_column.items()]


def _said(resource: Resource, name: str, asked: Mapping[str, Sequence[str]], to: Visitor) -> Said:
    names = tuple(f"{name}__{how}" if how else name for how in asked)
    column = resource.columns.get(name)
    label = label_of(resource, name, to)
    zh = to.language.startswith("zh")
    if "isnull" in asked:
        empty = asked["isnull"][-1] == "true"
        words = ("为空" if empty else "不为空") if zh else ("is empty" if empty else "is not empty")
        return Said(name, label, "", words, names)
    if {"gte"} < set(asked) and {"lt", "lte"} & set(asked):
        low = _value(resource, name, asked["gte"][-1:], to)
        up = "lte" if "lte" in asked else "lt"
        high = _value(resource, name, asked[up][-1:], to, is_end=up == "lt")
        return Said(name, label, "", low if low == high else f"{low} – {high}", names)
    how = next(iter(asked))
    sign = {"lt": "≤"}.get(how, SIGNS[how]) if _is_moment(column) else SIGNS[how]
    shown = _value(resource, name, asked[how], to, is_end=how == "lt")
    rest = "".join(f" {SIGNS[h]} {_value(resource, name, t, to)}" for h, t in asked.items())
    if len(asked) > 1:
        return Said(name, label, "", rest.strip(), names)
    return Said(name, label, "" if sign == "=" else sign, shown, names)


def _is_moment(column: Column | None) -> bool:
    return column is not None and column.type is datetime


def label_of(resource: Resource, name: str, to: Visitor) -> str:
    """What a filter's column is called; its own name where nothing is known of it."""
    if name not in resource.columns and name not in resource.finders:
        return name
    return labels.of_column(f"{resource.name}.{name}").in_language(to.language)


def _value(
    resource: Resource,
    name: str,
    texts: Sequence[str],
    to: Visitor,
    *,
    is_end: bool = False,
) -> str:
    column = resource.columns.get(name)
    if column is None:
        finder = resource.finders.get(name)
        truths = {"true": True, "false": False} if finder and finder.type is bool else {}
        words = [
            labels.of_value(name, truths[t]).in_language(to.language) for t in texts if t in truths
        ]
        return ", ".join(words or texts)
    if is_day(column):
        return ", ".join(_day_words(column, one, to, is_end=is_end) for one in texts)
    rows = rows_of(resource, column.name)
    shown = list(texts)
    if rows and to.may(rows):
        shown = _names(rows, texts, to) or shown
    elif values_of(resource, column) or column.type is bool:
        of = column.name if column.type is bool else f"{resource.name}.{column.name}"
        known: Any = {"true": True, "false": False} if column.type is bool else {}
        shown = [labels.of_value(of, known.get(t, t)).in_language(to.language) for t in texts]
    if len(texts) > NAMED:
        return f"{len(texts)} 个" if to.language.startswith("zh") else f"{len(texts)} chosen"
    return ("、" if to.language.startswith("zh") else ", ").join(shown)


def _day_words(column: Column, said_: str, to: Visitor, *, is_end: bool) -> str:
    """The day as people say it; a moment at which a day ends is that day."""
    found = TODAY.fullmatch(said_)
    zh = to.language.startswith("zh")
    if found is None:
        if column.type is date:
            return said_
        try:
            moment = datetime.fromisoformat(said_).astimezone(ZoneInfo(to.time_zone))
        except ValueError:
            return said_
        if moment.time() != time():
            return text_of_moment(moment)
        return (moment.date() - timedelta(days=1 if is_end else 0)).isoformat()
    if not found[1] or not int(found[2]):
        return "今天" if zh else "today"
    days = int(found[2])
    if found[1] == "+":
        return f"今后 {days} 天" if zh else f"in {days} d"
    return f"{days} 天前" if zh else f"{days} d ago"


def text_of_moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M")


def _names(rows: str, texts: Sequence[str], to: Visitor) -> list[str]:
    pks = [int(one) for one in texts[:NAMED] if re.fullmatch("[0-9]{1,18}", one)]
    found = pickers.rows(rows, Q(pk__in=pks), to, NAMED)
    return [words.partition(" ")[2] or words for _, words in found]


# --- The form for one filter --------------------------------------------------------------------


@dataclass(frozen=True)
class Editor:
    """The form for a filter of one column: what it asks for, and what it begins with."""

    name: str
    label: str
    #: "choice", "day", "number", "record", "yes" or "text".
    kind: str
    #: Of a choice: (value, words, whether it counts).
    options: tuple[tuple[str, str, bool], ...] = ()
    low: str = ""
    high: str = ""
    value: str = ""
    contains: str = ""
    may_contain: bool = False
    may_be_empty: bool = False
    empty: str = ""
    search: str = ""
    #: Days from today, each as (words, parts of the address).
    quick: tuple[tuple[str, str], ...] = ()


def editor(resource: Resource, name: str, given: Given, to: Visitor) -> Editor | None:
    """The form for this column; none where nothing can be asked of it."""
    column = resource.columns.get(name)
    if column is None or not hows(resource, column):
        return None
    now = {how: list(given.get(f"{name}__{how}" if how else name, ())) for how in SIGNS}
    known = values_of(resource, column)
    kind = (
        "choice"
        if known or column.type is bool
        else "day"
        if is_day(column)
        else "record"
        if rows_of(resource, name) and to.may(rows_of(resource, name))
        else "number"
        if "gte" in hows(resource, column) and not name.endswith("_id")
        else "text"
    )
    return Editor(
        name,
        label_of(resource, name, to),
        kind,
        _options(resource, column, now[""], to),
        low=_for_input(column, (now["gte"] or now["gt"])[-1:], to),
        high=_for_input(column, (now["lte"] or now["lt"])[-1:], to, is_end=bool(now["lt"])),
        value=_chosen(resource, name, now[""], to) if kind == "record" else " ".join(now[""][-1:]),
        contains=" ".join(now["contains"][-1:]),
        may_contain="contains" in hows(resource, column),
        may_be_empty=column.is_nullable,
        empty=" ".join(now["isnull"][-1:]),
        search=f"/pick/{rows_of(resource, name).replace('.', '/')}" if kind == "record" else "",
        quick=_quick(column, to) if kind == "day" else (),
    )


def _options(
    resource: Resource, column: Column, chosen: Sequence[str], to: Visitor
) -> tuple[tuple[str, str, bool], ...]:
    if column.type is bool:
        return tuple(
            (said_, text(resource, column, value, to), said_ in chosen)
            for said_, value in (("true", True), ("false", False))
        )
    return tuple(
        (str(value), text(resource, column, value, to), str(value) in chosen)
        for value in values_of(resource, column)
    )


def _for_input(column: Column, found: Sequence[str], to: Visitor, *, is_end: bool = False) -> str:
    """The value as its input has it."""
    if not found or not is_day(column):
        return "".join(found)
    (day,) = in_days_of(column, found, to)
    if column.type is date:
        return day
    try:
        moment = datetime.fromisoformat(day).astimezone(ZoneInfo(to.time_zone))
    except ValueError:
        return ""
    ends = is_end and moment.time() == time()
    return (moment.date() - timedelta(days=1 if ends else 0)).isoformat()


def in_days_of(column: Column, texts: Sequence[str], to: Visitor) -> list[str]:
    return [_in_day(column, one, to) for one in texts]


def _chosen(resource: Resource, name: str, now: Sequence[str], to: Visitor) -> str:
    pks = [int(one) for one in now[:1] if re.fullmatch("[0-9]{1,18}", one)]
    found = pickers.rows(rows_of(resource, name), Q(pk__in=pks), to, 1) if pks else []
    return found[0][1] if found else ""


def _quick(column: Column, to: Visitor) -> tuple[tuple[str, str], ...]:
    zh = to.language.startswith("zh")
    made = []
    if column.type is date:
        made.append(("已过" if zh else "Past", urlencode({f"{column.name}__lt": "today"})))
        for days in AHEAD:
            parts = {f"{column.name}__gte": "today", f"{column.name}__lte": f"today+{days}"}
            made.append((f"今后 {days} 天" if zh else f"Next {days} d", urlencode(parts)))
    for days in BACK if column.type is datetime else BACK[1:2]:
        parts = {f"{column.name}__gte": f"today-{days}"}
        if column.type is date:
            parts[f"{column.name}__lte"] = "today"
        made.append((f"最近 {days} 天" if zh else f"Last {days} d", urlencode(parts)))
    return tuple(made)


def filterable(resource: Resource, to: Visitor) -> list[tuple[str, str]]:
    """(column, label) of what the form offers: a record once, by its id."""
    offered: dict[str, str] = {}
    for name, column in resource.columns.items():
        if not hows(resource, column) or name in ("id", "uid", "version", "sort_key"):
            continue
        stem = stem_of(resource, name)
        if stem != name and name != f"{stem}_id" and f"{stem}_id" in resource.columns:
            continue
        offered.setdefault(name, label_of(resource, name, to))
    return list(offered.items())
