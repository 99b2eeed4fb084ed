"""What is finished one by one 逐件处理: decisions, approvals, renewals, answers, alerts."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Exists, F, Func, OuterRef, Q, TextField
from django.utils.html import format_html

from traceward.domain.partners.models import Licence
from traceward.domain.quality.models import Inspection
from traceward.domain.stock.models import Status, StockBlock
from traceward.domain.transfers.models import DiscrepancyKind
from traceward.domain.warehousing.models import ShipmentState
from traceward.resources import labels
from traceward.resources.kit import by_site
from traceward.resources.labels import Words
from traceward.web.kit.boards import WAITS, seen
from traceward.web.kit.forms import in_words
from traceward.web.kit.suggestions import Suggested, known
from traceward.web.kit.worklists import Act, Urgent, worklist
from traceward.web.pages.inspecting import progress_of
from traceward.web.visitors import Visitor

Row = Mapping[str, Any]
#: What is kept at or below so many °C is cold.
COLD = 10
#: What ends within so many days is urgent.
SOON = 30


def _say(to: Visitor, zh: str, en: str) -> str:
    return zh if to.language.startswith("zh") else en


def _cold(path: str) -> Urgent:
    """Goods that must be kept cold."""
    words = Words("冷藏货物", "Cold goods")
    return Urgent(words, "tw-cold", lambda _: Q(**{f"{path}storage_c_max__lte": COLD}))


def _within(column: str, zh: str, en: str, days: int = 0, tone: str = "tw-bad") -> Urgent:
    """What ends, or should have come, by so many days from today."""
    return Urgent(
        Words(zh, en),
        tone,
        lambda to: Q(**{f"{column}__lte": to.today + timedelta(days=days)}),
    )


# --- Goods to decide about ----------------------------------------------------------------------


def _can_be_decided(ids: Sequence[int], to: Visitor) -> Collection[int]:
    """Those whose required checks are all recorded, and not by the visitor."""
    found = progress_of(Inspection.objects.filter(pk__in=ids), to)
    return {one.inspection.pk for one in found if one.is_recorded and one.may_decide}


def _accepting(_inspection: Row, found: Suggested, to: Visitor) -> Suggested:
    """All of it is good."""
    return {"shares": _shares(found, "accepted"), "conclusion": _say(to, "合格", "Fit")}


def _rejecting(_inspection: Row, found: Suggested, to: Visitor) -> Suggested:
    """None of it is."""
    return {"shares": _shares(found, "rejected"), "conclusion": _say(to, "不合格", "Not fit")}


def _shares(found: Suggested, name: str) -> list[Suggested]:
    """What stands at each place, all of it with this verdict."""
    return [
        {**one, "accepted": 0, "rejected": 0, name: one["accepted"] + one["rejected"]}
        for one in found["shares"]
    ]


def _decided(answer: Any, inspection: Row, to: Visitor) -> str:
    name = inspection["item_name_zh"] if to.language.startswith("zh") else inspection["item_code"]
    goods = " ".join(filter(None, (name, inspection["lot_raw_number"])))
    if not answer.rejected:
        return _say(to, "已放行", "Released") + f" {goods} · {answer.accepted:,}"
    if not answer.accepted:
        return _say(to, "已判不合格", "Rejected") + f" {goods} · {answer.rejected:,}"
    both = _say(to, "合格 {0:,}，不合格 {1:,}", "{0:,} accepted, {1:,} rejected")
    return f"{goods} · " + both.format(answer.accepted, answer.rejected)


worklist(
    "inspections",
    accept=Act("quality.decide", Words("放行", "Release"), fill=_accepting, said=_decided),
    reject=Act(
        "quality.decide",
        Words("判不合格", "Reject"),
        fill=_rejecting,
        needs=("defects", "disposition"),
        said=_decided,
    ),
    facts=(
        *("item", "lot", "lot_expires_on", "quantity", "supplier", "source"),
        *("registration_number", "storage_conditions"),
    ),
    urgent=(
        _cold("item__"),
        _within("lot__expires_on", "30 天内到期", "Ends within 30 d", SOON),
    ),
    apart=("source__created_by",),
    ready=_can_be_decided,
    console="/release",
)


def _to_inspect(ids: Sequence[int], to: Visitor) -> Collection[int]:
    found = progress_of(Inspection.objects.filter(source__in=ids, state="open"), to)
    return {one.inspection.source_id for one in found if not one.is_recorded}


worklist(
    "receipts",
    words=Words("待验收", "Receipts to inspect"),
    accept=Act("inbound.record_results"),
    facts=("supplier", "site/place", "delivery_note", "arrived_at", "arrival_c", "order"),
    since="arrived_at",
    where=lambda _: Q(state="received"),
    apart=("created_by",),
    ready=_to_inspect,
)
worklist(
    "returns",
    accept=Act("sales.receive_return"),
    reject=Act("sales.cancel_return"),
    facts=("customer", "shipment", "from_place", "reason", "returned_on", "site"),
)

# --- Approvals ----------------------------------------------------------------------------------


def _held(held: Row, to: Visitor) -> tuple[list[Any], list[Any]]:
    """What was asked for; of a count beside what the books say now, and by how much it differs."""
    facts, tables = in_words(held["verb"], held["arguments"], to)
    if held["verb"] == "warehousing.count" and tables and to.may("stock.balances"):
        _beside_the_books(tables[0], held["arguments"], to)
    return facts, tables


#: By what a balance of the place is told from others.
TOLD_BY = ("item_id", "lot_id", "serial_id", "owner_id", "container_id")


def _beside_the_books(table: dict[str, Any], asked: Mapping[str, Any], to: Visitor) -> None:
    booked: Counter[Any] = Counter()
    for row in known("stock.balances", to, place_id=asked["place_id"]):
        booked[(*(row[name] for name in TOLD_BY), row["status"])] += row["on_hand"]
    heads = [
        labels.of_column(f"warehousing.count_lines.{name}").in_language(to.language)
        for name in ("booked", "change")
    ]
    counted = labels.of_column("warehousing.count.counted").in_language(to.language)
    at = [label for label, _ in table["heads"]].index(counted) + 1
    table["heads"][at:at] = [(head, "tw-num") for head in heads]
    for n, (cells, line) in enumerate(zip(table["rows"], asked["lines"], strict=True)):
        found = line.get("status") or Status.QUALIFIED
        status = str(Status(found).label) if isinstance(found, int) else found
        stood = booked[(*(line.get(name) for name in TOLD_BY), status)]
        change = f"{line['counted'] - stood:+,}".replace("-", "−")
        shown = format_html('<b class="tw-c-bad">{}</b>', change) if change != "+0" else "0"
        numbers = zip((f"{stood:,}", shown), heads, strict=True)
        told = ((text, "tw-num", head) for text, head in numbers)
        table["rows"][n] = [*cells[:at], *told, *cells[at:]]


LATE = _within("wanted_on", "已逾期", "Overdue", -1)

worklist(
    "held",
    accept=Act("workflow.release"),
    reject=Act("workflow.reject"),
    facts=("verb", "requested_by", "requested_at", "why"),
    told=_held,
    since="requested_at",
    apart=("requested_by",),
)
worklist(
    "destructions",
    accept=Act("warehousing.approve_destruction"),
    reject=Act("warehousing.cancel_destruction", Words("不予销毁", "Decline")),
    apart=("created_by",),
)
worklist(
    "purchases",
    accept=Act("purchasing.approve"),
    reject=Act("purchasing.close", Words("不批准", "Decline")),
    urgent=(LATE,),
    apart=("created_by",),
)
worklist(
    "transfers",
    accept=Act("transfers.approve"),
    reject=Act("transfers.cancel", Words("不批准", "Decline")),
    urgent=(LATE,),
    apart=("created_by",),
)
worklist(
    "supplier_returns",
    accept=Act("purchasing.approve_return"),
    reject=Act("purchasing.cancel_return", Words("不批准", "Decline")),
    apart=("created_by",),
)
worklist(
    "new_partners",
    accept=Act("partners.qualify"),
    since="id",
    apart=("registered_by",),
    where=lambda _: Q(
        Exists(Licence.objects.filter(party=OuterRef("party_id"), revoked_at=None)),
        ~Q(party__address=""),
        ~Q(party__phone=""),
    ),
)
worklist(
    "new_products",
    accept=Act("catalog.qualify_product"),
    since="id",
    apart=("registered_by",),
)

# --- What is wrong ------------------------------------------------------------------------------


def _not_kept(ids: Sequence[int], _to: Visitor) -> Collection[int]:
    """Blocks that no running recall keeps."""
    keeper = Func(F("pk"), function="stock_block_keeper", output_field=TextField())
    rows = StockBlock.objects.filter(pk__in=ids).annotate(keeper=keeper)
    return set(rows.filter(keeper__isnull=True).values_list("pk", flat=True))


worklist(
    "blocks",
    accept=Act("stock.lift_block"),
    since="placed_at",
    where=lambda to: by_site("place__")(to.grants["stock.lift_block"]),
    ready=_not_kept,
)
worklist(
    "discrepancies",
    accept=Act("transfers.write_off", meant=lambda row, _: {"shipment_id": row["shipment_id"]}),
    since="noted_at",
    apart=("noted_by",),
    where=lambda to: Q(
        by_site("shipment__")(to.grants["transfers.write_off"]),
        kind=DiscrepancyKind.MISSING,
        shipment__state=ShipmentState.SHIPPED,
        quantity__gt=F("found") + F("written_off"),
    ),
)
worklist(
    "alerts",
    accept=Act(
        "workflow.acknowledge",
        Words("知悉", "Acknowledge"),
        meant=lambda row, _: {"subject": "stock.alerts", "records": [row["id"]]},
    ),
    since="raised_at",
    where=lambda to: ~seen(WAITS["alerts"], to),
)
worklist(
    "parked",
    accept=Act("outbox.retry_parked"),
    reject=Act("outbox.solve_parked"),
    since="parked_at",
)

# --- What ends, and who has not answered --------------------------------------------------------


def _renewal(licence: Row, _to: Visitor) -> Suggested:
    """The licence that follows: of the same firm, kind and number (Order 54 art. 16)."""
    return {name: licence[name] for name in ("party_id", "kind", "number")}


def _as_before(licence: Row, _known: Suggested, _to: Visitor) -> Suggested:
    """For the same classes, from the day after."""
    return {
        "classes": ", ".join(str(one) for one in licence["classes"]),
        "valid_from": licence["valid_until"] + timedelta(days=1),
    }


worklist(
    "licences",
    accept=Act(
        "partners.add_licence",
        Words("登记延续", "Renew"),
        meant=_renewal,
        fill=_as_before,
        needs=("valid_until",),
    ),
    reject=Act("partners.revoke_licence"),
    since="valid_until",
    urgent=(_within("valid_until", "30 天内到期", "Ends within 30 d", SOON),),
    where=lambda _: (
        ~Exists(
            Licence.objects.filter(
                party=OuterRef("party_id"),
                kind=OuterRef("kind"),
                number=OuterRef("number"),
                valid_from__gt=OuterRef("valid_until"),
                revoked_at=None,
            )
        )
    ),
)
worklist(
    "registrations",
    accept=Act("catalog.renew_product"),
    since="valid_until",
    urgent=(_within("valid_until", "30 天内到期", "Ends within 30 d", SOON),),
)
worklist(
    "recall_answers",
    accept=Act(
        "recalls.acknowledge",
        Words("登记答复", "Record answer"),
        meant=lambda row, _: {"case_id": row["case_id"], "consignee_id": row["consignee_id"]},
    ),
    since="notified_at",
    where=lambda _: Q(case__state="open"),
)
