"""Lists: what their address asks for, views that people keep, columns, figures, peeks. # UX-01"""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.web.test_pages import browser, company, text_of
from tests.world import World
from traceward.domain.stock.commands import blocks
from traceward.domain.stock.models import BlockKind, Lot
from traceward.kernel.lists.models import ListView
from traceward.kernel.org import roles
from traceward.resources import asking
from traceward.resources.kit import RESOURCES, now
from traceward.web.kit import filters, views
from traceward.web.kit.lists import LISTS, view_of
from traceward.web.kit.views import ALL, Kept, View
from traceward.web.visitors import Visitor

__all__ = ["company"]
LOTS = "/stock/lots"


def page(client: Client, address: str, **asked: Any) -> str:
    answer = client.get(address, asked)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def lots(world: World) -> date:
    """Lots that expire yesterday, in 20 days and in 400; today, as it is in the database."""
    today = now().date()
    for number, days in (("OLD", -2), ("NEAR", 20), ("FAR", 400)):
        world.lot("STENT", number, today + timedelta(days=days))
    return today


def numbers(html: str) -> set[str]:
    return {one for one in ("OLD", "NEAR", "FAR") if f">{one}<" in html}


def test_days_may_be_said_from_today(world: World, lots: date) -> None:
    client = browser(world, roles.AUDITOR)
    assert numbers(page(client, LOTS, expires_on__lt="today")) == {"OLD"}
    near = {"expires_on__gte": "today", "expires_on__lte": "today+90"}
    html = page(client, LOTS, **near)
    assert numbers(html) == {"NEAR"}
    assert "今天 – 今后 90 天" in text_of(html)
    assert numbers(page(client, LOTS, view="near")) == {"NEAR"}
    assert numbers(page(client, LOTS, expires_on__lt="today-9999999")) == {"OLD", "NEAR", "FAR"}


def test_a_filter_comes_by_its_form(world: World, lots: date) -> None:
    """Each kind of column by what its form sends; what cannot be read is said there."""
    client = browser(world, roles.AUDITOR)
    item = Lot.objects.first().item  # type: ignore[union-attr]  # made above
    for given, wanted in (
        ({"add": "expires_on", "gte": "2020-01-01", "lte": ""}, "expires_on__gte=2020-01-01"),
        ({"add": "item_id", "value": item.code}, f"item_id={item.pk}"),
        ({"add": "item_id", "value": f"#{item.pk} x"}, f"item_id={item.pk}"),
        ({"add": "made_on", "isnull": "true", "value": ""}, "made_on__isnull=true"),
        ({"add": "number", "contains": " EA ", "q": "N"}, "number__contains=EA&q=N"),
    ):
        answer = client.get(LOTS, given)
        assert answer["Location"] == f"{LOTS}?{wanted}"
        assert 'role="alert"' not in page(client, answer["Location"])
    for given in ({"add": "item_id", "value": "no such"}, {"add": "first_received_at", "gte": "x"}):
        answer = client.get(LOTS, given)
        html = answer.content.decode()
        assert answer.status_code == 200
        assert 'role="alert"' in html
        assert '<details class="tw-menu tw-sheet" open>' in html


def test_a_range_that_ends_before_it_begins_is_said(world: World) -> None:
    client = browser(world, roles.AUDITOR)
    for name, column, low, high in (
        (LOTS, "expires_on", "2026-11-20", "2026-11-01"),
        ("/stock/balances", "on_hand", "1,200", "90"),
    ):
        answer = client.get(name, {"add": column, "gte": low, "lte": high})
        assert f"自 {low} 至 {high}：起始晚于截止" in answer.content.decode()


def test_days_of_moments_are_the_visitors_days(world: World) -> None:
    to, column = Visitor(None, "en", time_zone="Asia/Shanghai"), RESOURCES["stock.lots"]
    sent = QueryDict("add=first_received_at&gte=2026-01-01&lte=2026-01-31&first_received_at__gt=x")
    found = filters.added(column, sent, to)
    assert "first_received_at__gte=2026-01-01T00%3A00%3A00%2B08%3A00" in found
    assert "first_received_at__lt=2026-02-01T00%3A00%3A00%2B08%3A00" in found
    assert "__gt=x" not in found
    (said,) = filters.said(column, dict(QueryDict(found).lists()), to)
    assert said.value == "2026-01-01 – 2026-01-31"


def test_every_kind_of_column_has_its_form(world: World) -> None:
    to = Visitor(None, "zh-hans", grants={"catalog.items": ()})
    kinds = {}
    for name in LISTS:
        for column in RESOURCES[name].columns:
            form = filters.editor(RESOURCES[name], column, {}, to)
            if form is not None:
                kinds[form.kind] = f"{name}.{column}"
                assert form.label
    assert set(kinds) == {"choice", "day", "number", "record", "text"}


