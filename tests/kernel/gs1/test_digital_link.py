"""Digital Links beyond the published vectors."""

import pytest

from traceward.kernel.base.gs1 import CodeProblem, build_digital_link, parse_digital_link

# INV-05, WMS-01

GTIN = "09521234543213"


def test_build_digital_link_is_canonical() -> None:
    elements = [("17", "280731"), ("21", "SN/42"), ("10", "A1"), ("01", GTIN), ("240", "X")]
    uri = f"https://id.gs1.org/01/{GTIN}/10/A1/21/SN%2F42?17=280731&240=X"
    assert build_digital_link(elements) == uri
    assert set(parse_digital_link(uri).elements) == set(elements)


def test_build_digital_link_writes_numbers_for_words() -> None:
    link = parse_digital_link(f"https://example.com/udi/gtin/{GTIN}/lot/A1?linkType=gs1:pip&x")
    assert link.stem == "https://example.com/udi"
    assert link.ignored == ("linkType", "x")
    assert build_digital_link(link.elements) == f"https://id.gs1.org/01/{GTIN}/10/A1"


def test_build_digital_link_takes_the_alternative_that_fits() -> None:
    elements = [("01", GTIN), ("10", "A1"), ("235", "TPX")]
    assert build_digital_link(elements) == f"https://id.gs1.org/01/{GTIN}/235/TPX?10=A1"


def test_parse_digital_link_pads_a_short_gtin_only_when_lenient() -> None:
    uri = "https://example.com/01/9521234543213"
    assert parse_digital_link(uri).elements == (("01", GTIN),)
    with pytest.raises(CodeProblem) as caught:
        parse_digital_link(uri, lenient=False)
    assert caught.value.code == "value_too_short"


@pytest.mark.parametrize(
    ("uri", "code", "ai"),
    [
        (f"Https://a/01/{GTIN}", "uri_scheme", None),
        (f"https://a b/01/{GTIN}", "uri_character", None),
        (f"https://a_b/01/{GTIN}", "uri_domain", None),
        ("https://example.com", "uri_no_key", None),
        (f"https://example.com/?01={GTIN}", "uri_no_key", None),
        (f"https://example.com/01/{GTIN}/21/B/10/A", "uri_qualifiers", "01"),
        (f"https://example.com/01/{GTIN}/10/A/235/B", "uri_qualifiers", "01"),
        (f"https://example.com/01/{GTIN}/10/A/10/A", "uri_qualifiers", "01"),
        (f"https://example.com/01/{GTIN}?10=A", "uri_belongs_in_path", "10"),
        (f"https://example.com/01/{GTIN}/22/C/21/S?10=A", "uri_belongs_in_path", "10"),
        (f"https://example.com/01/{GTIN}?01={GTIN}", "uri_ai_twice", "01"),
        (f"https://example.com/01/{GTIN}?17=280731&17=280731", "uri_ai_twice", "17"),
        (f"https://example.com/01/{GTIN}?21=A", "uri_not_attribute", "21"),
        (f"https://example.com/01/{GTIN}?17=", "value_too_short", "17"),
        (f"https://example.com/01/{GTIN}?999=1", "unknown_ai", None),
        (f"https://example.com/01/{GTIN}?37=12", "ai_excluded", "01"),
        (f"https://example.com/01/{GTIN}/10/A%4", "bad_percent", "10"),
        (f"https://example.com/01/{GTIN}/10/A%00B", "bad_character", "10"),
        (f"https://example.com/01/{GTIN}/10/%E6%89%B9", "bad_character", "10"),
    ],
)
def test_parse_digital_link_says_what_is_wrong(uri: str, code: str, ai: str | None) -> None:
    with pytest.raises(CodeProblem) as caught:
        parse_digital_link(uri)
    assert caught.value.code == code
    if ai:
        assert caught.value.params["ai"] == ai


@pytest.mark.parametrize(
    ("uri", "position", "found"),
    [
        (f"https://a/01/{GTIN}|", 28, "|"),
        (f"https://a/01/{GTIN}/10/A%4", 2, "%4"),
    ],
)
def test_parse_digital_link_says_where(uri: str, position: int, found: str) -> None:
    with pytest.raises(CodeProblem) as caught:
        parse_digital_link(uri)
    assert (caught.value.params["position"], caught.value.params["found"]) == (position, found)


def test_parse_digital_link_says_which_order_is_right() -> None:
    for uri, expected in (
        (f"https://a/01/{GTIN}/21/B/10/A", "(22) (10) (21) / (235)"),
        ("https://a/00/395212340000000427/10/A", "-"),
    ):
        with pytest.raises(CodeProblem) as caught:
            parse_digital_link(uri)
        assert caught.value.params["expected"] == expected


def test_build_digital_link_refuses_what_cannot_be_one() -> None:
    for elements, code in (
        ([("400", "ORDER1")], "no_key_to_link"),
        ([("01", GTIN), ("235", "A"), ("22", "B")], "uri_not_attribute"),
        ([("01", GTIN), ("10", "A"), ("10", "B")], "ai_repeated"),
        ([("01", "1")], "value_too_short"),
    ):
        with pytest.raises(CodeProblem) as caught:
            build_digital_link(elements)
        assert caught.value.code == code
