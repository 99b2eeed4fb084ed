"""Inspections are opened, results recorded, and the use of goods decided. # INB-03 QUA-02"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from traceward.domain.catalog.queries import items_with_facts, papers_of
from traceward.domain.places.models import Place
from traceward.domain.quality import events, queries, rules
from traceward.domain.quality.models import Inspection, InspectionState, Restriction, Result
from traceward.domain.quality.rules import Share
from traceward.domain.stock.commands import collect
from traceward.domain.stock.models import Code, Serial, Status, StockMove
from traceward.domain.stock.rules import Leg
from traceward.kernel.base.refusals import InvalidInput, NotFound, Refusal, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.command.write import (
    amend,
    apply_rules,
    created,
    emit,
    enter,
    link,
    open_document,
    require_other_person,
    sign,
)
from traceward.kernel.documents.models import Document
from traceward.kernel.org.models import Party
from traceward.kernel.org.roles import INSPECTOR, QUALITY_CONTROLLER, QUALITY_HEAD, SYSTEM
from traceward.kernel.org.scope import ScopeKey, scope_of
from traceward.kernel.rules.queries import reader

MEANING = "usage decision"


class NotInspected(Refusal):
    """Results are missing or failed; nothing can be decided yet. # INB-03"""


@dataclass(frozen=True)
class Opened:
    """The inspections of the document; opening them again gives the same."""

    inspection_ids: list[int]


def document_scope(document_uid: uuid.UUID, **_: object) -> list[ScopeKey]:
    return scope_of(Document.objects.filter(uid=document_uid))


@command(
    "quality.open_inspections",
    roles=(INSPECTOR, QUALITY_CONTROLLER, SYSTEM),
    scope=document_scope,
    subscribes=("GoodsReceived", "GoodsTransformed"),
)
def open_inspections(document_uid: uuid.UUID, *, by: Actor) -> Opened:
    """Each lot that the document brought in has an inspection.

    Runs after every receipt and after everything that is made.
    """
    found = Document.objects.filter(uid=document_uid).first()
    source = Document.objects.lock(found.pk if found else 0)
    brought = queries.brought_in(source.pk)
    if not brought:
        raise NotFound(
            sentence("{document} brought in nothing that waits for inspection."),
            field="document_uid",
            document=str(source),
        )
    known = {
        (i.item_id, i.lot_id, i.owner_id): i.pk for i in Inspection.objects.filter(source=source)
    }
    items = items_with_facts(b.item_id for b in brought)
    day = source.site.day_at(by.now)
    facts = papers_of(items.values(), day)
    ids = []
    for b in brought:
        pk = known.get((b.item_id, b.lot_id, b.owner_id))
        ids.append(pk or _open(source, b, facts[b.item_id], by).pk)
    return Opened(ids)


def _open(
    source: Document, brought: queries.Brought, facts: dict[str, str], by: Actor
) -> Inspection:
    supplier = Party.objects.get(pk=brought.supplier_id)
    inspection = Inspection(
        source=source,
        supplier=supplier,
        supplier_name=supplier.name("zh"),
        supplier_address=supplier.address,
        supplier_phone=supplier.phone,
        owner_id=brought.owner_id,
        item_id=brought.item_id,
        lot_id=brought.lot_id,
        quantity=brought.quantity,
        **facts,
    )
    open_document(inspection, site=source.site, state=InspectionState.OPEN.value, by=by)
    link(source, inspection, "inspection")
    emit(events.InspectionOpened(inspection.uid), subject=inspection.uid, by=by)
    return inspection


def withdraw(source: Document, *, by: Actor) -> None:
    """Nothing that the locked document brought in is inspected: it was taken back.

    Called by the commands that take it back.
    """
    for inspection in Inspection.objects.lock_all(
        Inspection.objects.filter(source=source).values_list("pk", flat=True)
    ):
        enter(inspection, InspectionState.WITHDRAWN.value, by=by)


def inspection_scope(inspection_id: int, **_: object) -> list[ScopeKey]:
    return scope_of(Inspection.objects.filter(pk=inspection_id))


@dataclass(frozen=True)
class Recorded:
    result_id: int
    #: Required checks that have no result yet.
    missing: list[str]


