"""Items with their certificates, and what a document line keeps of them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q

from traceward.domain.catalog import rules
from traceward.domain.catalog.models import Item, MaterialCategory, PackagingLevel, Product
from traceward.domain.catalog.rules import CertificateFault, certificate_fault
from traceward.domain.partners.models import Licence, LicenceKind, Partner
from traceward.domain.partners.queries import (
    licence_gate,
    paper_of,
    papers_on_file,
    require_all_licences,
    require_partner,
)
from traceward.domain.partners.rules import (
    ACT_OF_SITE,
    Act,
    Need,
    Paper,
    is_renewed,
    number_that_counts,
    verdict,
)
from traceward.kernel.base.prepared import Prepared
from traceward.kernel.base.refusals import Refusal, sentence
from traceward.kernel.org.models import LegalEntity, Site
from traceward.kernel.rules.queries import declare, reader


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
    items: Iterable[Item], day: date, *, region: str = "CN"
) -> dict[int, CertificateVerdict]:
    """Each item with its verdict for the region of destination; the items come with their product.

    What has no product above it is no device and needs no certificate.
    """
    return {pk: _certificate(x, day, region) for pk, x in {i.pk: i for i in items}.items()}


def _certificate(item: Item, day: date, region: str) -> CertificateVerdict:
    product = item.product
    if product is None:
        return CertificateVerdict(True, item.code)
    why = certificate_fault(
        product.valid_from,
        product.valid_until,
        product.region,
        day=day,
        region=region,
        is_qualified=product.is_qualified,
    )
    number, until = product.registration_number, product.valid_until
    return CertificateVerdict(why is None, item.code, number, why or "", until)


def require_certificates(
    items: Sequence[Item], day: date, *, region: str = "CN", field: str = ""
) -> dict[int, CertificateVerdict]:
    """The verdicts; refused where an item's certificate does not count on that day.

    The items come with their product. `field` may hold "{n}", which becomes the position of the
    item at fault.
    """
    verdicts = certificate_gate(items, day, region=region)
    if all(found.is_covered for found in verdicts.values()):
        return verdicts
    rows = [
        {
            "n": n,
            "item": found.item,
            "number": found.number,
            "why": WHY_WORDS[CertificateFault(found.why)],
            "until": str(found.until or "—"),
        }
        for n, found in ((n, verdicts[item.pk]) for n, item in enumerate(items))
        if not found.is_covered
    ]
    raise CertificateLacking(
        sentence(
            "{item}: registration certificate {number} (valid until {until}) is “{why}”. "
            "It may not be bought, received, sold or shipped. Have the product qualified, "
            "or the renewal entered, first."
        ),
        field=field.format(n=rows[0]["n"]),
        details=rows,
        **{k: v for k, v in rows[0].items() if k != "n"},
    )


class NotForSale(Refusal):
    """Raw and semi-finished goods go to no customer, nor does what nobody declared. # MDM-01"""


def is_undeclared(item: Item) -> bool:
    """Whether it is said to be no device, but quality has not declared it so."""
    return item.material_category == MaterialCategory.NON_DEVICE and not item.non_device_reason


def is_for_sale(item: Item) -> bool:
    """Whether a customer may get it: a device, or what was declared to be none."""
    return item.product_id is not None or bool(item.non_device_reason)


def require_for_sale(items: Sequence[Item], *, field: str = "") -> None:
    """Refused where an item is none that a customer may get; `field` may hold "{n}"."""
    _require_declared(items, field)
    for n, item in enumerate(items):
        if not is_for_sale(item):
            raise NotForSale(
                sentence(
                    "{item} is “{what}”: it is not sold to customers. If it is a device, register "
                    "it under its certificate; if it is other goods, have quality declare it so."
                ),
                field=field.format(n=n),
                item=item.code,
                what=CATEGORY_WORDS[item.material_category],
            )


def _require_declared(items: Sequence[Item], field: str) -> None:
    for n, item in enumerate(items):
        if is_undeclared(item):
            raise NotForSale(
                sentence(
                    "{item} has no registration certificate, and quality has not declared it no "
                    "device. It may not be bought or sold before."
                ),
                field=field.format(n=n),
                item=item.code,
            )


CATEGORY_WORDS: dict[str, str] = {
    MaterialCategory.DEVICE: sentence("medical device"),
    MaterialCategory.NON_DEVICE: sentence("no medical device"),
    MaterialCategory.RAW: sentence("raw material"),
    MaterialCategory.SEMI_FINISHED: sentence("semi-finished goods"),
    MaterialCategory.PACKAGING: sentence("packaging material"),
}


