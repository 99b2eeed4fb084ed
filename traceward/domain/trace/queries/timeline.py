"""What happened to goods, act by act, with the papers of each. # TRC-01"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connections

from traceward.domain.stock.queries import Moment
from traceward.domain.stock.rules import CodeWord, StatusWord
from traceward.domain.trace.queries.papers import Paper, papers_of
from traceward.domain.trace.queries.start import as_array

#: Acts of one page; above it, `groups` tell what all of them were.
MAX_ACTS = 1_000


class Act(NamedTuple):
    """A move, or a block that was placed or lifted; oldest first."""

    at: datetime
    #: The move's id; below zero a block's, so that no two acts of a moment have the same.
    id: int
    #: "moved", "blocked" or "lifted".
    what: str
    posted_at: datetime
    #: The code of a move; null for a block.
    code: CodeWord | None
    node_id: int | None
    quantity: int | None
    from_place: str
    to_place: str
    from_status: StatusWord | None
    to_status: StatusWord | None
    changes_owner: bool
    container: str
    #: Null where the asker may not see it, as a recall's case elsewhere.
    document_id: int | None
    actor_id: int | None
    actor: str
    #: The packaging level's identifier as it was scanned.
    di: str
    reason: str
    #: The move that this one takes back.
    reverses_id: int | None
    device: str


class ActGroup(NamedTuple):
    """Acts of one code in one month: so many, and so many units."""

    month: date
    code: CodeWord
    acts: int
    quantity: int


@dataclass(frozen=True)
class Timeline:
    """One page of acts, with their papers and those that led to these; how many acts there are in
    all, and of what sort.
    """

    acts: tuple[Act, ...]
    papers: tuple[Paper, ...]
    total: int
    groups: tuple[ActGroup, ...]
    #: Give it as `after` for the next page; null on the last one.
    next: tuple[datetime, int] | None


MOVES = """
moved AS (
  SELECT x.* FROM stock_move x WHERE x.lot_id = ANY ((SELECT %(nodes)s::bigint[])::bigint[])
  UNION ALL
  SELECT x.* FROM stock_move x WHERE x.serial_id = ANY ((SELECT %(nodes)s::bigint[])::bigint[])
    AND (x.lot_id = ANY ((SELECT %(nodes)s::bigint[])::bigint[])) IS NOT TRUE
), known AS (
  SELECT m.* FROM moved m
  WHERE (%(happened)s::timestamptz IS NULL OR m.happened_at <= %(happened)s)
    AND (%(posted)s::timestamptz IS NULL OR m.posted_at <= %(posted)s)
    AND (%(sequence)s::bigint IS NULL OR EXISTS (SELECT FROM outbox_order o
         WHERE o.command_id = m.command_id AND o.sequence <= %(sequence)s))
    AND (%(sites)s::bigint[] IS NULL OR EXISTS (SELECT FROM places_place p
         WHERE p.id IN (m.from_place_id, m.to_place_id) AND p.site_id = ANY (%(sites)s)))
)"""

ACTS = f"""
WITH {MOVES}, acts AS (
  SELECT m.happened_at AS at, m.id, 'moved' AS what, m.posted_at, m.code::int AS code,
    coalesce(m.serial_id, m.lot_id) AS node, m.quantity, f.code AS source, t.code AS target,
    m.from_status::int AS before, m.to_status::int AS after,
    m.from_owner_id <> m.to_owner_id AS changes_owner,
    coalesce(c.code, '') AS box, m.document_id, m.actor_id, coalesce(m.di, '') AS di,
    coalesce(m.reason, '') AS reason, m.reverses_id, coalesce(m.device, '') AS device
  FROM known m
  JOIN places_place f ON f.id = m.from_place_id
  JOIN places_place t ON t.id = m.to_place_id
  LEFT JOIN stock_container c ON c.id = coalesce(m.to_container_id, m.from_container_id)
  UNION ALL
  SELECT w.at, -b.id, w.what, w.at, NULL, coalesce(b.serial_id, b.lot_id), NULL, '', '', NULL, NULL,
    false, '', b.case_id, CASE w.what WHEN 'blocked' THEN e.actor_id END, '', w.why, NULL, ''
  FROM stock_block b
  CROSS JOIN LATERAL (VALUES ('blocked', b.placed_at, b.reason),
                             ('lifted', b.lifted_at, b.lift_reason)) w(what, at, why)
  LEFT JOIN audit_entry e ON e.id = b.command_id
  WHERE w.at IS NOT NULL
    AND (b.lot_id = ANY (%(nodes)s::bigint[]) OR b.serial_id = ANY (%(nodes)s::bigint[])
         OR b.serial_id = ANY (ARRAY(
              SELECT s.id FROM stock_serial s WHERE s.lot_id = ANY (%(nodes)s::bigint[]))))
    AND (%(happened)s::timestamptz IS NULL OR w.at <= %(happened)s)
    AND (%(posted)s::timestamptz IS NULL OR w.at <= %(posted)s)
    AND (%(sites)s::bigint[] IS NULL OR EXISTS (SELECT FROM stock_balance s
         JOIN places_place p ON p.id = s.place_id AND p.site_id = ANY (%(sites)s)
         WHERE (s.lot_id = b.lot_id OR s.serial_id = b.serial_id)
           AND (b.place_id IS NULL OR b.place_id = p.id OR b.place_id = ANY (p.path))))
)
SELECT a.at, a.id, a.what, a.posted_at, a.code, a.node, a.quantity, a.source, a.target, a.before,
  a.after, a.changes_owner, a.box, a.document_id, a.actor_id,
  coalesce(nullif(p.name_zh, ''), p.name_en, ''), a.di, a.reason, a.reverses_id, a.device
