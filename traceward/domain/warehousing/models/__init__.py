"""Expected deliveries, receipts, refusals, picks, shipments, counts, labels, and their lines."""

from traceward.domain.warehousing.models.inbound import (
    ExpectedDelivery,
    ExpectedLine,
    Receipt,
    ReceiptDeliverer,
    ReceiptLine,
    ReceiptState,
    RefusalDeliverer,
    RefusalState,
    RefusedDelivery,
    RefusedLine,
)
from traceward.domain.warehousing.models.labels import LabelKind, LabelPrint, PrintedLabel
from traceward.domain.warehousing.models.outbound import (
    Destination,
    KeptScan,
    Pick,
    PickLine,
    PickState,
    Shipment,
    ShipmentLine,
    ShipmentState,
)
from traceward.domain.warehousing.models.store import (
    CountState,
    Destruction,
    DestructionState,
    StockCount,
    StockCountLine,
    TakenLine,
)

__all__ = [
    "CountState",
    "Destination",
    "Destruction",
    "DestructionState",
    "ExpectedDelivery",
    "ExpectedLine",
    "KeptScan",
    "LabelKind",
    "LabelPrint",
    "Pick",
    "PickLine",
    "PickState",
    "PrintedLabel",
    "Receipt",
    "ReceiptDeliverer",
    "ReceiptLine",
    "ReceiptState",
    "RefusalDeliverer",
    "RefusalState",
    "RefusedDelivery",
    "RefusedLine",
    "Shipment",
    "ShipmentLine",
    "ShipmentState",
    "StockCount",
    "StockCountLine",
    "TakenLine",
]
