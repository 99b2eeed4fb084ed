"""What the forms of production begin with: what is promised, what was issued and is left."""

from collections.abc import Mapping
from typing import Any

from traceward.web.kit.fields import ABOUT
from traceward.web.kit.suggestions import Row, Suggested, known, narrow, suggest
from traceward.web.pages.suggestions import goods_of
from traceward.web.visitors import Visitor


@suggest("production.issue")
def issue(order: Row, to: Visitor) -> Suggested:
    """What is promised to the order, from where it stands."""
    rows = known("stock.reservations", to, document_id=order["id"])
    names = ("item_id", "quantity", "place_id", "lot_id", "serial_id")
    return {"goods": [{name: row[name] for name in names} for row in rows]}


def _unused(order: Row, to: Visitor) -> list[Suggested]:
    """What was issued and neither used, returned nor scrapped."""
    gone = ("consumed", "returned", "scrapped")
    left = [(row, row["quantity"] - sum(row[n] for n in gone)) for row in order["issued"]]
    return [
        {"issued_id": row["id"], ABOUT: goods_of(row, to), "quantity": quantity}
        for row, quantity in left
        if quantity > 0
    ]


@suggest("production.complete", fixed=("issued_id",))
def complete(order: Row, to: Visitor) -> Suggested:
    """The rest of the order, made of what was issued for it."""
    rest = max(order["quantity"] - (order["made"] or 0) - (order["lost"] or 0), 0)
    bins = known("places.places", to, limit=1, **_pending(order))
    outputs = [{"item_id": order["item_id"], "quantity": rest}]
    if bins:
        outputs[0]["place_id"] = bins[0]["id"]
    return {"outputs": outputs, "consumed": _unused(order, to)}


def _pending(order: Row) -> dict[str, Any]:
    """The open bins of the site's zone for goods that wait for inspection."""
    return {"site_id": order["site_id"], "zone": "pending", "kind": "bin", "is_open": True}


@narrow("production.complete.place_id")
def pending_zone(order: Row, _to: Visitor) -> Mapping[str, Any]:
    """What comes out waits for inspection."""
    return _pending(order)


@suggest("production.return_issued", "production.scrap", fixed=("issued_id",))
def give_back(order: Row, to: Visitor) -> Suggested:
    return {"lines": _unused(order, to)}