FROM acts a LEFT JOIN org_person p ON p.id = a.actor_id
WHERE %(after_at)s::timestamptz IS NULL OR (a.at, a.id) > (%(after_at)s, %(after_id)s::bigint)
ORDER BY a.at, a.id, a.what LIMIT %(limit)s
"""  # noqa: S608  # composed of constants only

GROUPS = f"""
WITH {MOVES}
SELECT date_trunc('month', m.happened_at)::date, m.code::int, count(*), sum(m.quantity)::bigint
FROM known m GROUP BY 1, 2 ORDER BY 1, 2
"""  # noqa: S608  # composed of constants only


def timeline(
    nodes: Collection[int],
    *,
    sites: Collection[int] | None,
    cases: Collection[int] | None = None,
    moment: Moment | None = None,
    after: tuple[datetime, int] | None = None,
    limit: int = 200,
    using: str = "default",
) -> Timeline:
    """The acts of these lots and serials in the order in which they happened, in pages; those of a
    lot with those of its serials.

    A constant number of queries: the acts, their sums, the documents, and one for each kind of
    document that says more. `sites` leaves out moves that touched none of them, blocks on goods
    that never stood there, and documents of others; `cases` are the sites whose recall cases the
    asker may read.
    """
    none = {"happened": None, "sequence": None, "posted": None}
    at, last = after or (None, None)
    values: dict[str, Any] = {
        **(vars(moment) if moment else none),
        "nodes": as_array(sorted(set(nodes))),
        "sites": None if sites is None else sorted(sites),
        "after_at": at,
        "after_id": last,
        "limit": min(limit, MAX_ACTS) + 1,
    }
    with connections[using].cursor() as cursor:
        cursor.execute(ACTS, values)
        acts = [Act._make(row) for row in cursor.fetchall()]
        cursor.execute(GROUPS, values)
        groups = tuple(map(ActGroup._make, cursor.fetchall()))
    page, more = acts[: values["limit"] - 1], len(acts) >= values["limit"]
    ids = {a.document_id for a in page if a.document_id}
    papers = papers_of(ids, values["sites"], None if cases is None else sorted(cases), using)
    told = {paper.id for paper in papers}
    page = [a if a.document_id in told else a._replace(document_id=None) for a in page]
    next_ = (page[-1].at, page[-1].id) if more else None
    return Timeline(tuple(page), papers, sum(g.acts for g in groups), groups, next_)
