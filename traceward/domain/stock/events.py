"""What happened to stock."""

import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class StockBlocked:
    block_uid: uuid.UUID
    kind: str
    lines_released: int


@dataclass(frozen=True)
class ScopesBlocked:
    """So many blocks were placed together; the command's blocks name their scopes."""

    kind: str
    blocks: int
    lines_released: int


@dataclass(frozen=True)
class BlockLifted:
    block_uid: uuid.UUID


@dataclass(frozen=True)
class ContainerNested:
    """It stands in the parent from now on, or in none."""

    container_uid: uuid.UUID
    parent_uid: uuid.UUID | None


@dataclass(frozen=True)
class PeriodClosed:
    legal_entity: str
    closed_until: str
