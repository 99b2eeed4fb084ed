"""Master records: devices, partners, places 主数据."""

from collections.abc import Mapping
from typing import Any

from traceward.domain.catalog.models import Product
from traceward.domain.partners.models import Partner
from traceward.web.kit.documents import Banner, Related, document_page
from traceward.web.kit.lists import list_page
from traceward.web.kit.selecting import Bulk
from traceward.web.kit.suggestions import known
from traceward.web.kit.views import ALL, View, ending
from traceward.web.pages import coming, labelling, recalling
from traceward.web.visitors import Visitor


def _lapsed(partner: Mapping[str, Any], to: Visitor) -> list[Banner]:
    """Licences of the partner that are past their last day."""
    rows = known(
        "partners.licences",
        to,
        party_id=partner["party_id"],
        valid_until__lt=to.today.isoformat(),
        revoked_at__isnull=True,
    )
    is_chinese = to.language.startswith("zh")
    return [
        Banner(
            f"{row['number']} {'已于' if is_chinese else 'lapsed on'} {row['valid_until']}"
            f"{' 到期' if is_chinese else ''}",
            "tw-bad",
            f"/partners/licences/{row['id']}",
        )
        for row in rows
    ]


list_page(
    "catalog.items",
    cells=(
        "name/specification",
        "code",
        "product",
        "product_device_class",
        "maker",
        "base_unit",
        "storage_c_min",
        "storage_c_max",
        "is_implantable",
        "is_active",
    ),
    views=(
        View("active", "在用", "In use", {"is_active": "true"}),
        View("implants", "植入类", "Implants", {"is_active": "true", "is_implantable": "true"}),
        View("cold", "冷藏", "Cold", {"is_active": "true", "storage_c_max__lte": "10"}),
    ),
    create="catalog.register_item",
    bulk=(
        Bulk("catalog.deactivate_item", when={"is_active": (True,)}, icon="x"),
        Bulk("catalog.reactivate_item", when={"is_active": (False,)}, icon="check"),
    ),
    phone=("name/specification", "code", "maker", "product", "is_active"),
)
list_page(
    "catalog.products",
    cells=(
        "registration_number",
        "name",
        "registrant",
        "device_class",
        "category",
        "valid_until",
        "is_qualified",
    ),
    views=(
        View("new", "待首营审核", "To qualify", {"is_qualified": "false"}),
        View(
            "ending",
            "90 天内到期",
            "Ending in 90 d",
            {"valid_until__gte": "today", "valid_until__lte": "today+90"},
            sort="valid_until",
        ),
    ),
    create="catalog.register_product",
    bulk=(Bulk("catalog.qualify_product", when={"is_qualified": (False,)}, icon="signature"),),
    summary=ending("valid_until"),
)
list_page(
    "partners.partners",
    cells=(
        "party",
        "code",
        "party_uscc",
        "customer_class",
        "is_supplier",
        "is_maker",
        "is_customer",
        "is_carrier",
        "is_qualified",
    ),
    views=(
        View("new", "待首营审核", "To qualify", {"is_qualified": "false"}),
        View("suppliers", "供货者", "Suppliers", {"is_supplier": "true"}),
        View("customers", "购货者", "Customers", {"is_customer": "true"}),
    ),
    create="partners.register",
    bulk=(
        Bulk(
            "partners.qualify",
            fill={"partner_id": "id"},
            when={"is_qualified": (False,)},
            icon="signature",
        ),
    ),
    phone=("party", "code", "customer_class", "is_qualified"),
)
list_page(
    "places.places",
    cells=(
        "code",
        "name",
        "kind",
        "zone",
        "site",
        "parent",
        "temperature_c_min",
        "temperature_c_max",
        "is_open",
    ),
    views=(
        View("bins", "库位", "Bins", {"kind": "bin", "is_open": "true"}),
        View(
            "outside", "客户与供应商", "Outside", {"kind": ("customer", "department", "supplier")}
        ),
        View("closed", "已停用", "Closed", {"is_open": "false"}),
    ),
    create="places.open_place",
    bulk=(
        Bulk("places.close_place", when={"is_open": (True,)}, icon="x"),
        labelling.labels_of(
            labelling.PLACES, fill={"place_id": "id"}, common={"site_id": "site_id"}
        ),
    ),
    phone=("code", "name", "kind", "zone", "site"),
)
list_page(
    "catalog.packaging_levels",
    cells=("item", "level", "di", "agency", "base_units"),
    create="catalog.add_packaging_level",
)
list_page(
    "catalog.identifiers",
    cells=("di", "item", "agency", "packaging_level", "packaging_base_units", "withdrawn_at"),
    views=(View("valid", "在用", "In use", {"withdrawn_at__isnull": "true"}),),
    create="catalog.add_identifier",
    bulk=(Bulk("catalog.withdraw_identifier", when={"withdrawn_at": (None,)}, icon="x"),),
)
list_page(
    "org.parties",
    cells=("name", "uscc", "gln", "country", "phone", "address"),
    create="org.register_party",
)
list_page(
    "org.sites",
    cells=("code", "name", "kind", "legal_entity", "time_zone", "gln"),
    create="org.open_site",
)
list_page(
    "org.legal_entities",
    cells=("code", "party", "party_uscc", "currency", "closed_until"),
    create="org.register_legal_entity",
)

