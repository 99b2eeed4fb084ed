"""Labels held against what a document announces: which of its lines come. # INB-02"""

from collections.abc import Mapping, Sequence
from datetime import date

from traceward.domain.catalog.models import Item
from traceward.domain.catalog.queries import items_with_facts, require_supply
from traceward.domain.catalog.scanning import Label, labels
from traceward.domain.stock.refusals import Expired
from traceward.domain.stock.rules import is_expired, normalised
from traceward.domain.warehousing import rules
from traceward.domain.warehousing.scanning.goods import (
    IncompleteLabel,
    goods_of,
    require_agreement,
    require_numbers,
)
from traceward.kernel.base.refusals import InvalidInput, Refusal, sentence
from traceward.kernel.documents.models import Document
from traceward.kernel.org.models import Site

#: The verb by which goods are refused at the door.
REFUSE = "warehousing.refuse_delivery"


class NotAnnounced(Refusal):
    """The goods are not those that were announced. # INB-02"""


def identified(
    scans: Sequence[Sequence[str]], supplier_id: int, site: Site, day: date
) -> tuple[list[Label], Mapping[int, Item]]:
    """What the labels say and the items that they name: this supplier may bring them to us today.

    Refused where a label cannot be read or contradicts itself or what is known of its goods.
    """
    found = labels(scans, day, field="scans.{n}.codes")
    items = items_with_facts({label.item_id for label in found})
    require_supply([items[x.item_id] for x in found], supplier_id, site, day, field="scans.{n}")
    require_agreement(found, field="scans.{n}.codes")
    return found, items


def require_announced(
    scans: Sequence[Sequence[str]],
    document: Document,
    lines: Sequence[rules.Announced],
    day: date,
) -> None:
    """Refused where a label is of goods that the document does not announce: that comes first."""
    known = {one.item_id for one in lines}
    found = labels(scans, day, field="scans.{n}.codes")
    faults = [
        rules.Contradiction(n, rules.Fault.ITEM, "", label.item_code)
        for n, label in enumerate(found)
        if label.item_id not in known
    ]
    if faults:
        raise _contradiction(faults, found, document)


def matched(
    found: Sequence[Label],
    packs: Sequence[int],
    document: Document,
    lines: Sequence[rules.Announced],
    day: date,
) -> tuple[list[rules.Scanned], list[rules.Part]]:
    """Each label, with how many such packs, in lines that the document announces.

    Refused with every contradiction, the first in words.
    """
    if not found:
        raise InvalidInput(sentence("Nothing was scanned."), field="scans")
    scanned = [_scanned(n, *one) for n, one in enumerate(zip(found, packs, strict=True))]
    parts, faults = rules.match(scanned, lines)
    if faults:
        raise _contradiction(faults, found, document)
    for n, label in enumerate(found):
        if is_too_old(label, day):
            raise Expired(
                sentence(
                    "{goods} expired after {expires_on}. Refuse it by “{verb}”, "
                    "or put it aside for the supplier."
                ),
                field=f"scans.{n}.codes",
                goods=goods_of(label),
                expires_on=str(label.expires.on) if label.expires else "",
                verb=REFUSE,
            )
        if label.has_expiry and label.expires is None:
            raise IncompleteLabel(
                sentence("The label of {item} says no {what}. Scan its other barcode too."),
                field=f"scans.{n}.codes",
                item=label.item_code,
                what=sentence("day of expiry"),
            )
    return scanned, parts


def is_too_old(label: Label, day: date) -> bool:
    """Whether what the label is on is past its last usable day: no receipt takes it. # INV-07"""
    return label.expires is not None and is_expired(label.expires.on, day)


def _scanned(n: int, label: Label, packs: int) -> rules.Scanned:
    require_numbers(label, False, f"scans.{n}.codes")
    if packs < 1 or (label.has_serials and (packs > 1 or label.base_units > 1)):
        raise InvalidInput(
            sentence("The number of packs is at least 1, and 1 for what has a serial number."),
            field=f"scans.{n}.packs",
        )
    return rules.Scanned(
        label.item_id,
        packs * label.base_units,
        normalised(label.lot_number) if label.has_lots else "",
        normalised(label.serial_number) if label.has_serials else "",
        label.expires.on if label.expires else None,
    )


SENTENCES = {
    rules.Fault.ITEM: sentence(
        "{item} is not on {document}. Put it aside and ask the buyer about it."
    ),
    rules.Fault.LOT: sentence(
        "{document} announces lot {announced} of {item}, the label says {scanned}. "
        "Put the goods aside and ask the supplier."
    ),
    rules.Fault.SERIAL: sentence(
        "{document} announces serial {announced} of {item}, the label says {scanned}. "
        "Put the goods aside and ask the supplier."
    ),
    rules.Fault.EXPIRY: sentence(
        "{document} announces expiry {announced} for {item}, the label says {scanned}. "
        "Put the goods aside and ask the supplier."
    ),
    rules.Fault.OVER: sentence(
        "{announced} of {item} are still due on {document}, {scanned} were scanned. "
        "Take no more than was announced."
    ),
}


def _contradiction(
    faults: Sequence[rules.Contradiction], found: Sequence[Label], document: Document
) -> NotAnnounced:
    rows = [
        {
            "n": f.scan,
            "fault": f.fault.value,
            "item": found[f.scan].item_code,
            "announced": f.announced,
            "scanned": f.scanned,
        }
        for f in faults
    ]
    again = _again(faults[0], found)
    if again is not None:
        n = faults[0].scan
        return NotAnnounced(
            sentence(
                "{goods} was scanned already, as scan {first}, and {document} announces no more of "
                "it. Scan each pack once; put aside what is too much."
            ),
            field=f"scans.{n}.codes",
            details=rows,
            goods=goods_of(found[n]),
            first=again + 1,
            document=str(document),
        )
    field = "packs" if faults[0].fault is rules.Fault.OVER else "codes"
    return NotAnnounced(
        SENTENCES[faults[0].fault],
        field=f"scans.{faults[0].scan}.{field}",
        details=rows,
        item=rows[0]["item"],
        announced=rows[0]["announced"],
        scanned=rows[0]["scanned"],
        document=str(document),
    )


def _again(fault: rules.Contradiction, found: Sequence[Label]) -> int | None:
    """Which scan before had the same label, where nothing is left of its goods."""
    if fault.fault is not rules.Fault.OVER or fault.announced != "0":
        return None
    same = goods_of(found[fault.scan])
    return next((n for n, one in enumerate(found[: fault.scan]) if goods_of(one) == same), None)
