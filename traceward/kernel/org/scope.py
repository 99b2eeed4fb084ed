"""Where a permission counts: keys that a command touches, and grants that cover them. # ORG-03"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import QuerySet


class ScopeKey(NamedTuple):
    """A place in the organisation that a command touches; both None means the whole group."""

    legal_entity_id: int | None = None
    site_id: int | None = None


WHOLE_GROUP = ScopeKey()


def scope_of(
    rows: QuerySet[Any], legal_entity: str = "legal_entity_id", site: str = "site_id"
) -> list[ScopeKey]:
    """Where these rows belong; the whole group where there are none."""
    return [ScopeKey(*row) for row in rows.values_list(legal_entity, site)] or [WHOLE_GROUP]


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
