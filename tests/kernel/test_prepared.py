"""Queries written once give what the plain ones give, with any values. # DONE: fast, honest"""

from datetime import datetime, timedelta, timezone
from threading import Thread
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.world import World
from traceward.domain.catalog.models import Item
from traceward.domain.stock.models import StockBalance, StockMove
from traceward.kernel.base.prepared import Prepared
from traceward.kernel.base.refusals import NotFound
from traceward.kernel.org.models import Site

BY_CODE = Prepared(
    lambda code, sites: Site.objects.filter(code=code, pk__in=sites).select_related("legal_entity")
)
OF_SITES = Prepared(
    lambda sites: (
        StockBalance.objects.filter(place__site__in=sites, on_hand__gt=0)
        .order_by("pk")
        .values_list("pk", "item", "place__code")
    )
)


def statements(asked: Any) -> list[str]:
    with CaptureQueriesContext(connection) as seen:
        list(asked())
    return [x["sql"] for x in seen.captured_queries]


def test_the_rows_are_those_of_the_plain_query(world: World) -> None:
    world.stock(world.lot("STENT", "L1"), 5)
    everywhere = [site.pk for site in Site.objects.all()]
    for site in Site.objects.select_related("legal_entity"):
        with CaptureQueriesContext(connection) as seen:
            (found,) = BY_CODE(site.code, set(everywhere))
            assert (found, found.legal_entity) == (site, site.legal_entity)
        assert len(seen.captured_queries) == 1
        assert BY_CODE(site.code, []) == []
    plain = StockBalance.objects.filter(place__site__in=everywhere, on_hand__gt=0).order_by("pk")
    expected = list(plain.values_list("pk", "item", "place__code"))
    assert expected
    assert OF_SITES(everywhere) == expected
    assert OF_SITES(()) == []


def test_a_statement_is_the_same_whatever_the_values(world: World) -> None:
    del world
    texts = {
        sql.partition("ANY")[0]
        for sites in ([1], [1, 2, 3], [])
        for sql in statements(lambda sites=sites: OF_SITES(sites))
    }
    assert len(texts) == 1


def test_another_thread_uses_its_own_connection(world: World) -> None:
    BY_CODE(world.chengdu.code, [world.chengdu.pk])
    asked: list[Any] = []

    def ask() -> None:
        try:
            asked.append(BY_CODE("nowhere", [1]))
        finally:
            connection.close()

    thread = Thread(target=ask)
    thread.start()
    thread.join()
    assert asked == [[]]


@pytest.mark.parametrize(
    ("wanted", "codes"),
    [
        (["STENT", None], ["STENT"]),
        (("STENT", "no such", "STENT"), ["STENT"]),
        (Item.objects.filter(code="STENT").values("code"), ["STENT"]),
        ([], []),
        ([None], []),
    ],
)
def test_a_list_is_one_array(world: World, wanted: Any, codes: list[str]) -> None:
    del world
    rows = Item.objects.filter(code__in=wanted).order_by("code")
    assert [item.code for item in rows] == codes
    assert Item.objects.exclude(code__in=wanted).count() == Item.objects.count() - len(codes)


def test_lists_of_numbers_and_references(world: World) -> None:
    item = Item.objects.get(code="STENT")
    for strange in (2**80, 2**63, 2**31, -1, -40_000, -3_504_130_574, -(2**63), -(2**80)):
        assert list(Item.objects.filter(pk__in=[item.pk, strange])) == [item]
        assert Item.objects.find_all([item.pk, strange]) == {item.pk: item}
        assert not StockBalance.objects.filter(status__in=[strange, 77]).exists()
    assert list(Item.objects.filter(pk__in=[item.pk, -(2**40), 2**80])) == [item]
    assert Item.objects.filter(maker__in=[item.maker, world.us]).filter(pk=item.pk).exists()
    assert Item.objects.filter(maker__in=Item.objects.filter(pk=item.pk).values("maker")).exists()
    (sql,) = statements(lambda: Item.objects.filter(pk__in=[item.pk, 7]))
    assert "= ANY" in sql
    assert " IN (" not in sql


@pytest.mark.parametrize("hours", [0, 8, -20, 20])
def test_lists_of_moments_with_any_offset(world: World, hours: int) -> None:
    there = timezone(timedelta(hours=hours))
    world.stock(world.lot("STENT", "L1"), 5)
    move = StockMove.objects.order_by("pk")[0]
    strange = [datetime.min.replace(tzinfo=there), datetime.max.replace(tzinfo=there)]
    rows = StockMove.objects.filter(posted_at__in=[move.posted_at.astimezone(there), *strange])
    assert move in rows
    assert not StockMove.objects.filter(posted_at__in=strange).exists()


@pytest.mark.parametrize("key", [0, -1, 2**31, 2**63, 2**80])
def test_a_row_that_is_not_there_is_not_locked(world: World, key: int) -> None:
    del world
    with pytest.raises(NotFound):
        Site.objects.lock(key)
    assert Site.objects.lock_all([key]) == []
