"""What should be refused, each in one known way."""

from datetime import datetime, timedelta

from tests.model.generator import BINS, Draws, Generator, Nothing, long_ago
from tests.model.model import DECISIONS, PENDING, QUALIFIED, REJECTED, REVERSE, TURNS, Post, to_key
from traceward.domain.stock.rules import BalanceKey, Edge, Leg, Promise

wrong = Draws()


@wrong
def take_too_much(g: Generator, now: datetime) -> Leg:
    key = g.key("bin", status=None, free=False)
    return g.to(3, key, g.model.on_hand[key] + 1, g.near(key))


@wrong
def take_promised(g: Generator, now: datetime) -> Post:
    held = [(k, n) for k, n in g.model.promised.items() if n > 0]
    if not held:
        raise Nothing
    (line, key), n = g.rng.choice(held)
    if g.rng.random() < 0.5:
        return Post(promises=(Promise(line, key, -n - 1),))
    return Post((g.to(3, key, g.model.on_hand[key], g.near(key)),))


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
        lambda: g.to(3, key, 0, g.near(key)),
        lambda: g.to(3, key, 1, g.near(key), to_status=REJECTED),
        lambda: g.to(3, key, 1, g.near(key), to_owner_id=g.world.hospital.pk),
        lambda: g.to(3, key, 1, "SHUT"),
        lambda: g.to(7, key, 1, "CUS"),
        lambda: g.entering(1, "SUP")._replace(from_status=2, to_status=2),
        lambda: g.to(15, key._replace(place_id=g.place["CUS"]), 1, "A-01"),
        lambda: g.to(19, key, 1, g.bin_for(key)),
        lambda: g.to(20, key, 1, "ADJ"),
    ))()  # fmt: skip


@wrong
def pick_unreleased(g: Generator, now: datetime) -> Post:
    key = g.key("bin", status=g.rng.choice((1, 3)))
    if g.rng.random() < 0.3:
        return Post(promises=(Promise(g.rng.choice(g.lines), key, 1),))
    return Post((g.to(4, key, 1, g.staging(key)),))


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
    return Post((g.to(4, key, 1, g.staging(key)),))


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
    return Post((g.to(4, key, 1, g.staging(key)),))


@wrong
def keep_warm(g: Generator, now: datetime) -> Leg:
    item = g.world.items["REAGENT"].pk
    lot = g.lot("REAGENT")
    key = BalanceKey(item, lot, g.place["SUP"], PENDING, g.world.us.pk)
    return g.to(1, key, 1, g.rng.choice((*BINS, "BARE", "BARE")))


@wrong
def leave_a_block(g: Generator, now: datetime) -> Leg:
    """Out of a place or container that is blocked, as a plain move."""
    keys = [
        k
        for k, n in g.model.on_hand.items()
        if n > g.model.reserved(k)
        and g.model.places[k.place_id].kind in ("bin", "dock")
        and any(b.place or b.container for b in g.model.blocks_on(k, now))
    ]
    if not keys:
        raise Nothing
    key = g.rng.choice(keys)
    return g.to(g.rng.choice((2, 3)), key, 1, g.near(key), to_container_id=None)


@wrong
def leave_the_site(g: Generator, now: datetime) -> Leg:
    key = g.key("bin", "dock")
    site = g.model.places[key.place_id].site
    far = [b for b in (*BINS, "DOCK") if g.model.places[g.place[b]].site != site]
    return g.to(g.rng.choice((2, 3)), key, 1, g.rng.choice(far))


@wrong
def lose_the_way(g: Generator, now: datetime) -> Leg:
    """Out of transit to where nothing arrives, or off another site's books."""
    key = g.key("transit")
    return g.rng.choice((
        lambda: g.to(19, key, 1, "STAGE"),
        lambda: g.to(19, key, 1, g.bin_for(key), to_status=REJECTED),
        lambda: g.to(20, key, 1, "CD-ADJ", to_container_id=None),
        lambda: g.to(20, key, 1, "ADJ", to_owner_id=g.world.hospital.pk),
    ))()  # fmt: skip


@wrong
def arrive_from_a_block(g: Generator, now: datetime) -> Leg:
    key = g.key("transit")
    if not any(b.place or b.container for b in g.model.blocks_on(key, now)):
        raise Nothing
    return g.to(19, key, 1, g.bin_for(key), to_container_id=None)


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
    if m.id in g.model.reversed or m.leg.code in (REVERSE, *DECISIONS, *TURNS):
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
    at = long_ago(g, now)
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
    leg = g.to(3, key, 1, g.near(key))
    return Post((leg,), happened_at=at, reason="late paper")


@wrong
def relate_strangers(g: Generator, now: datetime) -> Post:
    keys = sorted({g.key("bin")}, key=str)
    inputs = tuple(g.to(9, k, 1, "PRD", to_container_id=None) for k in keys)
    made = g.entering(10, "PRD")
    other = g.rng.choice([n for n in g.model.lots if n not in (made.lot_id, keys[0].lot_id)])
    right = Edge(inputs[0].lot_id, inputs[0].serial_id, made.lot_id, made.serial_id, 1)
    edges = g.rng.choice((
        (right, Edge(other, None, made.lot_id, made.serial_id, 1)),
        (right, Edge(inputs[0].lot_id, inputs[0].serial_id, other, None, 1)),
        (right._replace(quantity=2),),
        (),
    ))  # fmt: skip
    return Post((*inputs, made), edges=edges)


@wrong
def release_unsigned(g: Generator, now: datetime) -> Post:
    key = g.key("bin", "dock", status=PENDING)
    leg = g.to(11, key, 1, "", to_status=QUALIFIED)
    if g.model.is_expired(key.lot_id, now):
        leg = g.to(12, key, 1, "", to_status=REJECTED)
    lost = [k for k, n in g.model.on_hand.items() if n and k.place_id == g.place["WAY"]]
    if lost and g.rng.random() < 0.3:
        leg = g.to(20, g.rng.choice(lost), 1, "ADJ", to_container_id=None)
    return Post((leg,), signed=False)
