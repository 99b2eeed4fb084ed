"""Every name that a page shows has its words in both languages, and no words are left over."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from traceward.kernel.command.registry import REGISTRY
from traceward.kernel.rules.queries import SPECS
from traceward.resources import labels
from traceward.resources.choices import values_of
from traceward.resources.kit import QUESTIONS, RESOURCES
from traceward.resources.labels.apart import APART
from traceward.resources.labels.arguments import ARGUMENTS
from traceward.resources.labels.columns import COLUMNS
from traceward.resources.labels.parameters import PARAMETERS
from traceward.resources.labels.values import LIKE, VALUES, VERBAL
from traceward.resources.plain import Described

#: What is written in Latin letters in Chinese, too.
LATIN = frozenset({"AHM", "GLN", "GS1", "HIBC", "MA"})


def _commands() -> list[Any]:
    """Ours, without those that tests make."""
    return [one for one in REGISTRY.values() if one.function.__module__.startswith("traceward.")]


def _columns() -> Iterator[str]:
    for resource in RESOURCES.values():
        yield from (f"{resource.name}.{name}" for name in (*resource.columns, *resource.finders))


@cache
def _fields() -> Mapping[str, frozenset[str]]:
    """Every argument and field of an answer, however deep: "verb.name" → the values it may have."""
    found: dict[str, set[str]] = {}
    asked = [(one.verb, one) for one in _commands()] + [(q.name, q) for q in QUESTIONS.values()]
    for where, one in asked:
        for schema in (
            one.arguments.model_json_schema(schema_generator=Described),
            one.outcome.json_schema(schema_generator=Described, mode="serialization"),
        ):
            inner = schema.get("$defs", {})
            for part in (schema, *inner.values()):
                for name, how in part.get("properties", {}).items():
                    found.setdefault(f"{where}.{name}", set()).update(_values(how, inner))
    return {name: frozenset(values) for name, values in found.items()}


def _values(how: Mapping[str, Any], inner: Mapping[str, Any]) -> Iterator[str]:
    """The words that a value may be; none where it may be any."""
    yield from (str(value) for value in how.get("enum", ()))
    if "const" in how:
        yield str(how["const"])
    parts = [*how.get("anyOf", ()), *how.get("oneOf", ()), how.get("items")]
    if "$ref" in how:
        parts.append(inner[how["$ref"].rpartition("/")[2]])
    for part in parts:
        if isinstance(part, dict):
            yield from _values(part, inner)


def _choices() -> Iterator[tuple[str, Any]]:
    for resource in RESOURCES.values():
        for column in resource.columns.values():
            for value in values_of(resource, column):
                yield f"{resource.name}.{column.name}", value
    for name, values in _fields().items():
        yield from ((name, value) for value in values)


def _unreadable(told: Iterable[tuple[str, labels.Words]]) -> list[str]:
    """What is not Chinese in Chinese, or no heading in English."""
    wrong = []
    for name, (zh, en) in told:
        foreign = set(re.findall("[A-Za-z][A-Za-z0-9]*", zh)) - LATIN
        is_han = bool(re.search("[一-鿿]", zh)) or zh in LATIN
        if foreign or not is_han or "_" in zh or re.search("[(),:;/]", zh):
            wrong.append(f"{name}: {zh}")
        if not (en[:1].isupper() or en[:1].isdigit()) or "_" in en or re.search("[一-鿿]", en):
            wrong.append(f"{name}: {en}")
    return wrong


def test_every_name_has_words() -> None:  # UX-02
    """A new name is given its words in the same commit."""
    lacking = [
        name
        for name in (*_columns(), *_fields())
        if not any(way in labels.NAMES for way in labels.ways(name))
    ]
    lacking += [one.verb for one in _commands() if one.verb not in labels.VERBS]
    lacking += [one for one in RESOURCES if one not in labels.RESOURCES]
    lacking += [one for one in QUESTIONS if one not in labels.QUESTIONS]
    assert not lacking, "give these Chinese and English words in traceward/resources/labels:\n" + (
        "\n".join(sorted(lacking))
    )


def test_every_column_and_argument_reads_well() -> None:  # UX-02
    told = {name: labels.of_column(name) for name in _columns()}
    told |= {name: labels.in_full(name) for name in _columns()}
    told |= {name: labels.of_argument(name) for name in _fields()}
    bare = {name.rpartition(".")[2] for name in told}
    told |= {name: labels.of_argument(name) for name in bare}
    assert not _unreadable(told.items())


def test_every_list_and_question_reads_well() -> None:  # UX-02
    titles = {name: labels.of_resource(name) for name in (*RESOURCES, *QUESTIONS)}
    rows = {name: labels.of_row(name) for name in (*RESOURCES, *QUESTIONS)}
    assert {name: labels.of_question(name) for name in QUESTIONS}.items() <= titles.items()
    assert not _unreadable([*titles.items(), *rows.items()])
    assert set(labels.RESOURCES) == set(RESOURCES), "take out what is no list any more"
    assert set(labels.QUESTIONS) == set(QUESTIONS), "take out what is no question any more"


def test_every_command_has_a_button() -> None:  # UX-02
    told = {one.verb: labels.of_verb(one.verb) for one in _commands()}
    assert set(labels.VERBS) == set(told), "take out what is no command any more"
    assert not _unreadable(told.items())
    long = [f"{verb}: {w}" for verb, w in told.items() if not 2 <= len(w.zh) <= 6]
    long += [f"{verb}: {w}" for verb, w in told.items() if len(w.en.split()) > 3]
    assert not long, f"a button has 2 to 6 characters, in English 1 to 3 words: {long}"


def test_every_choice_has_words() -> None:  # UX-02
    told = [(f"{n} {v}", labels.of_value(n, v)) for n, v in _choices() if v != ""]
    told += [(str(value), labels.of_value("is_active", value)) for value in (True, False)]
    assert len(told) > 500
    assert not _unreadable(told)


def test_no_two_columns_of_a_list_are_called_the_same() -> None:
    same = []
    for resource in RESOURCES.values():
        by_stem = {labels.stem_of(name): f"{resource.name}.{name}" for name in resource.columns}
        whole = [f"{resource.name}.{name}" for name in resource.columns]
        for told in (
            [labels.of_column(name) for name in by_stem.values()],
            [labels.in_full(name) for name in whole],
        ):
            for words in ([one.zh for one in told], [one.en for one in told]):
                same += [f"{resource.name}: {w}" for w in sorted(set(words)) if words.count(w) > 1]
    assert not same, "tell them apart; in traceward/resources/labels/apart.py if only there"


def test_no_words_are_left_over() -> None:
    names = {*_columns(), *_fields()}
    used = {labels.key_of(name) for name in names}
    asked = {way for name in names for way in labels.ways(name)}
    left = sorted((APART.keys() - used) | (labels.NAMES.keys() - asked))
    assert not left, f"nothing is called so any more; delete them: {left}"
    assert not COLUMNS.keys() & ARGUMENTS.keys(), "one entry a name"
    assert {*VALUES, *LIKE, *VERBAL} <= asked
    assert set(LIKE.values()) <= set(labels.choices())


def test_a_word_may_differ_by_where_it_is_said() -> None:
    assert labels.of_column("approved_by_login") == ("批准人", "Approved by")
    assert labels.in_full("approved_by_login") == ("批准人（登录名）", "Approved by (login)")
    assert labels.of_argument("production.issue.order_id") == ("工单", "Work order")
    assert labels.of_argument("sales.close.order_id") == ("销售订单", "Sales order")
    assert labels.of_value("places.places.kind", "production").en == "Production"
    assert labels.of_value("partners.licences.kind", "production").en == "Production licence"
    assert labels.of_value("workflow.held.state", "rejected") == ("已驳回", "Rejected")
    assert labels.of_value("stock.balances.status", "rejected") == ("不合格", "Rejected")
    assert labels.of_value("documents.documents.kind", "purchasing.order").zh == "采购订单"
    assert labels.of_value("changed_with", "purchasing.order").zh == "采购下单"
    assert labels.of_value("is_qualified", False).in_language("zh-hans") == "否"
    assert labels.of_value("country", "CN") == ("中国", "China")
    assert labels.of_value("country", "DE") == ("DE", "DE")


def test_every_parameter_says_what_it_decides() -> None:  # UX-02
    assert set(PARAMETERS) == set(SPECS), "traceward/resources/labels/parameters.py"
    for spec in SPECS.values():
        words = labels.of_parameter(spec)
        assert words.en.endswith("."), spec.key
        assert re.search(r"[\u4e00-\u9fff]", words.zh), spec.key
