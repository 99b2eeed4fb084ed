"""Icons, drawn in the page itself: no request, and coloured as the text around them."""

from functools import cache

from django.utils.safestring import SafeString, mark_safe

from traceward.kernel.base.assets import FOLDER


@cache
def icon(name: str) -> SafeString:
    """The icon of this name; assets.ICONS lists those that there are."""
    svg = (FOLDER / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    drawing = svg[svg.index(">", svg.index("<svg")) + 1 : svg.rindex("</svg>")]
    return mark_safe(  # our own file
        '<svg class="tw-ic" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
        'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">'
        f"{' '.join(drawing.split())}</svg>"
    )
