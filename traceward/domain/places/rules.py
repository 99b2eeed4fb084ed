"""Whether a place suits goods, and which one suits best; pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

Limit = Decimal | None


@dataclass(frozen=True)
class Offer:
    """A bin that might take goods, with what is known of it.

    `zone` is "" where the bin has no marked zone. `holds_lot` and `is_empty` say what stands there.
    """

    place_id: int
    code: str
    rank: int
    zone: str
    c_min: Limit
    c_max: Limit
    holds_lot: bool = False
    is_empty: bool = True


@dataclass(frozen=True)
class Want:
    """What the goods ask for: the label's limits, and the zone of their status."""

    zone: str
    c_min: Limit = None
    c_max: Limit = None


def keeps_temperature(place: tuple[Limit, Limit], need: tuple[Limit, Limit]) -> bool:
    """Whether the place's range lies inside the label's. A place of unknown range keeps nothing
    that has a limit. # INV-05
    """
    (low, high), (need_min, need_max) = place, need
    if need_min is None and need_max is None:
        return True
    if low is None or high is None:
        return False
    return (need_min is None or low >= need_min) and (need_max is None or high <= need_max)


def is_right_zone(zone: str, wanted: str) -> bool:
    """A marked zone takes goods of its status only (GSP art. 40); an unmarked place any."""
    return zone in ("", wanted)


def suits(offer: Offer, want: Want) -> bool:
    return is_right_zone(offer.zone, want.zone) and keeps_temperature(
        (offer.c_min, offer.c_max), (want.c_min, want.c_max)
    )


def best(offers: Iterable[Offer], want: Want) -> Offer | None:
    """The suitable bin to propose: where the lot stands already, else an empty one, else the
    nearest; a marked zone before an unmarked one. # INB-04
    """
    suitable = [offer for offer in offers if suits(offer, want)]
    return min(
        suitable,
        key=lambda o: (not o.holds_lot, o.zone != want.zone, not o.is_empty, o.rank, o.code),
        default=None,
    )


#: What may stand below what; boundary places stand directly under their site.
PARENTS: dict[str, frozenset[str]] = {
    "warehouse": frozenset(),
    "zone": frozenset({"warehouse", "zone"}),
    "bin": frozenset({"warehouse", "zone"}),
    "dock": frozenset({"warehouse", "zone"}),
    "staging": frozenset({"warehouse", "zone"}),
    "used": frozenset({"department", "customer"}),
    "department": frozenset({"customer"}),
}
