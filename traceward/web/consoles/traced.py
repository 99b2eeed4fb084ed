"""One lot or serial as its console tells it: header, mass balance, places, events, moments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from traceward.domain.stock.models import BlockKind
from traceward.domain.stock.rules import CODES
from traceward.domain.trace.queries import Event, Whereabouts
from traceward.kernel.base.codes import OWN
from traceward.kernel.command.database_errors import persistent
from traceward.resources import asking, labels, reading
from traceward.resources.kit import RESOURCES
from traceward.web.consoles import comparing, names
from traceward.web.consoles.asked import KINDS
from traceward.web.consoles.drawn import Drawn
from traceward.web.consoles.label import held
from traceward.web.consoles.parts import degrees
from traceward.web.consoles.spots import station_of
from traceward.web.kit.answers import local
from traceward.web.kit.cells import plain
from traceward.web.kit.units import units_of

#: Places of the list.
PLACES = 200
#: Stations that have a name of their own, by the list in which it stands.
STATIONS = {"site": names.SITES, "consignee": names.PARTIES, "used": names.PARTIES}
#: What happened → its colour.
EVENT_TONES = {
    **dict.fromkeys(("ship", "deliver", "receive", "transfer"), "tw-info"),
    **dict.fromkeys(("release", "produce"), "tw-ok"),
    **dict.fromkeys(("reject", "destroy", "write off", "adjust out"), "tw-bad"),
    **dict.fromkeys(("return from customer", "return to supplier", "reverse"), "tw-warn"),
}


@dataclass(frozen=True)
class Figure:
    """One figure of the mass balance, with what it is made of."""

    label: str
    value: str
    more: str
    tone: str = ""


@dataclass(frozen=True)
class Happened:
    """A key event as the page tells it."""

    at: str
    what: str
    tone: str
    where: str
    quantity: str
    document: names.Name
    who: str
    reason: str


@dataclass(frozen=True)
class There:
    """So much stands there: how it stands, and its share of all in tenths."""

    name: str
    code: str
    address: str
    state: str
    tone: str
    quantity: str
    share: int


class Console(Drawn):
    """One lot or serial as the page shows it."""

    @cached_property
    def item(self) -> dict[str, Any]:
        """The item with its limits of temperature; empty where the visitor may not read items."""
        if not self.to.may(names.ITEMS):
            return {}
        resource = RESOURCES[names.ITEMS]
        columns = tuple(resource.columns.values())
        return persistent(
            lambda: reading.one(
                resource, str(self.row["item_id"]), columns, self.to.reader(resource.name)
            )
        )

    @property
    def item_text(self) -> str:
        return plain(RESOURCES[KINDS[self.kind]], "item", self.row, self.to).strip()

    @property
    def item_sub(self) -> str:
        item = self.item
        parts = (item.get("model"), item.get("specification"))
        return " ".join(dict.fromkeys(part for part in parts if part))

    @cached_property
    def di(self) -> str:
        """The identifier of the smallest pack."""
        if not self.to.may("catalog.identifiers"):
            return ""
        resource = RESOURCES["catalog.identifiers"]
        texts = {"item_id": [str(self.row["item_id"])], "sort": ["packaging_level"]}
        asked = asking.read(resource, {**texts, "fields": ["di,agency,withdrawn_at"]})
        rows = reading.page(resource, asked, self.to.reader(resource.name)).rows
        return next((r["di"] for r in rows if not r["withdrawn_at"] and r["agency"] != OWN), "")

    @property
    def tags(self) -> list[tuple[str, str, str]]:
        """What must be known at a glance: tone, words, kind of mark."""
        found = []
        kinds = self.held | {block["kind"] for block in self.blocks}
        if BlockKind.RECALL in kinds:
            found.append(("tw-bad", gettext("Recalled"), "held"))
        if BlockKind.HOLD in kinds:
            found.append(("tw-hold", gettext("On hold"), "held"))
        expires = self.row.get("expires_on") or self.row.get("lot_expires_on")
        at = (self.at or self.now).astimezone(ZoneInfo(self.to.time_zone)).date()
        if expires and expires < at:
            found.append(("tw-bad", gettext("Expired"), "over"))
        high = self.item.get("storage_c_max")
        if high is not None and high <= 15:
            found.append(("tw-cold", self.storage, "cold"))
        return found

    @property
    def since_told(self) -> str:
        """How it is held today, where that is not as it was at the moment; else nothing."""
        then, today = self.held, self.row["held_as"]
        if self.at is None or today in then or not (today or then):
            return ""
        return {
            BlockKind.RECALL: gettext("Recalled today; at that moment it was not."),
            BlockKind.HOLD: gettext("On hold today; at that moment it was not."),
        }.get(today, gettext("It is no longer held today."))

    @cached_property
    def label_told(self) -> tuple[str, ...]:
        """What of the label that led here does not fit the record."""
        label = held(self.code, self.to) if self.code else None
        is_its = label is not None and (label.kind, label.id) == (self.kind, self.key)
        return label.told if label is not None and is_its else ()

    @property
    def storage(self) -> str:
        """How warm it may be kept; empty where its label says nothing."""
        low, high = self.item.get("storage_c_min"), self.item.get("storage_c_max")
        if high is None:
            return ""
        most = degrees(high)
        return f"{degrees(low)}–{most} ℃" if low is not None else f"≤ {most} ℃"

    def days_until(self, expires: str) -> int | None:
        """How many days it is from the moment to that day."""
        at = (self.at or self.now).astimezone(ZoneInfo(self.to.time_zone)).date()
        return (date.fromisoformat(expires) - at).days if expires else None

    @property
    def expires(self) -> str:
        found = self.row.get("expires_on") or self.row.get("lot_expires_on")
        return f"{found:%Y-%m-%d}" if found else ""

    @property
    def recalls(self) -> list[tuple[str, str]]:
        """The recalls that hold it: number and page, that of the recall where they may see it."""
        found = {b["case_id"]: b["case_number"] for b in self.blocks if b["case_id"]}
        if not self.to.may("recalls.cases"):
            return []
        told = gettext("Recall {number}, running")
        page = "/recall" if self.to.may("recalls.progress") else "/recalls/cases"
        return [(told.format(number=number or pk), f"{page}/{pk}") for pk, number in found.items()]

    @cached_property
    def unit(self) -> str:
        if not self.item.get("base_unit"):
            return ""
        return units_of(self.item, [])[0].told(self.to.language)

    @cached_property
    def figures(self) -> list[Figure]:
        """The mass balance: what came is what stands and what went; of a part of the group, only
        what stands there.
        """
        account = self.account
        places, transit, consignees = self._counts
        sites = gettext("Sites: {count}").format(count=places) if places else ""
        shipments = gettext("Shipments: {count}").format(count=transit) if transit else ""
        institutions = gettext("Consignees: {count}").format(count=consignees) if consignees else ""
        if account is None:
            own = [n for n in self.trace.nodes if self._is_own(n)]
            sums = {
                name: sum(getattr(n, name) for n in own)
                for name in ("inside", "in_transit", "delivered", "used", "destroyed")
            }
            return [
                Figure(gettext("On hand"), f"{sums['inside']:,}", sites),
                Figure(gettext("In transit"), f"{sums['in_transit']:,}", shipments),
                Figure(gettext("At institutions"), f"{sums['delivered']:,}", institutions),
                Figure(gettext("Used"), f"{sums['used']:,}", ""),
                Figure(gettext("Scrapped"), f"{sums['destroyed']:,}", ""),
            ]
        came = gettext("Made") if account.produced > account.received else gettext("Received")
        first = self.first_on
        other = {
            gettext("scrapped"): account.destroyed,
            gettext("used in production"): account.consumed,
            gettext("back to supplier"): account.returned,
            gettext("missed in counts"): account.lost,
        }
        told = [f"{word} {quantity:,}" for word, quantity in other.items() if quantity]
        missing = f"{account.missing:,}".replace("-", "−")
        consigned = (
            gettext("ours {quantity}").format(quantity=f"{account.consigned:,}")
            if account.consigned
            else ""
        )
        return [
            Figure(came, f"{account.came:,}", f"{first:%Y-%m-%d}" if first else ""),
            Figure(gettext("On hand"), f"{account.inside:,}", sites),
            Figure(gettext("In transit"), f"{account.in_transit:,}", shipments),
            Figure(
                gettext("At institutions"),
                f"{account.delivered:,}",
                " · ".join(filter(None, (institutions, consigned))),
            ),
            Figure(gettext("Used"), f"{account.used:,}", self._share(account.used, account.came)),
            Figure(
                gettext("Otherwise gone"),
                f"{sum(other.values()):,}",
                " · ".join(told) or gettext("nothing"),
            ),
            Figure(
                gettext("Difference"),
                missing,
                gettext("it adds up") if account.missing == 0 else gettext("look into it"),
                "tw-c-ok" if account.missing == 0 else "tw-c-bad",
            ),
        ]

    def _share(self, part: int, whole: int) -> str:
        return f"{part / whole:.0%}" if whole else ""

    @property
    def _counts(self) -> tuple[int, int, int]:
        """At how many sites, in how many shipments, at how many consignees it stands."""
        found = {
            station_of(w.place_kind, w.site_id, w.place_id, w.party_id)
            for w in self.own_whereabouts
        }
        kinds = [kind for kind, _ in found]
        return kinds.count("site"), kinds.count("transit"), kinds.count("consignee")

    @cached_property
    def places(self) -> list[There]:
        """Where it stands, the most first."""
        return self._all_places[:PLACES]

    @property
    def more_places(self) -> str:
        """How many places are not told, in words; empty where all are."""
        left = len(self._all_places) - PLACES
        told = gettext("{count} more, each with less; the list has all.")
        return told.format(count=f"{left:,}") if left > 0 else ""

    @cached_property
    def _all_places(self) -> list[There]:
        return self.theres(self.own_whereabouts)

    def theres(self, whereabouts: Sequence[Whereabouts], is_own: bool = True) -> list[There]:
        """The same by place and state; what was used or destroyed stands nowhere.

        Blocks are known of this lot only, not of the others that it was made of or went into.
        """
        sums: dict[tuple[int, str, str, str], int] = {}
        for one in whereabouts:
            if one.place_kind in ("used", "destruction"):
                continue
            state, tone = self._state_of(one.place_id, one.status, one.place_kind, is_own)
            key = (one.place_id, one.place_kind, state, tone)
            sums[key] = sums.get(key, 0) + one.quantity
            self.names.want(names.PLACES, [one.place_id])
            self.names.want(names.SITES, [one.site_id])
            self.names.want(names.PARTIES, [one.party_id])
        facts = {one.place_id: one for one in whereabouts}
        most = max(sums.values(), default=0) or 1
        made = []
        for (pk, kind, state, tone), quantity in sorted(sums.items(), key=lambda p: -p[1]):
            place = self.names.of(names.PLACES, pk)
            site = self.names.of(names.SITES, facts[pk].site_id).text
            name, code = site or place.text or place.code, place.code
            if kind == "transit":
                name, code = gettext("In transit from {site}").format(site=site), ""
            elif kind in ("customer", "department"):
                name, code = place.text or place.code, ""
            made.append(
                There(
                    name,
                    code,
                    place.address,
                    state,
                    tone,
                    f"{quantity:,}",
                    max(1, round(10 * quantity / most)),
                )
            )
        return made

    @property
    def total_told(self) -> str:
        return gettext("Events: {count}").format(count=f"{self._events.total:,}")

    @property
    def events(self) -> list[Happened]:
        return self._told_events[: self.events_shown]

    @property
    def printed(self) -> list[Happened]:
        """The events after those of the page, for who prints it."""
        return self._told_events[self.events_shown :]

    @property
    def printed_told(self) -> str:
        """Which events stand on paper, where those are not all; empty where they are."""
        count = len(self._told_events)
        if count == self._events.total:
            return ""
        numbers = {"count": f"{count:,}", "total": f"{self._events.total:,}"}
        if self.before is not None:
            told = gettext("{count} of {total} events are printed: those before {at}.")
            return told.format(**numbers, at=self.said(self.before))
        told = gettext(
            "The newest {count} of {total} events are printed; the trace report has more."
        )
        return told.format(**numbers)

    @cached_property
    def _told_events(self) -> list[Happened]:
        return self.told_events(self._events.events)

    def told_events(self, rows: Sequence[Event]) -> list[Happened]:
        """These in words."""
        for one in rows:
            for kind, pk in ((one.from_kind, one.from_id), (one.to_kind, one.to_id)):
                if kind == "site":
                    self.names.want(names.SITES, [pk])
                elif kind in ("consignee", "used", "supplier"):
                    self.names.want(names.PARTIES, [pk])
            self.names.want(names.DOCUMENTS, [one.document_id])
        return [self._event(one) for one in rows]

    def _event(self, one: Event) -> Happened:
        if one.what == "moved" and one.code is not None:
            word = str(CODES.words[one.code])
            what = labels.of_value("trace.timeline.code", word).in_language(self.to.language)
            tone = EVENT_TONES.get(word, "")
            if one.reverses is not None:
                taken = str(CODES.words[one.reverses])
                of = labels.of_value("trace.timeline.code", taken).in_language(self.to.language)
                what = gettext("Reversal: {what}").format(what=of)
        else:
            what = labels.of_value("trace.timeline.what", one.what).in_language(self.to.language)
            tone = "tw-hold" if one.what == "blocked" else "tw-ok"
            if one.document_kind == "recalls.case" and one.what == "blocked":
                tone = "tw-bad"
        source, target = (
            self._place(one.from_kind, one.from_id),
            self._place(one.to_kind, one.to_id),
        )
        where = " → ".join(dict.fromkeys(filter(None, (source, target))))
        return Happened(
            self.said(one.at),
            what,
            tone,
            where or gettext("everywhere"),
            f"{one.quantity:,}" if one.quantity else "",
            self.names.of(names.DOCUMENTS, one.document_id),
            one.actor_zh if self.to.language.startswith("zh") else one.actor_en or one.actor_zh,
            one.reason,
        )

    def _place(self, kind: str | None, pk: int | None) -> str:
        if kind == "site":
            return self.names.of(names.SITES, pk).text
        if kind in ("consignee", "supplier"):
            return self.names.of(names.PARTIES, pk).text
        return {
            "transit": gettext("In transit"),
            "used": gettext("Used"),
            "production": gettext("Production"),
            "adjustment": gettext("Count"),
            "destruction": gettext("Destroyed"),
        }.get(kind or "", "")

    @property
    def other_text(self) -> str:
        return local(self.other.isoformat(), self.to) if self.other else ""

    @cached_property
    def compared(self) -> dict[str, Any] | None:
        """What stood at each station then and later, and what came and went between."""
        if self.other is None:
            return None
        later = self.at or self.now
        first, last = sorted((self.other, later))
        posted = last if self.is_as_known else None
        before = self._ask("trace.flows", nodes=[self.key], happened=first, posted=posted)
        since = self._ask(
            "trace.flows", nodes=[self.key], since_at=first, happened=last, posted=posted
        )
        rows = comparing.between(before, since)
        for kind, pk in {end for row in rows.values() for end in (*row.sources, *row.targets)}:
            if kind in (*STATIONS, "supplier"):
                self.names.want(STATIONS.get(kind, names.PARTIES), [pk])
        for kind, pk in rows:
            if kind in STATIONS:
                self.names.want(STATIONS[kind], [pk])
        moved = [(station, row) for station, row in rows.items() if row.came or row.went]
        still = sum(1 for row in rows.values() if row.then and not row.came and not row.went)
        shown = [
            (
                self._station_text(station),
                *(f"{n:,}".replace("-", "−") for n in (row.then, row.came, row.went, row.now)),
                comparing.told(row, self._station_text),
            )
            for station, row in sorted(
                moved, key=lambda pair: (-(pair[1].came + pair[1].went), -pair[1].now)
            )
        ]
        said = {"first": self.said(first), "last": self.said(last)}
        title = gettext("What moved between {first} and {last}").format(**said)
        told = gettext("Other places where nothing moved: {count}").format(count=still)
        return {"rows": shown, "title": title, "still": told if still else "", **said}

    def _station_text(self, station: tuple[str, int | None]) -> str:
        kind, pk = station
        if kind == "used":
            name = self.names.of(names.PARTIES, pk).text
            return f"{name} · {gettext('Used')}" if name else gettext("Used")
        if kind == "supplier":
            return self._place(kind, pk) or gettext("Supplier not on record")
        return self._place(kind, pk) or gettext("A site of ours")
