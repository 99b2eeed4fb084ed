"""Where an id comes from: the list whose rows an argument of this name may mean."""

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from typing import Any

from traceward.resources.kit import RESOURCES

#: What neither the columns nor the area's own lists tell.
KNOWN = {
    "balance_id": "stock.balances",
    "case_id": "recalls.cases",
    "continued_in_id": "recalls.cases",
    "document_id": "documents.documents",
    "device_id": "org.shared_devices",
    "driver_id": "org.colleagues",
    "from_site_id": "org.sites",
    "grant_id": "org.role_grants",
    "issued_id": "production.issued",
    "factor_id": "org.second_factors",
    "key_id": "org.api_keys",
    "move_id": "stock.moves",
    "notice_id": "purchasing.notices",
    "order_id": "sales.orders",
    "partner_id": "org.parties",
    "receipt_line_id": "warehousing.receipt_lines",
    "transfer_id": "transfers.orders",
    "witness_id": "org.colleagues",
}


def list_of(name: str, area: str = "") -> str | None:
    """The list, such as "catalog.items"; none where the name may mean rows of several.

    An area's own list of that noun goes first: `order_id` of a purchasing command is of its orders.
    """
    one = name.removesuffix("s") if name.endswith("_ids") else name
    own = f"{area}.{one.removesuffix('_id')}"
    found = next((n for n in (f"{own}s", f"{own[:-1]}ies") if n in RESOURCES), None)
    if found is None:
        meant = _meant().get(one, frozenset())
        near = [n for n in meant if n.partition(".")[0] == area]
        found = near[0] if len(near) == 1 else KNOWN.get(one)
        if found is None and len(meant) == 1:
            found = next(iter(meant))
    return found if found in RESOURCES else None


@cache
def _meant() -> Mapping[str, frozenset[str]]:
    """By name of a column with an id, the lists of what it refers to."""
    lists: dict[Any, str] = {}
    for resource in sorted(RESOURCES.values(), key=lambda r: r.area == "records"):
        lists.setdefault(resource.model, resource.name)
    found: dict[str, set[str]] = defaultdict(set)
    for resource in RESOURCES.values():
        for column in resource.columns.values():
            target = getattr(column.field, "related_model", None)
            if column.name.endswith("_id") and target in lists:
                found[column.name].add(lists[target])
    return {name: frozenset(names) for name, names in found.items()}
