"""Who we are and whom we know: parties, legal entities, sites, people, roles, keys."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db.models import DateTimeField, Exists, OuterRef, Q, Subquery

from traceward.domain.partners.models import Partner
from traceward.domain.stock.models import ClosedPeriod
from traceward.kernel.base.refusals import InvalidInput, sentence
from traceward.kernel.org import roles
from traceward.kernel.org.models import (
    ApiKey,
    LegalEntity,
    Party,
    Person,
    Role,
    RoleGrant,
    RolePermission,
    SecondFactor,
    SharedDevice,
    SignIn,
    Site,
)
from traceward.kernel.org.scope import Grant
from traceward.resources.kit import (
    Finder,
    by_site,
    resource,
    shared,
    sites_of,
    whole_group,
)

#: Periods of the books count by the days of China, wherever the reader is.
SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = (roles.ADMINISTRATOR, roles.COMPLIANCE, roles.AUDITOR, roles.EXECUTIVE)
NAMES = ("name_zh", "name_en", "sort_key")

#: Periods closed in the books of a legal entity.
BOOKS = ClosedPeriod.objects.filter(legal_entity=OuterRef("pk"))
NOT_CLOSED = "Legal entities whose books are not closed up to the beginning of this day."


def not_closed_until(day: date) -> Q:
    """Legal entities whose books are still open before the day."""
    begins = datetime.combine(day, time(), SHANGHAI)
    return ~Q(Exists(BOOKS.filter(closed_until__gte=begins)))


def without_role(is_wanted: bool) -> Q:
    """People of flesh and blood who may do nothing, since they have no role; or all the others."""
    standing = RoleGrant.objects.filter(person=OuterRef("pk"), revoked_at=None)
    idle = Q(~Exists(standing), is_active=True, is_system=False)
    return idle if is_wanted else ~idle


#: What a partner may be, and the column that says so.
PARTNERS = {one: f"is_{one}" for one in ("supplier", "maker", "customer", "carrier")}
QUALIFIED_AS = "Parties that are qualified as supplier, maker, customer or carrier."
DRIVES_FOR = "People who drive for the site with this id."


def qualified_as(role: str) -> Q:
    """Parties that were qualified (首营) as this, and may be traded with as far as that goes."""
    if role not in PARTNERS:
        raise InvalidInput(
            sentence("“{role}” is no role of a partner. Ask for one of these: {known}."),
            field="qualified_as",
            role=role,
            known=", ".join(PARTNERS),
        )
    qualified = Partner.objects.filter(party=OuterRef("pk"), is_qualified=True)
    return Q(Exists(qualified.filter(**{PARTNERS[role]: True})))


def drives_for(site_id: int) -> Q:
    """People who have the role of a driver at the site, in its legal entity or everywhere."""
    entity = Site.objects.filter(pk=site_id).values("legal_entity")[:1]
    where = Q(site=site_id) | Q(site=None, legal_entity=None)
    where |= Q(site=None, legal_entity=Subquery(entity))
    driving = RoleGrant.objects.filter(where, role__code=roles.DRIVER.code, revoked_at=None)
    return Q(Exists(driving.filter(person=OuterRef("pk"))))


resource(
    "org.parties",
    Party,
    scope=shared,
    columns=("id", "uid", *NAMES, "uscc", "gln", "country", "address", "phone"),
    search=("name_zh", "name_en", "sort_key", "uscc"),
    order=("sort_key",),
    finders={"qualified_as": Finder(str, qualified_as, QUALIFIED_AS)},
)
resource(
    "org.legal_entities",
    LegalEntity,
    scope=shared,
    columns=("id", "uid", "code", "party.*", "party.uscc", "currency", "closed_until"),
    order=("code",),
    made={
        "closed_until": Subquery(
            BOOKS.order_by("-closed_until").values("closed_until")[:1],
            output_field=DateTimeField(),
        )
    },
    finders={"not_closed_until": Finder(date, not_closed_until, NOT_CLOSED)},
)
resource(
    "org.sites",
    Site,
    scope=shared,
    columns=("id", "uid", "code", "kind", *NAMES, "legal_entity.*", "time_zone", "gln"),
    search=("code", "name_zh", "name_en", "sort_key"),
    order=("code",),
)


def colleagues(grants: tuple[Grant, ...]) -> Q:
    """Who has, or had, a role where the reader looks, or in the whole group; or none as yet."""
    if Grant(None, None) in grants:
        return Q()
    seen = Site.objects.filter(sites_of(grants))
    entities = {entity for entity, site in grants if site is None}
    entities |= set(seen.values_list("legal_entity", flat=True))
    theirs = RoleGrant.objects.filter(person=OuterRef("pk"))
    everywhere = Q(site=None, legal_entity=None)
    here = Q(site__in=seen) | Q(site=None, legal_entity__in=entities)
    return Q(Exists(theirs.filter(everywhere | here))) | ~Q(Exists(theirs))


resource(
    "org.people",
    Person,
    scope=colleagues,
    readers=OFFICE,
    columns=(
        "id",
        "uid",
        "login",
        *NAMES,
        "language",
        "is_active",
        "is_system",
        "must_change_password",
        "last_login",
    ),
    search=("login", "name_zh", "name_en", "sort_key"),
    order=("login",),
    finders={"without_role": Finder(bool, without_role, "People who have no role.")},
)
resource(
    "org.colleagues",
    Person,
    scope=colleagues,
    where=Q(is_active=True, is_system=False),
    columns=("id", "login", *NAMES),
    search=("login", "name_zh", "name_en", "sort_key"),
    order=("login",),
    finders={"drives_for": Finder(int, drives_for, DRIVES_FOR)},
)
resource(
    "org.roles",
    Role,
    scope=shared,
    columns=("id", "uid", "code", *NAMES, "needs_second_factor"),
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
    columns=("id", "uid", "person.*", "label", "issued_at", "expires_on", "used_at", "revoked_at"),
)
resource(
    "org.second_factors",
    SecondFactor,
    scope=whole_group,
    readers=OFFICE,
    columns=(
        "id",
        "uid",
        "person.*",
        "kind",
        "label",
        "added_at",
        "used_at",
        "removed_at",
        "removed_by.*",
    ),
)
resource(
    "org.sessions",
    SignIn,
    scope=whole_group,
    readers=OFFICE,
    columns=(
        "id",
        "uid",
        "person.*",
        "signed_in_at",
        "seen_at",
        "address",
        "browser",
        "factor",
        "device=device.label",
        "ended_at",
        "ended_because",
    ),
)
resource(
    "org.shared_devices",
    SharedDevice,
    scope=whole_group,
    readers=OFFICE,
    columns=("id", "uid", "label", "shared_by.*", "shared_at", "ended_at", "ended_by.*"),
    search=("label",),
)
