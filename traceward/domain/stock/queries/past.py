"""Stock as of a moment, as known now or as known then. # INV-08

What the moments mean stands in docs/reference/past-stock.md.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connections

from traceward.domain.places.models import Place
from traceward.domain.stock.queries.which import ALL, Which, as_list, rows_of
from traceward.domain.stock.rules import StatusWord
from traceward.kernel.base.refusals import InvalidInput, sentence

#: The kinds of places that `stock_is_inside` counts as inside.
INSIDE = frozenset({"warehouse", "zone", "bin", "dock", "staging", "repair", "transit"})


@dataclass(frozen=True)
class Moment:
    """`happened`: what stood when the world's clock showed this; a move at it counts.

    `sequence`: as the first so many commands told it; `posted`: as what was posted until then
    told it; both None: as known now.
    """

    happened: datetime
    sequence: int | None = None
    posted: datetime | None = None

    def __post_init__(self) -> None:
        for name in ("happened", "posted"):
            value = getattr(self, name)
            if value is not None and value.tzinfo is None:
                raise InvalidInput(sentence("Give the moment with its time zone."), field=name)


class ItemPast(NamedTuple):
    """An item's stock inside a site at the moment; base units."""

    item_id: int
    site_id: int
    pending: int
    qualified: int
    rejected: int
    in_transit: int

    @property
    def on_hand(self) -> int:
        return self.pending + self.qualified + self.rejected


class Stood(NamedTuple):
    """Goods of one kind that stood in one place at the moment."""

    item_id: int
    lot_id: int | None
    serial_id: int | None
    container_id: int | None
    place_id: int
    status: StatusWord
    owner_id: int
    on_hand: int


def items_in_past(
    moment: Moment,
    *,
    sites: Collection[int] | None,
    items: Collection[int] | None = None,
    using: str = "default",
) -> list[ItemPast]:
    """Per item and site, what stood inside; those without stock are absent."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT * FROM stock_past_items(%s, %s, %s, %s::bigint[], %s::bigint[])"
            " WHERE (pending, qualified, rejected, in_transit) <> (0, 0, 0, 0)"
            " ORDER BY item_id, site_id",
            [*_known(moment), as_list(sites), as_list(items)],
        )
        return rows_of(ItemPast, cursor)


def stood(
    moment: Moment,
    *,
    sites: Collection[int] | None,
    which: Which = ALL,
    using: str = "default",
) -> list[Stood]:
    """By lot × place × status × owner × serial × container, everything that was not zero.

    For lots and serials the places outside are included. Without them the answer holds what
    stood inside, and outside where `which.places` names such places.
    """
    if which.lots is not None or which.serials is not None:
        return _from_moves(moment, sites, which, as_list(which.places), using)
    if which.places is None:
        return _inside(moment, sites, which, None, using)
    places = Place.objects.using(using).filter(pk__in=which.places)
    inside = as_list(places.filter(kind__in=INSIDE).values_list("pk", flat=True)) or []
    outside = as_list(places.exclude(kind__in=INSIDE).values_list("pk", flat=True)) or []
    rows = _inside(moment, sites, which, inside, using) if inside else []
    return rows + (_from_moves(moment, sites, which, outside, using) if outside else [])


def _known(moment: Moment) -> list[Any]:
    return [moment.happened, moment.sequence, moment.posted]


def _inside(
    moment: Moment,
    sites: Collection[int] | None,
    which: Which,
    places: list[int] | None,
    using: str,
) -> list[Stood]:
    a = which.arrays()
    known = [*_known(moment), as_list(sites)]
    with connections[using].cursor() as cursor:
        if a["items"] is None and places is None:
            cursor.execute(
                "SELECT * FROM stock_past_all(%s, %s, %s, %s::bigint[], %s::bigint[])"
                " WHERE %s::bigint[] IS NULL OR container_id = ANY (%s::bigint[])",
                [*known, a["owners"], a["containers"], a["containers"]],
            )
        else:
            cursor.execute(
                "SELECT * FROM stock_past_of(%s, %s, %s, %s::bigint[], %s::bigint[],"
                " %s::bigint[], %s::bigint[])"
                " WHERE %s::bigint[] IS NULL OR container_id = ANY (%s::bigint[])",
                [*known, a["items"], places, a["owners"], a["containers"], a["containers"]],
            )
        return rows_of(Stood, cursor)


def _from_moves(
    moment: Moment,
    sites: Collection[int] | None,
    which: Which,
    places: list[int] | None,
    using: str,
) -> list[Stood]:
    a = which.arrays()
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT * FROM stock_past_from_moves(%s, %s, %s, %s::bigint[], %s::bigint[],"
            " %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])"
            " WHERE %s::bigint[] IS NULL OR container_id = ANY (%s::bigint[])",
            [
                *_known(moment),
                as_list(sites),
                a["items"],
                a["lots"],
                a["serials"],
                places,
                a["owners"],
                a["containers"],
                a["containers"],
            ],
        )
        return rows_of(Stood, cursor)
