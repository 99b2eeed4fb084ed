"""Items come to be known; what is no device is declared so. # MDM-01"""

from decimal import Decimal
from typing import Any

from traceward.domain.catalog.commands.products import Registered, require_party
from traceward.domain.catalog.models import Item, MaterialCategory, Product
from traceward.kernel.base.measures import Celsius
from traceward.kernel.base.refusals import InvalidInput, NotFound, WrongState, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.people import require_code, require_name, taken, whole_group
from traceward.kernel.command.run import command
from traceward.kernel.command.write import amend, created, sign
from traceward.kernel.org.roles import (
    COMPLIANCE,
    DATA_OWNER,
    QUALITY_CONTROLLER,
    QUALITY_HEAD,
    SYSTEM,
)
from traceward.kernel.records.names import sort_key

DECLARED = "declaration that it is no device"
#: So long is the column of the reason.
MAX_REASON = 200


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
    material_category: MaterialCategory | None = None,
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

    With a product above it, it is a device; else the material category 物料类别 says what it is.
    Raw material, semi-finished goods and packaging are never sold; other goods that are no device
    are bought and sold once quality has declared them so. A device whose label states no day of
    expiry has a service life 使用期限.
    """
    code = require_code(code, 40)
    require_name(name_zh, name_en)
    require_party(maker_id, "maker_id")
    _check_item(has_lots, has_serials, shelf_life_days, storage_c_min, storage_c_max)
    require_device(product_id, is_implantable, has_expiry, service_life)
    if Item.objects.filter(code=code).exists():
        raise taken(code)
    values: dict[str, Any] = {
        "code": code,
        "maker_id": maker_id,
        "product_id": product_id,
        "material_category": _category(product_id, material_category),
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
    names = {"name_zh": name_zh, "name_en": name_en, "sort_key": sort_key(name_zh, name_en)}
    item = Item.objects.create(**names, **values)
    created(item, by=by, **values)
    return Registered(item.pk, str(item.uid))


def require_device(
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


def _category(product_id: int | None, said: MaterialCategory | None) -> MaterialCategory:
    """A device is what has its certificate, and nothing else is."""
    is_device = product_id is not None
    if is_device and said in (None, MaterialCategory.DEVICE):
        return MaterialCategory.DEVICE
    if is_device:
        raise InvalidInput(
            sentence("What has a registration certificate is a device. Leave the category out."),
            field="material_category",
        )
    if said is None:
        raise InvalidInput(
            sentence(
                "A device needs its registration certificate: give the product. For anything else "
                "say what it is: raw, semi_finished, packaging or non_device."
            ),
            field="material_category",
        )
    if said is MaterialCategory.DEVICE:
        raise InvalidInput(
            sentence("A device needs its registration certificate: give the product."),
            field="product_id",
        )
    return said


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
    "catalog.declare_non_device",
    roles=(QUALITY_HEAD, COMPLIANCE),
    scope=whole_group,
    signed=DECLARED,
)
def declare_non_device(item_id: int, reason: str, *, by: Actor) -> Registered:
    """The item is no medical device, for this reason: it needs no certificate to be traded.

    The records of the law leave it out. Refused for what has a certificate or is declared
    already. # MDM-01
    """
    item: Item = Item.objects.lock(item_id)
    reason = reason.strip()
    if not 1 <= len(reason) <= MAX_REASON:
        raise InvalidInput(
            sentence("Say why it is no medical device, in at most {limit} characters."),
            field="reason",
            limit=MAX_REASON,
        )
    require_no_device(item)
    if item.non_device_reason:
        raise WrongState(
            sentence("{item} is declared no device already."), field="item_id", item=item.code
        )
    amend(item, by=by, material_category=MaterialCategory.NON_DEVICE, non_device_reason=reason)
    sign(
        DECLARED,
        kind="catalog.item",
        uid=item.uid,
        content={"item": item.code, "reason": reason},
        by=by,
    )
    return Registered(item.pk, str(item.uid))


def require_no_device(item: Item) -> None:
    """Refused for what has a certificate: its past stays in the records of the law."""
    if item.product_id is not None:
        raise WrongState(
            sentence(
                "{item} is a device under a registration certificate; it stays one. If it was "
                "registered so by mistake, deactivate it and register the goods anew."
            ),
            field="item_id",
            item=item.code,
        )
