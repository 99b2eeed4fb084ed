"""The documents under which goods moved, and those that led to them. # TRC-01"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import Any, NamedTuple

from django.db import connections
from django.db.models import Model, Prefetch

from traceward.domain.purchasing.models import PurchaseOrder, ShippingNotice, SupplierReturn
from traceward.domain.quality.models import Inspection, Result
from traceward.domain.sales.models import CustomerReturn, Delivery, SalesOrder, Usage
from traceward.domain.trace.queries.start import as_array
from traceward.domain.warehousing.models import Pick, Receipt, Shipment
from traceward.kernel.org.models import Party

MAX_DOCUMENTS = 1_000


class TracedDocument(NamedTuple):
    id: int
    kind: str
    number: str | None
    state: str


DOCUMENTS = """
SELECT d.id, d.kind, d.number, d.state
FROM (
  SELECT m.document_id FROM stock_move m WHERE m.lot_id = ANY (%(nodes)s::bigint[])
    AND (%(happened)s::timestamptz IS NULL OR m.happened_at <= %(happened)s)
  UNION
  SELECT m.document_id FROM stock_move m WHERE m.serial_id = ANY (%(nodes)s::bigint[])
    AND (%(happened)s::timestamptz IS NULL OR m.happened_at <= %(happened)s)) x
JOIN documents_document d ON d.id = x.document_id
WHERE %(sites)s::bigint[] IS NULL OR d.site_id = ANY (%(sites)s::bigint[])
ORDER BY d.id
LIMIT %(limit)s
"""


def documents(
    nodes: Collection[int],
    *,
    sites: Collection[int] | None,
    happened: datetime | None = None,
    limit: int = MAX_DOCUMENTS,
    using: str = "default",
) -> list[TracedDocument]:
    """The documents under which goods of these nodes moved: receipts, orders, shipments, uses."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            DOCUMENTS,
            {
                "nodes": list(nodes),
                "sites": None if sites is None else sorted(sites),
                "happened": happened,
                "limit": limit,
            },
        )
        return list(map(TracedDocument._make, cursor.fetchall()))


@dataclass(frozen=True)
class Fact:
    """What a document says besides its lines, such as a temperature on arrival."""

    name: str
    value: str


@dataclass(frozen=True)
class Paper:
    """A document of the timeline: one under which goods moved, or one that led to such a document,
    as a purchase order and the supplier's notice lead to a receipt.
    """

    id: int
    kind: str
    number: str
    state: str
    #: The supplier, customer or consignee; null where the document is with nobody.
    partner_id: int | None
    partner_zh: str
    partner_en: str
    #: The documents that this one followed from, of those that are told.
    follows: tuple[int, ...]
    facts: tuple[Fact, ...]


# A purchase order leads to notices, a notice to a receipt; a sales order to a pick and a shipment,
# a shipment to its delivery: from each document to those before it, and no further down again.
PAPERS = """
WITH RECURSIVE paper AS (
  SELECT unnest(%(ids)s::bigint[]) AS id
  UNION SELECT l.earlier_id FROM documents_link l JOIN paper p ON l.later_id = p.id
)
SELECT d.id, d.kind, coalesce(d.number, ''), d.state,
  ARRAY(SELECT l.earlier_id FROM documents_link l WHERE l.later_id = d.id ORDER BY l.earlier_id)
FROM paper p JOIN documents_document d ON d.id = p.id
WHERE (%(sites)s::bigint[] IS NULL OR d.site_id = ANY (%(sites)s))
  AND (d.kind <> 'recalls.case' OR %(cases)s::bigint[] IS NULL OR d.site_id = ANY (%(cases)s))
ORDER BY d.id
"""

