"""The player: what it knows by name, and what the commands answered so far."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from traceward.cli.company.articles import Article, Pack
from traceward.cli.company.blueprint import Blueprint
from traceward.cli.company.plan.steps import Batch
from traceward.cli.company.play.known import Known
from traceward.kernel.base.gs1 import Element, build_elements

SHANGHAI = ZoneInfo("Asia/Shanghai")
#: When the steps of a day's slots happen, by the clock of the sites.
SLOTS = (time(9, 5), time(13, 40), time(16, 20))


@dataclass(frozen=True)
class Came:
    """A receipt: its id, the bin in which the goods wait, and its batches by item and lot."""

    receipt_id: int
    place_id: int
    batches: tuple[Batch, ...]


@dataclass(frozen=True)
class Taken:
    """One line that was picked: the code of a unit, where, and how many."""

    code: str
    place: str
    quantity: int
    is_implantable: bool


@dataclass(frozen=True)
class Back:
    """What a customer sends back: the return's id, what will be scanned, and its batches."""

    return_id: int
    packs: tuple[tuple[str, int], ...]
    batches: tuple[Batch, ...]
    is_cold: bool


@dataclass
class Player:
    """Ids by the keys of the plan's steps."""

    plan: Blueprint
    known: Known
    day: date = date.min
    slot: int = 0
    #: Bins by site and zone, in walking order.
    bins: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    purchases: dict[str, int] = field(default_factory=dict)
    notices: dict[str, int] = field(default_factory=dict)
    announced: dict[str, tuple[Batch, ...]] = field(default_factory=dict)
    came: dict[str, Came] = field(default_factory=dict)
    #: Sales orders to which something is promised; others wait for goods.
    orders: dict[str, int] = field(default_factory=dict)
    #: Which of them are transfers to another site.
    transfers: set[str] = field(default_factory=set)
    places: dict[str, int] = field(default_factory=dict)
    #: An order has one pick for what travels together.
    picks: dict[str, list[int]] = field(default_factory=dict)
    fetched: dict[int, list[Taken]] = field(default_factory=dict)
    taken: dict[str, list[Taken]] = field(default_factory=dict)
    shipments: dict[str, list[int]] = field(default_factory=dict)
    #: The first shipment of each.
    delivered: dict[str, int] = field(default_factory=dict)
    backs: dict[str, Back] = field(default_factory=dict)
    #: Transformations by the work order's key.
    made: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for spot in self.plan.spots:
            if spot.kind == "bin":
                zone = spot.parent.removeprefix(f"{spot.site}-")
                self.bins.setdefault((spot.site, zone), []).append(self.known.places[spot.code])

    def article(self, code: str) -> Article:
        return self.plan.articles[code]

    @property
    def moment(self) -> datetime:
        """When the slot of the day begins."""
        return datetime.combine(self.day, SLOTS[self.slot], SHANGHAI)

    def before(self, hours: int) -> datetime:
        return self.moment - timedelta(hours=hours)

    def bin_for(self, site: str, zone: str, item_id: int) -> int:
        """The item's own bin in the zone."""
        bins = self.bins[site, zone]
        return bins[item_id % len(bins)]


def packs_of(article: Article, quantity: int) -> Iterator[tuple[Pack, int]]:
    """The largest packs that the quantity is made of, and how many of each."""
    for pack in reversed(article.packs):
        count, quantity = divmod(quantity, pack.base_units)
        if count:
            yield pack, count


def code_of(
    di: str,
    lot: str = "",
    serial: str = "",
    expires_on: date | None = None,
    made_on: date | None = None,
) -> str:
    """The code of the pack's label, as a scanner sends it."""
    elements = [Element("01", di)]
    for ai, day in (("11", made_on), ("17", expires_on)):
        if day:
            elements.append(Element(ai, f"{day:%y%m%d}"))
    for ai, number in (("10", lot), ("21", serial)):
        if number:
            elements.append(Element(ai, number))
    return build_elements(elements, symbology="]d2")


def labels_of(article: Article, batch: Batch) -> list[tuple[str, int]]:
    """What is scanned of a batch: the code of each pack, and how many such packs."""
    days = batch.expires_on, batch.made_on
    if batch.serials:
        unit = article.packs[0].di
        return [(code_of(unit, batch.lot, serial, *days), 1) for serial in batch.serials]
    return [
        (code_of(pack.di, batch.lot, "", *days), count)
        for pack, count in packs_of(article, batch.quantity)
    ]
