"""What quality found and decided."""

import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class InspectionOpened:
    inspection_uid: uuid.UUID


@dataclass(frozen=True)
class UsageDecided:
    inspection_uid: uuid.UUID
    accepted: int
    rejected: int


@dataclass(frozen=True)
class StockChecked:
    """`doubtful` lines were blocked; quality decides about them."""

    check_uid: uuid.UUID
    doubtful: int
