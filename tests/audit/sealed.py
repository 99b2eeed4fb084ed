"""A small sealed ledger, and ways to tamper with a copy of it as a superuser."""

import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection

from tests.databases import ADMIN, clone, drop, is_superuser, point_at, var_of
from tests.world import World, post_legs
from tests.world import build as build_world
from traceward.cli import dumps, main
from traceward.domain.stock.models import Code, Status, StockMove
from traceward.domain.stock.rules import Leg
from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.audit.proof import VERIFIER, export_proof
from traceward.kernel.audit.sealing import last_seal, seal_pending
from traceward.kernel.audit.verify import Report, verify
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.files import keep_file
from traceward.kernel.command.run import command
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person
from traceward.kernel.org.scope import WHOLE_GROUP
from traceward.kernel.outbox.sequencer import sequence_commands

CERTIFICATE = "合格证 certificate, page 1\n".encode()
PATIENCE_SECONDS = 180  # other databases of the server hold back the horizon of transactions


@command("testing.store_file", roles=(roles.SYSTEM,), scope=lambda **_: [WHOLE_GROUP])
def store_file(name: str, *, by: Actor) -> int:
    """The certificate is stored under its hash, and belongs to no document; for tests only."""
    return keep_file(CERTIFICATE, name=name, media_type="text/plain", by=by).pk


def build() -> World:
    """Goods received, released and moved; texts that would break a careless byte form."""
    set_up_roles()  # gives the role of our own jobs the command above
    world = build_world()
    lot = world.lot("STENT", "L1")
    world.stock(lot, 50)
    store_file("证书\t|\\N\n-.txt", by=world.by(roles.SYSTEM))
    for reason in ("a|b", "tab\tand\\back\nline", "-", "", None, "数量 ✓"):
        world.post(
            world.leg(Code.MOVE, lot, 2, "A-01", "A-02", reason=reason),
            world.leg(Code.MOVE, lot, 1, "A-01", "DOCK", di="06901234567892"),
        )
    world.post(world.leg(Code.REJECT, lot, 1, "A-02", "A-02", to_status=Status.REJECTED))
    return world


def move_again() -> None:
    """One more move of the lot, in a ledger that another process has built."""
    person = Person.objects.get(login="test-system")
    last = StockMove.objects.filter(code=Code.MOVE).order_by("id")[0]
    leg = Leg(
        code=Code.MOVE,
        item_id=last.item_id,
        lot_id=last.lot_id,
        serial_id=None,
        quantity=1,
        from_place_id=last.from_place_id,
        from_status=last.from_status,
        from_owner_id=last.from_owner_id,
        to_place_id=last.to_place_id,
        to_status=last.to_status,
        to_owner_id=last.to_owner_id,
    )
    post_legs(legs=[leg], by=Actor(person.pk, person.login).asking())


def sequence_all() -> None:
    """Every command has its sequence; waits for foreign transactions of the same server."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while True:
        sequence_commands()
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM outbox_queue")
            if cursor.fetchone()[0] == 0:
                return
        assert time.monotonic() < give_up, "a foreign transaction holds back the sequencer"
        time.sleep(0.1)


def seal_all(block_leaves: int = 12) -> int:
    sequence_all()
    return seal_pending(block_leaves=block_leaves)


def back_up_meanwhile(out: str) -> None:
    """A backup is written while commands and seals are committed: after it has begun to look."""
    dump = dumps.dump_database

    def work_and_dump(*arguments: Any, **options: Any) -> None:
        before = last_seal("default")
        move_again()
        seal_all()
        after = last_seal("default")
        assert before
        assert after
        assert after.number > before.number
        dump(*arguments, **options)

    dumps.dump_database = work_and_dump
    try:
        assert main(["backup", "--out", out]) == 0
    finally:
        dumps.dump_database = dump


def lose_files() -> None:
    """What the database knows by hash is no longer in its folder."""
    for path in (settings.VAR / "files").iterdir():
        path.unlink()


def holds(seal: int, commands: int) -> None:
    """The database has just so many commands, and ends with this seal."""
    newest = last_seal("default")
    assert newest
    assert (newest.number, AuditEntry.objects.count()) == (seal, commands)


@dataclass
class Copy:
    """A copy of a sealed database, with its own var folder, to be tampered with."""

    name: str
    scratch: Path
    world: World

    def __enter__(self) -> "Copy":
        self.source = settings.DATABASES["default"]["NAME"]
        point_at("postgres")  # a database with connections cannot be copied
        clone(self.name, template=self.source)
        shutil.copytree(var_of(self.source), var_of(self.name))
        point_at(self.name)
        return self

    def __exit__(self, *error: object) -> None:
        point_at(self.source)
        drop(self.name)

    @property
    def var(self) -> Path:
        return var_of(self.name)

    def tamper(self, *statements: str) -> None:
        """As a superuser, with every trigger off; where there is none, as the tables' owner."""
        which = "ALL" if is_superuser() else "USER"
        with psycopg.connect(ADMIN, dbname=self.name) as admin:
            tables = ("stock_move", "audit_entry", "audit_seal", "audit_signature", "outbox_order")
            files = ("records_stored_file", "documents_file", "documents_printing")
            for table in (*tables, *files, "stock_genealogy"):
                admin.execute(f"ALTER TABLE {table} DISABLE TRIGGER {which}")
            for statement in statements:
                admin.execute(statement)

    def ask(self, query: str) -> list[tuple]:
        with psycopg.connect(ADMIN, dbname=self.name) as admin:
            return admin.execute(query).fetchall()

    def verify(self, *, fast: bool = False) -> Report:
        return verify(fast=fast)

    def findings(self) -> list[str]:
        return [str(finding) for finding in self.verify().findings]

    def strangers_findings(self, *more: str, folder: Path | None = None) -> list[str]:
        """What the stand-alone verifier says is wrong; it runs without our code on its path."""
        if folder is None:
            folder = self.scratch / "proof"
            export_proof(folder)
        done = run_stranger(folder, *more)
        wrong = [
            line.removeprefix("WRONG: ") for line in done.stdout.splitlines() if "WRONG" in line
        ]
        assert done.stderr == ""
        assert done.returncode == (1 if wrong else 0), done.stdout
        return wrong


def run_stranger(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """The exported script on the export: ours, byte for byte, run where its coverage is seen."""
    assert (folder / VERIFIER.name).read_bytes() == VERIFIER.read_bytes()
    script = [sys.executable, "-I", str(VERIFIER), str(folder), *more]
    return subprocess.run(script, capture_output=True, text=True, timeout=120, check=False)
