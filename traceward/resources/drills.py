"""Drills of recalls: what they found and would have done; and what a recall would reach."""

from typing import Annotated

from django.db.models import OuterRef, Subquery
from pydantic import AwareDatetime, Field

from traceward.domain.recalls import queries
from traceward.domain.recalls.models import (
    DrillAction,
    DrillConsignee,
    DrillFinding,
    DrillPoint,
    DrillTarget,
    RecallDrill,
)
from traceward.domain.recalls.queries import Target, Unit, WhatIf
from traceward.kernel.base.refusals import InvalidInput, NotFound, sentence
from traceward.kernel.org.models import Site
from traceward.resources.kit import (
    Id,
    Ids,
    Reader,
    by_site,
    document,
    everywhere,
    now,
    question,
    resource,
)

Text = Annotated[str, Field(max_length=40)]

#: The drill after this one: a drill is overdue only while there is none.
_NEXT = RecallDrill.objects.filter(pk__gt=OuterRef("pk")).order_by("pk").values("pk")[:1]

document(
    "recalls.drills",
    RecallDrill,
    columns=(
        *("level", "reason", "score", "began_at", "concluded_at", "limit_minutes", "scopes"),
        *("downstream", "standing", "held", "consigned", "in_process", "difference"),
        *("consignees", "promises", "promised", "found_ms", "located_ms", "consignees_ms"),
        *("promises_ms", "conclusion", "next_on", "followed_by"),
    ),
    made={"followed_by": Subquery(_NEXT)},
    asked=("followed_by",),
    search=("number", "reason"),
    parts={
        "points": ("recalls.drill_points", "drill_id"),
        "findings": ("recalls.drill_findings", "drill_id"),
        "outside": ("recalls.drill_consignees", "drill_id"),
        "actions": ("recalls.drill_actions", "drill_id"),
        "targets": ("recalls.drill_targets", "drill_id"),
    },
)
resource(
    "recalls.drill_targets",
    DrillTarget,
    scope=by_site("drill__"),
    columns=(
        *("id", "uid", "drill.*", "item.*", "lot.*", "serial.*", "serial_from", "serial_to"),
        *("supplier_lot", "supplier.*", "document.*", "place.*", "from_at", "until_at"),
    ),
    order=("id",),
)
resource(
    "recalls.drill_findings",
    DrillFinding,
    scope=by_site("drill__"),
    columns=(
        *("id", "uid", "drill.*", "side", "place_kind", "site.*", "consignee.*"),
        *("is_consigned", "is_rejected", "rows", "quantity"),
    ),
    order=("id",),
)
resource(
    "recalls.drill_consignees",
    DrillConsignee,
    scope=by_site("drill__"),
    columns=(
        *("id", "uid", "drill.*", "consignee.*", "delivered", "returned", "used", "destroyed"),
        *("passed_on", "standing", "consigned", "on_the_way", "has_contact", "has_licence"),
    ),
    order=("id",),
)
resource(
    "recalls.drill_actions",
    DrillAction,
    scope=by_site("drill__"),
    columns=(
        *("id", "uid", "drill.*", "act", "item.*", "lot.*", "serial.*", "is_downstream"),
        *("site.*", "document.*", "consignee.*", "quantity"),
    ),
    order=("id",),
)
resource(
    "recalls.drill_points",
    DrillPoint,
    scope=by_site("drill__"),
    columns=("id", "uid", "drill.*", "aspect", "weight", "points", "part", "whole"),
    order=("id",),
)


@question("recalls.drill_units", scope=everywhere)
def drill_units(drill_id: Id, kind: str | None = None, *, to: Reader) -> list[Unit]:
    """Where every unit that the drill covered stands now; of one kind of place where given."""
    if not RecallDrill.objects.filter(pk=drill_id).exists():
        raise NotFound(
            sentence("There is no {what} with id {id}. Look it up in its list and try again."),
            field="drill_id",
            what=str(RecallDrill._meta.verbose_name),
            id=drill_id,
        )
    return queries.list_units(queries.drilled(drill_id), kind=kind)


@question("recalls.what_if", scope=everywhere)
def what_if(
    items: Ids | None = None,
    lots: Ids | None = None,
    serials: Ids | None = None,
    document_id: Id | None = None,
    supplier_lot: Text = "",
    supplier_id: Id | None = None,
    place_id: Id | None = None,
    from_at: AwareDatetime | None = None,
    until_at: AwareDatetime | None = None,
    *,
    to: Reader,
) -> WhatIf:
    """What a recall of these goods would hold, touch and set off; nothing is held by asking."""
    wanted = [
        *(Target(item_id=pk) for pk in items or ()),
        *(Target(lot_id=pk) for pk in lots or ()),
        *(Target(serial_id=pk) for pk in serials or ()),
    ]
    if document_id:
        wanted.append(Target(document_id=document_id))
    if place_id:
        wanted.append(Target(place_id=place_id, from_at=from_at, until_at=until_at))
    if supplier_lot:
        wanted.append(Target(supplier_lot=supplier_lot, supplier_id=supplier_id))
    if not wanted:
        raise InvalidInput(sentence("Say what is recalled: items, lots or serials."), field="lots")
    at = now()
    site = Site.objects.order_by("pk").first()
    return queries.what_if(wanted, at, site.day_at(at) if site else at.date())
