"""What an item is in the law's eyes, and so whether anybody may get it. # MDM-01"""

from datetime import date

import pytest

from tests import outbound
from tests.refusing import refused
from tests.world import World
from traceward.domain.catalog.commands import (
    add_identifier,
    add_packaging_level,
    declare_non_device,
    register_item,
)
from traceward.domain.catalog.models import Agency, Item, MaterialCategory, PackagingLevel
from traceward.domain.catalog.queries import NotForSale, items_with_facts, require_supply
from traceward.kernel.base.refusals import InvalidInput, WrongState
from traceward.kernel.org import roles

DAY = date(2026, 6, 1)
GTIN = "09521234543213"


def register(world: World, category: MaterialCategory | None, **values: object) -> Item:
    by = world.by(roles.DATA_OWNER)
    pk = register_item(
        "BAG", world.supplier.pk, name_zh="手提袋", material_category=category, by=by, **values
    ).id
    return Item.objects.get(pk=pk)


def declare(world: World, item: Item, reason: str = "no medical purpose") -> None:
    declare_non_device(item.pk, reason, by=world.by(roles.QUALITY_HEAD).reauthenticated())


def test_what_has_no_certificate_says_what_it_is(world: World) -> None:
    with refused(InvalidInput, "material_category"):
        register(world, None)
    with refused(InvalidInput, "product_id"):
        register(world, MaterialCategory.DEVICE)
    product = world.items["STENT"].product_id
    with refused(InvalidInput, "material_category"):
        register(world, MaterialCategory.RAW, product_id=product)
    assert register(world, None, product_id=product).material_category == "device"


@pytest.mark.parametrize("category", ["raw", "semi_finished", "packaging", "non_device"])
def test_no_customer_gets_it(world: World, category: str) -> None:
    item = world.items["BAG"] = register(world, MaterialCategory(category))
    with refused(NotForSale, "lines.0.item_id"):
        outbound.ordered(world, item="BAG")
    item.refresh_from_db()
    declare(world, item)
    assert outbound.ordered(world, item="BAG").order_id


def test_what_nobody_declared_is_not_bought(world: World) -> None:
    item = register(world, MaterialCategory.NON_DEVICE)

    def buy() -> None:
        items = list(items_with_facts([item.pk]).values())
        require_supply(items, world.supplier.pk, world.shanghai, DAY, field="lines.{n}.item_id")

    with refused(NotForSale, "lines.0.item_id"):
        buy()
    declare(world, item)
    buy()


def test_a_udi_needs_a_certificate_or_a_declaration(world: World) -> None:
    by = world.by(roles.DATA_OWNER)
    item = register(world, MaterialCategory.NON_DEVICE)
    with refused(WrongState, "agency"):
        add_packaging_level(item.pk, 0, GTIN, by=by.asking())
    add_packaging_level(item.pk, 0, "BAG-1", agency=Agency.OWN, by=by.asking())
    pack = PackagingLevel.objects.get(item=item)
    with refused(WrongState, "agency"):
        add_identifier(pack.pk, Agency.GS1, GTIN, by=by.asking())
    declare(world, item)
    assert add_identifier(pack.pk, Agency.GS1, GTIN, by=by.asking()).warnings == []


def test_a_trade_number_of_raw_material_warns(world: World) -> None:
    item = register(world, MaterialCategory.RAW)
    by = world.by(roles.DATA_OWNER)
    (warned,) = add_packaging_level(item.pk, 0, GTIN, by=by).warnings
    assert "BAG" in warned.zh
    assert "UDI-DI" in warned.en


def test_a_declaration_has_a_reason_and_is_made_once(world: World) -> None:
    item = register(world, MaterialCategory.NON_DEVICE)
    with refused(InvalidInput, "reason"):
        declare(world, item, " ")
    declare(world, item)
    with refused(WrongState, "item_id"):
        declare(world, item)
    with refused(WrongState, "item_id"):
        declare(world, world.items["STENT"])
    item.refresh_from_db()
    assert (item.material_category, item.non_device_reason) == ("non_device", "no medical purpose")
