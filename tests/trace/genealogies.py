"""Random stories of lots and serials, and a walk of their moves in plain Python.

The walk knows nothing of the product's queries: it adds up rows of moves one by one and follows
edges by hand, so that a trace or a recall can be compared with it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from tests.ledger import database_now, post_all, set_clock
from tests.world import World
from traceward.domain.stock.models import (
    Code,
    GenealogyEdge,
    Lot,
    Serial,
    Status,
    StockBalance,
    StockMove,
    VoidTransformation,
)
from traceward.domain.stock.rules import Edge, Leg
from traceward.kernel.org import roles

ACTS = (
    "receive", "turn", "turn", "turn", "serials", "move", "transfer", "arrive", "deliver",
    "consign", "use", "return", "destroy", "back", "lose", "find", "undo",
)  # fmt: skip
LOTS = 6

#: An act, whose goods, which other lot, how much of what is there.
steps = st.tuples(st.sampled_from(ACTS), st.integers(0, 99), st.integers(0, 99), st.integers(1, 4))
stories = st.lists(steps, min_size=6, max_size=16)


@dataclass
class Story:
    """Lots of one example, and what happens to them; each act an hour after the one before."""

    world: World
    mark: str
    lots: list[Lot] = field(default_factory=list)
    serials: list[Serial] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lots = [self.world.lot("STENT", f"{self.mark}-{n}") for n in range(LOTS)]
        self.unit_lot = self.world.lot("PACER", f"{self.mark}-P")
        for lot in self.lots[:3]:
            self.post(self.leg(Code.RECEIVE, lot, 40, "SUP", "A-01", Status.PENDING))
            self.release(lot, 40, "A-01")

    @property
    def nodes(self) -> list[int]:
        return [*(lot.pk for lot in (*self.lots, self.unit_lot)), *(s.pk for s in self.serials)]

    def post(self, *legs: Leg, edges: Iterable[Edge] = ()) -> None:
        set_clock(database_now() + timedelta(hours=1))
        by = self.world.by(roles.SYSTEM).reauthenticated()
        post_all(legs=list(legs), edges=list(edges) or None, by=by)

    def leg(self, code: Code, lot: Lot, n: int, a: str, b: str, status: Status, **more: Any) -> Leg:
        return self.world.leg(code, lot, n, a, b, status=status, **more)

    def release(self, lot: Lot, n: int, place: str, **more: Any) -> None:
        pending, good = Status.PENDING, Status.QUALIFIED
        self.post(self.leg(Code.RELEASE, lot, n, place, place, good, from_status=pending, **more))

    def act(self, what: str, whose: int, other: int, part: int) -> None:
        """The act is done, where there is something that it can be done with."""
        getattr(self, f"do_{what}")(whose, other, part)

    def some(self, whose: int, *kinds: str, status: int = Status.QUALIFIED) -> Any:
        """One balance of ours or of the hospital in places of these kinds."""
        rows = StockBalance.objects.filter(
            item__in=(self.lots[0].item_id, self.unit_lot.item_id),
            lot__in=[*self.lots, self.unit_lot],
            on_hand__gt=0,
            place__kind__in=kinds,
            status=status,
        ).order_by("pk")
        found = list(rows.select_related("place", "lot"))
        return found[whose % len(found)] if found else None

    def shift(self, code: Code, b: StockBalance, target: str, part: int, **more: Any) -> None:
        n = max(1, b.on_hand // part)
        self.post(
            Leg(
                code=code, item_id=b.item_id, lot_id=b.lot_id, serial_id=b.serial_id, quantity=n,
                from_place_id=b.place_id, from_status=b.status, from_owner_id=b.owner_id,
                to_place_id=self.world.places[target].pk,
                to_status=more.get("to_status", b.status),
                to_owner_id=more.get("to_owner", b.owner_id),
            )
        )  # fmt: skip

    def do_receive(self, whose: int, other: int, part: int) -> None:
        lot = self.lots[whose % LOTS]
        self.post(self.leg(Code.RECEIVE, lot, 5 * part, "SUP", "A-02", Status.PENDING))
        self.release(lot, 5 * part, "A-02")

    def inputs(self, whose: int, part: int) -> list[StockBalance]:
        found = {}
        for n in range(1 + part % 2):
            b = self.some(whose + n, "bin")
            if b is not None:
                found[b.pk] = b
        return list(found.values())

    def do_turn(self, whose: int, other: int, part: int) -> None:
        """Inputs become a lot that may have been one of their own inputs before: rework."""
        inputs = [b for b in self.inputs(whose, part) if b.lot_id != self.lots[other % LOTS].pk]
        if not inputs:
            return
        output, n = self.lots[other % LOTS], 3 * part
        legs = [self.consume(b, 1) for b in inputs]
        legs.append(self.leg(Code.PRODUCE, output, n, "PRD", "A-01", Status.PENDING))
        edges = [Edge(b.lot_id, b.serial_id, output.pk, None, 1) for b in inputs]
        self.post(*legs, edges=edges)
        self.release(output, n, "A-01")

    def consume(self, b: StockBalance, n: int) -> Leg:
        return Leg(
            code=Code.CONSUME, item_id=b.item_id, lot_id=b.lot_id, serial_id=b.serial_id,
            quantity=n, from_place_id=b.place_id, from_status=b.status, from_owner_id=b.owner_id,
            to_place_id=self.world.places["PRD"].pk, to_status=b.status, to_owner_id=b.owner_id,
        )  # fmt: skip

    def do_serials(self, whose: int, other: int, part: int) -> None:
        b = self.some(whose, "bin")
        if b is None or b.lot_id == self.unit_lot.pk:
            return
        new = [
            Serial.objects.create(
                item_id=self.unit_lot.item_id, lot=self.unit_lot, number=name, raw_number=name
            )
            for name in (f"{self.mark}-S{len(self.serials) + n}" for n in range(1 + part % 2))
        ]
        self.serials += new
        one = self.unit_lot
        made = [
            self.leg(Code.PRODUCE, one, 1, "PRD", "A-01", Status.PENDING, serial_id=s.pk)
            for s in new
        ]
        n = min(len(new), b.on_hand)
        edges = [Edge(b.lot_id, b.serial_id, one.pk, s.pk, 1) for s in new]
        self.post(self.consume(b, n), *made, edges=edges)
        for s in new:
            self.release(one, 1, "A-01", serial_id=s.pk)

    def do_move(self, whose: int, other: int, part: int) -> None:
        b = self.some(whose, "bin")
        if b is not None and b.place.code in ("A-01", "A-02"):
            self.shift(Code.MOVE, b, "A-02" if b.place.code == "A-01" else "A-01", part)

    def do_transfer(self, whose: int, other: int, part: int) -> None:
        """Picked and sent off: it stands in transit."""
        b = self.some(whose, "bin")
        if b is not None and b.place.code in ("A-01", "A-02"):
            self.shift(Code.PICK, b, "STAGE", part)
            on = self.some(whose, "staging")
            self.shift(Code.SHIP, on, "WAY", 1)

    def do_arrive(self, whose: int, other: int, part: int) -> None:
        b = self.some(whose, "transit")
        if b is not None:
            self.shift(Code.RETURN_FROM_CUSTOMER, b, "B-01", part, to_status=Status.PENDING)

    def do_deliver(self, whose: int, other: int, part: int) -> None:
        b = self.some(whose, "transit")
        if b is not None:
            self.shift(Code.DELIVER, b, "DEP", part, to_owner=self.world.hospital.pk)

    def do_consign(self, whose: int, other: int, part: int) -> None:
        b = self.some(whose, "transit")
        if b is not None:
            self.shift(Code.DELIVER, b, "CUS", part)

    def do_use(self, whose: int, other: int, part: int) -> None:
        b = self.some(whose, "customer", "department")
        if b is not None:
            self.shift(Code.USE, b, "USED", part, to_owner=self.world.hospital.pk)

    def do_return(self, whose: int, other: int, part: int) -> None:
        b = self.some(whose, "customer", "department")
        if b is not None:
            self.shift(
                Code.RETURN_FROM_CUSTOMER,
                *(b, "A-02", part),
                to_status=Status.PENDING,
                to_owner=self.world.us.pk,
            )

    def do_destroy(self, whose: int, other: int, part: int) -> None:
        b = self.some(whose, "bin")
        if b is not None:
            self.shift(Code.DESTROY, b, "DES", 4)

    def do_back(self, whose: int, other: int, part: int) -> None:
        b = self.some(whose, "bin", status=Status.PENDING)
        if b is not None:
            self.shift(Code.RETURN_TO_SUPPLIER, b, "SUP", part, to_owner=self.world.supplier.pk)

    def do_lose(self, whose: int, other: int, part: int) -> None:
        b = self.some(whose, "bin")
        if b is not None and b.place.code in ("A-01", "A-02"):
            self.shift(Code.ADJUST_OUT, b, "ADJ", 4)

    def do_find(self, whose: int, other: int, part: int) -> None:
        lot = self.lots[whose % LOTS]
        self.post(self.leg(Code.ADJUST_IN, lot, part, "ADJ", "A-01", Status.PENDING))

    def do_undo(self, whose: int, other: int, part: int) -> None:
        """A move of goods that still stand where it brought them is reversed."""
        moves = StockMove.objects.filter(
            lot__in=self.lots, code__in=(Code.MOVE, Code.DELIVER, Code.USE)
        ).order_by("-pk")
        done = set(StockMove.objects.filter(reverses__in=moves).values_list("reverses", flat=True))
        for move in moves:
            there = StockBalance.objects.filter(
                lot=move.lot_id, place=move.to_place_id, owner=move.to_owner_id,
                status=move.to_status, on_hand__gte=move.quantity,
            )  # fmt: skip
            if move.pk not in done and there.exists():
                leg = Leg(
                    *(move.code, move.item_id, move.lot_id, move.serial_id, move.quantity),
                    *(move.from_place_id, move.from_status, move.from_owner_id),
                    *(move.to_place_id, move.to_status, move.to_owner_id),
                )
                self.post(leg.mirrored(move.pk, Code.REVERSE, "by mistake"))
                return


@dataclass
class Walk:
    """What the rows say, added up one by one, of all that happened up to a moment."""

    until: Any = None
    #: Node → (place id, status, owner id) → units; open-ended places below zero.
    stands: dict[int, Counter[tuple[int, int, int]]] = field(default_factory=dict)
    down: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    up: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    edges: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        happened = {}
        self.stands = defaultdict(Counter)
        for move in StockMove.objects.order_by("pk"):
            happened[move.command_id] = move.happened_at
            if self.until is not None and move.happened_at > self.until:
                continue
            of_node = self.stands[move.serial_id or move.lot_id]
            before = move.from_place_id, move.from_status, move.from_owner_id
            after = move.to_place_id, move.to_status, move.to_owner_id
            of_node[before] -= move.quantity
            of_node[after] += move.quantity
        gone = {
            v.command_id
            for v in VoidTransformation.objects.all()
            if self.until is None or happened[v.by_command_id] <= self.until
        }
        for edge in GenealogyEdge.objects.all():
            is_then = self.until is None or happened[edge.command_id] <= self.until
            if is_then and edge.command_id not in gone:
                a = edge.input_serial_id or edge.input_lot_id
                b = edge.output_serial_id or edge.output_lot_id
                self.down[a].add(b)
                self.up[b].add(a)
                self.edges.add(edge.pk)
        for serial in Serial.objects.exclude(lot=None):
            self.down[serial.lot_id].add(serial.pk)
            self.up[serial.pk].add(serial.lot_id)

    def after(self, start: Iterable[int]) -> set[int]:
        return closure(start, self.down)

    def before(self, start: Iterable[int]) -> set[int]:
        return closure(start, self.up)


def closure(start: Iterable[int], steps: dict[int, set[int]]) -> set[int]:
    seen = set(start)
    waiting = list(seen)
    while waiting:
        for node in steps.get(waiting.pop(), set()) - seen:
            seen.add(node)
            waiting.append(node)
    return seen
