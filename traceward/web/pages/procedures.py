"""How the main work is done, as the help tells it."""

from traceward.web.kit.procedures import procedure

procedure(
    "receive",
    "采购收货到上架",
    "Receive, inspect, release, put away",
    (
        "purchasing.order",
        "选供货者、物料和数量；供货者须已审核。",
        "Choose a qualified supplier, items, quantities.",
    ),
    ("purchasing.approve", "由下单人以外的人批准。", "By somebody other than who ordered."),
    (
        "purchasing.notify",
        "供货者发货后登记通知：扫描标签，批号和效期随之带出。",
        "When the supplier sends: scan the labels, lots and expiries come with them.",
    ),
    (
        "inbound.receive_notice",
        "核对随货同行单、外包装和数量；冷链须填启运时间和温度。不符时改用“登记拒收”。",
        "Compare note, packaging, quantity; cold goods need temperatures. Refuse what is wrong.",
    ),
    (
        "quality.open_inspections",
        "通常自动开立；未开立时在收货单上开立，每批一张。",
        "Opens by itself as a rule; else open it on the receipt, one for each lot.",
    ),
    (
        "inbound.record_results",
        "每批登记包装、标签、合格证明等必检项目；验收人不能是收货人。",
        "Record packaging, label, certificate of each lot; not by who received it.",
    ),
    (
        "inbound.decide_lots",
        "合格与不合格数量合计等于到货数量，签名生效；判定人不能是验收人。",
        "Accepted and rejected add up to what came; signed, and not by who inspected it.",
    ),
    (
        "warehousing.put_away",
        "按建议库位上架：合格品入合格区，不合格品入不合格区。",
        "To the proposed bin: good goods to the qualified zone, others to the rejected zone.",
    ),
)
procedure(
    "deliver",
    "销售出库到签收",
    "Order, pick, check, pack, ship, sign",
    (
        "sales.order",
        "选客户、收货地点和物料；证照超范围会被拒绝。",
        "Choose customer, place and items; what the licence does not cover is refused.",
    ),
    (
        "outbound.allocate",
        "近效期先出；未配到的批次在“为何未分配”中查原因。",
        "First expired first; “why was it not allocated” says what was passed over.",
    ),
    ("outbound.start_pick", "选集货区，生成拣货单。", "Choose the staging place; a pick is made."),
    (
        "warehousing.pick",
        "按单到库位，扫描库位码和货物标签；扫错不记账。",
        "Walk to the bin, scan place and label; a wrong scan takes nothing.",
    ),
    (
        "warehousing.check",
        "由拣货人以外的人逐件扫描复核；包装、标签有问题的不得出库。",
        "Somebody else scans everything again; damaged goods may not go out.",
    ),
    (
        "warehousing.pack",
        "勾选装入同一箱的行，箱号自动生成。",
        "Tick the lines that go into one box; its number is made.",
    ),
    (
        "warehousing.ship",
        "填运输方式、车辆或承运商；冷链填启运温度。",
        "Say how it travels, vehicle or carrier; of cold goods the temperature.",
    ),
    ("warehousing.print_delivery_note", "随货同行单随车。", "The note travels with the goods."),
    (
        "sales.sign_for",
        "按实收数量签收；其余拒收的，填拒收原因，随即登记退货。",
        "Sign for what was taken over; where the rest is refused, say why: it is announced back.",
    ),
)
procedure(
    "return",
    "销后退回",
    "Return from a customer",
    (
        "sales.announce_return",
        "在发运单上登记退货数量和原因。",
        "On the shipment: how much comes back, and why.",
    ),
    (
        "sales.receive_return",
        "扫描收入退货区，状态为待验。",
        "Scan it into the returns zone; it waits for inspection.",
    ),
    (
        "quality.record_result",
        "按退货验收要求检查，冷链须有在途温度。",
        "Inspect it; cold goods need their temperatures.",
    ),
    (
        "quality.decide",
        "合格的可重新销售，不合格的转不合格区，签名。",
        "Good goods may be sold again, others are rejected; signed.",
    ),
    ("warehousing.put_away", "在销后退回收货单上上架。", "From the receipt of the return."),
)
procedure(
    "recall",
    "召回",
    "Recall",
    (
        "recalls.open",
        "填级别、原因和范围；通知期限自动计算。",
        "Level, reason and scope; the time limit is computed.",
    ),
    (
        "recalls.block_scope",
        "冻结在库和之后到货的同批货物。",
        "Hold what is in stock, and what of it comes later.",
    ),
    (
        "recalls.notify",
        "向收到过货物的全部单位发通知，已通知的不重复。",
        "Tell everybody who got goods; nobody twice.",
    ),
    (
        "recalls.acknowledge",
        "逐家登记答复的数量；只能选已通知的单位。",
        "Enter each answer; only who was told can have answered.",
    ),
    (
        "recalls.report",
        "按期登记决定、计划和总结报告。",
        "Record the reports of decision, plan and summary in time.",
    ),
    (
        "recalls.close",
        "数量对平、报告齐全后结束，签名。",
        "When the quantities add up and the reports are there; signed.",
    ),
)
procedure(
    "transfer",
    "调拨",
    "Transfer between sites",
    ("transfers.request", "选调出、调入场所和物料。", "From which site, to which, what."),
    ("transfers.approve", "由申请人以外的人批准。", "By somebody other than who asked."),
    ("transfers.allocate", "占用调出场所的可用批次。", "Promises lots of the giving site."),
    (
        "transfers.start_pick",
        "之后与销售出库相同：拣货、复核、装箱、发运。",
        "Then as for a sale: pick, check, pack, ship.",
    ),
    (
        "transfers.receive",
        "调入方扫描收货；少货、破损即为差异。",
        "The other site scans; what is missing or damaged is a discrepancy.",
    ),
    (
        "transfers.write_off",
        "查找未果的差异核销，由登记人以外的人办理。",
        "What is not found is written off, by another than who noted it.",
    ),
)
procedure(
    "hold",
    "冻结与解冻",
    "Hold and release stock",
    (
        "stock.block",
        "选批号、序列号、库位或物料；之后到货的也冻结。",
        "A lot, serial, place or item; what comes later is held, too.",
    ),
    (
        "stock.lift_block",
        "质量负责人写明理由并签名后解冻。",
        "The quality head says why and signs.",
    ),
)
procedure(
    "rejected",
    "不合格品处置",
    "Rejected goods",
    (
        "purchasing.propose_return",
        "退供货者：从收货单申请。",
        "Back to the supplier: from the receipt.",
    ),
    ("purchasing.approve_return", "由申请人以外的人批准。", "By somebody other than who asked."),
    ("purchasing.send_return", "发出并登记承运。", "Send it, and say who carries it."),
    (
        "warehousing.propose_destruction",
        "或销毁：列出不合格库存。",
        "Or destroy it: list the rejected stock.",
    ),
    (
        "warehousing.approve_destruction",
        "质量负责人批准，签名。",
        "The quality head approves, signed.",
    ),
    ("warehousing.destroy", "填销毁方式和见证人。", "How it was destroyed, and who saw it."),
)
procedure(
    "count",
    "盘点",
    "Count stock",
    ("warehousing.count", "选库位，逐行填实点数量。", "Choose the place, and enter what is there."),
    (
        "workflow.release",
        "差异超过限额时等待审批，由盘点人以外的人决定。",
        "A large difference waits for somebody else's decision.",
    ),
)
procedure(
    "stock-check",
    "在库检查",
    "In-stock check",
    (
        "quality.check_stock",
        "选库位，检查环境、外观、包装和效期，记温湿度；可疑的货物自动冻结。",
        "Look at surroundings, packaging, expiry, climate. Doubtful goods are held at once.",
    ),
)
procedure(
    "first",
    "首营审核",
    "New partners and products",
    ("partners.register", "登记企业和业务关系。", "The company, and what it is to us."),
    (
        "partners.add_licence",
        "录入许可证、备案、授权书及有效期。",
        "Licences, filings, letters, and until when.",
    ),
    (
        "partners.qualify",
        "质量负责人审核，登记人以外的人办理。",
        "By the quality head, not by who registered it.",
    ),
    (
        "catalog.register_product",
        "录入注册证号、注册人和有效期。",
        "Registration, registrant, until when.",
    ),
    ("catalog.qualify_product", "质量负责人审核首营品种。", "By the quality head."),
    (
        "catalog.register_item",
        "为已注册产品建物料和 UDI。",
        "Items of a registered product, with their UDI.",
    ),
)
procedure(
    "make",
    "生产",
    "Production",
    (
        "production.plan",
        "选产品、数量和交期，按物料清单展开。",
        "Product, quantity, day; the bill says what it takes.",
    ),
    ("production.release", "下达后可配料。", "After that it gets its goods."),
    ("production.allocate", "占用组件批次。", "Promises lots of the components."),
    ("production.issue", "扫描发料到在制。", "Scan what is issued to work in progress."),
    (
        "production.complete",
        "登记产出批号和耗用，进入待验。",
        "What came out, and of what; it waits for inspection.",
    ),
    ("production.return_issued", "剩余退回库位。", "What is left goes back."),
    ("production.close", "在制清零后关闭。", "When nothing is left in progress."),
)
procedure(
    "people",
    "人员与权限",
    "People and roles",
    ("org.register_person", "登记姓名和登录名。", "Name and login."),
    (
        "org.grant_role",
        "授予角色，并限定法人或场所。",
        "Give a role, for a legal entity or a site.",
    ),
    (
        "org.reset_password",
        "生成一次性密码，首次登录须修改。",
        "A password for once; it is changed at the first sign-in.",
    ),
    (
        "org.deactivate_person",
        "离岗后停用账号，记录保留。",
        "Who leaves signs in no longer; the records stay.",
    ),
)
procedure(
    "books",
    "期间结账",
    "Close the books",
    (
        "stock.close_period",
        "截止时刻之前不再补录；结账后不可重开。",
        "Nothing is entered before that moment any more; it is not opened again.",
    ),
)
