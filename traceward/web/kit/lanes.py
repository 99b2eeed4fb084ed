"""Lanes: what is on the way between sites, as a drawing without any borders. 示意图

Sites stand on a ring in the order of their codes; a lane is a curve from one to the other, red
where goods of it are missing, amber where it is longer under way than usual.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from traceward.web.visitors import Visitor

WIDE, HIGH = 360, 230
#: Days after which a lane is late.
LATE = 7
#: Sites that are named; more would not be read.
NAMED = 8
TONES = ("tw-bad", "tw-warn", "tw-info")


@dataclass
class Lane:
    """Goods from one site to another."""

    shipments: set[str]
    quantity: int = 0
    missing: int = 0
    days: int = 0

    @property
    def tone(self) -> str:
        return "tw-bad" if self.missing else "tw-warn" if self.days > LATE else "tw-info"


def drawn_lanes(rows: Sequence[Any], to: Visitor) -> SafeString:
    """The lanes of what is on the way, with the same as a table."""
    lanes: dict[tuple[str, str], Lane] = defaultdict(lambda: Lane(set()))
    for row in rows:
        lane = lanes[row.from_site, row.to_site]
        lane.shipments.add(row.shipment)
        lane.quantity += row.quantity
        lane.missing += row.missing
        lane.days = max(lane.days, row.days)
    if not lanes:
        return format_html('<p class="tw-t3">{}</p>', gettext("Nothing is on the way."))
    places = _places(sorted({site for pair in lanes for site in pair}))
    counts = {tone: sum(lane.tone == tone for lane in lanes.values()) for tone in TONES}
    words = {
        "tw-bad": gettext("Something is missing"),
        "tw-warn": gettext("Late"),
        "tw-info": gettext("Under way"),
    }
    legend = format_html_join(
        "",
        '<span><i class="{}"></i>{} {}</span>',
        ((tone, words[tone], counts[tone]) for tone in TONES),
    )
    return format_html(
        '<div class="tw-legend">{}</div><svg class="tw-lanes" viewBox="0 0 {} {}" role="img" '
        'aria-label="{}">{}{}</svg>{}<p class="tw-sm tw-t3">{}</p>',
        legend,
        WIDE,
        HIGH,
        gettext("What is on the way between sites"),
        _curves(lanes, places),
        _points(places),
        _table(lanes),
        gettext("A schematic: places stand where there is room."),
    )


def _places(codes: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Where each site stands on the ring."""
    step = 2 * math.pi / len(codes)
    return {
        code: (
            WIDE / 2 + (WIDE / 2 - 60) * math.sin(n * step),
            HIGH / 2 - (HIGH / 2 - 34) * math.cos(n * step),
        )
        for n, code in enumerate(codes)
    }


def _curves(
    lanes: dict[tuple[str, str], Lane], places: dict[str, tuple[float, float]]
) -> SafeString:
    most = max(lane.quantity for lane in lanes.values()) or 1
    made = []
    for (one, other), lane in sorted(lanes.items()):
        (x1, y1), (x2, y2) = places[one], places[other]
        bend_x, bend_y = (x1 + x2) / 2 + (y2 - y1) * 0.18, (y1 + y2) / 2 - (x2 - x1) * 0.18
        path = f"M{x1:.1f} {y1:.1f}Q{bend_x:.1f} {bend_y:.1f} {x2:.1f} {y2:.1f}"
        width = f"{1.5 + 3 * lane.quantity / most:.1f}"
        said = f"{one} → {other} · {len(lane.shipments)} · {lane.quantity:,}"
        made.append((lane.tone, path, width, said))
    return format_html_join(
        "", '<path class="{}" d="{}" stroke-width="{}"><title>{}</title></path>', made
    )


def _points(places: dict[str, tuple[float, float]]) -> SafeString:
    return format_html_join(
        "",
        '<circle cx="{}" cy="{}" r="6"/><text x="{}" y="{}" text-anchor="middle">{}</text>',
        (
            (f"{x:.1f}", f"{y:.1f}", f"{x:.1f}", f"{y - 11 if y < HIGH / 2 else y + 20:.1f}", code)
            for code, (x, y) in list(places.items())[:NAMED]
        ),
    )


def _table(lanes: dict[tuple[str, str], Lane]) -> SafeString:
    rows = format_html_join(
        "",
        '<tr><th scope="row">{} → {}</th><td>{}</td><td>{}</td></tr>',
        (
            (one, other, len(lane.shipments), f"{lane.quantity:,}")
            for (one, other), lane in sorted(lanes.items())
        ),
    )
    return format_html('<table class="tw-aloud"><tbody>{}</tbody></table>', rows)
