"""The guides run: their Python blocks are executed in order, on the small company."""

import re
from typing import Any

import pytest

from tests.house.source import ROOT
from tests.world import World
from traceward.kernel.command.registry import READINGS, REGISTRY
from traceward.resources.kit import QUESTIONS, RESOURCES

#: Run by a test of their own, because their commits must be real.
APART = {"webhooks"}
GUIDES = sorted(
    path
    for path in (ROOT / "docs" / "guides").glob("*.md")
    if "```python" in path.read_text(encoding="utf-8") and path.stem not in APART
)


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.stem)
def test_the_guide_runs(world: World, path) -> None:
    text = path.read_text(encoding="utf-8")
    names: dict[str, object] = {"world": world, "__name__": f"guide_{path.stem}"}
    declared: tuple[dict[str, Any], ...] = (REGISTRY, READINGS, RESOURCES, QUESTIONS)
    before = [set(registry) for registry in declared]
    try:
        for number, block in enumerate(re.findall(r"```python\n(.*?)```", text, re.S), 1):
            exec(compile(block, f"{path.name}, block {number}", "exec"), names)
    finally:
        for registry, known in zip(declared, before, strict=True):
            for name in set(registry) - known:
                del registry[name]
