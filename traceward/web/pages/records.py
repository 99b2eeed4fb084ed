"""The statutory records (GSP 2023): what an inspector asks to see, the telling columns first."""

from traceward.web.kit.lists import list_page
from traceward.web.kit.views import View

GOODS = ("device_name/model", "lot_number/serial_number", "expires_on")
RECENT = (View("recent", "近 30 天", "Last 30 d", {"created_at__gte": "today-30"}),)

for name, cells in {
    "counts": ("document", "place_code", *GOODS, "booked", "counted", "explanation", "counted_by"),
    "stock_checks": (
        *("document", "place_code", "device_name/model", "lot_number/serial_number", "quantity"),
        *("is_appearance_good", "is_packaging_good", "is_expiry_good", "checked_by", "checked_at"),
    ),
    "receipts": (
        *("document", "supplier_name", "device_name/model", "lot_number/serial_number"),
        *("quantity", "delivery_note", "arrived_at", "arrival_c", "received_by"),
    ),
    "acceptances": (
        *("document", "device_name/model", "registration_number", "lot_number", "expires_on"),
        *("quantity", "accepted", "conclusion", "inspected_by", "inspected_at", "supplier_name"),
    ),
    "storings": ("document", *GOODS, "registration_number", "stored", "stored_at"),
    "outbound_checks": ("document", "buyer", *GOODS, "picked", "checked_by", "checked_at"),
    "delivery_notes": ("document", "consignee_name", *GOODS, "quantity", "dispatched_at"),
    "transports": (
        *("document", "consignee_name", "device_name/model", "lot_number/serial_number"),
        *("quantity", "carrier_name/waybill", "departure_c", "dispatched_at"),
    ),
    "sales": ("document", "buyer", *GOODS, "quantity", "unit_price", "amount", "sold_on"),
    "used_sales": ("document", "buyer", *GOODS, "quantity", "unit_price", "amount", "sold_on"),
    "returns": ("document", "returned_by", *GOODS, "received", "reason", "returned_on"),
    "purchases": (
        *("document", "supplier_name", "device_name/model", "registration_number", "quantity"),
        *("unit_price", "amount", "ordered_on", "agreement_number"),
    ),
}.items():
    list_page(f"records.{name}", cells=cells, views=RECENT)