document_page(
    "catalog.items",
    begins=recalling.OF_ITEM,
    next=("catalog.add_packaging_level",),
    edits={"catalog.recategorise_item": "id", "catalog.certify_item": "id"},
    when={
        "catalog.deactivate_item": {"is_active": True},
        "catalog.reactivate_item": {"is_active": False},
    },
    related=(
        Related("stock.balances", "item_id", "packages"),
        Related("stock.lots", "item_id", "file-text"),
        Related("stock.moves", "item_id", "transfer"),
        Related("catalog.products", "id", "shield-check", key="product_id"),
        Related("production.boms", "item_id", "tools"),
    ),
)

document_page(
    "catalog.products",
    edits={"catalog.renew_product": "id"},
    lead=coming.by_another("catalog.qualify_product", Product, "registered_by"),
    when={"catalog.qualify_product": {"is_qualified": False}},
    related=(Related("catalog.items", "product_id", "packages"),),
)

document_page(
    "partners.partners",
    lead=coming.by_another("partners.qualify", Partner, "registered_by"),
    when={"partners.qualify": {"is_qualified": False}},
    edits={"org.amend_contact": "party_id"},
    warn=_lapsed,
    related=(
        Related("partners.licences", "party_id", "shield-check", key="party_id"),
        Related("partners.contacts", "party_id", "user", key="party_id"),
        Related("purchasing.orders", "supplier_id", "shopping-cart", key="party_id"),
        Related("sales.orders", "customer_id", "file-text", key="party_id"),
        Related("catalog.items", "maker_id", "packages", key="party_id"),
    ),
)

list_page(
    "partners.contacts",
    cells=("party", "name", "phone", "email", "language", "named_at", "ended_at"),
    views=(View("standing", "在用", "Standing", {"ended_at__isnull": "true"}), ALL),
    create="partners.name_contact",
    bulk=(Bulk("partners.end_contact", when={"ended_at": (None,)}, icon="x"),),
)
document_page("partners.contacts", when={"partners.end_contact": {"ended_at": None}})
document_page(
    "org.parties",
    edits={"org.amend_contact": "id"},
    related=(
        Related("partners.contacts", "party_id", "user"),
        Related("partners.licences", "party_id", "shield-check"),
        Related("partners.partners", "party_id", "user"),
    ),
)

document_page("catalog.packaging_levels", begins=labelling.OF_LEVEL)
document_page(
    "places.places",
    begins=(*labelling.OF_PLACE, *recalling.OF_PLACE),
    related=(
        Related("stock.balances", "place_id", "packages"),
        Related("places.places", "parent_id", "building-community"),
        Related("stock.blocks", "place_id", "lock"),
        Related("warehousing.shipments", "transit_id", "package-export"),
    ),
    when={"places.close_place": {"is_open": True}},
)
