"""The acts of a trace as EPCIS 2.0 events, for partners and authorities. # TRC-01

Goods, places, boxes and parties are GS1 Digital Links where they have GS1's keys, and else
`urn:uuid:` of their record. Business steps and dispositions are words of CBV 2.0; which of them
stands for which of our moves is said in docs/adr/0246. A reversal repeats the event that it takes
back and declares it an error, as EPCIS asks.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connections

from traceward.domain.stock.queries import Moment
from traceward.domain.stock.rules import CODES
from traceward.domain.trace.queries.start import as_array
from traceward.domain.trace.queries.timeline import MOVES
from traceward.kernel.base.gs1 import CodeProblem, build_digital_link
from traceward.kernel.base.refusals import TooLarge, sentence

CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
MASTER_DATA = {"cbvmda": "urn:epcglobal:cbv:mda:"}
#: Moves and blocks of one document; more is asked for in parts, by moments.
MAX_ACTS = 20_000

#: Our word for a move → business step, disposition, and DELETE where the goods end.
STEPS: dict[str, tuple[str, str, str]] = {
    "receive": ("receiving", "in_progress", "OBSERVE"),
    "put away": ("storing", "sellable_not_accessible", "OBSERVE"),
    "move": ("storing", "", "OBSERVE"),
    "pick": ("picking", "in_progress", "OBSERVE"),
    "pack": ("packing", "in_progress", "OBSERVE"),
    "ship": ("shipping", "in_transit", "OBSERVE"),
    "deliver": ("accepting", "in_progress", "OBSERVE"),
    "use": ("dispensing", "dispensed", "DELETE"),
    "consume": ("other", "in_progress", "OBSERVE"),
    "produce": ("commissioning", "active", "ADD"),
    "release": ("inspecting", "conformant", "OBSERVE"),
    "reject": ("inspecting", "non_conformant", "OBSERVE"),
    "adjust in": ("cycle_counting", "", "OBSERVE"),
    "adjust out": ("cycle_counting", "unknown", "DELETE"),
    "return from customer": ("receiving", "returned", "OBSERVE"),
    "return to supplier": ("shipping", "returned", "OBSERVE"),
    "destroy": ("destroying", "destroyed", "DELETE"),
    "transfer": ("receiving", "in_progress", "OBSERVE"),
    "write off": ("decommissioning", "unknown", "DELETE"),
}
#: Scanned where they arrive; all others where they leave.
ARRIVING = frozenset({"receive", "put away", "deliver", "return from customer", "transfer"})
#: Kind of document → type of business transaction.
TRANSACTIONS = {
    "purchasing.order": "po",
    "purchasing.notice": "desadv",
    "purchasing.return": "rma",
    "warehousing.receipt": "recadv",
    "warehousing.shipment": "desadv",
    "sales.order": "po",
    "sales.delivery": "recadv",
    "sales.return": "rma",
    "production.order": "prodorder",
    "production.transformation": "prodorder",
    "quality.inspection": "testres",
    "warehousing.destruction": "cert",
}
#: Units of UN/ECE Recommendation 20; what is counted has none.
UNITS = {"mg": "MGM", "g": "GRM", "kg": "KGM", "mm": "MMT", "m": "MTR", "mL": "MLT", "L": "LTR"}

ACTS = f"""
WITH {MOVES}
SELECT m.id, m.command_id, m.happened_at, m.posted_at, m.code::int, m.quantity,
  m.lot_id, m.serial_id, m.from_place_id, m.to_place_id, m.from_owner_id, m.to_owner_id,
  coalesce(m.from_container_id, 0), coalesce(m.to_container_id, 0), m.document_id, m.reverses_id
