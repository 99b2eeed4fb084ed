"""Which boxes, blocks and transformations concern some sites: conditions for who sees only these.

A balance is never removed, so that what was ever somewhere has one there.
"""

from collections.abc import Collection

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, BooleanField, Exists, F, Func, OuterRef, Q, Value

from traceward.domain.stock.models import Container, StockBalance, StockMove


def boxes_at(sites: Collection[int], box: str = "pk") -> Q:
    """Boxes in which something stands or stood there, or nothing ever did.

    Only what is in boxes within a box has to be looked for one box at a time.
    """
    held = StockBalance.objects.filter(container=OuterRef(box))
    within = Container.objects.filter(parent=OuterRef(box))
    ids = Value(sorted(sites), output_field=ArrayField(BigIntegerField()))
    deep = Q(Func(F(box), ids, function="stock_box_is_at", output_field=BooleanField()))
    here = Q(Exists(held.filter(place__site__in=sorted(sites))))
    return here | ((~Q(Exists(held)) | Q(Exists(within))) & deep)


def blocks_at(sites: Collection[int]) -> Q:
    """Blocks on places there, and on goods that stand or stood there."""
    there = StockBalance.objects.filter(place__site__in=sorted(sites))
    concerned = Q(container__isnull=False) & boxes_at(sites, "container")
    for name in ("lot", "serial"):
        concerned |= Q(Exists(there.filter(**{name: OuterRef(name)})))
    whole_item = Q(lot=None, serial=None, container=None)
    concerned |= whole_item & Q(Exists(there.filter(item=OuterRef("item"))))
    return Q(place__site__in=sorted(sites)) | (Q(place=None) & concerned)


def transformations_at(sites: Collection[int]) -> Q:
    """Edges of commands that moved goods there."""
    moves = StockMove.objects.filter(command_id=OuterRef("command_id"))
    here = Q(from_place__site__in=sorted(sites)) | Q(to_place__site__in=sorted(sites))
    return Q(Exists(moves.filter(here)))
