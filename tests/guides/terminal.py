"""Blocks of a guide for the terminal: run by a shell as they stand; what they print is compared."""

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.guides.reading import Code
from tests.house.source import ROOT

PATIENCE = 300
#: In a block of what is printed: anything.
ANYTHING = "…"


@dataclass
class Terminal:
    """A shell in the clone; `meant` says what a word of the guide is on this machine."""

    environment: Mapping[str, str]
    meant: Mapping[str, str] = field(default_factory=dict)
    printed: str = ""

    def said(self, text: str) -> str:
        """The guide's text, meant for this machine."""
        words = sorted(self.meant, key=len, reverse=True)
        pattern = "|".join(map(re.escape, words)) or "(?!)"
        return re.sub(pattern, lambda found: self.meant[found[0]], text)

    def run(self, block: Code, guide: Path) -> None:
        """The block has run without a failure."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", self.said(block.text)],
            cwd=ROOT,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        self.printed = done.stdout + done.stderr
        where = f"{guide.name}:{block.line}"
        assert done.returncode == 0, f"{where} ended with {done.returncode}\n{self.printed}"

    def compare(self, block: Code, guide: Path) -> None:
        """What was printed last holds each line of the block, in this order."""
        at = 0
        for line in filter(None, self.said(block.text).split("\n")):
            wanted = ".*".join(re.escape(part) for part in line.split(ANYTHING))
            found = re.search(wanted, self.printed[at:])
            assert found, f"{guide.name}:{block.line}: no “{line}” in\n{self.printed}"
            at += found.end()
