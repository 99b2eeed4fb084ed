"""What the tests of allocation share: demand lines, and what stands and is promised."""

from typing import Any

from tests.world import World
from traceward.domain.stock.allocation import Demand
from traceward.domain.stock.models import Code, Serial, Status, StockBalance
from traceward.kernel.documents.models import Document, DocumentLine
from traceward.kernel.org import roles


def line_of(world: World, count: int = 1) -> list[int]:
    """So many lines of a new document."""
    document = Document.objects.create(
        kind="sales.order",
        legal_entity=world.entity,
        site=world.shanghai,
        state="open",
        created_at="2026-01-01T00:00:00Z",
        created_by_id=world.people[roles.SALES.code].person_id,
    )
    rows = [DocumentLine(document=document, line_number=n + 1) for n in range(count)]
    return [row.pk for row in DocumentLine.objects.bulk_create(rows)]


def demand(world: World, quantity: int, item: str = "STENT", **values: Any) -> Demand:
    """A demand for our stock in Shanghai, on a line of its own unless one is given."""
    return Demand(
        line_id=values.pop("line_id", None) or line_of(world)[0],
        item_id=values.pop("item_id", world.items[item].pk),
        quantity=quantity,
        site_id=values.pop("site_id", world.shanghai.pk),
        owner_id=values.pop("owner_id", world.us.pk),
        **values,
    )


def stock_rows(world: World, item: str = "STENT") -> dict[str, tuple[int, int]]:
    """On hand and promised, by lot, in qualified stock of the item in bins."""
    rows = StockBalance.objects.filter(
        item=world.items[item], status=2, place__kind="bin", on_hand__gt=0
    )
    found: dict[str, tuple[int, int]] = {}
    for row in rows.select_related("lot"):
        name = row.lot.raw_number if row.lot else ""
        on_hand, reserved = found.get(name, (0, 0))
        found[name] = on_hand + row.on_hand, reserved + row.reserved
    return found


def serials_of(world: World, count: int) -> list[Serial]:
    """So many pacers, each with its serial, released at A-01."""
    lot = world.lot("PACER", "P1")
    made = [
        Serial.objects.create(item=lot.item, lot=lot, number=f"SN{n}", raw_number=f"SN{n}")
        for n in range(count)
    ]
    legs = [
        world.leg(Code.RECEIVE, lot, 1, "SUP", "A-01", status=Status.PENDING, serial_id=s.pk)
        for s in made
    ]
    world.post(*legs)
    world.post(
        *(
            leg._replace(
                code=Code.RELEASE,
                from_place_id=leg.to_place_id,
                to_status=int(Status.QUALIFIED),
            )
            for leg in legs
        )
    )
    return made
