"""The words of values that stand for something: what models and sentences have no words for yet.

States, statuses and the choices of models are told by their own translations; see `of_value`.
"""

from traceward.domain.catalog.rules import UNITS

YES, NO = ("是", "Yes"), ("否", "No")

_PLACES = "places.places.kind"
_CLASSES = {"1": ("第一类", "Class I"), "2": ("第二类", "Class II"), "3": ("第三类", "Class III")}
#: Of all documents a work order alone is released; a held command is, too, and that is 已批准.
_OF_DOCUMENTS = {"released": ("已下达", "Released")}
_LEVELS = {"1": ("一级", "Level 1"), "2": ("二级", "Level 2"), "3": ("三级", "Level 3")}
_FOUND = {
    "item": ("物料", "Item"),
    "lot": ("批号", "Lot"),
    "serial": ("序列号", "Serial"),
    "container": ("容器", "Container"),
    "place": ("库位", "Place"),
    "document": ("单据", "Document"),
    "partner": ("往来单位", "Partner"),
    "usage": ("使用记录", "Usage"),
}

_ACTS = {
    "blocked": ("冻结", "Blocked"),
    "lifted": ("解冻", "Lifted"),
    "moved": ("移动", "Moved"),
}
_STATIONS = {
    "site": ("场所", "Site"),
    "transit": ("在途", "In transit"),
    "consignee": ("收货单位", "Consignee"),
    "used": ("已使用", "Used"),
    "supplier": ("供货者", "Supplier"),
    "production": ("生产", "Production"),
    "adjustment": ("盘点", "Count"),
    "destruction": ("销毁", "Destruction"),
}
_PENDING = {"pending": ("待验", "Pending inspection")}
_AT_THE_DOOR = {
    "sign_in.closed": ("退出", "Signed out"),
    "sign_in.locked": ("账号锁定", "Locked"),
    "sign_in.opened": ("登录", "Signed in"),
    "sign_in.pin_refused": ("口令被拒", "PIN refused"),
    "sign_in.switched": ("以口令继续", "Went on by PIN"),
    "sign_in.refused": ("登录被拒", "Sign-in refused"),
    "signature.refused": ("签名被拒", "Signature refused"),
}

_ATTACHED = {
    "certificate": ("合格证明", "Certificate"),
    "other": ("其他", "Other"),
    "photo": ("照片", "Photo"),
    "supplier note": ("供方随货同行单", "Supplier's delivery note"),
    "temperature record": ("温度记录", "Temperature record"),
    "test report": ("检验报告", "Test report"),
}

_STRATEGIES = {
    "edd": ("到期日内优先", "Good on the due date"),
    "fefo": ("近效期先出", "First expired first out"),
    "fifo": ("先进先出", "First in first out"),
    "lefo": ("远效期先出", "Last expired first out"),
    "lot_first": ("尾批先出", "Empty lots first"),
    "nearest": ("就近拣货", "Nearest first"),
    "one_lot": ("单一批号", "One lot only"),
}
_DIMENSIONS = {
    "customer": ("购货者", "Customer"),
    "customer_class": ("购货者类别", "Customer class"),
    "item": ("物料", "Item"),
    "kind": ("类型", "Kind"),
    "legal_entity": ("法人", "Legal entity"),
    "level": ("召回级别", "Recall level"),
    "lot": ("批号", "Lot"),
    "product_line": ("产品线", "Product line"),
    "site": ("场所", "Site"),
}

