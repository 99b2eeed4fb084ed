"""Element strings and bracketed text."""

import pytest

from traceward.kernel.base.gs1 import (
    FNC1,
    SCAN_LIMIT,
    CodeProblem,
    Element,
    build_elements,
    build_hri,
    check_element,
    parse_elements,
    parse_hri,
)

# INV-05, WMS-01

GTIN = "09521234543213"
UDI = [("01", GTIN), ("17", "280731"), ("10", "A/12-3"), ("21", "SN0042")]
UDI_MESSAGE = f"01{GTIN}1728073110A/12-3{FNC1}21SN0042"


def problem_of(message: str) -> CodeProblem:
    with pytest.raises(CodeProblem) as caught:
        parse_elements(message.replace("^", FNC1))
    return caught.value


def test_parse_elements_gives_them_in_order() -> None:
    assert parse_elements(UDI_MESSAGE) == tuple(Element(*pair) for pair in UDI)


def test_build_elements_puts_a_separator_only_where_one_is_needed() -> None:
    assert build_elements(UDI) == UDI_MESSAGE
    assert build_elements([UDI[0], UDI[3], UDI[1]]) == f"01{GTIN}21SN0042{FNC1}17280731"


def test_build_elements_writes_what_a_scanner_sends() -> None:
    assert build_elements(UDI[:1], symbology="]d2") == f"]d201{GTIN}"
    with pytest.raises(CodeProblem) as caught:
        build_elements(UDI, symbology="]d1")
    assert caught.value.code == "unknown_symbology"


@pytest.mark.parametrize(
    "message",
    [
        f"^01{GTIN}17280731",
        f"01{GTIN}^17280731",
        f"01{GTIN}17280731^",
        f"  01{GTIN}17280731\r\n",
    ],
)
def test_parse_elements_tolerates_what_scanners_add(message: str) -> None:
    wanted = (Element("01", GTIN), Element("17", "280731"))
    assert parse_elements(message.replace("^", FNC1)) == wanted


@pytest.mark.parametrize(
    ("message", "code", "params"),
    [
        ("01095212345432", "value_too_short", {"ai": "01", "found": 12, "expected": 14}),
        ("0109521234543214", "wrong_check_digit", {"ai": "01", "expected": "3", "position": 14}),
        (f"01{GTIN}17281301", "bad_month", {"ai": "17", "found": "13", "position": 3}),
        (f"01{GTIN}17280732", "bad_day", {"ai": "17", "found": "32", "position": 5}),
        (f"01{GTIN}10A B", "bad_character", {"ai": "10", "found": " ", "position": 2}),
        (f"01{GTIN}10", "value_too_short", {"ai": "10", "found": 0}),
        (f"01{GTIN}10" + "A" * 21, "value_too_long", {"ai": "10", "found": 21, "expected": 20}),
        (f"01{GTIN}89X", "unknown_ai", {"found": "89", "position": 17}),
        (f"01{GTIN}^^17280731", "empty_element", {"position": 18}),
        (f"01{GTIN}7003280700", "value_too_short", {"ai": "7003"}),
        (f"01{GTIN}70032807001200", "bad_day", {"ai": "7003", "found": "00"}),
        (f"01{GTIN}8110106141416543213150110120", "ai_not_supported", {"ai": "8110"}),
        ("^", "empty_scan", {}),
    ],
)
def test_parse_elements_says_what_is_wrong(
    message: str, code: str, params: dict[str, object]
) -> None:
    problem = problem_of(message)
    assert problem.code == code
    assert params.items() <= problem.params.items()


@pytest.mark.parametrize(
    ("message", "code", "params"),
    [
        ("17280731", "ai_needs_companion", {"ai": "17"}),
        (f"01{GTIN}3712", "ai_excluded", {"ai": "01", "found": "37"}),
        (f"01{GTIN}02{GTIN}3712", "ai_excluded", {"ai": "01"}),
        (f"01{GTIN}21A^235B", "ai_excluded", {"ai": "21", "found": "235"}),
        (f"01{GTIN}10A^10B", "ai_repeated", {"ai": "10", "found": "B", "expected": "A"}),
        (f"01{GTIN}250X", "ai_needs_companion", {"ai": "250"}),
        (f"02{GTIN}3712", "ai_needs_companion", {"ai": "37"}),
        (f"01{GTIN}8030AbC", "ai_needs_companion", {"ai": "8030"}),
        ("800301234567890128^8030AbC", "signature_needs_serial", {"ai": "8003"}),
    ],
)
def test_parse_elements_judges_the_message_as_a_whole(
    message: str, code: str, params: dict[str, object]
) -> None:
    problem = problem_of(message)
    assert problem.code == code
    assert params.items() <= problem.params.items()


