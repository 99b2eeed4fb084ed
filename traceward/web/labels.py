"""Printed labels as they leave: PDF to look at and print, commands for a label printer."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header

from traceward.kernel.base.refusals import NotAllowed, Refusal
from traceward.kernel.command.database_errors import persistent
from traceward.resources.label_files import PRINTS, labels_as
from traceward.web.kit.frames import forbidden
from traceward.web.visitors import visitor_of


def show_labels(request: HttpRequest, key: str, form: str) -> HttpResponse:
    """The labels, for who may read the print; the printer's commands are saved, not opened."""
    to = visitor_of(request)
    if not to.may(PRINTS):
        return forbidden(request, PRINTS)
    try:
        content = persistent(lambda: labels_as(form, key, to.reader(PRINTS), to.may))
    except NotAllowed as refusal:
        return forbidden(request, refusal.values["verb"])
    except Refusal as refusal:
        raise Http404(refusal.in_language(to.language)) from None
    answer = HttpResponse(content.content, content_type=content.media_type)
    is_saved = form == "zpl"
    answer["Content-Disposition"] = content_disposition_header(is_saved, content.name) or "inline"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
