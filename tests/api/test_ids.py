"""The OpenAPI document says of each id which list answers it. # INT-02"""

import re
from typing import Any

import pytest
from django.test import Client

from traceward.kernel.command.registry import REGISTRY
from traceward.resources.ids import list_of
from traceward.resources.kit import RESOURCES


@pytest.fixture(scope="module")
def document() -> Any:
    return Client().get("/api/v1/openapi.json").json()


OURS = {
    verb: command
    for verb, command in REGISTRY.items()
    if command.function.__module__.startswith("traceward.")
}


@pytest.mark.parametrize("verb", sorted(OURS))
def test_each_id_that_a_command_asks_for_is_of_a_list(verb: str) -> None:
    schema = OURS[verb].arguments.model_json_schema()
    parts = [(verb.partition(".")[0], schema)]
    parts += [("", part) for part in schema.get("$defs", {}).values()]
    for area, part in parts:
        for name in part.get("properties", {}):
            if name.endswith(("_id", "_ids")):
                found = list_of(name, area)
                assert found is not None, f"say in traceward/resources/ids.py what {name} is"
                assert found.replace("/", ".") in RESOURCES


@pytest.mark.parametrize(
    ("name", "area", "rows"),
    [
        ("order_id", "purchasing", "purchasing.orders"),
        ("order_id", "outbound", "sales.orders"),
        ("delivery_id", "sales", "sales.deliveries"),
        ("parent_id", "places", "places.places"),
        ("parent_id", "stock", "stock.containers"),
        ("witness_ids", "warehousing", "org.colleagues"),
        ("lot_id", "", "stock.lots"),
        ("nothing_id", "stock", None),
    ],
)
def test_the_areas_own_list_goes_first(name: str, area: str, rows: str | None) -> None:
    assert list_of(name, area) == rows


def test_arguments_and_filters_say_it(document: Any) -> None:
    body = document["paths"]["/api/v1/commands/outbound.allocate"]["post"]["requestBody"]
    schema = body["content"]["application/json"]["schema"]
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    assert schema["properties"]["order_id"]["description"] == "id of a row of `sales/orders`"
    filters = document["paths"]["/api/v1/stock/balances"]["get"]["parameters"]
    (item,) = [p for p in filters if p["name"] == "item_id"]
    assert item["description"] == "id of a row of `catalog/items`"


def test_descriptions_are_prose(document: Any) -> None:
    """No line is a block of code because it is indented, and no requirement's id is a heading."""
    for path in document["paths"].values():
        for operation in path.values():
            for text in (operation["description"], operation["summary"]):
                assert "\n    " not in text
                assert not re.search(r"# [A-Z]{2,4}-\d", text), text
