"""What happened to orders and goods at the customer's."""

import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class OrderPlaced:
    order_uid: uuid.UUID
    lines: int


@dataclass(frozen=True)
class OrderCancelled:
    order_uid: uuid.UUID


@dataclass(frozen=True)
class OrderClosed:
    """Everything was signed for, or nothing more is sent."""

    order_uid: uuid.UUID
    #: Base units that were ordered and not delivered.
    short: int


@dataclass(frozen=True)
class OrderReopened:
    """A delivery that closed it was recorded by mistake."""

    order_uid: uuid.UUID


@dataclass(frozen=True)
class DeliverySigned:
    delivery_uid: uuid.UUID
    shipment_uid: uuid.UUID
    is_complete: bool


@dataclass(frozen=True)
class DeliveryCancelled:
    delivery_uid: uuid.UUID
    shipment_uid: uuid.UUID


@dataclass(frozen=True)
class GoodsUsed:
    usage_uid: uuid.UUID
    lines: int


@dataclass(frozen=True)
class SoldWithoutLicence:
    """Consigned goods were used where a licence did not count that day. # MDM-04"""

    usage_uid: uuid.UUID
    #: Codes of the items, at most 50.
    items: list[str]


@dataclass(frozen=True)
class UsageCancelled:
    usage_uid: uuid.UUID


@dataclass(frozen=True)
class ReturnAnnounced:
    return_uid: uuid.UUID
    shipment_uid: uuid.UUID


@dataclass(frozen=True)
class ReturnReceived:
    return_uid: uuid.UUID
    receipt_uid: uuid.UUID
