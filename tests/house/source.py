"""The project's own Python source, read once for the house tests."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "traceward"


class Source(NamedTuple):
    """One module: its path below the repository, its lines and its tree."""

    path: str
    lines: tuple[str, ...]
    tree: ast.Module

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node


@cache
def modules(folder: str = "traceward") -> tuple[Source, ...]:
    """Every module below the folder, migrations left out."""
    found = []
    for path in sorted((ROOT / folder).rglob("*.py")):
        if "migrations" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        name = str(path.relative_to(ROOT))
        found.append(Source(name, tuple(text.splitlines()), ast.parse(text)))
    return tuple(found)
