"""People and roles, decisions that wait, interfaces to other programs 系统."""

from collections.abc import Mapping
from typing import Any

from traceward.kernel.org import roles
from traceward.kernel.rules.queries import SPECS
from traceward.kernel.workflow.models import HeldCommand
from traceward.resources import labels
from traceward.web.kit.documents import document_page
from traceward.web.kit.lists import list_page
from traceward.web.kit.selecting import Bulk
from traceward.web.kit.suggestions import Row, narrow, offer
from traceward.web.kit.views import ALL, View, stages
from traceward.web.pages import coming
from traceward.web.visitors import Visitor

list_page(
    "org.people",
    cells=("name", "login", "language", "is_active", "must_change_password", "last_login"),
    views=(
        View("active", "在用", "Active", {"is_active": "true", "is_system": "false"}),
        View("never", "从未登录", "Never signed in", {"last_login__isnull": "true"}),
        View("inactive", "已停用", "Inactive", {"is_active": "false"}),
    ),
    create="org.register_person",
    bulk=(Bulk("org.grant_role", fill={"person_id": "id"}, icon="user"),),
)
list_page(
    "org.second_factors",
    cells=("person", "kind", "label", "added_at", "used_at", "removed_at", "removed_by"),
    views=(View("standing", "生效中", "Standing", {"removed_at__isnull": "true"}),),
)
list_page(
    "org.sessions",
    cells=("person", "browser", "address", "factor", "signed_in_at", "seen_at", "ended_because"),
    views=(View("going_on", "登录中", "Signed in", {"ended_at__isnull": "true"}),),
)
list_page(
    "org.shared_devices",
    cells=("label", "shared_by", "shared_at", "ended_at", "ended_by"),
    views=(View("standing", "共用中", "Shared", {"ended_at__isnull": "true"}),),
)
list_page("audit.sign_ins", cells=("at", "verb", "actor", "origin"))
list_page(
    "org.role_grants",
    cells=("person", "role", "legal_entity", "site", "granted_at", "revoked_at"),
    views=(View("standing", "生效中", "Standing", {"revoked_at__isnull": "true"}),),
    create="org.grant_role",
    bulk=(
        Bulk(
            "org.revoke_role",
            fill={"grant_id": "id"},
            when={"revoked_at": (None,)},
            icon="x",
        ),
    ),
)
list_page(
    "workflow.held",
    cells=("verb", "why", "state", "requested_by", "requested_at", "decided_by", "decided_at"),
    views=(View("waiting", "待审批", "To decide", {"state": "waiting"}),),
    bulk=(
        Bulk(
            "workflow.release",
            fill={"held_uid": "uid"},
            when={"state": ("waiting",)},
            icon="check",
        ),
        Bulk(
            "workflow.reject",
            fill={"held_uid": "uid"},
            when={"state": ("waiting",)},
            icon="x",
        ),
    ),
)
list_page(
    "org.api_keys",
    cells=("person", "label", "issued_at", "expires_on", "used_at", "revoked_at"),
    views=(View("valid", "有效", "Valid", {"revoked_at__isnull": "true"}),),
    create="org.issue_key",
    bulk=(Bulk("org.revoke_key", fill={"key_id": "id"}, when={"revoked_at": (None,)}, icon="x"),),
)
list_page("org.roles", cells=("name", "code", "needs_second_factor"))
list_page("org.role_permissions", cells=("role", "permission"))
document_page("rules.parameters", title="key")
list_page(
    "rules.parameters",
    cells=("key", "context", "value", "valid_from", "replaced_at"),
    views=(View("valid", "生效中", "In force", {"replaced_at__isnull": "true"}),),
    create="rules.set_parameter",
)
list_page(
    "outbox.webhooks",
    cells=("name", "state", "url", "patterns", "failures", "failing_since", "created_at"),
    views=(
        View("active", "启用", "Active", {"state": "active"}),
        View("failing", "投递失败中", "Failing", {"failures__gt": "0"}, is_fault=True),
    ),
    create="outbox.register_webhook",
    bulk=(
        Bulk(
            "outbox.pause_webhook",
            fill={"webhook_uid": "uid"},
            when={"state": ("active",)},
            icon="lock",
        ),
        Bulk(
            "outbox.resume_webhook",
            fill={"webhook_uid": "uid"},
            when={"state": ("paused",)},
            icon="check",
        ),
    ),
)
list_page(
    "outbox.mails",
    cells=("address", "heading", "subject", "state", "attempts", "queued_at", "settled_at", "why"),
    views=(
        ALL,
        View("failed", "未送达", "Failed", {"state": "failed"}, is_fault=True),
        View("queued", "待发送", "Waiting", {"state": "queued"}),
    ),
)
document_page(
    "outbox.mails",
    facts=(
        *("heading", "subject", "name", "address", "queued_at", "attempts", "due_at"),
        *("settled_at", "outlet", "why", "body"),
    ),
)
list_page(
    "outbox.deliveries",
    cells=("webhook", "event_name", "state", "attempts", "due_at", "settled_at", "why"),
    views=(View("parked", "搁置", "Parked", {"state": "parked"}, is_fault=True),),
    bulk=(
        Bulk(
            "outbox.retry_delivery",
            fill={"delivery_uid": "uid"},
            when={"state": ("parked",)},
            icon="check",
        ),
        Bulk(
            "outbox.skip_delivery",
            fill={"delivery_uid": "uid"},
            when={"state": ("parked",)},
            icon="x",
        ),
    ),
    summary=stages(
        "state",
        ("queued", "待投递", "Queued", "tw-info"),
        ("parked", "搁置", "Parked", "tw-bad"),
        ("delivered", "已投递", "Delivered", "tw-ok"),
    ),
)
list_page("outbox.attempts", cells=("at", "delivery", "status", "milliseconds", "answer"))
list_page("outbox.handlers", cells=("id", "last_sequence", "last_ordinal", "failures"))
list_page("outbox.events", cells=("at", "name", "subject", "data"))
list_page(
    "outbox.parked",
    cells=("handler", "event_name", "parked_at", "why", "solved_at"),
    views=(View("open", "待处理", "Open", {"solved_at__isnull": "true"}, is_fault=True),),
    bulk=(
        Bulk(
            "outbox.retry_parked",
            fill={"parked_uid": "uid"},
            when={"solved_at": (None,)},
            icon="check",
        ),
        Bulk(
            "outbox.solve_parked",
            fill={"parked_uid": "uid"},
            when={"solved_at": (None,)},
            icon="x",
        ),
    ),
)
list_page(
    "documents.documents",
    cells=("number", "kind", "state", "site", "created_by", "created_at"),
    views=(
        ALL,
        View("today", "今天", "Today", {"created_at__gte": "today"}),
    ),
)
list_page(
    "documents.files",
    cells=(
        *("file_name", "document", "document_kind", "role", "standing", "file_size"),
        *("attached_by", "attached_at"),
    ),
    views=(ALL, View("void", "已作废", "Void", {"standing": "void"})),
)
document_page(
    "documents.files",
    facts=(
        *("document", "document_kind", "role", "standing", "replaces", "file_size", "sha256"),
        *("attached_by", "attached_at", "voided_because", "voided_by", "voided_at"),
    ),
    next=("documents.void_file",),
    when={"documents.void_file": {"standing": "counts"}},
)


