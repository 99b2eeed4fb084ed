"""The notice of a recall on paper, with a receipt to be sent back, for who has no e-mail. # TRC-03

/recall/9058/notices.pdf                everybody that was told and has no e-mail address
/recall/9058/notices.pdf?from=201       … from the 201st on, where one file has not all of them
/recall/9058/notices.pdf?consignee=17   this one
"""

from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext

from traceward.domain.recalls.models import MessageKind, RecallCase
from traceward.domain.recalls.papers import Letter
from traceward.domain.recalls.queries.consigned import consigned
from traceward.kernel.base.refusals import local
from traceward.kernel.documents import paper
from traceward.web.consoles.recall import CASES, PROGRESS, SHEETS, Room
from traceward.web.kit.frames import forbidden
from traceward.web.visitors import visitor_of

TEMPLATE = Path(__file__).with_name("notice.typ")


def show_notices(request: HttpRequest, key: int) -> HttpResponse:
    """The notices as PDF, in the visitor's language."""
    to = visitor_of(request)
    for name in (CASES, PROGRESS):
        if not to.may(name):
            return forbidden(request, name)
    if key >= 2**63:
        raise Http404
    room = Room(key, {}, to)
    asked = request.GET.get("consignee", "")
    told = [one for one in room.consignees if one.is_told and one.party_id is not None]
    if asked:
        told = [one for one in told if str(one.party_id) == asked]
    else:
        told = [one for one in told if not one.reached.email]
    begin = request.GET.get("from", "1")
    first = int(begin) - 1 if begin.isdecimal() and len(begin) < 9 else -1
    here = told[first : first + SHEETS] if first >= 0 else []
    if not here:
        raise Http404
    part = f"{first + 1}–{first + len(here)} / {len(told)}" if len(told) > SHEETS else ""
    made = paper.pdf(TEMPLATE, {**_data(room, here), "part": part}, at=room.now)
    answer = HttpResponse(made, content_type=paper.MEDIA_TYPE)
    name = f"{gettext('Recall notice')} {room.number}.pdf"
    answer["Content-Disposition"] = content_disposition_header(False, name) or "inline"
    return answer


def _data(room: Room, told: list[Any]) -> dict[str, Any]:
    case = RecallCase.objects.select_related("site__legal_entity__party").get(pk=room.key)
    goods = consigned(room.key, [one.party_id for one in told])
    names = {one.consignee.party_id: one.consignee.names for one in room.progress.answers}
    language = room.to.language
    firm = case.site.legal_entity.party
    sheets = []
    for one in told:
        letter = Letter(
            *(MessageKind.NOTICE, case, names[one.party_id], one.reached.contact),
            *(goods.get(one.party_id, []), one.on_the_way),
        )
        receipt = gettext("{consignee} has received the recall notice {number} and answers:")
        sheets.append(
            {
                "parts": letter.parts(language),
                "receipt": receipt.format(consignee=one.name, number=str(case)),
            }
        )
    ways = [firm.name(language), firm.address, firm.phone]
    return {
        "language": "zh" if language.startswith("zh") else "en",
        "heading": gettext("Medical device recall notice"),
        "number": str(case),
        "firm": firm.name(language),
        "receipt": gettext("Receipt slip"),
        "blanks": [
            *(gettext("Still there"), gettext("Set aside"), gettext("Used")),
            *(
                gettext("Sent back or passed on"),
                gettext("Answered by"),
                gettext("Telephone number"),
            ),
            *(gettext("Day"), gettext("Seal of the firm")),
        ],
        "back": gettext("Send the receipt back to: {whom}").format(
            whom=" · ".join(filter(None, ways))
        ),
        "sheets": sheets,
        "unprintable": gettext("〓 stands for a character that cannot be printed."),
        "made_on": local(room.now, case.site.time_zone)[:10],
    }