WHY_WORDS = {
    CertificateFault.NOT_YET: sentence("not yet valid"),
    CertificateFault.EXPIRED: sentence("expired"),
    CertificateFault.REGION: sentence("not valid in this region"),
    CertificateFault.UNQUALIFIED: sentence("not qualified yet"),
}


_BASE_DIS = Prepared(
    lambda items: PackagingLevel.objects.filter(item__in=items, level=0).values_list(
        "item_id", "di"
    )
)


def papers_of(items: Iterable[Item], day: date) -> dict[int, dict[str, Any]]:
    """By item id, what a document line keeps of the device (the columns of `DeviceFacts`).

    The items come from `items_with_facts`. Two queries, whatever the number of items.
    """
    rows = list(items)
    papers = papers_on_file(i.maker_id for i in rows)
    dis = dict(_BASE_DIS([i.pk for i in rows]))
    return {
        i.pk: _facts(i, _making_licence(i, papers[i.maker_id], day), dis.get(i.pk, ""))
        for i in rows
    }


def _making_licence(item: Item, papers: Sequence[Paper], day: date) -> str:
    """The number of what the maker makes it on.

    Class I is made on a filing, which no gate asks for but every record does.
    """
    need = making_need(item)
    number = verdict(need, papers, day).number if need is not None else ""
    return number or number_that_counts(papers, "production", day, or_before=True) or ""


def _facts(item: Item, licence: str, di: str) -> dict[str, Any]:
    product, maker = item.product, item.maker.name("zh")
    is_for_another = product is not None and product.registrant_id != item.maker_id
    return {
        "device_name": item.name("zh"),
        "model": item.model,
        "specification": item.specification,
        "registration_number": product.registration_number if product else "",
        "registrant_name": product.registrant.name("zh") if product else "",
        "maker_name": maker,
        "contract_maker_name": maker if is_for_another else "",
        "production_licence": licence,
        "udi_di": di,
        "storage_conditions": rules.storage_words(
            item.storage_c_min, item.storage_c_max, item.storage_note
        ),
        "service_life": item.service_life,
        "unit": item.base_unit,
    }


def items_with_facts(item_ids: Iterable[int]) -> dict[int, Item]:
    """Items by id, with what `papers_of` and the gates read; one query."""
    return Item.objects.select_related("product__registrant", "maker").find_all(item_ids)


def require_supply(
    items: Sequence[Item],
    supplier_id: int,
    site: Site,
    day: date,
    *,
    field: str = "",
    supplier_field: str = "",
) -> None:
    """Refused where the supplier may not supply an item, has no letter of authorisation for it,
    its maker may not make it, we may not take it, or its certificate does not count on that day.
    # MDM-03 MDM-04

    Nor is what quality has not declared to be no device. `items` come from `items_with_facts`;
    `field` may hold "{n}", the position of the item at fault.
    """
    require_partner(supplier_id, "supplier", field=supplier_field)
    _require_declared(items, field)
    require_certificates(items, day, field=field)
    us, act = site.legal_entity.party_id, ACT_OF_SITE[site.kind]
    needs = {
        i.pk: (
            need_of(i, supplier_id, act_of_supplier(i, supplier_id)),
            need_of(i, supplier_id, Act.REPRESENT),
            making_need(i),
            need_of(i, us, act),
        )
        for i in {item.pk: item for item in items}.values()
    }
    verdicts = licence_gate((x for row in needs.values() for x in row if x is not None), day)
    if all(found.is_covered for found in verdicts.values()):
        return
    groups = list(zip(*(needs[item.pk] for item in items), strict=True))
    require_all_licences(groups, day, field=field)


def making_need(item: Item) -> Need | None:
    """What the maker needs a licence for; abroad it needs none of ours."""
    return need_of(item, item.maker_id, Act.MAKE) if item.maker.country == "CN" else None


def act_of_supplier(item: Item, supplier_id: int) -> Act:
    """The maker and the registrant sell their own device; anybody else trades in it."""
    own = (item.maker_id, item.product.registrant_id if item.product else None)
    return Act.MAKE if supplier_id in own else Act.TRADE


def need_of(item: Item, party_id: int, act: Act) -> Need | None:
    """What the party needs a licence for, to do this with the device; None for no device."""
    product = item.product
    if product is None:
        return None
    return Need(
        party_id,
        act,
        product.device_class,
        product.category,
        product.old_category,
        product.registration_number if act == Act.REPRESENT else "",
    )


