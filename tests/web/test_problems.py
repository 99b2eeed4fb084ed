"""Refusals at the fields of a form, by the names that the form uses. # UX-01"""

import pytest

from traceward.domain.catalog.scanning import UnreadableCode
from traceward.kernel.base.gs1 import CodeProblem
from traceward.kernel.base.refusals import InvalidInput, phrase
from traceward.kernel.command.invalid_input import NUMBER, PROBLEMS, unusable
from traceward.web.kit.documents import is_undoing
from traceward.web.kit.problems import placed, problems_of, told_of

VERB = "inbound.receive_notice"


def two_wrong() -> InvalidInput:
    rows = [
        {"field": "scans.0.packs", "problem": phrase(NUMBER)},
        {"field": "place_id", "problem": phrase(PROBLEMS["missing"])},
    ]
    return unusable("scans.0.packs", phrase(NUMBER), rows)


def test_all_that_is_wrong_is_told_at_once() -> None:
    found = problems_of(two_wrong(), VERB, "zh-hans")
    assert found == {"scans.0.packs": "应为整数。", "place_id": "必填项，请填写。"}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_an_argument_is_called_as_the_form_calls_it(language: str) -> None:
    told = told_of(two_wrong(), VERB, language)
    assert "scans.0.packs" not in told


def test_a_problem_of_an_entry_stands_at_the_field_that_holds_the_entries() -> None:
    wrong = {"line_numbers.1": "no number", "elsewhere": "what is this"}
    assert placed(wrong, {"line_numbers", "sscc"}) == {
        "line_numbers": "no number",
        "elsewhere": "what is this",
    }


@pytest.mark.parametrize(
    ("verb", "is_one"),
    [
        ("warehousing.cancel_pick", True),
        ("warehousing.end_pick", True),
        ("warehousing.take_back", True),
        ("warehousing.pick", False),
    ],
)
def test_what_takes_back_is_never_the_first_thing_offered(verb: str, *, is_one: bool) -> None:
    assert is_undoing(verb) is is_one


def test_a_code_that_cannot_be_read_is_told_in_chinese() -> None:
    problem = CodeProblem("non_ascii", position=1, found="按")
    told = told_of(UnreadableCode.of(problem, "scans.0.codes"), VERB, "zh-hans")
    assert "字符" in told
    assert "Character" not in told
