"""Posts drawn from the model's state: most are right, some are spoilt in one known way."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from tests.model.model import QUALIFIED, REJECTED, REVERSE, Model, Post, to_key
from tests.world import World
from traceward.domain.stock.rules import BalanceKey, Edge, Leg, Promise

PENDING = 1


class Generator:
    """Draws the next post; what was drawn seldom comes more often."""

    def __init__(self, rng: random.Random, world: World, model: Model, lines: list[int]) -> None:
        self.rng, self.world, self.model, self.lines = rng, world, model, lines
        self.drawn: Counter[str] = Counter()
        self.place = {code: place.pk for code, place in world.places.items()}
        self.right = {f.__name__: f for f in RIGHT}
        self.wrong = {f.__name__: f for f in WRONG}

    def next(self, now: datetime) -> tuple[str, Post]:
        """The name of what was drawn, and the post."""
        while True:
            pool = self.right if self.rng.random() < 0.74 else self.wrong
            names = self.rng.choices(list(pool), [1 / (3 + self.drawn[n]) for n in pool], k=3)
            for name in names:
                post = pool[name](self, now)
                if post is not None:
                    self.drawn[name] += 1
                    return name, post

    # --- picking from what is there --------------------------------------------------------------

    def key(self, *kinds: str, status: int | None = QUALIFIED, free: bool = True) -> BalanceKey:
        """A balance with goods at such a place, preferring none in particular."""
        found = [
            k
            for k, n in self.model.on_hand.items()
            if n > (self.model.reserved(k) if free else 0)
            and self.model.places[k.place_id].kind in kinds
            and (status is None or k.status == status)
        ]
        if not found:
            raise Nothing
        return self.rng.choice(found)

    def some(self, key: BalanceKey) -> int:
        """A quantity that is free there."""
        return self.rng.randint(1, min(5, self.model.on_hand[key] - self.model.reserved(key)))

    def to(self, code: int, key: BalanceKey, quantity: int, place: str, **changed: object) -> Leg:
        """The goods of this balance go to the place; otherwise they stay what they are."""
        values = {
            "to_place_id": self.place[place] if place else key.place_id,
            "to_status": key.status,
            "to_owner_id": key.owner_id,
            "to_container_id": key.container_id,
            **changed,
        }
        return Leg(
            code=code, item_id=key.item_id, lot_id=key.lot_id, serial_id=key.serial_id,
            quantity=quantity, from_place_id=key.place_id, from_status=key.status,
            from_owner_id=key.owner_id, from_container_id=key.container_id, **values,
        )  # fmt: skip

    def lot(self, item: str = "STENT") -> int:
        pk = self.world.items[item].pk
        lots = [n for n, facts in self.model.lots.items() if facts.item == pk]
        return self.rng.choice(lots)

    def entering(self, code: int, source: str) -> Leg:
        """Goods come in as 待验: plain, cold, or one serial that stands nowhere."""
        item = self.rng.choice(("STENT", "STENT", "STENT", "REAGENT", "PACER"))
        serial = None
        if item == "PACER":
            stands = {k.serial_id for k, n in self.model.on_hand.items() if n > 0}
            serial = self.rng.choice([s for s in self.model.serials if s not in stands] or [None])
            if serial is None:
                raise Nothing
        lot = self.model.serials[serial] if serial else self.lot(item)
        key = BalanceKey(
            self.world.items[item].pk, lot, self.place[source], PENDING, self.world.us.pk, serial
        )
        target = "C-01" if item == "REAGENT" else self.rng.choice(BINS)
        return self.to(code, key, 1 if serial else self.rng.randint(3, 20), target)

    def bin_for(self, key: BalanceKey) -> str:
        cold = key.item_id == self.world.items["REAGENT"].pk
        bins = ("C-01", "DOCK") if cold else (*BINS, "DOCK")
        return self.rng.choice([b for b in bins if self.place[b] != key.place_id])


class Nothing(Exception):
    """The model holds nothing from which this could be drawn."""


BINS = ("A-01", "A-02", "B-01")
Draw = Callable[[Generator, datetime], Post | None]
RIGHT: list[Draw] = []
WRONG: list[Draw] = []


def _or_none(draw: Callable[[Generator, datetime], Post | Leg]) -> Draw:
    def drawing(g: Generator, now: datetime) -> Post | None:
        try:
            drawn = draw(g, now)
        except Nothing:
            return None
        return Post((drawn,)) if isinstance(drawn, Leg) else drawn

    drawing.__name__ = draw.__name__
    return drawing


def right(draw: Callable[[Generator, datetime], Post | Leg]) -> None:
    RIGHT.append(_or_none(draw))


def wrong(draw: Callable[[Generator, datetime], Post | Leg]) -> None:
    WRONG.append(_or_none(draw))


# --- what should pass, unless a block or an expiry is in the way ---------------------------------


@right
def receive(g: Generator, now: datetime) -> Leg:
    return g.entering(1, "SUP")


@right
def find_more(g: Generator, now: datetime) -> Leg:
    return g.entering(13, "ADJ")


@right
def release(g: Generator, now: datetime) -> Leg:
    key = g.key("bin", "dock", status=PENDING)
    quantity = g.model.on_hand[key] - g.model.reserved(key)
    return g.to(11, key, quantity, "", to_status=QUALIFIED)


@right
def release_more(g: Generator, now: datetime) -> Leg:
    key = g.key("bin", "dock", status=PENDING)
    return g.to(11, key, g.model.on_hand[key], "", to_status=QUALIFIED)


@right
def reject(g: Generator, now: datetime) -> Leg:
    key = g.key("bin", "dock", status=g.rng.choice((1, 2)))
    return g.to(12, key, 1, "", to_status=REJECTED)


@right
def put_away(g: Generator, now: datetime) -> Leg:
    key = g.key("bin", "dock", status=None)
    return g.to(2, key, g.some(key), g.bin_for(key))


@right
def move(g: Generator, now: datetime) -> Post:
    keys = {g.key("bin", "dock", status=None) for _ in range(3)}
    return Post(tuple(g.to(3, k, g.some(k), g.bin_for(k)) for k in sorted(keys, key=str)))


@right
def pick(g: Generator, now: datetime) -> Leg:
    key = g.key("bin")
    return g.to(4, key, g.some(key), "STAGE")


@right
def pack(g: Generator, now: datetime) -> Leg:
    key = g.key("bin", "staging")
    boxes = [c for c in [*g.model.containers, None] if c != key.container_id]
    return g.to(5, key, g.some(key), "", to_container_id=g.rng.choice(boxes))


@right
def ship(g: Generator, now: datetime) -> Leg:
    key = g.key("staging")
    return g.to(6, key, g.some(key), "WAY")


@right
def deliver(g: Generator, now: datetime) -> Leg:
    key = g.key("transit")
    owner = g.rng.choice((g.world.us.pk, g.world.hospital.pk))
    return g.to(7, key, g.some(key), g.rng.choice(("CUS", "DEP")), to_owner_id=owner)


@right
def use(g: Generator, now: datetime) -> Leg:
    key = g.key("customer", "department")
    return g.to(8, key, 1, "USED", to_owner_id=g.world.hospital.pk)


@right
def take_back(g: Generator, now: datetime) -> Leg:
    key = g.key("customer", "department", "transit")
    return g.to(15, key, 1, g.bin_for(key), to_status=PENDING, to_owner_id=g.world.us.pk)


@right
def send_back(g: Generator, now: datetime) -> Leg:
    key = g.key("bin", status=g.rng.choice((1, 2, 3)))
    return g.to(16, key, 1, "SUP", to_container_id=None)


@right
def destroy(g: Generator, now: datetime) -> Leg:
    key = g.key("bin", status=g.rng.choice((2, 3)))
    return g.to(17, key, 1, "DES", to_container_id=None)


@right
def find_less(g: Generator, now: datetime) -> Leg:
    key = g.key("bin", status=None)
    return g.to(14, key, 1, "ADJ", to_container_id=None)


@right
def make(g: Generator, now: datetime) -> Post:
    """One or two inputs are consumed, one lot or serial is produced."""
    keys = sorted({g.key("bin") for _ in range(g.rng.randint(1, 2))}, key=str)
    inputs = tuple(g.to(9, k, 1, "PRD", to_container_id=None) for k in keys)
    made = g.entering(10, "PRD")
    edges = tuple(Edge(x.lot_id, x.serial_id, made.lot_id, made.serial_id, 1) for x in inputs)
    return Post((*inputs, made), edges=edges)


@right
def promise(g: Generator, now: datetime) -> Post:
    key = g.key("bin", "staging")
    return Post(promises=(Promise(g.rng.choice(g.lines), key, g.some(key)),))


@right
def give_back(g: Generator, now: datetime) -> Post:
    held = [(k, n) for k, n in g.model.promised.items() if n > 0]
    if not held:
        raise Nothing
    (line, key), n = g.rng.choice(held)
    return Post(promises=(Promise(line, key, -g.rng.randint(1, n)),))


@right
def pick_promised(g: Generator, now: datetime) -> Post:
    held = [
        (k, n)
        for k, n in g.model.promised.items()
        if n > 0 and g.model.places[k[1].place_id].kind == "bin"
    ]
    if not held:
        raise Nothing
    (line, key), n = g.rng.choice(held)
    leg = g.to(4, key, n, "STAGE")
    return Post((leg,), (Promise(line, key, -n), Promise(line, to_key(leg), n)))


@right
def reverse(g: Generator, now: datetime) -> Leg:
    recent = [
        m
        for m in g.model.moves[-60:]
        if m.id not in g.model.reversed
        and m.leg.code != REVERSE
        and g.model.on_hand[to_key(m.leg)] - g.model.reserved(to_key(m.leg)) >= m.leg.quantity
    ]
    if not recent:
        raise Nothing
    m = g.rng.choice(recent)
    return m.leg.mirrored(m.id, REVERSE, "slip")


def _long_ago(g: Generator, now: datetime) -> datetime:
    days = g.rng.choice((1, 2, 3, 5, 8))
    return now - timedelta(days=days, minutes=g.rng.randint(1, 1000))


@right
def back_date(g: Generator, now: datetime) -> Post:
    """Entered later, of goods that were there then."""
    at = _long_ago(g, now)
    if g.model.closed_until and at < g.model.closed_until:
        at = now - timedelta(hours=1)
    stood = g.model.at(at)
    key = g.key("bin", status=None)
    if stood.get(key, 0) <= 0:
        raise Nothing
    return Post((g.to(3, key, 1, g.bin_for(key)),), happened_at=at, reason="late paper")


@right
def back_date_more(g: Generator, now: datetime) -> Post:
    minutes = g.rng.choice((-14, -10, -1, 1))
    at = now + timedelta(minutes=minutes)
    return Post((g.entering(1, "SUP"),), happened_at=at)


# --- what should be refused ----------------------------------------------------------------------


@wrong
def take_too_much(g: Generator, now: datetime) -> Leg:
    key = g.key("bin", status=None, free=False)
    return g.to(3, key, g.model.on_hand[key] + 1, g.bin_for(key))


@wrong
def take_promised(g: Generator, now: datetime) -> Post:
    held = [(k, n) for k, n in g.model.promised.items() if n > 0]
    if not held:
        raise Nothing
    (line, key), n = g.rng.choice(held)
    if g.rng.random() < 0.5:
        return Post(promises=(Promise(line, key, -n - 1),))
    return Post((g.to(3, key, g.model.on_hand[key], g.bin_for(key)),))


@wrong
def name_nonsense(g: Generator, now: datetime) -> Leg:
    leg = g.entering(1, "SUP")
    changed = g.rng.choice((
        {"lot_id": None}, {"item_id": 0}, {"to_place_id": 0}, {"code": 77},
        {"to_container_id": 10**9}, {"to_owner_id": 10**9}, {"lot_id": g.lot("REAGENT")},
        {"serial_id": 10**9},
    ))  # fmt: skip
    return leg._replace(**changed)


@wrong
def go_wrong_way(g: Generator, now: datetime) -> Leg:
    key = g.key("bin")
    return g.rng.choice((
        lambda: g.to(3, key, 1, "WAY"),
        lambda: g.to(4, key, 1, g.bin_for(key)),
        lambda: g.to(3, key, 0, g.bin_for(key)),
        lambda: g.to(3, key, 1, g.bin_for(key), to_status=REJECTED),
        lambda: g.to(3, key, 1, g.bin_for(key), to_owner_id=g.world.hospital.pk),
        lambda: g.to(3, key, 1, "SHUT"),
        lambda: g.to(7, key, 1, "CUS"),
        lambda: g.entering(1, "SUP")._replace(from_status=2, to_status=2),
        lambda: g.to(15, key._replace(place_id=g.place["CUS"]), 1, "A-01"),
    ))()  # fmt: skip


@wrong
def pick_unreleased(g: Generator, now: datetime) -> Post:
    key = g.key("bin", status=g.rng.choice((1, 3)))
    if g.rng.random() < 0.3:
        return Post(promises=(Promise(g.rng.choice(g.lines), key, 1),))
    return Post((g.to(4, key, 1, "STAGE"),))


@wrong
def pick_expired(g: Generator, now: datetime) -> Post:
    keys = [
        k
        for k, n in g.model.on_hand.items()
        if n > g.model.reserved(k)
        and g.model.is_expired(k.lot_id, now)
        and g.model.places[k.place_id].kind == "bin"
        and k.status == QUALIFIED
    ]
    if not keys:
        raise Nothing
    key = g.rng.choice(keys)
    if g.rng.random() < 0.5:
        return Post(promises=(Promise(g.rng.choice(g.lines), key, 1),))
    return Post((g.to(4, key, 1, "STAGE"),))


@wrong
def pick_blocked(g: Generator, now: datetime) -> Post:
    keys = [
        k
        for k, n in g.model.on_hand.items()
        if n > g.model.reserved(k)
        and g.model.places[k.place_id].kind == "bin"
        and k.status == QUALIFIED
        and g.model.blocks_on(k, now)
    ]
    if not keys:
        raise Nothing
    key = g.rng.choice(keys)
    if g.rng.random() < 0.3:
        return Post(promises=(Promise(g.rng.choice(g.lines), key, 1),))
    return Post((g.to(4, key, 1, "STAGE"),))


@wrong
def keep_warm(g: Generator, now: datetime) -> Leg:
    item = g.world.items["REAGENT"].pk
    lot = g.lot("REAGENT")
    key = BalanceKey(item, lot, g.place["SUP"], PENDING, g.world.us.pk)
    return g.to(1, key, 1, g.rng.choice(BINS))


@wrong
def mistake_the_time(g: Generator, now: datetime) -> Post:
    leg = g.entering(1, "SUP")
    times = [
        Post((leg,), happened_at=now + timedelta(minutes=3)),
        Post((leg,), happened_at=now - timedelta(minutes=16)),
    ]
    if g.model.closed_until:
        early = g.model.closed_until - timedelta(minutes=1)
        times.append(Post((leg,), happened_at=early, reason="late"))
    return g.rng.choice(times)


@wrong
def reverse_wrongly(g: Generator, now: datetime) -> Leg:
    def stands(leg: Leg) -> bool:
        """So much stands there that only the reversal itself is wrong."""
        mirror = leg.mirrored(0, REVERSE, "")
        enters = mirror.to_status == QUALIFIED != mirror.from_status
        free = g.model.on_hand[to_key(leg)] - g.model.reserved(to_key(leg))
        open_ended = not g.model.places[leg.to_place_id].physical
        return not enters and (open_ended or free > leg.quantity) and leg.serial_id is None

    recent = [m for m in g.model.moves[-200:] if stands(m.leg)]
    if not recent:
        raise Nothing
    m = g.rng.choice(recent)
    mirror = m.leg.mirrored(m.id, REVERSE, "slip")
    if m.id in g.model.reversed or m.leg.code == REVERSE:
        return mirror
    return mirror._replace(quantity=mirror.quantity + 1)


@wrong
def receive_serial_again(g: Generator, now: datetime) -> Leg:
    standing = [
        k
        for k, n in g.model.on_hand.items()
        if k.serial_id and n == 1 and g.model.places[k.place_id].physical
    ]
    if not standing:
        raise Nothing
    key = g.rng.choice(standing)
    fresh = key._replace(place_id=g.place["SUP"], status=PENDING, owner_id=g.world.us.pk)
    return g.to(1, fresh._replace(container_id=None), 1, g.rng.choice(BINS))


@wrong
def back_date_before_arrival(g: Generator, now: datetime) -> Post:
    at = _long_ago(g, now)
    if g.model.closed_until and at < g.model.closed_until:
        raise Nothing
    stood = g.model.at(at)
    keys = [
        k
        for k, n in g.model.on_hand.items()
        if n > g.model.reserved(k)
        and g.model.places[k.place_id].kind == "bin"
        and stood.get(k, 0) == 0
        and not k.serial_id
    ]
    if not keys:
        raise Nothing
    key = g.rng.choice(keys)
    leg = g.to(3, key, 1, g.bin_for(key))
    return Post((leg,), happened_at=at, reason="late paper")


@wrong
def relate_strangers(g: Generator, now: datetime) -> Post:
    keys = sorted({g.key("bin")}, key=str)
    inputs = tuple(g.to(9, k, 1, "PRD", to_container_id=None) for k in keys)
    made = g.entering(10, "PRD")
    other = g.rng.choice([n for n in g.model.lots if n not in (made.lot_id, keys[0].lot_id)])
    edges = g.rng.choice((
        (Edge(other, None, made.lot_id, made.serial_id, 1),),
        (Edge(inputs[0].lot_id, inputs[0].serial_id, other, None, 1),),
    ))  # fmt: skip
    return Post((*inputs, made), edges=edges)


@wrong
def release_unsigned(g: Generator, now: datetime) -> Post:
    key = g.key("bin", "dock", status=PENDING)
    leg = g.to(11, key, 1, "", to_status=QUALIFIED)
    if g.model.is_expired(key.lot_id, now):
        leg = g.to(12, key, 1, "", to_status=REJECTED)
    return Post((leg,), signed=False)