WARNING_DAYS = declare(
    "catalog.papers.warning_days",
    [90, 60, 30],
    "kind",
    doc="Days before the last one on which a licence or certificate is warned about.",
)
#: What a paper of this kind gates, by who holds it: our own, or a partner's.
BUYING = ("purchasing.order", "warehousing.receive")
SELLING = ("sales.order", "warehousing.check", "warehousing.ship")
GATES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    LicenceKind.PRODUCTION.value: (("production.release", *SELLING), BUYING),
    LicenceKind.DISTRIBUTION.value: ((*BUYING, *SELLING), (*BUYING, *SELLING)),
    LicenceKind.FILING.value: ((*BUYING, *SELLING), (*BUYING, *SELLING)),
    LicenceKind.INSTITUTION.value: (BUYING, SELLING),
    LicenceKind.AUTHORISATION.value: ((), BUYING),
    LicenceKind.AGREEMENT.value: ((), BUYING[:1]),
    LicenceKind.BUSINESS.value: ((), ()),
}
REGISTRATION = "registration"


@dataclass(frozen=True)
class Lapsing:
    """A licence, letter, agreement or registration certificate that lapses soon or has lapsed."""

    kind: str
    #: Id of the licence or of the product, and the number on the paper.
    id: int
    number: str
    party_id: int
    party: dict[str, str]
    is_ours: bool
    valid_until: date
    #: Days until the last one on which it counts; negative once it is over.
    days_left: int
    #: The most urgent step that is reached, in days; null once it is over.
    step: int | None
    #: Commands that will be refused for want of it.
    gates: list[str]
    #: Active items of this maker (a production licence) or product (a certificate), else null.
    items: int | None


def lapsing(today: date, *, limit: int = 1_000) -> list[Lapsing]:
    """Papers that lapse within the days that the rules say, or have lapsed, the latest last.

    What was revoked, or renewed by a paper that covers the same for longer, is left out; so is
    what belongs to nobody that we trade with or are. # MDM-04 GSP art. 51(5)
    """
    rule = reader(WARNING_DAYS)
    values = [rule.spec.default, *(x.value for x in rule.candidates)]
    furthest = today + timedelta(days=max(max(value, default=0) for value in values))
    ours = set(LegalEntity.objects.values_list("party_id", flat=True))
    found = [*_licences(today, furthest, ours), *_certificates(today, furthest, ours)]
    due = []
    for row in found:
        days = rule.value_for({"kind": row.kind}).value
        step = next((n for n in sorted(days) if 0 <= row.days_left <= n), None)
        if step is not None or row.days_left < 0:
            due.append(replace(row, step=step))
    return sorted(due, key=lambda x: (x.valid_until, x.kind, x.id))[:limit]


def _licences(today: date, furthest: date, ours: set[int]) -> list[Lapsing]:
    traded = Partner.objects.filter(is_qualified=True).values("party")
    known = Licence.objects.filter(Q(party__in=traded) | Q(party__in=ours), revoked_at=None)
    papers: dict[tuple[int, str], list[Licence]] = defaultdict(list)
    for row in known.select_related("party"):
        papers[row.party_id, row.kind].append(row)
    items = dict(
        Item.objects.filter(is_active=True, product__isnull=False)
        .values_list("maker")
        .annotate(count=Count("pk"))
    )
    return [
        Lapsing(
            kind=row.kind,
            id=row.pk,
            number=row.number,
            party_id=row.party_id,
            party=row.party.names,
            is_ours=row.party_id in ours,
            valid_until=row.valid_until,
            days_left=(row.valid_until - today).days,
            step=None,
            gates=list(GATES[row.kind][row.party_id not in ours]),
            items=items.get(row.party_id, 0) if row.kind == LicenceKind.PRODUCTION else None,
        )
        for rows in papers.values()
        for row in rows
        if row.valid_until is not None and row.valid_until <= furthest
        if not any(is_renewed(paper_of(row), paper_of(other)) for other in rows)
    ]


def _certificates(today: date, furthest: date, ours: set[int]) -> list[Lapsing]:
    rows = Product.objects.filter(is_qualified=True, valid_until__lte=furthest)
    traded = Item.objects.filter(is_active=True, product__in=rows).values_list("product")
    items = dict(traded.annotate(count=Count("pk")))
    return [
        Lapsing(
            kind=REGISTRATION,
            id=row.pk,
            number=row.registration_number,
            party_id=row.registrant_id,
            party=row.registrant.names,
            is_ours=row.registrant_id in ours,
            valid_until=row.valid_until,
            days_left=(row.valid_until - today).days,
            step=None,
            gates=[*BUYING, *SELLING, "production.release"],
            items=items[row.pk],
        )
        for row in rows.filter(pk__in=items).select_related("registrant")
        if row.valid_until is not None
    ]
