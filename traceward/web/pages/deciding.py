"""What the forms of inspecting and deciding begin with: what was found, and what stands pending."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from traceward.resources import labels
from traceward.web.kit.fields import ABOUT
from traceward.web.kit.suggestions import WHY, Row, Suggested, known, narrow, suggest
from traceward.web.pages.suggestions import PENDING, say, standing
from traceward.web.visitors import Visitor

NONE_OPEN = "No inspection of this receipt waits."
ALL_CHECKED = "All required checks are recorded. Decide now."


def _open_inspections(receipt: Row, to: Visitor) -> list[Row]:
    return known("quality.inspections", to, source_id=receipt["id"], state="open")


@suggest("inbound.record_results", fixed=("inspection_id", "check_name"))
def record_results(receipt: Row, to: Visitor) -> Suggested:
    """Each check that has no result yet, of each lot; whether it is passed is for the inspector."""
    open_ = _open_inspections(receipt, to)
    if not open_:
        return {WHY: say(to, "该收货单没有待检的验收单。", NONE_OPEN)}
    found = [
        {"inspection_id": row["id"], "check_name": name}
        for row, names in _missing(open_, to)
        for name in names
    ]
    if not found:
        return {WHY: say(to, "必检项目均已登记，可以判定。", ALL_CHECKED)}
    return {"results": found}


@narrow("inbound.record_results.inspection_id", "inbound.decide_lots.inspection_id")
def of_receipt(receipt: Row, _to: Visitor) -> Mapping[str, Any]:
    """The inspections of the receipt that wait."""
    return {"source_id": receipt["id"], "state": "open"}


@suggest("quality.record_result")
def record_result(inspection: Row, to: Visitor) -> Suggested:
    """The next check that has no result."""
    ((_, names),) = _missing([inspection], to)
    return {"check_name": names[0]} if names else {}


#: The checks that every inspection needs where no rule says otherwise.
CHECKS = ("packaging", "label", "certificate")


def _missing(inspections: list[Row], to: Visitor) -> Iterable[tuple[Row, list[str]]]:
    found = known("quality.results", to, inspection_id=[row["id"] for row in inspections])
    done = {(row["inspection_id"], row["check_name"]) for row in found}
    for row in inspections:
        yield row, [name for name in CHECKS if (row["id"], name) not in done]


def _shares(inspections: list[Row], to: Visitor) -> dict[int, list[Suggested]]:
    """By inspection, what stands pending of its goods, by place; failed goods as rejected."""
    if not inspections:
        return {}
    rows = standing(
        to,
        status=PENDING,
        site_id=inspections[0]["site_id"],
        item_id=sorted({row["item_id"] for row in inspections}),
    )
    results = known("quality.results", to, inspection_id=[row["id"] for row in inspections])
    failed = {row["inspection_id"] for row in results if not row["is_passed"]}
    at_hand: dict[tuple[Any, Any], list[Row]] = defaultdict(list)
    for row in rows:
        at_hand[row["item_id"], row["lot_id"]].append(row)
    made: dict[int, list[Suggested]] = {}
    for inspection in inspections:
        left, shares = inspection["quantity"], []
        for row in at_hand[inspection["item_id"], inspection["lot_id"]]:
            quantity = min(left, row["on_hand"])
            left -= quantity
            good, bad = (0, quantity) if inspection["id"] in failed else (quantity, 0)
            if quantity:
                shares.append(
                    {
                        "place_id": row["place_id"],
                        "accepted": good,
                        "rejected": bad,
                        "serial_id": row["serial_id"],
                        "container_id": row["container_id"],
                    }
                )
        made[inspection["id"]] = shares
    return made


@suggest("inbound.decide_lots", fixed=("inspection_id", "place_id", "serial_id", "container_id"))
def decide_lots(receipt: Row, to: Visitor) -> Suggested:
    """Every lot that waits, with what stands of it at each place."""
    open_ = _open_inspections(receipt, to)
    shares, found = _shares(open_, to), _found(open_, to)
    return {
        "verdicts": [
            {ABOUT: found[row["id"]], "inspection_id": row["id"], "shares": shares[row["id"]]}
            | _conclusion(shares[row["id"]], to)
            for row in open_
        ]
    }


def _found(inspections: list[Row], to: Visitor) -> dict[int, str]:
    """By inspection, what was found of its goods, and by whom."""
    rows = known("quality.results", to, inspection_id=[row["id"] for row in inspections])
    of: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        of[row["inspection_id"]].append(row)
    return {row["id"]: _in_words(of[row["id"]], to) for row in inspections}


def _in_words(results: list[Row], to: Visitor) -> str:
    """Checks that came out alike stand together: which, how, of how many; remarks; by whom."""
    if not results:
        return say(to, "尚未登记检查结果", "No check is recorded yet")
    alike: dict[Any, list[str]] = defaultdict(list)
    for row in results:
        called = labels.of_value("quality.results.check_name", row["check_name"])
        key = (row["is_passed"], row["sample_quantity"], row["defective_quantity"])
        alike[key].append(called.in_language(to.language))
    between = say(to, "、", ", ")
    said = [
        say(to, "{}：{}，抽样 {:,}，缺陷 {:,}", "{}: {}, {:,} sampled, {:,} defective").format(
            between.join(names), _passed(to, is_passed=is_passed), sampled or 0, defective or 0
        )
        for (is_passed, sampled, defective), names in alike.items()
    ]
    notes = [row["note"] for row in results if row["note"]]
    name = "recorded_by_name_zh" if to.language.startswith("zh") else "recorded_by_name_en"
    people = dict.fromkeys(row[name] or row["recorded_by_name_zh"] for row in results)
    return " · ".join([*said, *notes, between.join(people)])


def _passed(to: Visitor, *, is_passed: bool) -> str:
    return say(to, "通过", "passed") if is_passed else say(to, "不通过", "failed")


def _conclusion(shares: list[Suggested], to: Visitor) -> Suggested:
    """Where nothing failed, what is written in nearly every record; the person signs for it."""
    if not shares or any(share["rejected"] for share in shares):
        return {}
    return {"conclusion": say(to, "验收合格", "Accepted after inspection")}


@suggest("quality.decide", fixed=("place_id", "serial_id", "container_id"))
def decide(inspection: Row, to: Visitor) -> Suggested:
    shares = _shares([inspection], to)[inspection["id"]]
    return {"shares": shares} | _conclusion(shares, to)
