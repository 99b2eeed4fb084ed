"""What suppliers send: each site orders from each supplier in a rhythm, for the weeks to come.

The plan knows what will be asked for, so that shelves are empty only where it wants them to be.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from traceward.cli.company.articles import Article
from traceward.cli.company.blueprint import Blueprint
from traceward.cli.company.group import TODAY
from traceward.cli.company.plan.days import earlier, later, working
from traceward.cli.company.plan.steps import (
    Announce,
    Batch,
    Buy,
    Decide,
    Inspect,
    Plan,
    Receive,
    Step,
    Store,
    Wish,
)

#: Days from one order to a supplier to the next one.
RHYTHM = 91
#: What keeps for so many days is ordered for so many rounds at once.
LONG_LIFE, LONG_ROUNDS = 500, 3
#: Orders whose goods come after today are open today.
LAST_ARRIVAL = TODAY + timedelta(days=25)
#: Goods are on the shelf so many working days after they came.
SHELVED = 2
#: So much more than will be asked for is ordered.
SAFETY = 0.12
#: A serial item's lot has about so many units.
SERIALS_A_LOT = 60
#: Parts of an order that come in two deliveries, and lots that acceptance finds fault with.
SPLIT, FAULTY = 0.1, 0.05
#: Days from today on which what came too much of ends.
TOO_MUCH_ENDS = (-6, 24)
#: Of so many boxes and more, often some are of another lot.
MIXED = 6
#: Of a faulty lot so manieth part is bad; of materials less than the safety, for the plant waits.
PARTS, SMALL_PARTS = (1, 8, 12), (16, 24)
DEFECTS = (
    "外包装破损，无菌屏障不完整",
    "标签批号与随货同行单不符",
    "说明书缺失",
    "瓶身渗漏",
    "灭菌指示色块未变色",
)


@dataclass(frozen=True)
class Need:
    """So many base units are taken from the shelf on that day."""

    day: date
    item: str
    quantity: int


def buy(plan: Blueprint, into: Plan, site: str, needs: Iterable[Need]) -> None:
    """The site's purchases over the whole history, so that its needs are met."""
    by_supplier: dict[str, list[Need]] = defaultdict(list)
    for need in needs:
        supplier = plan.articles[need.item].supplier
        if supplier != into.entity:
            by_supplier[supplier].append(need)
    for n, supplier in enumerate(sorted(by_supplier)):
        _Purchases(plan, into, site, supplier, n).order(by_supplier[supplier])


def buy_too_much(plan: Blueprint, into: Plan, site: str) -> None:
    """Of two reagents far too much came once: one lot has ended, the other one ends soon."""
    chance = random.Random(f"{plan.seed}/{site}/too much")
    able = [a for a in plan.articles.values() if a.line == "ivd" and a.is_cold]
    chosen = chance.sample(able, min(2, len(able)))
    for n, (article, days) in enumerate(zip(chosen, TOO_MUCH_ENDS, strict=False)):
        arrival = Arrival(plan, site, article.supplier, "XY"[n], chance)
        arrival.ends_on = TODAY + timedelta(days=days)
        day = working(max(TODAY - timedelta(days=110), plan.opens_on + timedelta(days=9)))
        key = f"{site}-{article.supplier}-much{n}"
        wish = Wish(article.code, 8 * article.packs[-1].base_units)
        ordered = max(earlier(day, 5), working(plan.opens_on + timedelta(days=1)))
        into.add(ordered, 0, Buy(key, site, article.supplier, (wish,), day))
        arrival.add(into, key, key, day, [wish])


