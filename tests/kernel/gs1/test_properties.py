"""Properties over generated codes, and input that no scanner should send."""

import pickle
import re
import string
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from traceward.kernel.base.gs1 import (
    AI_TABLE,
    FNC1,
    MESSAGES,
    CodeProblem,
    build_digital_link,
    build_elements,
    build_hri,
    build_sscc,
    check_digit,
    check_element,
    check_pair,
    explain,
    has_check_digit,
    identify,
    normalise_gtin,
    parse_digital_link,
    parse_elements,
    parse_hri,
    read_date,
    write_date,
)
from traceward.kernel.base.gs1.check_digits import CSET82

# INV-05, WMS-01

TODAY = date(2026, 11, 22)
DIGITS = string.digits
#: A busy machine is no reason to fail.
UNHURRIED = settings(deadline=None)

gtins = st.text(DIGITS, min_size=13, max_size=13).map(lambda body: body + check_digit(body))
lots = st.text(CSET82, min_size=1, max_size=20)
dates = st.dates(date(1978, 1, 1), date(2076, 12, 31)).map(write_date)
months = st.dates(date(1978, 1, 1), date(2076, 12, 31)).map(lambda on: write_date(on, "month"))

#: Attributes that may stand beside a GTIN, and beside each other.
ATTRIBUTES: dict[str, st.SearchStrategy[str]] = {
    "10": lots,
    "11": dates,
    "17": dates | months,
    "20": st.text(DIGITS, min_size=2, max_size=2),
    "21": lots,
    "240": st.text(CSET82, min_size=1, max_size=30),
    "30": st.text(DIGITS, min_size=1, max_size=8),
    "3103": st.text(DIGITS, min_size=6, max_size=6),
    "422": st.just("156"),
    "7231": st.text(CSET82, min_size=3, max_size=30),
    "90": st.text(CSET82, min_size=1, max_size=30),
    "99": st.text(CSET82, min_size=1, max_size=90),
}


@st.composite
def messages(draw: st.DrawFn) -> list[tuple[str, str]]:
    chosen = draw(st.lists(st.sampled_from(sorted(ATTRIBUTES)), unique=True))
    elements = [("01", draw(gtins)), *((ai, draw(ATTRIBUTES[ai])) for ai in chosen)]
    return draw(st.permutations(elements))


@UNHURRIED
@given(messages())
def test_parse_after_build_gives_the_same_elements(elements: list[tuple[str, str]]) -> None:
    assert list(parse_elements(build_elements(elements))) == elements
    assert list(parse_hri(build_hri(elements))) == elements
    assert sorted(parse_digital_link(build_digital_link(elements)).elements) == sorted(elements)


@UNHURRIED
@given(messages())
def test_build_after_parse_gives_the_same_code(elements: list[tuple[str, str]]) -> None:
    message, uri = build_elements(elements), build_digital_link(elements)
    assert build_elements(parse_elements(message)) == message
    assert build_digital_link(parse_digital_link(uri).elements) == uri


@UNHURRIED
@given(messages())
def test_identify_says_the_same_of_every_form(elements: list[tuple[str, str]]) -> None:
    raws = (
        build_elements(elements, symbology="]d2"),
        build_hri(elements),
        build_digital_link(elements),
    )
    found = [identify(raw, TODAY) for raw in raws]
    assert len({(f.gtin, f.lot, f.serial, f.expires, f.produced, f.count) for f in found}) == 1


@UNHURRIED
@given(messages(), st.data())
def test_a_code_cut_short_is_refused_or_a_shorter_code(
    elements: list[tuple[str, str]], data: st.DataObject
) -> None:
    message = build_elements(elements)
    cut = message[: data.draw(st.integers(0, len(message) - 1))]
    try:
        found = parse_elements(cut)
    except CodeProblem:
        return
    for ours, whole in zip(found, elements, strict=False):
        assert ours.ai == whole[0]
        assert whole[1].startswith(ours.value)


@UNHURRIED
@given(gtins, st.integers(0, 13), st.sampled_from(DIGITS))
def test_one_wrong_digit_never_passes(gtin: str, at: int, digit: str) -> None:
    changed = gtin[:at] + digit + gtin[at + 1 :]
    assert has_check_digit(changed) == (changed == gtin)


@UNHURRIED
@given(st.text(CSET82, min_size=1, max_size=23), st.integers(0, 22), st.sampled_from(CSET82))
def test_one_wrong_character_never_has_the_same_pair(body: str, at: int, other: str) -> None:
    at %= len(body)
    changed = body[:at] + other + body[at + 1 :]
    assert (check_pair(changed) == check_pair(body)) == (changed == body)


@UNHURRIED
@given(st.integers(0, 9), st.text(DIGITS, min_size=4, max_size=12), st.integers(0, 9999))
def test_an_sscc_is_read_back(extension: int, prefix: str, serial: int) -> None:
    sscc = build_sscc(extension, prefix, serial)
    assert identify(f"]C100{sscc}", TODAY).sscc == sscc


