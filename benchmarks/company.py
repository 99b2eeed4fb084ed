"""A scratch database with a company large enough to measure on, filled through the ledger."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections

from tests import databases, world
from traceward.domain.catalog.models import Item
from traceward.domain.places.models import Place, PlaceKind
from traceward.domain.stock.models import Code, Lot, Status
from traceward.domain.stock.rules import Leg
from traceward.kernel.command.actor import Actor
from traceward.kernel.documents.models import DocumentLine
from traceward.kernel.org import roles

FLOORS = Path(__file__).with_name("floors.sql")
EXPIRES_ON = date(2035, 12, 31)
#: What stands of each lot in each place that it is received into.
PLENTY = 1_000_000


@dataclass(frozen=True)
class Company:
    """Plain ids, so that client processes can be told."""

    database: str
    owner: int
    supplier_place: int
    customer_place: int
    production_place: int
    staging_place: int
    transit_place: int
    bins: tuple[int, ...]
    #: Of each lot its item and its id.
    lots: tuple[tuple[int, int], ...]
    system: int
    storekeeper: int
    quality: int


def statements() -> dict[str, str]:
    """The floors' statements under their names."""
    parts = FLOORS.read_text(encoding="utf-8").split("-- name: ")[1:]
    return {name.strip(): body for name, _, body in (p.partition("\n") for p in parts)}


def address(database: str) -> str:
    """Where the floors run: the same server, as its administrator."""
    return psycopg.conninfo.make_conninfo(databases.ADMIN, dbname=database)


@cache
def floor_connection(database: str) -> psycopg.Connection[Any]:
    """One connection a process, as the application has."""
    made = psycopg.connect(address(database))
    made.prepare_threshold = 2
    return made


def as_administrator(database: str, *wanted: str) -> None:
    """These statements of the floors, or plain ones, each in its own transaction."""
    known = statements()
    with psycopg.connect(address(database), autocommit=True) as admin:
        for one in wanted:
            for statement in known.get(one, one).split(";\n"):
                if statement.strip():
                    admin.execute(statement)  # type: ignore[arg-type]  # our own file


@contextmanager
def company(name: str, *, lots: int, bins: int, items: int = 50) -> Iterator[Company]:
    """A database of this benchmark's own with this company; dropped afterwards."""
    with scratch(name) as database:
        yield build(database, lots=lots, bins=bins, items=items)


@contextmanager
def scratch(name: str) -> Iterator[str]:
    """A database of this benchmark's own, without a company; dropped afterwards."""
    database = f"tw_bench_{name}_{databases.WORKER}"
    before = settings.DATABASES["default"]["NAME"]
    databases.clone(database)
    try:
        databases.point_at(database)
        yield database
    finally:
        for one in connections.all(initialized_only=True):
            one.close()
        databases.point_at(before)
        databases.drop(database)


def build(database: str, *, lots: int, bins: int, items: int) -> Company:
    """The company of the tests, with more items, bins and lots."""
    made = world.build()
    model, bin_model = made.items["STENT"], made.places["A-01"]
    wanted = [
        Item(
            code=f"ITEM-{n:04d}", name_zh=f"物料{n}", name_en=f"Item {n}", has_lots=True,
            product=model.product, maker=model.maker, model=f"M{n}",
        )
        for n in range(items)
    ]  # fmt: skip
    rows = Item.objects.bulk_create(wanted)
    places = Place.objects.bulk_create(
        Place(
            code=f"BIN-{n:04d}", kind=PlaceKind.BIN, physical=True, site=bin_model.site,
            legal_entity=bin_model.legal_entity, pick_rank=n,
            temperature_c_min=bin_model.temperature_c_min,
            temperature_c_max=bin_model.temperature_c_max,
        )
        for n in range(bins)
    )  # fmt: skip
    made_lots = Lot.objects.bulk_create(
        (
            Lot(
                item=rows[n % items], maker=model.maker, number=f"LOT{n:07d}",
                raw_number=f"LOT{n:07d}", expires_on=EXPIRES_ON,
            )
            for n in range(lots)
        ),
        batch_size=5_000,
    )  # fmt: skip
    return Company(
        database,
        made.us.pk,
        made.places["SUP"].pk,
        made.places["CUS"].pk,
        made.places["PRD"].pk,
        made.places["STAGE"].pk,
        made.places["WAY"].pk,
        tuple(p.pk for p in places),
        tuple((lot.item_id, lot.pk) for lot in made_lots),
        made.people[roles.SYSTEM.code].person_id,
        made.people[roles.STOREKEEPER.code].person_id,
        made.people[roles.QUALITY_HEAD.code].person_id,
    )


