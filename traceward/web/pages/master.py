"""Master records: devices, partners, places 主数据."""

from traceward.web.kit.lists import View, list_page

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
    create="catalog.register_item",
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
    views=(View("new", "待首营审核", "To qualify", {"is_qualified": "false"}),),
    create="catalog.register_product",
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
    views=(View("new", "待首营审核", "To qualify", {"is_qualified": "false"}),),
    create="partners.register",
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
    create="places.open_place",
)
