"""The OpenAPI document's examples can be sent, and its schemas say what they are. # INT-02"""

import json
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator

from traceward.api.examples import ANYTHING
from traceward.api.v1 import api
from traceward.kernel.command.registry import REGISTRY

OURS = [verb for verb in sorted(REGISTRY) if not verb.startswith("testing.")]


@pytest.fixture(scope="module")
def document() -> Any:
    return json.loads(json.dumps(api.get_openapi_schema(), default=str))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_example_of_a_request_is_what_its_schema_allows(document: Any, language: str) -> None:
    for verb in OURS:
        body = document["paths"][f"/api/v1/commands/{verb}"]["post"]["requestBody"]
        content = body["content"]["application/json"]
        example = content["examples"][language]["value"]
        schema = content["schema"] | {"components": document["components"]}
        faults = [fault.message for fault in Draft202012Validator(schema).iter_errors(example)]
        assert not faults, (verb, example)
        REGISTRY[verb].arguments.model_validate(example)
        assert "{}" not in json.dumps(example) or example == {}, (verb, "say which in ALSO")
        text = json.dumps(example, ensure_ascii=False)
        assert not any(f'"{word}"' in text for word in ANYTHING), (verb, "add to WORDS")


def test_each_schema_has_a_title_and_says_what_it_is(document: Any) -> None:
    for name, schema in document["components"]["schemas"].items():
        assert schema["title"].strip(), name
        assert schema["description"].strip(), name
        assert "__" not in schema["title"], name
        assert "Part of what" not in schema["description"], name
