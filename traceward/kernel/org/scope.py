"""Where a permission counts: keys that a command touches, and grants that cover them. # ORG-03"""

from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

from django.db.models import Model

from traceward.kernel.base.prepared import Prepared


class ScopeKey(NamedTuple):
    """A place in the organisation that a command touches; both None means the whole group."""

    legal_entity_id: int | None = None
    site_id: int | None = None


WHOLE_GROUP = ScopeKey()


def scope_of(
    model: type[Model],
    key: Any,
    legal_entity: str = "legal_entity_id",
    site: str = "site_id",
    *,
    by: str = "pk",
) -> list[ScopeKey]:
    """Where the rows with this key belong; the whole group where there are none."""
    rows = _belonging(model, by, legal_entity, site)(key)
    return [ScopeKey(*row) for row in rows] or [WHOLE_GROUP]


@cache
def _belonging(model: type[Model], by: str, *columns: str) -> Prepared[Any]:
    return Prepared(lambda key: model._default_manager.filter(**{by: key}).values_list(*columns))


class Grant(NamedTuple):
    """Where a person may use a command; None means every one."""

    legal_entity_id: int | None
    site_id: int | None

    def covers(self, key: ScopeKey) -> bool:
        return self.legal_entity_id in (None, key.legal_entity_id) and self.site_id in (
            None,
            key.site_id,
        )


def uncovered(grants: Iterable[Grant], keys: Iterable[ScopeKey]) -> list[ScopeKey]:
    """The keys that no grant covers, in order and once each."""
    held = list(grants)
    return [key for key in dict.fromkeys(keys) if not any(g.covers(key) for g in held)]
