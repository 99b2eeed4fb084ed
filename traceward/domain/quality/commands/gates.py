"""What goods have to pass before they are released: each gate refuses, or says nothing.

The usage decision goes through the first of them (`BEFORE`); a release of what was looked through
goes through all (`ALL`). A question asks each and tells what it says: there is one copy of the
rules. # INB-03 QUA-02
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Exists, Func, OuterRef, Q

from traceward.domain.catalog.queries import (
    CertificateVerdict,
    act_of_supplier,
    certificate_gate,
    items_with_facts,
    need_of,
    require_certificates,
)
from traceward.domain.partners.models import Partner
from traceward.domain.partners.queries import lacking, licences_lacking
from traceward.domain.partners.rules import Need
from traceward.domain.quality import queries, rules
from traceward.domain.quality.commands.inspecting import context_of
from traceward.domain.quality.models import Inspection, InspectionState, Restriction
from traceward.domain.quality.rules import Share
from traceward.domain.stock.models import StockBlock
from traceward.domain.stock.refusals import Blocked, Expired, ShortStock
from traceward.kernel.base.canonical import digest
from traceward.kernel.base.prepared import Prepared
from traceward.kernel.base.refusals import Refusal, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.write import apply_rules, require_other_person
from traceward.kernel.documents.models import DocumentFile, VoidedFile
from traceward.kernel.rules.queries import ParameterReader, reader
from traceward.kernel.rules.rules import Decided

Check = Callable[[Inspection, "Facts", Actor], None]


class NotInspected(Refusal):
    """Results are missing or failed; nothing can be decided yet. # INB-03"""


@dataclass(frozen=True)
class Gate:
    """One thing that has to be fulfilled."""

    #: What it is called where it is told; a message id.
    name: str
    #: Refuses where it is not.
    check: Check
    #: The verb that settles it, where one does.
    settled_with: str = ""


class Facts:
    """What is on record about these inspections, asked for at once."""

    def __init__(self, inspections: Sequence[Inspection], by: Actor) -> None:
        results = queries.results_of(row.pk for row in inspections)
        self.by = by
        self.found = {pk: {r.check_name: r.is_passed for r in rows} for pk, rows in results.items()}
        self.required_found = {pk: queries.required_results(rows) for pk, rows in results.items()}
        self.results = {pk: [r.pk for r in rows] for pk, rows in results.items()}
        self.last = {pk: rows[-1] for pk, rows in results.items() if rows}
        self.mine = {
            pk
            for pk, rows in results.items()
            if any(r.recorded_by_id == by.person_id for r in rows)
        }
        self.required = reader(queries.REQUIRED_CHECKS)
        self.is_another = reader(queries.DECIDER_IS_ANOTHER)
        self.kept_back = _kept_back(inspections)

    def decided(self, rows: ParameterReader, inspection: Inspection) -> Decided:
        """What the rules in force say here; a command's audit entry names them."""
        context = context_of(inspection)
        if self.by.unit is None:
            return rows.value_for(context)
        return apply_rules(rows, context, by=self.by)


def _kept_back(inspections: Iterable[Inspection]) -> dict[tuple[int, int], str]:
    """By source and item, why nothing of it may be accepted."""
    sources = {row.source_id for row in inspections}
    rows = _RESTRICTED(sources, {row.item_id for row in inspections})
    return {(source, item): reason for source, item, reason in rows}


_RESTRICTED = Prepared(
    lambda sources, items: Restriction.objects.filter(
        source__in=sources, item__in=items
    ).values_list("source_id", "item_id", "reason")
)


