"""What the ledger should do, as plain dictionaries; written from ARCHITECTURE.md, not from SQL.

`Model.verdict` says of a post whether it is taken, or with which SQLSTATE it is refused. Where a
post is wrong in several ways, the order of docs/reference/model-test.md decides.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from traceward.domain.stock.rules import BalanceKey, Edge, Leg, Promise

SHANGHAI = ZoneInfo("Asia/Shanghai")
SKEW, LATE = timedelta(minutes=2), timedelta(minutes=15)
PENDING, QUALIFIED, REJECTED = 1, 2, 3
INSIDE = ("bin", "dock", "staging")
PATIENT = ("customer", "department")


class Rule(NamedTuple):
    """What a move code allows."""

    sources: tuple[str, ...]
    targets: tuple[str, ...]
    states: tuple[int, ...]
    #: Status pairs besides keeping the status; None: any (reversals).
    changes: tuple[tuple[int, int], ...] = ()
    stays: bool = False
    sells: bool = False
    expired: bool = False
    on_hold: bool = False
    recalled: bool = False


ANY = (PENDING, QUALIFIED, REJECTED)
KEPT = {"expired": True, "on_hold": True, "recalled": True}
RULES: dict[int, Rule] = {
    1: Rule(("supplier",), INSIDE, (1,), sells=True, on_hold=True, recalled=True),
    2: Rule(INSIDE, INSIDE, ANY, **KEPT),
    3: Rule(INSIDE, INSIDE, ANY, **KEPT),
    4: Rule(("bin",), ("staging",), (2,)),
    5: Rule(INSIDE, INSIDE, (2,), stays=True),
    6: Rule(("staging",), ("transit",), (2,)),
    7: Rule(("transit",), PATIENT, (2,), sells=True),
    8: Rule(PATIENT, ("used",), (2,), sells=True),
    9: Rule(INSIDE, ("production",), (2,)),
    10: Rule(("production",), INSIDE, (1,), on_hold=True, recalled=True),
    11: Rule(INSIDE, INSIDE, (1,), ((1, 2),), stays=True),
    12: Rule(INSIDE, INSIDE, (1, 2), ((1, 3), (2, 3)), stays=True, **KEPT),
    13: Rule(("adjustment",), INSIDE, (1,), **KEPT),
    14: Rule(INSIDE, ("adjustment",), ANY, **KEPT),
    15: Rule((*PATIENT, "transit"), INSIDE, ANY, ((2, 1),), sells=True, **KEPT),
    16: Rule(INSIDE, ("supplier",), ANY, sells=True, **KEPT),
    17: Rule(INSIDE, ("destruction",), (2, 3), expired=True, recalled=True),
    19: Rule(("transit",), ("bin", "dock"), ANY, ((2, 1),), sells=True, **KEPT),
    20: Rule(("transit",), ("adjustment",), ANY, **KEPT),
}
REVERSE = 18
SIGNED = (11, 12, 20)
#: A decision about goods is not taken back by a reversal.
DECISIONS = (11, 12)
#: Between sites goods go through transit only.
WITHIN_A_SITE = (2, 3, 4, 5, 11, 12, 20)
#: Goods stay usable: they may not go out of a place or container that is blocked.
KEEPS_BLOCKS = (2, 3, REVERSE, 19)
TURNS = (9, 10)


@dataclass(frozen=True)
class PlaceFacts:
    kind: str
    path: tuple[int, ...]
    celsius: tuple[int, int] | None = None
    is_open: bool = True
    site: int = 0

    @property
    def physical(self) -> bool:
        return self.kind not in ("supplier", "production", "adjustment")


@dataclass(frozen=True)
class LotFacts:
    item: int
    expires: date | None


@dataclass(frozen=True)
class ItemFacts:
    has_serials: bool
    celsius: tuple[int, int] | None = None


@dataclass
class BlockFacts:
    uid: object
    kind: str
    lot: int | None = None
    serial: int | None = None
    container: int | None = None
    place: int | None = None
    item: int | None = None
    until: datetime | None = None
    lifted: bool = False


@dataclass(frozen=True)
class Post:
    """One post: what is asked of the ledger."""

    legs: tuple[Leg, ...] = ()
    promises: tuple[Promise, ...] = ()
    edges: tuple[Edge, ...] = ()
    happened_at: datetime | None = None
    reason: str | None = None
    signed: bool = True


class Moved(NamedTuple):
    id: int
    leg: Leg
    happened_at: datetime
    #: Which post wrote it.
    post: int = 0


class Made(NamedTuple):
    """An edge, and the post that wrote it."""

    edge: Edge
    post: int


def from_key(leg: Leg) -> BalanceKey:
    return BalanceKey(
        leg.item_id, leg.lot_id, leg.from_place_id, leg.from_status, leg.from_owner_id,
        leg.serial_id, leg.from_container_id,
    )  # fmt: skip


def to_key(leg: Leg) -> BalanceKey:
    return BalanceKey(
        leg.item_id, leg.lot_id, leg.to_place_id, leg.to_status, leg.to_owner_id,
        leg.serial_id, leg.to_container_id,
    )  # fmt: skip


@dataclass
class Model:
    """The whole company as dictionaries."""

    items: dict[int, ItemFacts]
    places: dict[int, PlaceFacts]
    owners: set[int]
    lots: dict[int, LotFacts] = field(default_factory=dict)
    serials: dict[int, int] = field(default_factory=dict)  # serial → lot
    containers: dict[int, int | None] = field(default_factory=dict)  # container → parent
    on_hand: dict[BalanceKey, int] = field(default_factory=lambda: defaultdict(int))
    promised: dict[tuple[int, BalanceKey], int] = field(default_factory=lambda: defaultdict(int))
    moves: list[Moved] = field(default_factory=list)
    reversed: set[int] = field(default_factory=set)
    edges: list[Made] = field(default_factory=list)
    #: Posts whose consuming and producing was taken back: their edges count no more.
    void: set[int] = field(default_factory=set)
    posts: int = 0
    blocks: list[BlockFacts] = field(default_factory=list)
    closed_until: datetime | None = None

    # --- what is known --------------------------------------------------------------------------

    def reserved(self, key: BalanceKey) -> int:
        return sum(n for (_, k), n in self.promised.items() if k == key)

    def boxes(self, container: int | None) -> Iterator[int]:
        """The container and those it stands in."""
        while container is not None:
            yield container
            container = self.containers.get(container)

    def blocks_on(self, key: BalanceKey, now: datetime) -> list[BlockFacts]:
        return [b for b in self.blocks if self.is_active(b, now) and self.covers(b, key)]

    def is_active(self, b: BlockFacts, now: datetime) -> bool:
        return not b.lifted and (b.until is None or b.until > now)

    def covers(self, b: BlockFacts, key: BalanceKey) -> bool:
        return (
            b.lot in (None, key.lot_id)
            and b.serial in (None, key.serial_id)
            and b.item in (None, key.item_id)
            and self.reaches(b, key)
        )

    def reaches(self, b: BlockFacts, key: BalanceKey) -> bool:
        """Whether the place and container are within what the block names of these."""
        return (b.container is None or b.container in self.boxes(key.container_id)) and (
            b.place is None or b.place in self.places[key.place_id].path
        )

    def is_expired(self, lot: int | None, at: datetime) -> bool:
        expires = self.lots[lot].expires if lot else None
        return expires is not None and at.astimezone(SHANGHAI).date() > expires

    def at(self, moment: datetime) -> dict[BalanceKey, int]:
        """What stood where when the world's clock showed this."""
        stood: dict[BalanceKey, int] = defaultdict(int)
        for m in self.moves:
            if m.happened_at <= moment:
                stood[from_key(m.leg)] -= m.leg.quantity
                stood[to_key(m.leg)] += m.leg.quantity
        return {k: n for k, n in stood.items() if n}

    def descendants(self, node: int) -> set[int]:
        """What it went into, itself included; a lot stands for its serials too."""
        found, todo = {node}, [node]
        while todo:
            here = todo.pop()
            for unit in {s for s, lot in self.serials.items() if lot == here} - found:
                found.add(unit)
                todo.append(unit)
            for e in (made.edge for made in self.edges if made.post not in self.void):
                child = e.output_serial_id or e.output_lot_id
                if (e.input_serial_id or e.input_lot_id) == here and child not in found:
                    found.add(child)
                    todo.append(child)
        return found

    # --- what is decided ------------------------------------------------------------------------

    def verdict(self, post: Post, now: datetime) -> str:
        """ "" where the post is taken, else the SQLSTATE of its refusal."""
        told = post.happened_at or now
        at = min(told, now)
        checks = (
            lambda: self._time(post, told, now),
            lambda: self._legs(post.legs, at),
            lambda: self._unknown(post.legs),
            lambda: self._unsigned(post),
            lambda: self._short(post),
            lambda: self._blocked(post, now),
            lambda: self._unpromisable(post.promises, at),
            lambda: self._serial(post.legs),
            lambda: self._reversal(post.legs),
            lambda: self._past(post.legs, at) if at < now else "",
            lambda: self._genealogy(post),
        )
        return next((state for check in checks if (state := check())), "")

    def _time(self, post: Post, at: datetime, now: datetime) -> str:
        closed = bool(post.legs) and self.closed_until is not None and at < self.closed_until
        wrong = at > now + SKEW or (at < now - LATE and not post.reason) or closed
        return "TW008" if wrong else ""

    def _legs(self, legs: Iterable[Leg], at: datetime) -> str:
        """The gravest fault of any leg; the ranks are those of the model's page."""
        return min((f for leg in legs if (f := self._leg(leg, at))), default=(0, ""))[1]

    def _leg(self, leg: Leg, at: datetime) -> tuple[int, str] | None:
        item, lot = self.items.get(leg.item_id), self.lots.get(leg.lot_id or 0)
        source, target = self.places.get(leg.from_place_id), self.places.get(leg.to_place_id)
        known = item and lot and source and target and lot.item == leg.item_id
        is_known_code = leg.code in RULES or leg.code == REVERSE
        if not known or not is_known_code or item.has_serials != (leg.serial_id is not None):
            return 2, "TW002"
        if leg.serial_id is not None and self.serials.get(leg.serial_id) != leg.lot_id:
            return 2, "TW002"
        if leg.quantity <= 0 or (leg.serial_id is not None and leg.quantity > 1):
            return 3, "TW003"
        if leg.code == REVERSE:
            return (3, "TW003") if leg.to_status == QUALIFIED != leg.from_status else None
        rule = RULES[leg.code]
        if not self._is_allowed(leg, rule, source, target):
            return 3, "TW003"
        if self.is_expired(leg.lot_id, at) and not rule.expired:
            return 4, "TW005"
        if leg.from_status not in rule.states:
            return 5, "TW004"
        keeps, needs = target.celsius, item.celsius
        if needs and keeps is None and target.kind == "bin":
            return 7, "TW007"
        if keeps and needs and (keeps[0] < needs[0] or keeps[1] > needs[1]):
            return 7, "TW007"
        return None

    def _is_allowed(self, leg: Leg, rule: Rule, source: PlaceFacts, target: PlaceFacts) -> bool:
        statuses = (leg.from_status, leg.to_status)
        keeps = leg.from_status == leg.to_status
        enters = leg.code in (1, 10, 13) and statuses != (PENDING, PENDING)
        unchecked = leg.code == 15 and leg.to_status == QUALIFIED
        return (
            source.kind in rule.sources
            and target.kind in rule.targets
            and rule.stays == (leg.from_place_id == leg.to_place_id)
            and (source.site == target.site or leg.code not in WITHIN_A_SITE)
            and (keeps or statuses in rule.changes)
            and not enters
            and not unchecked
            and all(s in ANY for s in statuses)
            and (leg.from_owner_id == leg.to_owner_id or rule.sells)
            and target.is_open
        )

    def _unknown(self, legs: Iterable[Leg]) -> str:
        for leg in legs:
            boxes = {leg.from_container_id, leg.to_container_id} - {None}
            if boxes - set(self.containers):
                return "TW002"
            if {leg.from_owner_id, leg.to_owner_id} - self.owners:
                return "TW002"
        return ""

    def _unsigned(self, post: Post) -> str:
        decides = any(leg.code in SIGNED for leg in post.legs)
        return "TW015" if decides and not post.signed else ""

    def net(self, legs: Iterable[Leg]) -> dict[BalanceKey, int]:
        change: dict[BalanceKey, int] = defaultdict(int)
        for leg in legs:
            change[from_key(leg)] -= leg.quantity
            change[to_key(leg)] += leg.quantity
        return change

    def _short(self, post: Post) -> str:
        change = self.net(post.legs)
        promises: dict[BalanceKey, int] = defaultdict(int)
        given: dict[tuple[int, BalanceKey], int] = defaultdict(int)
        for p in post.promises:
            promises[p.key] += p.change
            given[p.line_id, p.key] += p.change
        for key in {*change, *promises}:
            d, r = change[key], promises[key]
            if not d and not r:
                continue
            reserved = self.reserved(key) + r
            physical = self.places[key.place_id].physical
            if reserved < 0 or (physical and self.on_hand[key] + d < reserved):
                return "TW001"
            if not physical and r > 0:
                return "TW001"
        short = any(self.promised[k] + n < 0 for k, n in given.items())
        return "TW001" if short else ""

    def _blocked(self, post: Post, now: datetime) -> str:
        for leg in post.legs:
            rule = RULES.get(leg.code)
            for b in self.blocks_on(from_key(leg), now):
                if rule and not (rule.recalled if b.kind == "recall" else rule.on_hold):
                    return "TW006"
                if leg.code in KEEPS_BLOCKS and not self.reaches(b, to_key(leg)):
                    return "TW006"
        promised = [p.key for p in post.promises if p.change > 0]
        return "TW006" if any(self.blocks_on(key, now) for key in promised) else ""

    def _unpromisable(self, promises: Iterable[Promise], at: datetime) -> str:
        keys = [p.key for p in promises if p.change > 0]
        if any(self.is_expired(key.lot_id, at) for key in keys):
            return "TW005"
        return "TW004" if any(key.status != QUALIFIED for key in keys) else ""

    def _serial(self, legs: Iterable[Leg]) -> str:
        change = self.net(legs)
        for serial in {k.serial_id for k, d in change.items() if k.serial_id and d > 0}:
            stands = [
                self.on_hand[k] + change.get(k, 0)
                for k in {*self.on_hand, *change}
                if k.serial_id == serial and self.places[k.place_id].physical
            ]
            if sum(stands) > 1:
                return "TW012"
        return ""

    def _reversal(self, legs: Sequence[Leg]) -> str:
        by_id = {m.id: m for m in self.moves}
        for leg in legs:
            if (leg.code == REVERSE) != (leg.reverses_id is not None):
                return "TW009"
            if leg.reverses_id is None:
                continue
            m = by_id.get(leg.reverses_id)
            if m is None or m.leg.reverses_id is not None or m.id in self.reversed:
                return "TW009"
            mirrors = from_key(leg) == to_key(m.leg) and to_key(leg) == from_key(m.leg)
            if not mirrors or leg.quantity != m.leg.quantity or m.leg.code in DECISIONS:
                return "TW009"
            if m.leg.code in TURNS and not self.turned_with(m) <= {x.reverses_id for x in legs}:
                return "TW009"
        return ""

    def turned_with(self, m: Moved) -> set[int]:
        """All that was consumed and produced together with it, itself included."""
        return {x.id for x in self.moves if x.post == m.post and x.leg.code in TURNS}

    def _past(self, legs: Iterable[Leg], at: datetime) -> str:
        """No moment after `at` may newly fall below zero."""
        for key, d in self.net(legs).items():
            if d >= 0 or not self.places[key.place_id].physical:
                continue
            changes = [
                (m.happened_at, sign * m.leg.quantity)
                for m in self.moves
                for sign, side in ((-1, from_key(m.leg)), (1, to_key(m.leg)))
                if side == key
            ]
            for moment in {t for t, _ in changes if t > at}:
                stood = sum(n for t, n in changes if t < moment)
                if 0 <= stood < -d:
                    return "TW013"
        return ""

    def _genealogy(self, post: Post) -> str:
        used: dict[tuple[int | None, int | None], int] = defaultdict(int)
        for leg in post.legs:
            if leg.code == 9:
                used[leg.lot_id, leg.serial_id] += leg.quantity
        made = {(leg.lot_id, leg.serial_id) for leg in post.legs if leg.code == 10}
        inputs, outputs = set(), set()
        for e in post.edges:
            source = e.input_lot_id, e.input_serial_id
            targets = {
                k for k in made if e.output_lot_id == k[0] and e.output_serial_id in (None, k[1])
            }
            if e.quantity > used.get(source, 0) or not targets:
                return "TW014"
            inputs.add(source)
            outputs |= targets
        is_complete = not used or not made or (inputs, outputs) == (set(used), made)
        return "" if is_complete else "TW014"

    # --- what becomes true ----------------------------------------------------------------------

    def take(self, post: Post, written: list[tuple[int, datetime]]) -> None:
        """The post was taken; its moves have these ids and moments."""
        for key, d in self.net(post.legs).items():
            self.on_hand[key] += d
        for p in post.promises:
            self.promised[p.line_id, p.key] += p.change
        self.posts += 1
        by_id = {m.id: m for m in self.moves}
        for leg, (move_id, happened_at) in zip(post.legs, written, strict=True):
            self.moves.append(Moved(move_id, leg, happened_at, self.posts))
            if leg.reverses_id is not None:
                self.reversed.add(leg.reverses_id)
                taken_back = by_id[leg.reverses_id]
                if taken_back.leg.code in TURNS:
                    self.void.add(taken_back.post)
        self.edges.extend(Made(edge, self.posts) for edge in post.edges)

    def block(self, b: BlockFacts) -> dict[tuple[int, BalanceKey], int]:
        """The block stands; what was promised of what it covers is given back and returned."""
        self.blocks.append(b)
        hit = {k: n for k, n in self.promised.items() if n and self.covers(b, k[1])}
        for k in hit:
            self.promised[k] = 0
        return hit
