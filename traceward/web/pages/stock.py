"""Stock: what stands where, its lots, serials and boxes, its ledger, what holds it."""

from traceward.web.kit.lists import View, list_page

#: Where goods stand with us: suppliers, customers and what left are places, too.
HERE = ("warehouse", "zone", "bin", "dock", "staging")

list_page(
    "stock.balances",
    cells=(
        "item",
        "lot/serial",
        "lot_expires_on",
        "site/place",
        "status",
        "on_hand",
        "reserved",
        "owner",
    ),
    views=(
        View(
            "pending",
            "待验",
            "Pending inspection",
            {"status": "pending inspection", "place_kind": HERE},
        ),
        View(
            "rejected",
            "不合格",
            "Rejected",
            {"status": "rejected", "place_kind": HERE},
            is_fault=True,
        ),
        View("here", "在库", "In our places", {"place_kind": HERE}),
    ),
)
list_page(
    "stock.lots",
    cells=(
        "item",
        "raw_number/supplier_lot",
        "expires_on",
        "made_on",
        "maker",
        "first_received_at",
    ),
)
list_page(
    "stock.moves",
    cells=(
        "posted_at",
        "code",
        "document",
        "item",
        "lot/serial",
        "quantity",
        "from_place/from_status",
        "to_place/to_status",
    ),
)