#: Written as in `apart`: for an area, a list or a command, or everywhere.
VALUES: dict[str, dict[str, tuple[str, str]]] = {
    "size": {
        f"{width}x{height}": (f"{width}×{height} 毫米", f"{width} × {height} mm")
        for width, height in ((50, 30), (70, 40), (100, 60), (100, 100), (100, 150))
    },
    "outbox.mails.outlet": {
        "file": ("沙箱文件", "Sandbox file"),
        "smtp": ("邮件服务器", "Mail server"),
    },
    "product_line": {
        "capital": ("医用设备", "Capital equipment"),
        "cardio": ("心血管介入", "Cardiovascular intervention"),
        "eye": ("眼科", "Ophthalmology"),
        "ivd": ("体外诊断", "In vitro diagnostics"),
        "joint": ("关节", "Joint replacement"),
        "material": ("原辅料", "Materials"),
        "own": ("自产产品", "Own products"),
        "rhythm": ("心律管理", "Cardiac rhythm"),
        "spine": ("脊柱", "Spine"),
        "surgery": ("外科", "Surgery"),
        "trauma": ("创伤", "Trauma"),
        "ward": ("病房耗材", "Ward consumables"),
    },
    "check_name": {
        "packaging": ("包装", "Packaging"),
        "label": ("标签", "Label"),
        "certificate": ("合格证明文件", "Certificate"),
    },
    "audit.sign_ins.verb": _AT_THE_DOOR,
    "audit.entries.verb": _AT_THE_DOOR,
    "org.sessions.factor": {
        "app": ("验证器", "Authenticator app"),
        "key": ("安全密钥", "Security key"),
        "recovery": ("恢复码", "Recovery code"),
        "pin": ("数字口令", "PIN"),
    },
    "org.sessions.ended_because": {
        "by hand": ("本人结束", "Ended by hand"),
        "device": ("设备停止共用", "Device ended"),
        "switched": ("换人或改用口令", "Went on otherwise"),
        "factors": ("双因素已重置", "Factors reset"),
        "inactive": ("账号已停用", "Account deactivated"),
        "password": ("密码已更改", "Password changed"),
        "signed out": ("已退出", "Signed out"),
        "time": ("超时", "Too long"),
    },
    "org.second_factors.kind": {
        "app": ("验证器", "Authenticator app"),
        "key": ("安全密钥", "Security key"),
    },
    "catalog.lapsing_papers.kind": {"registration": ("注册证／备案", "Registration")},
    "classes": _CLASSES,
    "factor": {"none": ("无", "None")},
    "device_class": _CLASSES,
    "document_state": _OF_DOCUMENTS,
    "documents.documents.state": _OF_DOCUMENTS,
    "documents.attach_file.role": _ATTACHED,
    "documents.files.role": {"delivery note": ("随货同行单", "Delivery note"), **_ATTACHED},
    "documents.files.standing": {
        "counts": ("有效", "Valid"),
        "replaced": ("已替换", "Replaced"),
        "void": ("已作废", "Void"),
    },
    "documents.links.kind": {
        "continuation": ("后续召回", "Continuation"),
        "delivery": ("签收", "Delivery"),
        "notice": ("发货通知", "Notice"),
        "pick": ("拣货", "Pick"),
        "receipt": ("收货", "Receipt"),
        "return": ("退货", "Return"),
        "shipment": ("发运", "Shipment"),
    },
    "expiry_basis": {
        "best before": ("最佳使用期至", "Best before"),
        "expiry": ("失效日期", "Expiry"),
        "valid until": ("有效期至", "Valid until"),
    },
    "base_unit": UNITS,
    "country": {"CN": ("中国", "China")},
    "currency": {"CNY": ("人民币", "CNY")},
    "time_zone": {"Asia/Shanghai": ("北京时间", "China time")},
    "unit": UNITS,
    "language": {"en": ("英文", "English"), "zh-hans": ("简体中文", "Simplified Chinese")},
    "outcome": {
        "done": ("已完成", "Done"),
        "held": ("待审批", "Held"),
        "refused": ("已拒绝", "Refused"),
    },
    "product_device_class": _CLASSES,
    "production.orders.state": _OF_DOCUMENTS,
    "recalls.level": _LEVELS,
    "recalls.remind.how": {
        "call": ("电话", "By telephone"),
        "mail": ("邮件", "By e-mail"),
        "paper": ("书面通知已送交", "Printed notice handed over"),
    },
    "recalls.cases.state": {"withdrawn": ("已撤销", "Withdrawn")},
    "warehousing.receipt_lines.status": {"partly qualified": ("部分合格", "Partly qualified")},
    "rules.known_parameters.choices": _STRATEGIES,
    "rules.known_parameters.default": _STRATEGIES,
    "rules.known_parameters.dimensions": _DIMENSIONS,
    "shortfall": {
        "line": ("整行满足或不配", "Whole lines only"),
        "refuse": ("缺货则全部不配", "All or nothing"),
        "take": ("有多少配多少", "As far as it goes"),
    },
    "warehousing.change_lot.why": {
        "damaged": ("批次破损", "Lot damaged"),
        "not there": ("库位无此批", "Not at its bin"),
        "other": ("其他（写明）", "Other: say which"),
        "short life": ("剩余效期不足", "Too little shelf life"),
    },
    "transport_mode": {
        "自有车辆": ("自有车辆", "Own vehicle"),
        "第三方运输": ("第三方运输", "Carrier"),
    },
    "stock.expired.status": _PENDING,
    "stock.on_hand.forbids_promise": _PENDING,
    "stock.near_expiry.status": _PENDING,
    "strategy": _STRATEGIES,
    "trace.completeness.kind": {
        "finished": ("成品", "Finished goods"),
        "raw": ("原材料", "Raw material"),
        "semi-finished": ("半成品", "Semi-finished goods"),
        "shipped": ("已发运", "Shipped"),
        "wip": ("在制", "Work in progress"),
    },
    "trace.completeness.lacks": {
        "certificate": ("注册证", "Certificate"),
        "consignee": ("收货单位", "Consignee"),
        "document": ("单据", "Document"),
        "expiry": ("有效期", "Expiry"),
        "inputs": ("投入", "Inputs"),
        "outputs": ("产出", "Outputs"),
        "supplier": ("供货者", "Supplier"),
        "udi": ("唯一标识", "UDI"),
    },
    "trace.direction": {
        "backward": ("向上追溯", "Backward"),
        "forward": ("向下追踪", "Forward"),
    },
    "trace.events.at_kind": _STATIONS,
    "trace.events.from_kind": _STATIONS,
    "trace.events.to_kind": _STATIONS,
    "trace.events.what": _ACTS,
    "trace.flows.from_kind": _STATIONS,
    "trace.flows.to_kind": _STATIONS,
    "trace.identify.kind": _FOUND,
    "trace.timeline.what": _ACTS,
    "warehousing.look_up.how": {
        "consumed": ("已耗用", "Consumed"),
        "destroyed": ("已销毁", "Destroyed"),
        "missing": ("已缺失", "Missing"),
        "returned to supplier": ("已退供货者", "Returned to supplier"),
        "used": ("已使用", "Used"),
    },
    "warehousing.look_up.kind": _FOUND,
    "warehousing.look_up.what": {
        "expires": ("有效期", "Expiry"),
        "item": ("物料", "Item"),
        "level": ("包装级别", "Packaging level"),
        "lot": ("批号", "Lot"),
        "produced": ("生产日期", "Production date"),
        "quantity": ("数量", "Quantity"),
        "serial": ("序列号", "Serial number"),
        "sterilisation_lot": ("灭菌批号", "Sterilisation lot"),
    },
    "zone": {
        "qualified": ("合格品区", "Qualified"),
        "rejected": ("不合格品区", "Rejected"),
    },
}

