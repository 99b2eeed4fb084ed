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
class PurchaseClosed:
    """Nothing more of the order is expected."""

    order_uid: uuid.UUID
    #: Base units that were ordered and have not come.
    short: int


@dataclass(frozen=True)
class NoticeClosed:
    """Nothing more of the notice is expected."""

    notice_uid: uuid.UUID
    order_uid: uuid.UUID
    #: Base units that were announced and have not come.
    short: int


@dataclass(frozen=True)
class ReturnSent:
    return_uid: uuid.UUID
    quantity: int
