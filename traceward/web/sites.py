"""The site that a visitor works at: chosen per browser, a filter that can be dropped, no fence."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from traceward.kernel.org.models import Site
from traceward.kernel.org.scope import Grant
from traceward.resources.kit import sites_of
from traceward.web.visitors import Visitor


@dataclass(frozen=True)
class Chosen:
    """One of the sites that the visitor may choose."""

    id: int
    code: str
    text: str
    is_on: bool


def sites_for(to: Visitor) -> list[Chosen]:
    """Every site at which some role of the visitor counts; none where there is but one."""
    found = _all(to)
    return found if len(found) > 1 else []


def sites_here(to: Visitor) -> list[int]:
    """The site that was chosen; else every one at which some role of the visitor counts."""
    found = _all(to)
    return [one.id for one in found if one.is_on] or [one.id for one in found]


def _all(to: Visitor) -> list[Chosen]:
    if "sites" not in to.known:
        to.known["sites"] = _read(to)
    found: list[Chosen] = to.known["sites"]
    return found


def _read(to: Visitor) -> list[Chosen]:
    grants = {grant for several in to.grants.values() for grant in several}
    found = Site.objects.order_by("code")
    if Grant(None, None) not in grants:
        found = found.filter(sites_of(tuple(grants)))
    own = "name_zh" if to.language.startswith("zh") else "name_en"
    rows = found.values_list("pk", "code", own)
    return [Chosen(pk, code, name or code, code == to.site_code) for pk, code, name in rows]


def site_of(to: Visitor) -> Chosen | None:
    """The site that was chosen; None is all of them."""
    if not to.site_code:
        return None
    return next((one for one in sites_for(to) if one.is_on), None)


def narrowed(columns: Mapping[str, Any], given: Mapping[str, Any], to: Visitor) -> dict[str, str]:
    """The filter that the chosen site means for a list that has a site and none in its address."""
    if "site_id" not in columns or any(
        name.startswith("site") or name.endswith("_site_id") for name in given
    ):
        return {}
    found = site_of(to)
    return {"site_id": str(found.id)} if found else {}
