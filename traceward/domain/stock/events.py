"""What happened to stock."""

from dataclasses import dataclass


@dataclass(frozen=True)
class StockBlocked:
    block_uid: str
    kind: str
    lines_released: int


@dataclass(frozen=True)
class BlockLifted:
    block_uid: str


@dataclass(frozen=True)
class ContainerNested:
    """It stands in the parent from now on; in none where that is empty."""

    container_uid: str
    parent_uid: str


@dataclass(frozen=True)
class PeriodClosed:
    legal_entity: str
    closed_until: str
