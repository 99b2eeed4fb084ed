"""The guide to production runs on this machine, with the units that it installs. # SEC-03"""

import os
import re
import shlex
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.guides.reading import Code, is_chinese, read
from tests.guides.terminal import Terminal
from tests.house.source import ROOT
from traceward.kernel.base.programs import available_binaries

DEPLOY = ROOT / "deploy"
UNITS = DEPLOY / "systemd"
GUIDES = sorted((ROOT / "docs" / "guides").glob("run-in-production*.md"))
#: Where a machine has these, the test has a folder of its own.
PLACES = ("/opt/traceward", "/var/lib/traceward-restored", "/var/lib/traceward", "/etc/traceward",
          "/var/backups/traceward", "/root/traceward-keys", "/usr/local/bin")  # fmt: skip
FULL = os.environ.get("TRACEWARD_FULL") == "1"
PATIENCE = 60.0
pytestmark = pytest.mark.skipif(
    not available_binaries(), reason="no PostgreSQL programs here to run a server of its own"
)


class Machine:
    """Stands for systemd: runs what the units say, and ends it."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> None:
        command = shlex.split(self._plain(values(name, "ExecStart")[0]))
        if "oneshot" in values(name, "Type"):
            subprocess.run(command, env=self._environment(), check=True, stdout=subprocess.DEVNULL)
            return
        self.running[name] = subprocess.Popen(
            command,
            env=self._environment(),
            cwd=self._environment()["TRACEWARD_HOME"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def stop(self, name: str) -> None:
        process = self.running.pop(name, None)
        if process:
            process.terminate()
            process.wait(30)

    def _plain(self, line: str) -> str:
        """As systemd reads it: $$ is $, %% is %."""
        return self.terminal.said(line).replace("$$", "$").replace("%%", "%")

    def _environment(self) -> dict[str, str]:
        file = Path(self.terminal.said("/etc/traceward/traceward.env"))
        given = dict(
            line.split("=", 1) for line in file.read_text().split("\n") if re.match(r"\w+=", line)
        )
        return {**os.environ, **self.terminal.environment, **given}


def values(unit: str, key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", (UNITS / unit).read_text(encoding="utf-8"), re.M)


@pytest.fixture
def root() -> Iterator[Path]:
    """A folder that the account of a server of its own may enter, with a short path."""
    made = Path(tempfile.mkdtemp(prefix="tw-", dir="/var/tmp"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


def stand_in(bin_folder: Path) -> None:
    """Where nothing is installed, the program of this clone."""
    bin_folder.mkdir(parents=True)
    for name, words in (("python", ""), ("traceward", " -m traceward")):
        script = bin_folder / name
        text = f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(ROOT))} exec {sys.executable}{words} "$@"\n'
        script.write_text(text, encoding="utf-8")
        script.chmod(0o755)


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.name)
def test_the_guide_to_production_runs(path: Path, root: Path) -> None:
    if is_chinese(path) and not FULL:
        pytest.skip("the same blocks as in English (test_both_languages_say_the_same): --full")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    meant = {"runuser -u traceward -- ": "", "8000": str(port)}
    meant |= {place: f"{root}{place}" for place in PLACES}
    for place in PLACES:
        made = Path(meant[place])
        (made.parent if place.endswith(("restored", "keys")) else made).mkdir(
            parents=True, exist_ok=True
        )
    environment = {
        "PATH": f"{meant['/usr/local/bin']}:{os.environ['PATH']}",
        "TRACEWARD_LANGUAGE": "zh" if is_chinese(path) else "en",
        "DATABASE_URL": "",
        "TRACEWARD_HOME": "",
        "TRACEWARD_SANDBOX": "",
    }
    terminal = Terminal(environment, meant)
    machine = Machine(terminal)
    if not FULL:
        stand_in(Path(meant["/opt/traceward"]) / "venv" / "bin")
    try:
        for block in read(path):
            assert isinstance(block, Code)
            play(block, path, terminal, machine, port)
    finally:
        for name in list(machine.running):
            machine.stop(name)
        for home in ("/var/lib/traceward", "/var/lib/traceward-restored"):
            stop = [f"{meant['/opt/traceward']}/venv/bin/python", "-m"]
            subprocess.run(
                [*stop, "traceward.kernel.base.control", "stop"],
                env={**os.environ, **environment, "TRACEWARD_HOME": meant[home]},
                check=False,
                stdout=subprocess.DEVNULL,
            )


def play(block: Code, path: Path, terminal: Terminal, machine: Machine, port: int) -> None:
    """As the block's mark says; one for root is looked at, and its units started by ourselves."""
    if block.language == "text":
        terminal.compare(block, path)
    elif block.marks == "":
        # A script is read anew where it was copied; it names the places of a machine.
        terminal.run(block, path)
        program = Path(terminal.meant["/usr/local/bin"]) / "traceward"
        if program.exists() and "runuser" in program.read_text():
            program.write_text(terminal.said(program.read_text()))
            settings = Path(terminal.said("/etc/traceward/traceward.env"))
            settings.write_text(terminal.said(settings.read_text()))
    elif block.marks == "slow" and FULL:
        terminal.run(block, path)
    elif block.marks in ("starts", "stops"):
        for name in re.findall(r"traceward-\w+\.service", block.text):
            (machine.start if block.marks == "starts" else machine.stop)(name)
        if "traceward-web.service" in machine.running:
            wait_for(f"http://127.0.0.1:{port}/health")


