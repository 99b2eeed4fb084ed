"""The story gives what a plain script computes from the same files, whatever the files say."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.story.expected import expected
from traceward.cli.story.files import FOLDER

NOTICE = (FOLDER / "notice.csv").read_text(encoding="utf-8")
ORDER = (FOLDER / "order.csv").read_text(encoding="utf-8")

#: Each story takes about ten seconds; `./dev test --full` tells them all, in both languages.
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


def run(
    folder: Path, notice: str, order: str, language: str
) -> tuple[subprocess.CompletedProcess[str], Path]:
    (folder / "notice.csv").write_text(notice, encoding="utf-8")
    (folder / "order.csv").write_text(order, encoding="utf-8")
    figures = folder / "figures.json"
    arguments = ["--notice", folder / "notice.csv", "--order", folder / "order.csv"]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "traceward", "--language", language, "story"),
            *("--sandbox-name", f"tw_story_{os.getpid()}"),
            *map(str, arguments),
            *("--figures", str(figures)),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    return done, figures


@pytest.mark.usefixtures("django_db_setup")
@pytest.mark.parametrize(
    ("name", "language"),
    [(name, language) for name in CHANGES for language in ("zh", "en")]
    if IS_FULL
    else [("as it is", "zh"), ("triple quantity", "en")],
)
def test_the_story_gives_what_the_files_say(
    tmp_path: Path, name: str, language: str
) -> None:  # OUT-02 INV-06
    in_notice, in_order = CHANGES[name]
    notice, order = changed(NOTICE, in_notice), changed(ORDER, in_order)
    done, written = run(tmp_path, notice, order, language)
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(written.read_text(encoding="utf-8"))
    wanted = expected(tmp_path / "notice.csv", tmp_path / "order.csv")
    assert {key: figures[key] for key in wanted} == wanted
    assert figures["tampering_named"] is True
    assert {name.removeprefix("records.") for name in figures["records"]} == RECORDS
    if language == "zh":
        assert "收货" in done.stdout
        assert not re.search(r"[a-z]+ [a-z]+", done.stdout), "no English sentence"  # UX-02
    else:
        assert not re.search(r"[一-鿿，。：（）]", done.stdout), "no Chinese"


@pytest.mark.usefixtures("django_db_setup")
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", FAULTS if IS_FULL else ["malformed string", "wrong order line"])
def test_the_story_fails_loudly_where_it_must(
    tmp_path: Path, name: str, language: str
) -> None:  # UX-02
    in_notice, in_order, wanted = FAULTS[name]
    done, _ = run(tmp_path, changed(NOTICE, in_notice), changed(ORDER, in_order), language)
    assert done.returncode != 0, done.stdout
    said = done.stderr.strip().removeprefix("!!").strip()
    assert wanted[language == "en"] in said
    assert "\n" not in said, "one sentence"
