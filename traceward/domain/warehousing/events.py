"""What happened in the warehouse."""

import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class GoodsPicked:
    pick_uid: uuid.UUID
    lines: int


@dataclass(frozen=True)
class PickCancelled:
    pick_uid: uuid.UUID
    demand_uid: uuid.UUID


@dataclass(frozen=True)
class PickChecked:
    pick_uid: uuid.UUID


@dataclass(frozen=True)
class ShipmentDispatched:
    shipment_uid: uuid.UUID
    demand_uid: uuid.UUID


@dataclass(frozen=True)
class ShipmentCancelled:
    shipment_uid: uuid.UUID
    demand_uid: uuid.UUID


@dataclass(frozen=True)
class ShipmentDelivered:
    shipment_uid: uuid.UUID
    demand_uid: uuid.UUID


@dataclass(frozen=True)
class GoodsReceived:
    """`document_uid` is the receipt, `expected_uid` the document that announced the goods."""

    document_uid: uuid.UUID
    expected_uid: uuid.UUID


@dataclass(frozen=True)
class GoodsRefused:
    """`refusal_uid` is the record of it, `expected_uid` the document that announced the goods."""

    refusal_uid: uuid.UUID
    expected_uid: uuid.UUID


@dataclass(frozen=True)
class GoodsDestroyed:
    destruction_uid: uuid.UUID
    quantity: int
