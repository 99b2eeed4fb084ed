"""A damaged export: whatever is wrong with it, the stand-alone verifier names it. # INV-09"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.audit import sealed
from traceward.kernel.audit.proof import export_proof
from traceward.kernel.audit.standalone.verify_export import KINDS, LEAF


@pytest.fixture(scope="module")
def whole(fresh_database: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of at least three seals with stored files and heads."""
    sealed.build()
    assert sealed.seal_all() >= 3
    folder = tmp_path_factory.mktemp("export") / "proof"
    export_proof(folder)
    return folder


@pytest.fixture
def export(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "proof"))


def wrong(folder: Path, *more: str) -> list[str]:
    """What the verifier names; it ends with 1 where it names something, and never breaks."""
    done = sealed.run_stranger(folder, *more)
    named = [x.removeprefix("WRONG: ") for x in done.stdout.splitlines() if "WRONG" in x]
    assert done.stderr == ""
    assert done.returncode == (1 if named else 0)
    return named


def lines_of(folder: Path, name: str) -> list[str]:
    return (folder / name).read_text().splitlines(keepends=True)


def no_moves(folder: Path) -> None:
    (folder / "stock_move.tsv").unlink()


def more_leaves(folder: Path) -> None:
    with (folder / "leaves.bin").open("ab") as file:
        file.write(bytes(LEAF))


def no_last_seal(folder: Path) -> None:
    (folder / "seals.tsv").write_text("".join(lines_of(folder, "seals.tsv")[:-1]))


def no_second_seal(folder: Path) -> None:
    rows = lines_of(folder, "seals.tsv")
    (folder / "seals.tsv").write_text("".join(rows[:2] + rows[3:]))


def strange_leaf(folder: Path) -> None:
    data = (folder / "leaves.bin").read_bytes()
    assert data[0] in KINDS
    (folder / "leaves.bin").write_bytes(b"\x63" + data[1:])


def rolled_back(folder: Path) -> None:
    newest = json.loads(lines_of(folder, "heads.jsonl")[-1])
    later = {**newest, "number": newest["number"] + 1}
    other = {**later, "log": "another log"}
    with (folder / "heads.jsonl").open("a") as file:
        file.writelines(json.dumps(head) + "\n" for head in (other, later))


def another_head(folder: Path) -> None:
    first = json.loads(lines_of(folder, "heads.jsonl")[0])
    with (folder / "heads.jsonl").open("a") as file:
        file.write(json.dumps({**first, "event": "sealed", "statement": "0" * 64}) + "\n")


def no_content(folder: Path) -> None:
    next((folder / "files").iterdir()).unlink()


def other_content(folder: Path) -> None:
    next((folder / "files").iterdir()).write_bytes(b"something else")


def edited_with_any_hash(folder: Path) -> None:
    rows = lines_of(folder, "stock_move.tsv")
    values = rows[1].rstrip("\n").split("\t")
    values[6], values[-1] = "77", "ab" * 32
    (folder / "stock_move.tsv").write_text("".join([rows[0], "\t".join(values) + "\n", *rows[2:]]))


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (no_moves, "is missing: it was removed"),
        (more_leaves, "leaves.bin goes on after the last seal"),
        (no_last_seal, "the export ends with seal"),
        (no_second_seal, "seal 2 is missing: seal 3 comes next"),
        (strange_leaf, "covers rows of the unknown kind 99"),
        (rolled_back, "the ledger was rolled back"),
        (another_head, "is not the one that the heads know: forged"),
        (no_content, "is missing"),
        (other_content, "was changed"),
        (edited_with_any_hash, "was edited together with its own hash"),
    ],
)
def test_damage_is_named(export: Path, damage: Callable[[Path], None], said: str) -> None:
    assert wrong(export) == []
    damage(export)
    named = wrong(export)
    assert any(said in text for text in named), named


@pytest.mark.parametrize("name", ["log.json", "keys"])
def test_what_is_no_export_is_said_in_a_sentence(export: Path, name: str) -> None:
    assert "ONLY A PART" not in sealed.run_stranger(export).stdout
    if name == "keys":
        next((export / name).glob("*.pub")).write_text("no key")
    else:
        (export / name).write_text("{")
    done = sealed.run_stranger(export)
    assert (done.returncode, done.stderr) == (2, "")
    assert "is no export: log.json or a key is missing or damaged" in done.stdout


def test_files_are_passed_over_where_asked(export: Path) -> None:
    no_content(export)
    assert wrong(export, "--without-files") == []


def test_an_unknown_head_is_named(export: Path) -> None:
    assert wrong(export, "--head", "0" * 64) == [f"no seal here has the head {'0' * 64}"]


def test_what_a_part_starts_from_is_checked(whole: Path, tmp_path: Path) -> None:
    folder = tmp_path / "part"
    export_proof(folder, from_seal=3)
    assert wrong(folder) == []
    assert "ONLY A PART: seals 3 to" in sealed.run_stranger(folder).stdout
    about = json.loads((folder / "log.json").read_text())
    frontier = about["before"]["frontier"]
    about["before"]["frontier"] = ("0" if frontier[0] != "0" else "1") + frontier[1:]
    (folder / "log.json").write_text(json.dumps(about))
    assert wrong(folder)[0] == "seal 2: the subtrees it starts from do not fit its root"
