"""Examples for the OpenAPI document, in Chinese and English, made from the schemas."""

from dataclasses import dataclass
from typing import Any

from traceward.api.problems import as_problem
from traceward.kernel.base.refusals import InvalidInput, NotAllowed, phrase, sentence
from traceward.kernel.command.invalid_input import DAY

Json = dict[str, Any]

#: What people would write into arguments of these names.
WORDS: dict[str, tuple[str, str]] = {
    "name_zh": ("一次性使用输液器", "一次性使用输液器"),
    "name_en": ("Infusion set", "Infusion set"),
    "list_name": ("stock.lots", "stock.lots"),
    "question": ("expires_on__lte=today%2B90", "expires_on__lte=today%2B90"),
    "columns": ("raw_number", "raw_number"),
    "first": ("near", "near"),
    "audience": ("picker", "picker"),
    "link": ("q3Fz9pWk1sT8vYb2NcXe5RmU7aLd0HgJ", "q3Fz9pWk1sT8vYb2NcXe5RmU7aLd0HgJ"),
    "secret": ("JBSWY3DPEHPK3PXP", "JBSWY3DPEHPK3PXP"),
    "credential": ('{"id": "…"}', '{"id": "…"}'),
    "subject": ("stock.alerts", "stock.alerts"),
    "reason": ("客户要求", "asked for by the customer"),
    "pin": ("728319", "728319"),
    "evidence": ("4f1d…", "4f1d…"),
    "conclusion": ("外观、包装、标签均符合要求", "appearance, packing and label as required"),
    "label": ("成都仓库系统", "WMS in Chengdu"),
    "remark": ("送达器械科", "handed over at the device department"),
    "delivery_note": ("SH20261120-017", "SH20261120-017"),
    "reference": ("ASN-2026-0117", "ASN-2026-0117"),
    "transport_mode": ("冷藏车", "refrigerated van"),
    "carrier_name": ("长风物流", "Changfeng Logistics"),
    "sscc": ("095200000000000011", "095200000000000011"),
    "waybill": ("CF2026112000017", "CF2026112000017"),
    "receiver": ("器械科李老师", "Ms Li, device department"),
    "patient": ("ZY-2026-004711", "ZY-2026-004711"),
    "code": ("A-01-02", "A-01-02"),
    "place_code": ("A-01-02", "A-01-02"),
    "codes": ("(01)09521234567899(17)280630(10)L2406", "(01)09521234567899(17)280630(10)L2406"),
    "login": ("wang.fang", "wang.fang"),
    "unit_price": ("128.50", "128.50"),
    "address": ("上海市浦东新区云桥路 88 号", "88 Yunqiao Road, Shanghai"),
    "category": ("14-02-05", "14-02-05"),
    "check_name": ("packaging", "packaging"),
    "deliverer": ("周师傅", "Mr Zhou"),
    "di": ("09521234567899", "09521234567899"),
    "key": ("stock.adjust.hold_above", "stock.adjust.hold_above"),
    "method": ("焚烧", "incineration"),
    "mode": ("冷藏车", "refrigerated van"),
    "name": ("成都仓库系统", "WMS in Chengdu"),
    "number": ("沪浦药监械经营许20260012号", "沪浦药监械经营许20260012号"),
    "password": ("correct horse battery staple", "correct horse battery staple"),
    "patterns": ("warehousing.*", "warehousing.*"),
    "phone": ("021-5550 0117", "+86 21 5550 0117"),
    "quality_state": ("包装完好，未拆封", "packing intact, not opened"),
    "registration_number": ("国械注准20263140123", "国械注准20263140123"),
    "seen": ("外箱破损、受潮", "outer boxes crushed and wet"),
    "role": ("storekeeper", "storekeeper"),
    "url": ("https://wms.example.com/events", "https://wms.example.com/events"),
    "value": ("50", "50"),
}
#: Of what no name says more; a test sees to it that no example of ours has it.
ANYTHING = ("示例", "example")
#: Numbers other than the least that is allowed.
NUMBERS = {"quantity": 10, "packs": 2, "rejected": 0, "accepted": 10, "sample_quantity": 5}
#: Of a verb, what its example says although the schema does not require it.
ALSO: dict[str, frozenset[str]] = {
    "inbound.receive_notice": frozenset({"journey", "transport_mode", "deliverer"}),
    "warehousing.receive": frozenset({"journey", "transport_mode", "deliverer"}),
    "warehousing.refuse_delivery": frozenset(
        {"delivery_note", "journey", "transport_mode", "deliverer"}
    ),
    "warehousing.ship": frozenset({"carrier_name", "waybill"}),
    "purchasing.send_return": frozenset({"carrier_name", "waybill"}),
    "org.register_party": frozenset({"name_zh", "name_en"}),
    "warehousing.print_goods_labels": frozenset({"lot_id"}),
    "recalls.open": frozenset({"lot_id"}),
    "recalls.drill": frozenset({"lot_id"}),
    "recalls.add_scope": frozenset({"lot_id"}),
    "stock.block": frozenset({"lot_id"}),
    "stock.block_all": frozenset({"lot_id"}),
    "sales.order": frozenset({"unit_price"}),
}
FORMATS = {
    "byte": "5oqk55CG6K6w5b2VCg==",
    "date": "2026-11-20",
    "date-time": "2026-11-20T09:30:00+08:00",
    "uuid": "01932f6e-7c1a-7b3e-9d52-6f0a4b8c1d2e",
}


def example_of(verb: str, schema: Json, components: Json, language: str) -> Any:
    """Arguments of the verb that the schema allows and that a person of the trade might send."""
    return _Example(components, language, ALSO.get(verb, frozenset())).of(schema, "")


@dataclass(frozen=True)
class _Example:
    components: Json
    language: str
    also: frozenset[str]

    def of(self, schema: Json, name: str) -> Any:
        """A value of this schema, for an argument of this name."""
        if "$ref" in schema:
            return self.of(self.components[schema["$ref"].rpartition("/")[2]], name)
        for choice in ("anyOf", "oneOf", "allOf"):
            if choice in schema:
                texts = [one for one in schema[choice] if one.get("type") == "string"]
                return self.of(((name in WORDS and texts) or schema[choice])[0], name)
        if "enum" in schema or "const" in schema:
            return schema.get("const", schema.get("enum", [None])[0])
        return self._plain(schema, name)

    def _plain(self, schema: Json, name: str) -> Any:
        kind = schema.get("type")
        if kind == "object":
            inner, needed = schema.get("properties", {}), schema.get("required", ())
            wanted = [one for one in inner if one in needed or one in self.also]
            return {one: self.of(inner[one], one) for one in wanted}
        if kind == "array":
            item = self.of(schema.get("items", {}), name)
            return [item] * max(1, schema.get("minItems", 1))
        if kind in ("integer", "number"):
            return NUMBERS.get(name, max(1, schema.get("minimum", 1)))
        if kind == "boolean":
            return True
        if schema.get("format") in FORMATS:
            return FORMATS[schema["format"]]
        return WORDS.get(name, ANYTHING)[self.language == "en"]


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
