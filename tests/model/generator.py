"""Posts drawn from the model's state: most are right, some are spoilt in one known way."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from tests.model.model import PENDING, QUALIFIED, Model, Post
from tests.world import World
from traceward.domain.stock.rules import BalanceKey, Leg


class Generator:
    """Draws the next post; what was drawn seldom comes more often."""

    def __init__(
        self,
        rng: random.Random,
        world: World,
        model: Model,
        lines: list[int],
        draws: tuple["Draws", "Draws"],
    ) -> None:
        self.rng, self.world, self.model, self.lines = rng, world, model, lines
        self.drawn: Counter[str] = Counter()
        self.place = {code: place.pk for code, place in world.places.items()}
        self.right, self.wrong = draws

    def next(self, now: datetime) -> tuple[str, Post]:
        """The name of what was drawn, and the post."""
        while True:
            pool = self.right if self.rng.random() < 0.78 else self.wrong
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
        bins = ("C-01", "DOCK") if cold else (*BINS, "BARE", "DOCK")
        return self.rng.choice([b for b in bins if self.place[b] != key.place_id])

    def near(self, key: BalanceKey) -> str:
        """Another bin or dock of the same site."""
        site = self.model.places[key.place_id].site
        bins = {self.bin_for(key) for _ in range(20)}
        found = [b for b in sorted(bins) if self.model.places[self.place[b]].site == site]
        if not found:
            raise Nothing
        return self.rng.choice(found)

    def staging(self, key: BalanceKey) -> str:
        """The staging area of the site where the goods stand."""
        if self.model.places[key.place_id].site != self.world.shanghai.pk:
            raise Nothing
        return "STAGE"


class Nothing(Exception):
    """The model holds nothing from which this could be drawn."""


BINS = ("A-01", "A-02", "B-01", "B-02")
Draw = Callable[[Generator, datetime], Post | None]


class Draws(dict[str, Draw]):
    """Ways to draw a post, by name; a function is added by decorating it."""

    def __call__(self, draw: Callable[[Generator, datetime], Post | Leg]) -> None:
        def drawing(g: Generator, now: datetime) -> Post | None:
            try:
                drawn = draw(g, now)
            except Nothing:
                return None
            return Post((drawn,)) if isinstance(drawn, Leg) else drawn

        self[draw.__name__] = drawing


def long_ago(g: Generator, now: datetime) -> datetime:
    days = g.rng.choice((1, 2, 3, 5, 8))
    return now - timedelta(days=days, minutes=g.rng.randint(1, 1000))
