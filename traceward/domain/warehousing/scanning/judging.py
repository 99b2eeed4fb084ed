"""One scan held against what a task asks for, as far as it has gone: the step's own rules.

Nothing is written. The command that books them all asks everything again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from traceward.domain.warehousing import queries
from traceward.domain.warehousing.models import ExpectedDelivery, PickLine
from traceward.domain.warehousing.queries import Goods
from traceward.domain.warehousing.refusals import CheckFailed
from traceward.domain.warehousing.scanning.announced import (
    identified,
    matched,
    require_announced,
)
from traceward.domain.warehousing.scanning.goods import goods_of, scanned
from traceward.kernel.base.refusals import InvalidInput, sentence
from traceward.kernel.org.models import Site

#: Lines of a task.
MOST_LINES = 2_000


@dataclass(frozen=True)
class Judged:
    """So many base units of the scan belong to this line of the task."""

    line_id: int
    quantity: int
    item_code: str
    lot: str
    serial: str


def arriving(
    delivery: ExpectedDelivery,
    site: Site,
    codes: Sequence[str],
    packs: int,
    held: Mapping[int, int],
    day: date,
) -> list[Judged]:
    """The announced lines that the packs belong to, besides what is `held` by line already.

    Refused as `warehousing.receive` would refuse them. # INB-02
    """
    lines = [
        one._replace(open_quantity=one.open_quantity - held.get(one.line_id, 0))
        for one in queries.announced(delivery.pk)
    ]
    require_announced([codes], delivery.document, lines, day)
    found, _ = identified([codes], delivery.supplier_id, site, day)
    _, parts = matched(found, [packs], delivery.document, lines, day)
    (label,) = found
    says = (label.item_code, label.lot_number, label.serial_number)
    return [Judged(one.line_id, one.quantity, *says) for one in parts]


def checked(
    lines: Sequence[PickLine], codes: Sequence[str], packs: int, held: Mapping[int, int], day: date
) -> list[Judged]:
    """The picked lines that the packs belong to, besides what is `held` by line already.

    Refused where they were not picked, or no more of them was. # OUT-03
    """
    (seen,) = scanned([(codes, packs)], day, field="codes")
    goods = [x for x in lines if Goods(x.item_id, x.lot_id, x.serial_id) == seen.goods]
    judged, left = [], seen.quantity
    for line in goods:
        part = min(left, line.picked - held.get(line.pk, 0))
        if part > 0:
            says = (seen.label.item_code, seen.label.lot_number, seen.label.serial_number)
            judged.append(Judged(line.pk, part, *says))
            left -= part
    if not left:
        return judged
    picked = sum(line.picked for line in goods)
    if not picked:
        raise CheckFailed(
            sentence("{goods} was not picked for this order. Put it aside; it may not go out."),
            field="codes",
            goods=goods_of(seen.label),
        )
    raise CheckFailed(
        sentence(
            "{goods}: {picked} were picked, with this scan it would be {scanned}. "
            "Scan each pack once; if there are more, cancel the pick."
        ),
        field="codes",
        goods=goods_of(seen.label),
        picked=picked,
        scanned=sum(held.get(line.pk, 0) for line in goods) + seen.quantity,
    )


def held_of(texts: Sequence[str]) -> dict[int, int]:
    """By line, what is at hand: "LINE:QUANTITY" each."""
    found: dict[int, int] = {}
    for text in texts:
        line, _, quantity = text.partition(":")
        if not (line.isdecimal() and quantity.isdecimal()):
            raise InvalidInput(
                sentence(
                    "Say what is at hand as the id of a line, a colon and a quantity, not {text}."
                ),
                field="held",
                text=text[:40],
            )
        found[int(line)] = found.get(int(line), 0) + int(quantity)
    return found
