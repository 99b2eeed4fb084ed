"""The moves themselves: newest first, in pages."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import connections
from psycopg.sql import SQL, Composable

from traceward.domain.stock.queries.which import as_list
from traceward.domain.stock.rules import CodeWord, StatusWord

MAX_PAGE = 1_000


@dataclass(frozen=True)
class MovesOf:
    """What the moves are of; one of these. Ids of rows."""

    lot_id: int | None = None
    serial_id: int | None = None
    document_id: int | None = None
    command_id: int | None = None
    #: Together they narrow: an item in a place. Alone, `place_id` gives all that went through it.
    place_id: int | None = None
    item_id: int | None = None


class Movement(NamedTuple):
    """A move as it was posted."""

    id: int
    command_id: int
    sequence: int | None
    posted_at: datetime
    happened_at: datetime
    code: CodeWord
    document_id: int | None
    line_id: int | None
    item_id: int
    lot_id: int | None
    serial_id: int | None
    quantity: int
    from_place_id: int
    from_status: StatusWord
    from_owner_id: int
    from_container_id: int | None
    to_place_id: int
    to_status: StatusWord
    to_owner_id: int
    to_container_id: int | None
    actor_id: int
    reverses_id: int | None
    reversed_by_id: int | None
    reason: str | None


MOVES = SQL("""
SELECT m.id, m.command_id, o.sequence, m.posted_at, m.happened_at, m.code, m.document_id,
  m.line_id, m.item_id, m.lot_id, m.serial_id, m.quantity,
  m.from_place_id, m.from_status, m.from_owner_id, m.from_container_id,
  m.to_place_id, m.to_status, m.to_owner_id, m.to_container_id,
  m.actor_id, m.reverses_id, y.id, m.reason
FROM stock_move m
LEFT JOIN outbox_order o ON o.command_id = m.command_id
LEFT JOIN stock_move y ON y.reverses_id = m.id
WHERE {conditions}
ORDER BY m.id DESC
LIMIT %(limit)s
""")

CONDITIONS = {
    "lot_id": SQL("m.lot_id = %(lot_id)s"),
    "serial_id": SQL("m.serial_id = %(serial_id)s"),
    "document_id": SQL("m.document_id = %(document_id)s"),
    "command_id": SQL("m.command_id = %(command_id)s"),
    "place_id": SQL("(m.from_place_id = %(place_id)s OR m.to_place_id = %(place_id)s)"),
    "item_id": SQL("m.item_id = %(item_id)s"),
}
IN_SITES = SQL(
    "EXISTS (SELECT FROM places_place p WHERE p.id IN (m.from_place_id, m.to_place_id)"
    " AND p.site_id = ANY (%(sites)s))"
)


def moves(
    of: MovesOf,
    *,
    sites: Collection[int] | None,
    before_id: int | None = None,
    limit: int = 100,
    using: str = "default",
) -> list[Movement]:
    """The newest moves first; the last id of one page is `before_id` of the next."""
    values = {name: value for name, value in vars(of).items() if value is not None}
    assert values.keys() - {"item_id"}, "name a lot, serial, document, command or place"
    parts: list[Composable] = [CONDITIONS[name] for name in values]
    if before_id is not None:
        parts.append(SQL("m.id < %(before_id)s"))
        values["before_id"] = before_id
    if sites is not None:
        parts.append(IN_SITES)
    query = MOVES.format(conditions=SQL(" AND ").join(parts))
    with connections[using].cursor() as cursor:
        cursor.execute(query, {**values, "sites": as_list(sites), "limit": min(limit, MAX_PAGE)})
        return list(map(Movement._make, cursor.fetchall()))
