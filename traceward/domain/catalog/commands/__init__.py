"""The verbs of the catalog; other areas call them from here."""

from traceward.domain.catalog.commands.items import declare_non_device, register_item
from traceward.domain.catalog.commands.mending import (
    certify_item,
    deactivate_item,
    reactivate_item,
    recategorise_item,
)
from traceward.domain.catalog.commands.packs import (
    Identified,
    add_identifier,
    add_packaging_level,
    withdraw_identifier,
)
from traceward.domain.catalog.commands.products import (
    Registered,
    Warned,
    qualify_product,
    register_product,
    renew_product,
)

__all__ = [
    "Identified",
    "Registered",
    "Warned",
    "add_identifier",
    "add_packaging_level",
    "certify_item",
    "deactivate_item",
    "declare_non_device",
    "qualify_product",
    "reactivate_item",
    "recategorise_item",
    "register_item",
    "register_product",
    "renew_product",
    "withdraw_identifier",
]
