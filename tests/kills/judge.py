"""Holds the database against the clients' own logs, unit by unit; reads as the verifier's role.

What must be there comes from the logs and from what was counted before the first client began;
nothing that the server says of itself is taken for granted.
"""

import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tests.kills.client import read
from tests.kills.errands import key_of

Row = dict[str, Any]
#: item, lot or 0, place, status, owner
Key = tuple[int, ...]
MAX_SHOWN = 20
CATCH_UP_SECONDS = 90


@dataclass
class Said:
    """What the clients' logs say together."""

    orders: dict[str, Row] = field(default_factory=dict)
    answers: dict[str, Row] = field(default_factory=dict)
    differs: list[Row] = field(default_factory=list)

    @property
    def unanswered(self) -> list[str]:
        return [request for request in self.orders if request not in self.answers]

    def done(self, *verbs: str) -> Iterator[tuple[Row, Any]]:
        """Orders answered with done, with the answer."""
        for request, row in self.orders.items():
            answer = self.answers.get(request)
            if answer and answer["outcome"] == "done" and (not verbs or row["verb"] in verbs):
                yield row, answer["answer"]


def heard(logs: Iterable[Path]) -> Said:
    said = Said()
    for path in logs:
        for row in read(path):
            if "ordered" in row:
                assert row["ordered"] not in said.orders, "a client ordered the same twice"
                said.orders[row["ordered"]] = row
            elif "answered" in row:
                said.answers[row["answered"]] = row
            else:
                said.differs.append(row)
    return said


