"""What a command of purchasing takes, but has to be cleared up. # INT-02"""

from collections.abc import Mapping
from dataclasses import dataclass

from traceward.kernel.base.refusals import fill


@dataclass(frozen=True)
class Warned:
    """What a line says is taken, but has to be cleared up before the goods come."""

    line: int
    zh: str
    en: str


def warned(n: int, message: str, values: Mapping[str, object]) -> Warned:
    """The sentence about the line in both languages."""
    said = dict(values)
    return Warned(n, fill(message, said, "zh-hans"), fill(message, said, "en"))
