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

#: Each story takes about ten seconds; `./dev test --full` tells them all.
IS_FULL = "TRACEWARD_FULL" in os.environ

#: name, what is changed in the notice, what is changed in the order
CHANGES = {
    "as it is": ({}, {}),
    "another lot": ({"ST26B042": "ZZ99-7/a"}, {}),
    "another expiry": ({"17280430": "17270630", "(17)271100": "(17)300600"}, {}),
    "another gtin": ({"19521000001012": "09521000001015"}, {}),
    "triple quantity": ({",12": ",36", ",6": ",18"}, {",8,": ",24,", ",5,": ",15,"}),
}

#: name, change in the notice, change in the order, words of the refusal in English and Chinese
FAULTS = {
    "malformed string": ({"17280430": "17281330"}, {}),
    "wrong check digit": ({"0109521000002029": "0109521000002028"}, {}),
    "unknown gtin": ({"09521000002029": "09521000004047"}, {}),
    "wrong order line": ({}, {"09521000003033": "09521000009999"}),
    "more than there is": ({}, {",8,": ",800,"}),
    "no number": ({}, {",8,": ",eight,"}),
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
@pytest.mark.parametrize("name", CHANGES if IS_FULL else ["as it is", "triple quantity"])
def test_the_story_gives_what_the_files_say(tmp_path: Path, name: str) -> None:  # OUT-02 INV-06
    in_notice, in_order = CHANGES[name]
    notice, order = changed(NOTICE, in_notice), changed(ORDER, in_order)
    done, written = run(tmp_path, notice, order, "zh" if name == "as it is" else "en")
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(written.read_text(encoding="utf-8"))
    wanted = expected(tmp_path / "notice.csv", tmp_path / "order.csv")
    assert {key: figures[key] for key in wanted} == wanted
    assert figures["tampering_named"] is True
    if name == "as it is":
        assert "收货" in done.stdout
        assert not re.search(r"[a-z]+ [a-z]+", done.stdout), "no English sentence"  # UX-02
    else:
        assert not re.search(r"[一-鿿，。：（）]", done.stdout), "no Chinese"


@pytest.mark.usefixtures("django_db_setup")
@pytest.mark.parametrize("name", FAULTS if IS_FULL else ["malformed string", "wrong order line"])
def test_the_story_fails_loudly_where_it_must(tmp_path: Path, name: str) -> None:  # UX-02
    in_notice, in_order = FAULTS[name]
    done, _ = run(tmp_path, changed(NOTICE, in_notice), changed(ORDER, in_order), "zh")
    assert done.returncode != 0, done.stdout
    said = done.stderr.strip()
    assert said, "says why"
    assert "Traceback" not in said, said