class Judge:
    """Collects what is wrong; nothing found means that nothing was lost or doubled."""

    def __init__(self, url: str, company: Row, said: Said) -> None:
        self.connection = psycopg.connect(url, autocommit=True)
        self.company, self.said = company, said
        self.faults: list[str] = []
        self.figures: dict[str, int] = {}

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.connection.execute(query.encode(), values).fetchall()

    def one(self, query: str, *values: Any) -> Any:
        return self.rows(query, *values)[0][0]

    def fault(self, what: str, cases: Iterable[Any]) -> None:
        found = list(cases)
        if found:
            shown = "; ".join(str(case) for case in found[:MAX_SHOWN])
            self.faults.append(f"{what} ({len(found)}): {shown}")

    def judge(self) -> list[str]:
        self.fault("no answer to the end", self.said.unanswered)
        self.fault("a repeated request got another answer", self.said.differs)
        entries = self._entries()
        self._each_answer_once(entries)
        self._each_move_once(entries)
        self._balances()
        self._promises()
        self._documents()
        self._order()
        self._events()
        return self.faults

    # --- Commands and moves -------------------------------------------------------------------

    def _entries(self) -> dict[str, list[Row]]:
        """Audit entries made by clients, by request id."""
        found: dict[str, list[Row]] = defaultdict(list)
        query = (
            "SELECT request_id::text, id, actor_id, verb, outcome FROM audit_entry"
            " WHERE id > %s AND actor_id <> %s"
        )
        for request, *values in self.rows(
            query, self.company["last_command"], self.company["system"]
        ):
            named = dict(zip(("id", "actor", "verb", "outcome"), values, strict=True))
            found[request].append(named)
        return found

    def _each_answer_once(self, entries: dict[str, list[Row]]) -> None:
        missing, doubled, other = [], [], []
        for request, answer in self.said.answers.items():
            order, found = self.said.orders[request], entries.get(request, [])
            name = f"{order['verb']} {request}"
            if not found:
                missing.append(name)
            elif len(found) > 1:
                doubled.append(name)
            else:
                said = (order["verb"], self.company["people"][order["person"]], answer["outcome"])
                kept = (found[0]["verb"], found[0]["actor"], found[0]["outcome"])
                if said != kept:
                    other.append(f"{name}: client {said}, audit {kept}")
        self.fault("acknowledged but missing", missing)
        self.fault("acknowledged once, on record more than once", doubled)
        self.fault("acknowledged otherwise than on record", other)
        strange = set(entries) - set(self.said.orders)
        self.fault("on record, but no client asked for it", strange)

    def _each_move_once(self, entries: dict[str, list[Row]]) -> None:
        """Each done order's moves, and no others, stand under its command."""
        query = (
            "SELECT command_id, code, item_id, coalesce(lot_id, 0), quantity, from_place_id,"
            " from_status, from_owner_id, to_place_id, to_status, to_owner_id FROM stock_move"
            " WHERE command_id > %s AND actor_id <> %s"
        )
        there: dict[int, Counter[Key]] = defaultdict(Counter)
        for command, *move in self.rows(
            query, self.company["last_command"], self.company["system"]
        ):
            there[command][tuple(move)] += 1
        wanted: dict[int, Counter[Key]] = {}
        for row, answer in self.said.done():
            moves = Counter(moves_of(row, answer))
            for entry in entries.get(row["ordered"], [])[:1]:
                if moves:
                    wanted[entry["id"]] = moves
        self.fault("moves missing or changed", [c for c in wanted if there[c] != wanted[c]])
        self.fault("moves that no order made", [c for c in there if there[c] and c not in wanted])
        self.figures["moves"] = sum(sum(moves.values()) for moves in there.values())

    def _balances(self) -> None:
        """Quantities: what stood there before, and every done order's moves; nothing else."""
        expected: Counter[Key] = Counter()
        for *key, on_hand in self.company["balances"]:
            expected[tuple(key)] += on_hand
        for row, answer in self.said.done():
            for move in moves_of(row, answer):
                apply(expected, move)
        for move in self._moves_of_handlers():
            apply(expected, move)
        query = (
            "SELECT item_id, coalesce(lot_id, 0), place_id, status, owner_id, sum(on_hand)::bigint"
            " FROM stock_balance GROUP BY 1, 2, 3, 4, 5"
        )
        there = {tuple(key): on_hand for *key, on_hand in self.rows(query)}
        wrong = [
            f"{key}: {there.get(key, 0)} instead of {expected.get(key, 0)}"
            for key in sorted(set(there) | set(expected))
            if there.get(key, 0) != expected.get(key, 0)
        ]
        self.fault("quantity (item, lot, place, status, owner) is not as the logs say", wrong)
        query = """
            WITH change AS (
              SELECT item_id, lot_id, to_place_id AS place_id, to_status AS status,
                     to_owner_id AS owner_id, quantity FROM stock_move
              UNION ALL
              SELECT item_id, lot_id, from_place_id, from_status, from_owner_id, -quantity
              FROM stock_move), total AS (
              SELECT item_id, coalesce(lot_id, 0) AS lot, place_id, status, owner_id,
                     sum(quantity) AS quantity FROM change GROUP BY 1, 2, 3, 4, 5), kept AS (
              SELECT item_id, coalesce(lot_id, 0) AS lot, place_id, status, owner_id,
                     sum(on_hand) AS quantity FROM stock_balance GROUP BY 1, 2, 3, 4, 5)
            SELECT * FROM total t FULL JOIN kept k USING (item_id, lot, place_id, status, owner_id)
            WHERE coalesce(t.quantity, 0) <> coalesce(k.quantity, 0)"""
        self.fault("balance is not the sum of the moves", self.rows(query))

    def _moves_of_handlers(self) -> Iterator[Key]:
        """One unit of the item TALLY for each event that the clients caused."""
        query = (
            "SELECT code, item_id, coalesce(lot_id, 0), quantity, from_place_id, from_status,"
            " from_owner_id, to_place_id, to_status, to_owner_id FROM stock_move"
            " WHERE command_id > %s AND actor_id = %s"
        )
        found = self.rows(query, self.company["last_command"], self.company["system"])
        caused = sum(1 for _ in self.said.done("stock.block", "stock.lift_block"))
        self.figures["tallied events"] = caused
        if len(found) != caused:
            self.faults.append(f"{caused} events were caused, {len(found)} tallied")
        yield from found

    # --- Promises, blocks, documents ----------------------------------------------------------

    def _promises(self) -> None:
        keys = {
            pk: tuple(key)
            for pk, *key in self.rows(
                "SELECT id, item_id, coalesce(lot_id, 0), place_id, status, owner_id"
                " FROM stock_balance"
            )
        }
        expected: Counter[tuple[int, Key]] = Counter()
        for row, answer in self.said.done():
            for line, *key, change in promises_of(row, answer, keys):
                expected[line, tuple(key)] += change
        query = "SELECT line_id, balance_id, quantity FROM stock_reservation WHERE quantity > 0"
        there = {(line, keys[balance]): quantity for line, balance, quantity in self.rows(query)}
        wrong = [
            f"line {at[0]}, balance {at[1]}: {there.get(at, 0)} instead of {expected[at]}"
            for at in sorted(set(there) | set(expected))
            if there.get(at, 0) != expected[at]
        ]
        self.fault("promised quantity is not as the logs say", wrong)
        query = """
            SELECT b.id, b.reserved, coalesce(sum(v.quantity), 0) FROM stock_balance b
            LEFT JOIN stock_reservation v ON v.balance_id = b.id
            GROUP BY b.id HAVING b.reserved <> coalesce(sum(v.quantity), 0)"""
        self.fault("reserved is not the sum of the reservations", self.rows(query))

    def _documents(self) -> None:
        """As many documents as were made, numbered without a gap; blocks stand as the logs say."""
        for table, verb in (
            ("warehousing_receipt", "warehousing.receive"),
            ("warehousing_pick", "warehousing.open_pick"),
            ("warehousing_shipment", "warehousing.ship"),
        ):
            there = self.one(f"SELECT count(*) FROM {table}")  # noqa: S608
            made = sum(1 for _ in self.said.done(verb))
            self.figures[verb] = made
            if there != made:
                self.faults.append(f"{verb} was done {made} times, {table} has {there} rows")
        query = """
            SELECT kind, count(number), max(right(number, 6)::int) FROM documents_document
            WHERE number IS NOT NULL GROUP BY kind
            HAVING count(number) <> max(right(number, 6)::int)"""
        self.fault("numbers have a gap", self.rows(query))
        active = self.one("SELECT count(*) FROM stock_block WHERE lifted_at IS NULL")
        placed = sum(1 for _ in self.said.done("stock.block"))
        lifted = sum(1 for _ in self.said.done("stock.lift_block"))
        if active != placed - lifted:
            self.faults.append(f"{placed} blocks, {lifted} lifted, but {active} stand")

    # --- After the commit ---------------------------------------------------------------------

    def lag(self) -> str:
        """What bookkeeping still has to do; "" when it has caught up."""
        queued = self.one("SELECT count(*) FROM outbox_queue")
        entries = self.one("SELECT count(*) FROM audit_entry")
        ordered = self.one("SELECT count(*) FROM outbox_order")
        sealed = self.one("SELECT coalesce(max(last_sequence), 0) FROM audit_seal")
        waiting = sum(
            len(self._events_for(names)) - self._applied(verb)
            for verb, names in self.company["handlers"].items()
        )
        if not queued and entries == ordered == sealed and waiting <= 0:
            return ""
        return f"{queued} queued, {ordered}/{entries} ordered, {sealed} sealed, {waiting} events"

    def wait_for_bookkeeping(self) -> float:
        """Seconds until it caught up; a fault where it does not."""
        began = time.monotonic()
        while (lag := self.lag()) and time.monotonic() - began < CATCH_UP_SECONDS:
            time.sleep(0.3)
        if lag:
            self.faults.append(f"bookkeeping did not catch up: {lag}")
        return time.monotonic() - began

    def _order(self) -> None:
        query = "SELECT count(*), min(sequence), max(sequence) FROM outbox_order"
        ((count, first, last),) = self.rows(query)
        if (first, last) != (1, count):
            self.faults.append(f"the order has gaps: {count} commands from {first} to {last}")
        query = (
            "SELECT coalesce(a.id, o.command_id) FROM audit_entry a"
            " FULL JOIN outbox_order o ON o.command_id = a.id"
            " WHERE a.id IS NULL OR o.command_id IS NULL"
        )
        self.fault("commands without a place in the order, or the reverse", self.rows(query))
        self.figures["commands in order"] = count

    def _events(self) -> None:
        """Each handler applied each of its events exactly once."""
        space = uuid.UUID(self.company["namespace"])
        for verb, names in self.company["handlers"].items():
            wanted = {str(uuid.uuid5(space, f"{verb}{uid}")) for uid in self._events_for(names)}
            query = "SELECT request_id::text FROM audit_entry WHERE verb = %s AND actor_id = %s"
            there = Counter(row[0] for row in self.rows(query, verb, self.company["system"]))
            self.fault(f"events not applied by {verb}", wanted - set(there))
            self.fault(f"applied by {verb} more than once", [k for k, n in there.items() if n > 1])
            self.fault(f"applied by {verb}, but never emitted", set(there) - wanted)
            self.figures[f"events applied by {verb}"] = len(wanted)
        query = "SELECT handler, event_id, why FROM outbox_parked"
        self.fault("parked events", self.rows(query))

    def _events_for(self, names: list[str]) -> list[Any]:
        query = "SELECT uid FROM outbox_event WHERE split_part(name, '.', 3) = ANY (%s)"
        return [row[0] for row in self.rows(query, names)]

    def _applied(self, verb: str) -> int:
        query = "SELECT count(*) FROM audit_entry WHERE verb = %s AND actor_id = %s"
        return int(self.one(query, verb, self.company["system"]))


def moves_of(row: Row, answer: Any) -> list[Key]:
    """The moves that the order made, being done; the transit place is named by the answer."""
    return [
        tuple(answer["transit_id"] if part is None else part for part in move)
        for move in row["moves"]
    ]


def apply(quantities: Counter[Key], move: Key) -> None:
    _, item, lot, quantity, *rest = move
    quantities[(item, lot, *rest[:3])] -= quantity
    quantities[(item, lot, *rest[3:])] += quantity


def promises_of(row: Row, answer: Any, keys: dict[int, Key]) -> Iterator[tuple[int, ...]]:
    """Changes of promises: as ordered, or as answered where only the server can know."""
    yield from (tuple(promise) for promise in row["promises"])
    if row["verb"] == "stock.reserve":
        for line in answer["lines"]:
            for pick in line["picks"]:
                yield (line["line_id"], *key_of(pick), pick["quantity"])
    if row["verb"] == "stock.release_reservations":
        for held in answer["lines"]:
            yield (held["line_id"], *key_of(held), -held["quantity"])
    if row["verb"] == "stock.block":
        for hit in answer["hits"]:
            yield (hit["line_id"], *keys[hit["balance_id"]], -hit["quantity"])
