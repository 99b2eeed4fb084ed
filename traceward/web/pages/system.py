"""People and roles, decisions that wait, interfaces to other programs 系统."""

from traceward.web.kit.lists import View, list_page

list_page(
    "org.people",
    cells=("name", "login", "language", "is_active", "last_login"),
    create="org.register_person",
)
list_page(
    "org.role_grants",
    cells=("person", "role", "legal_entity", "site", "granted_at", "revoked_at"),
    views=(View("standing", "生效中", "Standing", {"revoked_at__isnull": "true"}),),
    create="org.grant_role",
)
list_page(
    "workflow.held",
    cells=("verb", "why", "state", "requested_by", "requested_at", "decided_by", "decided_at"),
    views=(View("waiting", "待决定", "To decide", {"state": "waiting"}),),
)
list_page("outbox.webhooks", create="outbox.register_webhook")
