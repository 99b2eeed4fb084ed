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


@dataclass(frozen=True)
class LotEndsSoon:
    """The lot has so many days left at the site, within this step; none left: it is expired."""

    lot_uid: uuid.UUID
    site: str
    expires_on: str
    days_left: int
    step: int | None
    quantity: int


@dataclass(frozen=True)
class PaperLapsesSoon:
    """The licence or certificate of this number counts for so many more days, within this step."""

    kind: str
    number: str
    party_uid: uuid.UUID
    valid_until: str
    days_left: int
    step: int | None


@dataclass(frozen=True)
class StockAlertRaised:
    """Of the item so much is at the site: beyond the threshold, or resting for more days."""

    kind: str
    item: str
    site: str
    quantity: int
    threshold: int


@dataclass(frozen=True)
class StockAlertEnded:
    """The stock of the item at the site is as it should be again."""

    kind: str
    item: str
    site: str