class _Purchases:
    """One supplier's deliveries to one site."""

    def __init__(self, plan: Blueprint, into: Plan, site: str, supplier: str, nth: int) -> None:
        self.plan, self.into, self.site, self.supplier = plan, into, site, supplier
        self.chance = random.Random(f"{plan.seed}/{site}/{supplier}")
        self.first = plan.opens_on + timedelta(days=12 + nth % 10)
        self.left: dict[str, int] = defaultdict(int)
        self.arrival = Arrival(plan, site, supplier, "", self.chance)

    def order(self, needs: list[Need]) -> None:
        """Round after round: what runs out before the next round comes is ordered for longer."""
        round_ = 0
        papers = self.plan.firm(self.supplier).papers
        last = min([LAST_ARRIVAL, *(p.valid_until for p in papers if p.valid_until)])
        while (arrives := self._arrival(round_)) < last:
            if lines := self._lines(round_, needs):
                self._deliver(round_, arrives, lines)
            round_ += 1

    def _arrival(self, round_: int) -> date:
        return working(self.first + timedelta(days=RHYTHM * round_))

    def _lines(self, round_: int, needs: list[Need]) -> list[Wish]:
        since = later(self._arrival(round_), SHELVED + 1) if round_ else self.plan.opens_on
        ends = [later(self._arrival(round_ + n), SHELVED + 1) for n in (1, LONG_ROUNDS)]
        wanted: dict[str, int] = defaultdict(int)
        for_longer: dict[str, int] = defaultdict(int)
        for need in needs:
            if since <= need.day < ends[1]:
                for_longer[need.item] += need.quantity
                wanted[need.item] += need.quantity if need.day < ends[0] else 0
        lines = []
        for item in sorted(for_longer):
            if wanted[item] > self.left[item]:
                article = self.plan.articles[item]
                is_short = (article.shelf_life_days or LONG_LIFE) < LONG_LIFE
                total = wanted[item] if is_short else for_longer[item]
                quantity = round(total * (1 + SAFETY)) - self.left[item]
                pack = _order_pack(article, quantity)
                quantity = -(-quantity // pack) * pack
                self.left[item] += quantity
                lines.append(Wish(item, quantity))
            self.left[item] -= wanted[item]
        return lines

    def _deliver(self, round_: int, arrives: date, lines: list[Wish]) -> None:
        key = f"{self.site}-{self.supplier}-{round_}"
        lead = self.chance.randint(6, 14)
        ordered = max(earlier(arrives, lead), working(self.plan.opens_on + timedelta(days=1)))
        self.into.add(ordered, 0, Buy(key, self.site, self.supplier, tuple(lines), arrives))
        loads = [lines]
        if len(lines) > 3 and self.chance.random() < SPLIT:
            middle = len(lines) // 2
            loads = [lines[:middle], lines[middle:]]
        for n, load in enumerate(reversed(loads)):
            day = max(earlier(arrives, 3 * n), later(ordered, 2))
            self.arrival.add(self.into, f"{key}.{len(loads) - n}", key, day, load)


class Arrival:
    """What comes from one supplier at one site: batches with their numbers and papers."""

    def __init__(
        self, plan: Blueprint, site: str, supplier: str, mark: str, chance: random.Random
    ) -> None:
        self.plan, self.site, self.supplier, self.mark = plan, site, supplier, mark
        #: Whether some of the first lot is bad; of the others chance decides.
        self.is_first_bad = False
        #: The last day of everything that comes, where it is not the shelf life's.
        self.ends_on: date | None = None
        self.chance, self.lots, self.notices = chance, 0, 0

    def add(self, into: Plan, key: str, order: str, day: date, load: Sequence[Wish]) -> None:
        """Announced the day before, received, inspected and decided that day, then shelved."""
        days = (earlier(day, 1), day, day, day, later(day, 1))
        for steps in self.steps(key, order, day, load):
            for step, on, slot in zip(steps, days, (0, 0, 1, 2, 0), strict=True):
                into.add(on, slot, step)

    def steps(
        self, key: str, order: str, day: date, load: Sequence[Wish]
    ) -> list[tuple[Step, ...]]:
        """From the notice to the shelf; cold goods travel apart, with papers of their own."""
        cold = [wish for wish in load if self.plan.articles[wish.item].is_cold]
        warm = [wish for wish in load if not self.plan.articles[wish.item].is_cold]
        found: list[tuple[Step, ...]] = []
        for part, is_cold in ((warm, False), (cold, True)):
            if not part:
                continue
            name = f"{key}{'c' if is_cold else ''}"
            batches = tuple(batch for wish in part for batch in self._batches(wish, day))
            self.notices += 1  # a supplier uses no number twice
            number = f"{self.mark}{self.notices}-{self.chance.randrange(100, 999)}"
            reference = f"{self.supplier[:3]}{day:%y%m%d}{self.site}{number}"
            found.append(
                (
                    Announce(name, self.site, order, reference, batches, day),
                    self._receive(name, reference, is_cold),
                    Inspect(name, self.site),
                    Decide(name, self.site),
                    Store(name, self.site),
                )
            )
        return found

    def _receive(self, name: str, reference: str, is_cold: bool) -> Receive:
        tenths = sorted(self.chance.randint(24, 72) for _ in range(3))
        low, arrival, high = (Decimal(t) / 10 for t in tenths)
        hours = self.chance.randint(3, 30)
        return Receive(name, self.site, f"TX{reference}", is_cold, hours, (arrival, low, high))

    def _batches(self, wish: Wish, day: date) -> list[Batch]:
        article = self.plan.articles[wish.item]
        if not article.has_serials:
            first = self._first_lot(article, wish.quantity)
            return [
                self._batch(article, quantity, day)
                for quantity in (first, wish.quantity - first)
                if quantity
            ]
        parts, left = [], wish.quantity
        while left:
            part = min(left, SERIALS_A_LOT)
            parts.append(self._batch(article, part, day))
            left -= part
        return parts

    def _first_lot(self, article: Article, quantity: int) -> int:
        """So much is of the supplier's last lot, in whole boxes; often that is all."""
        box = article.packs[1].base_units if len(article.packs) > 1 else 1
        boxes = quantity // box
        if not article.has_lots or boxes < MIXED or self.chance.random() > 0.5:
            return quantity
        return box * self.chance.randint(1, boxes // 2)

    def _batch(self, article: Article, quantity: int, day: date) -> Batch:
        self.lots += 1
        made_on = day - timedelta(days=self.chance.randint(15, 90))
        stem = article.family or article.code[3:5]
        lot = f"{stem}{made_on:%y%m}{self.site[:2]}{self.mark}{self.lots:03d}"
        serials: tuple[str, ...] = ()
        if article.has_serials:
            first = f"{made_on:%y%m}{self.site[0]}{self.mark}{self.lots:03d}"
            serials = tuple(f"{first}{n:03d}" for n in range(1, quantity + 1))
        life = article.shelf_life_days
        if self.ends_on and life:
            made_on = self.ends_on - timedelta(days=life)
        is_bad = self.chance.random() < FAULTY or (self.is_first_bad and self.lots == 1)
        is_faulty = is_bad and quantity > 4
        parts = SMALL_PARTS if article.line == "material" else PARTS
        return Batch(
            article.code,
            lot if article.has_lots else "",
            quantity,
            made_on + timedelta(days=life) if life else None,
            made_on,
            serials,
            rejected=0 if not is_faulty else max(1, quantity // self.chance.choice(parts)),
            defect=self.chance.choice(DEFECTS) if is_faulty else "",
        )


def _order_pack(article: Article, quantity: int) -> int:
    """Orders are in whole cases where a case is not too much, else in whole boxes."""
    if article.has_serials or len(article.packs) == 1:
        return 1
    case, box = article.packs[-1].base_units, article.packs[1].base_units
    return case if quantity >= case else box
