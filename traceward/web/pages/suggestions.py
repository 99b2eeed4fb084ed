"""What the forms of the main job begin with: what is known stands there already."""

from collections.abc import Iterable, Mapping
from typing import Any

from traceward.domain.warehousing.rules import needs_cold_chain
from traceward.web.kit.fields import ABOUT
from traceward.web.kit.suggestions import (
    WHY,
    Row,
    Suggested,
    below,
    first_chosen,
    known,
    narrow,
    needs,
    needs_of,
    offer,
    suggest,
)
from traceward.web.visitors import Visitor

PENDING = "pending inspection"
#: By what was decided about goods, the zone whose bins keep them.
UNMARKED = ""
ZONES = {PENDING: "pending", "qualified": "qualified", "rejected": "rejected"}
#: So many places are offered whole.
LISTED = 50


NOTHING_DECIDED = "Nothing is decided yet that could be put away: inspect and decide first."
COLD_ZH = "冷链：须填启运时间、到货温度、在途温度"
COLD = "Cold chain: fill in departure, and temperatures on arrival and on the way"
ALL_AWAY = "All that came with it is put away."


def say(to: Visitor, zh: str, en: str) -> str:
    return zh if to.language.startswith("zh") else en


def only_place(site_id: Any, to: Visitor, **where: Any) -> int | None:
    """The site's only open place of this kind; none where there are several to choose from."""
    found = known("places.places", to, limit=2, site_id=site_id, is_open=True, **where)
    return int(found[0]["id"]) if len(found) == 1 else None


def last_of(name: str, to: Visitor, **where: Any) -> Row:
    """The newest row of the list; an empty one where there is none."""
    found = known(name, to, limit=1, sort="-id", **where)
    return found[0] if found else {}


def _bin(to: Visitor, like: Row, zone: str) -> int | None:
    """The first open bin of the site's zone that is as warm or cold as the other place."""
    ends = ("temperature_c_min", "temperature_c_max")
    where = {name: like[name] for name in ends if like[name] is not None}
    where |= {"site_id": like["site_id"], "kind": "bin", "zone": zone, "is_open": True}
    found = known("places.places", to, limit=1, **where)
    return int(found[0]["id"]) if found else None


def standing(to: Visitor, **where: Any) -> list[Row]:
    """Balances of what stands there; what is owed to us outside has less than nothing."""
    return known("stock.balances", to, on_hand__gt=0, **where)


def base_dis(lines: Iterable[Row], to: Visitor) -> dict[Any, str]:
    """By item, the UDI-DI of its base unit."""
    items = sorted({line["item_id"] for line in lines})
    rows = known("catalog.packaging_levels", to, level=0, item_id=items)
    return {row["item_id"]: row["di"] for row in rows}


def label_of(line: Row, dis: Mapping[Any, str]) -> list[str]:
    """The code of one base unit, as a reader of brackets gives it; none without a GTIN."""
    di = dis.get(line["item_id"], "")
    if not (di.isdecimal() and len(di) == 14):
        return []
    names = ("lot_expires_on", "lot_raw_number", "serial_raw_number")
    expires, lot, serial = (line.get(name) for name in names)
    parts = [f"(01){di}", f"(17){expires:%y%m%d}" if expires else ""]
    parts += [f"(10){lot}" if lot else "", f"(21){serial}" if serial else ""]
    return ["".join(parts)]


def goods_of(line: Row, to: Visitor) -> str:
    """Which goods the line is of, in words."""
    first, second = line["item_name_zh"], line["item_name_en"]
    name = (first or second) if to.language.startswith("zh") else (second or first)
    numbers = (line.get(name) for name in ("lot_raw_number", "serial_raw_number", "lot_number"))
    return " · ".join(filter(None, (name, line["item_code"], *numbers)))


def own_sites(verb: str, to: Visitor) -> list[int]:
    """The sites at which they may use it; none where their roles count for more than sites."""
    grants = to.grants.get(verb, ())
    return [one.site_id for one in grants if one.site_id] if all(g.site_id for g in grants) else []


def _receiving(site_id: Any, to: Visitor) -> list[int]:
    """The site's open docks, and the bins of its 待验 zone."""
    open_ = {"site_id": site_id, "is_open": True, "limit": LISTED}
    docks = known("places.places", to, kind="dock", **open_)
    bins = known("places.places", to, kind="bin", zone="pending", **open_)
    free = [row for row in docks if row["zone"] in ("", None, "pending")]
    return [row["id"] for row in (*free, *bins)]


@narrow("inbound.receive_notice.place_id", "warehousing.refuse_delivery.place_id")
def receiving_places(notice: Row, to: Visitor) -> Mapping[str, Any]:
    """Where goods may wait for inspection at the site."""
    return {"id": _receiving(notice["site_id"], to)}


