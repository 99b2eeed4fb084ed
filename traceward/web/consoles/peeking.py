"""A box of a trace's drawing, looked at beside it: what it is, how much, how it stands, what next.

    /trace/lot/17/box/site-3?at=2026-05-01T12:00

It tells what the console's own answers say of that one station, document or lot, by the same
rights; a box that is not drawn for the visitor is not there. # TRC-01 UX-01
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from traceward.domain.trace.queries import Event
from traceward.resources import labels
from traceward.web.consoles import names
from traceward.web.consoles.parts import Fact, degrees, is_outside
from traceward.web.consoles.spots import FOCUS, Spot, station_of
from traceward.web.consoles.trace import forbidden_name, opened
from traceward.web.consoles.traced import Console, Happened, There
from traceward.web.kit.documents import page_of
from traceward.web.kit.frames import forbidden
from traceward.web.kit.lists import Link
from traceward.web.kit.shown import Shown
from traceward.web.kit.suggestions import known

#: Rows of each table, and facts of the record.
ROWS, FACTS = 8, 6
CHECKS = "quality.stock_checks"
#: By kind of spot, the list in which its record stands.
LISTED = {
    "site": names.SITES,
    "party": names.PARTIES,
    "consignee": names.PARTIES,
    "used": names.PARTIES,
    "back": names.PARTIES,
    "transit": "warehousing.shipments",
}
#: By kind of spot, the kind of station whose events it has.
STATIONS = {"party": "supplier", "back": "supplier", "lost": "adjustment"}
PAPERS = ("supplier", "production", "adjustment")
#: What documents say of temperatures.
MEASURED = ("departure_c", "arrival_c", "transit_c_min", "transit_c_max")
#: What stands elsewhere in the panel already, or says nothing to who looks at it.
SAID = {
    *("item", "expires_on", "lot_expires_on", "held_as", "state", "id", "uid", *MEASURED),
    *("name", "code", "number", "time_zone", "transit"),
    *("expiry_precision", "expiry_basis", "expiry_raw"),
}


def show_box(request: HttpRequest, kind: str, key: int, box: str) -> HttpResponse:
    """What there is to know of the box, as a part of a page."""
    console = opened(request, kind, key)
    name = forbidden_name(kind, console.to)
    if name:
        return forbidden(request, name)
    spot = console.spots.get(box) if not console.problems and console.is_seen else None
    if spot is None:
        raise Http404
    return render(request, "tw/trace_peek.html", {"box": Looked(console, box, spot)})


@dataclass(frozen=True)
class Looked:
    """The box as the panel shows it."""

    console: Console
    key: str
    spot: Spot

    @cached_property
    def shown(self) -> Shown | None:
        """Its record, as far as the visitor may read it."""
        listed, given = self._record
        rows = known(listed, self.console.to, limit=1, **given) if listed else []
        return Shown(page_of(listed), rows[0], self.console.to) if rows else None

    @property
    def _record(self) -> tuple[str, dict[str, Any]]:
        spot, console = self.spot, self.console
        if self.key == FOCUS:
            return f"stock.{console.kind}s", {"id": console.key}
        if spot.node is not None:
            return (names.SERIALS if spot.node.is_serial else names.LOTS), {"id": spot.id}
        if spot.id is None:
            return "", {}
        if spot.kind in PAPERS:
            console.names.want(names.DOCUMENTS, [spot.id])
            found = console.names.of(names.DOCUMENTS, spot.id)
            return ".".join(found.address.split("/")[1:3]), {"id": spot.id}
        if spot.kind == "transit":
            return LISTED["transit"], {"transit_id": spot.id}
        return LISTED.get(spot.kind, ""), {"id": spot.id}

    @cached_property
    def _called(self) -> tuple[str, str]:
        return self.console.called(self.key)

    @property
    def kind(self) -> str:
        if self.shown is None:
            return ""
        code = self.shown.title if self.shown.title != self.title else ""
        return " · ".join(filter(None, (self.shown.kind, code)))

    @property
    def title(self) -> str:
        is_called = self.shown is None or self.spot.kind == "site"
        return self._called[0] if self.shown is None or is_called else self.shown.title

    @property
    def address(self) -> str:
        return self.shown.address if self.shown is not None else ""

    @property
    def trace_address(self) -> str:
        """Where it has a trace of its own."""
        node = self.spot.node
        if self.key == FOCUS or node is None:
            return ""
        return f"/trace/{'serial' if node.is_serial else 'lot'}/{self.spot.id}"

    @property
    def state(self) -> Link | None:
        is_now = self.shown is not None and self.console.at is None  # its record is of today
        return self.shown.state if self.shown is not None and is_now else None

    @property
    def tags(self) -> list[tuple[str, str]]:
        """How goods stand: recalled, on hold, expired, kept cold."""
        if self.key == FOCUS:
            return [(tone, words) for tone, words, _ in self.console.tags]
        node = self.spot.node
        tone = self.console.blocked_lots.get(node.id) if node is not None else None
        if tone is None:
            return []
        return [(tone, gettext("Recalled") if tone == "tw-bad" else gettext("On hold"))]

    # --- How much ---------------------------------------------------------------------------

    @property
    def figures(self) -> list[tuple[str, str]]:
        """How much of the traced goods came here, stands here, went from here."""
        if self.key == FOCUS:
            return [(one.label, one.value) for one in self.console.figures if one.value != "0"]
        if self.spot.node is not None:
            return self._of_node(self.spot.node, self.spot.came)
        spot = self.spot
        words = {
            "consignee": gettext("Got"),
            "used": gettext("Used"),
            "destruction": gettext("Destroyed"),
            "lost": gettext("Missed in counts"),
        }
        found = [(words.get(spot.kind, gettext("Quantity")), spot.came)] if spot.came else []
        if spot.kind == "site":
            found = [(gettext("Came in"), spot.came)] if spot.came else []
        if spot.used:
            found.append((gettext("Used"), spot.used))
        if spot.stands is not None and spot.kind not in ("used", "destruction"):
            found.append((gettext("There now") if not self.console.at else _there(), spot.stands))
        elif spot.stands and not spot.came:
            found.append((words[spot.kind], spot.stands))
        return [(label, f"{count:,}") for label, count in found]

    def _of_node(self, node: Any, made: int) -> list[tuple[str, str]]:
        counts = (
            (gettext("Made"), made),
            (gettext("On hand"), node.inside),
            (gettext("In transit"), node.in_transit),
            (gettext("At institutions"), node.delivered),
            (gettext("Used"), node.used),
            (gettext("Scrapped"), node.destroyed),
        )
        return [(label, f"{count:,}") for label, count in counts if count]

    @cached_property
    def _whereabouts(self) -> list[Any]:
        console, spot = self.console, self.spot
        if spot.node is not None:
            return [w for w in console.trace.whereabouts if w.node_id == spot.id]
        if self.key == FOCUS:
            return list(console.own_whereabouts)
        here = (spot.kind, spot.id)
        return [
            w
            for w in console.own_whereabouts
            if station_of(w.place_kind, w.site_id, w.place_id, w.party_id) == here
        ]

    @cached_property
    def places(self) -> list[There]:
        """Where it stands, by place and state; of a lot on the way here, without its blocks."""
        is_own = self.key == FOCUS or self.spot.node is None
        return self.console.theres(self._whereabouts, is_own)[:ROWS]

    # --- What it is -------------------------------------------------------------------------

    @property
    def goods(self) -> list[tuple[str, str, str]]:
        """Which goods, until when they may be used, how they have to be kept: with a tone."""
        console, node = self.console, self.spot.node
        own = self.key == FOCUS or node is None
        expires = console.expires if own or node is None else f"{node.expires_on or ''}"
        item = console.item_text
        if not own and node is not None:
            item = console.names.of(names.ITEMS, node.item_id).text
        found = [(gettext("Goods"), item, ""), (gettext("Expires"), *self._left(expires))]
        if own and console.storage:
            found.append((gettext("Storage"), console.storage, ""))
        return [one for one in found if one[1]]

    def _left(self, expires: str) -> tuple[str, str]:
        """The day with how many are left of it."""
        days = self.console.days_until(expires)
        if days is None:
            return expires, ""
        if days < 0:
            return f"{expires} · {gettext('Expired')}", "tw-c-bad"
        told = gettext("{days} days left").format(days=f"{days:,}")
        return f"{expires} · {told}", "tw-c-warn" if days <= 90 else ""

    @property
    def temperatures(self) -> list[tuple[str, str, str]]:
        """What was measured where it stands, or by its document, against the label's limits."""
        low, high = (self.console.item.get(f"storage_c_{end}") for end in ("min", "max"))
        found, shown = [], self.shown
        for name in MEASURED if shown is not None else ():
            value = shown.row.get(name) if shown is not None else None
            if shown is not None and value is not None:
                label = labels.of_column(f"{shown.page.name}.{name}")
                tone = "tw-c-bad" if is_outside(value, low, high) else "tw-c-ok"
                words = label.in_language(self.console.to.language)
                found.append((words, f"{degrees(value)} ℃", tone))
        return [*found, *self._read_there(low, high)]

    def _read_there(self, low: Any, high: Any) -> list[tuple[str, str, str]]:
        """The last reading of each place of ours in which it stands."""
        console = self.console
        stands = [w.place_id for w in self._whereabouts if w.place_kind not in OUTSIDE]
        places = known(names.PLACES, console.to, id=list(dict.fromkeys(stands))[:50])
        above = {pk for place in places for pk in (*place["path"], place["id"])}
        asked: dict[str, Any] = {"place_id": sorted(above), "sort": "-checked_at"}
        if console.at:
            asked["checked_at__lte"] = console.at.isoformat()
        rows = known(CHECKS, console.to, limit=200, **asked)
        found: dict[int, tuple[str, str, str]] = {}
        for row in rows:
            value = row["temperature_c"]
            if value is None or row["place_id"] in found:
                continue
            tone = "tw-c-bad" if is_outside(value, low, high) else "tw-c-ok"
            told = f"{degrees(value)} ℃ · {console.said(row['checked_at'])}"
            label = console.names.of(names.PLACES, row["place_id"]).text or row["place_code"]
            found[row["place_id"]] = (label, told, tone)
        return list(found.values())[:3]

    @property
    def facts(self) -> list[Fact]:
        """What its record says besides."""
        if self.shown is None:
            return []
        found = [
            (cell.label(self.console.to.language), cell.html(self.shown.row, self.console.to))
            for cell in self.shown.page.shown
            if cell.name not in SAID
            and not cell.name.endswith(("_name", "_address", "_phone"))
            and cell.text(self.shown.row, self.console.to) not in ("", "—", self.title)
        ]
        return found[:FACTS]

    # --- What happened, and what comes next --------------------------------------------------

    @cached_property
    def events(self) -> list[Happened]:
        """The newest events here, each with its document."""
        return self.console.told_events(self._events[:ROWS])

    @property
    def _events(self) -> tuple[Event, ...]:
        console, spot = self.console, self.spot
        if self.key == FOCUS:
            return console.asked_events().events
        if spot.node is not None:
            return console.asked_events(nodes=[spot.id]).events
        if spot.kind in PAPERS:
            found = console.asked_events(at_kind=spot.kind).events
            return tuple(one for one in found if one.document_id == spot.id)
        kind = STATIONS.get(spot.kind, spot.kind)
        return console.asked_events(at_kind=kind, at_id=spot.id).events

    @property
    def acts(self) -> list[Link]:
        """What may be done with it next."""
        console = self.console
        recalls = [Link(number, address) for number, address in console.recalls]
        if self.spot.kind == "site":
            return [Link(gettext("Stock there"), self._stock_there)]
        if self.spot.kind == "consignee" and self.spot.id in console.unanswered:
            told = gettext("Has not answered the recall")
            return [Link(told, one.address) for one in recalls]
        made = [] if self.shown is None else [*self.shown.actions, *self.shown.more]
        made = [one for one in made if one.tone != "warehousing.print_labels"]
        if self.key == FOCUS:
            made = [*recalls, *(one for one in made if not recalls or one.tone not in RECALLING)]
        return made[:3]

    @property
    def _stock_there(self) -> str:
        console = self.console
        asked = {f"{console.kind}_id": console.key, "site_id": self.spot.id}
        return f"/stock/balances?{urlencode(asked)}"


RECALLING = frozenset({"recalls.open", "recalls.drill"})
OUTSIDE = frozenset({"transit", "customer", "department", "used", "destruction", "supplier"})


def _there() -> str:
    return gettext("There then")