class Evidence(Facts):
    """All that a release is judged by; as many statements for many as for one."""

    def __init__(self, inspections: Sequence[Inspection], days: dict[int, date], by: Actor) -> None:
        super().__init__(inspections, by)
        #: By site, the day there.
        self.days = days
        self.inspections = inspections
        self.items = items_with_facts(row.item_id for row in inspections)
        kept = [row for row in inspections if row.item.has_serials]
        self.serials = queries.serials_brought(kept) if kept else {}
        self.waiting = dict(self._waiting(queries.waiting_of(inspections)))
        self.suppliers = set(_SUPPLIERS([row.supplier_id for row in inspections]))

    def _waiting(self, rows: list[queries.Waiting]) -> Iterable[tuple[int, list[queries.Waiting]]]:
        by_goods: dict[tuple[int, int, int | None, int], list[queries.Waiting]] = {}
        for row in rows:
            key = (row.site_id, row.item_id, row.lot_id, row.owner_id)
            by_goods.setdefault(key, []).append(row)
        for one in self.inspections:
            goods = (one.source_id, one.item_id, one.lot_id)
            brought = self.serials.get(goods) if one.item.has_serials else None
            found = by_goods.get((one.site_id, one.item_id, one.lot_id, one.owner_id), ())
            yield one.pk, [x for x in found if brought is None or x.serial_id in brought]

    def shares(self, inspection: Inspection) -> list[Share]:
        """What is released of each balance, as far as that much waits."""
        left, made = inspection.quantity, []
        for row in self.waiting[inspection.pk]:
            quantity = min(left, row.on_hand)
            left -= quantity
            if quantity:
                made.append(Share(row.place_id, quantity, 0, row.serial_id, row.container_id))
        return made

    @cached_property
    def blocks(self) -> dict[int, list[StockBlock]]:
        """By inspection, the blocks that stand on its goods."""
        named = {pk: {block for n in found for block in self._on[n]} for pk, found in self._at}
        return self._found(named)

    @cached_property
    def input_blocks(self) -> dict[int, list[StockBlock]]:
        """By inspection, the blocks that stand on lots and serials that went into its goods."""
        every = [goods for rows in self.inputs.values() for goods in rows]
        lots = {lot for lot, _ in every if lot is not None}
        serials = {serial for _, serial in every if serial is not None}
        blocks = list(_ON_GOODS(list(lots), list(serials))) if every else []
        return {
            pk: [
                block
                for block in blocks
                if any(
                    (block.lot_id is not None and block.lot_id == lot)
                    or (block.serial_id is not None and block.serial_id == serial)
                    for lot, serial in rows
                )
            ]
            for pk, rows in self.inputs.items()
        }

    @cached_property
    def inputs(self) -> dict[int, list[queries.Goods]]:
        """By inspection, the lots and serials that went into its goods."""
        lots = {row.lot_id for row in self.inspections if row.lot_id is not None}
        serials = {s for brought in self.serials.values() for s in brought if s is not None}
        found = queries.inputs_of(lots, serials)
        made = {}
        for one in self.inspections:
            own = self.serials.get((one.source_id, one.item_id, one.lot_id), set())
            keys: list[queries.Goods] = [(one.lot_id, None), *((None, serial) for serial in own)]
            rows = {goods for key in keys for goods in found.get(key, ())}
            made[one.pk] = sorted(rows, key=lambda goods: (goods[0] or 0, goods[1] or 0))
        return made

    @cached_property
    def _goods(self) -> list[tuple[int, queries.Waiting]]:
        return [(pk, row) for pk, rows in self.waiting.items() for row in rows]

    @cached_property
    def _on(self) -> dict[int, list[int]]:
        return queries.blocks_on([row for _, row in self._goods])

    @property
    def _at(self) -> Iterable[tuple[int, list[int]]]:
        places: dict[int, list[int]] = {pk: [] for pk in self.waiting}
        for n, (pk, _) in enumerate(self._goods):
            if n in self._on:
                places[pk].append(n)
        return places.items()

    def _found(self, named: dict[int, set[int]]) -> dict[int, list[StockBlock]]:
        wanted = {block for blocks in named.values() for block in blocks}
        known = StockBlock.objects.in_bulk(wanted) if wanted else {}
        return {pk: [known[block] for block in sorted(blocks)] for pk, blocks in named.items()}

    def day(self, inspection: Inspection) -> date:
        return self.days[inspection.site_id]

    def certificate(self, inspection: Inspection) -> CertificateVerdict:
        """Whether the product's certificate counts today."""
        item = self.items[inspection.item_id]
        return certificate_gate([item], self.day(inspection))[item.pk]

    def need(self, inspection: Inspection) -> Need | None:
        """What the supplier needs a licence for; nothing, where it did not come from a supplier."""
        if inspection.supplier_id not in self.suppliers:
            return None
        item = self.items[inspection.item_id]
        return need_of(item, inspection.supplier_id, act_of_supplier(item, inspection.supplier_id))

    @cached_property
    def lacking(self) -> dict[int, dict[str, Any]]:
        """By inspection, the licence that its supplier lacks today; one query a day."""
        found = {}
        for day in set(self.days.values()):
            rows = [row for row in self.inspections if self.day(row) == day]
            for told in licences_lacking([self.need(row) for row in rows], day):
                found[rows[told["n"]].pk] = {**told, "n": 0}
        return found

    @cached_property
    def files(self) -> dict[int, list[int]]:
        """By document, the ids of its files and of those that count no more."""
        found: dict[int, list[int]] = {}
        wanted = {pk for row in self.inspections for pk in (row.pk, row.source_id)}
        for document, file, voided in _FILES(list(wanted)):
            found.setdefault(document, []).append(-file if voided else file)
        return found

    def mark(self, inspection: Inspection, judged: Sequence[tuple[str, bool]]) -> str:
        """What tells this evidence from what it was, or will be."""
        own = inspection
        certificate = self.certificate(own)
        blocks = [*self.blocks[own.pk], *self.input_blocks[own.pk]]
        return digest(
            [
                str(own.uid),
                [own.version, own.source.version, own.quantity],
                self.results[own.pk],
                [certificate.number, certificate.until, certificate.why],
                self.lacking.get(own.pk),
                [[row.place_id, row.serial_id, row.on_hand] for row in self.waiting[own.pk]],
                sorted(str(block.uid) for block in blocks),
                self.inputs[own.pk],
                [self.files.get(pk, []) for pk in (own.pk, own.source_id)],
                [[name, is_fulfilled] for name, is_fulfilled in judged],
            ]
        ).hex()


