"""How goods came to be nobody's stock any more: used, destroyed, sent back, used up, missed."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from traceward.domain.places.models import Place, PlaceKind
from traceward.domain.stock.models import Code
from traceward.kernel.base.refusals import phrase, sentence, tell
from traceward.kernel.documents.models import Document
from traceward.kernel.org.models import Party

#: By what move goods go for good, and the word for it.
WAYS: dict[int, str] = {
    Code.USE: "used",
    Code.DESTROY: "destroyed",
    Code.RETURN_TO_SUPPLIER: "returned to supplier",
    Code.CONSUME: "consumed",
    Code.ADJUST_OUT: "missing",
    Code.WRITE_OFF: "missing",
}
#: What stands in a place of this kind is there for the record only.
FINAL: dict[str, str] = {PlaceKind.USED: "used", PlaceKind.DESTRUCTION: "destroyed"}

SENTENCES = {
    "used": sentence("Used on a patient: {quantity} at {partner} ({place}), {day}."),
    "destroyed": sentence("Destroyed: {quantity} out of {place}, {day}."),
    "returned to supplier": sentence("Sent back to {partner}: {quantity} out of {place}, {day}."),
    "consumed": sentence("Used up in production: {quantity} out of {place}, {day}."),
    "missing": sentence("Missed by a count: {quantity} at {place}, {day}."),
}

# A move that was taken back counts as not having been.
LEFT = """
SELECT m.code::int, m.from_place_id, m.to_owner_id, sum(m.quantity)::bigint, max(m.happened_at),
  (array_agg(m.document_id ORDER BY m.id DESC))[1]
FROM stock_move m
WHERE (m.lot_id = %(lot)s OR m.serial_id = %(serial)s) AND m.code = ANY (%(codes)s)
  AND NOT EXISTS (SELECT FROM stock_move r WHERE r.reverses_id = m.id)
  AND (%(sites)s::bigint[] IS NULL OR EXISTS (SELECT FROM places_place p
       WHERE p.id IN (m.from_place_id, m.to_place_id) AND p.site_id = ANY (%(sites)s)))
GROUP BY 1, 2, 3 ORDER BY max(m.id) DESC LIMIT %(limit)s
"""


#: The day that documents themselves name, by their ids, as a usage says when it was.
Days = Callable[[Collection[int]], Mapping[int, date]]


def no_days(_: Collection[int]) -> Mapping[int, date]:
    return {}


@dataclass(frozen=True)
class LeftSaid:
    """In both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class Left:
    """Base units that are in nobody's stock any more, by how they went and from where."""

    #: "used", "destroyed", "returned to supplier", "consumed" or "missing".
    how: str
    quantity: int
    #: When the last of them were booked out.
    at: datetime
    #: The day on which it happened: the document's own, or that of the booking at the site.
    on: date
    #: Where they were until then: the department, or a place of ours.
    place_id: int
    place: str
    site_id: int
    #: The hospital that used them, or the supplier that has them back; else null.
    partner_id: int | None
    partner_zh: str
    partner_en: str
    #: The last document of them; null where there is none, or the asker may not see it.
    document_id: int | None
    document_kind: str
    document_number: str
    said: LeftSaid


def left(
    *,
    lot_id: int | None = None,
    serial_id: int | None = None,
    sites: Collection[int] | None,
    limit: int,
    days: Days = no_days,
) -> list[Left]:
    """How units of the lot, or the serial, went for good, the latest first. # WMS-01

    Of those that touched one of the sites. What was received again after it had been sent back is
    among them: whether it stands somewhere is asked elsewhere.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            LEFT,
            {
                "lot": lot_id,
                "serial": serial_id,
                "codes": list(map(int, WAYS)),
                "sites": None if sites is None else sorted(sites),
                "limit": limit,
            },
        )
        rows = cursor.fetchall()
    places = Place.objects.select_related("site", "party").in_bulk({row[1] for row in rows})
    owners = Party.objects.in_bulk({row[2] for row in rows})
    papers = Document.objects.in_bulk({row[5] for row in rows if row[5]})
    own_days = days(papers)
    found = []
    for row in rows:
        place = places[row[1]]
        on = own_days.get(row[5] or 0) or place.site.day_at(row[4])
        found.append(_told(row, on, place, owners[row[2]], _seen(papers.get(row[5] or 0), sites)))
    return found


def _seen(document: Document | None, sites: Collection[int] | None) -> Document | None:
    is_seen = document is not None and (sites is None or document.site_id in sites)
    return document if is_seen else None


def _told(
    row: tuple[Any, ...], on: date, place: Place, owner: Party, document: Document | None
) -> Left:
    code, _, _, quantity, at, _ = row
    how = WAYS[code]
    partner = {Code.USE: place.party, Code.RETURN_TO_SUPPLIER: owner}.get(code)
    names = {"zh": partner.name("zh"), "en": partner.name("en")} if partner else None
    said = phrase(
        SENTENCES[how],
        quantity=quantity,
        partner=names,
        place=place.code,
        day=on.isoformat(),
    )
    return Left(
        how=how,
        quantity=quantity,
        at=at,
        on=on,
        place_id=place.pk,
        place=place.code,
        site_id=place.site_id,
        partner_id=partner.pk if partner else None,
        partner_zh=names["zh"] if names else "",
        partner_en=names["en"] if names else "",
        document_id=document.pk if document else None,
        document_kind=document.kind if document else "",
        document_number=str(document.number or "") if document else "",
        said=LeftSaid(tell(said, "zh-hans"), tell(said, "en")),
    )
