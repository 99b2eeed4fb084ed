"""What a part of a page is as of: as long as that stays the same, nothing is asked again."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified

from traceward.kernel.audit.models import AuditEntry
from traceward.resources.kit import now
from traceward.web.visitors import Visitor

#: What nobody changed anything for is new again after so many seconds: days go by.
FRESH = 300


def mark_of(to: Visitor) -> str:
    """The newest change there is, for this visitor at their site."""
    last = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    assert to.person is not None, "nobody unknown sees what changes"
    return f'"{to.person.pk}-{last}-{to.site_code}-{int(now().timestamp()) // FRESH}"'


def unchanged(request: HttpRequest, mark: str) -> HttpResponse | None:
    """The short answer to who has what is as of this mark already."""
    if request.headers.get("If-None-Match") != mark:
        return None
    return HttpResponseNotModified(headers={"ETag": mark})
