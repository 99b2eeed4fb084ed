"""Carriers by the name that the reader knows: papers are written with the Chinese one."""

from traceward.domain.partners.models import Partner
from traceward.web.visitors import Visitor

KNOWN = "carriers"


def carriers(to: Visitor) -> dict[str, str]:
    """By Chinese name, what our carriers are called in the visitor's language; read once a page."""
    if KNOWN not in to.known:
        names = Partner.objects.filter(is_carrier=True).order_by("party__sort_key")
        own = "zh" if to.language.startswith("zh") else "en"
        to.known[KNOWN] = {
            zh: (en or zh) if own == "en" else zh
            for zh, en in names.values_list("party__name_zh", "party__name_en")
        }
    found: dict[str, str] = to.known[KNOWN]
    return found


def carrier_named(name: str, to: Visitor) -> str:
    """The carrier's name in the visitor's language; as it was written, where it is none of ours."""
    return name if to.language.startswith("zh") else carriers(to).get(name, name)
