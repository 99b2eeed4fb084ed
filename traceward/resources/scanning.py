"""What any scanned or typed code stands for."""

from collections.abc import Collection
from datetime import date
from typing import Annotated

from pydantic import Field

from traceward.domain.places.models import Place
from traceward.domain.sales.commands import returning
from traceward.domain.sales.models import CustomerReturn, ReturnState, Usage
from traceward.domain.transfers import queries as transfers
from traceward.domain.transfers.commands import receiving
from traceward.domain.transfers.models import TransferOrder
from traceward.domain.warehousing.commands import arriving
from traceward.domain.warehousing.models import (
    ExpectedDelivery,
    Pick,
    PickLine,
    Shipment,
    ShipmentState,
)
from traceward.domain.warehousing.scanning import LookedUp, judging
from traceward.domain.warehousing.scanning import look_up as look
from traceward.kernel.base.codes import MAX_BARCODES
from traceward.kernel.base.gs1 import SCAN_LIMIT
from traceward.kernel.base.refusals import NotFound, sentence
from traceward.kernel.documents.models import Document
from traceward.kernel.org.models import Site
from traceward.kernel.org.scope import ScopeKey, scope_of
from traceward.resources.kit import Id, Reader, now, question

#: The barcodes of one label, as the scanner gave them.
Codes = Annotated[
    list[Annotated[str, Field(max_length=SCAN_LIMIT)]],
    Field(min_length=1, max_length=MAX_BARCODES),
]


@question("warehousing.look_up", scope=None)
def look_up(codes: Codes, site_code: str = "", *, to: Reader) -> LookedUp:
    """What the barcodes of one label, or a typed code, stand for, how it stands, what does not fit.

    The day is that of the site, where one is named: it decides whether a lot is expired.
    """
    moment = now()
    site = Site.objects.filter(code=site_code).first()
    if site_code and site is None:
        raise NotFound(
            sentence("There is no site {code}. Look it up in the list of sites."),
            field="site_code",
            code=site_code,
        )
    today = site.day_at(moment) if site else moment.date()
    return look(codes, sites=to.sites(), now=moment, today=today, days=_used_on)


#: What of the task is at hand already, "LINE:QUANTITY" each.
Held = Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=judging.MOST_LINES)]
Packs = Annotated[int, Field(ge=1, le=1_000_000)]


def _of_delivery(document_id: int, **_: object) -> list[ScopeKey]:
    """Where it arrives: of a transfer's shipment the other site, of all else the document's."""
    to = Shipment.objects.filter(pk=document_id, demand__kind=TransferOrder.KIND)
    place = to.values_list("deliver_to", flat=True).first()
    return scope_of(Place, place) if place else scope_of(Document, document_id)


def _of_pick(pick_id: int, **_: object) -> list[ScopeKey]:
    return scope_of(Pick, pick_id)


@question("warehousing.judge_arrival", scope=_of_delivery)
def judge_arrival(
    document_id: Id,
    codes: Codes,
    packs: Packs = 1,
    held: Held | None = None,
    *,
    to: Reader,
) -> list[judging.Judged]:
    """Which announced lines the packs of this label belong to; refused as receiving refuses them.

    The document is a supplier's notice, a transfer's shipment or a customer's return. `held` is
    what was scanned before, by line. Nothing is written. # INB-02 TRF-01 WMS-01
    """
    del to
    by_line, moment = judging.held_of(held or ()), now()
    shipment = Shipment.objects.select_related("deliver_to__site").filter(
        pk=document_id, demand__kind=TransferOrder.KIND, state=ShipmentState.SHIPPED
    )
    if (sent := shipment.first()) is not None and sent.deliver_to is not None:
        coming = receiving.coming_of(transfers.on_the_way(sent))
        day = sent.deliver_to.site.day_at(moment)
        return arriving.judged(coming, sent, codes, packs, by_line, day)
    back = CustomerReturn.objects.select_related("site").filter(
        pk=document_id, state=ReturnState.ANNOUNCED
    )
    if (returned := back.first()) is not None:
        coming, day = returning.coming_of(returned), returned.site.day_at(moment)
        return arriving.judged(coming, returned, codes, packs, by_line, day)
    delivery = (
        ExpectedDelivery.objects.select_related("document__site__legal_entity")
        .filter(pk=document_id, stand_at=None)
        .first()
    )
    if delivery is None:
        raise NotFound(
            sentence(
                "{id} announces nothing. Choose a shipping notice, a transfer's shipment that is "
                "on its way, or a return that was announced."
            ),
            field="document_id",
            id=document_id,
        )
    site = delivery.document.site
    return judging.arriving(delivery, site, codes, packs, by_line, site.day_at(moment))


@question("warehousing.judge_check", scope=_of_pick)
def judge_check(
    pick_id: Id,
    codes: Codes,
    packs: Packs = 1,
    held: Held | None = None,
    *,
    to: Reader,
) -> list[judging.Judged]:
    """Which picked lines the packs of this label belong to; refused where they were not picked.

    `held` is what was scanned before, by line of the pick. Nothing is written. # OUT-03 WMS-01
    """
    del to
    pick = Pick.objects.select_related("site").find(pick_id)
    if pick is None:
        raise NotFound(
            sentence("There is no {what} with id {id}. Look it up in its list and try again."),
            field="pick_id",
            what=str(Pick._meta.verbose_name),
            id=pick_id,
        )
    lines = list(PickLine.objects.filter(pick=pick, picked__gt=0).order_by("line__line_number"))
    by_line = judging.held_of(held or ())
    return judging.checked(lines, codes, packs, by_line, pick.site.day_at(now()))


def _used_on(ids: Collection[int]) -> dict[int, date]:
    """Of those that are usages, the day of use: it may be on record only later."""
    return dict(Usage.objects.filter(pk__in=ids).values_list("pk", "used_on"))
