"""Products come to be known and are qualified. # MDM-01 MDM-03"""

from dataclasses import dataclass, field
from datetime import date

from traceward.domain.catalog import rules
from traceward.domain.catalog.models import Product
from traceward.kernel.base.refusals import InvalidInput, NotFound, WrongState, fill, sentence
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
    require_party(registrant_id, "registrant_id")
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
    """Quality has audited the product's papers: it may be bought from now on.

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


def require_party(party_id: int, name: str) -> None:
    """Refused where nobody with this id is known."""
    if not Party.objects.filter(pk=party_id).exists():
        raise NotFound(
            sentence("There is no party with id {id}. Register it first."),
            field=name,
            id=party_id,
        )
