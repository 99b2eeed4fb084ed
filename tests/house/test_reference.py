"""The reference pages say what the code says."""

import pytest

from tests.house.reference import FOLDER, PAGES


@pytest.mark.parametrize("name", sorted(PAGES))
def test_the_page_is_what_the_code_says(name: str) -> None:
    written = (FOLDER / name).read_text(encoding="utf-8") if (FOLDER / name).exists() else ""
    assert written == PAGES[name](), "run `python -m tests.house.reference` and commit the pages"