#: What each kind of document says of conditions and results, by the fields of its table.
FACTS: dict[type[Model], tuple[str, ...]] = {
    PurchaseOrder: ("ordered_on", "wanted_on", "approved_at", "agreement_number"),
    ShippingNotice: ("reference", "expected_on"),
    Receipt: (
        "delivery_note",
        "transport_mode",
        "departed_at",
        "arrived_at",
        "arrival_c",
        "transit_c_min",
        "transit_c_max",
    ),
    SupplierReturn: (
        "sent_at",
        "transport_mode",
        "carrier_name",
        "waybill",
        "vehicle_plate",
        "transport_conditions",
        "departure_c",
    ),
    SalesOrder: ("ordered_on", "customer_reference"),
    Pick: (),
    Shipment: (
        "dispatched_at",
        "transport_mode",
        "carrier_name",
        "waybill",
        "vehicle_plate",
        "transport_conditions",
        "departure_c",
    ),
    Delivery: ("signed_at", "arrival_c", "remark"),
    CustomerReturn: ("returned_on", "quality_state", "transport_conditions", "storage_conditions"),
    Usage: ("used_on",),
    Inspection: ("quantity", "accepted", "rejected", "conclusion", "defects", "decided_at"),
}
#: With whom each kind of document is.
PARTNERS: dict[type[Model], str] = {
    PurchaseOrder: "supplier",
    ShippingNotice: "supplier",
    Receipt: "supplier",
    SupplierReturn: "supplier",
    SalesOrder: "customer",
    Pick: "consignee",
    Shipment: "consignee",
    Delivery: "of_shipment.consignee",
    CustomerReturn: "customer",
}


def papers_of(
    ids: Collection[int], sites: list[int] | None, cases: list[int] | None, using: str
) -> tuple[Paper, ...]:
    """These documents and all that led to them, those of the sites, recall cases of `cases` only;
    a query, and one more for each kind of document among them.
    """
    with connections[using].cursor() as cursor:
        cursor.execute(PAPERS, {"ids": as_array(sorted(ids)), "sites": sites, "cases": cases})
        rows = cursor.fetchall()
    records: dict[int, Model] = {}
    kinds = {row[1] for row in rows}
    for model in FACTS:
        if getattr(model, "KIND", None) in kinds:
            records |= _records(model, [row[0] for row in rows], using)
    shown = {row[0] for row in rows}
    return tuple(
        _paper(row, records.get(row[0]), tuple(pk for pk in row[4] if pk in shown)) for row in rows
    )


def _records(model: type[Model], ids: list[int], using: str) -> dict[int, Model]:
    """The documents of this kind among these, with whom they are with."""
    found = model._default_manager.using(using).filter(pk__in=ids)
    if model in PARTNERS:
        found = found.select_related(PARTNERS[model].replace(".", "__"))
    if model is Inspection:
        results = Result.objects.using(using).order_by("pk")
        found = found.prefetch_related(Prefetch("results", results))
    return {record.pk: record for record in found}


def _paper(row: tuple[Any, ...], record: Model | None, follows: tuple[int, ...]) -> Paper:
    pk, kind, number, state, _ = row
    facts: tuple[Fact, ...] = ()
    partner: Party | None = None
    if record is not None:
        facts = tuple(_facts(record, FACTS[type(record)]))
        path = PARTNERS.get(type(record))
        partner = attrgetter(path)(record) if path else None
    zh, en = (partner.name("zh"), partner.name("en")) if partner else ("", "")
    return Paper(pk, kind, number, state, partner.pk if partner else None, zh, en, follows, facts)


def _facts(record: Model, names: tuple[str, ...]) -> list[Fact]:
    said = [(name, getattr(record, name)) for name in names]
    found = [Fact(name, _text(value)) for name, value in said if value not in (None, "")]
    if isinstance(record, Inspection):
        for result in record.results.all():
            word = "passed" if result.is_passed else "failed"
            counts = f"{result.defective_quantity}/{result.sample_quantity}"
            found.append(Fact(result.check_name, f"{word} {counts} {result.note}".strip()))
    return found


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime | date) else str(value)