@command("quality.record_result", roles=(INSPECTOR, QUALITY_CONTROLLER), scope=inspection_scope)
def record_result(
    inspection_id: int,
    check: str,
    is_passed: bool,
    sample_quantity: int,
    *,
    defective_quantity: int = 0,
    note: str = "",
    by: Actor,
) -> Recorded:
    """The check was made on a sample, and this was found. What was found before stays on record.

    Whoever received the goods does not inspect them. # ORG-03
    """
    inspection = _open_one(inspection_id)
    require_other_person(inspection.source.created_by_id, by=by)
    if not check.strip() or len(check) > 60:
        raise InvalidInput(sentence("Say what was checked, such as packaging."), field="check")
    if not 1 <= sample_quantity <= inspection.quantity:
        raise InvalidInput(
            sentence("The sample is 1 to {quantity} units."),
            field="sample_quantity",
            quantity=inspection.quantity,
        )
    if not 0 <= defective_quantity <= sample_quantity:
        raise InvalidInput(
            sentence("The defective units are 0 to {sample}, the size of the sample."),
            field="defective_quantity",
            sample=sample_quantity,
        )
    if not is_passed and not note.strip():
        raise InvalidInput(sentence("Say what is wrong."), field="note")
    result = Result.objects.create(
        inspection=inspection,
        check_name=check.strip(),
        is_passed=is_passed,
        sample_quantity=sample_quantity,
        defective_quantity=defective_quantity,
        note=note,
        recorded_by_id=by.person_id,
        recorded_at=by.now,
    )
    created(result, by=by, check=check, is_passed=is_passed, defective=defective_quantity)
    found = queries.last_results(inspection.pk)
    return Recorded(result.pk, rules.missing_checks(_required(inspection, by), found))


def _open_one(inspection_id: int) -> Inspection:
    """The inspection, locked; refused where it is decided already."""
    inspection: Inspection = Inspection.objects.lock(inspection_id)
    inspection.require(InspectionState.OPEN)
    return inspection


def _context(inspection: Inspection) -> dict[str, object]:
    return {
        "item": inspection.item_id,
        "product_line": inspection.item.product_line,
        "site": inspection.site_id,
    }


def _required(inspection: Inspection, by: Actor) -> list[str]:
    return list(apply_rules(reader(queries.REQUIRED_CHECKS), _context(inspection), by=by).value)


@dataclass(frozen=True)
class Decided:
    inspection_id: int
    accepted: int
    rejected: int
    signature_uid: uuid.UUID


@command(
    "quality.decide",
    roles=(QUALITY_HEAD, QUALITY_CONTROLLER),
    scope=inspection_scope,
    signed=MEANING,
)
def decide(
    inspection_id: int,
    shares: list[Share],
    conclusion: str,
    *,
    defects: str = "",
    disposition: str = "",
    by: Actor,
) -> Decided:
    """The inspected goods are 合格 or 不合格, each unit one of them, signed.

    The only way from 待验: it is refused while a required check has no result, to whoever
    inspected or received the goods, and where the shares are not all of what was inspected.
    # INB-03 QUA-02 QUA-04
    """
    inspection = _open_one(inspection_id)
    found = queries.last_results(inspection.pk)
    _require_inspected(inspection, found, by)
    accepted, rejected = _check_shares(inspection, shares)
    if accepted:
        _require_acceptable(inspection)
    _require_words(found, accepted, rejected, conclusion, defects, disposition)
    collect(_legs(inspection, shares, conclusion, defects), by=by)
    enter(inspection, InspectionState.DECIDED.value, by=by)
    amend(
        inspection,
        by=by,
        accepted=accepted,
        rejected=rejected,
        conclusion=conclusion,
        defects=defects,
        disposition=disposition,
        **queries.last_inspector(inspection.pk),
        decided_by_id=by.person_id,
        decided_at=by.now,
    )
    signature = sign(
        MEANING,
        kind=inspection.KIND,
        uid=inspection.uid,
        content=_content(inspection, shares, found),
        by=by,
    )
    emit(events.UsageDecided(inspection.uid, accepted, rejected), subject=inspection.uid, by=by)
    return Decided(inspection.pk, accepted, rejected, signature.uid)


def _require_inspected(inspection: Inspection, found: dict[str, bool], by: Actor) -> None:
    missing = rules.missing_checks(_required(inspection, by), found)
    if missing:
        raise NotInspected(
            sentence("{number}: no result yet for {checks}. Record it first."),
            field="inspection_id",
            number=str(inspection),
            checks=missing,
        )
    require_other_person(inspection.source.created_by_id, by=by)
    policy = apply_rules(reader(queries.DECIDER_IS_ANOTHER), _context(inspection), by=by)
    if policy.value and inspection.results.filter(recorded_by_id=by.person_id).exists():
        require_other_person(by.person_id, by=by)


def forbid_acceptance(source: Document, reasons: Mapping[int, str]) -> None:
    """Of what the document brings in of these items nothing may be accepted, for these reasons.

    Called by the commands that bring goods in; a reason is a sentence's part of ours.
    """
    Restriction.objects.bulk_create(
        Restriction(source_id=source.pk, item_id=item_id, reason=reason)
        for item_id, reason in sorted(reasons.items())
    )


