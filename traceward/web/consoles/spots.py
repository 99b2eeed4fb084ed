"""From what a trace answers to the boxes and lines of its drawing.

Goods go from left to right: what the lot was made of or who sold it, the paper by which it came,
the lot, our sites in the order in which they had it, who got it, what became of it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from traceward.domain.trace.queries import Flow as Went
from traceward.domain.trace.queries import Node, Trace

#: More boxes than these are drawn by kind, with their number; so many of a column at most.
MANY, COLUMN, FEW = 60, 16, 8
#: Boxes that an opened group shows; all others stand in the table of whereabouts.
OPENED = 60
FOCUS = "focus"
#: The layers, in the order of the drawing.
LAYERS = (
    *("up3", "up2", "inputs", "papers", "focus", "sites", "onward", "targets"),
    *("outputs", "down2", "down3", "ends"),
)
UP = LAYERS[: LAYERS.index("focus")]
OUTSIDE = frozenset({"supplier", "production", "adjustment"})


@dataclass(frozen=True)
class Plan:
    """Promised or on its way, and not there yet: from a site or shipment to whom."""

    source: tuple[str, int | None]
    target: tuple[str, int | None]
    quantity: int


@dataclass(frozen=True)
class Seen:
    """What the drawing is made of: answers of questions, as far as the visitor may see them."""

    focus_id: int
    lot_id: int | None
    title: str
    item: str
    backward: Trace | None
    forward: Trace | None
    flows: Sequence[Went]
    #: Of the commands of edges, the document under which it was done.
    papers: Mapping[int, int | None]
    #: Station → the family of its state.
    tones: Mapping[tuple[str, int | None], str]
    #: Lots that are blocked or recalled, with the family.
    blocked: Mapping[int, str]
    plans: Sequence[Plan] = ()
    #: How much of each lot downstream was made, as far as that is known.
    made: Mapping[int, int] = field(default_factory=dict)


@dataclass
class Spot:
    """A box before it has its words, with what its group would be."""

    layer: str
    group: str
    kind: str
    id: int | None = None
    node: Node | None = None
    #: What came and what stands there; null where the visitor may not see it.
    came: int = 0
    stands: int | None = None
    used: int = 0
    members: int = 1


@dataclass
class Spots:
    """What goods were at, and what went between; then grouped."""

    seen: Seen
    opened: frozenset[str] = frozenset()
    spots: dict[str, Spot] = field(default_factory=dict)
    sums: dict[tuple[str, str, bool], int | None] = field(default_factory=dict)

    # --- What is there ---------------------------------------------------------------------

    def __post_init__(self) -> None:
        self.spots[FOCUS] = Spot("focus", FOCUS, FOCUS)
        own = self.seen.backward or self.seen.forward
        self._members = {n.id for n in own.nodes if self._is_own(n)} if own else set()
        self._members.add(self.seen.focus_id)
        self._standing = self._stands(own)
        if self.seen.backward:
            self._up(self.seen.backward)
        self._in_and_out()
        if self.seen.forward:
            self._down(self.seen.forward)
        self._planned()

    def _is_own(self, node: Node) -> bool:
        """Whether it is the lot in question: its serials, or the lot of the serial in question."""
        return node.id in (self.seen.focus_id, self.seen.lot_id) or (
            node.is_serial and node.lot_id == self.seen.focus_id
        )

    def _stands(self, trace: Trace | None) -> dict[tuple[str, int | None], int]:
        sums: dict[tuple[str, int | None], int] = defaultdict(int)
        for one in trace.whereabouts if trace else ():
            if one.node_id in self._members:
                sums[station_of(one.place_kind, one.site_id, one.place_id, one.party_id)] += (
                    one.quantity
                )
        return sums

    def _line(self, source: str, target: str, quantity: int | None, planned: bool = False) -> None:
        if source == target:
            return
        key = (source, target, planned)
        known = self.sums.get(key)
        self.sums[key] = (known or 0) + quantity if quantity is not None else known

    def _of_nodes(self, nodes: Mapping[int, Node]) -> dict[int, str]:
        """The spot of each lot: serials count with theirs, our own with the focus."""
        found = {}
        for pk, node in nodes.items():
            lot = node.lot_id if node.is_serial and node.lot_id in nodes else pk
            own = pk in self._members or lot in self._members
            found[pk] = FOCUS if own else f"lot-{lot}"
        return found

    def _lots(self, trace: Trace, side: str, layers: Sequence[str]) -> list[tuple[str, str, Any]]:
        """The lots that the trace leads to, in layers by how far away; its edges by spot."""
        nodes = {node.id: node for node in trace.nodes}
        spots = self._of_nodes(nodes)
        edges = [(spots[e.input_id], spots[e.output_id], e) for e in trace.edges]
        near: dict[str, set[str]] = defaultdict(set)
        for a, b, _ in edges:
            near[a if side == "down" else b].add(b if side == "down" else a)
        known, frontier, depth = {FOCUS}, [FOCUS], 0
        while frontier:
            depth += 1
            found = sorted({n for f in frontier for n in near[f]} - known)
            layer = layers[min(depth, len(layers)) - 1]
            for key in found:
                node = nodes[int(key.removeprefix("lot-"))]
                group = f"{layer}-item-{node.item_id}"
                spot = self.spots.setdefault(key, Spot(layer, group, "lot", node.id, node))
                spot.came = self.seen.made.get(node.id, 0) if side == "down" else 0
            known |= set(found)
            frontier = found
        return [(a, b, e) for a, b, e in edges if a in known and b in known]

    def _up(self, trace: Trace) -> None:
        for a, b, edge in self._lots(trace, "up", ("inputs", "up2", "up3")):
            if b == FOCUS:
                document = self.seen.papers.get(edge.command_id)
                paper = self._paper("papers", "in", "production", document)
                self._line(a, paper, edge.quantity)
                self.sums.setdefault((paper, FOCUS, False), None)
            elif self.spots[a].layer != self.spots[b].layer:
                self._line(a, b, edge.quantity)

    def _paper(self, layer: str, way: str, kind: str, document: int | None) -> str:
        key = f"{way}-{kind}-{document or 0}"
        self.spots.setdefault(key, Spot(layer, f"{layer}-{kind}", kind, document))
        return key

    def _in_and_out(self) -> None:
        """What came in, where it went on, who got it: by the flows of the focus."""
        between: dict[tuple[tuple[str, int | None], tuple[str, int | None]], int]
        between = defaultdict(int)
        outside: dict[tuple[tuple[str, int | None], str, int | None, int | None], int]
        outside = defaultdict(int)
        transit: dict[int, tuple[list[Any], list[Any]]] = defaultdict(lambda: ([], []))
        for went in self.seen.flows:
            a, b = (went.from_kind, went.from_id), (went.to_kind, went.to_id)
            if went.from_kind in OUTSIDE:
                outside[b, went.from_kind, went.from_id, went.document_id] += went.quantity
            elif went.to_kind in OUTSIDE:
                outside[a, went.to_kind, went.to_id, went.document_id] -= went.quantity
            elif went.to_kind == "transit":
                transit[went.to_id or 0][0].append([a, went.quantity])
            elif went.from_kind == "transit":
                transit[went.from_id or 0][1].append([b, went.quantity])
            else:
                between[a, b] += went.quantity
        for place, (came, left) in transit.items():
            for source, target, quantity in matched(came, left, ("transit", place)):
                between[source, target] += quantity
        onward = bool(self.seen.forward)
        for (site, kind, party, document), quantity in outside.items():
            if quantity > 0:
                self._came_in(self._station(site, onward), kind, party, document, quantity)
            elif quantity < 0 and onward:
                self._went_out(self._station(site, onward), kind, party, document, -quantity)
        if onward:
            self._between(between)

    def _came_in(
        self, site: str, kind: str, party: int | None, document: int | None, quantity: int
    ) -> None:
        self.spots[FOCUS].came += quantity
        if site:
            self._line(FOCUS, site, quantity)
        if not self.seen.backward:
            return
        paper = self._paper("papers", "in", kind, document)
        self._line(paper, FOCUS, quantity)
        self.spots[paper].came += quantity
        if kind == "supplier":
            key = f"from-{party or 0}"
            spot = self.spots.setdefault(key, Spot("inputs", "inputs-supplier", "party", party))
            spot.came += quantity
            self._line(key, paper, quantity)

    def _went_out(
        self, site: str, kind: str, party: int | None, document: int | None, quantity: int
    ) -> None:
        if kind == "production":
            key = self._paper("targets", "out", kind, document)
        elif kind == "supplier":
            key = f"back-{party or 0}"
            self.spots.setdefault(key, Spot("targets", "targets-back", "back", party))
        else:
            key = "lost"
            self.spots.setdefault(key, Spot("targets", key, key))
        self.spots[key].came += quantity
        self._line(site, key, quantity)

    def _between(self, between: Mapping[Any, int]) -> None:
        pairs: dict[tuple[Any, Any], int] = defaultdict(int)
        for (a, b), quantity in between.items():
            if a is None:  # sent from where one may not look
                self._line(FOCUS, self._station(b), quantity)
                continue
            if b[0] == "used" and a[0] == "consignee":
                self.spots[self._station(a)].used += quantity
                continue
            if (b, a) in between and (a[0], a[1] or 0) > (b[0], b[1] or 0):
                pairs[b, a] -= quantity
            else:
                pairs[a, b] += quantity
        for (a, b), quantity in pairs.items():
            if quantity < 0:
                a, b, quantity = b, a, -quantity
            if quantity:
                target = self._station(b)
                self.spots[target].came += quantity
                self._line(self._station(a), target, quantity)
        first = {b for (a, b, _) in self.sums if a == FOCUS}
        for key, spot in self.spots.items():
            if spot.kind == "site" and spot.layer == "sites" and key not in first:
                spot.layer = "onward"
                spot.group = "onward-site"
        for spot in self.spots.values():
            if spot.kind == "consignee":
                key = f"consignee-{spot.id or 0}"
                donors = [a for (a, b, _) in self.sums if b == key and a.startswith("site-")]
                spot.group = f"targets-{donors[0]}" if donors else "targets-consignee"

    def _station(self, station: tuple[str, int | None], is_drawn: bool = True) -> str:
        """The spot of a station; none where only what was before the lot is drawn."""
        if not is_drawn:
            return ""
        kind, pk = station
        key = f"{kind}-{pk or 0}"
        layer = {"site": "sites", "transit": "onward"}.get(kind, "targets")
        spot = self.spots.setdefault(key, Spot(layer, f"{layer}-{kind}", kind, pk))
        if station in self._standing:
            spot.stands = self._standing[station]
        return key

    def _down(self, trace: Trace) -> None:
        spots = self._of_nodes({node.id: node for node in trace.nodes})
        for a, b, edge in self._lots(trace, "down", ("outputs", "down2", "down3")):
            if a == FOCUS:
                paper = f"out-production-{self.seen.papers.get(edge.command_id) or 0}"
                self._line(paper if paper in self.spots else FOCUS, b, edge.quantity)
            elif self.spots[a].layer != self.spots[b].layer:
                self._line(a, b, edge.quantity)
        for one in trace.whereabouts:
            key = spots[one.node_id]
            if key == FOCUS or key not in self.spots:
                continue
            kind, pk = station_of(one.place_kind, one.site_id, one.place_id, one.party_id)
            pk = pk if kind in ("site", "consignee") else None
            end = f"end-{kind}-{pk or 0}"
            spot = self.spots.setdefault(end, Spot("ends", f"ends-{kind}", kind, pk))
            spot.stands = (spot.stands or 0) + one.quantity
            self._line(key, end, one.quantity)

    def _planned(self) -> None:
        for plan in self.seen.plans if self.seen.forward else ():
            source = f"{plan.source[0]}-{plan.source[1] or 0}"
            if source in self.spots:
                target = self._station(plan.target)
                if self.spots[target].layer == "sites" and not self.spots[target].came:
                    self.spots[target].layer, self.spots[target].group = "onward", "onward-site"
                self._line(source, target, plan.quantity, planned=True)

    # --- Grouped ---------------------------------------------------------------------------

    def grouped(self) -> dict[str, str]:
        """Spot → the key under which it is drawn; groups of many are one box."""
        layers: dict[str, list[str]] = defaultdict(list)
        for key, spot in self.spots.items():
            layers[spot.layer].append(key)
        most = FEW if len(self.spots) > MANY else COLUMN
        drawn = {key: key for key in self.spots}
        for layer, keys in layers.items():
            if len(keys) <= most:
                continue
            groups: dict[str, list[str]] = defaultdict(list)
            for key in keys:
                groups[self.spots[key].group].append(key)
            closed = {g: k for g, k in groups.items() if len(k) > 1 and g not in self.opened}
            for group, members in closed.items():
                self._join(f"group-{group}", members, drawn)
            for group in groups.keys() & self.opened:
                members = sorted(groups[group], key=lambda k: -self.spots[k].came)
                if len(members) > OPENED:
                    self._join(f"rest-{group}", members[OPENED:], drawn)
            left = sorted({drawn[key] for key in keys}, key=lambda k: -self._weight(k))
            rest = f"{layer}-rest"
            if len(left) > COLUMN and rest not in self.opened and not groups.keys() & self.opened:
                tail = set(left[COLUMN - 1 :])
                self._join(f"group-{rest}", [k for k in keys if drawn[k] in tail], drawn)
        return drawn

    def _weight(self, key: str) -> int:
        spot = self.spots[key]
        return spot.members + spot.came

    def _join(self, key: str, members: Iterable[str], drawn: dict[str, str]) -> None:
        several = list(members)
        first = self.spots[several[0]]
        stands = [s for k in several if (s := self.spots[k].stands) is not None]
        came = [self.spots[k].came for k in several]
        is_known = first.kind != "lot" or all(came)
        self.spots[key] = Spot(
            first.layer,
            key.removeprefix("group-").removeprefix("rest-"),
            f"many-{first.kind}",
            first.id,
            first.node,
            sum(came) if is_known else 0,
            sum(stands) if stands else None,
            sum(self.spots[k].used for k in several),
            len(several),
        )
        for one in several:
            drawn[one] = key


def station_of(kind: str, site: int, place: int, party: int | None) -> tuple[str, int | None]:
    """The station of a place, as flows name it."""
    if kind == "transit":
        return kind, place
    if kind in ("customer", "department"):
        return "consignee", party
    if kind in ("used", "destruction"):
        return kind, None
    return "site", site


def matched(
    came: Sequence[list[Any]], left: Sequence[list[Any]], transit: tuple[str, int | None]
) -> list[tuple[Any, Any, int]]:
    """Who sent what through a shipment to whom, the first first; what is left is on the way.

    Nobody where that may not be seen.
    """
    waiting = [list(one) for one in came]
    made = []
    for target, quantity in left:
        while quantity > 0 and waiting:
            part = min(quantity, waiting[0][1])
            made.append((waiting[0][0], target, part))
            quantity -= part
            waiting[0][1] -= part
            if waiting[0][1] <= 0:
                waiting.pop(0)
        if quantity > 0:
            made.append((None, target, quantity))
    return made + [(source, transit, rest) for source, rest in waiting if rest > 0]
