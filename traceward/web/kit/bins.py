"""Bins: the places of a site as a tree, each zone with a grid of its bins by aisle and position.

Aisle and position are the last two parts of a bin's code, as in SH01-HG-02-05. Coloured by what
the zone is for, as the trade colours it, and said in words in each cell.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from traceward.resources import labels
from traceward.web.visitors import Visitor

#: Zone → its colour: yellow waits, green may go out, red may not.
TONES = {
    "pending": "tw-wait",
    "returns": "tw-wait",
    "qualified": "tw-ok",
    "dispatch": "tw-ok",
    "rejected": "tw-bad",
}


def drawn_bins(rows: Sequence[Any], to: Visitor) -> SafeString:
    """The site's tree: each place with its sum, and the bins of a zone as a grid."""
    below: dict[int | None, list[Any]] = defaultdict(list)
    known = {row.place_id for row in rows}
    for row in rows:
        below[row.parent_id if row.parent_id in known else None].append(row)
    return format_html('<div class="tw-tree">{}</div>', _branches(below, None, to))


def _branches(below: dict[int | None, list[Any]], at: int | None, to: Visitor) -> SafeString:
    bins = [row for row in below[at] if row.kind == "bin" and not below[row.place_id]]
    gridded = {row.place_id for row in bins}
    others = [row for row in below[at] if row.place_id not in gridded]
    grid = _grid(bins, to) if bins else SafeString("")
    return grid + format_html_join(
        "",
        '<details open><summary>{} <span class="tw-tag {}">{}</span> <span class="tw-t3">{}</span>'
        '</summary><a class="tw-lnk tw-sm tw-code" href="/places/places/{}">{}</a>{}</details>',
        (
            (
                row.names["zh" if to.language.startswith("zh") else "en"],
                TONES.get(row.zone, ""),
                _use(row, to),
                f"{_sum(below, row):,}",
                row.place_id,
                row.place,
                _branches(below, row.place_id, to),
            )
            for row in others
        ),
    )


def _use(row: Any, to: Visitor) -> str:
    """What the place is for: its zone, else its kind."""
    name, value = ("zone", row.zone) if row.zone else ("kind", row.kind)
    return labels.of_value(f"places.places.{name}", value).in_language(to.language)


def _sum(below: dict[int | None, list[Any]], row: Any) -> int:
    """What stands in the place and in all below it."""
    inner = sum(_sum(below, one) for one in below.get(row.place_id, ()))
    return int(row.on_hand) + inner


def _grid(bins: Iterable[Any], to: Visitor) -> SafeString:
    aisles: dict[str, list[Any]] = defaultdict(list)
    for row in bins:
        parts = row.place.rsplit("-", 2)
        aisles[parts[1] if len(parts) == 3 else ""].append(row)
    lines = (
        (aisle, format_html_join("", "{}", ((_cell(row),) for row in aisles[aisle])))
        for aisle in sorted(aisles)
    )
    body = format_html_join("", '<tr><th scope="row">{}</th>{}</tr>', lines)
    return format_html('<div class="tw-scroll"><table class="tw-bins">{}</table></div>', body)


def _cell(row: Any) -> SafeString:
    """A bin: its position, and what is in it or why nothing can be."""
    if not row.is_open:
        said, tone = gettext("Closed"), "tw-off"
    elif row.on_hand:
        said, tone = f"{row.on_hand:,}", TONES.get(row.zone, "tw-info")
    else:
        said, tone = gettext("Empty"), ""
    return format_html(
        '<td class="{}"><a href="/places/places/{}" title="{}"><b>{}</b><span>{}</span></a></td>',
        tone,
        row.place_id,
        row.place,
        row.place.rsplit("-", 1)[-1],
        said,
    )