@narrow("transfers.request.deliver_to_id", of_none=True)
def asking_places(_none: Row, to: Visitor) -> Mapping[str, Any]:
    """Where goods may come in at the sites for which they may ask."""
    if sites := own_sites("transfers.request", to):
        return {"id": _receiving(sites, to)}
    return {"kind": ["dock", "bin"], "is_open": True}


needs("inbound.receive_notice", "journey.transport_mode", "journey.deliverer")
#: What cold chain asks for of goods that come in.
COLD_WAY = (
    *("journey.departed_at", "journey.arrival_c"),
    *("journey.transit_c_min", "journey.transit_c_max"),
)


@needs_of("inbound.receive_notice")
def way_of_cold(notice: Row, to: Visitor) -> Iterable[str]:
    """How it travelled, where all that is due is cold chain."""
    due = {line["item_id"] for line in notice["lines"] if line.get("due", 1)}
    items = known("catalog.items", to, id=sorted(due)) if due else []
    cold = [one for one in items if needs_cold_chain(one["storage_c_max"])]
    return COLD_WAY if items and len(cold) == len(items) else ()


def _coming(line: Row, held: int, is_cold: bool, to: Visitor) -> str:
    """The goods, what is due of them, what a pack holds, and what cold chain asks for."""
    due = say(to, "应到 {:,} 件", "{:,} due").format(line["due"])
    pack = say(to, "每包装 {:,} 件", "{:,} in a pack").format(held) if held > 1 else ""
    cold = say(to, COLD_ZH, COLD) if is_cold else ""
    return " · ".join(filter(None, (goods_of(line, to), due, pack, cold)))


@suggest("inbound.receive_notice")
def receive_notice(notice: Row, to: Visitor) -> Suggested:
    """The lines that are still to come, as announced; from where and how the last ones came."""
    due = [line for line in notice["lines"] if line["due"] > 0]
    site, supplier = notice["site_id"], notice["supplier_id"]
    last = last_of("warehousing.receipts", to, site_id=site, supplier_id=supplier)
    levels = known("catalog.packaging_levels", to, item_id=[line["item_id"] for line in due])
    held = {level["di"]: level["base_units"] for level in levels}
    items = known("catalog.items", to, id=sorted({line["item_id"] for line in due}))
    cold = {one["id"] for one in items if needs_cold_chain(one["storage_c_max"])}
    return {
        "place_id": last.get("place_id") or only_place(site, to, kind="dock", zone="pending"),
        "journey": {"transport_mode": last.get("transport_mode") or None},
        "delivery_note": notice["reference"],
        "scans": [
            {
                ABOUT: _coming(line, held.get(line["di"], 1), line["item_id"] in cold, to),
                "codes": line["raw"].split("\n"),
                "packs": line["due"] // held.get(line["di"], 1),
            }
            for line in due
            if line["raw"]
        ],
    }


Bins = Mapping[Any, int | None]


def _kept_in(receipt: Row, to: Visitor) -> tuple[Bins, Bins, Bins]:
    """By item, a bin where it is kept already; and one for good goods, and one for rejected."""
    items = sorted({line["item_id"] for line in receipt["lines"]})
    rows = standing(
        to, item_id=items, site_id=receipt["site_id"], place_kind="bin", status="qualified"
    )
    places = sorted({row["place_id"] for row in rows})
    known_bins = known("places.places", to, id=places, zone="qualified", is_open=True)
    is_bin = {place["id"] for place in known_bins}
    kept_in = {row["item_id"]: row["place_id"] for row in rows if row["place_id"] in is_bin}
    here = known("places.places", to, id=receipt["place_id"])
    if not here:
        return kept_in, {}, {}
    good, bad = (_bins_for(items, here[0], zone, to) for zone in ("qualified", "rejected"))
    return kept_in, good, bad


def _bins_for(items: list[Any], like: Row, zone: str, to: Visitor) -> dict[Any, int | None]:
    """By item, the first open bin of the zone that keeps it as its label asks.

    What asks for no temperature goes where it is as warm or cold as where it stands now.
    """
    kept = known("catalog.items", to, id=items)
    where = {"site_id": like["site_id"], "kind": "bin", "zone": zone, "is_open": True}
    where |= {"temperature_c_max__isnull": False}
    bins = known("places.places", to, **where) if any(_is_cold(one) for one in kept) else []
    plain = _bin(to, like, zone)
    return {
        one["id"]: next((x["id"] for x in bins if _keeps(x, one)), None) if _is_cold(one) else plain
        for one in kept
    }


def _is_cold(item: Row) -> bool:
    return item["storage_c_min"] is not None or item["storage_c_max"] is not None


def _keeps(place: Row, item: Row) -> bool:
    """Whether the place stays within what the item's label asks for."""
    low, high = place["temperature_c_min"], place["temperature_c_max"]
    least, most = item["storage_c_min"], item["storage_c_max"]
    if low is None or high is None:
        return False
    return (least is None or low >= least) and (most is None or high <= most)


