"""The rail, and the pages in each module's panel; a role sees what it may read."""

from traceward.web.kit.shell import module

module(
    "stock",
    "packages",
    "库存",
    "Stock",
    (
        "",
        "",
        ("stock.balances", "stock.lots", "stock.serials", "stock.containers", "trace.identify"),
    ),
    ("标签", "Labels", ("warehousing.label_prints", "warehousing.printed_labels")),
    (
        "查询",
        "Questions",
        (
            "places.standing",
            "stock.by_status",
            "stock.ending_by_site",
            "stock.items_on_hand",
            "stock.on_hand",
            "stock.items_in_past",
            "stock.in_past",
        ),
    ),
    ("流水", "Ledger", ("stock.moves", "stock.reservations", "stock.genealogy")),
    (
        "预警",
        "Warnings",
        ("stock.near_expiry", "stock.expired", "stock.out_of_limits", "stock.resting"),
    ),
    (
        "追溯",
        "Trace",
        (
            "trace.forward",
            "trace.backward",
            "trace.flows",
            "trace.events",
            "trace.timeline",
            "trace.mass_balances",
            "trace.documents",
            "trace.goods",
            "trace.epcis",
        ),
    ),
    (
        "控制",
        "Control",
        ("stock.blocks", "stock.alerts", "stock.early_warnings", "stock.closed_periods"),
    ),
    (
        "盘点",
        "Counts",
        ("warehousing.counts", "quality.stock_checks", "records.counts", "records.stock_checks"),
    ),
)
module(
    "inbound",
    "package-import",
    "收货",
    "Inbound",
    (
        "",
        "",
        ("purchasing.notices", "warehousing.receipts", "quality.inspections", "warehousing.scans"),
    ),
    ("待收货", "To arrive", ("warehousing.expected_deliveries", "warehousing.refusals")),
    (
        "查询",
        "Questions",
        (
            *("warehousing.look_up", "warehousing.by_day"),
            *("warehousing.judge_arrival", "warehousing.judge_check"),
        ),
    ),
    ("明细", "Lines", ("purchasing.notice_lines", "warehousing.receipt_lines")),
    ("记录", "Records", ("records.receipts", "records.acceptances", "records.storings")),
)
module(
    "outbound",
    "package-export",
    "出库",
    "Outbound",
    ("", "", ("warehousing.picks", "warehousing.shipments", "sales.deliveries")),
    ("明细", "Lines", ("warehousing.pick_lines", "warehousing.shipment_lines")),
    ("记录", "Records", ("records.outbound_checks", "records.delivery_notes")),
    ("", "", ("records.transports",)),
)
module(
    "sales",
    "heart-rate-monitor",
    "销售",
    "Sales",
    ("", "", ("sales.orders", "sales.order_lines", "sales.returns", "sales.usages")),
    (
        "寄售",
        "Consignment",
        ("sales.consignment_sales", "sales.consigned", "sales.used_and_sold"),
    ),
    ("配货", "Allocation", ("stock.passed_over",)),
    ("记录", "Records", ("records.sales", "records.used_sales", "records.returns")),
)
module(
    "transfers",
    "transfer",
    "调拨",
    "Transfers",
    ("", "", ("transfers.orders", "transfers.lines", "transfers.discrepancies")),
    ("查询", "Questions", ("transfers.unsettled",)),
)
module(
    "purchasing",
    "shopping-cart",
    "采购",
    "Purchasing",
    ("", "", ("purchasing.orders", "purchasing.order_lines", "purchasing.returns")),
    ("记录", "Records", ("records.purchases",)),
)
module(
    "production",
    "tools",
    "生产",
    "Production",
    ("", "", ("production.orders", "production.transformations", "production.boms")),
)
module(
    "quality",
    "shield-check",
    "质量",
    "Quality",
    (
        "",
        "",
        (
            *("quality.judge_release", "quality.results"),
            *("quality.restrictions", "warehousing.destructions"),
        ),
    ),
    ("证照", "Licences", ("partners.licences", "catalog.lapsing_papers")),
    (
        "召回",
        "Recalls",
        (
            "recalls.cases",
            "recalls.targets",
            "recalls.scopes",
            "recalls.notices",
            "recalls.reports",
            "recalls.progress",
            "recalls.units",
            "recalls.groups",
        ),
    ),
    (
        "召回演练",
        "Drills",
        ("recalls.drills", "recalls.drill_units", "recalls.what_if"),
    ),
    ("证据", "Evidence", ("audit.entries", "audit.signatures", "audit.seals")),
    (
        "完整性",
        "Completeness",
        ("records.completeness", "records.of_document", "trace.completeness"),
    ),
)
module(
    "master",
    "building-community",
    "主数据",
    "Master data",
    (
        "器械",
        "Devices",
        ("catalog.items", "catalog.products", "catalog.packaging_levels", "catalog.identifiers"),
    ),
    ("伙伴", "Partners", ("partners.partners", "partners.contacts", "org.parties")),
    ("场所", "Places", ("org.sites", "places.places", "org.legal_entities")),
)
module(
    "system",
    "settings",
    "系统",
    "System",
    (
        "人员",
        "People",
        ("org.people", "org.roles", "org.role_permissions", "org.role_grants"),
    ),
    (
        "登录",
        "Signing in",
        (
            *("audit.sign_ins", "org.sessions", "org.shared_devices"),
            *("org.second_factors", "org.api_keys"),
        ),
    ),
    ("审批", "Decisions", ("workflow.held", "workflow.acknowledgements")),
    ("规则", "Rules", ("rules.parameters", "rules.known_parameters")),
    (
        "接口",
        "Interfaces",
        ("outbox.webhooks", "outbox.deliveries", "outbox.attempts", "outbox.mails"),
    ),
    ("事件", "Events", ("outbox.events", "outbox.order", "outbox.handlers", "outbox.parked")),
    ("单据", "Documents", ("documents.documents", "documents.files", "audit.verifications")),
)
