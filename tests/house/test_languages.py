"""Everything that a person reads exists in both languages, with the same values in it."""

import ast
import re
import string
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from django.apps import apps
from django.db import models
from django.utils import translation

from tests.house.source import ROOT, modules
from traceward.domain.quality.queries import REQUIRED_CHECKS
from traceward.domain.stock.models import Code
from traceward.domain.stock.refusals import action_words
from traceward.kernel.base.codes import MESSAGES
from traceward.kernel.base.refusals import TRANSLATED_VALUES, fill
from traceward.kernel.command.registry import REGISTRY

PO = ROOT / "traceward" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
TEMPLATES = ROOT / "traceward" / "web" / "templates" / "tw"
CHECKS = ROOT / "traceward" / "domain" / "stock" / "sql" / "checks"

#: Latin letters that stay in a Chinese sentence: codes, units, names of programs and settings.
LATIN = frozenset(
    [
        "AHM",
        "AIDC",
        "Asia",
        "CN",
        "CNY",
        "CSV",
        "Content-Length",
        "D",
        "DATABASE_URL",
        "DOCX",
        "FNC1",
        "GB",
        "GLN",
        "GS",
        "GS1",
        "GTIN",
        "HIBC",
        "I",
        "ISO",
        "Idempotency-Key",
        "JPEG",
        "JSON",
        "LOGIN",
        "M0",
        "MA",
        "MB",
        "MF",
        "NUL",
        "O",
        "Office",
        "PDF",
        "PNG",
        "POST",
        "PostgreSQL",
        "S",
        "SHA-256",
        "SSCC",
        "Shanghai",
        "Signature-Login",
        "Signature-Password",
        "T08",
        "T16",
        "TRACEWARD_HEADS_TO",
        "TRACEWARD_HOME",
        "TRACEWARD_HOSTS",
        "TRACEWARD_SANDBOX",
        "TRACEWARD_SMTP",
        "TRACEWARD_TSA_URL",
        "TXT",
        "Traceward",
        "UDI",
        "UDI-DI",
        "UTF-8",
        "mail",
        "var",
        "UUID",
        "V",
        "VERB",
        "WebP",
        "XLSX",
        "XML",
        "YYMMDD",
        "Z",
        "accept-loss",
        "application",
        "arguments",
        "backup",
        "base64",
        "commands",
        "demo",
        "dev",
        "en",
        "false",
        "fields",
        "head",
        "host",
        "http",
        "https",
        "if_match",
        "json",
        "key",
        "item",
        "key-is-lost",
        "migrate",
        "multipart",
        "new",
        "on",
        "outbox",
        "port",
        "py",
        "python",
        "requests",
        "restore",
        "resume_webhook",
        "retry_delivery",
        "retry_parked",
        "sandbox",
        "sandbox-name",
        "seal",
        "serve",
        "skip_delivery",
        "smtp",
        "smtps",
        "solve_parked",
        "starttls",
        "story",
        "token",
        "traceward",
        "traceward_app",
        "true",
        "verify",
        "verify_export",
        "with-worker",
        "worker",
        "zh-hans",
    ]
)
#: Values whose text is Chinese for a Chinese reader.
HAN_VALUES = {"party", "problem", "who", "note"}


def catalog() -> Catalog:
    with PO.open("rb") as file:
        return read_po(file, locale="zh_Hans")


