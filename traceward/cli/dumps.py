"""Dumps of the database by PostgreSQL's own programs, shared by backup, restore and upgrade."""

import os
from pathlib import Path

from traceward.kernel.base.addresses import OWNER
from traceward.kernel.base.programs import Account, Binaries, available_binaries
from traceward.kernel.base.programs import run as run_program
from traceward.kernel.base.refusals import Conflict, InvalidInput, sentence
from traceward.kernel.base.server import Server, ServerProblem
from traceward.kernel.base.spoken import Sentence

ABOUT = "backup.json"
DUMP = "database.dump"
HOURS = 3600.0


class NotEmpty(Conflict):
    """A restore goes into an empty database only."""


def refuse_existing(path: Path) -> None:
    if path.exists():
        raise InvalidInput(sentence("{file} exists. Name another file."), file=str(path))


def this_server() -> Server:
    """The server of this installation."""
    return Server(Path(os.environ.get("TRACEWARD_HOME", Path.cwd())))


def programs_for(server: Server) -> Binaries:
    """Programs that can read this server: not older than it is."""
    major = int(server.version.split(".")[0])
    fitting = [found for found in available_binaries() if found.major >= major]
    if not fitting:
        raise ServerProblem(
            "The server is PostgreSQL {major}, and no pg_dump of that version or newer "
            "is here. Install PostgreSQL {major}'s client programs.",
            major=major,
        )
    return min(fitting, key=lambda found: found.major)


def dump_database(
    server: Server, target: Path, binaries: Binaries | None = None, *, snapshot: str = ""
) -> None:
    """The application's database is in the file, in pg_dump's custom format, by its owner.

    It is the database of this moment, or of the exported `snapshot`.
    """
    tool = (binaries or programs_for(server)).tool("pg_dump")
    arguments = ["-Fc", "--no-owner", "--no-privileges", "-f", str(target.absolute())]
    arguments += [f"--snapshot={snapshot}"] if snapshot else []
    _run(tool, [*arguments, "-d", server.url(user=OWNER)], Sentence("dump"), None)


def restore_database(server: Server, source: Path, binaries: Binaries | None = None) -> None:
    """The empty database holds what the file holds, owned by the owner, without any rights yet."""
    tool = (binaries or programs_for(server)).tool("pg_restore")
    arguments = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
    _run(
        tool,
        [*arguments, "-d", server.url(user=OWNER), str(source.absolute())],
        Sentence("restore"),
        None,
    )


def _run(tool: Path, arguments: list[str], what: Sentence, account: Account | None) -> None:
    done = run_program([tool, *arguments], account, timeout=24 * HOURS)
    if done.returncode:
        said = " / ".join(done.stdout.strip().splitlines()[-4:])
        raise ServerProblem(
            "PostgreSQL could not {what} the database. It said: {said}", what=what, said=said
        )
