"""What each parameter decides, in Chinese; its declaration says it in English."""

PARAMETERS: dict[str, str] = {
    "catalog.papers.warning_days": "证照、注册证到期前多少天预警。",
    "production.lot_number": "未填生产批号时的编号规则，花括号中可用 entity、order、run、yyyy 等。",
    "production.mixes_lots": "同一组件的多个批号是否可投入同一产出批。",
    "production.over_production_percent": "允许超出工单数量的百分比。",
    "quality.decide.other_person": "验收判定须由检验员以外的人作出。",
    "org.pin.hours": "在共用设备上完整登录后多少小时内数字口令有效。",
    "org.pin.idle_minutes": "共用设备闲置多少分钟后须输入数字口令。",
    "org.pin.tries": "数字口令输错多少次后须在该设备上完整登录。",
    "quality.inspection.checks": "缺少其中任一项检查即不得判定；其他检查为附加项。",
    "recalls.drill_every_months": "召回演练后多少个月内须再次演练。",
    "recalls.drill_weights": (
        "召回演练各评分项的分值：件件有着落、收货单位明确、可联系、证照有效、按时完成。"
    ),
    "recalls.drill_within_minutes": "各级召回演练须在开始后多少分钟内结束。",
    "quality.release.looked_minutes": "放行人须在多少分钟内审阅过该批资料。",
    "quality.release.together": "输入一次密码最多可签署放行的批数；1 为逐批签署。",
    "quality.release.together_class": "可与其他批一并签署放行的最高管理类别；更高类别逐批签署。",
    "recalls.check_percent": "结束召回前，已通知的单位中至少百分之几须做有效性检查，按召回级别。",
    "recalls.link_days": "收货单位凭链接答复的有效天数。",
    "recalls.remind_after_hours": "多少小时未答复即自动邮件催办，按召回级别；此后同样间隔再催。",
    "recalls.remind_at_most": "每次召回对一个单位最多自动催办几次，此后只由人工催办。",
    "recalls.remind_before_limit_hours": "通知时限届满前几小时，对未答复的单位再催办一次。",
    "recalls.notify_within_days": "各级召回须在多少日内通知到收货单位（局令 29 号）。",
    "recalls.plan_within_working_days": (
        "作出召回决定后多少个工作日内报告调查评估和召回计划（局令 29 号；使用前请按原文核对）。"
    ),
    "recalls.summary_within_working_days": (
        "召回完成后多少个工作日内提交总结报告（局令 29 号；使用前请按原文核对）。"
    ),
    "stock.adjust.hold_above": "库存调整数量超过此数须审批。",
    "stock.allocation.minimum_days": "批号剩余效期至少多少天方可分配。",
    "stock.allocation.strategy": (
        "库存分配的次序：fefo、edd、fifo、lefo、lot_first、one_lot、nearest。"
    ),
    "stock.maximum": "一个场所最多存放的可用数量（基本单位）；0 为不限。",
    "stock.minimum": "一个场所至少存放的可用数量（基本单位）；0 为不限。",
    "stock.near_expiry.days": "批号到期前多少天预警。",
    "stock.near_expiry.percents": "同上，按剩余效期占有效期的百分比；填写时以此为准。",
    "stock.resting_days": "无出库多少天后视为呆滞库存。",
    "transfers.arrives_qualified": "同一法人内调拨的货物到货时是否仍为合格。",
    "warehousing.gs1_company_prefix": "法人的 GS1 厂商识别代码（4 至 12 位）：其 SSCC 以此开头。",
}
