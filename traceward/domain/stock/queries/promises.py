"""What is promised to which document line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from traceward.domain.stock.rules import BalanceKey


@dataclass(frozen=True)
class Promised:
    """Base units of one balance that are promised to a document line."""

    line_id: int
    key: BalanceKey
    quantity: int
    expires_at: datetime | None
    lot: str
    serial: str
    place: str
    expires_on: date | None


PROMISED = """
SELECT v.line_id, v.quantity, v.expires_at, coalesce(lt.raw_number, ''),
       coalesce(se.raw_number, ''), p.code, lt.expires_on,
       b.item_id, b.lot_id, b.place_id, b.status, b.owner_id, b.serial_id, b.container_id
FROM stock_reservation v
JOIN stock_balance b ON b.id = v.balance_id
JOIN places_place p ON p.id = b.place_id
LEFT JOIN stock_lot lt ON lt.id = b.lot_id
LEFT JOIN stock_serial se ON se.id = b.serial_id
WHERE v.line_id = ANY (%s) AND v.quantity > 0
ORDER BY p.pick_rank, p.code, v.line_id, v.id
"""


def promised_to(line_ids: Sequence[int]) -> list[Promised]:
    """What these document lines may take, in the order in which a picker walks.

    Promises that have run out are among them until an allocation gives them to somebody else.
    """
    with connection.cursor() as cursor:
        cursor.execute(PROMISED, [list(line_ids)])
        return [
            Promised(line, BalanceKey(*key), quantity, until, lot, serial, place, expires_on)
            for line, quantity, until, lot, serial, place, expires_on, *key in cursor.fetchall()
        ]