@offer("org.grant_role.role")
def roles_to_give(_person: Row, to: Visitor) -> list[tuple[str, str]]:
    """The roles of the trade, by their names."""
    way = "zh" if to.language.startswith("zh") else "en"
    return [(role.code, role.names[way]) for role in roles.ALL if role != roles.SYSTEM]


@offer("rules.set_parameter.key")
def parameters(_row: Row, to: Visitor) -> list[tuple[str, str]]:
    """Every parameter by what it decides, what it is where nothing is set, and on what it depends.

    What it depends on is written into the context: a line for each, such as item = 17.
    """
    return [
        (
            key,
            f"{labels.of_parameter(spec).in_language(to.language)} ({key}; {spec.default}"
            f"{'; ' + ', '.join(spec.dimensions) if spec.dimensions else ''})",
        )
        for key, spec in sorted(SPECS.items())
    ]


@narrow("documents.attach_file.replaces_id")
def replaceable(document: Row, to: Visitor) -> Mapping[str, Any]:
    """The document's files that count."""
    return {"document_id": document["id"], "standing": "counts"}


document_page(
    "workflow.held",
    lead=coming.by_another("workflow.release", HeldCommand, "requested_by"),
    next=("workflow.reject",),
    when={"workflow.release": {"state": "waiting"}, "workflow.reject": {"state": "waiting"}},
)
