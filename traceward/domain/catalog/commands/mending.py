"""What was registered wrongly is put right; what is not traded any more is said so. # MDM-01"""

from typing import Any

from traceward.domain.catalog.commands.items import MAX_REASON, require_device, require_no_device
from traceward.domain.catalog.commands.products import Registered
from traceward.domain.catalog.models import Item, MaterialCategory, Product
from traceward.kernel.base.refusals import InvalidInput, WrongState, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.people import whole_group
from traceward.kernel.command.run import command
from traceward.kernel.command.write import amend, sign
from traceward.kernel.org.roles import COMPLIANCE, QUALITY_HEAD

CERTIFIED = "item put under its certificate"
RECATEGORISED = "change of the material category"
DEACTIVATED = "item is not traded any more"
REACTIVATED = "item is traded again"


@command(
    "catalog.certify_item",
    roles=(QUALITY_HEAD, COMPLIANCE),
    scope=whole_group,
    signed=CERTIFIED,
)
def certify_item(
    item_id: int,
    product_id: int,
    reason: str,
    *,
    is_implantable: bool | None = None,
    service_life: str | None = None,
    by: Actor,
) -> Registered:
    """The item is a device under this certificate, whatever it was registered as.

    Certificates and licences are asked for from now on, of stock and open documents as well; lines
    that were written before stay as they were. What is not given stays. A device that is implanted
    stays one: its units are followed to their patients. # MDM-01 MDM-04
    """
    item: Item = Item.objects.lock(item_id)
    reason = _checked(reason)
    implantable = item.is_implantable if is_implantable is None else is_implantable
    life = item.service_life if service_life is None else service_life.strip()
    require_device(product_id, implantable, item.has_expiry, life)
    if item.product_id == product_id:
        raise WrongState(
            sentence("{item} is under this certificate already."),
            field="product_id",
            item=item.code,
        )
    if item.product_id and item.is_implantable and not implantable:
        raise WrongState(
            sentence(
                "{item} is implanted, and its units are followed to their patients. If that is "
                "wrong, deactivate it and register it anew."
            ),
            field="is_implantable",
            item=item.code,
        )
    before = item.product.registration_number if item.product else ""
    values = {
        "product_id": product_id,
        "material_category": MaterialCategory.DEVICE,
        "non_device_reason": "",
        "is_implantable": implantable,
        "service_life": life,
    }
    amend(item, by=by, **values)
    number = Product.objects.get(pk=product_id).registration_number
    return _signed(CERTIFIED, item, reason, by, before=before, certificate=number)


@command(
    "catalog.recategorise_item",
    roles=(QUALITY_HEAD, COMPLIANCE),
    scope=whole_group,
    signed=RECATEGORISED,
)
def recategorise_item(
    item_id: int, material_category: MaterialCategory, reason: str, *, by: Actor
) -> Registered:
    """The item is raw material, semi-finished or packaging, whatever it was registered as.

    It goes to no customer from now on, open orders included. Refused for a device: what was bought
    and sold under a certificate stays in the records of the law. # MDM-01
    """
    item: Item = Item.objects.lock(item_id)
    reason = _checked(reason)
    if material_category is MaterialCategory.DEVICE:
        raise InvalidInput(
            sentence("A device needs its registration certificate: put the item under it."),
            field="material_category",
        )
    if material_category is MaterialCategory.NON_DEVICE:
        raise InvalidInput(
            sentence("Other goods are sold: have quality declare that {item} is no device."),
            field="material_category",
            item=item.code,
        )
    require_no_device(item)
    if item.material_category == material_category:
        raise WrongState(
            sentence("{item} has this material category already."),
            field="material_category",
            item=item.code,
        )
    before = item.material_category
    amend(item, by=by, material_category=material_category, non_device_reason="")
    after = material_category.value
    return _signed(RECATEGORISED, item, reason, by, before=before, material_category=after)


@command(
    "catalog.deactivate_item",
    roles=(QUALITY_HEAD, COMPLIANCE),
    scope=whole_group,
    signed=DEACTIVATED,
)
def deactivate_item(item_id: int, reason: str, *, by: Actor) -> Registered:
    """The item is not traded any more: no new order of purchase, sale or production takes it.

    Orders that are open are served, and stock is moved, transferred, returned and counted as
    before. # MDM-01
    """
    item: Item = Item.objects.lock(item_id)
    reason = _checked(reason)
    if not item.is_active:
        raise WrongState(
            sentence("{item} is not traded any more already."), field="item_id", item=item.code
        )
    amend(item, by=by, is_active=False)
    return _signed(DEACTIVATED, item, reason, by)


@command(
    "catalog.reactivate_item",
    roles=(QUALITY_HEAD, COMPLIANCE),
    scope=whole_group,
    signed=REACTIVATED,
)
def reactivate_item(item_id: int, reason: str, *, by: Actor) -> Registered:
    """The item is traded again: orders take it, as far as its certificate and licences allow."""
    item: Item = Item.objects.lock(item_id)
    reason = _checked(reason)
    if item.is_active:
        raise WrongState(
            sentence("{item} is traded; there is nothing to bring back."),
            field="item_id",
            item=item.code,
        )
    amend(item, by=by, is_active=True)
    return _signed(REACTIVATED, item, reason, by)


def _checked(reason: str) -> str:
    reason = reason.strip()
    if not 1 <= len(reason) <= MAX_REASON:
        raise InvalidInput(
            sentence("Say why, in at most {limit} characters."), field="reason", limit=MAX_REASON
        )
    return reason


def _signed(meaning: str, item: Item, reason: str, by: Actor, **more: Any) -> Registered:
    content = {"item": item.code, "reason": reason, **more}
    sign(meaning, kind="catalog.item", uid=item.uid, content=content, by=by)
    return Registered(item.pk, str(item.uid))
