"""Inspections are opened, and what was found is recorded. # INB-03"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from traceward.domain.catalog.queries import items_with_facts, papers_of
from traceward.domain.quality import events, queries, rules
from traceward.domain.quality.models import Inspection, InspectionState, Result
from traceward.kernel.base.prepared import Prepared
from traceward.kernel.base.refusals import InvalidInput, NotFound, fill, of_line, sentence
from traceward.kernel.base.rows import add_rows, save_rows
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.command.write import (
    COUNTED,
    apply_rules,
    count_change,
    created,
    emit,
    enter,
    link_all,
    open_documents,
    require_other_person,
)
from traceward.kernel.documents.models import Document
from traceward.kernel.org.models import Party
from traceward.kernel.org.roles import INSPECTOR, QUALITY_CONTROLLER, SYSTEM
from traceward.kernel.org.scope import ScopeKey, scope_of
from traceward.kernel.rules.queries import ParameterReader, reader

LANGUAGES = ("zh-hans", "en")


@dataclass(frozen=True)
class Opened:
    """The inspections of the document; opening them again gives the same."""

    inspection_ids: list[int]


def document_scope(document_uid: uuid.UUID, **_: object) -> list[ScopeKey]:
    return scope_of(Document, document_uid, by="uid")


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
    source: Document = Document.objects.lock_uid(document_uid)
    brought = queries.brought_in(source.pk)
    if not brought:
        raise NotFound(
            sentence("{document} brought in nothing that waits for inspection."),
            field="document_uid",
            document=str(source),
        )
    known: dict[tuple[int, int | None, int], int] = {
        (item, lot, owner): pk for item, lot, owner, pk in _OF_SOURCE(source.pk)
    }
    new = [b for b in brought if (b.item_id, b.lot_id, b.owner_id) not in known]
    made = _opened(source, new, by)
    known |= {(i.item_id, i.lot_id, i.owner_id): i.pk for i in made}
    return Opened([known[b.item_id, b.lot_id, b.owner_id] for b in brought])


_OF_SOURCE = Prepared(
    lambda source: Inspection.objects.filter(source=source).values_list(
        "item_id", "lot_id", "owner_id", "pk"
    )
)


def _opened(
    source: Document, brought: Sequence[queries.Brought], by: Actor
) -> Sequence[Inspection]:
    """What was brought waits for inspection from now on."""
    if not brought:
        return []
    papers = papers_of(
        items_with_facts(b.item_id for b in brought).values(), source.site.day_at(by.now)
    )
    suppliers = Party.objects.find_all(b.supplier_id for b in brought)
    made = [_inspection(source, b, suppliers[b.supplier_id], papers[b.item_id]) for b in brought]
    open_documents(made, site=source.site, state=InspectionState.OPEN.value, by=by)
    link_all(((source, inspection) for inspection in made), "inspection")
    for inspection in made:
        emit(events.InspectionOpened(inspection.uid), subject=inspection.uid, by=by)
    return made


def _inspection(
    source: Document, brought: queries.Brought, supplier: Party, facts: Mapping[str, str]
) -> Inspection:
    return Inspection(
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


def withdraw(source: Document, *, by: Actor) -> None:
    """Nothing that the locked document brought in is inspected: it was taken back.

    Called by the commands that take it back.
    """
    for inspection in Inspection.objects.lock_all(
        Inspection.objects.filter(source=source).values_list("pk", flat=True)
    ):
        enter(inspection, InspectionState.WITHDRAWN.value, by=by)


def inspection_scope(inspection_id: int, **_: object) -> list[ScopeKey]:
    return scope_of(Inspection, inspection_id)


@dataclass(frozen=True)
class Found:
    """One check of one inspection, as `quality.record_result` takes it."""

    inspection_id: int
    check_name: str
    is_passed: bool
    sample_quantity: int
    defective_quantity: int = 0
    note: str = ""
    #: Whether the rules do not ask for it.
    is_additional: bool = False


@dataclass(frozen=True)
class Recorded:
    result_id: int
    #: Required checks that have no result yet.
    missing: list[str]


@command(
    "quality.record_result",
    roles=(INSPECTOR, QUALITY_CONTROLLER),
    scope=inspection_scope,
    from_states=(InspectionState.OPEN,),
)
def record_result(
    inspection_id: int,
    check_name: str,
    is_passed: bool,
    sample_quantity: int,
    *,
    defective_quantity: int = 0,
    note: str = "",
    is_additional: bool = False,
    by: Actor,
) -> Recorded:
    """The check was made on a sample, and this was found. What was found before stays on record.

    The check is one that the rules ask for, by its name; whatever else was looked at is marked as
    additional, stands for none of them, and counts against the goods where it did not pass.
    Whoever received the goods does not inspect them. # ORG-03
    """
    said = Found(
        inspection_id,
        check_name,
        is_passed,
        sample_quantity,
        defective_quantity,
        note,
        is_additional,
    )
    inspection: Inspection = Inspection.objects.lock(inspection_id)
    (result,), missing = record([inspection], [said], by=by)
    return Recorded(result.pk, missing[inspection_id])


def record(
    inspections: Iterable[Inspection], found: Sequence[Found], *, line: str = "", by: Actor
) -> tuple[list[Result], dict[int, list[str]]]:
    """What was found on the locked inspections is on record, in the order given.

    Also the required checks that each one still lacks. As many statements for many as for one;
    `line` names the line of a refusal, with "{n}" for its number.
    """
    known = {inspection.pk: inspection for inspection in inspections}
    named, rows = dict.fromkeys(one.inspection_id for one in found), reader(queries.REQUIRED_CHECKS)
    required = {pk: required_checks(known[pk], rows, by=by) for pk in named}
    results = []
    for n, one in enumerate(found):
        with of_line(line.format(n=n)):
            result = _result(known[one.inspection_id], one, required[one.inspection_id], by)
            results.append(result)
    for result, one in zip(add_rows(results), found, strict=True):
        values = {"check_name": one.check_name, "is_passed": one.is_passed}
        created(result, by=by, **values, defective=one.defective_quantity)
    counted = [known[pk] for pk in named if count_change(known[pk], by=by)]
    save_rows(counted, COUNTED)
    missing = {
        pk: rules.missing_checks(required[pk], queries.required_results(rows))
        for pk, rows in queries.results_of(named).items()
    }
    return results, missing


def _result(inspection: Inspection, said: Found, required: Sequence[str], by: Actor) -> Result:
    """The result, not written yet; refused where it cannot be one."""
    inspection.require(InspectionState.OPEN)
    require_other_person(inspection.source.created_by_id, by=by)
    if not said.check_name.strip() or len(said.check_name) > 60:
        raise InvalidInput(sentence("Say what was checked, such as packaging."), field="check_name")
    _require_own_name(said, required)
    if not 1 <= said.sample_quantity <= inspection.quantity:
        raise InvalidInput(
            sentence("The sample is 1 to {quantity} units."),
            field="sample_quantity",
            quantity=inspection.quantity,
        )
    if not 0 <= said.defective_quantity <= said.sample_quantity:
        raise InvalidInput(
            sentence("The defective units are 0 to {sample}, the size of the sample."),
            field="defective_quantity",
            sample=said.sample_quantity,
        )
    if not said.is_passed and not said.note.strip():
        raise InvalidInput(sentence("Say what is wrong."), field="note")
    return Result(
        inspection=inspection,
        check_name=said.check_name.strip(),
        is_additional=said.is_additional,
        is_passed=said.is_passed,
        sample_quantity=said.sample_quantity,
        defective_quantity=said.defective_quantity,
        note=said.note,
        recorded_by_id=by.person_id,
        recorded_at=by.now,
    )


def _require_own_name(said: Found, required: Sequence[str]) -> None:
    """A required check is named as the rules name it, and no other one by any of its names."""
    name = said.check_name.strip()
    if not said.is_additional and name not in required:
        raise InvalidInput(
            sentence(
                "“{check}” is none of the checks of this inspection: {checks}. Choose one of "
                "them, or mark what else was looked at as additional."
            ),
            field="check_name",
            check=name,
            checks=list(required) or ["—"],
        )
    words = {fill("{checks}", {"checks": x}, language) for x in required for language in LANGUAGES}
    if said.is_additional and name.casefold() in {x.casefold() for x in (*required, *words)}:
        raise InvalidInput(
            sentence("“{check}” is a check of this inspection. Record it as that: not additional."),
            field="is_additional",
            check=name,
        )


def context_of(inspection: Inspection) -> dict[str, object]:
    """What the rules of quality may ask for."""
    return {
        "item": inspection.item_id,
        "product_line": inspection.item.product_line,
        "site": inspection.site_id,
    }


def required_checks(inspection: Inspection, rows: ParameterReader, *, by: Actor) -> list[str]:
    """The checks without which the inspection is not decided."""
    names: list[str] = apply_rules(rows, context_of(inspection), by=by).value
    return names