def actor(person: int) -> Actor:
    """This person, asking for something new."""
    return Actor(person, "bench", origin="bench").reauthenticated()


def post(legs: list[tuple[Any, ...]], system: int) -> int:
    """The legs go through the ledger's door; runs in a client process."""
    return world.post_legs(legs=[Leg(*one) for one in legs], by=actor(system))


def receipts(
    made: Company, lots: int, places: int, quantity: int, batch: int
) -> Iterator[dict[str, Any]]:
    """Pieces of work: so many lots stand pending in so many places."""
    legs: list[tuple[Any, ...]] = []
    us, source = made.owner, made.supplier_place
    for item, lot in made.lots[:lots]:
        for place in made.bins[:places]:
            legs.append(
                (Code.RECEIVE.value, item, lot, None, quantity, source, Status.PENDING.value, us,
                 place, Status.PENDING.value, us)
            )  # fmt: skip
            if len(legs) >= batch:
                yield {"legs": legs, "system": made.system}
                legs = []
    if legs:
        yield {"legs": legs, "system": made.system}


def releases(work: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Pieces of work: what those receipts brought is qualified."""
    for one in work:
        legs = [
            (Code.RELEASE.value, item, lot, None, quantity, place, pending, us,
             place, Status.QUALIFIED.value, us)
            for _, item, lot, _, quantity, _, _, _, place, pending, us in one["legs"]
        ]  # fmt: skip
        yield {"legs": legs, "system": one["system"]}


def documents_of(lines: Sequence[int]) -> list[int]:
    """The document of each line."""
    found = dict(DocumentLine.objects.filter(pk__in=lines).values_list("pk", "document"))
    return [found[line] for line in lines]


def settle(database: str) -> None:
    """Statistics are fresh, and what loading left behind is tidied up, before anything counts."""
    as_administrator(database, "VACUUM ANALYZE", "CHECKPOINT")


def chooser(client: int, seed: int) -> random.Random:
    """Random choices that another run makes again."""
    return random.Random(f"{seed}/{client}")


def differences(database: str) -> int:
    """How many balances differ from the sum of their moves. # INV-02"""
    with psycopg.connect(address(database)) as admin:
        (count,) = admin.execute(DIFFERENCES).fetchone() or (0,)
    return int(count)


DIFFERENCES = """
SELECT count(*) FROM (
  SELECT item_id, lot_id, serial_id, place_id, status, owner_id, container_id, sum(n) FROM (
    SELECT item_id, lot_id, serial_id, from_place_id AS place_id, from_status AS status,
           from_owner_id AS owner_id, from_container_id AS container_id, -quantity AS n
    FROM stock_move
    UNION ALL
    SELECT item_id, lot_id, serial_id, to_place_id, to_status, to_owner_id, to_container_id,
           quantity
    FROM stock_move
    UNION ALL
    SELECT item_id, lot_id, serial_id, place_id, status, owner_id, container_id, -on_hand
    FROM stock_balance) side
  GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(n) <> 0) difference
"""


def deadlocks(database: str) -> int:
    """How many deadlocks the server has counted in this database."""
    with psycopg.connect(databases.ADMIN) as admin:
        query = "SELECT deadlocks FROM pg_stat_database WHERE datname = %s"
        (count,) = admin.execute(query, [database]).fetchone() or (0,)
    return int(count)
