"""What was done, after a verb: 已上架, Put away. Made of the verb's words, but for these."""

#: Verb → the Chinese words, where 已 before the button's are none.
DEEDS: dict[str, str] = {
    "catalog.qualify_product": "首营品种已审核",
    "inbound.decide_lots": "已判定",
    "inbound.record_results": "已登记验收结果",
    "org.require_second_factor": "已更新双因素要求",
    "outbound.allocate": "已配货",
    "partners.qualify": "首营企业已审核",
    "production.allocate": "已配料",
    "production.complete": "已完工入库",
    "production.plan": "已建工单",
    "production.plan_rework": "已建返工工单",
    "purchasing.order": "已下采购订单",
    "quality.check_stock": "已登记在库检查",
    "quality.decide": "已判定",
    "recalls.drill": "已启动召回演练",
    "quality.look_through": "已审阅",
    "quality.release": "已放行",
    "sales.order": "已开销售订单",
    "sales.receive_return": "已收销后退回",
    "stock.block_all": "已冻结",
    "stock.close_period": "已结账",
    "stock.watch": "已检查库存预警",
    "transfers.allocate": "已配货",
    "transfers.receive": "已收货",
    "transfers.request": "已申请调拨",
    "warehousing.read_refused_deliverer": "已查看拒收送货人",
}
#: English first words whose past is not made by the rule.
PAST = {
    "cancel": "cancelled",
    "catch": "caught",
    "choose": "chosen",
    "plan": "planned",
    "put": "put",
    "read": "read",
    "reset": "reset",
    "scrap": "scrapped",
    "send": "sent",
    "set": "set",
    "ship": "shipped",
    "skip": "skipped",
    "unnest": "unnested",
    "withdraw": "withdrawn",
    "write": "written",
}


def past(text: str) -> str:
    """An English button as what was done: "Record result" is "Recorded result"."""
    verb, space, rest = text.partition(" ")
    known = PAST.get(verb.lower())
    if known is None:
        stem = verb.lower()
        if stem.endswith("e"):
            known = f"{stem}d"
        elif stem.endswith("y") and stem[-2] not in "aeiou":
            known = f"{stem[:-1]}ied"
        else:
            known = f"{stem}ed"
    return f"{known.capitalize()}{space}{rest}"
