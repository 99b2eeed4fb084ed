"""One whole run: a home, a company, clients, kills, and the judgement."""

import atexit
import json
import random
import shutil
import statistics
import subprocess
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tests.kills.client import read
from tests.kills.crew import KINDS, ROOT, Crew, Kill, environment, free_port, python
from tests.kills.judge import Judge, Said, heard
from traceward.kernel.base.programs import wait_for
from traceward.kernel.base.server import Server

READY_SECONDS = 60
FINISH_SECONDS = 90
WEB_KILLS = ("web server", "web worker", "backend", "postmaster")


@dataclass(frozen=True)
class Plan:
    """How long, how often, how many."""

    seed: int
    seconds: float
    http_clients: int = 4
    terminal_clients: int = 1
    #: Seconds from one kill to the next, at least and at most.
    gap: tuple[float, float] = (5.0, 16.0)
    kinds: tuple[str, ...] = KINDS
    #: A client rests so long between commands, on average.
    pause: float = 0.02
    #: It goes on until so many were killed and so many commands acknowledged, for at most so long.
    kills: int = 0
    commands: int = 0
    most_seconds: float = 0.0
    #: Where the logs of all processes are kept, if anywhere.
    keep_logs: Path | None = None
    #: What is broken on purpose, to see that the judge notices; see `Run.break_guard`.
    sabotage: str = ""


@dataclass
class Outcome:
    faults: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)


def say(line: str) -> None:
    print(line, flush=True)


