"""Which stock is asked for: ids per dimension, each narrowing the answer."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from functools import partial
from typing import Any, TypeVar

from django.db.backends.utils import CursorWrapper
from psycopg.sql import SQL, Composable

Row = TypeVar("Row", bound=tuple[Any, ...])

#: Rows of one answer; a page or an export asks in portions.
MAX_ROWS = 1_000_000


@dataclass(frozen=True)
class Which:
    """Only these; an empty field (None) does not narrow. Ids of rows."""

    items: Collection[int] | None = None
    lots: Collection[int] | None = None
    serials: Collection[int] | None = None
    containers: Collection[int] | None = None
    places: Collection[int] | None = None
    owners: Collection[int] | None = None

    def arrays(self) -> dict[str, list[int] | None]:
        """Each field as a parameter."""
        return {f.name: as_list(getattr(self, f.name)) for f in fields(self)}


ALL = Which()

COLUMNS = {
    "items": SQL("b.item_id"),
    "lots": SQL("b.lot_id"),
    "serials": SQL("b.serial_id"),
    "containers": SQL("b.container_id"),
    "places": SQL("b.place_id"),
    "owners": SQL("b.owner_id"),
}


def as_list(ids: Collection[int] | None) -> list[int] | None:
    return None if ids is None else sorted(set(ids))


def rows_of(kind: type[Row], cursor: CursorWrapper) -> list[Row]:
    """All rows of the answer as named tuples; `_make` says the same, more slowly."""
    return list(map(partial(tuple.__new__, kind), cursor.fetchall()))


def narrowed(which: Which, sites: Collection[int] | None) -> tuple[Composable, dict[str, Any]]:
    """Conditions over a balance `b` and its place `p`, one for each field that is given.

    A condition that is not asked for is left out instead of being made always true, so that the
    same prepared plan never serves one item and all of them. One id is compared as such: a plan
    for a list of unknown length is guessed to be worse, and made anew each time.
    """
    values: dict[str, Any] = {}
    parts: list[Composable] = []
    for name, ids in which.arrays().items():
        if ids is not None:
            is_one = len(ids) == 1
            form = "{} = %({})s" if is_one else "{} = ANY (%({})s)"
            parts.append(SQL(form).format(COLUMNS[name], SQL(name)))
            values[name] = ids[0] if is_one else ids
    if sites is not None:
        values["sites"] = as_list(sites)
        parts.append(SQL("p.site_id = ANY (%(sites)s)"))
    return SQL("").join(SQL(" AND ") + part for part in parts), values
