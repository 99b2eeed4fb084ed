"""The company opens: all that stands before the first goods come, set up by the usual commands."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from traceward.cli.company.articles import Article, Certificate
from traceward.cli.company.blueprint import Blueprint
from traceward.cli.company.group import Firm
from traceward.cli.company.play.known import Known
from traceward.domain.catalog.commands import (
    add_packaging_level,
    qualify_product,
    register_item,
    register_product,
)
from traceward.domain.catalog.models import MaterialCategory
from traceward.domain.partners.commands import add_licence, name_contact, qualify, register
from traceward.domain.partners.models import CustomerClass, LicenceKind
from traceward.domain.places.commands import open_place
from traceward.domain.places.models import PlaceKind, Zone
from traceward.domain.production.commands.planning import BomPart, define_bom
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.administration import set_password
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.command.parameters import set_parameter
from traceward.kernel.command.people import (
    grant_role,
    open_site,
    register_legal_entity,
    register_party,
    register_person,
)
from traceward.kernel.command.setup import SYSTEM_LOGIN
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person, SiteKind

ORIGIN = "demo"
#: With which one of each role signs; it is no secret, and counts in sandboxes only.
PASSWORD = "chengyan-demo-2026"
#: A hospital takes nothing that ends sooner.
HOSPITAL_DAYS = 60


def open_firms(plan: Blueprint) -> Known:
    """Firms, sites and people are known."""
    known, by = Known(), _system()
    _firms(known, plan, by)
    _people(known, plan, by)
    return known


def open_trade(known: Known, plan: Blueprint) -> None:
    """Partners with papers, items and rules are known too."""
    _partners(known, plan)
    _contacts(known, plan)
    _items(known, plan)
    _recipes(known, plan)
    _rules(known, plan)


def _system() -> Actor:
    system = Person.objects.get(login=SYSTEM_LOGIN)
    return Actor(system.pk, system.login, ORIGIN)


def _firms(known: Known, plan: Blueprint, by: Actor) -> None:
    for n, firm in enumerate(_all_firms(plan), 1):
        made = register_party(
            firm.zh,
            firm.en,
            uscc=firm.uscc,
            gln=firm.gln,
            country=firm.country,
            address=f"云锦大道 {n} 号",
            phone=f"0999-{n:07d}",
            by=by.asking(),
        )
        known.parties[firm.code] = made.id
        if firm.role == "entity":
            entity = register_legal_entity(firm.code, made.id, by=by.asking())
            known.entities[firm.code] = entity.id
    for site in plan.warehouses:
        known.entity_of[site.code] = site.entity
        known.sites[site.code] = open_site(
            site.code,
            known.entities[site.entity],
            SiteKind(site.kind),
            name_zh=site.zh,
            name_en=site.en,
            gln=site.gln,
            by=by.asking(),
        ).id


def _all_firms(plan: Blueprint) -> list[Firm]:
    return [*plan.firms, *(hospital.firm for hospital in plan.hospitals)]


def _people(known: Known, plan: Blueprint, by: Actor) -> None:
    for worker in plan.workers:
        person = register_person(worker.login, worker.zh, worker.en, by=by.asking())
        grant_role(
            person.id,
            worker.role,
            legal_entity_id=known.entities.get(worker.scope),
            site_id=known.sites.get(worker.scope),
            by=by.asking(),
        )
        actor = Actor(person.id, worker.login, ORIGIN)
        known.people.setdefault((worker.role, worker.scope), []).append(actor)


def _partners(known: Known, plan: Blueprint) -> None:
    """Papers are entered, quality audits them, and then we may trade."""
    for firm in _all_firms(plan):
        for paper in firm.papers:
            add_licence(
                known.parties[firm.code],
                LicenceKind(paper.kind),
                paper.number,
                list(paper.classes),
                paper.valid_from,
                valid_until=paper.valid_until,
                categories=list(paper.categories),
                by=known.by(roles.COMPLIANCE),
            )
        if firm.role in ("maker", "trader", "material"):
            _agree(known, plan, firm)
        if firm.role in ("entity", "maker only"):
            continue
        is_customer = firm.role == "hospital"
        partner = register(
            known.parties[firm.code],
            firm.code,
            is_supplier=firm.role in ("maker", "trader", "material"),
            is_maker=firm.role in ("maker", "material"),
            is_customer=is_customer,
            is_carrier=firm.role == "carrier",
            customer_class=CustomerClass.HOSPITAL if is_customer else None,
            by=known.by(roles.DATA_OWNER),
        )
        reason = "首营企业审核：证照齐全、在有效期内，质量保证协议已签"
        qualify(partner.id, reason, by=known.signing(roles.QUALITY_HEAD))


def _contacts(known: Known, plan: Blueprint) -> None:
    """Hospitals say whom to tell of recalls; some of them have a telephone only."""
    for number, hospital in enumerate(plan.hospitals, 1):
        code = hospital.firm.code
        name_contact(
            known.parties[code],
            "设备科召回专员",
            email="" if number % 6 == 5 else f"shebeike@{code.lower()}.example",
            phone=f"0999-{number:07d}",
            by=known.by(roles.DATA_OWNER),
        )


def _agree(known: Known, plan: Blueprint, firm: Firm) -> None:
    """A supplier has agreed on quality, and authorises its salesperson."""
    party = known.parties[firm.code]
    by = known.by(roles.COMPLIANCE)
    agreement, letter = LicenceKind.AGREEMENT, LicenceKind.AUTHORISATION
    start, end = plan.opens_on, plan.opens_on.replace(year=plan.opens_on.year + 5)
    add_licence(
        party, agreement, f"ZB-{firm.code}", [1, 2, 3], start, valid_until=end, by=by.asking()
    )
    add_licence(
        party,
        letter,
        f"SQ-{firm.code}",
        [1, 2, 3],
        start,
        valid_until=end,
        territory="全国",
        salesperson=Erasable("华宁 999999199001010000"),
        by=by.asking(),
    )


def open_places(known: Known, plan: Blueprint) -> None:
    """The places of the firms and sites are known; they need nothing of what is traded."""
    for spot in plan.spots:
        low, high = spot.celsius or (None, None)
        opened = open_place(
            known.sites[spot.site],
            spot.code,
            PlaceKind(spot.kind),
            name_zh=spot.zh,
            name_en=spot.en,
            parent_id=known.places.get(spot.parent),
            party_id=known.parties.get(spot.party),
            zone=Zone(spot.zone) if spot.zone else None,
            temperature_c_min=_celsius(low),
            temperature_c_max=_celsius(high),
            pick_rank=spot.rank,
            by=known.by(roles.ADMINISTRATOR),
        )
        known.places[spot.code] = opened.id


def _celsius(value: int | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _items(known: Known, plan: Blueprint) -> None:
    for certificate in plan.certificates.values():
        known.products[certificate.code] = enter_product(known, certificate)
        by = known.signing(roles.QUALITY_HEAD)
        qualify_product(
            known.products[certificate.code], "首营品种审核：注册证、标签样稿齐全", by=by
        )
    for article in plan.articles.values():
        _item(known, article)


def enter_product(known: Known, certificate: Certificate) -> int:
    """The id of the product that the certificate is for."""
    return register_product(
        certificate.number,
        known.parties[certificate.maker],
        certificate.device_class,
        certificate.category,
        certificate.valid_from,
        name_zh=certificate.zh,
        name_en=certificate.en,
        valid_until=certificate.valid_until,
        old_category=certificate.old_category,
        by=known.by(roles.DATA_OWNER),
    ).id


def _item(known: Known, article: Article) -> None:
    low, high = article.celsius or (None, None)
    values: dict[str, Any] = {
        "name_zh": article.zh,
        "name_en": article.en,
        "product_id": known.products.get(article.family),
        "material_category": MaterialCategory(article.category),
        "model": article.specification,
        "specification": article.specification,
        "base_unit": article.unit,
        "has_lots": article.has_lots,
        "has_serials": article.has_serials,
        "is_implantable": article.is_implantable,
        "shelf_life_days": article.shelf_life_days,
        "has_expiry": article.shelf_life_days is not None,
        "service_life": "" if article.shelf_life_days else "10 年",
        "storage_c_min": _celsius(low),
        "storage_c_max": _celsius(high),
        "product_line": article.line,
    }
    maker = known.parties[article.maker]
    item = register_item(article.code, maker, by=known.by(roles.DATA_OWNER), **values).id
    known.items[article.code] = item
    for pack in article.packs:
        add_packaging_level(item, pack.level, pack.di, pack.of_below, by=known.by(roles.DATA_OWNER))


def _recipes(known: Known, plan: Blueprint) -> None:
    for recipe in plan.recipes:
        parts = [BomPart(known.items[item], quantity) for item, quantity in recipe.inputs]
        by = known.by(roles.DATA_OWNER)
        define_bom(known.items[recipe.output], parts, plan.opens_on, by=by)


def _rules(known: Known, plan: Blueprint) -> None:
    for firm in plan.firms:
        if firm.role == "entity":
            set_parameter(
                "warehousing.gs1_company_prefix",
                firm.prefix,
                {"legal_entity": known.entities[firm.code]},
                by=known.by(roles.DATA_OWNER),
            )
    set_parameter("quality.release.together_class", 3, by=known.by(roles.QUALITY_HEAD))
    set_parameter(
        "stock.allocation.minimum_days",
        HOSPITAL_DAYS,
        {"customer_class": CustomerClass.HOSPITAL.value},
        by=known.by(roles.QUALITY_HEAD),
    )


def set_passwords(person_ids: Iterable[int]) -> None:
    """These people can prove who they are. Hashing takes a third of a second each."""
    by = _system()
    for person_id in person_ids:
        set_password(person_id, Erasable(PASSWORD), must_change=False, by=by.asking())
