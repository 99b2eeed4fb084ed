"""What waits for each role when the day begins, and what they begin: its home 工作台."""

from traceward.kernel.org import roles
from traceward.web.kit.boards import home

home(
    roles.QUALITY_HEAD,
    *("recalls", "recall_answers", "expired", "rejected", "blocks", "held", "inspections"),
    *(
        "destructions",
        "supplier_returns",
        "discrepancies",
        "new_partners",
        "new_products",
        "licences",
        "drills",
        "parked",
    ),
    starts=("recalls.open", "stock.block", "recalls.drill"),
)
home(
    roles.QUALITY_CONTROLLER,
    *("recalls", "expired", "rejected", "blocks", "inspections", "receipts"),
    *("licences", "registrations", "near"),
    starts=("stock.block", "quality.check_stock", "partners.add_licence"),
)
home(roles.INSPECTOR, "receipts", "inspections", "notices", "returns", "blocks")
home(
    roles.MAINTENANCE,
    *("expired", "unchecked", "near", "blocks", "rejected", "alerts"),
    starts=("quality.check_stock",),
)
home(
    roles.STOREKEEPER,
    *("recalled_in", "expired", "receipts", "notices", "transfers_arriving", "returns"),
    *("to_start", "to_pick", "to_check"),
    *("to_ship", "transfers_to_start", "destroying", "sending_back", "shipments", "near"),
    starts=("warehousing.count", "warehousing.refuse_delivery", "transfers.request"),
)
home(roles.PICKER, "to_pick", "to_check", "to_ship")
home(roles.CHECKER, "to_check", "to_pick", "to_ship")
home(
    roles.SUPERVISOR,
    *(
        "recalled_in",
        "expired",
        "held",
        "discrepancies",
        "purchases",
        "transfers",
        "receipts",
        "notices",
    ),
    *("transfers_arriving", "to_start", "transfers_to_start", "to_pick", "to_check", "to_ship"),
    *("shipments", "near", "alerts", "destroying"),
    starts=("warehousing.count", "transfers.request", "warehousing.propose_destruction"),
)
home(
    roles.BUYER,
    *("arriving", "purchases", "notices", "supplier_returns", "licences", "alerts"),
    starts=("purchasing.order", "partners.register", "partners.add_licence"),
)
home(
    roles.SALES,
    *("recalled_out", "sales_orders", "shipments", "returns", "licences", "near"),
    starts=("sales.order", "partners.register", "sales.use"),
)
home(
    roles.PRODUCTION,
    *("producing", "planned", "inspections", "blocks", "alerts"),
    starts=("production.plan", "production.define_bom"),
)
home(
    roles.PLANNER,
    *("alerts", "sales_orders", "arriving", "transfers", "moving", "planned", "producing", "near"),
    starts=("transfers.request", "production.plan"),
)
home(roles.DISPATCHER, "to_ship", "to_check", "shipments", "moving", "sending_back")
home(roles.DRIVER, "my_trips", "to_ship")
home(
    roles.COORDINATOR,
    *("recalled_out", "notices", "arriving", "shipments", "returns", "moving"),
    starts=("sales.use",),
)
home(
    roles.COMPLIANCE,
    *("recalls", "recall_answers", "findings", "licences", "registrations", "blocks", "expired"),
    *("new_partners", "new_products", "drills", "parked", "destructions"),
    starts=("recalls.open", "stock.block", "partners.add_licence"),
)
home(
    roles.FINANCE,
    *("books", "purchases", "arriving", "sales_orders", "supplier_returns", "returns"),
    starts=("stock.close_period",),
)
home(
    roles.DATA_OWNER,
    *("new_products", "new_partners", "registrations", "licences"),
    starts=(
        *("catalog.register_product", "catalog.register_item", "partners.register"),
        "org.register_party",
    ),
)
home(
    roles.EXECUTIVE,
    *("recalls", "expired", "rejected", "discrepancies", "purchases", "transfers", "held"),
    *("blocks", "licences", "near", "sales_orders", "shipments"),
)
home(
    roles.AUDITOR,
    *("recalls", "findings", "expired", "rejected", "blocks", "held", "discrepancies"),
    *("destructions", "licences", "parked"),
)
home(
    roles.ADMINISTRATOR,
    *("findings", "parked", "webhooks", "idle_people", "keys", "held"),
    starts=("org.register_person", "org.grant_role", "org.issue_key", "places.open_place"),
)
home(roles.SYSTEM)
