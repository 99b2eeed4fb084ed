"""The ledger does what the model says, step by step. # INV-01 INV-03 INV-04 INV-05 INV-08 INV-10

1,500 steps; 10,000 and more with TRACEWARD_FULL=1, where every code and refusal must come at
least 50 times. TRACEWARD_SEED repeats a run, and with CI set it is always the same; what is
compared stands in docs/reference/model-test.md.
"""

import os
import random
import time
from calendar import monthrange
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from tests import world as worlds
from tests.ledger import database_now, demand_line, post_all, set_clock
from tests.model.generator import Generator
from tests.model.model import INSIDE, BlockFacts, ItemFacts, LotFacts, Model, PlaceFacts, Post
from tests.model.right import right
from tests.model.wrong import wrong
from tests.world import World
from traceward.domain.places.models import Place
from traceward.domain.stock.commands.blocks import Scope, block, lift_block
from traceward.domain.stock.models import (
    BlockKind,
    ClosedPeriod,
    Container,
    GenealogyEdge,
    Lot,
    Reservation,
    Serial,
    StockBalance,
    StockMove,
)
from traceward.domain.stock.queries import Moment, Stood, Which, items_in_past, stood
from traceward.domain.stock.rules import BalanceKey, Edge
from traceward.domain.trace.queries import Start, forward
from traceward.kernel.base.gs1.dates import read_date
from traceward.kernel.base.refusals import Refusal
from traceward.kernel.command import database_errors
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles

FULL = os.environ.get("TRACEWARD_FULL") == "1"
STEPS = int(os.environ.get("TRACEWARD_STEPS", "10500" if FULL else "1500"))
EVERY = 10
#: What a post can be refused with; docs/reference/model-test.md has the others.
STATES = tuple(f"TW{n:03}" for n in (*range(1, 10), 12, 13, 14, 15))


