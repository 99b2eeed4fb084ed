"""Products, items and packaging levels come to be known. # MDM-01"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from traceward.domain.catalog import rules
from traceward.domain.catalog.models import Agency, Identifier, Item, PackagingLevel, Product
from traceward.domain.catalog.scanning import UnreadableCode
from traceward.kernel.base.codes import normalise_di, read_label
from traceward.kernel.base.gs1 import CodeProblem
from traceward.kernel.base.measures import Celsius
from traceward.kernel.base.refusals import (
    Conflict,
    InvalidInput,
    NotFound,
    WrongState,
    fill,
    sentence,
)
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.people import require_code, require_name, taken, whole_group
from traceward.kernel.command.run import command
from traceward.kernel.command.write import amend, created, require_other_person, sign
from traceward.kernel.org.models import Party
from traceward.kernel.org.roles import (
    COMPLIANCE,
    DATA_OWNER,
    QUALITY_CONTROLLER,
    QUALITY_HEAD,
    SYSTEM,
)
from traceward.kernel.records.names import sort_key

MAX_LEVELS = 9
#: Characters of a code by which a pack is known.
MAX_DI = 40


@dataclass(frozen=True)
class Warned:
    """What should be looked at although it was taken."""

    zh: str
    en: str


@dataclass(frozen=True)
class Registered:
    """The record that was made, and what of it should be looked at."""

    id: int
    uid: str
    warnings: list[Warned] = field(default_factory=list)


NO_FILING = sentence("The number does not look like that of a class I filing; check it.")


@command(
    "catalog.register_product",
    roles=(DATA_OWNER, QUALITY_CONTROLLER, COMPLIANCE, SYSTEM),
    scope=whole_group,
)
def register_product(
    registration_number: str,
    registrant_id: int,
    device_class: int,
    category: str,
    valid_from: date,
    *,
    name_zh: str = "",
    name_en: str = "",
    valid_until: date | None = None,
    old_category: str = "",
    region: str = "CN",
    by: Actor,
) -> Registered:
    """The registration certificate or filing is known; items are sold under it.

    A Chinese number must have its form and fit class and category (Order 47 art. 115-116); the
    number of a class I filing only warns, since other forms are seen.
    """
    require_name(name_zh, name_en)
    number = require_code(registration_number, 60, field="registration_number")
    _require_party(registrant_id, "registrant_id")
    if device_class not in (1, 2, 3):
        raise InvalidInput(
            sentence("The device class is 1, 2 or 3, not {found}."),
            field="device_class",
            found=device_class,
        )
    if not rules.is_category(category):
        raise InvalidInput(
            sentence("“{category}” is no catalogue category, such as 13-07-01."),
            field="category",
            category=category,
        )
    _check_days(valid_from, valid_until)
    warnings = _check_number(number, device_class, category, old_category, region)
    if Product.objects.filter(registration_number=number).exists():
        raise taken(number, field="registration_number")
    product = Product.objects.create(
        name_zh=name_zh,
        name_en=name_en,
        sort_key=sort_key(name_zh, name_en),
        registration_number=number,
        registrant_id=registrant_id,
        device_class=device_class,
        category=category,
        old_category=old_category,
        valid_from=valid_from,
        valid_until=valid_until,
        region=region,
        registered_by_id=by.person_id,
    )
    created(product, by=by, registration_number=number, valid_until=valid_until)
    return Registered(product.pk, str(product.uid), warnings)


def _check_days(valid_from: date, valid_until: date | None) -> None:
    if valid_until is not None and valid_until < valid_from:
        raise InvalidInput(
            sentence("It ends ({until}) before it begins ({start}). Correct the days."),
            field="valid_until",
            until=str(valid_until),
            start=str(valid_from),
        )


FAULT_WORDS = {
    rules.Fault.FORM: sentence("not in the form of a registration number"),
    rules.Fault.CLASS_3: sentence("a class III number begins with 国"),
    rules.Fault.IMPORTED: sentence("an imported device's number begins with 国"),
    rules.Fault.CLASS: sentence("the number says another device class"),
    rules.Fault.CATEGORY: sentence("the number says another sub-catalogue"),
}


def _check_number(
    number: str, device_class: int, category: str, old_category: str, region: str
) -> list[Warned]:
    """Warnings; refused where a Chinese registration number cannot be right."""
    if region != "CN":
        return []
    if device_class == 1:
        if rules.is_filing(number):
            return []
        return [Warned(fill(NO_FILING, {}, "zh-hans"), fill(NO_FILING, {}, "en"))]
    fault = rules.registration_fault(number, device_class, category, old_category)
    if fault is not None:
        raise InvalidInput(
            sentence("{number}: {why}. Compare it with the certificate."),
            field="registration_number",
            number=number,
            why=FAULT_WORDS[fault],
        )
    return []


@command(
    "catalog.qualify_product",
    roles=(QUALITY_HEAD,),
    scope=whole_group,
    signed="qualification of a product",
)
def qualify_product(product_id: int, reason: str, *, by: Actor) -> Registered:
    """Quality has audited the product's papers (首营品种审核): it may be bought from now on.

    GSP art. 54: the certificate or filing, a sample of the label, the UDI-DI where it has one.
    Whoever registered it cannot qualify it. # MDM-03 ORG-03
    """
    if not reason.strip():
        raise InvalidInput(sentence("Say what was audited and found."), field="reason")
    product = Product.objects.lock(product_id)
    if product.is_qualified:
        raise WrongState(sentence("{code} is qualified already."), code=product.registration_number)
    require_other_person(product.registered_by_id or 0, by=by)
    amend(product, by=by, is_qualified=True)
    sign(
        "qualification of a product",
        kind="catalog.product",
        uid=product.uid,
        content={"product": product.registration_number, "reason": reason},
        by=by,
    )
    return Registered(product.pk, str(product.uid))


@command(
    "catalog.renew_product",
    roles=(DATA_OWNER, QUALITY_CONTROLLER, COMPLIANCE),
    scope=whole_group,
)
def renew_product(product_id: int, valid_until: date, *, by: Actor) -> Registered:
    """The certificate counts until the new day; a renewal keeps its number."""
    product = Product.objects.lock(product_id)
    _check_days(product.valid_from, valid_until)
    if product.valid_until is not None and valid_until <= product.valid_until:
        raise InvalidInput(
            sentence("It counts until {until} already. Give a later day."),
            field="valid_until",
            until=str(product.valid_until),
        )
    amend(product, by=by, valid_until=valid_until)
    return Registered(product.pk, str(product.uid))


@command(
    "catalog.register_item",
    roles=(DATA_OWNER, QUALITY_CONTROLLER, COMPLIANCE, SYSTEM),
    scope=whole_group,
)
def register_item(
    code: str,
    maker_id: int,
    *,
    name_zh: str = "",
    name_en: str = "",
    product_id: int | None = None,
    model: str = "",
    specification: str = "",
    base_unit: str = "EA",
    has_lots: bool = True,
    has_serials: bool = False,
    is_implantable: bool = False,
    shelf_life_days: int | None = None,
    storage_c_min: Celsius | None = None,
    storage_c_max: Celsius | None = None,
    storage_note: str = "",
    has_expiry: bool = True,
    service_life: str = "",
    product_line: str = "",
    by: Actor,
) -> Registered:
    """One model and specification is known: it can be bought, stored, made and sold.

    Without a product above it, it is no device (raw material, packaging). A device whose label
    states no day of expiry has a service life 使用期限.
    """
    code = require_code(code, 40)
    require_name(name_zh, name_en)
    _require_party(maker_id, "maker_id")
    _check_item(has_lots, has_serials, shelf_life_days, storage_c_min, storage_c_max)
    _check_device(product_id, is_implantable, has_expiry, service_life)
    if Item.objects.filter(code=code).exists():
        raise taken(code)
    values: dict[str, Any] = {
        "code": code,
        "maker_id": maker_id,
        "product_id": product_id,
        "model": model,
        "specification": specification,
        "base_unit": base_unit,
        "has_lots": has_lots,
        "has_serials": has_serials,
        "is_implantable": is_implantable,
        "shelf_life_days": shelf_life_days,
        "storage_c_min": storage_c_min,
        "storage_c_max": storage_c_max,
        "storage_note": storage_note.strip(),
        "has_expiry": has_expiry,
        "service_life": service_life.strip(),
        "product_line": product_line,
    }
    item = Item.objects.create(
        name_zh=name_zh, name_en=name_en, sort_key=sort_key(name_zh, name_en), **values
    )
    created(item, by=by, **values)
    return Registered(item.pk, str(item.uid))


def _check_device(
    product_id: int | None, is_implantable: bool, has_expiry: bool, service_life: str
) -> None:
    """A device has its certificate, and a service life where it has no day of expiry."""
    if product_id is not None and not Product.objects.filter(pk=product_id).exists():
        raise NotFound(
            sentence("There is no product with id {id}. Register the certificate first."),
            field="product_id",
            id=product_id,
        )
    if product_id is None and is_implantable:
        raise InvalidInput(
            sentence("An implantable item is a device: give its registration certificate."),
            field="product_id",
        )
    if product_id is not None and not (has_expiry or service_life.strip()):
        raise InvalidInput(
            sentence("A device that does not expire has a service life, such as 10 years."),
            field="service_life",
        )


def _check_item(
    has_lots: bool,
    has_serials: bool,
    shelf_life_days: int | None,
    c_min: Decimal | None,
    c_max: Decimal | None,
) -> None:
    if not (has_lots or has_serials):
        raise InvalidInput(
            sentence("An item is tracked by lot, by serial, or both."), field="has_lots"
        )
    if shelf_life_days is not None and shelf_life_days < 1:
        raise InvalidInput(sentence("The shelf life is at least one day."), field="shelf_life_days")
    if c_min is not None and c_max is not None and c_min > c_max:
        raise InvalidInput(
            sentence("The lower temperature ({low}) is above the upper one ({high})."),
            field="storage_c_min",
            low=str(c_min),
            high=str(c_max),
        )


@command(
    "catalog.add_packaging_level",
    roles=(DATA_OWNER, QUALITY_CONTROLLER, SYSTEM),
    scope=whole_group,
)
def add_packaging_level(
    item_id: int,
    level: int,
    di: str,
    units_of_level_below: int = 1,
    *,
    agency: Agency = Agency.GS1,
    by: Actor,
) -> Registered:
    """A pack of the item has this UDI-DI and holds so many packs of the level below.

    Level 0 is the base unit. GS1's DI is a GTIN of 8, 12, 13 or 14 digits; what has no UDI-DI is
    given a code of our own.
    """
    item = Item.objects.lock(item_id)
    code = _normalised(agency, di, by)
    if not 0 <= level <= MAX_LEVELS:
        raise InvalidInput(
            sentence("Packaging levels go from 0, the base unit, to {limit}."),
            field="level",
            limit=MAX_LEVELS,
        )
    below = PackagingLevel.objects.filter(item=item, level=level - 1).first()
    if level and below is None:
        raise NotFound(
            sentence("{item} has no packaging level {level}. Add the levels from 0 upwards."),
            field="level",
            item=item.code,
            level=level - 1,
        )
    if units_of_level_below < 1 or (level == 0 and units_of_level_below != 1):
        raise InvalidInput(
            sentence("A pack holds at least one of the level below, and the base unit just one."),
            field="units_of_level_below",
        )
    if PackagingLevel.objects.filter(item=item, level=level).exists():
        raise Conflict(
            sentence("{item} has a packaging level {level} already."),
            field="level",
            item=item.code,
            level=level,
        )
    _require_free(agency, code)
    base_units = units_of_level_below * (below.base_units if below else 1)
    pack = PackagingLevel.objects.create(
        item=item, level=level, agency=agency, di=code, base_units=base_units
    )
    created(pack, by=by, item=item.code, level=level, agency=agency, di=code, base_units=base_units)
    return Registered(pack.pk, str(pack.uid))


@dataclass(frozen=True)
class Identified:
    """The pack is known by this code, as it is compared, or is so no more."""

    identifier_id: int
    packaging_id: int
    agency: str
    di: str


@command(
    "catalog.add_identifier",
    roles=(DATA_OWNER, QUALITY_CONTROLLER, SYSTEM),
    scope=whole_group,
)
def add_identifier(packaging_id: int, agency: Agency, di: str, *, by: Actor) -> Identified:
    """The pack is known by one code more: another agency's, or a new UDI-DI of the same pack."""
    pack: PackagingLevel = PackagingLevel.objects.lock(packaging_id)
    code = _normalised(agency, di, by)
    _require_free(agency, code)
    row = Identifier.objects.create(packaging=pack, agency=agency, di=code)
    created(row, by=by, packaging=str(pack.uid), agency=agency, di=code)
    return Identified(row.pk, pack.pk, agency, code)