def test_the_list_opens_with_what_needs_work() -> None:
    page_ = LISTS["warehousing.picks"]
    mine = View("v7", "我的", "我的", {"state": ("open",)})
    assert view_of(page_, {}).key == "open"
    assert view_of(page_, {"state": ["picked"]}) == ALL
    assert view_of(page_, {"view": ["checked"]}).key == "checked"
    assert view_of(page_, {"view": ["nothing"]}).key == "open"
    assert view_of(page_, {}, Kept((mine,), "v7")) == mine
    assert view_of(LISTS["stock.lots"], {}) == ALL


def test_a_filter_of_a_view_can_be_taken_away(world: World, lots: date) -> None:
    html = page(browser(world, roles.AUDITOR), LOTS, view="near", sort="number")
    assert 'href="/stock/lots?sort=number&amp;view=all"' in html


def test_a_view_is_kept_found_shared_and_deleted(world: World, lots: date) -> None:
    head, picker = browser(world, roles.QUALITY_HEAD), browser(world, roles.PICKER)
    asked = "view=near&q=NE&sort=-number"
    for _ in range(2):
        kept = {"wish": "save", "asked": asked, "name": "我的临期", "audience": "picker"}
        answer = head.post(f"{LOTS}/views", kept)
        view = ListView.objects.get()
        assert answer["Location"] == f"{LOTS}?view=v{view.pk}"
    assert "today%2B90" in view.question
    for client in (head, picker):
        html = page(client, LOTS, view=f"v{view.pk}")
        assert "我的临期" in html
        assert numbers(html) == {"NEAR"}
    assert "我的临期" not in page(browser(world, roles.CHECKER), LOTS)
    assert "删除此视图" not in page(picker, LOTS, view=f"v{view.pk}")
    picker.post(f"{LOTS}/views", {"wish": "remove", "asked": f"view=v{view.pk}"})
    picker.post(f"{LOTS}/views", {"wish": "first", "asked": f"view=v{view.pk}"})
    assert numbers(page(picker, LOTS)) == {"NEAR"}
    head.post(f"{LOTS}/views", {"wish": "rename", "asked": f"view=v{view.pk}", "name": "临期"})
    assert "我的临期" not in page(head, LOTS)
    head.post(f"{LOTS}/views", {"wish": "remove", "asked": f"view=v{view.pk}"})
    assert not ListView.objects.exclude(name="").exists()
    assert numbers(page(picker, LOTS)) == {"OLD", "NEAR", "FAR"}


def test_a_wish_that_cannot_be_is_said(world: World) -> None:
    client = browser(world, roles.PICKER)
    for given in (
        {"wish": "save", "name": " "},
        {"wish": "nothing"},
        {"wish": "remove", "asked": "view=near"},
        {},
    ):
        answer = client.post(f"{LOTS}/views", given, follow=True)
        assert 'role="alert"' in answer.content.decode()
    assert not ListView.objects.exists()
    assert client.get(f"{LOTS}/views").status_code == 405
    assert client.post("/org/people/views", {"wish": "save", "name": "x"}).status_code == 403


def test_columns_are_chosen_and_kept_in_their_order(world: World, lots: date) -> None:
    client = browser(world, roles.PICKER)
    chosen = {"wish": "columns", "asked": "", "column": ["own_lot", "item", "nothing", "own_lot"]}
    client.post(f"{LOTS}/views", chosen)
    html = page(client, LOTS)
    heads = text_of(html[html.index("<thead") : html.index("</thead>")]).split()
    assert heads == ["自编批号", "物料"]
    assert "列 2/" in text_of(html)
    client.post(f"{LOTS}/views", {"wish": "columns", "asked": "", "reset": "1"})
    assert "首次收货时间" in page(client, LOTS)
    assert "自编批号" not in page(browser(world, roles.CHECKER), LOTS).partition("<tbody")[2]


def test_figures_come_in_one_statement(world: World, lots: date) -> None:
    client = browser(world, roles.AUDITOR, "en")
    with CaptureQueriesContext(
        connection,
    ) as captured:
        html = page(client, f"{LOTS}/counts", view="all")
    assert 'id="n-near" hx-swap-oob="true">1<' in html
    assert 'id="n-all" hx-swap-oob="true">3<' in html
    assert 'id="s-past" hx-swap-oob="true">1<' in html
    assert sum("count(*)" in one["sql"] for one in captured.captured_queries) == 1
    assert page(client, f"{LOTS}/counts", nothing="1").count("</span>") == 3


