"""What waits for each role when the day begins: its home 工作台. The worst stands first."""

from traceward.kernel.org import roles
from traceward.web.kit.boards import home, wait
from traceward.web.pages.inspecting import receipts_next
from traceward.web.pages.recalling import recall_next

wait(
    "recalls",
    "进行中的召回",
    "Recalls under way",
    "recalls.cases",
    view="open",
    first="number",
    second=("level", "reason"),
    aside="notify_until",
    sort="notify_until",
    lead=recall_next,
    tone="tw-bad",
    is_alert=True,
)
wait(
    "recall_answers",
    "召回通知待答复",
    "Recall notices not answered",
    "recalls.notices",
    view="waiting",
    first="consignee",
    second=("case", "quantity"),
    aside="notified_at",
    sort="notified_at",
    tone="tw-bad",
)
wait(
    "expired",
    "已过期未处置",
    "Expired, still in stock",
    "stock.expired",
    tone="tw-bad",
    is_alert=True,
    is_slow=True,
)
wait(
    "rejected",
    "不合格品待处置",
    "Rejected stock",
    "stock.balances",
    view="rejected",
    first="item",
    second=("lot", "place", "on_hand"),
    tone="tw-bad",
    is_alert=True,
    is_slow=True,
)
wait(
    "findings",
    "校验发现问题",
    "Verifications with findings",
    "audit.verifications",
    where={"findings__gt": "0"},
    first="first_finding",
    second=("findings",),
    aside="at",
    sort="-id",
    tone="tw-bad",
    is_alert=True,
)
wait(
    "parked",
    "停放的事件",
    "Parked events",
    "outbox.parked",
    where={"solved_at__isnull": "true"},
    first="event_name",
    second=("handler", "why"),
    aside="parked_at",
    acts=(("outbox.retry_parked", "parked_uid", "uid"),),
    tone="tw-bad",
    is_alert=True,
)
wait(
    "blocks",
    "生效中的锁定",
    "Blocks standing",
    "stock.blocks",
    view="standing",
    first="reason",
    second=("kind", "item", "lot", "serial", "place", "case"),
    aside="placed_at",
    acts=(("stock.lift_block", "block_uid", "uid"),),
    tone="tw-hold",
)
wait(
    "discrepancies",
    "调拨差异待处理",
    "Discrepancies to settle",
    "transfers.discrepancies",
    where={"decided_at__isnull": "true"},
    first="shipment",
    second=("kind", "quantity"),
    aside="noted_at",
    acts=(("transfers.write_off", "shipment_id", "shipment_id"),),
    tone="tw-bad",
    is_alert=True,
)
wait(
    "held",
    "待决定的操作",
    "Held commands to decide",
    "workflow.held",
    view="waiting",
    first="verb",
    second=("requested_by",),
    aside="requested_at",
    acts=(("workflow.release", "held_uid", "uid"),),
    tone="tw-wait",
    is_alert=True,
)
wait(
    "inspections",
    "待判定批次",
    "Lots to decide",
    "quality.inspections",
    view="open",
    first="item",
    second=("number", "lot", "supplier"),
    aside="lot_expires_on",
    tone="tw-wait",
)
wait(
    "receipts",
    "待验收、待上架",
    "Receipts to accept or put away",
    "warehousing.receipts",
    view="received",
    first="number",
    second=("supplier", "place"),
    aside="arrived_at",
    lead=receipts_next,
    tone="tw-wait",
)
wait(
    "destructions",
    "销毁待审批",
    "Destructions to approve",
    "warehousing.destructions",
    view="proposed",
    first="number",
    second=("site", "reason"),
    aside="created_at",
    tone="tw-wait",
    is_alert=True,
)
wait(
    "destroying",
    "待销毁",
    "To destroy",
    "warehousing.destructions",
    where={"state": "approved"},
    first="number",
    second=("site", "reason"),
    aside="approved_at",
    tone="tw-wait",
)
wait(
    "purchases",
    "采购订单待审批",
    "Purchase orders to approve",
    "purchasing.orders",
    view="submitted",
    first="number",
    second=("supplier", "site"),
    aside="wanted_on",
    tone="tw-wait",
    is_alert=True,
)
wait(
    "transfers",
    "调拨待审批",
    "Transfers to approve",
    "transfers.orders",
    view="requested",
    first="number",
    second=("site", "to_site", "reason"),
    aside="wanted_on",
    tone="tw-wait",
    is_alert=True,
)
wait(
    "supplier_returns",
    "采购退货待审批",
    "Returns to suppliers to approve",
    "purchasing.returns",
    view="proposed",
    first="number",
    second=("supplier", "reason"),
    aside="created_at",
    tone="tw-wait",
    is_alert=True,
)
wait(
    "sending_back",
    "采购退货待发出",
    "Returns to suppliers to send",
    "purchasing.returns",
    where={"state": "approved"},
    first="number",
    second=("supplier", "reason"),
    aside="approved_at",
)
wait(
    "new_partners",
    "首营企业待审核",
    "Partners to qualify",
    "partners.partners",
    view="new",
    first="party",
    second=("code", "registered_by"),
    acts=(("partners.qualify", "partner_id", "id"),),
    tone="tw-wait",
)
wait(
    "new_products",
    "首营品种待审核",
    "Products to qualify",
    "catalog.products",
    view="new",
    first="name",
    second=("registration_number", "registrant"),
    aside="valid_until",
    acts=(("catalog.qualify_product", "product_id", "id"),),
    tone="tw-wait",
)
wait(
    "licences",
    "90 天内到期的证照",
    "Licences that lapse within 90 days",
    "partners.licences",
    where={
        "valid_until__gte": "today",
        "valid_until__lte": "today+90",
        "revoked_at__isnull": "true",
    },
    first="party",
    second=("kind", "number"),
    aside="valid_until",
    sort="valid_until",
    tone="tw-warn",
    is_alert=True,
)
wait(
    "registrations",
    "90 天内到期的注册证",
    "Registrations that lapse within 90 days",
    "catalog.products",
    where={"valid_until__gte": "today", "valid_until__lte": "today+90"},
    first="name",
    second=("registration_number", "registrant"),
    aside="valid_until",
    sort="valid_until",
    acts=(("catalog.renew_product", "product_id", "id"),),
    tone="tw-warn",
    is_alert=True,
)
wait(
    "near",
    "近效期库存",
    "Stock near expiry",
    "stock.near_expiry",
    tone="tw-warn",
    is_slow=True,
)
wait(
    "alerts",
    "库存预警",
    "Stock alerts",
    "stock.alerts",
    where={"ended_at__isnull": "true"},
    first="item",
    second=("kind", "site", "quantity"),
    aside="raised_at",
    tone="tw-warn",
    is_alert=True,
)
wait(
    "webhooks",
    "已暂停的推送",
    "Paused webhooks",
    "outbox.webhooks",
    where={"state": "paused"},
    first="name",
    second=("url", "reason"),
    acts=(("outbox.resume_webhook", "webhook_uid", "uid"),),
    tone="tw-warn",
    is_alert=True,
)
wait(
    "notices",
    "待收货",
    "To receive",
    "purchasing.notices",
    view="announced",
    first="number",
    second=("supplier", "site"),
    aside="expected_on",
    sort="expected_on",
)
wait(
    "returns",
    "销售退货待收",
    "Returns to receive",
    "sales.returns",
    view="announced",
    first="number",
    second=("customer", "reason"),
    aside="created_at",
)
wait(
    "to_check",
    "待复核",
    "Picks to check",
    "warehousing.picks",
    view="picked",
    first="number",
    second=("consignee", "deliver_to", "staging"),
    aside="created_at",
)
wait(
    "to_pick",
    "待拣货",
    "Picks to pick",
    "warehousing.picks",
    view="open",
    first="number",
    second=("consignee", "deliver_to", "staging"),
    aside="created_at",
)
wait(
    "to_ship",
    "待发运",
    "Picks to ship",
    "warehousing.picks",
    view="checked",
    first="number",
    second=("consignee", "deliver_to", "staging"),
    aside="created_at",
)
wait(
    "my_trips",
    "我的在途",
    "My shipments on the way",
    "warehousing.shipments",
    where={"state": "shipped", "driver_id": "me"},
    first="number",
    second=("consignee", "deliver_to"),
    aside="dispatched_at",
    verbs=("sales.sign_for",),
)
wait(
    "shipments",
    "在途发运",
    "Shipments on the way",
    "warehousing.shipments",
    view="shipped",
    first="number",
    second=("consignee", "deliver_to", "carrier_name"),
    aside="dispatched_at",
    verbs=("sales.sign_for",),
)
wait(
    "sales_orders",
    "未完成销售订单",
    "Sales orders open",
    "sales.orders",
    view="open",
    first="number",
    second=("customer", "deliver_to", "customer_reference"),
    aside="ordered_on",
)
wait(
    "arriving",
    "采购待到货",
    "Purchase orders to arrive",
    "purchasing.orders",
    view="approved",
    first="number",
    second=("supplier", "site"),
    aside="wanted_on",
    sort="wanted_on",
)
wait(
    "moving",
    "执行中的调拨",
    "Transfers under way",
    "transfers.orders",
    view="approved",
    first="number",
    second=("site", "to_site", "reason"),
    aside="wanted_on",
)
wait(
    "planned",
    "待下达生产单",
    "Production orders to release",
    "production.orders",
    view="planned",
    first="item",
    second=("number", "quantity", "site"),
    aside="due_on",
    sort="due_on",
)
wait(
    "producing",
    "生产中",
    "Production under way",
    "production.orders",
    view="released",
    first="item",
    second=("number", "quantity", "made"),
    aside="due_on",
    sort="due_on",
)

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
        "parked",
    ),
)
home(
    roles.QUALITY_CONTROLLER,
    *("recalls", "expired", "rejected", "blocks", "inspections", "receipts"),
    *("licences", "registrations", "near"),
)
home(roles.INSPECTOR, "receipts", "inspections", "notices", "returns", "blocks")
home(roles.MAINTENANCE, "expired", "near", "blocks", "rejected", "alerts")
home(
    roles.STOREKEEPER,
    *("expired", "receipts", "notices", "returns", "to_pick", "to_check", "to_ship"),
    *("destroying", "sending_back", "shipments", "near"),
)
home(roles.PICKER, "to_pick", "to_check", "to_ship")
home(roles.CHECKER, "to_check", "to_pick", "to_ship")
home(
    roles.SUPERVISOR,
    *("expired", "held", "discrepancies", "purchases", "transfers", "receipts", "notices"),
    *("to_pick", "to_check", "to_ship", "shipments", "near", "alerts", "destroying"),
)
home(roles.BUYER, "arriving", "purchases", "notices", "supplier_returns", "licences", "alerts")
home(roles.SALES, "sales_orders", "shipments", "returns", "licences", "near")
home(roles.PRODUCTION, "producing", "planned", "inspections", "blocks", "alerts")
home(
    roles.PLANNER,
    *("alerts", "sales_orders", "arriving", "transfers", "moving", "planned", "producing", "near"),
)
home(roles.DISPATCHER, "to_ship", "to_check", "shipments", "moving", "sending_back")
home(roles.DRIVER, "my_trips", "to_ship")
home(roles.COORDINATOR, "notices", "arriving", "shipments", "returns", "moving")
home(
    roles.COMPLIANCE,
    *("recalls", "recall_answers", "findings", "licences", "registrations", "blocks", "expired"),
    *("new_partners", "new_products", "parked", "destructions"),
)
home(roles.FINANCE, "purchases", "arriving", "sales_orders", "supplier_returns", "returns")
home(roles.DATA_OWNER, "new_products", "new_partners", "registrations", "licences")
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
home(roles.ADMINISTRATOR, "findings", "parked", "webhooks", "held")
home(roles.SYSTEM)
