"""Items with their certificates, and what a document line keeps of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from traceward.domain.catalog.models import Item
from traceward.domain.catalog.rules import CertificateFault, certificate_fault
from traceward.domain.partners.queries import require_licences, require_partner
from traceward.domain.partners.rules import ACT_OF_SITE, Act, Need
from traceward.kernel.base.refusals import Refusal, sentence
from traceward.kernel.org.models import LegalEntity, Site


class CertificateLacking(Refusal):
    """The registration certificate does not cover the device on this day. # MDM-04"""


@dataclass(frozen=True)
class CertificateVerdict:
    """Whether the item may be traded on that day, by which certificate, or why not."""

    is_covered: bool
    item: str
    number: str = ""
    why: str = ""
    until: date | None = None


def certificate_gate(
    item_ids: Iterable[int], day: date, *, region: str = "CN"
) -> dict[int, CertificateVerdict]:
    """Each item with its verdict for the region of destination; one query.

    What has no product above it is no device and needs no certificate.
    """
    verdicts = {}
    items = Item.objects.filter(pk__in=set(item_ids)).select_related("product")
    for item in items:
        product = item.product
        if product is None:
            verdicts[item.pk] = CertificateVerdict(True, item.code)
            continue
        why = certificate_fault(
            product.valid_from, product.valid_until, product.region, day=day, region=region
        )
        verdicts[item.pk] = CertificateVerdict(
            why is None,
            item.code,
            product.registration_number,
            why or "",
            product.valid_until,
        )
    return verdicts


def require_certificates(
    item_ids: Sequence[int], day: date, *, region: str = "CN", field: str = ""
) -> dict[int, CertificateVerdict]:
    """The verdicts; refused where an item's certificate does not count on that day.

    `field` may hold "{n}", which becomes the position of the item at fault.
    """
    verdicts = certificate_gate(item_ids, day, region=region)
    rows = [
        {
            "n": n,
            "item": verdicts[pk].item,
            "number": verdicts[pk].number,
            "why": WHY_WORDS[CertificateFault(verdicts[pk].why)],
            "until": str(verdicts[pk].until or "—"),
        }
        for n, pk in enumerate(item_ids)
        if pk in verdicts and not verdicts[pk].is_covered
    ]
    if rows:
        raise CertificateLacking(
            sentence(
                "{item}: registration certificate {number} (valid until {until}) is “{why}”. "
                "It may not be bought, received, sold or shipped; enter the renewal first."
            ),
            field=field.format(n=rows[0]["n"]),
            details=rows,
            **{k: v for k, v in rows[0].items() if k != "n"},
        )
    return verdicts


WHY_WORDS = {
    CertificateFault.NOT_YET: sentence("not yet valid"),
    CertificateFault.EXPIRED: sentence("expired"),
    CertificateFault.REGION: sentence("not valid in this region"),
}


def device_facts(items: Iterable[Item], licences: dict[int, str]) -> dict[int, dict[str, Any]]:
    """By item id, what a document line keeps (the columns of `DeviceFacts`).

    The items come with product, registrant and maker; `licences` has the number of the production
    licence by maker.
    """
    return {
        item.pk: {
            "device_name": item.name("zh"),
            "model": item.model,
            "specification": item.specification,
            "registration_number": item.product.registration_number if item.product else "",
            "registrant_name": item.product.registrant.name("zh") if item.product else "",
            "maker_name": item.maker.name("zh"),
            "production_licence": licences.get(item.maker_id, ""),
            "unit": item.base_unit,
        }
        for item in items
    }


def items_with_facts(item_ids: Iterable[int]) -> dict[int, Item]:
    """Items by id, with what `device_facts` and the gates read; one query."""
    rows = Item.objects.filter(pk__in=set(item_ids))
    return {i.pk: i for i in rows.select_related("product__registrant", "maker")}


def require_supply(
    items: Sequence[Item], supplier_id: int, site: Site, day: date, *, field: str = ""
) -> None:
    """Refused where the supplier may not supply an item, we may not take it, or its certificate
    does not count on that day. # MDM-04

    `items` come from `items_with_facts`; `field` may hold "{n}", the position of the item at fault.
    """
    require_partner(supplier_id, "supplier")
    require_certificates([item.pk for item in items], day, field=field)
    us = LegalEntity.objects.values_list("party_id", flat=True).get(pk=site.legal_entity_id)
    theirs = [need_of(i, supplier_id, act_of_supplier(i, supplier_id)) for i in items]
    require_licences(theirs, day, field=field)
    ours = [need_of(i, us, ACT_OF_SITE[site.kind]) for i in items]
    require_licences(ours, day, field=field)


def act_of_supplier(item: Item, supplier_id: int) -> Act:
    """The maker and the registrant sell their own device; anybody else trades in it."""
    own = (item.maker_id, item.product.registrant_id if item.product else None)
    return Act.MAKE if supplier_id in own else Act.TRADE


def need_of(item: Item, party_id: int, act: Act) -> Need | None:
    """What the party needs a licence for, to do this with the device; None for no device."""
    product = item.product
    if product is None:
        return None
    return Need(party_id, act, product.device_class, product.category, product.old_category)
