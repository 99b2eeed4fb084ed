"""What was made."""

from dataclasses import dataclass


@dataclass(frozen=True)
class GoodsTransformed:
    transformation_uid: str
    inputs: int
    outputs: int


@dataclass(frozen=True)
class TransformationCancelled:
    transformation_uid: str
