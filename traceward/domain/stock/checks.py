"""The ledger checks itself: what must hold between its tables, and the first rows that break it.

They report and never repair: a real difference becomes a count and an adjustment with a reason.
"""

from typing import Any

from django.db import connections

from traceward.domain.stock.refusals import goods_named
from traceward.kernel.audit.checks import Finding, register
from traceward.kernel.base.refusals import sentence
from traceward.kernel.base.sqlfile import read_sql

BALANCES, RESERVED = "stock.balances", "stock.reserved"
SERIALS, CONTAINERS = "stock.serials", "stock.containers"
GENEALOGY, COMMANDS = "stock.genealogy", "stock.commands"
CHECKPOINTS, REFERENCES = "stock.checkpoints", "stock.references"


def balances_equal_moves(using: str) -> list[Finding]:
    """A balance is the sum of its moves, and there is one for every sum. # INV-02"""
    return _findings(
        BALANCES,
        "balances.sql",
        sentence("{goods} at {place}: the balance says {stated}, the moves make {counted}."),
        using,
    )


def reserved_equals_reservations(using: str) -> list[Finding]:
    """What a balance has promised is the sum of its reservations."""
    return _findings(
        RESERVED,
        "reserved.sql",
        sentence(
            "{goods} at {place}: {stated} are marked as promised, the reservations make {counted}."
        ),
        using,
    )


def serials_stand_once(using: str) -> list[Finding]:
    """A serial stands in at most one physical place."""
    return _findings(
        SERIALS,
        "serials.sql",
        sentence("Serial {serial} stands {count} times: {places}."),
        using,
    )


def containers_are_consistent(using: str) -> list[Finding]:
    """No container stands in itself, and each is in one place with all that is in it. # INV-10"""
    return _findings(
        CONTAINERS, "containers.sql", sentence("Container {container} {why} ({places})."), using
    )


def genealogy_equals_moves(using: str) -> list[Finding]:
    """Inputs were consumed and outputs produced in the edge's own command, and none is without."""
    return _findings(
        GENEALOGY,
        "genealogy.sql",
        sentence("Command {command}, edge {edge}: {goods} {why}."),
        using,
    )


def moves_have_commands(using: str) -> list[Finding]:
    """Every move belongs to a command that is on record as done, with as many moves as it says."""
    return _findings(
        COMMANDS,
        "commands.sql",
        sentence(
            "Command {command} {why}: {counted} moves from move {move} on, {stated} on record."
        ),
        using,
    )


def references_exist(using: str) -> list[Finding]:
    """What moves and balances name exists and fits."""
    return _findings(
        REFERENCES,
        "references.sql",
        sentence("The {what} {id} names {kind} {value}, which does not exist or does not fit."),
        using,
    )


def checkpoints_equal_moves(using: str) -> list[Finding]:
    """Every checkpoint is what the moves make of it. # INV-08

    Each is counted on from the nearest sound one before it, and the newest also from the first
    move on, so that nothing that checkpoints share can hide a difference.
    """
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT id, at, sequence FROM stock_checkpoint WHERE NOT is_void ORDER BY at, sequence"
        )
        checkpoints = cursor.fetchall()
    sound: list[tuple[int, Any, int]] = []
    found: list[Finding] = []
    for row in checkpoints:
        before = [c for c in sound if c[1] < row[1] and c[2] <= row[2]]
        bad = _checkpoint(row, before[-1][0] if before else None, using)
        found += bad
        if not bad:
            sound.append(row)
    if sound and len(checkpoints) > 1 and not found:
        found += _checkpoint(sound[-1], None, using)
    return found


def _checkpoint(row: tuple[int, Any, int], base: int | None, using: str) -> list[Finding]:
    checkpoint, at, sequence = row
    return _findings(
        CHECKPOINTS,
        "checkpoint.sql",
        sentence(
            "Checkpoint of {at}: {item} at {place} stands there with {stated}, "
            "the moves make {counted}."
        ),
        using,
        checkpoint=checkpoint,
        at=at,
        sequence=sequence,
        base=base,
    )


def _findings(check: str, file: str, message: str, using: str, **parameters: Any) -> list[Finding]:
    with connections[using].cursor() as cursor:
        cursor.execute(read_sql(__file__, f"checks/{file}"), parameters or None)
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, map(_plain, row), strict=True)) for row in cursor.fetchall()]
    return [Finding(check, message, _with_goods(row)) for row in rows]


def _with_goods(row: dict[str, Any]) -> dict[str, Any]:
    """The values of a finding, with the goods in words where it is about goods."""
    if "lot" not in row:
        return row
    return {**row, "goods": goods_named(row.get("item"), row["lot"], row.get("serial"))}


def _plain(value: Any) -> Any:
    """A value that a report can carry as JSON."""
    return value if isinstance(value, int | str | None) else str(value)


def register_checks() -> None:
    """`traceward verify` asks the ledger's own checks too."""
    register(BALANCES, balances_equal_moves)
    register(RESERVED, reserved_equals_reservations)
    register(SERIALS, serials_stand_once)
    register(CONTAINERS, containers_are_consistent)
    register(GENEALOGY, genealogy_equals_moves)
    register(COMMANDS, moves_have_commands)
    register(REFERENCES, references_exist)
    register(CHECKPOINTS, checkpoints_equal_moves)
