"""Links of the docs lead somewhere, and guides stand in both indexes and both languages."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.source import ROOT

GUIDES = ROOT / "docs" / "guides"
#: For those who write programs; English is enough there.
ENGLISH_ONLY = {"benchmarks", "main-job-by-http", "webhooks"}
LINK = re.compile(r"(?<!`)\[[^\]]*\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def prose(path: Path) -> str:
    """Without blocks of code and what is typed."""
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.S | re.M)
    return re.sub(r"`[^`\n]*`", "", text)


def links(path: Path) -> Iterator[str]:
    for found in LINK.findall(prose(path)):
        link = next(filter(None, found))
        if not re.match(r"[a-z]+:", link):
            yield link


def anchors(path: Path) -> set[str]:
    """As they are made of headings: small, without signs, with - for spaces."""
    heads = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_its_links_lead_somewhere(path: Path) -> None:
    lost = []
    for link in links(path):
        name, _, anchor = link.partition("#")
        to = (path.parent / name).resolve() if name else path
        known = to.exists() and (not anchor or to.suffix != ".md" or anchor.lower() in anchors(to))
        if not known:
            lost.append(link)
    assert lost == []


def test_guides_stand_in_both_languages_and_both_indexes() -> None:
    english = {path.stem for path in GUIDES.glob("*.md") if not path.name.endswith(".zh-CN.md")}
    chinese = {path.name.removesuffix(".zh-CN.md") for path in GUIDES.glob("*.zh-CN.md")}
    assert english - chinese == ENGLISH_ONLY
    assert chinese - english == set()
    for index, suffix in (("README.md", ".md"), ("README.zh-CN.md", ".zh-CN.md")):
        named = set(links(GUIDES / index))
        for name in english - {"README"}:
            wanted = f"{name}.md" if name in ENGLISH_ONLY else f"{name}{suffix}"
            assert wanted in named, f"docs/guides/{index} does not name {wanted}"


def test_pictures_of_the_readme_are_there_and_light() -> None:
    pictures = list((ROOT / "docs" / "pictures").rglob("*.webp"))
    shown = {link for one in ROOT.glob("README*.md") for link in links(one) if "pictures" in link}
    shown |= set(
        re.findall(r"!\[[^\]]*\]\(([^)]+)\)", "".join(map(prose, ROOT.glob("README*.md"))))
    )
    assert {path.relative_to(ROOT).as_posix() for path in pictures} == shown
    assert sum(path.stat().st_size for path in pictures) <= 2_000_000
