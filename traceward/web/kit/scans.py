"""A label that was scanned into a field: the record of each field that it says. # WMS-01"""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from traceward.domain.warehousing.scanning import LookedUp
from traceward.domain.warehousing.scanning.lookup import GoodsFound
from traceward.kernel.command.database_errors import persistent
from traceward.resources.kit import QUESTIONS
from traceward.web.kit import codes
from traceward.web.kit.frames import forbidden, in_a_page
from traceward.web.kit.pickers import MAX_LENGTH, named
from traceward.web.visitors import visitor_of

LOOK_UP = "warehousing.look_up"


@in_a_page
def show_scan(request: HttpRequest) -> HttpResponse:
    """What the fields beside this one are to hold; and in words, what does not fit."""
    to = visitor_of(request)
    if not to.may(LOOK_UP):
        return forbidden(request, LOOK_UP)
    code = request.GET.get("code", "")[:MAX_LENGTH]
    function = QUESTIONS[LOOK_UP].function
    found: LookedUp = persistent(lambda: function([code], to=to.reader(LOOK_UP)))
    told = found.told.zh if found.told and to.language.startswith("zh") else ""
    fields: dict[str, Any] = {}
    if found.goods is not None:
        fields = _goods(found.goods, to)
    if found.found is not None and found.found.kind == "place":
        fields["place_id"] = named("places.places", found.found.id, to)
        fields["place_code"] = found.found.name
    if found.found is not None and found.found.kind == "container":
        fields["container_id"] = named("stock.containers", found.found.id, to)
    return JsonResponse(
        {
            "fields": {name: value for name, value in fields.items() if value},
            "told": told or (found.told.en if found.told else ""),
            "states": list(found.states),
            "parts": codes.read(code),
        }
    )


def _goods(goods: GoodsFound, to: Any) -> dict[str, Any]:
    return {
        "item_id": named("catalog.items", goods.item_id, to),
        "lot_id": named("stock.lots", goods.lot_id, to),
        "serial_id": named("stock.serials", goods.serial_id, to),
        "lot_number": goods.lot,
        "serial_number": goods.serial,
        "expires_on": goods.expires_on.isoformat() if goods.expires_on else "",
    }
