"""What happened to orders and goods at the customer's."""

from dataclasses import dataclass


@dataclass(frozen=True)
class OrderPlaced:
    order_uid: str
    lines: int


@dataclass(frozen=True)
class OrderCancelled:
    order_uid: str


@dataclass(frozen=True)
class DeliverySigned:
    delivery_uid: str
    shipment_uid: str
    is_complete: bool


@dataclass(frozen=True)
class DeliveryCancelled:
    delivery_uid: str
    shipment_uid: str


@dataclass(frozen=True)
class GoodsUsed:
    usage_uid: str
    lines: int


@dataclass(frozen=True)
class UsageCancelled:
    usage_uid: str
