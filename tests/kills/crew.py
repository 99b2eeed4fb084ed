"""The processes of a run: started, killed, started again, and all gone at the end."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from traceward.kernel.base.programs import processes_in, wait_for
from traceward.kernel.base.server import Server

ROOT = Path(__file__).parent.parent.parent
KINDS = ("web server", "web worker", "worker", "backend", "postmaster", "client", "terminal")
#: The web server gives up when its worker dies twice within this time, and may.
CRASH_LOOP_SECONDS = 8.0
STOP_SECONDS = 20
MAX_STARTS = 400


def environment(home: Path) -> dict[str, str]:
    """Ours, for a home of its own with a server of its own."""
    ours = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "TRACEWARD_TOKEN")}
    return ours | {
        "TRACEWARD_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "tests.kills.settings",
        "PYTHONPATH": str(ROOT),
    }


@dataclass
class Member:
    """A process that is kept alive; `ready` is what it prints once it works."""

    name: str
    command: list[str]
    log: Path
    ready: str = ""
    process: "subprocess.Popen[bytes] | None" = None
    is_killed: bool = False
    started: float = 0.0
    seen: int = 0

    @property
    def pid(self) -> int:
        return self.process.pid if self.process else 0

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def is_ready(self) -> bool:
        """Whether it came up after its last start."""
        with self.log.open("rb") as file:
            file.seek(self.seen)
            return self.ready.encode() in file.read()


@dataclass
class Kill:
    kind: str
    at: float
    pid: int


@dataclass
class Crew:
    """Everybody who runs in the home; `say` prints."""

    home: Path
    server: Server
    members: list[Member] = field(default_factory=list)
    kills: list[Kill] = field(default_factory=list)
    #: Ends that nobody caused.
    surprises: list[str] = field(default_factory=list)
    starts: int = 0

    def add(self, name: str, command: list[str], ready: str = "") -> Member:
        member = Member(name, command, self.home / f"{name.replace(' ', '-')}.log", ready)
        self.members.append(member)
        self.start(member)
        return member

    def start(self, member: Member) -> None:
        self.starts += 1
        assert self.starts < MAX_STARTS, "too many starts; see the logs in the home"
        with member.log.open("ab") as log:
            member.seen = log.tell()
            member.process = subprocess.Popen(
                member.command,
                cwd=ROOT,
                env=environment(self.home),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        member.is_killed, member.started = False, time.monotonic()

    def tend(self) -> None:
        """Whoever is dead is started again; one that died by itself is a surprise."""
        for member in self.members:
            if member.is_alive or (member.process and member.process.returncode == 0):
                continue
            if not member.is_killed and member.is_ready:
                code = member.process.returncode if member.process else None
                self.surprises.append(f"{member.name} ended by itself ({code}), see {member.log}")
            self.start(member)

    def kill(self, kind: str, r: random.Random) -> Kill | None:
        """One process of that kind is killed; None where there is none just now."""
        pid = self._victim(kind, r)
        if not pid:
            return None
        for member in self.members:
            if member.pid == pid:
                member.is_killed = True
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        made = Kill(kind, time.monotonic(), pid)
        self.kills.append(made)
        return made

    def _victim(self, kind: str, r: random.Random) -> int:
        def alive(prefix: str) -> list[int]:
            return [m.pid for m in self.members if m.name.startswith(prefix) and m.is_alive]

        web = next(m for m in self.members if m.name == "web")
        if kind == "postmaster":
            return self._postmaster()
        found: list[int] = []
        if kind == "web worker":
            found = children(web.pid) if web.is_alive and not self._was_just_killed(kind) else []
        elif kind == "backend":
            found = [p for p in children(self._postmaster()) if "traceward_app" in title(p)]
        elif kind == "terminal":
            clients = alive("terminal")
            found = clients + [child for pid in clients for child in children(pid)]
        else:
            found = alive({"web server": "web", "worker": "worker", "client": "client"}[kind])
        return r.choice(found) if found else 0

    def _was_just_killed(self, kind: str) -> bool:
        last = max((k.at for k in self.kills if k.kind == kind), default=0.0)
        return time.monotonic() - last < CRASH_LOOP_SECONDS

    def _postmaster(self) -> int:
        try:
            return int((self.server.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return 0

    def end(self, prefix: str, seconds: float = STOP_SECONDS) -> None:
        """These members end when asked; one that does not is a surprise, and is killed."""
        ending = [m for m in self.members if m.name.startswith(prefix)]
        for member in ending:
            if member.is_alive:
                os.kill(member.pid, signal.SIGTERM)
        for member in ending:
            if member.process and not wait_for(lambda m=member: not m.is_alive, seconds):
                self.surprises.append(f"{member.name} did not end when asked, see {member.log}")
            elif member.process and member.process.returncode not in (0, -signal.SIGTERM):
                code = member.process.returncode
                self.surprises.append(f"{member.name} ended with {code}, see {member.log}")
            self._kill_group(member)
        self.members = [m for m in self.members if m not in ending]

    def _kill_group(self, member: Member) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(member.pid, signal.SIGKILL)
        if member.process:
            member.process.wait(10)

    def leave(self) -> list[str]:
        """Nobody is left, whatever happened before; says who had to be ended."""
        for member in self.members:
            self._kill_group(member)
        left = sweep(self.home)
        self.server.remove()
        return left


def sweep(home: Path) -> list[str]:
    """Every other process that works for this home is killed; says which there were."""
    found = {pid: title(pid) for pid in working_for(home)}
    for pid in [*found, *processes_in(home)]:
        if pid != os.getpid():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
    return list(found.values())


def working_for(home: Path) -> Iterator[int]:
    """Processes, PostgreSQL's left out, that have this home in their environment."""
    mark = f"TRACEWARD_HOME={home}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (process / "environ").read_bytes().split(b"\0")
            pid = int(process.name)
            if mark in words and pid != os.getpid() and "postgres" not in title(pid):
                yield pid


def children(pid: int) -> list[int]:
    """The child processes, on Linux; none elsewhere."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError):
            after_name = (process / "stat").read_text().rsplit(")", 1)[1].split()
            if int(after_name[1]) == pid and after_name[0] != "Z":
                found.append(int(process.name))
    return sorted(found) if pid else []


def title(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    return ""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def python(*words: str) -> list[str]:
    return [sys.executable, *words]
