"""Lists as PostgreSQL writes arrays: the driver takes a text many times faster than a list."""

import uuid
from collections.abc import Iterable, Sequence


def numbers(values: Sequence[int | None]) -> str:
    """The array of these numbers."""
    if values and values.count(values[0]) == len(values):  # as in most columns of a post
        return "{" + ",".join([_number(values[0])] * len(values)) + "}"
    return "{" + ",".join(["NULL" if v is None else f"{v:d}" for v in values]) + "}"


def _number(value: int | None) -> str:
    return "NULL" if value is None else f"{value:d}"


def uids(values: Iterable[uuid.UUID]) -> str:
    """The array of these uids."""
    return "{" + ",".join([uid.hex for uid in values]) + "}"


def texts(values: Sequence[str]) -> str | list[str]:
    """The array of these texts; where one of them would need an escape, the driver's own list."""
    joined = "".join(values)
    if not joined or '"' in joined or "\\" in joined:
        return list(values)
    return '{"' + '","'.join(values) + '"}'