FROM known m ORDER BY m.happened_at, m.id LIMIT %(limit)s
"""  # noqa: S608  # composed of constants only

BLOCKS = """
SELECT b.uid, b.kind, b.lot_id, b.serial_id, w.what, w.at, d.uid
FROM stock_block b
CROSS JOIN LATERAL (VALUES ('blocked', b.placed_at), ('lifted', b.lifted_at)) w(what, at)
LEFT JOIN documents_document d ON d.id = b.case_id
  AND (%(cases)s::bigint[] IS NULL OR d.site_id = ANY (%(cases)s))
WHERE w.at IS NOT NULL AND (b.lot_id = ANY (%(nodes)s::bigint[])
    OR b.serial_id = ANY (%(nodes)s::bigint[])
    OR b.serial_id = ANY (ARRAY(
         SELECT s.id FROM stock_serial s WHERE s.lot_id = ANY (%(nodes)s::bigint[]))))
  AND b.container_id IS NULL AND b.place_id IS NULL
  AND (%(happened)s::timestamptz IS NULL OR w.at <= %(happened)s)
  AND (%(sites)s::bigint[] IS NULL OR EXISTS (SELECT FROM stock_balance s
       JOIN places_place p ON p.id = s.place_id AND p.site_id = ANY (%(sites)s)
       WHERE s.lot_id = b.lot_id OR s.serial_id = b.serial_id))
ORDER BY w.at, b.id
"""

# All that went into a transformation and came out of it, whichever of it is traced.
MADE = """
SELECT m.command_id, m.code = 10, coalesce(m.serial_id, m.lot_id), m.quantity FROM stock_move m
WHERE m.command_id = ANY (%(commands)s::bigint[]) AND m.code IN (9, 10)
  AND EXISTS (SELECT FROM stock_genealogy g WHERE g.command_id = m.command_id)
ORDER BY m.id
"""

GOODS = """
WITH n AS (
  SELECT l.id, NULL::text AS serial, l.raw_number AS lot, l.item_id, l.expires_on, l.uid
  FROM stock_lot l WHERE l.id = ANY ((SELECT %(nodes)s::bigint[])::bigint[])
  UNION ALL
  SELECT s.id, s.raw_number, l.raw_number, s.item_id, l.expires_on, s.uid
  FROM stock_serial s LEFT JOIN stock_lot l ON l.id = s.lot_id
  WHERE s.id = ANY ((SELECT %(nodes)s::bigint[])::bigint[]))
SELECT n.id, n.serial, n.lot, n.uid, n.expires_on, i.base_unit, (
    SELECT k.di FROM catalog_identifier k JOIN catalog_packaging_level v ON v.id = k.packaging_id
    WHERE v.item_id = n.item_id AND v.base_units = 1 AND k.agency = 'GS1'
    ORDER BY k.withdrawn_at NULLS FIRST, k.id LIMIT 1)
FROM n JOIN catalog_item i ON i.id = n.item_id
"""

PLACES = """
SELECT p.id, p.kind, p.physical, p.uid, p.code, s.gln, s.time_zone, y.gln, s.id
FROM places_place p JOIN org_site s ON s.id = p.site_id LEFT JOIN org_party y ON y.id = p.party_id
WHERE p.id = ANY ((SELECT %(ids)s::bigint[])::bigint[])
"""
OWNERS = "SELECT id, uid, gln FROM org_party WHERE id = ANY (%(ids)s::bigint[])"
BOXES = "SELECT id, uid, code FROM stock_container WHERE id = ANY (%(ids)s::bigint[])"
PAPERS = """
SELECT d.id, d.uid, d.kind FROM documents_document d WHERE d.id = ANY (%(ids)s::bigint[])
  AND (%(sites)s::bigint[] IS NULL OR d.site_id = ANY (%(sites)s))
