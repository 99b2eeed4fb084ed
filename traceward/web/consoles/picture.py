"""The spots of a trace in words, as the boxes and lines of its drawing."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext

from traceward.web.consoles import names
from traceward.web.consoles.flow import Box, Flow, Line
from traceward.web.consoles.names import Names
from traceward.web.consoles.spots import FOCUS, LAYERS, Seen, Spot, Spots


@dataclass
class Picture:
    """What is drawn of what was seen."""

    seen: Seen
    names: Names
    opened: frozenset[str] = frozenset()
    link: Callable[[str], str] = lambda group: f"?open={group}"
    peek: Callable[[str], str] = lambda key: ""
    #: Where the focus has its own page.
    focus: str = ""

    def __post_init__(self) -> None:
        self._spots = Spots(self.seen, self.opened)
        self.spots, self.sums = self._spots.spots, self._spots.sums

    def flow(self) -> Flow:
        """The drawing's boxes and lines, in words."""
        drawn = self._spots.grouped()
        shown = dict.fromkeys(drawn.values())
        sums: dict[tuple[str, str, bool], int | None] = {}
        for (a, b, planned), quantity in self.sums.items():
            key = (drawn[a], drawn[b], planned)
            if key[0] != key[1]:
                known = sums.get(key)
                sums[key] = known if quantity is None else (known or 0) + quantity
        tones = dict.fromkeys(shown, "")
        for spot, box in drawn.items():
            tones[box] = tones[box] or self._tone(spot)
        self._want(shown)
        used = [layer for layer in LAYERS if any(self.spots[key].layer == layer for key in shown)]
        boxes = tuple(self._box(key, used, tones[key], sums) for key in shown)
        called = {box.key: box.title for box in boxes}
        lines = tuple(
            Line(
                a,
                b,
                quantity,
                self._line_tone(a, b, tones),
                planned,
                f"{called[a]} → {called[b]} · {'—' if quantity is None else f'{quantity:,}'}",
            )
            for (a, b, planned), quantity in sums.items()
        )
        return Flow(tuple(self._heading(layer) for layer in used), boxes, lines)

    def _line_tone(self, a: str, b: str, tones: Mapping[str, str]) -> str:
        """A line to or from a lot that is not as it should be has that lot's colour."""
        for key in (b, a):
            if key != FOCUS and tones[key] in ("tw-bad", "tw-hold", "tw-warn"):
                return tones[key]
        return ""

    def _tone(self, key: str) -> str:
        spot = self.spots[key]
        if spot.kind == "lot":
            return self.seen.blocked.get(spot.id or 0, "")
        if spot.kind in ("back", "lost", "destruction"):
            return "tw-mute"
        if spot.layer == "ends" or spot.kind in ("party", "supplier", "production", "adjustment"):
            return ""
        return self.seen.tones.get((spot.kind, spot.id), "")

    def _want(self, shown: Iterable[str]) -> None:
        for spot in (self.spots[key] for key in shown):
            kind = spot.kind.removeprefix("many-")
            if spot.node is not None:
                self.names.want(names.ITEMS, [spot.node.item_id])
            elif kind == "site":
                self.names.want(names.SITES, [spot.id])
            elif kind in ("party", "consignee", "used", "back"):
                self.names.want(names.PARTIES, [spot.id])
                self.names.want(names.SITES, [_site_of(spot.group)])
            elif kind in ("supplier", "production", "adjustment"):
                self.names.want(names.DOCUMENTS, [spot.id])
            elif kind == "transit":
                self.names.want(names.PLACES, [spot.id])

    def _box(self, key: str, used: Sequence[str], tone: str, sums: Mapping[Any, Any]) -> Box:
        spot = self.spots[key]
        peek = self.peek(key) if spot.members == 1 else ""
        made = Box(key, used.index(spot.layer), "", tone=tone, peek=peek)
        if key == FOCUS:
            sub = f"{spot.came:,} · {self.seen.item}" if spot.came else self.seen.item
            own = replace(made, title=self.seen.title, sub=sub, is_focus=True)
            return replace(own, tone="", address=self.focus)
        if spot.members > 1:
            return self._many(made, spot)
        planned = {p for (_, b, p) in sums if b == key}
        one = self._one(made, spot)
        # what has no page of its own is told by the events
        return replace(
            one,
            address=one.address or "#events",
            is_planned=planned == {True} and not spot.stands,
        )

    def called(self, key: str) -> tuple[str, str]:
        """What the spot is called, in two lines."""
        self._want([key])
        box = self._box(key, [self.spots[key].layer], "", self.sums)
        return box.title, box.sub

    def _many(self, made: Box, spot: Spot) -> Box:
        """Several of a kind: what they are, how many, and a link that opens them."""
        count, kind = f"{spot.members:,}", spot.kind.removeprefix("many-")
        title, number, sums = _WORDS.get(kind, _WORDS["lot"])(), "", self._sums(spot)
        if kind == "lot" and spot.node and "-item-" in spot.group:
            called = self.names.of(names.ITEMS, spot.node.item_id)
            title, number = called.text or called.code, gettext("Lots: {count}")
        elif kind == "lot":
            title = gettext("Other lots: {count}").format(count=count)
        elif kind == "consignee":
            site = self.names.of(names.SITES, _site_of(spot.group)).text
            told = gettext("Consignees: {count}").format(count=count)
            title, sums = f"{site} · {told}" if site else told, self._received(spot)
        elif kind in ("supplier", "production", "adjustment", "transit"):
            number = gettext("Documents: {count}")
        else:
            number = gettext("Together: {count}")
        sub = " · ".join(filter(None, (number.format(count=count), sums)))
        return replace(made, title=title, sub=sub, address=self.link(spot.group))

    def _one(self, made: Box, spot: Spot) -> Box:
        sub = self._sums(spot)
        if spot.node is not None:
            item = self.names.of(names.ITEMS, spot.node.item_id)
            kind = "serial" if spot.node.is_serial else "lot"
            title = item.text or item.code or spot.node.number
            sub = " · ".join(filter(None, (spot.node.number, sub)))
            return replace(made, title=title, sub=sub, address=f"/trace/{kind}/{spot.id}")
        if spot.kind in ("supplier", "production", "adjustment"):
            found = self.names.of(names.DOCUMENTS, spot.id)
            title = found.kind or _WORDS[spot.kind]()
            number = _short(found.text)
            sub = f"{number} · {sub}" if number and sub else number or sub
            return replace(made, title=title, sub=sub, address=found.address)
        listed = {"site": names.SITES, "transit": names.PLACES}.get(spot.kind, names.PARTIES)
        found = self.names.of(listed, spot.id)
        title = found.text
        if spot.kind == "consignee":
            sub = self._received(spot)
        elif spot.kind == "transit":
            title = gettext("In transit")
        elif spot.kind == "back":
            title = gettext("Back to {name}").format(name=found.text or gettext("the supplier"))
        elif spot.kind in ("used", "destruction", "lost"):
            title = _WORDS[spot.kind]()
        return replace(made, title=title or _WORDS[spot.kind](), sub=sub, address=found.address)

    def _received(self, spot: Spot) -> str:
        if spot.layer == "ends":
            return self._sums(spot)
        told = gettext("got {came} · used {used}")
        return told.format(came=f"{spot.came:,}", used=f"{spot.used:,}")

    def _sums(self, spot: Spot) -> str:
        kind = spot.kind.removeprefix("many-")
        if kind in ("used", "destruction") and spot.stands is not None:
            return f"{spot.stands:,}"
        if kind in ("site", "transit", "consignee") or spot.layer == "ends":
            if spot.kind == "site" and not self._is_seen(spot.id):
                return gettext("not yours to see")
            return gettext("there {quantity}").format(quantity=f"{spot.stands or 0:,}")
        return f"{spot.came:,}" if spot.came else ""

    def _is_seen(self, site: int | None) -> bool:
        own = self.seen.backward or self.seen.forward
        return own is None or own.sites is None or site in own.sites

    def _heading(self, layer: str) -> str:
        """What the column is called, by what stands in it."""
        kinds = {s.kind.removeprefix("many-") for s in self.spots.values() if s.layer == layer}
        if layer in _BY_KINDS:
            several, mixed = _BY_KINDS[layer]
            return _HEADS[next((head for own, head in several if kinds <= own), mixed)]()
        is_unit = layer == FOCUS and self.seen.lot_id is not None
        return _HEADS["unit" if is_unit else layer]()


