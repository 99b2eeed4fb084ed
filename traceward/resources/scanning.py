"""What any scanned or typed code stands for."""

from collections.abc import Collection
from datetime import date
from typing import Annotated

from pydantic import Field

from traceward.domain.sales.models import Usage
from traceward.domain.warehousing.scanning import LookedUp
from traceward.domain.warehousing.scanning import look_up as look
from traceward.kernel.base.codes import MAX_BARCODES
from traceward.kernel.base.gs1 import SCAN_LIMIT
from traceward.kernel.base.refusals import NotFound, sentence
from traceward.kernel.org.models import Site
from traceward.resources.kit import Reader, now, question

#: The barcodes of one label, as the scanner gave them.
Codes = Annotated[
    list[Annotated[str, Field(max_length=SCAN_LIMIT)]],
    Field(min_length=1, max_length=MAX_BARCODES),
]


@question("warehousing.look_up", scope=None)
def look_up(codes: Codes, site_code: str = "", *, to: Reader) -> LookedUp:
    """What the barcodes of one label, or a typed code, stand for, how it stands, what does not fit.

    The day is that of the site, where one is named: it decides whether a lot is expired.
    """
    moment = now()
    site = Site.objects.filter(code=site_code).first()
    if site_code and site is None:
        raise NotFound(
            sentence("There is no site {code}. Look it up in the list of sites."),
            field="site_code",
            code=site_code,
        )
    today = site.day_at(moment) if site else moment.date()
    return look(codes, sites=to.sites(), now=moment, today=today, days=_used_on)


def _used_on(ids: Collection[int]) -> dict[int, date]:
    """Of those that are usages, the day of use: it may be on record only later."""
    return dict(Usage.objects.filter(pk__in=ids).values_list("pk", "used_on"))