def wait_for(address: str) -> None:
    ends = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.2)


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.name)
def test_what_the_guide_copies_and_starts_is_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for name in re.findall(r"deploy/[\w./-]*\w", text):
        assert (ROOT / name).exists() or list(ROOT.glob(f"{name}*")), name
    for name in re.findall(r"traceward-[a-z]+\.(?:service|timer)", text):
        assert (UNITS / name).is_file(), name


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze here")
def test_systemd_finds_no_fault_in_the_units(tmp_path: Path) -> None:
    """Programs that stand where the units say; accounts and files of the machine are not asked."""
    for unit in UNITS.iterdir():
        text = unit.read_text(encoding="utf-8")
        text = text.replace("/opt/traceward/venv/bin", str(tmp_path / "bin"))
        text = re.sub(r"^(User|Group|EnvironmentFile)=.*\n", "", text, flags=re.M)
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    stand_in(tmp_path / "bin")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, tmp_path.glob("traceward-*"))],
        capture_output=True,
        text=True,
        check=False,
    )
    told = [line for line in done.stderr.split("\n") if "traceward" in line]
    assert (done.returncode, told) == (0, []), done.stderr


def test_every_unit_runs_a_command_that_there_is() -> None:
    for unit in UNITS.glob("*.service"):
        for line in values(unit.name, "ExecStart"):
            verb = re.search(r"bin/traceward ([a-z-]+)(.*?)(?:'|$)", line)
            if verb is None:
                assert "-m traceward.kernel.base.control start" in line
                continue
            done = subprocess.run(
                [sys.executable, "-m", "traceward", verb[1], "--help"],
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=True,
            )
            for option in re.findall(r"--[a-z-]+", verb[2]):
                assert option in done.stdout, f"{unit.name}: {verb[1]} knows no {option}"
    for timer in UNITS.glob("*.timer"):
        assert timer.with_suffix(".service").is_file()


def test_the_settings_are_those_that_the_program_reads() -> None:
    """Each is in the example, but for those that no installation sets."""
    of_programs = {
        "TRACEWARD_SANDBOX", "TRACEWARD_PROGRAM", "TRACEWARD_TOKEN", "TRACEWARD_WORKERS",
        "TRACEWARD_POSTGRES",
    }  # fmt: skip
    sources = (path.read_text(encoding="utf-8") for path in ROOT.glob("traceward/**/*.py"))
    found = {
        one for text in sources for one in re.findall(r'"(TRACEWARD_[A-Z_]+|DATABASE_URL)"', text)
    }
    example = (DEPLOY / "traceward.env.example").read_text(encoding="utf-8")
    named = set(re.findall(r"^#?([A-Z_]+)=", example, re.M))
    assert named == found - of_programs


def test_proxies_lead_to_where_the_program_listens() -> None:
    [command] = values("traceward-web.service", "ExecStart")
    host, port = re.search(r"--host (\S+) --port (\d+)", command).groups()  # type: ignore[union-attr]
    for name in ("nginx.conf", "Caddyfile"):
        text = (DEPLOY / name).read_text(encoding="utf-8")
        assert f"{host}:{port}" in text
        assert "X-Forwarded-For" in text
        assert text.count("{") == text.count("}")


def test_the_container_runs_as_nobody_special() -> None:
    """What a linter of container files would ask; the image itself is not built here."""
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    lines = [line.split(" ", 1) for line in text.split("\n") if re.match("[A-Z]+ ", line)]
    said: dict[str, list[str]] = {}
    for word, rest in lines:
        said.setdefault(word, []).append(rest)
    assert set(said) <= {
        "FROM", "WORKDIR", "RUN", "COPY", "ENV", "USER", "VOLUME", "EXPOSE", "HEALTHCHECK", "CMD",
    }  # fmt: skip
    assert all(
        re.fullmatch(r"docker\.io/library/python:3\.11-\S+( AS made)?", x) for x in said["FROM"]
    )
    assert said["USER"] == ["traceward"]
    assert "--require-hashes" in text
    for one in said["COPY"]:
        if not one.startswith("--from="):
            for source in one.split()[:-1]:
                assert (ROOT / source).exists(), source
    assert '"serve"' in said["CMD"][0]


def test_the_script_that_runs_the_program_can_be_run() -> None:
    assert (DEPLOY / "traceward").stat().st_mode & stat.S_IXUSR
