"""What a recall of some goods would reach, were it opened now; it is only read. # TRC-04"""

import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Q

from traceward.domain.partners.models import Contact, Licence
from traceward.domain.recalls import rules
from traceward.domain.recalls.queries.found import (
    Consignee,
    Group,
    Promise,
    consignees,
    groups,
    ladder,
    promises,
)
from traceward.domain.recalls.queries.meant import Target, expanded, meant
from traceward.domain.recalls.queries.overlaps import Overlap, overlaps
from traceward.domain.recalls.queries.targets import Goods
from traceward.domain.recalls.rules import Ladder
from traceward.kernel.org.models import Party

#: Goods may be posted between two questions: what does not add up is asked for so many times.
TRIES = 3


@dataclass(frozen=True)
class Outside:
    """A consignee, and whether it could be told."""

    consignee: Consignee
    has_contact: bool
    has_licence: bool

    @property
    def can(self) -> tuple[bool, bool]:
        """Whether it can be reached, and may have the goods."""
        return self.has_contact, self.has_licence


@dataclass
class Reach:
    """The goods that a recall would cover, where they are, who has them, whose promises fall."""

    #: Each with the first target that names it, by position; None where it was made of others.
    goods: dict[Goods, int | None] = field(default_factory=dict)
    standing: list[Group] = field(default_factory=list)
    ladder: Ladder = field(default_factory=lambda: Ladder((), (), ()))
    outside: list[Outside] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)
    #: Other running recalls that cover some of it.
    overlaps: list[Overlap] = field(default_factory=list)
    #: Milliseconds for each step.
    took: dict[str, int] = field(default_factory=dict)

    @property
    def downstream(self) -> int:
        return sum(1 for target in self.goods.values() if target is None)

    @property
    def in_house(self) -> int:
        """Units on our shelves, which would be held."""
        return sum(g.quantity for g in self.standing if g.kind in rules.OWN)

    @property
    def units(self) -> int:
        return sum(g.quantity for g in self.standing)

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.took[step] = round(1000 * (time.perf_counter() - began))


def reach(targets: Sequence[Target], now: datetime, today: date) -> Reach:
    """The same questions as of a case, of goods that no case has; refused as `recalls.open` is."""
    found = Reach()
    with found.timed("found"):
        named: dict[Goods, int] = {}
        for n, several in enumerate(meant(targets, now)):
            for goods in several:
                named.setdefault(goods, n)
        fresh, everything = expanded((), named)
        found.goods = {goods: named.get(goods) for goods in fresh}
    with found.timed("located"):
        _locate(found, everything)
    with found.timed("consignees"):
        found.outside = _outside(consignees(everything, standing=found.standing), today)
    with found.timed("promises"):
        found.promises = promises(everything)
        found.overlaps = overlaps(everything, but=0)
    return found


def _locate(found: Reach, goods: Collection[Goods]) -> None:
    for _ in range(TRIES):
        found.standing = groups(goods)
        found.ladder = ladder(goods, standing=found.standing)
        if not found.ladder.difference:
            return


def _outside(known: Sequence[Consignee], today: date) -> list[Outside]:
    ids = {one.party_id for one in known if one.party_id is not None}
    by_phone = Party.objects.filter(pk__in=ids).exclude(phone="")
    named = Contact.objects.filter(party__in=ids, ended_at=None).exclude(phone="", email="")
    reachable = {
        *by_phone.values_list("pk", flat=True),
        *named.values_list("party", flat=True),
    }
    in_force = Licence.objects.filter(
        Q(valid_until=None) | Q(valid_until__gte=today),
        party__in=ids,
        valid_from__lte=today,
        revoked_at=None,
    )
    licensed = set(in_force.values_list("party", flat=True))
    return [Outside(one, one.party_id in reachable, one.party_id in licensed) for one in known]