def test_parse_elements_allows_a_repetition_with_the_same_value() -> None:
    twice = parse_elements(f"01{GTIN}10A{FNC1}10A")
    assert [ai for ai, _ in twice] == ["01", "10", "10"]


def test_parse_elements_allows_a_family_that_excludes_itself_to_stand_alone() -> None:
    assert parse_elements(f"01{GTIN}3103000500")[1] == ("3103", "000500")
    assert problem_of(f"01{GTIN}31030005003102000050").code == "ai_excluded"


def test_parse_hri_reads_what_is_printed() -> None:
    assert parse_hri(f"(01) {GTIN} (17) 280731 (10)A/12-3(21)SN0042") == parse_elements(UDI_MESSAGE)


def test_parse_hri_reads_an_escaped_bracket_as_part_of_the_value() -> None:
    elements = parse_hri(f"(01){GTIN}(10)A\\(21)B")
    assert elements[1] == ("10", "A(21)B")
    assert build_hri(elements) == f"(01){GTIN}(10)A\\(21)B"


def test_parse_hri_says_where_a_bracket_is_missing() -> None:
    with pytest.raises(CodeProblem) as caught:
        parse_hri(f"(01){GTIN}(x)1")
    assert caught.value.params == {"position": 19, "found": "(x)1"}


def test_parse_and_build_hri_judge_the_message_as_a_whole() -> None:
    for action in (lambda: parse_hri("(10)A"), lambda: build_hri([("10", "A")])):
        with pytest.raises(CodeProblem) as caught:
            action()
        assert caught.value.code == "ai_needs_companion"


def test_parse_elements_reads_up_to_the_limit() -> None:
    assert len(parse_elements(("90" + "A" * 30 + FNC1) * 30 + "91" + "A" * 8)) == 31
    assert problem_of("x" * SCAN_LIMIT).code != "scan_too_long"
    assert problem_of("x" * (SCAN_LIMIT + 1)).code == "scan_too_long"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("01) 123", "hri_bracket"),
        (f"(01){GTIN}(x)1", "hri_bracket"),
        ("(01", "hri_bracket"),
        ("(89)X", "unknown_ai"),
        (f"(01){GTIN}(10)", "value_too_short"),
        (f"(01){GTIN}(10)A\\B", "bad_character"),
    ],
)
def test_parse_hri_says_what_is_wrong(text: str, code: str) -> None:
    with pytest.raises(CodeProblem) as caught:
        parse_hri(text)
    assert caught.value.code == code


def test_build_refuses_what_parse_would_refuse() -> None:
    for elements, code in (
        ([], "empty_scan"),
        ([("01", "123")], "value_too_short"),
        ([("10", "A")], "ai_needs_companion"),
        ([("1", "A")], "unknown_ai"),
    ):
        with pytest.raises(CodeProblem) as caught:
            build_elements(elements)
        assert caught.value.code == code


def test_check_element_places_the_problem_in_the_whole_value() -> None:
    with pytest.raises(CodeProblem) as caught:
        check_element("8006", "0952123454321300" + "02")
    assert caught.value.code == "zero_not_allowed"
    assert caught.value.params == {"ai": "8006", "position": 15, "found": "00"}


def test_check_element_refuses_an_unknown_identifier() -> None:
    with pytest.raises(CodeProblem) as caught:
        check_element("999", "A")
    assert (caught.value.code, caught.value.params["found"]) == ("unknown_ai", "999")


def test_element_has_titles_in_both_languages() -> None:
    lot = Element("10", "A")
    assert (lot.title, lot.title_zh) == ("BATCH/LOT", "批号")
    assert Element("7001", "1").title_zh == "NSN"
