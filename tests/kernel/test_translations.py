"""Translations are compiled where that is needed and possible."""

import gettext
import os
from pathlib import Path

import pytest

from traceward.kernel.base import translations

HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "zh_Hans" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    monkeypatch.setattr(translations, "LOCALE", tmp_path)
    return folder / "django.po"


def said(po: Path) -> str:
    with po.with_suffix(".mo").open("rb") as file:
        return gettext.GNUTranslations(file).gettext("Stock")


def write(po: Path, word: str, seconds: int) -> None:
    po.write_text(f'{HEAD}msgid "Stock"\nmsgstr "{word}"\n', encoding="utf-8")
    os.utime(po, (seconds, seconds))


def test_what_says_something_else_now_is_compiled_and_nothing_else(catalogue: Path) -> None:
    write(catalogue, "库存", 1_000_000)
    translations.compile_translations()
    assert said(catalogue) == "库存"
    made = catalogue.with_suffix(".mo").stat()
    translations.compile_translations()
    assert catalogue.with_suffix(".mo").stat().st_ino == made.st_ino, "nothing had changed"
    for word, seconds in (("存货", 3_000_000), ("库房存货", 2_000_000)):  # older, too
        write(catalogue, word, seconds)
        translations.compile_translations()
        assert said(catalogue) == word
    assert not list(catalogue.parent.glob("*.new"))


def test_what_may_not_be_written_is_used_as_it_is(
    catalogue: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(catalogue, "库存", 1_000_000)
    translations.compile_translations()
    os.utime(catalogue.with_suffix(".mo"), (2_000_000, 2_000_000))
    write(catalogue, "存货", 3_000_000)
    monkeypatch.setattr(translations.os, "access", lambda *_: False)
    translations.compile_translations()
    assert said(catalogue) == "库存"