@command(
    "catalog.withdraw_identifier",
    roles=(DATA_OWNER, QUALITY_CONTROLLER),
    scope=whole_group,
)
def withdraw_identifier(identifier_id: int, reason: str, *, by: Actor) -> Identified:
    """The code names the pack no more, since it was entered by mistake; another pack may have it.

    What was scanned by it stays as it was recorded.
    """
    row: Identifier = Identifier.objects.lock(identifier_id)
    pack = row.packaging
    if not reason.strip():
        raise InvalidInput(sentence("Say why the code is withdrawn."), field="reason")
    if row.withdrawn_at is not None:
        raise WrongState(sentence("{di} is withdrawn already."), field="identifier_id", di=row.di)
    if (row.agency, row.di) == (pack.agency, pack.di):
        raise Conflict(
            sentence("{di} is the pack's own code, which papers and labels show. It stays."),
            field="identifier_id",
            di=row.di,
        )
    by.work.facts["reason"] = reason
    amend(row, by=by, withdrawn_at=by.now)
    return Identified(row.pk, row.packaging_id, row.agency, row.di)


def _normalised(agency: Agency, di: str, by: Actor) -> str:
    """The code as it is compared; refused where the agency gives none like it."""
    try:
        if agency != Agency.OWN:
            return normalise_di(agency, di)
        code = require_code(di, MAX_DI, field="di")
        is_ours = code in read_label([code], by.now.date()).texts
    except CodeProblem as problem:
        raise UnreadableCode.of(problem, "di") from None
    if not is_ours:
        raise InvalidInput(
            sentence("A scanner would take {di} for another system's code. Choose another one."),
            field="di",
            di=code,
        )
    return code


def _require_free(agency: Agency, code: str) -> None:
    rows = Identifier.objects.filter(agency=agency, di=code, withdrawn_at=None)
    twin = rows.select_related("packaging__item").first()
    if twin is not None:
        raise Conflict(
            sentence("The code {di} belongs to {item} already; a code names one pack only."),
            field="di",
            di=code,
            item=twin.packaging.item.code,
        )


def _require_party(party_id: int, name: str) -> None:
    if not Party.objects.filter(pk=party_id).exists():
        raise NotFound(
            sentence("There is no party with id {id}. Register it first."),
            field=name,
            id=party_id,
        )
