"""A list as a file: what its address asks for, in words, and harmless in a spreadsheet. # UX-01"""

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date
from typing import Any, cast
from xml.etree import ElementTree

import pytest
from django.http import FileResponse, StreamingHttpResponse
from django.test import Client

from tests.inbound import ordered
from tests.web.local import browser_at
from tests.web.test_pages import browser, company
from tests.world import World
from traceward.domain.catalog.models import Item
from traceward.domain.stock.models import Lot
from traceward.kernel.org import roles
from traceward.resources.kit import RESOURCES
from traceward.web.kit import exports

__all__ = ["company"]
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def lines_of(client: Client, address: str, **asked: Any) -> list[list[str]]:
    """The file's lines, its titles first."""
    answer = cast(StreamingHttpResponse, client.get(address, asked))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith("attachment")
    content = b"".join(cast(Iterator[bytes], answer.streaming_content))
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_all_rows_that_the_address_asks_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "AT_ONCE", 2)
    for n in range(7):
        world.lot("STENT", f"AB-{n}", date(2030, 1, 31))
    world.lot("STENT", "ZZ")
    for language, title in (("zh-hans", "批号"), ("en", "Lot")):
        client = browser(world, roles.AUDITOR, language)
        asked = {"q": "AB-", "sort": "number", "columns": "all"}
        head, *rows = lines_of(client, "/stock/lots/export.csv", **asked)
        assert any(title in one for one in head)
        assert len(set(head)) == len(head) == len(exports.columns_of(RESOURCES["stock.lots"]))
        numbers = [next(text for text in row if text.startswith("AB-")) for row in rows]
        assert numbers == [f"AB-{n}" for n in range(7)]
        assert "2030-01-31" in rows[0]


def test_the_columns_that_are_shown_are_the_files(world: World) -> None:
    world.lot("STENT", "AB-1", date(2030, 1, 31))
    Item.objects.update(name_zh="支架", name_en="Stent")
    for language, item, other in (("zh-hans", "支架", "Stent"), ("en", "Stent", "支架")):
        client = browser(world, roles.AUDITOR, language)
        head, row = lines_of(client, "/stock/lots/export.csv", view="all")
        every, _ = lines_of(client, "/stock/lots/export.csv", view="all", columns="all")
        assert len(head) < len(every)
        assert set(head) <= set(every)
        assert {"AB-1", "2030-01-31"} <= set(row)
        assert any(item in text for text in row)
        assert not any(other in text for text in row)


def test_values_are_in_words(world: World) -> None:
    ordered(world)
    for language, state in (("zh-hans", "已审批"), ("en", "Approved")):
        client = browser(world, roles.BUYER, language)
        _, row = lines_of(client, "/purchasing/orders/export.csv", view="all")
        assert state in row


def test_no_value_is_a_formula(world: World) -> None:  # SEC-01
    one = world.lot("STENT", "L1")
    for number in ("=1+1", "+1", "-1", "@A1", "＝1"):
        Lot.objects.create(item=one.item, maker=one.maker, number=number, raw_number=number)
    _, *rows = lines_of(browser(world, roles.AUDITOR), "/stock/lots/export.csv")
    texts = {text for row in rows for text in row}
    assert {"'=1+1", "'+1", "'-1", "'@A1", "'＝1", "L1"} <= texts
    assert not any(text.startswith(exports.FORMULA) for text in texts)


def test_a_file_that_was_cut_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MAX_ROWS", 3)
    for n in range(3):
        world.lot("STENT", f"L{n}")
    client = browser(world, roles.AUDITOR)
    assert len(lines_of(client, "/stock/lots/export.csv")) == 4
    world.lot("STENT", "L3")
    for language, told in (("zh-hans", "只有前 3 行"), ("en", "Only the first 3 rows")):
        *rows, last = lines_of(browser(world, roles.AUDITOR, language), "/stock/lots/export.csv")
        assert len(rows) == 4
        assert told in last[0]


def test_only_what_the_visitor_may_see(world: World) -> None:  # ORG-02
    ordered(world)
    address = "/purchasing/orders/export.csv?view=all"
    assert len(lines_of(browser_at(world, roles.BUYER, world.shanghai), address)) == 2
    assert len(lines_of(browser_at(world, roles.BUYER, world.chengdu), address)) == 1
    assert browser(world, roles.PICKER).get("/org/people/export.csv").status_code == 403


def test_what_cannot_be_asked_is_told_by_the_list(world: World) -> None:
    client = browser(world, roles.AUDITOR)
    answer = client.get("/stock/lots/export.csv?nothing=1")
    assert answer["Location"] == "/stock/lots?nothing=1"


def test_every_list_has_its_file(world: World) -> None:
    clients = {role: browser(world, role) for role in (roles.AUDITOR, roles.ADMINISTRATOR)}
    world.stock(world.lot("STENT", "L1"), 3)
    for name, found in RESOURCES.items():
        role = next(role for role in clients if role in found.readers)
        address = f"/{name.replace('.', '/')}"
        head, *_ = lines_of(clients[role], f"{address}/export.csv", view="all")
        assert len(set(head)) == len(head), name
    assert (
        "/stock/lots/export.csv?view=all"
        in clients[roles.AUDITOR].get("/stock/lots?view=all").content.decode()
    )


def book_of(client: Client, address: str, **asked: Any) -> list[list[str]]:
    """The cells of the workbook's only sheet, each as its type and text; empty ones left out."""
    answer = cast(FileResponse, client.get(address, asked))
    assert answer["Content-Type"] == exports.XLSX
    content = b"".join(cast(Iterator[bytes], answer.streaming_content))
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
        assert "<pane" in book.read("xl/worksheets/sheet1.xml").decode()
    assert not sheet.findall(f".//{SHEET}f"), "a workbook holds no formula"
    return [
        [f"{cell.get('t', 'n')} {''.join(cell.itertext())}" for cell in row]
        for row in sheet.iter(f"{SHEET}row")
    ]


def test_a_workbook_has_typed_cells_and_no_formula(world: World) -> None:  # SEC-01
    one = world.lot("STENT", "=1+1", date(2030, 1, 31))
    world.stock(one, 1234)
    client = browser(world, roles.AUDITOR)
    head, row = book_of(client, "/stock/lots/export.xlsx", view="all")
    assert "inlineStr 批号" in head
    assert "inlineStr '=1+1" in row
    assert f"n {(date(2030, 1, 31) - date(1899, 12, 30)).days}" in row
    _, stock = book_of(client, "/stock/balances/export.xlsx", view="here")
    assert "n 1234" in stock


def test_a_workbook_that_was_cut_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MAX_ROWS", 2)
    for n in range(3):
        world.lot("STENT", f"L{n}")
    *rows, last = book_of(browser(world, roles.AUDITOR), "/stock/lots/export.xlsx", view="all")
    assert len(rows) == 3
    assert "只有前 2 行" in last[0]