"""


#: A lot or serial, and how much of it.
Amount = tuple[int, int]
#: Command → what went in, what came out.
Works = dict[int, tuple[list[Amount], list[Amount]]]


class Act(NamedTuple):
    """A move as the events are made of it."""

    id: int
    command: int
    happened_at: datetime
    posted_at: datetime
    code: int
    quantity: int
    lot: int | None
    serial: int | None
    from_place: int
    to_place: int
    from_owner: int
    to_owner: int
    from_box: int
    to_box: int
    document: int | None
    reverses: int | None

    @property
    def node(self) -> int:
        return self.serial or self.lot or 0

    @property
    def word(self) -> str:
        return str(CODES.words[self.code])


@dataclass(frozen=True)
class Goods:
    """A lot or a serial as events name it."""

    uri: str
    uid: uuid.UUID
    is_unit: bool
    lot: str
    expires: str
    unit: str


@dataclass(frozen=True)
class Spot:
    """A place as events name it."""

    uri: str
    kind: str
    physical: bool
    time_zone: str
    site_id: int


def epcis(
    nodes: Collection[int],
    *,
    sites: Collection[int] | None,
    cases: Collection[int] | None = None,
    moment: Moment | None = None,
    now: datetime,
    limit: int = MAX_ACTS,
    using: str = "default",
) -> dict[str, Any]:
    """What happened to these lots and serials as one EPCISDocument, the first event first.

    `sites` and `cases` fence as in the timeline: a transformation is told to those at whose sites
    it was done, with all that went in and came out.
    """
    none = {"happened": None, "sequence": None, "posted": None}
    values: dict[str, Any] = {
        **(vars(moment) if moment else none),
        "nodes": as_array(sorted(set(nodes))),
        "sites": None if sites is None else sorted(sites),
        "cases": None if cases is None else sorted(cases),
        "limit": limit + 1,
    }
    with connections[using].cursor() as cursor:
        cursor.execute(ACTS, values)
        acts = [Act._make(row) for row in cursor.fetchall()]
        if len(acts) > limit:
            raise TooLarge(
                sentence(
                    "There are more than {limit} moves. Ask for them up to an earlier moment."
                ),
                limit=limit,
            )
        cursor.execute(BLOCKS, values)
        blocks = cursor.fetchall()
        made = sorted({a.command for a in acts if a.word in ("consume", "produce")})
        cursor.execute(MADE, {"commands": made})
        works: Works = defaultdict(lambda: ([], []))
        for command, is_output, node, quantity in cursor.fetchall():
            works[command][is_output].append((node, quantity))
        known = _Known(cursor, acts, works, blocks, values["sites"])
    events = [*_moved(acts, works, known), *_blocked(blocks, known)]
    events.sort(key=lambda event: event["eventTime"])
    return {
        "@context": [CONTEXT, MASTER_DATA],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": _time(now),
        "epcisBody": {"eventList": events},
    }


class _Known:
    """Goods, places, owners, boxes and papers by id, as events name them."""

    def __init__(
        self,
        cursor: Any,
        acts: Sequence[Act],
        works: Works,
        blocks: Sequence[tuple[Any, ...]],
        sites: list[int] | None,
    ) -> None:
        nodes = {a.node for a in acts} | {n for b in blocks for n in b[2:4] if n}
        nodes |= {node for both in works.values() for side in both for node, _ in side}
        cursor.execute(GOODS, {"nodes": as_array(nodes)})
        self.goods = {row[0]: _goods(row) for row in cursor.fetchall()}
        spots = {p for a in acts for p in (a.from_place, a.to_place)}
        cursor.execute(PLACES, {"ids": as_array(spots)})
        self.spots = {row[0]: _spot(row) for row in cursor.fetchall()}
        cursor.execute(OWNERS, {"ids": sorted({o for a in acts for o in a[10:12]})})
        self.owners = {k: _link(uid, [("417", gln)]) for k, uid, gln in cursor.fetchall()}
        cursor.execute(BOXES, {"ids": sorted({b for a in acts for b in a[12:14] if b})})
        self.boxes = {k: _link(uid, [("00", code)]) for k, uid, code in cursor.fetchall()}
        papers = sorted({a.document for a in acts if a.document})
        cursor.execute(PAPERS, {"ids": papers, "sites": sites})
        self.papers = {k: (f"urn:uuid:{uid}", kind) for k, uid, kind in cursor.fetchall()}
        self.zone = next((s.time_zone for s in self.spots.values()), "Asia/Shanghai")


def _link(uid: uuid.UUID, elements: list[tuple[str, str]]) -> str:
    """The GS1 Digital Link of these keys, or the record's own id where it has no such key."""
    try:
        return build_digital_link(elements)
    except CodeProblem:
        return f"urn:uuid:{uid}"


