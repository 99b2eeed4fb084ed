"""What a person tells of goods: key events, the newest first, each with place and paper. # TRC-01

The timeline has every act; an event is all that one document did at one moment between the same
stations, whatever number of boxes and bins that took.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from django.db import connections

from traceward.domain.stock.queries import Moment
from traceward.domain.stock.rules import CodeWord
from traceward.domain.trace.queries.flows import StationKind
from traceward.domain.trace.queries.start import as_array
from traceward.domain.trace.queries.stations import BETWEEN
from traceward.domain.trace.queries.timeline import MOVES

#: Moves within our own walls, which no key event is: put away, move, pick, pack.
WITHIN = [2, 3, 4, 5]
MAX_EVENTS = 1_000


class Event(NamedTuple):
    """What one document did at one moment between two stations, or a block."""

    at: datetime
    #: The first move's id; below zero a block's, so that no two events of a moment have the same.
    id: int
    what: Literal["moved", "blocked", "lifted"]
    code: CodeWord | None
    quantity: int | None
    #: How many moves it is made of.
    moves: int
    from_kind: StationKind | None
    from_id: int | None
    to_kind: StationKind | None
    to_id: int | None
    #: Null where the asker may not see it.
    document_id: int | None
    document_kind: str
    number: str
    actor_zh: str
    actor_en: str
    reason: str
    #: What a reversal takes back; null for all else.
    reverses: CodeWord | None


@dataclass(frozen=True)
class Events:
    """One page of events, and how many there are in all."""

    events: tuple[Event, ...]
    total: int
    #: Give it as `before` for the next page; null on the last one.
    next: tuple[datetime, int] | None


EVENTS = f"""
WITH {MOVES}, happened AS (
  SELECT m.happened_at AS at, min(m.id) AS id, 'moved' AS what, m.code::int AS code,
    sum(m.quantity)::bigint AS quantity, count(*) AS moves, f.kind AS from_kind, f.id AS from_id,
    t.kind AS to_kind, t.id AS to_id, m.document_id, m.actor_id, coalesce(m.reason, '') AS reason,
    taken.code::int AS reverses
  {BETWEEN}
  LEFT JOIN stock_move taken ON taken.id = m.reverses_id
  WHERE %(every)s OR m.code <> ALL (%(within)s)
  GROUP BY m.happened_at, m.code, f.kind, f.id, t.kind, t.id, m.document_id, m.actor_id, m.reason,
    taken.code
  UNION ALL
  SELECT w.at, -b.id, w.what, NULL, NULL, 0, NULL, NULL,
    CASE WHEN p.id IS NOT NULL THEN 'site' END, p.site_id, b.case_id,
    CASE w.what WHEN 'blocked' THEN e.actor_id END, w.why, NULL
  FROM stock_block b
  CROSS JOIN LATERAL (VALUES ('blocked', b.placed_at, b.reason),
                             ('lifted', b.lifted_at, b.lift_reason)) w(what, at, why)
  LEFT JOIN audit_entry e ON e.id = b.command_id
  LEFT JOIN places_place p ON p.id = b.place_id
  WHERE w.at IS NOT NULL
    AND (b.lot_id = ANY (%(nodes)s::bigint[]) OR b.serial_id = ANY (%(nodes)s::bigint[])
         OR b.serial_id = ANY (ARRAY(
              SELECT s.id FROM stock_serial s WHERE s.lot_id = ANY (%(nodes)s::bigint[]))))
    AND (%(happened)s::timestamptz IS NULL OR w.at <= %(happened)s)
    AND (%(posted)s::timestamptz IS NULL OR w.at <= %(posted)s)
    AND (%(sites)s::bigint[] IS NULL OR EXISTS (SELECT FROM stock_balance s
         JOIN places_place o ON o.id = s.place_id AND o.site_id = ANY (%(sites)s)
         WHERE (s.lot_id = b.lot_id OR s.serial_id = b.serial_id)
           AND (b.place_id IS NULL OR b.place_id = o.id OR b.place_id = ANY (o.path))))
), near AS (
  SELECT * FROM happened
  WHERE %(at_kind)s::text IS NULL
    OR (from_kind = %(at_kind)s AND (%(at_id)s::bigint IS NULL OR from_id = %(at_id)s))
    OR (to_kind = %(at_kind)s AND (%(at_id)s::bigint IS NULL OR to_id = %(at_id)s))
), counted AS (SELECT count(*) AS total FROM near)
SELECT h.at, h.id, h.what, h.code, h.quantity, h.moves, h.from_kind, h.from_id, h.to_kind, h.to_id,
  d.id, coalesce(d.kind, ''), coalesce(d.number, ''), coalesce(o.name_zh, ''),
  coalesce(o.name_en, ''), h.reason, h.reverses, c.total
FROM counted c LEFT JOIN near h
  ON %(before_at)s::timestamptz IS NULL OR (h.at, h.id) < (%(before_at)s, %(before_id)s::bigint)
LEFT JOIN documents_document d ON d.id = h.document_id
  AND (%(sites)s::bigint[] IS NULL OR d.site_id = ANY (%(sites)s))
  AND (d.kind <> 'recalls.case' OR %(cases)s::bigint[] IS NULL OR d.site_id = ANY (%(cases)s))
LEFT JOIN org_person o ON o.id = h.actor_id
ORDER BY h.at DESC, h.id DESC LIMIT %(limit)s
"""  # noqa: S608  # composed of constants only


def events(
    nodes: Collection[int],
    *,
    sites: Collection[int] | None,
    cases: Collection[int] | None = None,
    every: bool = False,
    moment: Moment | None = None,
    before: tuple[datetime, int] | None = None,
    at: tuple[StationKind, int | None] | None = None,
    limit: int = 50,
    using: str = "default",
) -> Events:
    """The key events of these lots and serials, or `every` one, the newest first, in pages.

    Those `at` one station only, or at all of its kind. One query. `sites` and `cases`
    fence as in the timeline.
    """
    none = {"happened": None, "sequence": None, "posted": None}
    before_at, last = before or (None, None)
    kind, pk = at or (None, None)
    most = min(limit, MAX_EVENTS)
    values: dict[str, Any] = {
        **(vars(moment) if moment else none),
        "nodes": as_array(sorted(set(nodes))),
        "sites": None if sites is None else sorted(sites),
        "cases": None if cases is None else sorted(cases),
        "every": every,
        "within": WITHIN,
        "at_kind": kind,
        "at_id": pk,
        "before_at": before_at,
        "before_id": last,
        "limit": most + 1,
    }
    with connections[using].cursor() as cursor:
        cursor.execute(EVENTS, values)
        rows = cursor.fetchall()
    total = rows[0][-1]
    found = [Event._make(row[:-1]) for row in rows if row[0] is not None]
    page = tuple(found[:most])
    more = (page[-1].at, page[-1].id) if len(found) > most else None
    return Events(page, total, more)
