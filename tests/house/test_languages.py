"""Everything that a person reads exists in both languages, with the same values in it."""

import ast
import string
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from django.apps import apps
from django.db import models

from tests.house.source import ROOT, modules

PO = ROOT / "traceward" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"


def catalog() -> Catalog:
    with PO.open("rb") as file:
        return read_po(file, locale="zh_Hans")


def sentences() -> Iterator[tuple[str, str]]:
    """(where, message id) of every sentence() in the code."""
    for source in modules():
        for node in ast.walk(source.tree):
            is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if not is_call or node.func.id != "sentence" or not node.args:
                continue
            value = node.args[0]
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield f"{source.path}:{node.lineno}", value.value
            elif source.path != "traceward/kernel/base/refusals.py":
                yield f"{source.path}:{node.lineno}", "(not a plain string)"


def words() -> Iterator[tuple[str, str]]:
    """(where, message id) of the words that refusals name: kinds of records, states, statuses."""
    for model in apps.get_models():
        if not model.__module__.startswith("traceward."):
            continue
        yield model._meta.label, str(model._meta.verbose_name)
        for field in model._meta.get_fields():
            if isinstance(field, models.Field) and field.choices:
                for _, label in field.choices:
                    yield f"{model._meta.label}.{field.name}", str(label)


def values_in(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def missing(found: Iterator[tuple[str, str]]) -> list[str]:
    known = catalog()
    return sorted({f"{text!r} ({where})" for where, text in found if not _translation(known, text)})


def _translation(known: Catalog, text: str) -> str:
    message = known.get(text)
    return str(message.string) if message else ""


def test_every_sentence_has_its_chinese() -> None:  # UX-02
    lacking = missing(sentences())
    assert not lacking, f"add these to {PO.relative_to(ROOT)}:\n" + "\n".join(lacking)


def test_every_word_has_its_chinese() -> None:
    lacking = missing(words())
    assert not lacking, f"add these to {PO.relative_to(ROOT)}:\n" + "\n".join(lacking)


def test_translations_carry_the_same_values() -> None:
    wrong = [
        f"{message.id!r} → {message.string!r}"
        for message in catalog()
        if message.id and message.string and values_in(message.id) != values_in(message.string)
    ]
    assert not wrong, "the Chinese sentence names other values:\n" + "\n".join(wrong)


def test_no_translation_is_left_over() -> None:
    used = {text for _, text in sentences()} | {text for _, text in words()}
    used |= {text for _, text in spoken()}
    left = sorted(str(m.id) for m in catalog() if m.id and m.id not in used)
    assert not left, "nothing says these any more; delete them:\n" + "\n".join(left)


def spoken() -> Iterator[tuple[str, str]]:
    """Words that code passes as values of a sentence, and what the command line prints."""
    for source in modules():
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield source.path, node.value


def test_the_catalogue_is_where_django_looks() -> None:
    assert Path(PO).exists()