def _goods(row: tuple[Any, ...]) -> Goods:
    _, serial, lot, uid, expires_on, unit, di = row
    keys = [("01", (di or "").zfill(14))]
    keys += [("21", serial)] if serial is not None else [("10", lot)]
    uri = _link(uid, keys) if di else f"urn:uuid:{uid}"
    expires = expires_on.isoformat() if expires_on else ""
    return Goods(uri, uid, serial is not None, lot or "", expires, UNITS.get(unit, ""))


def _spot(row: tuple[Any, ...]) -> Spot:
    _, kind, physical, uid, code, gln, zone, party_gln, site_id = row
    keys = [("414", party_gln)] if party_gln else [("414", gln), ("254", code)]
    return Spot(_link(uid, keys), kind, physical, zone, site_id)


def _time(at: datetime) -> str:
    return at.astimezone(ZoneInfo("UTC")).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _offset(at: datetime, zone: str) -> str:
    text = at.astimezone(ZoneInfo(zone)).strftime("%z")
    return f"{text[:3]}:{text[3:]}"


def _base(kind: str, act: Act, zone: str, known: _Known) -> dict[str, Any]:
    """What every event of moves has; its id is the same whenever it is told."""
    key = f"{known.goods[act.node].uid}#{act.id}"
    return {
        "type": kind,
        "eventTime": _time(act.happened_at),
        "eventTimeZoneOffset": _offset(act.happened_at, zone),
        "recordTime": _time(act.posted_at),
        "eventID": _event_id(key),
    }


def _event_id(key: str) -> str:
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, key)}"


def _moved(acts: Sequence[Act], works: Works, known: _Known) -> Iterable[dict[str, Any]]:
    """Moves of one command between the same places in the same way are one event."""
    undone = {a.reverses: a for a in acts if a.reverses}
    together: dict[tuple[Any, ...], list[Act]] = defaultdict(list)
    for act in acts:
        if act.word == "reverse":
            continue
        back = undone.get(act.id)
        key: tuple[Any, ...] = (act.command, act.code, act.from_place, act.to_place, *act[10:15])
        if act.word in ("consume", "produce") and act.command in works:
            key = (act.command, "made")
        together[(*key, back.command if back else None)].append(act)
    for key, several in together.items():
        event = (
            _made(several, works[several[0].command], known)
            if key[1] == "made"
            else _event(several, known)
        )
        yield event
        back = undone.get(several[0].id)
        if back is not None:
            told = {"declarationTime": _time(back.posted_at), "reason": "did_not_occur"}
            yield {**event, "recordTime": _time(back.posted_at), "errorDeclaration": told}


def _event(several: Sequence[Act], known: _Known) -> dict[str, Any]:
    act = several[0]
    step, disposition, action = STEPS[act.word]
    source, target = known.spots[act.from_place], known.spots[act.to_place]
    kind = "ObjectEvent"
    if act.word == "pack" and act.from_box != act.to_box:
        kind, action = "AggregationEvent", "ADD" if act.to_box else "DELETE"
        step = step if act.to_box else "unpacking"
    event = _base(kind, act, source.time_zone, known)
    event |= {"action": action, "bizStep": step}
    if disposition:
        event["disposition"] = disposition
    units, amounts = _listed([(a.node, a.quantity) for a in several], known)
    if kind == "AggregationEvent":
        event["parentID"] = known.boxes[act.to_box or act.from_box]
        names = ("childEPCs", "childQuantityList")
    else:
        names = ("epcList", "quantityList")
    event |= {n: found for n, found in zip(names, (units, amounts), strict=True) if found}
    read = target if act.word in ARRIVING else source
    if read.physical:
        event["readPoint"] = {"id": read.uri}
    if target.physical and target.kind != "transit" and action != "DELETE":
        event["bizLocation"] = {"id": target.uri}
    _paper(event, act, known)
    if act.from_owner != act.to_owner:
        for name, owner in (("source", act.from_owner), ("destination", act.to_owner)):
            event[f"{name}List"] = [{"type": "owning_party", name: known.owners[owner]}]
    return event


