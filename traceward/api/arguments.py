"""What the arguments of questions are, in English and Chinese, by their names."""

ARGUMENTS: dict[str, tuple[str, str]] = {
    "nodes": (
        "ids of lots and serials, as `stock/lots` and `stock/serials` list them; a lot stands for "
        "all its units",
        "批次或单件的标识，见 `stock/lots`、`stock/serials`；批次包括其全部单件",
    ),
    "lots": ("ids of lots (`stock/lots`)", "批次的标识（`stock/lots`）"),
    "serials": ("ids of serials (`stock/serials`)", "单件的标识（`stock/serials`）"),
    "items": ("ids of items (`catalog/items`)", "物料的标识（`catalog/items`）"),
    "containers": ("ids of containers (`stock/containers`)", "容器的标识（`stock/containers`）"),
    "documents": (
        "ids of documents (`documents/documents`): what moved under them and what followed",
        "单据的标识（`documents/documents`）：其下移动的货物及后续单据的",
    ),
    "lines": (
        "ids of document lines (`documents/lines`): what moved for them",
        "单据行的标识（`documents/lines`）：为其移动的货物",
    ),
    "places": (
        "ids of places (`places/places`), those below them included",
        "库位的标识（`places/places`），包括下级",
    ),
    "partners": (
        "ids of parties (`org/parties`): suppliers, customers, owners",
        "单位的标识（`org/parties`）：供应商、客户、货主",
    ),
    "happened": (
        "what had happened up to this moment; now where it is left out",
        "截至此刻已发生的；不填为现在",
    ),
    "posted": (
        "of that, what was on record by this moment; all that is known now where it is left out",
        "其中截至此刻已入账的；不填为现在所知的全部",
    ),
    "after": ("`id` of the last gap of the page before", "上一页最后一项缺口的标识"),
    "after_at": ("first part of `next` of the page before", "上一页 `next` 的第一部分"),
    "after_id": ("second part of `next` of the page before", "上一页 `next` 的第二部分"),
    "before_at": ("first part of `next` of the page before", "上一页 `next` 的第一部分"),
    "before_id": ("second part of `next` of the page before", "上一页 `next` 的第二部分"),
    "every": ("moves within our own walls, too", "包括场所内部的移动"),
    "since_at": ("only what happened after this moment", "仅此刻之后发生的"),
    "days": ("so many days, today included", "天数，含今天"),
    "at_kind": ("only those at stations of this kind", "只列此类环节的"),
    "at_id": ("… and at the one with this id", "……且只列此标识的环节"),
    "limit": ("at most so many rows", "最多多少行"),
    "text": ("a code, number, name or uid", "代码、号码、名称或 uid"),
    "codes": (
        "the barcodes of one label as the scanner gave them, or one typed code",
        "一张标签上的条码（扫码原文），或输入的一个号码",
    ),
    "is_inside": (
        "what stands in our own places, on its way included; false for all others",
        "本企业各处（含在途）的库存；false 为其余",
    ),
    "packs": ("so many packs with this label", "带此标签的包装数"),
    "held": (
        "what was scanned before: id of a line, a colon, base units",
        "此前已扫：行号、半角冒号、基本单位数",
    ),
    "pick_id": ("`id` of the pick", "拣货单标识"),
    "site_code": (
        "code of the site whose day counts for expiry",
        "场所代码，按其日期判断是否过期",
    ),
    "supplier_lot": ("the supplier's own number of the lot", "供货者自己的批号"),
    "from_at": ("the first moment of the time in that place", "在该库位的时间，从此刻起"),
    "until_at": ("… and its last; now where it is left out", "……到此刻止；不填为现在"),
    "kind": ("only this kind of place", "只要此类库位"),
    "since": ("from this day on", "自此日起"),
    "until": ("up to and with this day", "至此日止（含）"),
}