_SUPPLIERS = Prepared(
    lambda parties: Partner.objects.filter(party__in=parties, is_supplier=True).values_list(
        "party_id", flat=True
    )
)
_ON_GOODS = Prepared(
    lambda lots, serials: StockBlock.objects.filter(
        Q(until=None) | Q(until__gt=Func(function="tw_now")),
        Q(lot__in=lots) | Q(serial__in=serials),
        lifted_at=None,
    ).order_by("pk")
)
_FILES = Prepared(
    lambda documents: (
        DocumentFile.objects.filter(document__in=documents)
        .annotate(voided=Exists(VoidedFile.objects.filter(voided=OuterRef("pk"))))
        .order_by("pk")
        .values_list("document_id", "pk", "voided")
    )
)


def require_open(inspection: Inspection, _facts: Facts, _by: Actor) -> None:
    """Refused where it was decided about, or withdrawn."""
    inspection.require(InspectionState.OPEN)


def require_recorded(inspection: Inspection, facts: Facts, _by: Actor) -> None:
    """Refused where a check that the rules ask for has no result."""
    missing = _missing(inspection, facts)
    if missing:
        raise NotInspected(
            sentence("{number}: no result yet for {checks}. Record it first."),
            field="inspection_id",
            number=str(inspection),
            checks=missing,
        )


def _missing(inspection: Inspection, facts: Facts) -> list[str]:
    """The checks that the rules ask for and that have no result."""
    names: list[str] = facts.decided(facts.required, inspection).value
    return rules.missing_checks(names, facts.required_found[inspection.pk])


def _require_told(inspection: Inspection, facts: Facts) -> None:
    """Refused where there is nothing to judge yet: what was not done did not go well either."""
    if _missing(inspection, facts):
        raise NotInspected(
            sentence("Once every required check has its result."), field="inspection_id"
        )


def require_not_received(inspection: Inspection, _facts: Facts, by: Actor) -> None:
    """Refused for whoever received the goods. # ORG-03"""
    require_other_person(inspection.source.created_by_id, by=by)


def require_not_inspected(inspection: Inspection, facts: Facts, by: Actor) -> None:
    """Refused for whoever inspected the goods, where the rules say so. # ORG-03"""
    _require_told(inspection, facts)
    policy = facts.decided(facts.is_another, inspection)
    if policy.value and inspection.pk in facts.mine:
        require_other_person(by.person_id, by=by)


def require_not_kept_back(inspection: Inspection, facts: Facts, _by: Actor) -> None:
    """Refused where the document that brought it says that nothing of it may be accepted."""
    why = facts.kept_back.get((inspection.source_id, inspection.item_id))
    if why is not None:
        raise NotInspected(
            sentence("{number}: {why}, so nothing of it may be accepted. Reject it."),
            field="shares",
            number=str(inspection),
            why=why,
        )


