"""`traceward upgrade-db`: our own server's data moves to the newest PostgreSQL on this machine."""

import argparse
import tempfile
from pathlib import Path

from django.utils.translation import get_language

from traceward.cli import dumps
from traceward.cli.verify import print_report
from traceward.kernel.base.programs import Binaries, available_binaries
from traceward.kernel.base.refusals import Conflict, fill, sentence
from traceward.kernel.base.server import Server, ServerProblem

HELP = "move our own server's data to the newest PostgreSQL on this machine; keeps the old folder"
NEEDS_SERVER = False  # it starts the old one itself

NOT_OURS = sentence(
    "DATABASE_URL names a server that is not ours to upgrade. Its administrator upgrades it."
)
NO_DATA = sentence("There is no data of our own server yet, so there is nothing to upgrade.")
NOTHING_NEWER = sentence("The data is of PostgreSQL {old}; nothing newer is installed here.")
DONE = sentence(
    "Upgraded from PostgreSQL {old} to {new}. The old data stands in {kept}; remove it when you "
    "are sure."
)


class CannotUpgrade(Conflict):
    """There is nothing that this command could upgrade."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None."""


def run(chosen: argparse.Namespace) -> int:
    language = get_language() or "en"
    old = dumps.this_server()
    if old.is_external:
        raise CannotUpgrade(NOT_OURS)
    major = old.data_major
    if major is None:
        raise CannotUpgrade(NO_DATA)
    newest = max(available_binaries(), key=lambda found: found.major)
    if newest.major <= major:
        print(fill(NOTHING_NEWER, {"old": major}, language))
        return 0
    kept = _move(old, major, newest)
    print(fill(DONE, {"old": major, "new": newest.version, "kept": str(kept)}, language))
    return _start_and_verify()


def _move(old: Server, major: int, newest: Binaries) -> Path:
    """The data stands in the old one's place, written by the newer programs."""
    fresh = Server(old.root, name=f"{old.name}-new")
    if fresh.data.exists():
        fresh.remove()  # left by an upgrade that was broken off
    if fresh.binaries.major != newest.major:
        raise ServerProblem(
            "A new server would run PostgreSQL {major}, not {newest}. Unset "
            "TRACEWARD_POSTGRES and try again.",
            major=fresh.binaries.major,
            newest=newest.major,
        )
    kept = old.folder.with_name(f"{old.folder.name}-{major}")
    if kept.exists():
        raise ServerProblem("{path} exists from an earlier upgrade. Move it away first.", path=kept)
    with tempfile.TemporaryDirectory() as scratch:
        dump = Path(scratch) / dumps.DUMP
        old.start()
        dumps.dump_database(old, dump, newest)
        old.stop()
        fresh.start()
        fresh.ensure()
        dumps.restore_database(fresh, dump, newest)
        fresh.stop()
    old.folder.rename(kept)
    fresh.folder.rename(old.folder)
    (old.root / "var" / f"{fresh.name}.at").unlink(missing_ok=True)
    return kept


def _start_and_verify() -> int:
    # Late: subcommands are listed before Django is set up, and the models need it.
    from django.db import connections

    from traceward.kernel.audit.verify import verify
    from traceward.kernel.base.rights import grant_rights

    server = dumps.this_server()
    server.start()
    server.ensure()
    grant_rights(connections["owner"])
    report = verify()
    print_report(report)
    return 0 if report.is_sound else 1
