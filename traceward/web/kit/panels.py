"""Panel: a question's answer drawn on the first page of who looks after the whole.

Drawn by the server, as tables and plain drawings whose colours are tokens: it prints, it is read
aloud, and no program of a chart has to be loaded for it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from traceward.kernel.org.roles import RoleName
from traceward.resources import labels
from traceward.resources.kit import QUESTIONS
from traceward.resources.labels import Words
from traceward.web.kit.lanes import drawn_lanes
from traceward.web.kit.questions import DRAWINGS
from traceward.web.sites import site_of
from traceward.web.visitors import Visitor

Draw = Callable[[Sequence[Any], Visitor], SafeString]


@dataclass(frozen=True)
class Kind:
    """A drawing of what a question answers, for some roles."""

    key: str
    words: Words
    unit: Words
    name: str
    draw: Draw
    rows: int
    roles: frozenset[str]


@dataclass(frozen=True)
class Panel:
    """The drawing for one visitor."""

    key: str
    title: str
    unit: str
    address: str
    html: SafeString
    #: About how many rows of a list it is high.
    rows: int


PANELS: list[Kind] = []


def panel(
    key: str,
    zh: str,
    en: str,
    unit: tuple[str, str],
    name: str,
    draw: Draw,
    *roles: RoleName,
    rows: int = 4,
) -> None:
    """The first page of these roles has it from now on."""
    codes = frozenset(role.code for role in roles)
    DRAWINGS[name] = draw
    PANELS.append(Kind(key, Words(zh, en), Words(*unit), name, draw, rows, codes))


def panels_of(codes: Sequence[str], to: Visitor) -> list[Panel]:
    """The drawings for who has these roles."""
    return [
        Panel(
            one.key,
            one.words.in_language(to.language),
            one.unit.in_language(to.language),
            f"/ask/{one.name}",
            _drawn(one, to),
            one.rows,
        )
        for one in PANELS
        if one.roles & set(codes) and to.may(one.name)
    ]


def _drawn(one: Kind, to: Visitor) -> SafeString:
    ask: Callable[..., Sequence[Any]] = QUESTIONS[one.name].function
    here = site_of(to)
    takes_site = "site_id" in QUESTIONS[one.name].arguments.model_fields
    asked = {"site_id": here.id} if here and takes_site else {}
    rows = ask(**asked, to=to.reader(one.name))
    if here is not None and rows and hasattr(rows[0], "site_id"):
        rows = [row for row in rows if row.site_id == here.id]
    return one.draw(rows, to)


def _name(row: Any, to: Visitor) -> str:
    """A site by its Chinese name, which is short; by its code in English."""
    return str(row.names["zh"] if to.language.startswith("zh") else row.site)


def _label(question: str, field: str, to: Visitor) -> str:
    return labels.of_argument(f"{question}.{field}").in_language(to.language)


STATES = (("qualified", "tw-ok"), ("pending", "tw-wait"), ("rejected", "tw-bad"))


def stock_by_state(rows: Sequence[Any], to: Visitor) -> SafeString:
    """Per site a bar of what is released, waits and is rejected, with its numbers."""
    most = max((sum(getattr(row, name) for name, _ in STATES) for row in rows), default=0) or 1
    heads = format_html_join(
        "",
        '<th scope="col" class="tw-num"><span class="tw-key {}"></span>{}</th>',
        ((tone, _label("stock.by_status", name, to)) for name, tone in STATES),
    )
    lines = []
    for row in rows:
        at, parts = 0.0, []
        for name, tone in STATES:
            width = 100 * getattr(row, name) / most
            parts.append((tone, f"{at:.2f}", f"{width:.2f}"))
            at += width
        bar = format_html_join("", '<rect class="{}" x="{}" y="0" width="{}" height="10"/>', parts)
        cells = format_html_join(
            "", '<td class="tw-num">{}</td>', ((f"{getattr(row, name):,}",) for name, _ in STATES)
        )
        lines.append((_name(row, to), bar, cells))
    body = format_html_join(
        "",
        '<tr><th scope="row">{}</th><td class="tw-wide-cell"><svg viewBox="0 0 100 10" '
        'preserveAspectRatio="none" aria-hidden="true">{}</svg></td>{}</tr>',
        lines,
    )
    return format_html(
        '<table class="tw-bars"><thead><tr><th></th><th></th>{}</tr></thead>'
        "<tbody>{}</tbody></table>",
        heads,
        body,
    )


#: Field, its heading, and how its cells are coloured: red, amber, grey by nearness.
BUCKETS = (
    ("ended", "tw-hot"),
    ("within_30", "tw-hot"),
    ("within_60", "tw-warm"),
    ("within_90", "tw-warm"),
    ("within_180", "tw-far"),
    ("within_365", "tw-far"),
)


def ending_heat(rows: Sequence[Any], to: Visitor) -> SafeString:
    """Per site and days left the number of lots: hue by nearness, strength by value."""
    most = {name: max((getattr(row, name) for row in rows), default=0) or 1 for name, _ in BUCKETS}
    heads = format_html_join(
        "",
        '<th scope="col">{}</th>',
        ((_label("stock.ending_by_site", name, to),) for name, _ in BUCKETS),
    )
    lines = (
        (
            _name(row, to),
            format_html_join(
                "",
                '<td class="{} tw-s{}">{}</td>',
                (
                    (hue, _strength(getattr(row, name), most[name]), f"{getattr(row, name):,}")
                    for name, hue in BUCKETS
                ),
            ),
        )
        for row in rows
    )
    body = format_html_join("", '<tr><th scope="row">{}</th>{}</tr>', lines)
    return format_html(
        '<table class="tw-heat"><thead><tr><th></th>{}</tr></thead><tbody>{}</tbody></table>',
        heads,
        body,
    )


def _strength(found: int, most: int) -> int:
    """0 where there is nothing, then 1 to 4."""
    return 0 if not found else min(4, 1 + 4 * found // (most + 1))


WIDE, HIGH, BASE = 28, 96, 84


def days_drawn(rows: Sequence[Any], to: Visitor) -> SafeString:
    """Per day two columns, receipts and shipments; the same numbers as a table for readers."""
    most = max((max(row.received, row.shipped) for row in rows), default=0) or 1
    columns = []
    for n, row in enumerate(rows):
        for k, (found, tone) in enumerate(((row.received, "tw-info"), (row.shipped, "tw-ok"))):
            high = round((BASE - 8) * found / most, 1)
            columns.append((tone, n * WIDE + 4 + k * 10, BASE - high, high, row.day, found))
    bars = format_html_join(
        "",
        '<rect class="{}" x="{}" y="{}" width="9" height="{}" rx="1"><title>{} {}</title></rect>',
        columns,
    )
    days = format_html_join(
        "",
        '<text x="{}" y="95" text-anchor="middle">{}</text>',
        ((n * WIDE + 14, row.day.strftime("%m-%d")) for n, row in enumerate(rows) if n % 2 == 1),
    )
    received, shipped = (_label("warehousing.by_day", x, to) for x in ("received", "shipped"))
    table = format_html_join(
        "",
        '<tr><th scope="row">{}</th><td>{}</td><td>{}</td></tr>',
        ((row.day, row.received, row.shipped) for row in rows),
    )
    return format_html(
        '<div class="tw-legend"><span><i class="tw-info"></i>{} {}</span>'
        '<span><i class="tw-ok"></i>{} {}</span></div>'
        '<svg class="tw-days" viewBox="0 0 {} {}" aria-hidden="true">{}{}</svg>'
        '<table class="tw-aloud"><thead><tr><th></th><th scope="col">{}</th>'
        '<th scope="col">{}</th></tr></thead><tbody>{}</tbody></table>',
        received,
        f"{sum(row.received for row in rows):,}",
        shipped,
        f"{sum(row.shipped for row in rows):,}",
        len(rows) * WIDE,
        HIGH,
        bars,
        days,
        received,
        shipped,
        table,
    )


__all__ = ["days_drawn", "drawn_lanes", "ending_heat", "panel", "panels_of", "stock_by_state"]
