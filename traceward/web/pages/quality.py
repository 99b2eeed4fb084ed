"""Quality: results, licences, recalls, what is destroyed, and the evidence of all that was done."""

from traceward.web.kit.documents import document_page
from traceward.web.kit.lists import View, list_page

list_page(
    "stock.blocks",
    cells=(
        "kind",
        "item",
        "lot/serial",
        "place",
        "reason",
        "case",
        "placed_by",
        "placed_at",
        "lifted_at",
    ),
    views=(View("standing", "生效中", "Standing", {"lifted_at__isnull": "true"}),),
    create="stock.block",
)
list_page(
    "partners.licences",
    cells=("party", "kind", "number", "classes", "valid_from", "valid_until", "revoked_at"),
    create="partners.add_licence",
)
list_page(
    "recalls.cases",
    cells=(
        "number",
        "state",
        "level",
        "reason",
        "decided_on",
        "notify_until",
        "plan_until",
        "closed_at",
    ),
    views=(View("open", "进行中", "Running", {"state": "open"}),),
    create="recalls.open",
)
document_page(
    "recalls.cases",
    next={"open": ("recalls.add_scope", "recalls.block_scope", "recalls.notify", "recalls.close")},
)
list_page(
    "warehousing.destructions",
    cells=("number", "state", "site", "reason", "method", "approved_by", "destroyed_at"),
    views=(View("proposed", "待审批", "To approve", {"state": "proposed"}),),
)
document_page(
    "warehousing.destructions",
    next={
        "proposed": ("warehousing.approve_destruction", "warehousing.cancel_destruction"),
        "approved": ("warehousing.destroy", "warehousing.cancel_destruction"),
    },
)
list_page("audit.entries", cells=("at", "actor", "verb", "outcome", "origin"))
list_page("audit.signatures", cells=("at", "person", "meaning", "subject_kind", "subject_uid"))
