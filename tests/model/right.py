"""What should pass, unless a block or an expiry is in the way."""

from datetime import datetime, timedelta

from tests.model.generator import Draws, Generator, Nothing, long_ago
from tests.model.model import DECISIONS, PENDING, QUALIFIED, REJECTED, REVERSE, TURNS, Post, to_key
from traceward.domain.stock.rules import Edge, Leg, Promise

right = Draws()


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
    return g.to(2, key, g.some(key), g.near(key))


@right
def move(g: Generator, now: datetime) -> Post:
    keys = {g.key("bin", "dock", status=None) for _ in range(3)}
    return Post(tuple(g.to(3, k, g.some(k), g.near(k)) for k in sorted(keys, key=str)))


@right
def pick(g: Generator, now: datetime) -> Leg:
    key = g.key("bin")
    return g.to(4, key, g.some(key), g.staging(key))


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
def arrive(g: Generator, now: datetime) -> Leg:
    """At another site of the group, or back at its own; another legal entity's from then on."""
    key = g.key("transit")
    owner, status = g.rng.choice((g.world.us.pk, g.world.hospital.pk)), g.rng.choice((1, 2))
    return g.to(19, key, g.some(key), g.bin_for(key), to_status=status, to_owner_id=owner)


@right
def write_off(g: Generator, now: datetime) -> Leg:
    key = g.key("transit")
    return g.to(20, key, 1, "ADJ", to_container_id=None)


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
    leg = g.to(4, key, n, g.staging(key))
    return Post((leg,), (Promise(line, key, -n), Promise(line, to_key(leg), n)))


@right
def reverse(g: Generator, now: datetime) -> Leg:
    recent = [
        m
        for m in g.model.moves[-60:]
        if m.id not in g.model.reversed
        and m.leg.code not in (REVERSE, *DECISIONS, *TURNS)
        and g.model.on_hand[to_key(m.leg)] - g.model.reserved(to_key(m.leg)) >= m.leg.quantity
    ]
    if not recent:
        raise Nothing
    m = g.rng.choice(recent)
    return m.leg.mirrored(m.id, REVERSE, "slip")


@right
def unmake(g: Generator, now: datetime) -> Post:
    """All that was consumed and produced together is taken back."""
    moves = {m.id: m for m in g.model.moves[-400:]}
    found = [
        made
        for m in moves.values()
        if m.leg.code == 10 and m.id not in g.model.reversed
        and (made := g.model.turned_with(m)) <= moves.keys()
        and g.model.on_hand[to_key(m.leg)] - g.model.reserved(to_key(m.leg)) >= m.leg.quantity
    ]  # fmt: skip
    if not found:
        raise Nothing
    ids = sorted(g.rng.choice(found))
    return Post(tuple(moves[n].leg.mirrored(n, REVERSE, "slip") for n in ids))


@right
def back_date(g: Generator, now: datetime) -> Post:
    """Entered later, of goods that were there then."""
    at = long_ago(g, now)
    if g.model.closed_until and at < g.model.closed_until:
        at = now - timedelta(hours=1)
    stood = g.model.at(at)
    key = g.key("bin", status=None)
    if stood.get(key, 0) <= 0:
        raise Nothing
    return Post((g.to(3, key, 1, g.near(key)),), happened_at=at, reason="late paper")


@right
def back_date_more(g: Generator, now: datetime) -> Post:
    minutes = g.rng.choice((-14, -10, -1, 1))
    at = now + timedelta(minutes=minutes)
    return Post((g.entering(1, "SUP"),), happened_at=at)
