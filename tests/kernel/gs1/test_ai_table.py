"""Our table of application identifiers against GS1's syntax dictionary, field by field."""

import re
from typing import NamedTuple

import pytest

from tests.kernel.shared_data import DICTIONARY, needs_shared_data
from traceward.kernel.base.gs1 import (
    FNC1,
    CodeProblem,
    build_elements,
    check_digit,
    parse_elements,
)
from traceward.kernel.base.gs1.ai_entries import Component, Entry
from traceward.kernel.base.gs1.ai_table import AI_LENGTH, AI_TABLE, family
from traceward.kernel.base.gs1.linters import LINTERS

# INV-05


class Line(NamedTuple):
    """One line of the dictionary, taken apart."""

    ais: list[str]
    flags: str
    components: tuple[Component, ...]
    attributes: dict[str, str]
    title: str


def _component(text: str, linters: str) -> Component:
    form = re.fullmatch(r"([NXYZ])(\.\.)?([0-9]+)", text.strip("[]"))
    assert form is not None, text
    longest = int(form[3])
    names = tuple(filter(None, linters.split(",")))
    shortest = 1 if form[2] else longest
    return Component(form[1], shortest, longest, names, text.startswith("["))


def _line(text: str) -> Line:
    head, _, title = text.partition("#")
    words = head.split()
    first, _, last = words.pop(0).partition("-")
    ais = [str(n).zfill(len(first)) for n in range(int(first), int(last or first) + 1)]
    flags = words.pop(0) if re.fullmatch(r"[*?]+", words[0]) else ""
    components, attributes = [], {}
    for word in words:
        form = re.fullmatch(r"(\[?[NXYZ][.0-9]+\]?)((?:,[a-z0-9]+)*)", word)
        if form:
            components.append(_component(form[1], form[2]))
        else:
            name, _, value = word.partition("=")
            assert name not in attributes, "an attribute that stands twice needs new code here"
            attributes[name] = value
    return Line(ais, flags, tuple(components), attributes, title.strip())


def _dictionary() -> dict[str, Line]:
    if not DICTIONARY.exists():
        return {}
    texts = DICTIONARY.read_text(encoding="utf-8").splitlines()
    lines = [_line(text) for text in texts if text[:1].isdigit()]
    return {ai: line for line in lines for ai in line.ais}


def _fields(entry: Entry) -> dict[str, object]:
    return {
        "separated": entry.separated,
        "in_query": entry.in_query,
        "components": entry.components,
        "needs": [set(group) for group in entry.needs],
        "excludes": set(entry.excludes),
        "qualifiers": entry.qualifiers,
        "title": entry.title,
    }


@needs_shared_data
def test_table_is_the_dictionary_field_by_field() -> None:
    dictionary = _dictionary()
    assert set(AI_TABLE) == set(dictionary)
    assert len(AI_TABLE) == 541
    for ai, line in dictionary.items():
        groups = filter(None, line.attributes.get("req", "").split(","))
        qualifiers = None
        if "dlpkey" in line.attributes:
            alternatives = line.attributes["dlpkey"].split("|")
            qualifiers = tuple(tuple(filter(None, text.split(","))) for text in alternatives)
        assert _fields(AI_TABLE[ai]) == {
            "separated": "*" not in line.flags,
            "in_query": "?" in line.flags,
            "components": line.components,
            "needs": [set(group.split("+")) for group in groups],
            "excludes": set(filter(None, line.attributes.get("ex", "").split(","))),
            "qualifiers": qualifiers,
            "title": line.title,
        }, ai


@needs_shared_data
def test_table_knows_every_attribute_of_the_dictionary() -> None:
    names = {name for line in _dictionary().values() for name in line.attributes}
    assert names == {"req", "ex", "dlpkey"}


def test_table_has_one_length_for_each_pair_of_first_digits() -> None:
    for ai in AI_TABLE:
        assert AI_LENGTH[ai[:2]] == len(ai)


def test_table_leaves_out_only_coupons() -> None:
    unwritten = {ai for ai, entry in AI_TABLE.items() if not entry.supported}
    assert unwritten == {"8110", "8112"}
    names = {name for entry in AI_TABLE.values() for c in entry.components for name in c.linters}
    assert names - set(LINTERS) == {"couponcode", "couponposoffer"}


def test_table_needs_and_excludes_only_what_exists() -> None:
    for entry in AI_TABLE.values():
        for pattern in [*entry.excludes, *(name for group in entry.needs for name in group)]:
            assert family(pattern) & set(AI_TABLE), f"({entry.ai}) names {pattern}"


@pytest.mark.parametrize(
    "ai", ["00", "01", "02", "10", "11", "17", "21", "30", "37", "4331", "7003", "8013", "8017"]
)
def test_table_has_chinese_titles_for_healthcare(ai: str) -> None:
    assert re.search(r"[\u4e00-\u9fff]", AI_TABLE[ai].title_zh)


#: A valid part for each set of content checks that a component may have.
SAMPLES = {
    ("csum", "gcppos2"): {14: "09521234543213", 18: "395212340000000427"},
    ("csum", "gcppos1"): {13: "9521234543213", 17: "95212345432100009", 18: "952123454321000009"},
    ("csumalpha", "gcppos1"): "1987654Ad4X4bL5ttr2310c2K",
    ("csumalpha", "gcppos1", "hasnondigit"): "1987654Ad4X4bL5ttr2310c2K",
    ("gcppos1",): "9521",
    ("hyphen",): "-",
    ("iban",): "GB82WEST12345698765432",
    ("iso3166",): "156",
    ("iso3166999",): "999",
    ("iso3166alpha2",): "CN",
    ("iso4217",): "156",
    ("mediatype",): "01",
    ("packagetype",): "PX",
    ("pieceoftotal",): "0102",
    ("posinseqslash",): "1/2",
    ("winding",): "9",
    ("yymmd0",): "280700",
    ("yymmdd",): "280731",
    ("yyyymmdd",): "20280731",
    ("zero",): "0",
}


def _sample(component: Component) -> str:
    sample = SAMPLES.get(component.linters, "1" * component.longest)
    if isinstance(sample, dict):
        body = sample[component.longest][:-1]
        return body + check_digit(body)
    return sample


@pytest.mark.parametrize("ai", [ai for ai, entry in AI_TABLE.items() if entry.supported])
def test_every_identifier_is_written_and_read_back(ai: str) -> None:
    entry = AI_TABLE[ai]
    required = "".join(_sample(c) for c in entry.components if not c.optional)
    for value in {required, "".join(map(_sample, entry.components))}:
        elements = [(ai, value), ("90", "X")]
        message = build_elements(elements, associations=False)
        assert list(parse_elements(message, associations=False)) == elements
        assert (FNC1 in message) == entry.separated
        with pytest.raises(CodeProblem):
            parse_elements(message[: len(ai)], associations=False)
