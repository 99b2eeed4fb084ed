"""What people want to know, and the address that answers it: `docs/reference/questions.md`.

An address may have values in capitals: LOT, PLACE and so on are ids of rows. `tests/house` sees to
it that every question is named, `tests/api/test_addresses.py` asks each of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args, get_type_hints

Topic = tuple[str, str, tuple[tuple[str, str, str], ...]]

NOTE = "Made by `python -m tests.house.reference` from `tests/house/asked.py`.\n"

#: Section in Chinese and English; of each row what is wanted in Chinese and English, and where.
WANTED: tuple[Topic, ...] = (
    (
        "认码",
        "A code, a number, a name",
        (
            (
                "这个条码是什么、在哪里、什么状态",
                "what a barcode is, where it stands, in what state",
                "warehousing/ask/look_up?codes=CODE",
            ),
            (
                "刚扫的这一件是否在到货通知内、属于哪一行",
                "whether what was just scanned was announced, and by which line",
                "warehousing/ask/judge_arrival?document_id=NOTICE&codes=CODE",
            ),
            (
                "刚扫的这一件是否为本单所拣",
                "whether what was just scanned was picked for this order",
                "warehousing/ask/judge_check?pick_id=PICK&codes=CODE",
            ),
            (
                "这个箱子（SSCC）里有什么、随哪张出库单走的",
                "what is in a box (SSCC), and with which shipment it went",
                "warehousing/ask/look_up?codes=SSCC",
            ),
            (
                "一个号码或名称可能是什么，从哪里开始追溯",
                "what a number or name may be, and where its trace begins",
                "trace/ask/identify?text=TEXT",
            ),
            ("按编号找任何单据", "any document by its number", "documents/documents?q=NUMBER"),
            (
                "按批号找批次，按序列号找单件",
                "a lot by its number, a serial by its number",
                "stock/lots?q=NUMBER, stock/serials?q=NUMBER",
            ),
        ),
    ),
    (
        "库存",
        "Stock",
        (
            (
                "每个货品在库与在途各多少",
                "how much of each item stands in our places and on its way",
                "stock/ask/items_on_hand",
            ),
            (
                "哪里有什么货，可否动用（过期、冻结、召回）",
                "what stands where, and whether it may be used (expired, on hold, recalled)",
                "stock/ask/on_hand?lots=LOT",
            ),
            (
                "一个场所的每个库位里有什么",
                "what stands in each place of a site",
                "places/ask/standing?site_id=SITE",
            ),
            (
                "各场所库存按状态各多少",
                "how much stands at each site, by its state",
                "stock/ask/by_status",
            ),
            (
                "某库位、某状态的库存逐行",
                "the balances of a place or status, row by row",
                "stock/balances?place_id=PLACE&status=qualified",
            ),
            ("占用给了哪些订单行", "which order lines stock is promised to", "stock/reservations"),
            (
                "为何没有给这张订单配某个批次",
                "why a lot was not promised to an order",
                "stock/ask/passed_over?document_id=ORDER",
            ),
            (
                "过去某一时刻每个货品有多少",
                "how much of each item there was at a past moment",
                "stock/ask/items_in_past?happened=MOMENT",
            ),
            (
                "过去某一时刻哪里有什么",
                "what stood where at a past moment",
                "stock/ask/in_past?happened=MOMENT&lots=LOT",
            ),
            ("库存是怎样变动的", "how stock moved", "stock/moves?lot_id=LOT"),
            ("什么被冻结或召回", "what is blocked", "stock/blocks?lifted_at__isnull=true"),
        ),
    ),
    (
        "预警",
        "Warnings",
        (
            ("哪些批次临近效期", "which lots expire soon", "stock/ask/near_expiry"),
            (
                "各场所多少批次在多少天内到期",
                "how many lots of each site end within how many days",
                "stock/ask/ending_by_site",
            ),
            (
                "哪些已过期仍当作可用存放",
                "what is expired and still stands as if it were not",
                "stock/ask/expired",
            ),
            (
                "哪些低于下限或高于上限",
                "what is below its minimum or above its maximum",
                "stock/ask/out_of_limits",
            ),
            ("哪些久放不动", "what rests for long", "stock/ask/resting"),
            (
                "这些规则可设哪些参数，现为何值",
                "which parameters the rules have, and what stands in them now",
                "rules/ask/known_parameters, rules/parameters",
            ),
            (
                "哪些证照即将到期，会挡住什么",
                "which papers lapse soon, and what they stop",
                "catalog/ask/lapsing_papers",
            ),
            (
                "已发出的预警",
                "the warnings that were raised",
                "stock/alerts?ended_at__isnull=true, stock/early_warnings",
            ),
        ),
    ),
    (
        "今天的活",
        "Today's work",
        (
            (
                "待供应商到货的采购订单与发货通知",
                "orders and notices whose goods have to come",
                "purchasing/orders?state=approved, purchasing/notices?state=announced",
            ),
            (
                "最近每天收了多少单、发了多少单",
                "how many receipts and shipments there were each day",
                "warehousing/ask/by_day?days=14",
            ),
            ("待上架的收货单", "receipts to be put away", "warehousing/receipts?state=received"),
            (
                "待验收、待判定的验收单",
                "inspections to be decided",
                "quality/inspections?state=open",
            ),
            (
                "这批货能不能放行，哪一项还不满足",
                "whether inspected goods may be released, and what is lacking",
                "quality/ask/judge_release?inspection_ids=INSPECTION",
            ),
            ("未完成的销售订单", "sales orders that are open", "sales/orders?state=open"),
            (
                "待占用库存的订单行",
                "order lines to promise stock to",
                "sales/order_lines?to_promise__gt=0",
            ),
            (
                "还差多少货未到的采购订单行",
                "what of purchase orders has not come",
                "purchasing/order_lines?due__gt=0",
            ),
            (
                "待拣、待复核、待发的拣货单",
                "picks to be picked, checked, shipped",
                "warehousing/picks?state=open&state=picked&state=checked",
            ),
            ("在途的出库单", "shipments on their way", "warehousing/shipments?state=shipped"),
            (
                "在途或缺少的调拨货物",
                "what of transfers is on its way or missing",
                "transfers/ask/unsettled",
            ),
            (
                "等另一人批准的操作",
                "commands that wait for another person",
                "workflow/held?state=waiting",
            ),
        ),
    ),
    (
        "追溯与召回",
        "Trace and recall",
        (
            (
                "这批货用到了哪里、现在在哪里",
                "what this went into, and where all of it stands",
                "trace/ask/forward?lots=LOT",
            ),
            (
                "这件货由什么做成、从哪里来",
                "what this was made of, and where it came from",
                "trace/ask/backward?serials=SERIAL",
            ),
            (
                "一个批次的全部经过：从采购订单到使用",
                "the whole story of a lot, from the purchase order to its use",
                "trace/ask/timeline?nodes=LOT",
            ),
            (
                "一个批次从哪里到哪里各多少",
                "how much of a lot went from where to where",
                "trace/ask/flows?nodes=LOT",
            ),
            (
                "一个批次的关键事件，新的在前",
                "the key events of a lot, the newest first",
                "trace/ask/events?nodes=LOT",
            ),
            (
                "一个批次的事件，按 EPCIS 2.0 交给伙伴",
                "the events of a lot as EPCIS 2.0, for partners",
                "trace/ask/epcis?nodes=LOT",
            ),
            (
                "一箱或一张单据里有哪些批次可追溯",
                "which lots of a box or document can be traced",
                "trace/ask/goods?documents=DOCUMENT",
            ),
            (
                "货物随哪些单据移动过",
                "the documents under which goods moved",
                "trace/ask/documents?nodes=LOT",
            ),
            (
                "进、出、存是否对得上",
                "whether what came, went and stands adds up",
                "trace/ask/mass_balances?nodes=LOT",
            ),
            ("追溯信息缺什么", "what the trace lacks", "trace/ask/completeness"),
            (
                "召回涉及的每一件在哪里",
                "where every unit of a recall is",
                "recalls/ask/units?case_id=CASE",
            ),
            (
                "召回按地点与收货方汇总",
                "a recall by kind of place and consignee",
                "recalls/ask/groups?case_id=CASE",
            ),
            (
                "召回进行到哪一步、还差什么",
                "how far a recall is, and what is open",
                "recalls/ask/progress?case_id=CASE",
            ),
            (
                "假如召回某批次会冻结什么、涉及谁",
                "what a recall of a lot would hold, and whom it would concern",
                "recalls/ask/what_if?lots=LOT",
            ),
            (
                "召回演练涉及的货物现在在哪里",
                "where the goods of a drill stand now",
                "recalls/ask/drill_units?drill_id=DRILL",
            ),
            (
                "演练得分、失分原因与下次期限",
                "how well a drill went, what lost points, and when the next is due",
                "recalls/drills, recalls/drill_points?drill_id=DRILL",
            ),
        ),
    ),
    (
        "销售与寄售",
        "Sales and consignment",
        (
            ("客户处尚属我方的货", "what of ours stands at customers'", "sales/ask/consigned"),
            (
                "寄售订单用掉了什么",
                "what was used of a consignment order",
                "sales/ask/used_and_sold?order_id=ORDER",
            ),
            (
                "一张出库单的随货同行单（PDF）",
                "the delivery note of a shipment, as PDF",
                "documents/files?document_id=SHIPMENT, documents/files/FILE/content",
            ),
            (
                "这份文件（SHA-256）是否归档，属于哪张单据",
                "whether these bytes (SHA-256) are archived, and of which document",
                "documents/files?sha256=HASH",
            ),
        ),
    ),
    (
        "记录与证据",
        "Records and proof",
        (
            (
                "一张单据的法定记录",
                "the records that the law asks for of a document",
                "records/ask/of_document?document_id=DOCUMENT",
            ),
            (
                "法定记录填得是否完整",
                "how completely the records are filled",
                "records/ask/completeness",
            ),
            (
                "对一张单据做过的一切",
                "everything that was done to a document",
                "audit/entries?document_number=NUMBER",
            ),
            (
                "谁在何时做了什么，被拒绝的也在内",
                "who did what and when, refusals included",
                "audit/entries?verb=VERB",
            ),
            ("谁签过什么", "who signed what", "audit/signatures"),
            (
                "发生过的事件，推送是否送达",
                "events, and whether they were delivered",
                "outbox/events, outbox/deliveries?state=parked",
            ),
        ),
    ),
)

TEXTS: dict[str, dict[str, str]] = {
    "en": {
        "title": "Which question, which address",
        "intro": "[简体中文](questions.zh-CN.md)\n\n"
        "What one wants to know, and the address under `/api/v1/` that answers it with `GET`.\n"
        "`AREA/ask/QUESTION` is worked out from the ledger, `AREA/NOUN` is a list: its filters,\n"
        "order and pages are those of [the API](api.md#lists). Words in capitals are yours to\n"
        "fill in: LOT, SERIAL, PLACE and other ids come from a look-up or a list. Each answer\n"
        "shows only what its reader may see.\n",
        "head": "| to know | address |",
        "questions": "Each question, with what it takes and answers",
        "head_questions": "| question | takes (? may be left out) | answers with |",
        "lists": "Each list, by area",
        "head_lists": "| area | lists |",
    },
    "zh": {
        "title": "想知道什么，问哪个地址",
        "intro": "[English](questions.md)\n\n"
        "想知道的事，以及在 `/api/v1/` 之下用 `GET` 回答它的地址。\n"
        "`AREA/ask/QUESTION` 由台账现算；\n"
        "`AREA/NOUN` 是列表，筛选、排序、翻页见[接口说明](api.md#lists)。\n"
        "大写的词由您填写：LOT（批次）、SERIAL（单件）、PLACE（库位）等编号来自认码或列表。\n"
        "每个回答只含提问者有权看到的内容。\n",
        "head": "| 想知道 | 地址 |",
        "questions": "每个问题：要什么、答什么",
        "head_questions": "| 问题 | 参数（? 可省略） | 回答的内容 |",
        "lists": "各领域的列表",
        "head_lists": "| 领域 | 列表 |",
    },
}


@dataclass(frozen=True)
class Address:
    """An address with the values that it is asked with."""

    path: str
    asked: tuple[tuple[str, str], ...]


def addresses() -> Iterator[Address]:
    """Every address of the page."""
    for _, _, rows in WANTED:
        for _, _, places in rows:
            for place in places.split(", "):
                path, _, asked = place.partition("?")
                pairs = (one.partition("=") for one in asked.split("&") if one)
                yield Address(path, tuple((name, value) for name, _, value in pairs))


def questions_page(language: str) -> str:
    """What one wants to know and where to ask; each question with its arguments; each list."""
    from traceward.resources.kit import QUESTIONS, RESOURCES

    texts, is_zh = TEXTS[language], language == "zh"
    parts = [f"# {texts['title']}\n", NOTE, texts["intro"]]
    for zh, en, rows in WANTED:
        parts += [f"## {zh if is_zh else en}\n", texts["head"], "|---|---|"]
        for zh_row, en_row, places in rows:
            shown = ", ".join(f"`{place}`" for place in places.split(", "))
            parts.append(f"| {zh_row if is_zh else en_row} | {shown} |")
        parts.append("")
    parts += [f"## {texts['questions']}\n", texts["head_questions"], "|---|---|---|"]
    for question in sorted(QUESTIONS.values(), key=lambda q: q.name):
        takes = ", ".join(
            f"`{name}`" + ("" if found.is_required() else "?")
            for name, found in question.arguments.model_fields.items()
        )
        answers = ", ".join(f"`{name}`" for name in _fields(question.function))
        parts.append(f"| `{question.area}/ask/{question.noun}` | {takes} | {answers} |")
    parts += ["", f"## {texts['lists']}\n", texts["head_lists"], "|---|---|"]
    for area in sorted({resource.area for resource in RESOURCES.values()}):
        nouns = sorted(r.noun for r in RESOURCES.values() if r.area == area)
        parts.append(f"| {area} | {', '.join(f'`{area}/{noun}`' for noun in nouns)} |")
    return "\n".join(parts) + "\n"


def _fields(function: Any) -> list[str]:
    """The names in the answer, or in each row of it."""
    kind = get_type_hints(function)["return"]
    kind = get_args(kind)[0] if get_args(kind) else kind
    return list(getattr(kind, "_fields", None) or getattr(kind, "__dataclass_fields__", ()))
