"""What any identifier may stand for, as the start of a trace. # TRC-01"""

import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from traceward.domain.partners.models import Partner
from traceward.domain.sales.models import UsageLine
from traceward.domain.stock.models import Lot, Serial
from traceward.domain.stock.rules import normalised
from traceward.domain.trace.queries.start import Start
from traceward.domain.warehousing.scanning.lookup import Candidate, look_up
from traceward.kernel.documents.models import Document
from traceward.kernel.org.models import Party

#: Meanings of one text that are told.
MAX_MEANINGS = 50


@dataclass(frozen=True)
class Meaning:
    """One thing that the text names, and where a trace of it begins."""

    #: item, lot, serial, container, place, document, usage or partner.
    kind: str
    id: int
    name: str
    start: Start


def identified(
    text: str, *, sites: Collection[int] | None, now: datetime, today: date
) -> list[Meaning]:
    """All that the text may be: a label's code, a lot's, serial's or document's number, an SSCC, a
    supplier's lot, a consignee or supplier by name, code or registered number, a usage by its uid.

    Patients are found by nobody here: a usage is named by itself, never by the pseudonym.
    """
    found = {(m.kind, m.id): m for m in _all(text.strip(), sites, now, today)} if text else {}
    return list(found.values())[:MAX_MEANINGS]


def _all(text: str, sites: Collection[int] | None, now: datetime, today: date) -> Iterator[Meaning]:
    seen = look_up([text], sites=sites, now=now, today=today)
    for one in (*([seen.found] if seen.found else []), *seen.candidates):
        yield _of(one)
    for lot in Lot.objects.filter(
        Q(number=normalised(text)) | Q(supplier_lot=text) | Q(own_lot=text)
    )[:MAX_MEANINGS]:
        yield Meaning("lot", lot.pk, lot.raw_number, Start(lots=[lot.pk]))
    for serial in Serial.objects.filter(number=normalised(text))[:MAX_MEANINGS]:
        yield Meaning("serial", serial.pk, serial.raw_number, Start(serials=[serial.pk]))
    yield from _partners(text)
    if uid := _uid(text):
        yield from _by_uid(uid, sites)


def _of(one: Candidate) -> Meaning:
    """A meaning of the scan service as a start; of a whole item, all its lots and serials."""
    if one.kind == "item":
        lots = Lot.objects.filter(item=one.id).values_list("pk", flat=True)
        loose = Serial.objects.filter(item=one.id, lot=None).values_list("pk", flat=True)
        return Meaning("item", one.id, one.name, Start(lots=list(lots), serials=list(loose)))
    return Meaning(one.kind, one.id, one.name, Start(**{f"{one.kind}s": [one.id]}))


def _partners(text: str) -> Iterator[Meaning]:
    coded = Partner.objects.filter(code=text).values("party")
    known = Q(pk__in=coded) | Q(name_zh=text) | Q(name_en__iexact=text)
    if text.isalnum():
        known |= Q(uscc=text.upper()) | Q(gln=text)
    for party in Party.objects.filter(known)[:MAX_MEANINGS]:
        yield Meaning("partner", party.pk, str(party), Start(partners=[party.pk]))


def _uid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _by_uid(uid: uuid.UUID, sites: Collection[int] | None) -> Iterator[Meaning]:
    """Records are known outside by their uid: in events, webhooks, exports."""
    for lot in Lot.objects.filter(uid=uid):
        yield Meaning("lot", lot.pk, lot.raw_number, Start(lots=[lot.pk]))
    for serial in Serial.objects.filter(uid=uid):
        yield Meaning("serial", serial.pk, serial.raw_number, Start(serials=[serial.pk]))
    for party in Party.objects.filter(uid=uid):
        yield Meaning("partner", party.pk, str(party), Start(partners=[party.pk]))
    papers = Document.objects.filter(uid=uid)
    for document in papers if sites is None else papers.filter(site__in=sites):
        yield Meaning("document", document.pk, str(document), Start(documents=[document.pk]))
    used = UsageLine.objects.filter(line__uid=uid).select_related("line__document")
    for row in used if sites is None else used.filter(line__document__site__in=sites):
        name = f"{row.line.document} / {row.line.line_number}"
        yield Meaning("usage", row.pk, name, Start(lines=[row.pk]))
