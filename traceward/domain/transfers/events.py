"""What happened to transfers."""

import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class TransferRequested:
    transfer_uid: uuid.UUID
    lines: int


@dataclass(frozen=True)
class TransferApproved:
    transfer_uid: uuid.UUID


@dataclass(frozen=True)
class TransferReceived:
    """`missing` and `damaged` are base units noted at this receipt."""

    transfer_uid: uuid.UUID
    shipment_uid: uuid.UUID
    receipt_uid: uuid.UUID | None
    missing: int
    damaged: int


@dataclass(frozen=True)
class TransferWrittenOff:
    transfer_uid: uuid.UUID
    shipment_uid: uuid.UUID
    quantity: int


@dataclass(frozen=True)
class TransferClosed:
    """`short` base units did not arrive: they were not sent, or are lost."""

    transfer_uid: uuid.UUID
    short: int


@dataclass(frozen=True)
class TransferCancelled:
    transfer_uid: uuid.UUID