def test_figures_that_take_too_long_are_left_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(statement: str) -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchone())

    monkeypatch.setattr(views, "MILLISECONDS", 50)
    assert views._in_time(lambda: asked("SELECT pg_sleep(1)")) == []
    assert views._in_time(lambda: asked("SELECT 1")) == [1]


def test_units_are_added_up_of_one_item_only(world: World) -> None:
    world.stock(world.lot("STENT", "L1"), 3)
    world.stock(world.lot("STENT", "L2"), 4)
    client = browser(world, roles.AUDITOR)
    total = 'id="t-on_hand" hx-swap-oob="true">Σ 7<'
    here = {"view": "all", "place_kind": "bin"}
    assert total in page(client, "/stock/balances/counts", **here)
    world.stock(world.lot("REAGENT", "L3"), 5, "C-01")
    assert total not in page(client, "/stock/balances/counts", **here)
    item = world.items["STENT"].pk
    assert total in page(client, "/stock/balances/counts", **here, item_id=item)


def test_a_row_is_looked_at_beside_its_list(world: World) -> None:
    lot = world.lot("STENT", "L1")
    client = browser(world, roles.PICKER)
    html = page(client, f"{LOTS}/{lot.pk}/peek")
    assert "L1" in html
    assert "<html" not in html
    assert client.get(f"{LOTS}/999999/peek").status_code == 404
    assert client.get("/org/people/1/peek").status_code == 403


def test_pages_go_on_and_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("traceward.web.kit.listed.PAGE", 2)
    for n in range(5):
        world.lot("STENT", f"L{n}")
    client = browser(world, roles.AUDITOR)
    address, seen = f"{LOTS}?sort=number", []
    for _ in range(3):
        html = client.get(address).content.decode()
        seen.append([n for n in range(5) if f">L{n}<" in html])
        forth = html.partition('data-key="PageDown"')[0].rpartition('href="')[2].partition('"')[0]
        address = forth.replace("&amp;", "&")
    assert seen == [[0, 1], [2, 3], [4]]
    back = html.partition('data-key="PageUp"')[0].rpartition('href="')[2].partition('"')[0]
    html = client.get(back.replace("&amp;", "&")).content.decode()
    assert [n for n in range(5) if f">L{n}<" in html] == [2, 3]
    assert "3–4 / 5" in text_of(html)


def test_queries_do_not_grow_with_rows(world: World) -> None:
    client = browser(world, roles.AUDITOR)
    asked = []
    for count in (3, 30):
        for n in range(count):
            world.lot("STENT", f"L{count}-{n}")
        client.get(LOTS)
        with CaptureQueriesContext(connection) as captured:
            client.get(LOTS)
        asked.append(len(captured))
    assert asked[0] == asked[1] < 16


@pytest.mark.parametrize("name", ["view", "q", "sort", "cursor", "from", "was", "edit", "columns"])
def test_whatever_the_address_says_is_answered(world: World, name: str) -> None:  # SEC-01
    world.lot("STENT", "L1")
    client = browser(world, roles.AUDITOR)
    for value in ("", "x" * 3_000, "'; --", "<script>alert(1)</script>", "\x00", "9" * 30, "id"):
        answer = client.get(LOTS, {name: value})
        assert answer.status_code == 200
        assert "<script>alert(1)" not in answer.content.decode()


def test_stock_is_searched_by_what_it_is(world: World) -> None:  # WMS-01
    world.stock(world.lot("STENT", "BT2609-7"), 3)
    world.stock(world.lot("REAGENT", "RX-1"), 5, "C-01")
    client = browser(world, roles.AUDITOR)
    for text, found in (
        ("2609", {"BT2609-7"}),
        ("bt", {"BT2609-7"}),
        ("stent", {"BT2609-7"}),
        ("c-01", {"RX-1"}),
        ("rx", {"RX-1"}),
        ("no such", set()),
    ):
        html = page(client, "/stock/balances", view="here", q=text)
        assert {one for one in ("BT2609-7", "RX-1") if f">{one}<" in html} == found, text


def test_what_names_a_lot_or_a_document_is_searched_by_it(world: World) -> None:  # WMS-01
    """Without being declared; a large table by the ids of what it names, or by any number of it."""
    for number, place in (("BT2609-7", "A-01"), ("RX-1", "C-01")):
        lot = world.lot("STENT", number)
        world.stock(lot, 3, place)
        blocks.block(
            blocks.Scope(lot_id=lot.pk), BlockKind.HOLD, "破损", by=world.by(roles.QUALITY_HEAD)
        )
    client = browser(world, roles.AUDITOR)
    for text, found in (("2609", {"BT2609-7"}), ("rx", {"RX-1"}), ("no such", set())):
        for address in ("/stock/blocks", "/stock/moves"):
            html = page(client, address, view="all", q=text)
            assert {n for n in ("BT2609-7", "RX-1") if f">{n}<" in html} == found, (address, text)
    assert RESOURCES["stock.blocks"].search == (
        *("lot_raw_number", "serial_raw_number", "item_code", "item_name_zh", "item_name_en"),
    )  # and not by the number of the case, which has readers of its own


