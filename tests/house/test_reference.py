"""The reference pages say what the code says."""

import re
from pathlib import Path

import pytest

from tests.house.asked import addresses
from tests.house.reference import FOLDER, PAGES, requirements_page, results_of
from traceward.resources.kit import QUESTIONS


@pytest.mark.parametrize("name", sorted(PAGES))
def test_the_page_is_what_the_code_says(name: str) -> None:
    written = (FOLDER / name).read_text(encoding="utf-8") if (FOLDER / name).exists() else ""
    assert written == PAGES[name](), "run `python -m tests.house.reference` and commit the pages"


def test_the_page_of_addresses_names_every_question() -> None:
    named = {address.path for address in addresses()}
    missing = {f"{q.area}/ask/{q.noun}" for q in QUESTIONS.values()} - named
    assert not missing, "say in tests/house/asked.py what one asks them for"


def test_results_of_a_run_stand_beside_the_requirements(tmp_path: Path) -> None:
    page = requirements_page()
    test = re.search(r"\| INV-04 \| `([^`]+)`", page)
    assert test
    module, _, name = test[1].partition("::")
    case = f'classname="{module.removesuffix(".py").replace("/", ".")}" name="{name}'
    junit = tmp_path / "run.xml"
    junit.write_text(
        f'<testsuites><testsuite><testcase {case}[1]"/><testcase {case}[2]"><failure/>'
        "</testcase></testsuite></testsuites>"
    )
    row = next(
        line
        for line in requirements_page(results_of(junit)).splitlines()
        if line.startswith("| INV-04 ")
    )
    assert "| 1 failed, " in row, "of several cases the worst counts"
    assert "not run |" in row
