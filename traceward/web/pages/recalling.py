"""From where a recall is begun: goods, places, and papers under which goods moved."""

from collections.abc import Callable
from typing import Any

from traceward.web.kit.documents import Beginning
from traceward.web.kit.suggestions import Row
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
