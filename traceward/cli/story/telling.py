"""Printing the story: numbered steps with figures, in the reader's language."""

import sys
import time
from dataclasses import dataclass, field
from typing import Any, TextIO

from traceward.kernel.base.refusals import Refusal


class NotAsExpected(AssertionError):
    """The story did not go as it must; the run ends here, loudly."""


@dataclass
class Teller:
    """Prints steps, and keeps the figures for who compares them."""

    language: str
    out: TextIO = field(default_factory=lambda: sys.stdout)
    steps: int = 0
    figures: dict[str, Any] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)

    @property
    def is_chinese(self) -> bool:
        return self.language.startswith("zh")

    def step(self, zh: str, en: str) -> None:
        self.steps += 1
        print(f"\n{self.steps:2d}  {zh if self.is_chinese else en}", file=self.out, flush=True)

    def say(self, zh: str, en: str) -> None:
        print(f"      {zh if self.is_chinese else en}", file=self.out, flush=True)

    def refused(self, refusal: Refusal) -> None:
        """What was tried against the rules, and the answer."""
        mark = "✗ 拒绝：" if self.is_chinese else "✗ refused: "
        print(f"      {mark}{refusal.in_language(self.language)}", file=self.out, flush=True)

    def figure(self, name: str, value: Any) -> None:
        self.figures[name] = value

    def seconds(self) -> float:
        return time.monotonic() - self.began

    def must(self, holds: bool, zh: str, en: str) -> None:
        """The story goes on only where this holds."""
        if not holds:
            raise NotAsExpected(zh if self.is_chinese else en)
