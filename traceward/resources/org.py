"""Who we are and whom we know: parties, legal entities, sites, people, roles, keys."""

from traceward.kernel.org import roles
from traceward.kernel.org.models import (
    ApiKey,
    LegalEntity,
    Party,
    Person,
    Role,
    RoleGrant,
    RolePermission,
    Site,
)
from traceward.resources.kit import by_site, resource, shared, whole_group

OFFICE = (roles.ADMINISTRATOR, roles.COMPLIANCE, roles.AUDITOR, roles.EXECUTIVE)
NAMES = ("name_zh", "name_en", "sort_key")

resource(
    "org.parties",
    Party,
    scope=shared,
    columns=("id", "uid", *NAMES, "uscc", "gln", "country", "address", "phone"),
    search=("name_zh", "name_en", "sort_key", "uscc"),
    order=("sort_key",),
)
resource(
    "org.legal_entities",
    LegalEntity,
    scope=shared,
    columns=("id", "uid", "code", "party.*", "party.uscc", "currency"),
    order=("code",),
)
resource(
    "org.sites",
    Site,
    scope=shared,
    columns=("id", "uid", "code", "kind", *NAMES, "legal_entity.*", "time_zone", "gln"),
    search=("code", "name_zh", "name_en", "sort_key"),
    order=("code",),
)
resource(
    "org.people",
    Person,
    scope=shared,
    readers=OFFICE,
    columns=("id", "uid", "login", *NAMES, "language", "is_active", "is_system", "last_login"),
    search=("login", "name_zh", "name_en", "sort_key"),
    order=("login",),
)
resource(
    "org.roles",
    Role,
    scope=shared,
    columns=("id", "uid", "code", *NAMES),
    order=("code",),
)
resource(
    "org.role_permissions",
    RolePermission,
    scope=shared,
    columns=("id", "role.*", "permission"),
)
resource(
    "org.role_grants",
    RoleGrant,
    scope=by_site(),
    readers=OFFICE,
    columns=(
        "id",
        "uid",
        "person.*",
        "role.*",
        "legal_entity.*",
        "site.*",
        "granted_at",
        "revoked_at",
    ),
)
resource(
    "org.api_keys",
    ApiKey,
    scope=whole_group,
    readers=OFFICE,
    columns=("id", "uid", "person.*", "label", "issued_at", "expires_on", "revoked_at"),
)