@pytest.fixture(scope="module")
def company(fresh_database: str, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock():
        set_up_roles()
        world = worlds.build()
        for code, site, is_open in (
            ("SHUT", world.shanghai, False),
            ("BARE", world.shanghai, True),
            ("B-02", world.chengdu, True),
        ):
            world.places[code] = Place.objects.create(
                code=code, kind="bin", physical=True, site=site, legal_entity=world.entity,
                is_open=is_open, **({"temperature_c_min": 10, "temperature_c_max": 30}
                                    if code == "B-02" else {}),
            )  # fmt: skip
        yield world


class Run:
    """One run: the database and the model side by side."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.rng = world, random.Random(seed)
        self.states: list[str] = []
        self.codes: Counter[int] = Counter()
        self.refused: Counter[str] = Counter()
        self.other: Counter[str] = Counter()
        self.taken = self.past_changed = 0
        set_clock(database_now().replace(hour=2, minute=20))  # far from midnight in Shanghai
        self.ahead = database_now() - datetime.now(UTC)
        self.model = Model(
            items={
                item.pk: ItemFacts(item.has_serials, (2, 8) if item.code == "REAGENT" else None)
                for item in world.items.values()
            },
            places={p.pk: _facts(Place.objects.get(pk=p.pk)) for p in world.places.values()},
            owners={world.us.pk, world.supplier.pk, world.hospital.pk},
        )
        self._identities()
        system = world.by(roles.SYSTEM).person_id
        lines = [demand_line(world.shanghai, system, database_now()) for _ in range(12)]
        self.generator = Generator(self.rng, world, self.model, lines, (right, wrong))

    def _identities(self) -> None:
        """Lots that expire soon, late, at a month's end or never; serials; boxes in boxes."""
        today = database_now().date()
        for item, count in (("STENT", 14), ("REAGENT", 4), ("PACER", 4)):
            for n in range(count):
                expires = self._expiry(today, n)
                lot = self.world.lot(item, f"{item}-{n}", expires)
                self.model.lots[lot.pk] = LotFacts(lot.item_id, expires)
        pacers = Lot.objects.filter(item=self.world.items["PACER"])
        for n in range(60):
            lot = pacers[n % 4]
            serial = Serial.objects.create(
                item_id=lot.item_id, lot=lot, number=f"S{n}", raw_number=f"S{n}"
            )
            self.model.serials[serial.pk] = lot.pk
        for n in range(6):
            parent = Container.objects.filter(code="C0").first() if n in (1, 2) else None
            box = Container.objects.create(code=f"C{n}", parent=parent)
            self.model.containers[box.pk] = parent.pk if parent else None

    def _expiry(self, today: date, n: int) -> date | None:
        """Some days ahead; by the month, where our own count of its days must agree."""
        if n % 4 == 0:
            return None
        if n % 4 == 1:
            return date(2090, 12, 31)
        ahead = today + timedelta(days=[20, 60, 120, 200, 300, 400][n % 6])
        if n % 4 == 2:
            return ahead
        last = date(ahead.year, ahead.month, monthrange(ahead.year, ahead.month)[1])
        assert read_date(f"{ahead:%y%m}00", today).on == last
        return last

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    # --- steps ----------------------------------------------------------------------------------

    def step(self, n: int) -> None:
        if n % 50 == 25:
            self._advance()
        elif n % 12 == 6:
            self._block_or_lift()
        else:
            self._post()

    def _post(self) -> None:
        name, post = self.generator.next(self.now)
        expected = self.model.verdict(post, self.now)
        last = self.model.moves[-1].id if self.model.moves else 0
        past = self._past_before(post)
        self.states.clear()
        try:
            post_all(
                list(post.legs),
                promises=list(post.promises),
                edges=list(post.edges),
                happened_at=post.happened_at,
                reason=post.reason,
                signed=post.signed,
                by=self.world.by(roles.SYSTEM),
            )
        except Refusal as refusal:
            got = self.states[-1] if self.states else type(refusal).__name__
        else:
            got = ""
        assert got == expected, (name, post, f"model {expected or 'takes'}, ledger {got or 'took'}")
        if got:
            self.refused[got] += 1
            return
        rows = StockMove.objects.filter(pk__gt=last).order_by("pk")
        self.model.take(post, list(rows.values_list("pk", "happened_at")))
        self.taken += 1
        self.codes.update(leg.code for leg in post.legs)
        if past is not None:
            moment, before = past
            assert moment == post.happened_at
            after = stood_at(moment)
            assert after != before, "a back-dated move changes what stood then"
            self.past_changed += 1

    def _past_before(self, post: Post) -> tuple[datetime, dict[BalanceKey, int]] | None:
        if post.happened_at is None or not post.reason:
            return None
        return post.happened_at, stood_at(post.happened_at)

    def _advance(self) -> None:
        """Some days later; the books of long ago are closed now and then."""
        days = self.rng.choice((1, 1, 2, 3))
        set_clock((self.now + timedelta(days=days)).replace(hour=2, minute=20))
        self.ahead = database_now() - datetime.now(UTC)
        if self.rng.random() < 0.3:
            until = self.now - timedelta(days=6)
            ClosedPeriod.objects.create(
                legal_entity=self.world.entity, closed_until=until, closed_at=self.now
            )
            self.model.closed_until = max(until, self.model.closed_until or until)
        self._renew()
        self.other["clock"] += 1

    def _renew(self) -> None:
        """A new lot for one that has expired, so that the story goes on."""
        n = len(self.model.lots)
        expires = self._expiry(self.now.date(), n)
        lot = self.world.lot("STENT", f"NEW-{n}", expires)
        self.model.lots[lot.pk] = LotFacts(lot.item_id, expires)
        pacer = self.rng.choice([k for k, f in self.model.lots.items() if f.item != lot.item_id])
        if self.model.items[self.model.lots[pacer].item].has_serials:
            for _ in range(8):
                number = f"N{len(self.model.serials)}"
                serial = Serial.objects.create(
                    item_id=self.model.lots[pacer].item, lot_id=pacer, number=number,
                    raw_number=number,
                )  # fmt: skip
                self.model.serials[serial.pk] = pacer

    def _block_or_lift(self) -> None:
        active = [b for b in self.model.blocks if self.model.is_active(b, self.now)]
        if len(active) >= 3 or (active and self.rng.random() < 0.4):
            b = self.rng.choice(active)
            lift_block(b.uid, "over", by=self.world.by(roles.QUALITY_HEAD).reauthenticated())
            b.lifted = True
            self.other["lift"] += 1
            return
        scope = self._scope()
        kind = self.rng.choice(list(BlockKind))
        until = self.rng.choice((None, None, self.now + timedelta(days=2)))
        quality = self.world.by(roles.QUALITY_HEAD)
        placed = block(Scope(**scope), kind, "found", until=until, by=quality)
        facts = {name.removesuffix("_id"): value for name, value in scope.items()}
        hit = self.model.block(BlockFacts(placed.block_uid, kind.value, until=until, **facts))
        hits = Counter((h.line_id, h.quantity) for h in placed.hits)
        assert hits == Counter((line, n) for (line, _), n in hit.items())
        self.other[f"block {'+'.join(sorted(facts))}"] += 1
        self.other["promises cancelled"] += len(placed.hits)

    def _scope(self) -> dict[str, int]:
        held = [k for k, n in self.model.on_hand.items() if n > 0]
        promised = [k for (_, k), n in self.model.promised.items() if n > 0]
        key = self.rng.choice(promised or held or [BalanceKey(0, 0, 0, 0, 0)])
        lot = key.lot_id or next(iter(self.model.lots))
        scopes = [
            {"lot_id": lot},
            {"lot_id": lot},
            {"place_id": self.world.places["ZONE"].pk},
            {"place_id": self.world.places["B-01"].pk},
            {"place_id": self.world.places["WAY"].pk},
            {"container_id": key.container_id or next(iter(self.model.containers))},
            {"lot_id": lot, "place_id": self.world.places["A-01"].pk},
            {"item_id": self.world.items[self.rng.choice(("REAGENT", "PACER"))].pk},
        ]
        if key.serial_id:
            scopes += [{"serial_id": key.serial_id}] * 3
        return self.rng.choice(scopes)

    # --- comparing ------------------------------------------------------------------------------

    def compare(self) -> None:
        """Everything the database says now, and at a moment of the past, is what the model says."""
        balances = {
            _key(row): (row.on_hand, row.reserved)
            for row in StockBalance.objects.all()
            if row.on_hand or row.reserved
        }
        keys = {k for k, n in self.model.on_hand.items() if n}
        assert balances == {k: (self.model.on_hand[k], self.model.reserved(k)) for k in keys}
        held = Reservation.objects.filter(quantity__gt=0).select_related("balance")
        assert {(r.line_id, _key(r.balance)): r.quantity for r in held} == {
            k: n for k, n in self.model.promised.items() if n
        }
        moment = self.rng.choice(self.model.moves).happened_at
        self._compare_past(moment)
        edges = GenealogyEdge.objects.values_list(*Edge._fields)
        assert Counter(map(Edge._make, edges)) == Counter(m.edge for m in self.model.edges)
        if self.model.edges:
            edge = self.rng.choice(self.model.edges).edge
            node = edge.input_serial_id or edge.input_lot_id
            assert node is not None
            assert descendants(self.model, node) == self.model.descendants(node)

    def _compare_past(self, moment: datetime) -> None:
        """Summed from the moves, and by the product's own questions, which use checkpoints."""
        expected = self.model.at(moment)
        assert stood_at(moment) == expected
        inside = {k: n for k, n in expected.items() if self._is_inside(k)}
        then = Moment(moment)
        rows = stood(then, sites=None)
        assert len(rows) == len(inside)
        assert {_stood(row): row.on_hand for row in rows} == inside
        sums: Counter[tuple[int, int]] = Counter()
        for k, n in inside.items():
            sums[k.item_id, self.model.places[k.place_id].site] += n
        totals = items_in_past(then, sites=None)
        assert {(r.item_id, r.site_id): r.on_hand + r.in_transit for r in totals} == sums
        if not expected:  # what had come was taken back: that nothing stands was compared above
            return
        key = self.rng.choice(list(expected))
        if key.lot_id is not None:
            of_lot = stood(then, sites=None, which=Which(lots=[key.lot_id]))
            assert {_stood(row): row.on_hand for row in of_lot} == {
                k: n for k, n in expected.items() if k.lot_id == key.lot_id
            }
        somewhere = stood(then, sites=None, which=Which(places=[key.place_id]))
        assert {_stood(row): row.on_hand for row in somewhere} == {
            k: n for k, n in expected.items() if k.place_id == key.place_id
        }

    def _is_inside(self, key: BalanceKey) -> bool:
        return self.model.places[key.place_id].kind in (*INSIDE, "transit")

    def told(self) -> str:
        total = self.taken + self.refused.total()
        codes, refusals = dict(sorted(self.codes.items())), dict(sorted(self.refused.items()))
        return (
            f"{total} posts, {self.taken / total:.0%} taken, codes {codes},"
            f" refusals {refusals}, besides {dict(self.other)},"
            f" past changed {self.past_changed} times, {len(self.model.edges)} edges,"
            f" {len(self.model.void)} transformations taken back"
        )


def _facts(place: Place) -> PlaceFacts:
    low, high = place.temperature_c_min, place.temperature_c_max
    celsius = (int(low), int(high)) if low is not None and high is not None else None
    return PlaceFacts(place.kind, tuple(place.path), celsius, place.is_open, place.site_id)


def _stood(row: Stood) -> BalanceKey:
    return BalanceKey(*(getattr(row, name) for name in BalanceKey._fields))


def _key(row: StockBalance) -> BalanceKey:
    return BalanceKey(*(getattr(row, name) for name in BalanceKey._fields))


NAIVE = """
SELECT item_id, lot_id, place_id, status, owner_id, serial_id, container_id, sum(change)
FROM (
  SELECT item_id, lot_id, from_place_id AS place_id, from_status AS status,
    from_owner_id AS owner_id, serial_id, from_container_id AS container_id, -quantity AS change
  FROM stock_move WHERE happened_at <= %s
  UNION ALL
  SELECT item_id, lot_id, to_place_id, to_status, to_owner_id, serial_id, to_container_id, quantity
  FROM stock_move WHERE happened_at <= %s
) m
GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(change) <> 0
"""


def stood_at(moment: datetime) -> dict[BalanceKey, int]:
    """What stood where at the moment, from the moves and nothing else."""
    with connection.cursor() as cursor:
        cursor.execute(NAIVE, [moment, moment])
        return {BalanceKey(*row[:7]): int(row[7]) for row in cursor.fetchall()}


def descendants(model: Model, node: int) -> set[int]:
    """By the product's own trace, which also goes from a lot to its serials."""
    start = Start(serials=[node]) if node in model.serials else Start(lots=[node])
    return set(forward(start, sites=None).node_ids)


def _watch(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SQLSTATE behind each refusal is noted."""
    refusal_for = database_errors.refusal_for

    def noting(error: Any, arguments: Any) -> Refusal | None:
        run.states.append(database_errors.sqlstate(error))
        return refusal_for(error, arguments)

    monkeypatch.setattr(database_errors, "refusal_for", noting)


def _seed() -> int:
    """Another one each time; in CI always the same, as with Hypothesis: a change is to blame."""
    return 20261127 if os.environ.get("CI") else random.SystemRandom().randrange(10**9)


def test_ledger_agrees_with_the_model(
    company: World, django_db_blocker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = int(os.environ.get("TRACEWARD_SEED") or _seed())
    print(f"seed {seed}, {STEPS} steps")
    with django_db_blocker.unblock():
        run = Run(company, seed)
        _watch(run, monkeypatch)
        started = time.monotonic()
        for n in range(STEPS):
            run.step(n)
            if n % EVERY == 0 and run.model.moves:
                run.compare()
        run.compare()
        print(f"{run.told()}, {time.monotonic() - started:.0f} s")
    total = run.taken + run.refused.total()
    assert run.taken >= 0.6 * total
    assert run.past_changed > 0
    if STEPS >= 10_000:
        seldom = {c: run.codes[c] for c in range(1, 21) if run.codes[c] < 50}
        assert not seldom, "every code at least 50 times"
        assert not {s: run.refused[s] for s in STATES if run.refused[s] < 50}, "every refusal"
