"""To come."""

from typing import Any


def find_and_recall(story: Any) -> None: ...
def prove(story: Any, admin: str) -> None: ...
