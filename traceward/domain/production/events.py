"""What was planned and what was made."""

import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class BomDefined:
    bom_uid: uuid.UUID
    version: int


@dataclass(frozen=True)
class OrderPlanned:
    order_uid: uuid.UUID


@dataclass(frozen=True)
class OrderReleased:
    order_uid: uuid.UUID


@dataclass(frozen=True)
class WorkOrderClosed:
    order_uid: uuid.UUID


@dataclass(frozen=True)
class WorkOrderCancelled:
    order_uid: uuid.UUID


@dataclass(frozen=True)
class GoodsIssued:
    order_uid: uuid.UUID
    base_units: int


@dataclass(frozen=True)
class IssuedGoodsReturned:
    order_uid: uuid.UUID
    base_units: int


@dataclass(frozen=True)
class IssuedGoodsScrapped:
    order_uid: uuid.UUID
    base_units: int


@dataclass(frozen=True)
class GoodsTransformed:
    """`document_uid` is the transformation; its outputs wait for inspection."""

    document_uid: uuid.UUID
    inputs: int
    outputs: int


@dataclass(frozen=True)
class TransformationCancelled:
    transformation_uid: uuid.UUID