def require_passed(inspection: Inspection, facts: Facts, _by: Actor) -> None:
    """Refused where a check did not pass."""
    _require_told(inspection, facts)
    failed = rules.failed_checks(facts.found[inspection.pk])
    if failed:
        raise NotInspected(
            sentence(
                "{checks} did not pass. Record a new result, reject the goods, "
                "or say under defects why some are accepted all the same."
            ),
            field="defects",
            checks=failed,
        )


def require_whole(inspection: Inspection, facts: Facts, _by: Actor) -> None:
    """Refused where less waits than was inspected."""
    assert isinstance(facts, Evidence)
    waiting = sum(share.accepted for share in facts.shares(inspection))
    if waiting != inspection.quantity:
        raise ShortStock(
            sentence(
                "{number} is about {quantity} units, but only {count} of them still wait. "
                "Look at its moves, and decide about what is there."
            ),
            field="inspection_id",
            number=str(inspection),
            quantity=inspection.quantity,
            count=waiting,
        )


def require_not_blocked(inspection: Inspection, facts: Facts, _by: Actor) -> None:
    """Refused where a block or recall stands on it."""
    assert isinstance(facts, Evidence)
    for block in facts.blocks[inspection.pk][:1]:
        raise Blocked(
            sentence("{number}: a block stands on it ({kind}: {reason}). Settle it first."),
            field="inspection_id",
            number=str(inspection),
            kind=block.kind,
            reason=block.reason,
        )


def require_inputs_free(inspection: Inspection, facts: Facts, _by: Actor) -> None:
    """Refused where a block or recall stands on what went into it."""
    assert isinstance(facts, Evidence)
    for block in facts.input_blocks[inspection.pk][:1]:
        raise Blocked(
            sentence(
                "{number}: a block stands on what went into it ({kind}: {reason}). Settle it first."
            ),
            field="inspection_id",
            number=str(inspection),
            kind=block.kind,
            reason=block.reason,
        )


def require_certificate(inspection: Inspection, facts: Facts, _by: Actor) -> None:
    """Refused where the product's certificate does not count today."""
    assert isinstance(facts, Evidence)
    require_certificates([facts.items[inspection.item_id]], facts.day(inspection))


def require_licence(inspection: Inspection, facts: Facts, _by: Actor) -> None:
    """Refused where the supplier's licence does not count today."""
    assert isinstance(facts, Evidence)
    row = facts.lacking.get(inspection.pk)
    if row is not None:
        raise lacking([row])


def require_usable(inspection: Inspection, facts: Facts, _by: Actor) -> None:
    """Refused where its last day is over."""
    assert isinstance(facts, Evidence)
    ends = inspection.lot.expires_on if inspection.lot else None
    if ends is not None and ends < facts.day(inspection):
        raise Expired(
            sentence("{number}: lot {lot} expired on {until}. Reject it."),
            field="inspection_id",
            number=str(inspection),
            lot=str(inspection.lot),
            until=str(ends),
        )


#: Without these there is no usage decision at all.
BEFORE = (
    Gate(sentence("Waits for a decision"), require_open),
    Gate(sentence("Required checks recorded"), require_recorded, "quality.record_result"),
    Gate(sentence("Received by somebody else"), require_not_received),
    Gate(sentence("Inspected by somebody else"), require_not_inspected),
)
#: Without these it is not released as what it is.
ALL = (
    *BEFORE,
    Gate(sentence("Checks passed"), require_passed, "quality.record_result"),
    Gate(sentence("Cold chain kept"), require_not_kept_back, "quality.decide"),
    Gate(sentence("All of it still waits"), require_whole),
    Gate(sentence("No block or recall"), require_not_blocked, "stock.lift_block"),
    Gate(sentence("Nothing blocked went into it"), require_inputs_free, "stock.lift_block"),
    Gate(sentence("Certificate counts"), require_certificate, "catalog.renew_product"),
    Gate(sentence("Supplier's licence counts"), require_licence, "partners.add_licence"),
    Gate(sentence("Within its life"), require_usable, "quality.decide"),
)


def refusal_of(gate: Gate, inspection: Inspection, facts: Facts, by: Actor) -> Refusal | None:
    """Why the gate is not fulfilled; None where it is."""
    try:
        gate.check(inspection, facts, by)
    except Refusal as refusal:
        return refusal
    return None
