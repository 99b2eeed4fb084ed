"""What every template may use: words in the visitor's language, icons, addresses of files."""

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from traceward.kernel.documents.contents import ACCEPT, MAX_UPLOAD
from traceward.web import icons, statics
from traceward.web.kit import codes

register = template.Library()


@register.simple_tag
def say(text: str) -> str:
    """The sentence in the visitor's language; its id is the English one."""
    return gettext(text)


@register.simple_tag
def icon(name: str) -> SafeString:
    """The icon of this name."""
    return icons.icon(name)


@register.simple_tag
def accepted(what: str) -> str:
    """Of files that may be attached: their kinds for a chooser, their most bytes, that in words."""
    said = {"kinds": ACCEPT, "most": str(MAX_UPLOAD), "size": f"{MAX_UPLOAD // 1_000_000} MB"}
    return said[what]


@register.simple_tag
def asset(name: str) -> str:
    """The address of a style, script or font."""
    return statics.address(name)


@register.simple_tag
def parts(text: str) -> list[list[codes.Part]]:
    """What the codes in a field say, part by part."""
    return codes.read(text)
