"""The OpenAPI page is in the reader's language. # UX-02 INT-02"""

import re
from typing import Any

import pytest
from django.test import Client

from traceward.api.arguments import ARGUMENTS
from traceward.kernel.command.registry import REGISTRY
from traceward.resources.kit import QUESTIONS
from traceward.resources.labels.summaries import SUMMARIES

HAN = re.compile(r"[\u4e00-\u9fff]")


def document(address: str = "", language: str = "") -> Any:
    headers = {"Accept-Language": language} if language else {}
    return Client().get(f"/api/v1/openapi.json{address}", headers=headers).json()


def operations(found: Any) -> list[dict[str, Any]]:
    rows = [one for path in found["paths"].values() for one in path.values()]
    return [one for one in rows if "testing." not in one["operationId"]]


@pytest.mark.parametrize(("address", "language"), [("", "zh-CN"), ("?lang=zh", "en")])
def test_each_operation_is_told_in_chinese(address: str, language: str) -> None:
    found = document(address, language)
    for operation in operations(found):
        assert HAN.search(operation["summary"]), operation["operationId"]
        assert HAN.search(operation["description"])
        for parameter in operation["parameters"]:
            text = parameter.get("description", "汉")
            assert HAN.search(text), (operation["operationId"], parameter)
    assert all(HAN.search(one["description"]) for one in found["components"]["responses"].values())


def test_without_a_wish_it_is_english() -> None:
    found = document()
    assert found == document("?lang=en", "zh-CN")
    names = {one["operationId"]: one["summary"] for one in operations(found)}
    assert names["sales.order"].startswith("The customer's order")


def test_each_command_and_question_has_its_chinese() -> None:
    known = {n for n in (*REGISTRY, *QUESTIONS) if not n.startswith(("testing.", "guide."))}
    assert set(SUMMARIES) == known, (
        "say in traceward/resources/labels/summaries.py what these are for"
    )


def test_each_argument_of_a_question_is_described() -> None:
    for operation in operations(document()):
        if operation["operationId"].startswith("ask."):
            for parameter in operation["parameters"]:
                assert parameter.get("description"), (operation["operationId"], parameter["name"])
    asked = {name for one in QUESTIONS.values() for name in one.arguments.model_fields}
    assert set(ARGUMENTS) <= asked, "no question takes these any more"


def test_the_page_asks_for_the_readers_language() -> None:
    for language, lang in (("zh-CN", "zh"), ("en", "en")):
        page = Client().get("/api/v1/docs", headers={"Accept-Language": language})
        assert f"openapi.json?lang={lang}" in page.content.decode()
