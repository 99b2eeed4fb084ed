"""What happened in a recall."""

import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class RecallOpened:
    case_uid: uuid.UUID
    level: int


@dataclass(frozen=True)
class ScopeBlocked:
    case_uid: uuid.UUID
    blocks: int
    lines_released: int


@dataclass(frozen=True)
class RecallsOverlapped:
    """Goods of this case are covered by other running cases as well."""

    case_uid: uuid.UUID
    others: list[uuid.UUID]


@dataclass(frozen=True)
class ConsigneesNotified:
    case_uid: uuid.UUID
    consignees: int


@dataclass(frozen=True)
class ConsigneesReminded:
    """They had not answered: written to again, or called."""

    case_uid: uuid.UUID
    consignees: int


@dataclass(frozen=True)
class EffectivenessChecked:
    """Somebody looked whether the recall reached its end at the consignee."""

    case_uid: uuid.UUID
    consignee_uid: uuid.UUID
    result: str


@dataclass(frozen=True)
class ConsigneeAnswered:
    """The newest answer of the consignee counts."""

    case_uid: uuid.UUID
    consignee_uid: uuid.UUID
    found: int


@dataclass(frozen=True)
class RecallReported:
    """The regulator was told."""

    case_uid: uuid.UUID
    kind: str


@dataclass(frozen=True)
class RecallWithdrawn:
    """It counts as opened by mistake, or goes on in another case."""

    case_uid: uuid.UUID
    continued_in: uuid.UUID | None
    blocks_lifted: int


@dataclass(frozen=True)
class RecallClosed:
    case_uid: uuid.UUID


@dataclass(frozen=True)
class RecallDrilled:
    """What a recall would have reached was found and scored; nothing else has changed."""

    drill_uid: uuid.UUID
    level: int
    score: str


@dataclass(frozen=True)
class DrillConcluded:
    drill_uid: uuid.UUID
    score: str