def _paper(event: dict[str, Any], act: Act, known: _Known) -> None:
    if act.document in known.papers:
        uri, kind = known.papers[act.document]
        said = {"type": TRANSACTIONS[kind]} if kind in TRANSACTIONS else {}
        event["bizTransactionList"] = [{**said, "bizTransaction": uri}]


def _listed(found: Iterable[Amount], known: _Known) -> tuple[list[str], list[dict[str, Any]]]:
    """Units by name, of lots how much."""
    sums: dict[int, int] = defaultdict(int)
    for node, quantity in found:
        sums[node] += quantity
    units = [known.goods[n].uri for n in sums if known.goods[n].is_unit]
    amounts = []
    for node, total in sums.items():
        goods = known.goods[node]
        if not goods.is_unit:
            unit = {"uom": goods.unit} if goods.unit else {}
            amounts.append({"epcClass": goods.uri, "quantity": total, **unit})
    return units, amounts


def _made(
    several: Sequence[Act], work: tuple[list[Amount], list[Amount]], known: _Known
) -> dict[str, Any]:
    """A transformation: all that went in and came out of it under its command."""
    act = several[0]
    output = next((a for a in several if a.word == "produce"), None)
    place = known.spots[output.to_place if output else act.from_place]
    event = _base("TransformationEvent", act, place.time_zone, known)
    for name, found in zip(("input", "output"), work, strict=True):
        units, amounts = _listed(found, known)
        event |= {f"{name}EPCList": units} if units else {}
        event |= {f"{name}QuantityList": amounts} if amounts else {}
    event |= {"bizStep": "commissioning", "disposition": "active", "readPoint": {"id": place.uri}}
    if output:
        event["bizLocation"] = {"id": place.uri}
        goods = known.goods[output.node]
        ilmd = {"cbvmda:lotNumber": goods.lot, "cbvmda:itemExpirationDate": goods.expires}
        event["ilmd"] = {name: value for name, value in ilmd.items() if value}
    _paper(event, act, known)
    return event


def _blocked(blocks: Sequence[tuple[Any, ...]], known: _Known) -> Iterable[dict[str, Any]]:
    for uid, kind, lot, serial, what, at, case in blocks:
        goods = known.goods[serial or lot]
        event: dict[str, Any] = {
            "type": "ObjectEvent",
            "eventTime": _time(at),
            "eventTimeZoneOffset": _offset(at, known.zone),
            "eventID": _event_id(f"{uid}#{what}"),
        }
        held = "recalled" if kind == "recall" else "unavailable"
        if what == "blocked":
            event |= {"action": "OBSERVE", "bizStep": "holding"}
            event["disposition"] = "recalled" if kind == "recall" else "non_sellable_other"
            event["persistentDisposition"] = {"set": [held]}
        else:
            event |= {"action": "OBSERVE", "bizStep": "inspecting", "disposition": "available"}
            event["persistentDisposition"] = {"unset": [held]}
        if goods.is_unit:
            event["epcList"] = [goods.uri]
        else:
            event["quantityList"] = [{"epcClass": goods.uri}]
        if case:
            event["bizTransactionList"] = [{"bizTransaction": f"urn:uuid:{case}"}]
        yield event