@suggest("warehousing.put_away", fixed=("receipt_line_id",))
def put_away(receipt: Row, to: Visitor) -> Suggested:
    """What is decided and still stands where it was received; to where such goods stand already."""
    rows = standing(to, place_id=receipt["place_id"])
    left = {row["id"]: row["on_hand"] for row in rows}
    kept_in, good, bad = _kept_in(receipt, to)
    lines = []
    for line in receipt["lines"]:
        asked = line["quantity"]
        for row in rows:
            same = all(row[n] == line[n] for n in ("item_id", "lot_id", "serial_id"))
            quantity = min(asked, left[row["id"]])
            if not same or row["status"] == PENDING or quantity <= 0:
                continue
            left[row["id"]] -= quantity
            asked -= quantity
            item, is_good = line["item_id"], row["status"] == "qualified"
            where = (kept_in.get(item) or good.get(item)) if is_good else bad.get(item)
            lines.append(
                {
                    "receipt_line_id": line["id"],
                    "quantity": quantity,
                    "to_place_id": where,
                    "status": row["status"],
                }
            )
    if not lines and all(line["put_away"] >= line["quantity"] for line in receipt["lines"]):
        return {WHY: say(to, "该收货单的货物已全部上架。", ALL_AWAY)}
    if not lines:
        return {WHY: say(to, "尚无已判定的货物可上架：先验收、判定。", NOTHING_DECIDED)}
    return {"lines": lines}


@narrow("warehousing.put_away.to_place_id", "warehousing.take_back.place_id")
def bins_of_site(receipt: Row, _to: Visitor) -> Mapping[str, Any]:
    """The site's open bins in the zones of what was decided about the goods, or in no zone."""
    found = {line["status"] for line in receipt["lines"]}
    zones = sorted(ZONES[status] for status in (found if found <= {*ZONES} else ZONES))
    here = {"site_id": receipt["site_id"], "kind": "bin", "is_open": True}
    return {**here, "zone": [UNMARKED, *zones]}


@narrow("warehousing.put_away.receipt_line_id", "warehousing.take_back.receipt_line_id")
def lines_of_receipt(receipt: Row, _to: Visitor) -> Mapping[str, Any]:
    """Its own lines."""
    return {"receipt_id": receipt["id"]}


@suggest("purchasing.propose_return", fixed=("balance_id",))
def propose_return(receipt: Row, to: Visitor) -> Suggested:
    """What of the receipt's lots was rejected and still stands here."""
    lots = sorted({line["lot_id"] for line in receipt["lines"] if line["lot_id"]})
    return {"lines": rejected(to, lot_id=lots, site_id=receipt["site_id"])}


#: Kinds of place in the house: what was destroyed stands in none of them.
INSIDE = ["warehouse", "zone", "bin", "dock", "staging"]


def rejected(to: Visitor, **where: Any) -> list[Suggested]:
    return free(standing(to, status="rejected", place_kind=INSIDE, **where))


def free(rows: Iterable[Row]) -> list[Suggested]:
    """Lines of what stands there and is promised to nobody."""
    return [
        {"balance_id": row["id"], "quantity": row["on_hand"] - row["reserved"]}
        for row in rows
        if row["on_hand"] > row["reserved"]
    ]


@suggest("purchasing.notify")
def notify(order: Row, to: Visitor) -> Suggested:
    """What was ordered and nobody has announced; which lots come, the labels say."""
    left = [(line, line["quantity"] - (line["announced"] or 0)) for line in order["lines"]]
    return {
        "expected_on": order["wanted_on"],
        "lines": [
            {ABOUT: goods_of(line, to), "codes": [], "packs": count}
            for line, count in left
            if count > 0
        ],
    }


below(
    "outbound.allocate",
    "lines",
    *("line_number", "item", "lot/serial", "quantity", "shipped", "promised", "to_promise"),
    where="to_promise",
)


@suggest("warehousing.pick")
def pick(pick_: Row, to: Visitor) -> Suggested:
    """What is still to be fetched, at the place where it is promised."""
    dis = base_dis(pick_["lines"], to)
    return {
        "scans": [
            {
                ABOUT: goods_of(line, to),
                "codes": label_of(line, dis),
                "place_code": line["place_code"],
                "packs": line["quantity"] - line["picked"],
            }
            for line in pick_["lines"]
            if line["picked"] < line["quantity"]
        ]
    }


@suggest("warehousing.pack")
def pack(pick_: Row, _to: Visitor) -> Suggested:
    """The lines that are in no box yet."""
    return {
        "line_numbers": [
            line["line_number"] for line in pick_["lines"] if line["container_id"] is None
        ]
    }


