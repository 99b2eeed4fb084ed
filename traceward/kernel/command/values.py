"""The single values inside a command's arguments, each with its path."""

import uuid
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any

#: What has no values inside that a refusal could name.
SINGLE = (bool, int, str, Decimal, date, uuid.UUID)


def values_of(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The paths and values of numbers, texts, days, moments and uids."""
    if isinstance(value, SINGLE):
        yield path, value
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from values_of(inner, f"{path}.{n}")
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from values_of(inner, f"{path}.{name}" if path else name)
    elif hasattr(value, "_asdict"):
        yield from values_of(value._asdict(), path)
    elif is_dataclass(value):
        yield from values_of({f.name: getattr(value, f.name) for f in fields(value)}, path)


def last_name(path: str) -> str:
    """The name of the value itself: of `lines.3.note`, the note."""
    return next((part for part in reversed(path.split(".")) if not part.isdecimal()), "")