class Run:
    """Made, carried out, and cleared away whatever happens."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.began = plan, time.monotonic()
        self.r = random.Random(plan.seed)
        self.home = Path(tempfile.mkdtemp(prefix="tw-kills-", dir="/tmp"))
        self.home.chmod(0o755)  # the server's user must get through
        self.server = Server(self.home)
        self.crew = Crew(self.home, self.server)
        self.port = free_port()
        self.company_file, self.stop = self.home / "company.json", self.home / "stop"
        atexit.register(self.clear)

    def carry_out(self) -> Outcome:
        say(f"seed {self.plan.seed}, home {self.home}, {self.plan.seconds:.0f} s of kills")
        try:
            self._found()
            self._open()
            self._mayhem()
            return self._judged()
        finally:
            self.clear()

    def clear(self) -> None:
        if self.home.exists():
            left = self.crew.leave()
            if self.plan.keep_logs:
                self._keep_logs(self.plan.keep_logs)
            if left:
                say(f"had to be ended: {left}")
            shutil.rmtree(self.home, ignore_errors=True)
        atexit.unregister(self.clear)

    def _keep_logs(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for log in (*self.home.glob("*.log"), *self.home.glob("*.json*")):
            shutil.copy(log, folder)

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self.began

    def _found(self) -> None:
        """The database, the company, and what the clients may know."""
        self.server.start()
        say(f"t+{self.elapsed:.1f} s: PostgreSQL {self.server.version} runs")
        self._python("-m", "traceward", "migrate", "--sandbox")
        say(f"t+{self.elapsed:.1f} s: migrated")
        self._python("-m", "tests.kills.company", str(self.company_file))
        self.company = json.loads(self.company_file.read_text())
        self.break_guard()
        say(f"t+{self.elapsed:.1f} s: the company stands")

    def _python(self, *words: str) -> str:
        done = subprocess.run(
            python(*words),
            cwd=ROOT,
            env=environment(self.home),
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        if done.returncode != 0:
            raise AssertionError(f"{words} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
        return done.stdout

    def break_guard(self) -> None:
        """Only to see that the judge can fail: a guard of the product is taken away.

        "lookup": request ids are not looked up, and may be answered twice. "lazy commit": commits
        are acknowledged before they are on the disk.
        """
        with psycopg.connect(self.server.url(), autocommit=True) as admin:
            if self.plan.sabotage == "lookup":
                found = admin.execute(
                    "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = 'tw_command_begin'"
                ).fetchone()
                assert found
                broken = found[0].replace("= p_request;", "= p_request AND false;")
                assert broken != found[0]
                admin.execute(broken)
                admin.execute("ALTER TABLE command_request DROP CONSTRAINT command_request_once")
            elif self.plan.sabotage == "lazy commit":
                admin.execute("ALTER ROLE traceward_app SET synchronous_commit = off")

    def _open(self) -> None:
        """Web server, worker and clients run."""
        serve = python("-m", "traceward", "serve", "--port", str(self.port), "--threads", "6")
        web = self.crew.add("web", serve, ready="Started worker-1")
        worker = self.crew.add("worker", python("-m", "traceward", "worker"), "worker: running")
        for member in (web, worker):
            if not wait_for(lambda m=member: m.is_ready, READY_SECONDS):
                raise AssertionError(f"{member.name} did not start: {member.log.read_text()}")
        kinds = ["http"] * self.plan.http_clients + ["terminal"] * self.plan.terminal_clients
        self.logs = [self.home / f"client-{n}.jsonl" for n in range(len(kinds))]
        seconds = max(self.plan.seconds, self.plan.most_seconds) + FINISH_SECONDS + 30
        for n, via in enumerate(kinds):
            words = {
                "number": n,
                "of": len(kinds),
                "seed": self.plan.seed,
                "via": via,
                "port": self.port,
                "pause": self.plan.pause,
                "seconds": seconds,
                "company": self.company_file,
                "log": self.logs[n],
                "stop": self.stop,
            }
            flags = [str(part) for name, value in words.items() for part in (f"--{name}", value)]
            name = f"{'client' if via == 'http' else 'terminal'} {n}"
            self.crew.add(name, python("-m", "tests.kills.client", *flags))
        say(f"t+{self.elapsed:.1f} s: {len(kinds)} clients at work on port {self.port}")

    def _mayhem(self) -> None:
        """Kills at random moments, every kind as often as the others, until the time is up."""
        self.mayhem_began = time.monotonic()
        bag: list[str] = []
        due = time.monotonic() + self.r.uniform(*self.plan.gap)
        while not self._is_enough():
            time.sleep(0.1)
            if time.monotonic() < due:
                self.crew.tend()
                continue
            bag = bag or self.r.sample(self.plan.kinds, len(self.plan.kinds))
            kill = self.crew.kill(bag.pop(), self.r)
            due = time.monotonic() + self.r.uniform(*self.plan.gap)
            if kill is not None:
                self._after(kill)
        say(f"t+{self.elapsed:.1f} s: no more kills")

    def _is_enough(self) -> bool:
        lasted = time.monotonic() - self.mayhem_began
        if lasted < self.plan.seconds:
            return False
        are_many = len(self.crew.kills) >= self.plan.kills
        is_done = are_many and self._acknowledged() >= self.plan.commands
        return lasted > self.plan.most_seconds or is_done

    def _acknowledged(self) -> int:
        texts = (log.read_bytes() for log in self.logs if log.exists())
        return sum(text.count(b'{"answered"') for text in texts)

    def _after(self, kill: Kill) -> None:
        so_far = self._acknowledged()
        say(f"t+{self.elapsed:.1f} s: kill -9 {kill.kind} ({kill.pid}), {so_far} acknowledged")
        if kill.kind == "postmaster":
            time.sleep(self.r.uniform(0, 1))
            self.server.start(make_database=False)

    def _judged(self) -> Outcome:
        self.lasted = time.monotonic() - self.mayhem_began
        self.stop.touch()
        clients = [m for m in self.crew.members if m.name.startswith(("client", "terminal"))]

        def finished() -> bool:
            self.crew.tend()
            return not any(m.is_alive for m in clients)

        if not wait_for(finished, FINISH_SECONDS):
            self.crew.surprises.append("clients did not get their last answers")
        for kind in ("client", "terminal"):
            self.crew.end(kind)
        said = heard(self.logs)
        judge = Judge(self.server.url(user="traceward_verify"), self.company, said)
        caught_up = judge.wait_for_bookkeeping()
        for kind in ("web", "worker"):
            self.crew.end(kind)
        faults = judge.judge() + self.crew.surprises
        judge.connection.close()
        faults += self._verified()
        return Outcome(faults, self._figures(said, judge) | {"bookkeeping caught up": caught_up})

    def _verified(self) -> list[str]:
        """What `traceward verify` says against the database."""
        done = subprocess.run(
            python("-m", "traceward", "verify"),
            cwd=ROOT,
            env=environment(self.home),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        say(done.stdout.strip())
        if done.returncode == 0:
            return []
        return [f"traceward verify ended with {done.returncode}: {done.stdout}{done.stderr}"]

    def _figures(self, said: Said, judge: Judge) -> dict[str, Any]:
        answers = said.answers.values()
        outcomes = Counter(a["outcome"] for a in answers)
        recoveries = self._recoveries()
        failures = Counter[str]()
        for answer in answers:
            failures.update(answer["failures"])
        refusals = Counter(a["refusal"] for a in answers if a["outcome"] == "refused")
        return {
            "kills": len(self.crew.kills),
            "kills by kind": dict(Counter(k.kind for k in self.crew.kills)),
            "acknowledged": len(said.answers),
            "by outcome": dict(outcomes),
            "by verb": dict(Counter(said.orders[a["answered"]]["verb"] for a in answers)),
            "refusals": dict(refusals),
            "retries": sum(a["tries"] - 1 for a in answers),
            "why retried": dict(failures),
            "lasted": self.lasted,
            "longest recovery": max((s for _, s in recoveries), default=0.0),
            "recovery by kind": spread(recoveries),
            **judge.figures,
        }

    def _recoveries(self) -> list[tuple[str, float]]:
        """After each kill of server or database: until a command sent since was answered by web."""
        web = self.logs[: self.plan.http_clients]
        answers = [row for log in web for row in read(log) if "answered" in row]
        sent = [(row["sent"], row["t"]) for row in answers]
        found = []
        for kill in self.crew.kills:
            if kill.kind in WEB_KILLS:
                after = [t for at, t in sent if at > kill.at]
                if after:
                    found.append((kill.kind, min(after) - kill.at))
        return found


def spread(recoveries: list[tuple[str, float]]) -> str:
    """Median and longest seconds of each kind."""
    kinds: dict[str, list[float]] = {}
    for kind, seconds in recoveries:
        kinds.setdefault(kind, []).append(seconds)
    return ", ".join(
        f"{kind} {statistics.median(found):.1f} to {max(found):.1f} s"
        for kind, found in sorted(kinds.items())
    )