def calls(name: str) -> Iterator[tuple[str, ast.expr]]:
    """(where, first argument) of every call of this function in the code."""
    for source in modules():
        for node in ast.walk(source.tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id == name and node.args:
                yield f"{source.path}:{node.lineno}", node.args[0]


def sentences() -> Iterator[tuple[str, str]]:
    """(where, message id) of every sentence() and gettext(), and of what the pages say."""
    for path in sorted(TEMPLATES.glob("*.html")):
        for text in re.findall(r'{% say "([^"]+)" %}', path.read_text(encoding="utf-8")):
            yield path.name, text
    for where, value in calls("sentence"):
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield where, value.value
        else:
            yield where, "(not a plain string)"
    for where, value in calls("gettext"):
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield where, value.value


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
    for where, state in states():
        yield where, state
    yield from words_of_sql()
    for where, why in calls("OpenPoint"):
        assert isinstance(why, ast.Constant)
        yield where, str(why.value)
    for found in REGISTRY.values():
        if found.signed and not found.verb.startswith("testing."):
            yield f"meaning of the signature of {found.verb}", found.signed
    for check in REQUIRED_CHECKS.default:
        yield "quality.inspection.checks", check


def states() -> Iterator[tuple[str, str]]:
    """The states of documents, which are no choices of a field."""
    for source in modules():
        for node in source.tree.body:
            if isinstance(node, ast.ClassDef) and node.name.endswith("State"):
                for row in node.body:
                    if isinstance(row, ast.Assign) and isinstance(row.value, ast.Tuple):
                        yield f"{source.path}:{row.lineno}", ast.literal_eval(row.value)[0]


def words_of_sql() -> Iterator[tuple[str, str]]:
    """What the database's own functions name: acts, and what the self-checks find."""
    for code in Code:
        yield "stock_move_code", action_words(code.name.lower())
    yield "stock_move_code", action_words("allocate")
    patterns = (
        r"'([a-z]+ [a-z ]+)'",
        r"'([a-z]+)'(?: AS what|, b\.id)",
        r"\('([a-z ]+)', [mb]\.",
    )
    for path in sorted(CHECKS.glob("*.sql")):
        for pattern in patterns:
            for word in re.findall(pattern, path.read_text()):
                yield path.name, word


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
        if message.id
        and message.string
        and values_in(str(message.id)) != values_in(str(message.string))
    ]
    assert not wrong, "the Chinese sentence names other values:\n" + "\n".join(wrong)


def test_no_translation_is_left_over() -> None:
    used = {text for _, text in sentences()} | {text for _, text in words()}
    used |= {text for _, text in spoken()}
    left = sorted(str(m.id) for m in catalog() if m.id and m.id not in used)
    assert not left, "nothing says these any more; delete them:\n" + "\n".join(left)


def spoken() -> Iterator[tuple[str, str]]:
    """Words that code passes as values of a sentence."""
    for source in modules():
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield source.path, node.value


def test_contexts_are_names_of_translated_values() -> None:
    strange = {m.context for m in catalog() if m.context} - TRANSLATED_VALUES
    assert not strange


@pytest.mark.parametrize("text", sorted({text for _, text in sentences()}))
def test_a_chinese_reader_sees_chinese(text: str) -> None:  # UX-02
    told = in_chinese(text)
    assert not re.search(r"[{}]", told)
    foreign = set(re.findall(r"[A-Za-z][A-Za-z0-9_-]*", told)) - LATIN
    assert not foreign, told
    assert not re.search(r"[一-鿿][,;:!?()]|[,;!?()][一-鿿]|[一-鿿]\.", told), f"half width: {told}"
    assert not re.search(r"[一-鿿][A-Za-z0-9]|[A-Za-z0-9][一-鿿]", told), f"no space: {told}"
    assert not re.search(r"[一-鿿，。；：“”（）] +[，。；：“”（）一-鿿]", told), f"a space: {told}"


def in_chinese(text: str) -> str:
    """The sentence with a number for each value, a word where the value is a word of ours."""
    values = {name: "缺失" if name in HAN_VALUES else 7 for name in values_in(text)}
    for name in TRANSLATED_VALUES & set(values):
        values[name] = "missing"
    return fill(text, values, "zh-hans")


@pytest.mark.parametrize("code", sorted(MESSAGES))
def test_what_is_wrong_with_a_code_is_said_in_chinese(code: str) -> None:
    english, chinese = MESSAGES[code]
    assert values_in(english) == values_in(chinese)
    told = chinese.format_map(dict.fromkeys(values_in(chinese), 7))
    assert not set(re.findall(r"[A-Za-z][A-Za-z0-9_-]*", told)) - LATIN, told


def test_a_word_may_differ_by_what_it_is_said_of() -> None:
    with translation.override("zh-hans"):
        assert translation.gettext("rejected") == "不合格"
    assert fill("{state}", {"state": "rejected"}, "zh-hans") == "已驳回"
    assert fill("{status}", {"status": "rejected"}, "zh-hans") == "不合格"
    assert fill("{status}", {"status": "rejected"}, "en") == "rejected"