#: Values that are those of a column under another name.
LIKE: dict[str, str] = {
    "catalog.lapsing_papers.kind": "partners.licences.kind",
    "org.open_site.kind": "org.sites.kind",
    "partners.add_licence.kind": "partners.licences.kind",
    "places.open_place.kind": _PLACES,
    "production.define_bom.kind": "production.bom_lines.kind",
    "production.plan_rework.kind": "production.bom_lines.kind",
    "recalls.groups.kind": _PLACES,
    "recalls.open.kind": "recalls.cases.origin",
    "recalls.level": "recalls.cases.level",
    "recalls.progress.kind": _PLACES,
    "recalls.drill_findings.place_kind": _PLACES,
    "recalls.drill_units.kind": _PLACES,
    "recalls.what_if.kind": _PLACES,
    "recalls.check_effectiveness.how": "recalls.checks.how",
    "recalls.check_effectiveness.result": "recalls.checks.result",
    "recalls.report.kind": "recalls.reports.kind",
    "recalls.units.kind": _PLACES,
    **{f"recalls.{name}.held_as": "stock.blocks.kind" for name in ("units", "drill_units")},
    **{f"stock.{name}.held_as": "stock.blocks.kind" for name in ("balances", "lots", "serials")},
    "stock.block.kind": "stock.blocks.kind",
    "stock.block_all.kind": "stock.blocks.kind",
    "warehousing.look_up.kind": "stock.blocks.kind",
}

#: Values that are verbs of commands, or names of lists and questions.
VERBAL = frozenset(
    {
        "changed_with",
        "contact_read_by",
        "deliverer_read_by",
        "gates",
        "permission",
        "receiver_read_by",
        "salesperson_read_by",
        "verb",
    }
)
#: Values that are kinds of documents and other records, such as "purchasing.order".
KINDS = frozenset(
    {"demand_kind", "document_kind", "earlier_kind", "kind", "later_kind", "subject_kind"}
)
