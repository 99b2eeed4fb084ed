"""A database with a row of everything, and statements that try to spoil it."""

import psycopg

from tests import world as worlds
from tests.ledger import database_now, demand_line, post_all
from traceward.domain.stock.models import Code, Serial, Status
from traceward.domain.stock.rules import BalanceKey, Edge, Promise
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles


def fill() -> None:
    """The database has a move, a balance, a promise, an edge, a serial and a signature."""
    world = worlds.build()
    set_up_roles()
    lot, made = world.lot("STENT", "L1"), world.lot("STENT", "L2")
    world.stock(lot, 10)
    by = world.by(roles.SYSTEM)
    consume = world.leg(Code.CONSUME, lot, 2, "A-01", "PRD")
    produce = world.leg(Code.PRODUCE, made, 2, "PRD", "A-01", status=Status.PENDING)
    edge = Edge(lot.pk, None, made.pk, None, 2)
    post_all([consume, produce], edges=[edge], by=by)
    key = BalanceKey(lot.item_id, lot.pk, world.places["A-01"].pk, 2, world.us.pk)
    line = demand_line(world.shanghai, by.person_id, database_now())
    post_all([], promises=[Promise(line, key, 3)], by=by.asking())
    pacer = world.lot("PACER", "P1")
    unit = Serial.objects.create(item=pacer.item, lot=pacer, number="S1", raw_number="S1")
    received = world.leg(
        Code.RECEIVE, pacer, 1, "SUP", "A-01", status=Status.PENDING, serial_id=unit.pk
    )
    post_all([received], by=by.asking())


def state_of(admin: psycopg.Connection, statement: str) -> str:
    """The SQLSTATE with which the statement is refused; "" where it passes."""
    try:
        with admin.transaction(force_rollback=True):
            admin.execute(statement)
    except psycopg.Error as error:
        return error.sqlstate or "?"
    return ""


MOVE = (
    "command_id, posted_at, happened_at, code, item_id, lot_id, serial_id, quantity,"
    " from_place_id, from_status, from_owner_id, from_container_id, to_place_id, to_status,"
    " to_owner_id, to_container_id, actor_id, reverses_id"
)


def inserted(table: str, columns: str, where: str = "true", **changed: str) -> str:
    """An INSERT of a copy of the table's first such row with these columns changed."""
    names = [c.strip() for c in columns.split(",")]
    picked = ", ".join(changed.get(name, name) for name in names)
    return (
        f"INSERT INTO {table} ({columns}) SELECT {picked} FROM {table}"  # noqa: S608  # our own
        f" WHERE {where} ORDER BY id LIMIT 1"
    )


def moved(where: str = "true", **changed: str) -> str:
    changed |= {"hash_version": "0", "content_hash": "''::bytea"}
    return inserted("stock_move", f"{MOVE}, hash_version, content_hash", where, **changed)
