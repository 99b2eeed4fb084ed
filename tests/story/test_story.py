"""The story gives what a plain script computes from the same files, whatever the files say."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psycopg
import pytest

from tests.databases import TEMPLATE, point_at
from tests.story.expected import expected
from traceward.cli import main, scratch
from traceward.cli.story.files import FOLDER
from traceward.kernel.base.addresses import OWNER

NOTICE = (FOLDER / "notice.csv").read_text(encoding="utf-8")
ORDER = (FOLDER / "order.csv").read_text(encoding="utf-8")

#: Each story takes seconds; `./dev test --full` tells them all, in both languages.
IS_FULL = "TRACEWARD_FULL" in os.environ

#: name, what is changed in the notice, what is changed in the order
CHANGES = {
    "as it is": ({}, {}),
    "another lot": ({"ST26B042": "ZZ99-7/a"}, {}),
    "another expiry": ({"17280430": "17270630", "(17)271100": "(17)300600"}, {}),
    "another gtin": ({"19521000001012": "09521000001015"}, {}),
    "triple quantity": ({",12": ",36", ",6": ",18"}, {",8,": ",24,", ",5,": ",15,"}),
}

#: name, change in the notice, change in the order, what is said in Chinese and in English
FAULTS = {
    "malformed string": (
        {"17280430": "17281330"},
        {},
        (
            "通知第 2 行：(17) 的月份 13 不存在",
            "notice line 2: (17): 13 is no month",
        ),
    ),
    "wrong check digit": (
        {"0109521000002029": "0109521000002028"},
        {},
        (
            "通知第 6 行：(01) 校验位是 8，应为 9",
            "notice line 6: (01): the check digit is 8",
        ),
    ),
    "unknown gtin": (
        {"09521000002029": "09521000004047"},
        {},
        ("没有物料使用标识 09521000004047", "No item of ours has the code 09521000004047"),
    ),
    "wrong order line": (
        {},
        {"09521000003033": "09521000009999"},
        (
            "订单第 4 行：没有 GTIN 为 09521000009999 的物料",
            "order line 4: there is no item with GTIN",
        ),
    ),
    "more than there is": (
        {},
        {",8,": ",800,"},
        ("订单未能配齐", "the order could not be covered"),
    ),
    "no number": (
        {},
        {",8,": ",eight,"},
        (
            "order.csv 第 2 行：quantity 列的“eight”不是 0 至",
            "order.csv, line 2: “eight” in quantity is no whole",
        ),
    ),
}


#: The story reads these, each field that applies filled, or it fails. # GSP art. 58-96
RECORDS = {
    *("purchases", "receipts", "acceptances", "storings", "stock_checks", "counts"),
    *("sales", "outbound_checks", "delivery_notes", "transports"),
}


def changed(text: str, changes: dict[str, str]) -> str:
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


@dataclass(frozen=True)
class Told:
    """What a story came to: its exit code, what it printed, its figures."""

    returncode: int
    stdout: str
    stderr: str
    figures: Path


class Stories(Protocol):
    """Tells a story from the two texts in the language."""

    def __call__(self, notice: str, order: str, language: str, *, is_whole: bool) -> Told: ...


@pytest.fixture
def tell(
    tmp_path: Path,
    django_db_setup: None,
    django_db_blocker: Any,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
) -> Iterator[Stories]:
    """A whole story is a process of its own that migrates its sandbox, as a stranger runs it.

    The others are told in this process, their sandbox is a clone of the template, and their
    passwords are hashed quickly.
    """
    before = settings.DATABASES["default"]["NAME"]

    def told(notice: str, order: str, language: str, *, is_whole: bool) -> Told:
        (tmp_path / "notice.csv").write_text(notice, encoding="utf-8")
        (tmp_path / "order.csv").write_text(order, encoding="utf-8")
        arguments = ["--language", language, "story"]
        arguments += ["--sandbox-name", f"tw_story_{os.getpid()}"]
        for name in ("notice.csv", "order.csv", "figures.json"):
            arguments += [f"--{name.split('.')[0]}", str(tmp_path / name)]
        figures = tmp_path / "figures.json"
        if is_whole:
            command = [sys.executable, "-m", "traceward", *arguments]
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=180)
            return Told(done.returncode, done.stdout, done.stderr, figures)
        monkeypatch.setattr(scratch, "make_database", _clone_template)
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
        capsys.readouterr()
        with django_db_blocker.unblock():
            code = main(arguments)
        said = capsys.readouterr()
        return Told(code, said.out, said.err, figures)

    yield told
    with django_db_blocker.unblock():
        point_at(before)


def _clone_template(admin: psycopg.Connection, name: str) -> None:
    admin.execute("RESET ROLE")  # who may copy the template need not be its owner
    admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATE}" OWNER {OWNER}'.encode())


@pytest.mark.parametrize(
    ("name", "language"),
    [(name, language) for name in CHANGES for language in ("zh", "en")]
    if IS_FULL
    else [("as it is", "zh"), ("triple quantity", "en")],
)
def test_the_story_gives_what_the_files_say(
    tell: Stories, name: str, language: str
) -> None:  # OUT-02 INV-06
    in_notice, in_order = CHANGES[name]
    notice, order = changed(NOTICE, in_notice), changed(ORDER, in_order)
    done = tell(notice, order, language, is_whole=name == "as it is")
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(done.figures.read_text(encoding="utf-8"))
    folder = done.figures.parent
    wanted = expected(folder / "notice.csv", folder / "order.csv")
    assert {key: figures[key] for key in wanted} == wanted
    assert figures["tampering_named"] is True
    assert {name.removeprefix("records.") for name in figures["records"]} == RECORDS
    if language == "zh":
        assert "收货" in done.stdout
        assert not re.search(r"[a-z]+ [a-z]+", done.stdout), "no English sentence"  # UX-02
    else:
        assert not re.search(r"[一-鿿，。：（）]", done.stdout), "no Chinese"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", FAULTS if IS_FULL else ["malformed string", "wrong order line"])
def test_the_story_fails_loudly_where_it_must(
    tell: Stories, name: str, language: str
) -> None:  # UX-02
    in_notice, in_order, wanted = FAULTS[name]
    notice, order = changed(NOTICE, in_notice), changed(ORDER, in_order)
    done = tell(notice, order, language, is_whole=(name, language) == ("malformed string", "zh"))
    assert done.returncode != 0, done.stdout
    said = done.stderr.strip().removeprefix("!!").strip()
    assert wanted[language == "en"] in said
    assert "\n" not in said, "one sentence"
