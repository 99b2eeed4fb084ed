"""Locks are taken in one order everywhere, so that two commands never wait for each other.

Documents (and other records) → blocks → reservations → balances → number series. The statements
that commands send are watched, and the functions in the database are read.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from tests.house.examples import EXAMPLES, begin
from tests.house.source import PACKAGE, ROOT, modules
from tests.refusing import colleague
from tests.stock.allocating import line_of
from tests.world import World
from traceward.kernel.command.registry import REGISTRY
from traceward.kernel.command.run import run
from traceward.kernel.documents.models import Document, DocumentLine

ORDER = ("documents", "blocks", "reservations", "balances", "number series")

#: What a statement locks that calls no function which locks; those are read in the database.
LOCKING = (
    (r"INSERT INTO \"?stock_(block|closed_period)\b", ("blocks",)),
    (r"pg_advisory_xact_lock", ("blocks",)),
    (r"\bstock_block\b.* FOR NO KEY UPDATE", ("blocks",)),
    (r"\bstock_reservation\b.* FOR NO KEY UPDATE", ("reservations",)),
    (r"\bstock_balance\b.* FOR NO KEY UPDATE", ("balances",)),
    (r" FOR NO KEY UPDATE", ("documents",)),
)

#: The advisory lock that blocks take alone and posts share.
BLOCK_LOCK = re.compile(r"pg_advisory_xact_lock(_shared)?\(7202\)")
TABLES = {
    "stock_reservation": "reservations",
    "stock_balance": "balances",
    "documents_number_series": "number series",
}

#: Verb → what it must be seen to lock.
WATCHED = {
    "inbound.receive_notice": {"documents", "blocks", "balances", "number series"},
    "outbound.allocate": {"documents", "reservations", "balances"},
    "outbound.start_pick": {"documents", "number series"},
    "production.transform": {"blocks", "balances", "number series"},
    "purchasing.settle": {"documents"},
    "quality.decide": {"documents", "balances"},
    "sales.cancel": {"documents"},
    "sales.order": {"number series"},
    "sales.sign_for": {"documents", "balances", "number series"},
    "sales.use": {"balances", "number series"},
    "stock.adjust": {"balances"},
    "stock.block": {"blocks", "reservations", "balances"},
    "stock.block_all": {"blocks", "reservations", "balances"},
    "stock.close_period": {"documents", "blocks"},
    "stock.lift_block": {"blocks"},
    "stock.move": {"balances"},
    "stock.move_container": {"documents", "balances"},
    "stock.nest_container": {"documents", "blocks"},
    "stock.unnest_container": {"documents", "blocks"},
    "stock.release_reservations": {"documents", "reservations", "balances"},
    "stock.reserve": {"documents", "reservations", "balances"},
    "stock.reverse": {"balances"},
    "warehousing.cancel_pick": {"documents"},
    "warehousing.pick": {"documents", "reservations", "balances"},
    "warehousing.put_away": {"documents", "balances"},
    "warehousing.ship": {"documents", "balances", "number series"},
}


#: Blocks have one lock: whoever holds it has nothing to wait for again.
ONE_LOCK = frozenset({"blocks"})
#: Verb → what it locks again once it holds those rows: the post locks the promises of the lines
#: that the allocation locked, and nobody else adds to lines whose documents are locked.
HELD = {
    "outbound.allocate": frozenset({"reservations"}),
    "production.allocate": frozenset({"reservations"}),
    "stock.reserve": frozenset({"reservations"}),
    "transfers.allocate": frozenset({"reservations"}),
    "warehousing.change_lot": frozenset({"reservations"}),
}


@contextmanager
def watching() -> Iterator[list[str]]:
    """What the block's statements lock, in their order."""
    seen: list[str] = []

    def watch(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        text = sql if isinstance(sql, str) else sql.as_string(None)
        called = [name for name in re.findall(r"\b(\w+)\(", text) if name in functions]
        for name in called:
            seen.extend(functions[name])
        for pattern, locks in () if called else LOCKING:
            if re.search(pattern, text, re.S):
                seen.extend(locks)
                break
        return execute(sql, params, many, context)

    functions = locking_functions()
    with connection.execute_wrapper(watch):
        yield seen


def against(seen: list[str], held: frozenset[str] = frozenset()) -> list[str]:
    """Each lock taken after one that stands later in the order, unless those rows are held."""
    wrong, highest = [], 0
    for n, lock in enumerate(seen):
        if lock in held | ONE_LOCK and lock in seen[:n]:
            continue
        rank = ORDER.index(lock)
        wrong += [lock] if rank < highest else []
        highest = max(highest, rank)
    return wrong


@pytest.mark.parametrize("verb", sorted(EXAMPLES))
def test_a_command_locks_in_the_order(world: World, verb: str) -> None:
    """From its first statement to its last: other rows of a kind may be locked later on."""
    arguments = EXAMPLES[verb](world)
    by = colleague(REGISTRY[verb].roles[0]).reauthenticated()
    begin(verb, arguments, by)
    with watching() as seen:
        run(REGISTRY[verb], arguments, by)
    assert WATCHED.get(verb, set()) <= set(seen), (
        "the watcher does not know its locks any more: mend LOCKING"
    )
    assert not against(seen, HELD.get(verb, frozenset())), (
        f"lock {' before '.join(ORDER)}, not {seen}"
    )


def test_the_watcher_sees_a_wrong_order(world: World) -> None:
    (line,) = line_of(world)
    document = DocumentLine.objects.get(pk=line).document
    with watching() as seen, connection.cursor() as cursor:
        cursor.execute("SELECT stock_lock_promises(%s, '{}')", [[line]])
        Document.objects.lock(document.pk)
    assert against(seen) == ["documents"]
    assert against(["documents", "balances", "documents"]) == ["documents"]
    assert not against(["blocks", "reservations", "blocks", "reservations", "balances"])


def test_functions_in_the_database_lock_in_the_order(world: World) -> None:
    """Their own text: the blocks' lock before reservations before balances."""
    functions = locking_functions()
    assert {"stock_post", "stock_block_reservations", "stock_lock_promises"} <= set(functions)
    wrong = {name: locks for name, locks in functions.items() if against(locks)}
    assert not wrong, f"lock {' before '.join(ORDER)}: {wrong}"
    assert functions["stock_post"] == ["blocks", "reservations", "balances"]


def locking_functions() -> dict[str, list[str]]:
    """Name → what the function locks, with the functions that it calls, each once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname, prosrc FROM pg_proc WHERE prosrc LIKE '%FOR NO KEY UPDATE%'"
            " OR prosrc LIKE '%xact_lock%' OR proname LIKE 'stock\\_%'"
        )
        bodies = dict(cursor.fetchall())
    found = {name: list(dict.fromkeys(_locks_of(name, bodies))) for name in bodies}
    return {name: locks for name, locks in found.items() if locks}


def _locks_of(name: str, bodies: dict[str, str]) -> Iterator[str]:
    for statement in re.sub(r"--[^\n]*", "", bodies[name]).split(";"):
        for inner in re.findall(r"\b(stock_\w+)\(", statement):
            if inner in bodies and inner != name:
                yield from _locks_of(inner, bodies)
        if BLOCK_LOCK.search(statement):
            yield "blocks"
        if found := re.search(r"FOR NO KEY UPDATE(?: OF (\w+))?", statement):
            alias = found[1] or r"\w+"  # the table under that alias, or the first one named
            table = re.search(rf"(?:FROM|JOIN) (\w+) {alias}\b", statement)
            assert table, f"{name}: {statement}"
            yield TABLES[table[1]]


def test_rows_are_locked_by_the_locking_managers_only() -> None:
    allowed = {
        "traceward/kernel/base/models.py": "the locking manager",
        "traceward/kernel/documents/models.py": "the locking manager of documents",
    }
    wrong = [
        f"{source.path}:{number}"
        for source in modules()
        for number, line in enumerate(source.lines, 1)
        if "select_for_update" in line and source.path not in allowed
    ]
    assert not wrong, "use .objects.lock(pk) or .objects.lock_all(pks):\n" + "\n".join(wrong)


def test_advisory_locks_are_listed_by_number() -> None:
    """In ARCHITECTURE.md: two purposes of one number would wait for each other."""
    table = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    listed = {
        (number, path)
        for number, paths in re.findall(r"^\| (72\d\d) \|[^|]*\|([^|]*)\|$", table, re.M)
        for path in re.findall(r"`([^`]+)`", paths)
    }
    taken = {
        (number, str(path.relative_to(PACKAGE)))
        for path in (*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.sql"))
        for line in path.read_text(encoding="utf-8").splitlines()
        for number in re.findall(r"(?:_lock|_LOCK|LOCK_KEY|AT_A_TIME).*\b(\d{4,})\b", line)
    }
    assert taken == listed


def test_every_document_is_locked_through_its_own_row() -> None:
    kinds = [m for m in apps.get_models() if issubclass(m, Document)]
    assert len(kinds) > 5
    assert all(hasattr(model.objects, "lock") for model in kinds), "use Document's own manager"
