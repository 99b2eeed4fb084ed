"""What was made."""

import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class GoodsTransformed:
    transformation_uid: uuid.UUID
    inputs: int
    outputs: int


@dataclass(frozen=True)
class TransformationCancelled:
    transformation_uid: uuid.UUID
