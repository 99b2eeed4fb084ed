"""Quality: results, licences, recalls, what is destroyed, and the evidence of all that was done."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import Q

from traceward.kernel.command.keys import people_among
from traceward.kernel.documents.models import Document
from traceward.kernel.org.models import RoleGrant, Site
from traceward.web.kit.documents import Banner, Related, document_page
from traceward.web.kit.lists import list_page
from traceward.web.kit.pickers import INSIDE
from traceward.web.kit.selecting import Bulk
from traceward.web.kit.suggestions import Row, below, known, narrow, needs, offer
from traceward.web.kit.verbs import address
from traceward.web.kit.views import ALL, View, ending, stages
from traceward.web.pages import coming
from traceward.web.pages.suggestions import own_sites
from traceward.web.visitors import Visitor

#: Of what goes back or is destroyed: how many stands where it is seen.
TAKEN = (
    "line_number",
    "item",
    "lot/serial",
    "lot_expires_on",
    "quantity",
    "status",
    "place",
    "owner",
)
#: So many may be ticked as witnesses.
WITNESSES = 60

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
    views=(
        View("standing", "生效中", "Standing", {"lifted_at__isnull": "true"}),
        View(
            "recall",
            "召回冻结",
            "Recalled",
            {"lifted_at__isnull": "true", "kind": "recall"},
            is_fault=True,
        ),
    ),
    create="stock.block",
    bulk=(
        Bulk(
            "stock.lift_block",
            fill={"block_uid": "uid"},
            when={"lifted_at": (None,)},
            icon="shield-check",
        ),
    ),
    phone=("kind", "item", "lot/serial", "place", "reason", "placed_at"),
)
list_page(
    "partners.licences",
    cells=("party", "kind", "number", "classes", "valid_from", "valid_until", "revoked_at"),
    views=(
        View(
            "ending",
            "90 天内到期",
            "Ending in 90 d",
            {
                "valid_until__gte": "today",
                "valid_until__lte": "today+90",
                "revoked_at__isnull": "true",
            },
            sort="valid_until",
        ),
        View(
            "ended",
            "已过期",
            "Ended",
            {"valid_until__lt": "today", "revoked_at__isnull": "true"},
            is_fault=True,
            sort="valid_until",
        ),
        View("standing", "未停用", "Not suspended", {"revoked_at__isnull": "true"}),
    ),
    create="partners.add_licence",
    bulk=(Bulk("partners.revoke_licence", when={"revoked_at": (None,)}, icon="x"),),
    summary=ending("valid_until"),
    phone=("party", "kind", "number", "valid_until", "classes"),
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
    views=(
        View("open", "进行中", "Running", {"state": "open"}),
        View(
            "late",
            "通知逾期",
            "Notices late",
            {"state": "open", "notify_until__lt": "today"},
            is_fault=True,
        ),
    ),
    create="recalls.open",
    bulk=(
        Bulk("recalls.notify", icon="file-text"),
        Bulk("recalls.block_scope", icon="lock"),
    ),
    summary=stages(
        "level",
        ("1", "一级", "Level 1", "tw-bad"),
        ("2", "二级", "Level 2", "tw-warn"),
        ("3", "三级", "Level 3", ""),
    ),
)
document_page(
    "recalls.cases",
    lead=coming.recalls,
    is_led_in_list=False,
    related=(Related("stock.blocks", "case_id", "lock", where={"lifted_at__isnull": "true"}),),
)
list_page(
    "recalls.drills",
    cells=(
        *("number", "state", "level", "reason", "score", "began_at", "scopes", "standing"),
        *("consignees", "promises", "next_on"),
    ),
    views=(
        View("drilling", "演练中", "Under way", {"state": "drilling"}),
        View(
            "due",
            "30 天内应再演练",
            "Due within 30 d",
            {"next_on__lte": "today+30", "followed_by__isnull": "true"},
            sort="next_on",
            is_fault=True,
        ),
    ),
    create="recalls.drill",
    phone=("number", "state", "reason", "score", "began_at"),
)
document_page(
    "recalls.drills",
    next=("recalls.conclude_drill",),
    lines={
        "points": ("aspect", "points", "weight", "part", "whole"),
        "actions": ("act", "item", "lot/serial", "site", "document", "consignee", "quantity"),
    },
)
list_page(
    "warehousing.destructions",
    cells=("number", "state", "site", "reason", "method", "approved_by", "destroyed_at"),
    views=(
        View("proposed", "待审批", "To approve", {"state": "proposed"}),
        View("approved", "待销毁", "To destroy", {"state": "approved"}),
    ),
    bulk=(
        Bulk("warehousing.approve_destruction", icon="signature"),
        Bulk("warehousing.cancel_destruction", icon="x"),
    ),
)
for verb in ("warehousing.approve_destruction", "warehousing.destroy"):
    below(verb, "lines", *TAKEN)
document_page(
    "warehousing.destructions",
    lead=coming.by_another(
        "warehousing.approve_destruction", Document, "created_by", "warehousing.destroy"
    ),
    next=("warehousing.cancel_destruction",),
    lines={"lines": TAKEN},
)
list_page(
    "recalls.notices",
    cells=("case", "case_state", "consignee", "quantity", "notified_at", "answered_at", "found"),
    views=(
        View(
            "waiting",
            "待答复",
            "Not answered",
            {"case_state": "open", "answered_at__isnull": "true"},
            sort="notified_at",
        ),
    ),
    sums=("quantity",),
    sum_by="case_id",
)
list_page(
    "recalls.targets",
    cells=(
        "case",
        "item",
        "lot/serial",
        "supplier_lot",
        "supplier",
        "place",
        "added_by",
        "added_at",
    ),
)
list_page(
    "recalls.messages",
    cells=("case", "consignee", "kind", "contact_name", "mail_state", "opened_at", "made_at"),
)
list_page(
    "recalls.checks",
    cells=("case", "consignee", "how", "result", "checked_on", "note", "recorded_by"),
)
list_page("recalls.scopes", cells=("case", "item", "lot/serial", "is_downstream", "block"))
list_page(
    "recalls.reports",
    cells=("case", "kind", "reported_on", "reference", "note", "recorded_by", "recorded_at"),
)
list_page(
    "quality.results",
    cells=(
        "inspection",
        "check_name",
        "is_passed",
        "sample_quantity",
        "defective_quantity",
        "note",
        "recorded_by/recorded_at",
    ),
    views=(
        ALL,
        View("failed", "不通过", "Failed", {"is_passed": "false"}),
    ),
)
list_page("quality.restrictions", cells=("source", "item", "reason"))
list_page(
    "audit.entries",
    cells=("at", "actor", "verb", "outcome", "origin"),
    views=(
        ALL,
        View("refused", "今天被拒绝", "Refused today", {"outcome": "refused", "at__gte": "today"}),
        View("today", "今天", "Today", {"at__gte": "today"}),
    ),
)
list_page(
    "audit.signatures",
    cells=("at", "person", "meaning", "subject_kind", "subject"),
    views=(ALL, View("recent", "近 7 天", "Last 7 d", {"at__gte": "today-7"})),
)
document_page(
    "audit.signatures",
    facts=("at", "person", "meaning", "subject_kind", "subject", "command_id", "uid"),
)
list_page(
    "audit.seals",
    cells=("sealed_at", "first_sequence", "last_sequence", "tree_size", "key"),
)
list_page(
    "audit.verifications",
    cells=("at", "findings", "first_finding", "seals", "seconds", "is_fast"),
    views=(
        ALL,
        View("found", "有发现", "With findings", {"findings__gt": "0"}, is_fault=True),
    ),
)

document_page(
    "stock.blocks",
    lead=coming.blocks,
    when={"stock.lift_block": {"lifted_at": None}},
)


#: Days before its last one on which a licence is to be renewed.
RENEWED_WITHIN = timedelta(days=90)


def _renewal(licence: Mapping[str, Any], to: Visitor) -> list[Banner]:
    """The way to its renewal, which keeps its number (Order 54 art. 16), where it ends soon."""
    ends, verb = licence["valid_until"], "partners.add_licence"
    if ends is None or ends > to.today + RENEWED_WITHIN or not to.may(verb):
        return []
    asked = {name: licence[name] for name in ("party_id", "kind", "number")}
    asked["classes"] = ", ".join(str(one) for one in licence["classes"])
    asked["valid_from"] = ends + timedelta(days=1)
    if to.language.startswith("zh"):
        words = f"有效期至 {ends}：登记延续后的证照（证号不变）"
    else:
        words = f"Valid until {ends}: enter its renewal, which keeps the number"
    here = f"/partners/licences/{licence['id']}"
    tone = "tw-bad" if ends < to.today else "tw-warn"
    return [Banner(words, tone, address(verb, **asked, next=here))]


document_page(
    "partners.licences",
    when={
        "partners.revoke_licence": {"revoked_at": None},
        "partners.reinstate_licence": {"revoked_at": ...},
        "partners.erase_salesperson": {"kind": "authorisation"},
        "partners.read_salesperson": {"kind": "authorisation"},
    },
    warn=_renewal,
)


@narrow(
    "recalls.issue_link.consignee_id",
    "recalls.check_effectiveness.consignee_id",
)
def who_has_a_notice(case: Row, to: Visitor) -> Mapping[str, Any]:
    """Consignees that were told of it."""
    return {"id": [row["consignee_id"] for row in known("recalls.notices", to, case_id=case["id"])]}


needs("recalls.acknowledge", "quarantined", "used")


@narrow("recalls.open.supplier_id", "recalls.add_scope.supplier_id", of_none=True)
def who_supplies(_none: Row, _to: Visitor) -> Mapping[str, Any]:
    """Of whom goods come."""
    return {"qualified_as": "supplier"}


@narrow("recalls.acknowledge.consignee_id", "recalls.remind.consignee_ids")
def who_was_told(case: Row, to: Visitor) -> Mapping[str, Any]:
    """Consignees that were told of it, those who have not answered before the others."""
    told = known("recalls.notices", to, case_id=case["id"])
    waiting = [row["consignee_id"] for row in told if row["answered_at"] is None]
    return {"id": waiting or [row["consignee_id"] for row in told]}


@narrow("warehousing.propose_destruction.balance_id", of_none=True)
def in_the_house(site: Row, to: Visitor) -> Mapping[str, Any]:
    """Goods that stand in the house where they propose it."""
    sites = [site["id"]] if site else own_sites("warehousing.propose_destruction", to)
    where = {"site_id": sites} if sites else {}
    return {"place_kind": list(INSIDE), "on_hand__gt": 0, **where}


@offer("warehousing.destroy.witness_ids")
def who_saw_it(destruction: Row, to: Visitor) -> list[tuple[str, str]]:
    """Who works at the site, those who work nowhere else first; never who destroys."""
    if not destruction:
        return []
    site = Site.objects.get(pk=destruction["site_id"])
    entity = Q(legal_entity=None) | Q(legal_entity=site.legal_entity_id)
    grants = RoleGrant.objects.filter(Q(site=site) | entity & Q(site=None), revoked_at=None)
    grants = grants.exclude(person=to.person).select_related("person", "role")
    found: dict[int, list[str]] = {}
    for grant in grants.order_by("site", "legal_entity", "person__sort_key", "role__sort_key"):
        words = found.setdefault(grant.person_id, [grant.person.name(to.language)])
        words.append(grant.role.name(to.language))
    working = people_among(found)
    named = [(str(pk), " · ".join(words)) for pk, words in found.items() if pk in working]
    return named[:WITNESSES]
