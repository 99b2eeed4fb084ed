"""From where a recall is begun, and how its goods are fetched back and destroyed.

It is begun of goods, places, and papers under which goods moved.
"""

from collections.abc import Callable, Iterable
from typing import Any

from traceward.domain.recalls.commands.closing import told_of
from traceward.domain.recalls.queries import what_is_open
from traceward.domain.recalls.queries.drills import lot_to_try
from traceward.domain.recalls.queries.settling import cases_of, proposed_of, recalled
from traceward.domain.sales.queries import GOODS, comes_back
from traceward.domain.warehousing.models import Shipment, ShipmentLine
from traceward.kernel.base.refusals import tell
from traceward.kernel.command.database_errors import persistent
from traceward.web.kit.documents import Beginning
from traceward.web.kit.fields import ABOUT
from traceward.web.kit.suggestions import IN_THE_WAY, Row, Suggested, known, suggest
from traceward.web.pages.suggestions import free, goods_of, rejected, say
from traceward.web.visitors import Visitor

OPEN = "recalls.open"
#: By argument of a target, the column that names what is chosen.
NAMED = {
    "item_id": "code",
    "lot_id": "raw_number",
    "serial_id": "raw_number",
    "place_id": "code",
    "document_id": "number",
}


def _of(argument: str) -> Callable[[Row, Visitor], dict[str, Any]]:
    """The row is what is recalled."""

    def give(row: Row, _to: Visitor) -> dict[str, Any]:
        chosen = f"{row['id']} {row[NAMED[argument]] or ''}".strip()
        return {"targets": [{argument: chosen}]}

    return give


OF_ITEM, OF_LOT, OF_SERIAL, OF_PLACE, OF_DOCUMENT = (
    (Beginning(OPEN, _of(argument)),)
    for argument in ("item_id", "lot_id", "serial_id", "place_id", "document_id")
)


def because(goods: Iterable[tuple[Any, ...]], to: Visitor) -> str:
    """Why they come back or are destroyed: the recalls that name them; empty without."""
    comma = say(to, "；", "; ")
    told = [f"{case} {case.reason}" for case in cases_of(list(goods))]
    return say(to, "召回 ", "Recall ") + comma.join(told) if told else ""


@suggest("sales.announce_return", fixed=("line_number",))
def announce_return(shipment: Row, to: Visitor) -> Suggested:
    """What can still come back of it; of a shipment with recalled goods these alone, and why."""
    found = Shipment.objects.select_related("deliver_to", "transit").get(pk=shipment["id"])
    was_refused, left = comes_back(found)
    rows = ShipmentLine.objects.filter(recalled(), shipment=found)
    called = {tuple(one) for one in rows.values_list(*GOODS)}
    lines = []
    for line in shipment["lines"]:
        goods = (line["item_id"], line["lot_id"], line["serial_id"])
        quantity = min(line["quantity"], left[goods])
        if quantity > 0 and (goods in called or not called):
            left[goods] -= quantity
            number = line["line_number"]
            lines.append({ABOUT: goods_of(line, to), "line_number": number, "quantity": quantity})
    given: Suggested = {"lines": lines, "was_refused": was_refused}
    return given | ({"reason": because(called, to)[:300]} if called else {})


def _not_settled(case: Row, to: Visitor) -> list[str]:
    """What a recall cannot be closed over."""
    points = persistent(lambda: what_is_open(case["id"]))
    return [tell(told_of(point), to.language) for point in points]


IN_THE_WAY["recalls.close"] = _not_settled


@suggest("recalls.drill")
def drill(site: Row, to: Visitor) -> Suggested:
    """The level and the supposed defect of the site's last one, of a lot that no drill has had."""
    last = next(iter(known("recalls.drills", to, site_id=site["id"], sort="-id", limit=1)), None)
    given: Suggested = {"level": last["level"], "reason": last["reason"]} if last else {}
    lot = lot_to_try()
    return given | ({"targets": [{"lot_id": f"{lot.pk} {lot.raw_number}"}]} if lot else {})


@suggest("warehousing.propose_destruction", fixed=("balance_id",))
def propose_destruction(site: Row, to: Visitor) -> Suggested:
    """What stands at the site of running recalls, and else what was rejected."""
    called = known("stock.balances", to, is_to_destroy=True, site_id=site["id"])
    if not called:
        return {"lines": rejected(to, site_id=site["id"])}
    goods = [(row["item_id"], row["lot_id"], row["serial_id"]) for row in called]
    begun = proposed_of(row["id"] for row in called)
    left = [{**row, "on_hand": row["on_hand"] - begun.get(row["id"], 0)} for row in called]
    return {"lines": free(left), "reason": because(goods, to)[:300]}