@offer("warehousing.pack.line_numbers")
def lines_to_pack(pick_: Row, to: Visitor) -> list[tuple[str, str]]:
    """Each line that is in no box yet, with its goods and how many."""
    return [
        (str(line["line_number"]), f"{goods_of(line, to)} · {line['quantity']:,}")
        for line in pick_.get("lines", ())
        if line["container_id"] is None
    ]


@narrow("purchasing.order.supplier_id", of_none=True)
def suppliers(_site: Row, _to: Visitor) -> Mapping[str, Any]:
    """Of whom one may buy."""
    return {"qualified_as": "supplier"}


@narrow("sales.order.customer_id", of_none=True)
def customers(_site: Row, _to: Visitor) -> Mapping[str, Any]:
    """To whom one may sell."""
    return {"qualified_as": "customer"}


@narrow("sales.order.deliver_to_id", of_none=True, is_searched=True)
def served_places(_site: Row, _to: Visitor) -> Mapping[str, Any]:
    """Customers' places; once the customer is chosen, theirs alone (`pickers`)."""
    return {"kind": ["customer", "department"], "is_open": True}


@suggest("sales.sign_for", fixed=("line_number",))
def of_shipment(shipment: Row, to: Visitor) -> Suggested:
    """Everything that was sent."""
    return {
        "lines": [
            {
                ABOUT: goods_of(line, to),
                "line_number": line["line_number"],
                "quantity": line["quantity"],
            }
            for line in shipment["lines"]
        ]
    }


@suggest("transfers.receive")
def receive_transfer(shipment: Row, to: Visitor) -> Suggested:
    """Everything that was sent, where it was to be brought."""
    return {"place_id": shipment["deliver_to_id"], "packs": _packs(shipment, to)}


def _packs(document: Row, to: Visitor) -> list[Suggested]:
    """The labels of the document's lines, and how many of each."""
    dis = base_dis(document["lines"], to)
    return [
        {ABOUT: goods_of(line, to), "codes": label_of(line, dis), "packs": line["quantity"]}
        for line in document["lines"]
    ]


@suggest("sales.receive_return")
def receive_return(return_: Row, to: Visitor) -> Suggested:
    """To the returns zone, what was announced."""
    here = {"site_id": return_["site_id"], "zone": "returns", "kind": "bin", "is_open": True}
    found = known("places.places", to, limit=1, **here)
    place = found[0]["id"] if found else only_place(return_["site_id"], to, zone="returns")
    return {"place_id": place, "packs": _packs(return_, to)}


@narrow("sales.receive_return.place_id")
def returns_zone(return_: Row, to: Visitor) -> Mapping[str, Any]:
    """The open bins of the site's returns zone; where it has none, its docks and 待验 bins."""
    bins = {"site_id": return_["site_id"], "zone": "returns", "kind": "bin", "is_open": True}
    if known("places.places", to, limit=1, **bins):
        return bins
    return {"id": _receiving(return_["site_id"], to)}


first_chosen("warehousing.count")


@narrow("warehousing.count.place_id", of_none=True)
def counted_places(_place: Row, to: Visitor) -> Mapping[str, Any]:
    """The open places of the house at the sites where one counts."""
    kinds = ["bin", "dock", "staging"]
    return {"site_id": own_sites("warehousing.count", to), "kind": kinds, "is_open": True}


@suggest("warehousing.count", fixed=("item_id", "lot_id", "serial_id", "owner_id", "container_id"))
def count(place: Row, to: Visitor) -> Suggested:
    """What should stand there; how many there are, who counts says."""
    rows = standing(to, place_id=place["id"])
    names = ("item_id", "lot_id", "serial_id", "owner_id", "container_id", "status")
    return {"lines": [{name: row[name] for name in names} for row in rows]}


@suggest("catalog.add_packaging_level")
def add_packaging_level(item: Row, _to: Visitor) -> Suggested:
    return {"level": max((row["level"] for row in item["packaging"]), default=-1) + 1}


@suggest("org.amend_contact")
def amend_contact(party: Row, _to: Visitor) -> Suggested:
    """As it stands now."""
    return {"address": party["address"], "phone": party["phone"]}


@suggest("catalog.recategorise_item")
def recategorise_item(item: Row, _to: Visitor) -> Suggested:
    return {"material_category": item["material_category"]}


@suggest("catalog.renew_product")
def renew_product(product: Row, _to: Visitor) -> Suggested:
    """For five years more, as certificates are renewed."""
    ends = product["valid_until"]
    if ends is None:
        return {}
    leap = ends.month == 2 and ends.day == 29
    return {"valid_until": ends.replace(year=ends.year + 5, day=28 if leap else ends.day)}


@suggest("outbox.change_webhook")
def change_webhook(hook: Row, _to: Visitor) -> Suggested:
    return {"name": hook["name"], "url": hook["url"], "patterns": hook["patterns"]}
