"""Which lots of an item can be had: the ones that expire first, where they stand, how much is free;
and which cannot, and why. # INV-06"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from traceward.domain.places.models import Place
from traceward.domain.stock.allocation import Demand
from traceward.domain.stock.commands.explained import Considered, explained
from traceward.domain.stock.models import Lot
from traceward.domain.stock.queries import Standing, Which, on_hand
from traceward.domain.stock.rules import normalised
from traceward.kernel.org.models import Site
from traceward.resources import labels
from traceward.resources.kit import now
from traceward.web.visitors import Visitor

BALANCES = "stock.balances"
#: Balances of one item that are looked at.
LOOKED_AT = 2_000
#: More than there is of any item: what would be promised is all that may be.
ALL_OF_IT = 10**12
#: Places of a lot that are named.
NAMED = 2
#: Where goods stand with us.
HERE = frozenset({"warehouse", "zone", "bin", "dock", "staging"})
#: Why nobody may take of it, the weightiest first.
WHY = (
    ("is_recalled", "召回", "recalled"),
    ("is_on_hold", "冻结", "on hold"),
    ("is_expired", "已过期", "expired"),
)


@dataclass(frozen=True)
class Option:
    """A record that may be meant: as the field holds it, in words, what is known, why not."""

    value: str
    words: str
    about: str = ""
    why: str = ""


def lots_of(item_id: int, begin: str, to: Visitor) -> list[Option]:
    """The item's lots that stand at the visitor's sites, first expired first; then what is not."""
    which = Which(items=[item_id])
    sites = to.reader(BALANCES).sites()
    rows = on_hand(sites=sites, now=now(), which=which, limit=LOOKED_AT)
    by_lot: dict[int, list[Standing]] = defaultdict(list)
    for row in rows:
        if row.lot_id is not None and row.place_kind in HERE:
            by_lot[row.lot_id].append(row)
    lots = Lot.objects.filter(pk__in=by_lot).in_bulk()
    places = _codes({row.place_id for found in by_lot.values() for row in found})
    made = []
    for pk, found in by_lot.items():
        lot = lots[pk]
        if begin and not lot.number.startswith(begin):
            continue
        free = [row for row in found if row.forbids_promise is None and row.on_hand > row.reserved]
        why = "" if free else _why(found, to)
        words = f"#{pk} {lot.raw_number}"
        option = Option(words, lot.raw_number, _about(lot, free or found, places, to), why)
        made.append((bool(why), lot.expires_on is None, str(lot.expires_on or ""), option))
    return [option for *_, option in sorted(made, key=lambda one: one[:3])]


def lots_for(
    item_id: int, customer_id: int | None, site_id: int, begin: str, to: Visitor
) -> list[Option]:
    """The item's lots at the site as an order of this customer's would get them.

    Decided as stock is promised: the customer's shortest remaining life, blocks, registrations,
    places, in the order of the rules. What would not be promised says why, by allocation's reasons.
    """
    sites = to.reader(BALANCES).sites()
    site = Site.objects.select_related("legal_entity").filter(pk=site_id).first()
    if site is None or (sites is not None and site_id not in sites):
        return []
    asked = Demand(
        line_id=0,
        item_id=item_id,
        quantity=ALL_OF_IT,
        site_id=site_id,
        owner_id=site.legal_entity.party_id,
        customer_id=customer_id,
    )
    by_lot: dict[int, list[Considered]] = defaultdict(list)
    for row in explained([asked]):
        if row.lot_id is not None and row.place_id is not None:
            by_lot[row.lot_id].append(row)
    made = []
    for pk, found in by_lot.items():
        if begin and not normalised(found[0].lot).startswith(begin):
            continue
        had = [row for row in found if row.quantity]
        why = "" if had else found[0].why["zh" if to.language.startswith("zh") else "en"]
        count = sum(row.quantity for row in had)
        about = _told(count, [row.place for row in had or found], found[0].expires_on, to)
        option = Option(f"#{pk} {found[0].lot}", found[0].lot, about, why)
        made.append((bool(why), found[0].expires_on or date.max, option))
    return [option for *_, option in sorted(made, key=lambda one: one[:2])]


def _about(lot: Lot, rows: Iterable[Standing], places: dict[int, str], to: Visitor) -> str:
    rows = list(rows)
    count = sum(row.on_hand - row.reserved for row in rows if row.forbids_promise is None)
    return _told(count, [places.get(row.place_id, "") for row in rows], lot.expires_on, to)


def _told(count: int, places: list[str], expires_on: date | None, to: Visitor) -> str:
    """How much is free, where it stands, and how long it lasts."""
    codes = list(dict.fromkeys(places))
    more = "…" if len(codes) > NAMED else ""
    is_chinese = to.language.startswith("zh")
    parts = [f"{'可用' if is_chinese else 'free'} {count:,}", "、".join(codes[:NAMED]) + more]
    if expires_on is not None:
        days = (expires_on - to.today).days
        left = f"剩 {days:,} 天" if is_chinese else f"{days:,} d left"
        parts.append(f"{expires_on} {left.replace('-', '−')}")
    return " · ".join(parts)


def _why(rows: list[Standing], to: Visitor) -> str:
    is_chinese = to.language.startswith("zh")
    for name, zh, en in WHY:
        if any(getattr(row, name) for row in rows):
            return zh if is_chinese else en
    for row in rows:
        if row.forbids_promise is not None:
            status = labels.of_value(f"{BALANCES}.status", row.status)
            return status.in_language(to.language)
    return "已全部占用" if is_chinese else "all of it is promised"


def _codes(ids: set[int]) -> dict[int, str]:
    return dict(Place.objects.filter(pk__in=ids).values_list("pk", "code"))