def _require_acceptable(inspection: Inspection) -> None:
    found = Restriction.objects.filter(source=inspection.source, item=inspection.item).first()
    if found is not None:
        raise NotInspected(
            sentence("{number}: {why}, so nothing of it may be accepted. Reject it."),
            field="shares",
            number=str(inspection),
            why=found.reason,
        )


def _check_shares(inspection: Inspection, shares: Sequence[Share]) -> tuple[int, int]:
    """Accepted and rejected; refused where the shares are not just what was inspected."""
    n = rules.bad_share(shares)
    if n is not None:
        raise InvalidInput(
            sentence("Say how much is accepted or rejected there, as whole numbers."),
            field=f"shares.{n}",
        )
    here = Place.objects.filter(site=inspection.site_id).in_bulk({s.place_id for s in shares})
    for n, share in enumerate(shares):
        if share.place_id not in here:
            raise InvalidInput(
                sentence("Give a place of {site}, where {number} was opened."),
                field=f"shares.{n}.place_id",
                site=inspection.site.code,
                number=str(inspection),
            )
    accepted, rejected = rules.totals(shares)
    if accepted + rejected != inspection.quantity:
        raise InvalidInput(
            sentence(
                "{number} is about {quantity} units; {accepted} accepted and {rejected} "
                "rejected are not all of them. Decide about each unit."
            ),
            field="shares",
            number=str(inspection),
            quantity=inspection.quantity,
            accepted=accepted,
            rejected=rejected,
        )
    if inspection.item.has_serials:
        _require_own_serials(inspection, shares)
    return accepted, rejected


def _require_own_serials(inspection: Inspection, shares: Sequence[Share]) -> None:
    """Each serial that the source brought in, and no other, is decided about."""
    brought = set(
        StockMove.objects.filter(
            document_id=inspection.source_id,
            code__in=queries.BRINGING,
            to_status=Status.PENDING,
            item_id=inspection.item_id,
            lot=inspection.lot,
        ).values_list("serial_id", flat=True)
    )
    named = {s.serial_id for s in shares}
    strange = sorted(named.symmetric_difference(brought), key=lambda s: s or 0)
    if strange or len(shares) != len(brought):
        serial = Serial.objects.filter(pk=strange[0]).first() if strange and strange[0] else None
        raise InvalidInput(
            sentence("Decide about each serial of the receipt once; look at serial {serial}."),
            field="shares",
            serial=str(serial) if serial else "—",
        )


def _require_words(
    found: dict[str, bool],
    accepted: int,
    rejected: int,
    conclusion: str,
    defects: str,
    disposition: str,
) -> None:
    if not conclusion.strip():
        raise InvalidInput(sentence("Write the conclusion."), field="conclusion")
    if rejected and not (defects.strip() and disposition.strip()):
        raise InvalidInput(
            sentence("Say what is wrong with what is rejected, and what shall happen to it."),
            field="disposition" if defects.strip() else "defects",
        )
    failed = rules.failed_checks(found)
    if failed and accepted and not defects.strip():
        raise NotInspected(
            sentence(
                "{checks} did not pass. Record a new result, reject the goods, "
                "or say under defects why some are accepted all the same."
            ),
            field="defects",
            checks=failed,
        )


def _legs(
    inspection: Inspection, shares: Sequence[Share], conclusion: str, defects: str
) -> list[Leg]:
    """The goods stay where they are and change their status."""
    legs = []
    for share in shares:
        for quantity, code, status, reason in (
            (share.accepted, Code.RELEASE, Status.QUALIFIED, conclusion),
            (share.rejected, Code.REJECT, Status.REJECTED, defects),
        ):
            if quantity:
                legs.append(
                    Leg(
                        code=code,
                        item_id=inspection.item_id,
                        lot_id=inspection.lot_id,
                        serial_id=share.serial_id,
                        quantity=quantity,
                        from_place_id=share.place_id,
                        from_status=Status.PENDING,
                        from_owner_id=inspection.owner_id,
                        from_container_id=share.container_id,
                        to_place_id=share.place_id,
                        to_status=status,
                        to_owner_id=inspection.owner_id,
                        to_container_id=share.container_id,
                        document_id=inspection.pk,
                        reason=reason[:300],
                    )
                )
    return legs


def _content(
    inspection: Inspection, shares: Sequence[Share], found: dict[str, bool]
) -> dict[str, object]:
    """What the signature is bound to."""
    return {
        "inspection": str(inspection.uid),
        "item": inspection.item.code,
        "lot": inspection.lot.raw_number if inspection.lot else "",
        "quantity": inspection.quantity,
        "accepted": inspection.accepted,
        "rejected": inspection.rejected,
        "conclusion": inspection.conclusion,
        "defects": inspection.defects,
        "disposition": inspection.disposition,
        "results": dict(sorted(found.items())),
        "shares": [
            [s.place_id, s.container_id, s.serial_id, s.accepted, s.rejected] for s in shares
        ],
    }