@UNHURRIED
@given(gtins)
def test_padding_a_gtin_twice_changes_nothing(gtin: str) -> None:
    assert normalise_gtin(normalise_gtin(gtin)) == gtin


@UNHURRIED
@given(st.dates(date(1, 1, 1), date(9999, 12, 31)), st.integers(-17000, 17000))
def test_a_date_is_read_back_within_the_window(today: date, days: int) -> None:
    try:
        on = today + timedelta(days=days)
    except OverflowError:
        return
    if not -49 <= on.year - today.year <= 50:
        return
    assert read_date(write_date(on), today).on == on


# --- Input that no scanner should send ----------------------------------------------------

HOSTILE = (
    "",
    " ",
    FNC1,
    FNC1 * 500,
    "\x00",
    "]",
    "]d2" + FNC1,
    "(",
    "()",
    "(01)",
    "(01)(01)",
    "\\(01)",
    "01",
    "0",
    "01" + "٠" * 14,
    "01" + "０" * 14,
    "²³¹" * 5,
    "\ud800",
    "](01)09521234543213",
    "https://",
    "https:///01/",
    "https://a/01/%",
    "https://a/01//10/",
    "HTTPS://A/01/09521234543213?=&&&=",
    "https://a/01/09521234543213?²=1",
    "8004" + "\x7f",
    "+",
    "=",
    "MA.",
    "8" * 20,
    "1" * 999,
    "9" * (10 * 1024 * 1024),
    "(" * 1000,
    "\\" * 1000,
    "(10)" * 250,
    "https://a" + "/01" * 330,
)

READERS: tuple[Callable[[str], Any], ...] = (
    lambda raw: identify(raw, TODAY),
    parse_elements,
    parse_hri,
    parse_digital_link,
    normalise_gtin,
    lambda raw: read_date(raw, TODAY),
    lambda raw: check_element("8013", raw),
)


def problem_or_none(reader: Callable[[str], Any], raw: str) -> CodeProblem | None:
    try:
        reader(raw)
    except CodeProblem as problem:
        return problem
    return None


def check_problem(problem: CodeProblem | None) -> None:
    """The problem can be said in both languages, and be sent and stored."""
    if problem is None:
        return
    for template in MESSAGES[problem.code]:
        assert set(re.findall(r"{(\w+)}", template)) <= set(problem.params)
    for language in ("en", "zh-Hans"):
        sentence = explain(problem, language)
        assert sentence
        assert len(sentence) < 500
    assert all(isinstance(value, str | int) for value in problem.params.values())
    copy = pickle.loads(pickle.dumps(problem))
    assert (copy.code, copy.params) == (problem.code, problem.params)


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_hostile_input_raises_nothing_but_code_problem(number: int) -> None:
    for reader in READERS:
        check_problem(problem_or_none(reader, HOSTILE[number]))


_ODD = [FNC1, "(", ")", "\\(", "]d2", "]E0", "|]e0", "https://a/", "/", "?", "&", "=", "%4", "%1D"]
_VALUES = ["09521234543213", "280731", "000000", "000229", "ABC", "１"]
_PIECES = st.sampled_from([*_ODD, *_VALUES, *sorted(AI_TABLE)])


@UNHURRIED
@given(st.text() | st.lists(_PIECES | st.text(max_size=3), max_size=12).map("".join))
@example("]e0|]e0")
@example("]E09521234543213|]e0")
def test_random_input_raises_nothing_but_code_problem(raw: str) -> None:
    for reader in READERS:
        check_problem(problem_or_none(reader, raw))


@UNHURRIED
@given(st.sampled_from(sorted(AI_TABLE)), st.text(CSET82 + "\x1d\x00é１", max_size=92))
def test_any_value_raises_nothing_but_code_problem(ai: str, value: str) -> None:
    check_problem(problem_or_none(lambda raw: check_element(ai, raw), value))


# --- Messages -----------------------------------------------------------------------------


@pytest.mark.parametrize("code", MESSAGES)
def test_messages_name_the_same_values_in_both_languages(code: str) -> None:
    english, chinese = MESSAGES[code]
    names = [set(re.findall(r"{(\w+)}", template)) for template in (english, chinese)]
    assert names[0] == names[1]
    assert re.search(r"[\u4e00-\u9fff]", chinese)
    assert chinese.endswith("。")
    assert english.endswith(".")
    # A sentence says what is wrong, another one what to do.
    assert english.count(". ") + english.count(": ") >= 1


def test_explain_never_fails_for_want_of_a_value() -> None:
    assert "(?)" in explain(CodeProblem("bad_day"))


def test_problem_shows_its_code_and_values() -> None:
    problem = CodeProblem("wrong_check_digit", ai="01", position=14, found="4", expected="3")
    assert str(problem).startswith("wrong_check_digit(ai='01', position=14")
    assert "should be 3" in explain(problem)
    assert "应为 3" in explain(problem, "zh-Hans")
