"""Master records of the trade: partners and their papers, products, items, packs, places."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db.models import CharField, DateTimeField, Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Cast, Concat

from traceward.domain.catalog import queries
from traceward.domain.catalog.models import Identifier, Item, PackagingLevel, Product
from traceward.domain.catalog.queries import Lapsing
from traceward.domain.partners.models import Contact, Licence, Partner, Salesperson
from traceward.domain.places.models import Place, PlaceKind
from traceward.domain.production.models import Bom, BomLine
from traceward.domain.quality.models import StockCheck
from traceward.domain.stock.models import StockBalance
from traceward.resources.kit import Finder, Limit, Reader, by_site, now, question, resource, shared
from traceward.resources.personal import read_by

#: Papers of the trade count by the days of China, wherever the reader is.
SHANGHAI = ZoneInfo("Asia/Shanghai")
NAMES = ("name_zh", "name_en", "sort_key")

resource(
    "partners.partners",
    Partner,
    scope=shared,
    columns=(
        "id",
        "uid",
        "code",
        "party.*",
        "party.uscc",
        "is_supplier",
        "is_maker",
        "is_customer",
        "is_carrier",
        "customer_class",
        "is_qualified",
        "registered_by.*",
    ),
    search=("code", "party_name_zh", "party_name_en"),
)
resource(
    "partners.licences",
    Licence,
    scope=shared,
    columns=(
        "id",
        "uid",
        "party.*",
        "kind",
        "number",
        "classes",
        "categories",
        "valid_from",
        "valid_until",
        "revoked_at",
        "registration_numbers",
        "territory",
        "salesperson_read_by",
    ),
    made={"salesperson_read_by": read_by(Salesperson, "letter")},
    search=("number", "party_name_zh"),
)
resource(
    "partners.contacts",
    Contact,
    scope=shared,
    columns=(
        *("id", "uid", "party.*", "name", "phone", "email", "language"),
        *("named_at", "named_by.*", "ended_at"),
    ),
    search=("name", "email", "party_name_zh", "party_name_en"),
)
resource(
    "catalog.products",
    Product,
    scope=shared,
    columns=(
        "id",
        "uid",
        "registration_number",
        *NAMES,
        "registrant.*",
        "device_class",
        "category",
        "old_category",
        "valid_from",
        "valid_until",
        "region",
        "is_qualified",
        "registered_by.*",
    ),
    search=("registration_number", "name_zh", "name_en", "sort_key"),
)
resource(
    "catalog.items",
    Item,
    scope=shared,
    columns=(
        "id",
        "uid",
        "code",
        *NAMES,
        "material_category",
        "non_device_reason",
        "product",
        "product.registration_number",
        "product.device_class",
        "maker.*",
        "model",
        "specification",
        "base_unit",
        "has_lots",
        "has_serials",
        "is_implantable",
        "shelf_life_days",
        "storage_c_min",
        "storage_c_max",
        "storage_note",
        "has_expiry",
        "service_life",
        "product_line",
        "is_active",
    ),
    search=("code", "name_zh", "name_en", "sort_key", "model"),
    order=("code",),
    parts={"packaging": ("catalog.packaging_levels", "item_id")},
)
resource(
    "catalog.packaging_levels",
    PackagingLevel,
    scope=shared,
    columns=("id", "uid", "item.*", "level", "agency", "di", "base_units"),
    order=("id",),
)
#: In-stock checks of a place.
CHECKED = StockCheck.objects.filter(place=OuterRef("pk"))
NOT_CHECKED = "Bins in which something stands and nobody checked since this day."


def not_checked_since(day: date) -> Q:
    """Bins with goods that are due for their in-stock check (GSP art. 73)."""
    begins = datetime.combine(day, time(), SHANGHAI)
    stands = StockBalance.objects.filter(place=OuterRef("pk"), stands=True, on_hand__gt=0)
    return Q(~Exists(CHECKED.filter(checked_at__gte=begins)), Exists(stands), kind=PlaceKind.BIN)


resource(
    "places.places",
    Place,
    scope=by_site(),
    columns=(
        "id",
        "uid",
        "code",
        "kind",
        *NAMES,
        "physical",
        "site.*",
        "legal_entity.code",
        "parent.*",
        "path",
        "party.*",
        "temperature_c_min",
        "temperature_c_max",
        "zone",
        "pick_rank",
        "is_open",
        "checked_at",
    ),
    made={
        "checked_at": Subquery(
            CHECKED.order_by("-checked_at").values("checked_at")[:1], output_field=DateTimeField()
        )
    },
    finders={"not_checked_since": Finder(date, not_checked_since, NOT_CHECKED)},
    search=("code", "name_zh", "name_en"),
    order=("code",),
)
resource(
    "catalog.identifiers",
    Identifier,
    scope=shared,
    columns=(
        "id",
        "packaging",
        *("packaging.level", "packaging.base_units"),
        "item=packaging.item",
        "item_code=packaging.item.code",
        "agency",
        "di",
        "withdrawn_at",
    ),
)


def code_of(path: str) -> Concat:
    """What the bill of material at this path is called: its item and version."""
    version = Cast(f"{path}version", CharField())
    return Concat(F(f"{path}item__code"), Value(" V"), version, output_field=CharField())


resource(
    "production.boms",
    Bom,
    scope=shared,
    columns=(
        *("id", "uid", "code", "item.*", "version", "per_quantity"),
        *("effective_from", "effective_until"),
    ),
    made={"code": code_of("")},
    parts={"lines": ("production.bom_lines", "bom_id")},
)
resource(
    "production.bom_lines",
    BomLine,
    scope=shared,
    columns=(
        *("id", "bom", "bom_code", "bom_name_zh=bom.item.name_zh", "bom_name_en=bom.item.name_en"),
        *("kind", "item.*", "quantity", "scrap_share"),
    ),
    made={"bom_code": code_of("bom__")},
    order=("id",),
)


@question("catalog.lapsing_papers", scope=None)
def lapsing_papers(limit: Limit = 1_000, *, to: Reader) -> list[Lapsing]:
    """Licences, letters, agreements and certificates that lapse soon, and what they gate.

    Papers are known in the whole group, and so is this list. The day is that of Shanghai.
    """
    return queries.lapsing(now().astimezone(SHANGHAI).date(), limit=limit)
