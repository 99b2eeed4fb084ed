"""What is on hold or recalled: a row's gravest active block, and the rows with one. # INV-03

As `stock_blocks_on` judges each leg: every scope that a block names must be met, and a block of a
place or a container covers what stands in those within it.
"""

from collections.abc import Collection
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BigIntegerField,
    BooleanField,
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)

from traceward.domain.places.models import Place
from traceward.domain.stock.models import StockBalance, StockBlock

#: Containers stand in one another so deep at most (stock/sql/containers.sql).
DEPTH = 5
#: The container of a balance, and those around it.
AROUND = tuple("__".join(["container", *["parent"] * n]) for n in range(DEPTH))


NUMBERS: "ArrayField[Any, Any]" = ArrayField(BigIntegerField())


class _Among(Func):
    """Whether the number is in the array; an index on the number serves it."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY ("
    output_field = BooleanField()


def active() -> QuerySet[StockBlock]:
    """The blocks that nobody lifted, and that have not ended by themselves."""
    lasts = Q(until=None) | Q(until__gt=Func(function="tw_now"))
    return StockBlock.objects.filter(lasts, lifted_at=None)


def held_as(blocks: QuerySet[StockBlock]) -> Subquery:
    """The kind of the gravest of them: recalled before on hold; null: none."""
    return Subquery(blocks.order_by("-kind").values("kind")[:1])


def on_balance() -> QuerySet[StockBlock]:
    """The active blocks on the outer balance."""
    scopes = {
        "lot": Q(lot=OuterRef("lot")),
        "serial": Q(serial=OuterRef("serial")),
        "item": Q(item=OuterRef("item")),
        "container": reduce(or_, (Q(container=OuterRef(one)) for one in AROUND)),
        "place": Q(_Among(F("place_id"), OuterRef("place__path"))),
    }
    return _covering(scopes)


def on_lot() -> QuerySet[StockBlock]:
    """The active blocks on the whole outer lot, wherever it stands."""
    return _covering({"lot": Q(lot=OuterRef("pk")), "item": Q(item=OuterRef("item"))})


def on_serial() -> QuerySet[StockBlock]:
    """The active blocks on the outer serial, wherever it stands."""
    return _covering(
        {
            "serial": Q(serial=OuterRef("pk")),
            "lot": Q(lot=OuterRef("lot")),
            "item": Q(item=OuterRef("item")),
        }
    )


def held_at(at: datetime, *, item: int, lot: int | None, serial: int | None = None) -> set[str]:
    """The kinds of blocks that stood at the moment on all of the lot or serial. One query."""
    stood = Q(placed_at__lte=at) & (Q(lifted_at=None) | Q(lifted_at__gt=at))
    stood &= Q(until=None) | Q(until__gt=at)
    met, named = Q(container=None, place=None), Q()
    for scope, pk in (("item", item), ("lot", lot), ("serial", serial)):
        its = Q(**{scope: pk}) if pk else Q(pk__in=())
        met &= Q(**{scope: None}) | its
        named |= its
    return set(StockBlock.objects.filter(stood, met, named).values_list("kind", flat=True))


def _covering(scopes: dict[str, Q]) -> QuerySet[StockBlock]:
    """Blocks of which each named scope is met, and one of these is named."""
    met, named = Q(), Q()
    for scope in ("lot", "serial", "container", "place", "item"):
        none = Q(**{f"{scope}__isnull": True})
        met &= none | scopes[scope] if scope in scopes else none
        named |= scopes.get(scope, Q())
    return active().filter(named, met)


def is_held(asked: bool) -> Q:
    """Balances on which an active block is, or the others; found from the side of the blocks."""
    found = Q(pk__in=_near()) & Q(Exists(on_balance()))
    return found if asked else ~found


def held_among(balances: Collection[int]) -> dict[int, str]:
    """By balance, as what it is held; only those that are."""
    rows = StockBalance.objects.filter(_Among(F("pk"), Value(list(balances), NUMBERS)))
    held = rows.annotate(held_as=held_as(on_balance())).filter(held_as__isnull=False)
    return dict(held.values_list("pk", "held_as"))


def _near() -> Any:
    """Balances that one of the scopes names."""
    blocks = active()
    boxes, places = (blocks.filter(**{f"{name}__isnull": False}) for name in ("container", "place"))
    within = reduce(or_, (Q(**{f"{one}__in": boxes.values("container")}) for one in AROUND))
    under = Place.objects.filter(path__overlap=ArraySubquery(places.values("place_id")))
    narrowed = [
        *(Q(**{f"{name}__in": blocks.values(name)}) for name in ("lot", "serial", "item")),
        within,
        Q(place__in=under),
    ]
    first, *rest = (StockBalance.objects.filter(one).values("pk") for one in narrowed)
    return first.union(*rest)
