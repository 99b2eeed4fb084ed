"""A new kind of record has every door without other changes. # UX-01"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.databases import ROOT, WORKER, clone, drop

TOY = ROOT / "tests" / "toy"
#: What a newcomer writes besides the table itself: its verb, and how it is read.
FILES = ("commands.py", "resources.py")
MOST_LINES = 25


def lines_of(path: Path) -> int:
    """Lines that say something: neither empty nor a comment, import or docstring."""
    found = [line.strip() for line in path.read_text().splitlines()]
    return sum(
        bool(line) and not line.startswith(("#", '"""', "import ", "from ")) for line in found
    )


@pytest.fixture(scope="module")
def found(django_db_setup: None) -> Any:
    name = f"tw_{WORKER}_toy"
    clone(name)
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.toy.settings"}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "tests.toy.walk", name],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        drop(name)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_toy_resource_takes_few_lines(capsys: pytest.CaptureFixture[str]) -> None:
    counted = {name: lines_of(TOY / name) for name in FILES}
    with capsys.disabled():
        print(f"\na new kind of record: {counted}, {sum(counted.values())} lines")
    assert sum(counted.values()) <= MOST_LINES


def test_it_has_a_form_that_refuses_at_the_field(found: Any) -> None:
    assert found["form"] == ["code", "valid_until", "name_zh"]
    assert found["sent"] == 302
    assert found["refused"] == [409, True]
    assert found["rows"] == 1


def test_it_has_a_list_in_both_languages(found: Any) -> None:
    assert found["list zh-hans"] == ["温度计", "TH-01"]
    assert found["list en"] == ["Thermometers", "TH-01"]
    assert (found["found"], found["not found"]) == (True, False)


def test_it_has_a_document_and_an_export(found: Any) -> None:
    assert found["document"] == [200, True]
    assert "TH-01" in found["export"]
    assert "2031-05-31" in found["export"]


def test_it_has_an_api_that_is_described(found: Any) -> None:
    assert found["api"] == ["TH-01"]
    assert found["api command"] == 200
    assert "/api/v1/commands/toy.register" in found["described"]
    assert "/api/v1/toy/thermometers" in found["described"]


def test_it_is_on_record_with_what_was_refused(found: Any) -> None:
    assert found["audit"] == ["done", "done", "refused"]


def test_who_may_not_sees_and_does_nothing(found: Any) -> None:
    assert found["hidden"] == [403, 403]
