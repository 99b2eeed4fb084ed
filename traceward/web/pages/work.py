"""What goes on and waits for its next step: what comes, is picked, sent, made."""

from traceward.web.kit.boards import wait

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
    "销后退回待收",
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
    "to_start",
    "待下达拣货",
    "Orders to pick for",
    "sales.orders",
    where={"state": "open", "waits_for_pick": "true"},
    first="number",
    second=("customer", "deliver_to"),
    aside="ordered_on",
)
wait(
    "transfers_to_start",
    "调拨待下达拣货",
    "Transfers to pick for",
    "transfers.orders",
    where={"state": "approved", "waits_for_pick": "true"},
    first="number",
    second=("site", "to_site"),
    aside="wanted_on",
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
    "transfers_arriving",
    "调拨在途待收",
    "Transfers to receive",
    "warehousing.shipments",
    where={"state": "shipped", "demand_kind": "transfers.order", "deliver_to_site_id": "here"},
    first="number",
    second=("demand", "site"),
    aside="dispatched_at",
    sort="dispatched_at",
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
