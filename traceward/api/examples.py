"""Examples for the OpenAPI document, in Chinese and English, made from the schemas."""

from typing import Any

from traceward.api.problems import as_problem
from traceward.kernel.base.refusals import InvalidInput, NotAllowed, phrase, sentence
from traceward.kernel.command.invalid_input import DAY

Json = dict[str, Any]

#: What people would write into arguments of these names.
WORDS: dict[str, tuple[str, str]] = {
    "name_zh": ("一次性使用输液器", "一次性使用输液器"),
    "name_en": ("Infusion set", "Infusion set"),
    "reason": ("客户要求", "asked for by the customer"),
    "conclusion": ("外观、包装、标签均符合要求", "appearance, packing and label as required"),
    "label": ("成都仓库系统", "WMS in Chengdu"),
    "remark": ("送达器械科", "handed over at the device department"),
    "delivery_note": ("SH20261120-017", "SH20261120-017"),
    "reference": ("ASN-2026-0117", "ASN-2026-0117"),
    "transport_mode": ("冷藏车", "refrigerated van"),
    "carrier_name": ("长风物流", "Changfeng Logistics"),
    "waybill": ("CF2026112000017", "CF2026112000017"),
    "receiver": ("器械科李老师", "Ms Li, device department"),
    "patient": ("ZY-2026-004711", "ZY-2026-004711"),
    "code": ("A-01-02", "A-01-02"),
    "place_code": ("A-01-02", "A-01-02"),
    "codes": ("(01)09521234567895(17)280630(10)L2406", "(01)09521234567895(17)280630(10)L2406"),
    "login": ("wang.fang", "wang.fang"),
    "unit_price": ("128.50", "128.50"),
}
FORMATS = {
    "date": "2026-11-20",
    "date-time": "2026-11-20T09:30:00+08:00",
    "uuid": "01932f6e-7c1a-7b3e-9d52-6f0a4b8c1d2e",
}


def example_of(schema: Json, components: Json, language: str, name: str = "") -> Any:
    """A value that the schema allows and that a person of the trade might send."""
    if "$ref" in schema:
        target = components[schema["$ref"].rpartition("/")[2]]
        return example_of(target, components, language, name)
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return example_of(schema[choice][0], components, language, name)
    if "enum" in schema or "const" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    return _plain_example(schema, components, language, name)


def _plain_example(schema: Json, components: Json, language: str, name: str) -> Any:
    kind = schema.get("type")
    if kind == "object":
        wanted = schema.get("required", [])
        inner = schema.get("properties", {})
        return {one: example_of(inner[one], components, language, one) for one in wanted}
    if kind == "array":
        item = example_of(schema.get("items", {}), components, language, name)
        return [item] * max(1, schema.get("minItems", 1))
    if kind in ("integer", "number"):
        return max(1, schema.get("minimum", 1))
    if kind == "boolean":
        return True
    if schema.get("format") in FORMATS:
        return FORMATS[schema["format"]]
    if name in WORDS:
        return WORDS[name][language == "en"]
    return "示例" if language == "zh" else "example"


def problem_examples(status: str) -> Json:
    """A refusal of that status as both languages read it."""
    if status == "403":
        told: Any = NotAllowed(
            sentence("You may not use “{verb}”. Ask an administrator for a role that has it."),
            verb="quality.decide",
        )
    else:
        told = InvalidInput(
            sentence("The value of “{name}” cannot be used: {problem}. Correct it and send again."),
            field="expected_on",
            name="expected_on",
            problem=phrase(DAY),
        )
    return {
        language: {"value": as_problem(told, code, int(status))}
        for language, code in (("zh", "zh-hans"), ("en", "en"))
    }
