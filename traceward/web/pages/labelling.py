"""Labels 标签: printed from goods, boxes and places, and from what brought or takes them."""

from collections.abc import Iterable, Mapping
from typing import Any

from traceward.domain.warehousing.commands.labelling import MAX_BOXES, MAX_LINES
from traceward.resources.label_files import PRINTED_BY, PRINTS
from traceward.web.kit.documents import Beginning, document_page
from traceward.web.kit.lists import list_page
from traceward.web.kit.selecting import Bulk
from traceward.web.kit.suggestions import WHY, Row, leads, narrow
from traceward.web.kit.views import ALL, View
from traceward.web.sites import site_of
from traceward.web.visitors import Visitor

GOODS, BOXES, PLACES = (f"warehousing.print_{kind}_labels" for kind in ("goods", "box", "place"))
CUT_ZH, CUT = (
    "此处为前 {} 个，其余请从明细列表打印。",
    "These are the first {}: print others from the list.",
)

for verb in PRINTED_BY.values():
    leads(verb, PRINTS)


def _begun(
    lines: Iterable[Mapping[str, Any]], site_id: Any, to: Visitor, most: int = MAX_LINES
) -> dict[str, Any]:
    """The form with these lines, each once; where it is done, as far as that is known."""
    here = site_of(to)
    found = [dict(one) for one in dict.fromkeys(tuple(line.items()) for line in lines)]
    if not found:
        return {}
    given: dict[str, Any] = {"labels": found[:most]}
    if site := site_id or (here.id if here else None):
        given["site_id"] = site
    if len(found) > most:
        is_zh = to.language.startswith("zh")
        given[WHY] = (CUT_ZH if is_zh else CUT).format(most)
    return given


def _of_lot(lot: Row, to: Visitor) -> dict[str, Any]:
    return _begun([{"lot_id": lot["id"]}], None, to)


def _of_serial(serial: Row, to: Visitor) -> dict[str, Any]:
    return _begun([{"serial_id": serial["id"]}], None, to)


def _of_level(level: Row, to: Visitor) -> dict[str, Any]:
    return _begun([{"packaging_id": level["id"]}], None, to)


def _of_box(box: Row, to: Visitor) -> dict[str, Any]:
    return _begun([{"container_id": box["id"]}], None, to)


def _of_place(place: Row, to: Visitor) -> dict[str, Any]:
    return _begun([{"place_id": place["id"]}], place["site_id"], to)


def _lots_of_lines(document: Row, to: Visitor) -> dict[str, Any]:
    """Each lot or serial of its lines."""
    lines = [
        {"serial_id": x["serial_id"]} if x["serial_id"] else {"lot_id": x["lot_id"]}
        for x in document["lines"]
        if x["serial_id"] or x["lot_id"]
    ]
    return _begun(lines, document["site_id"], to)


def _boxes_of_lines(document: Row, to: Visitor) -> dict[str, Any]:
    """Each box that its lines were packed into."""
    ids = [x["container_id"] for x in document["lines"] if x["container_id"]]
    return _begun([{"container_id": pk} for pk in ids], document["site_id"], to, MAX_BOXES)


OF_LOT, OF_SERIAL, OF_LEVEL = (
    (Beginning(GOODS, give),) for give in (_of_lot, _of_serial, _of_level)
)
OF_BOX, OF_PLACE = (Beginning(BOXES, _of_box),), (Beginning(PLACES, _of_place),)
LOTS_OF_LINES = (Beginning(GOODS, _lots_of_lines),)
BOXES_OF_LINES = (Beginning(BOXES, _boxes_of_lines),)


def labels_of(verb: str, **more: Any) -> Bulk:
    """Labels for the chosen rows, all in one form: argument of its lines = column of the row."""
    return Bulk(verb, lines="labels", icon="scan", **more)


@narrow(f"{GOODS}.packaging_id", of_none=True)
def written_levels(_row: Row, _to: Visitor) -> Mapping[str, Any]:
    """Packs with a UDI-DI of which a UDI can be made."""
    return {"agency": ["GS1", "HIBC", "MA"]}


def _fetched(row: Row, to: Visitor) -> list[tuple[str, str]]:
    """As PDF, and for a label printer; for who may print such labels."""
    if not to.may(PRINTED_BY[row["kind"]]):
        return []
    base = f"/warehousing/label_prints/{row['id']}/labels"
    return [("PDF", f"{base}.pdf"), ("ZPL", f"{base}.zpl")]


list_page(
    PRINTS,
    cells=("kind", "size", "labels", "site", "person", "at"),
    views=(
        View("recent", "近 7 天", "Last 7 d", {"at__gte": "today-7"}),
        ALL,
    ),
    phone=("kind", "size", "labels", "person", "at"),
)
document_page(
    PRINTS,
    facts=("kind", "size", "labels", "site", "person", "at"),
    lines={
        "lines": (
            *("line_number", "item", "lot/serial", "packaging_base_units"),
            *("container", "place", "code", "copies"),
        )
    },
    fetched=_fetched,
    picture=lambda row: f"/warehousing/label_prints/{row['id']}/labels.png",
)
list_page(
    "warehousing.printed_labels",
    cells=("label_print", "kind", "item", "lot/serial", "container", "place", "copies", "at"),
)
