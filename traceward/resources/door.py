"""What was refused at the door 拒收, and why."""

from traceward.domain.warehousing.models import RefusalDeliverer, RefusedDelivery, RefusedLine
from traceward.resources.kit import document, lines
from traceward.resources.personal import read_by

document(
    "warehousing.refusals",
    RefusedDelivery,
    columns=(
        "expected",
        "order=expected.document.shippingnotice.order",
        *("supplier.*", "supplier_name", "place.*", "reason", "seen", "delivery_note"),
        *("transport_mode", "departed_at", "arrived_at"),
        *("arrival_c", "transit_c_min", "transit_c_max"),
        "deliverer_read_by",
    ),
    made={"deliverer_read_by": read_by(RefusalDeliverer, "refusal")},
    search=("number", "delivery_note"),
    parts={"lines": ("warehousing.refusal_lines", "refusal_id")},
)
lines(
    "warehousing.refusal_lines",
    RefusedLine,
    of="refusal",
    columns=(
        *("expected_line", "item.*", "quantity", "reason", "seen", "raw"),
        "lot_number=expected_line.lot_number",
        "serial_number=expected_line.serial_number",
        "expires_on=expected_line.expires_on",
    ),
)
