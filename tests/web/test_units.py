"""Quantities may be typed in the packs of the item; the command gets base units. # UX-01 INV-03"""

import uuid
from typing import Any

import pytest
from django.test import Client

from tests.web.test_pages import browser, company, text_of
from tests.world import World
from traceward.domain.catalog.models import Agency, Item, PackagingLevel
from traceward.domain.stock.models import StockMove
from traceward.kernel.org import roles
from traceward.web.kit.units import Unit, has_unit, units_of

__all__ = ["company"]
TWO = [{"level": 0, "base_units": 1}, {"level": 2, "base_units": 40}, {"level": 1, "base_units": 5}]


def test_packs_are_called_as_people_call_them() -> None:
    piece, box, case = units_of({"base_unit": "EA"}, TWO)
    assert [u.base_units for u in (piece, box, case)] == [1, 5, 40]
    assert [u.told("zh-hans") for u in (piece, box, case)] == ["件", "盒 ×5", "箱 ×40"]
    assert [u.told("en") for u in (piece, box, case)] == ["pcs", "box ×5", "case ×40"]
    (_, only) = units_of({"base_unit": "EA"}, TWO[:2])
    assert {"盒", "箱", "case"} <= set(only.words)
    assert units_of({"base_unit": "mL"}, []) == [Unit(("ml",), 1)]


@pytest.mark.parametrize(
    ("name", "text", "is_one"),
    [
        ("quantity", "3 箱", True),
        ("quantity", "3箱2盒", True),
        ("quantity", "1,200", False),
        ("quantity", "-3", False),
        ("quantity", "abc", False),
        ("packs", "3 箱", False),
    ],
)
def test_only_a_number_with_a_word_has_a_unit(name: str, text: str, is_one: bool) -> None:
    assert has_unit(name, text) == is_one


@pytest.fixture
def moving(world: World) -> dict[str, Any]:
    """A form that moves stents to the next bin, and the client who may send it."""
    item = Item.objects.get(code="STENT")
    for level, size in ((1, 5), (2, 40)):
        di = f"9{level}521234567899"
        PackagingLevel.objects.get_or_create(
            item=item, level=level, defaults={"agency": Agency.GS1, "di": di, "base_units": size}
        )
    sizes = dict(PackagingLevel.objects.filter(item=item).values_list("level", "base_units"))
    lot = world.lot("STENT", "L1")
    world.stock(lot, 500)
    return {"item": item.pk, "lot": lot.pk, "sizes": sizes}


def send(client: Client, world: World, moving: dict[str, Any], quantity: str, **given: str) -> Any:
    places = world.places
    line = {
        "item_id": str(moving["item"]),
        "lot_id": str(moving["lot"]),
        "from_place_id": str(places["A-01"].pk),
        "to_place_id": str(places["A-02"].pk),
        "owner_id": str(world.us.pk),
        "status": "qualified",
        "quantity": quantity,
        **given,
    }
    sent = {f"lines.0.{name}": text for name, text in line.items()}
    return client.post("/do/stock.move", {"request_id": str(uuid.uuid4()), **sent})


def test_packs_are_sent_as_base_units(world: World, moving: dict[str, Any]) -> None:
    client, sizes = browser(world, roles.STOREKEEPER), moving["sizes"]
    for text, said in (
        ("2 箱", 2 * sizes[2]),
        ("１盒", sizes[1]),
        ("1 case 2 boxes", sizes[2] + 2 * sizes[1]),
        ("3 件", 3),
        ("7", 7),
    ):
        answer = send(client, world, moving, text)
        assert answer.status_code == 302, (text, text_of(answer.content.decode())[-900:])
        assert StockMove.objects.order_by("pk").last().quantity == said  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("language", "text", "told"),
    [
        ("zh-hans", "3 托", "没有“托”这个单位，可用：件、盒 ×"),
        ("en", "3 pallets", "“pallets” is no unit of these goods. They come as pcs, box ×"),
        ("zh-hans", "2.5 箱", "不是整包装"),
        ("en", "1 case of 2", "is no unit"),
        ("en", "1 case" * 40, "is no unit"),
    ],
)
def test_what_is_no_quantity_is_said_at_its_field(
    world: World, moving: dict[str, Any], language: str, text: str, told: str
) -> None:
    moves = StockMove.objects.count()
    answer = send(browser(world, roles.STOREKEEPER, language), world, moving, text)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert told in html[html.index('id="lines-0-quantity-problem"') :]
    assert f'value="{text}"' in html
    assert StockMove.objects.count() == moves


def test_goods_that_are_not_chosen_have_no_units(world: World, moving: dict[str, Any]) -> None:
    client = browser(world, roles.STOREKEEPER)
    answer = send(client, world, moving, "3 箱", item_id="", lot_id="")
    assert "请先选择物料" in answer.content.decode()


def test_the_sum_is_said_while_typing(world: World, moving: dict[str, Any]) -> None:
    client = browser(world, roles.STOREKEEPER)
    asked = {"~verb": "stock.move", "~path": "lines.0.quantity", "lines.0.item_id": ""}

    def said(text: str, **more: str) -> str:
        return client.get("/units", {**asked, "~text": text, **more}).content.decode()

    lot = {"lines.0.lot_id": f"#{moving['lot']} L1"}
    assert f"2 箱 = <b>{2 * moving['sizes'][2]:,} 件</b>" in said("2 箱", **lot)
    assert 'data-unit="盒"' in said("", **lot)
    assert "tw-problem" in said("2 托", **lot)
    assert said("2 箱").strip() == ""  # nothing is chosen
    stranger = browser(world, roles.EXECUTIVE)
    assert stranger.get("/units", {**asked, "~text": "2 箱", **lot}).content.strip() == b""
