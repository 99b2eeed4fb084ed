"""What happened in a recall."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RecallOpened:
    case_uid: str
    level: int


@dataclass(frozen=True)
class ScopeBlocked:
    case_uid: str
    blocks: int
    lines_released: int


@dataclass(frozen=True)
class ConsigneesNotified:
    case_uid: str
    consignees: int


@dataclass(frozen=True)
class RecallClosed:
    case_uid: str
