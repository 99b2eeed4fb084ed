"""Master records of the trade: partners and their papers, products, items, packs, places."""

from traceward.domain.catalog.models import Identifier, Item, PackagingLevel, Product
from traceward.domain.partners.models import Licence, Partner
from traceward.domain.places.models import Place
from traceward.domain.production.models import Bom, BomLine
from traceward.resources.kit import by_site, resource, shared

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
    ),
    search=("number", "party_name_zh"),
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
    ),
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
        "item=packaging.item",
        "item_code=packaging.item.code",
        "agency",
        "di",
        "withdrawn_at",
    ),
)
resource(
    "production.boms",
    Bom,
    scope=shared,
    columns=("id", "uid", "item.*", "version", "per_quantity", "effective_from", "effective_until"),
    parts={"lines": ("production.bom_lines", "bom_id")},
)
resource(
    "production.bom_lines",
    BomLine,
    scope=shared,
    columns=("id", "bom", "kind", "item.*", "quantity", "scrap_share"),
    order=("id",),
)