#: Of columns that hold several kinds: what each is called where it holds only these; else the last.
_BY_KINDS: dict[str, tuple[tuple[tuple[set[str], str], ...], str]] = {
    "inputs": ((({"party"}, "suppliers"), ({"lot"}, "inputs")), "sources"),
    "papers": (
        (({"supplier"}, "receipts"), ({"production"}, "production"), ({"adjustment"}, "counts")),
        "papers",
    ),
    "targets": (
        (
            ({"consignee", "used"}, "targets"),
            ({"production"}, "consumed"),
            ({"back"}, "back"),
            ({"lost", "destruction"}, "losses"),
        ),
        "anywhere",
    ),
}
_HEADS: dict[str, Callable[[], str]] = {
    "up3": lambda: gettext("Before that"),
    "up2": lambda: gettext("Their materials"),
    "inputs": lambda: gettext("Material lots"),
    "suppliers": lambda: gettext("Suppliers"),
    "receipts": lambda: gettext("Receipts"),
    "production": lambda: gettext("Production"),
    "counts": lambda: gettext("Counts"),
    "papers": lambda: gettext("How it came"),
    "sources": lambda: gettext("What it came from"),
    "focus": lambda: gettext("This lot"),
    "unit": lambda: gettext("This unit"),
    "sites": lambda: gettext("Sites"),
    "onward": lambda: gettext("Sent on to"),
    "targets": lambda: gettext("Who got it"),
    "consumed": lambda: gettext("Put into production"),
    "back": lambda: gettext("Back to the supplier"),
    "losses": lambda: gettext("Lost and destroyed"),
    "anywhere": lambda: gettext("Where it went"),
    "outputs": lambda: gettext("Made of it"),
    "down2": lambda: gettext("Made of that"),
    "down3": lambda: gettext("And after that"),
    "ends": lambda: gettext("Where these are"),
}
_WORDS: dict[str, Callable[[], str]] = {
    "lot": lambda: gettext("Lots"),
    "supplier": lambda: gettext("Receipt"),
    "production": lambda: gettext("Production"),
    "adjustment": lambda: gettext("Found in a count"),
    "party": lambda: gettext("Supplier not on record"),
    "back": lambda: gettext("Back to the supplier"),
    "lost": lambda: gettext("Missed in a count"),
    "destruction": lambda: gettext("Destroyed"),
    "used": lambda: gettext("Used"),
    "site": lambda: gettext("A site of ours"),
    "transit": lambda: gettext("In transit"),
    "consignee": lambda: gettext("Consignee"),
}


def _short(number: str) -> str:
    """A document's number by its kind, year and end, which tell it from others on a drawing."""
    first, *between, last = number.split("-") if "-" in number else ("", number)
    year = f"{between[-1][-2:]}-" if between and between[-1].isdecimal() else ""
    return f"{first}-…{year}{last}" if first else number


def _site_of(group: str) -> int | None:
    """The site in the name of a group of those that got goods from there."""
    tail = group.rpartition("site-")[2]
    return int(tail) if group.startswith("targets-site-") and tail.isdecimal() else None
