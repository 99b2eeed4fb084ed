"""What happened in purchasing."""

import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class OrderApproved:
    order_uid: uuid.UUID


@dataclass(frozen=True)
class GoodsAnnounced:
    notice_uid: uuid.UUID
    order_uid: uuid.UUID


@dataclass(frozen=True)
class OrderReceived:
    order_uid: uuid.UUID


@dataclass(frozen=True)
class ReturnSent:
    return_uid: uuid.UUID
    quantity: int