def test_a_search_through_many_names_reads_no_ids(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Above a number of records the database looks for them itself, with the same answer."""
    world.stock(world.lot("STENT", "BT2609-7"), 3)
    client = browser(world, roles.AUDITOR)
    few = page(client, "/stock/moves", view="all", q="BT2609")
    monkeypatch.setattr(asking, "MANY", 0)
    assert page(client, "/stock/moves", view="all", q="BT2609").count(">BT2609-7<") == 2
    assert few.count(">BT2609-7<") == 2


def test_a_part_of_a_number_is_found_by_an_index(world: World) -> None:  # WMS-01
    """Where the extension is there; a text too short for it is looked for at the beginning."""
    for resource, table in (
        ("stock.lots", "stock_lot"),
        ("documents.documents", "documents_document"),
    ):
        found = RESOURCES[resource]
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'")
            if cursor.fetchone() == (0,):
                pytest.fail("the packaged server has pg_trgm")
            cursor.execute("SET LOCAL enable_seqscan = off")
        rows = found.model._default_manager.filter(asking.read(found, {"q": ["2609CD"]}).condition)
        assert f"{table}_search" in rows.order_by().explain()
    world.lot("STENT", "AB12")
    lots = RESOURCES["stock.lots"]
    for text, count in (("ab", 1), ("B1", 0), ("B12", 1)):
        assert Lot.objects.filter(asking.read(lots, {"q": [text]}).condition).count() == count


def test_a_list_without_rows_says_how_they_come(world: World, lots: date) -> None:
    """Nothing ever came: by which verb it does. Something is there: the filters are cleared."""
    buyer = browser(world, roles.BUYER)
    html = page(buyer, "/purchasing/orders")
    assert 'href="/do/purchasing.order"' in html.partition("tw-arrival")[2]
    assert "这里还没有数据" in page(buyer, "/purchasing/orders", number="PO-1")
    reader = browser(world, roles.AUDITOR)
    html = page(reader, "/purchasing/orders").partition("tw-arrival")[2].partition("</table>")[0]
    assert "采购员" in html
    assert "/do/" not in html
    html = page(reader, LOTS, number="NONE")
    assert "tw-arrival" not in html
    assert "没有符合条件的数据" in html
    html = page(reader, LOTS, view="near", number="NONE", site_id="0")
    assert "tw-arrival" not in html


def test_what_was_signed_is_called_by_its_number(world: World, lots: date) -> None:
    """By number or code, with the way to it; its kind says of which list it is."""
    lot = Lot.objects.get(number="NEAR")
    by = world.by(roles.QUALITY_HEAD)
    uid = blocks.block(blocks.Scope(lot_id=lot.pk), BlockKind.HOLD, "破损", by=by).block_uid
    blocks.lift_block(uid, "复检合格", by=by.asking().reauthenticated())
    html = page(browser(world, roles.AUDITOR), "/audit/signatures")
    assert f'href="/stock/blocks/{uid}">NEAR</a>' in html
    assert page(browser(world, roles.AUDITOR), f"/stock/blocks/{uid}")
    assert f">{uid}<" not in html


def test_codes_of_records_are_the_same_in_each_language(world: World) -> None:
    html = page(browser(world, roles.ADMINISTRATOR), "/org/roles")
    for role in (roles.PRODUCTION, roles.BUYER):
        assert f'<span class="tw-code">{role.code}</span>' in html


def test_what_is_held_says_so_wherever_it_stands(world: World) -> None:  # INV-03
    """It stays qualified, and is told to be on hold beside it; the view of what is held has it."""
    for number in ("HELD1", "FREE1"):
        world.stock(world.lot("STENT", number), 3)
    lot = Lot.objects.get(number="HELD1")
    by = world.by(roles.QUALITY_HEAD)
    blocks.block(blocks.Scope(lot_id=lot.pk), BlockKind.HOLD, "破损", by=by)
    client = browser(world, roles.STOREKEEPER)
    for address, view in (("/stock/balances", "here"), ("/stock/lots", "all")):
        html = page(client, address, view=view)
        assert html.count('tw-hold">已冻结</span>') == 1, address
    html = page(client, "/stock/balances", view="held")
    assert "HELD1" in html
    assert "FREE1" not in html
    assert re.search(r"冻结或召回\W.{0,80}?是", html, re.DOTALL)
