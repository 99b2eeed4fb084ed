"""The one door for scans: which code it is, and what it says."""

from dataclasses import FrozenInstanceError
from datetime import date

import pytest

from traceward.kernel.base.gs1 import (
    FNC1,
    CodeProblem,
    Identification,
    build_sscc,
    identify,
    identify_together,
)

# INV-05, WMS-01

TODAY = date(2026, 11, 22)
GTIN = "09521234543213"
PACKAGE = "19521234543210"
SSCC = build_sscc(3, "9521234", 42)


def problem_of(raw: str) -> CodeProblem:
    with pytest.raises(CodeProblem) as caught:
        identify(raw, TODAY)
    return caught.value


@pytest.mark.parametrize(
    ("raw", "form"),
    [
        (f"]d201{GTIN}1728070010A1{FNC1}21S9{FNC1}11260102", "element_string"),
        (f"]C101{GTIN}1728070010A1{FNC1}21S9{FNC1}11260102\n", "element_string"),
        (f"{FNC1}01{GTIN}1728070010A1{FNC1}21S9{FNC1}11260102", "element_string"),
        (f"(01){GTIN}(17)280700(10)A1(21)S9(11)260102", "hri"),
        (f"https://id.gs1.org/01/{GTIN}/10/A1/21/S9?17=280700&11=260102", "digital_link"),
        (f"]Q1https://a.example/01/{GTIN}/10/A1/21/S9?17=280700&11=260102", "digital_link"),
    ],
)
def test_identify_says_the_same_whatever_carries_it(raw: str, form: str) -> None:
    found = identify(raw, TODAY)
    assert (found.gtin, found.lot, found.serial, found.form) == (GTIN, "A1", "S9", form)
    assert found.expires
    assert found.produced
    assert (found.expires.on, found.expires.precision) == (date(2028, 7, 31), "month")
    assert (found.expires.raw, found.produced.on) == ("280700", date(2026, 1, 2))
    assert (found.level, found.sscc, found.count) == ("item", None, None)
    assert found.raw == raw
    assert {ai for ai, _ in found.elements} == {"01", "10", "11", "17", "21"}
    assert (found.value("10"), found.value("00")) == ("A1", None)


def test_identify_reads_a_logistic_unit() -> None:
    found = identify(f"]C100{SSCC}02{GTIN}3712{FNC1}10A1", TODAY)
    assert (found.sscc, found.content_gtin, found.count) == (SSCC, GTIN, 12)
    assert (found.gtin, found.level, found.lot) == (None, "logistic_unit", "A1")


@pytest.mark.parametrize(
    ("raw", "gtin", "level"),
    [
        ("02345673", "00000002345673", "item"),
        ("416000336108", "00416000336108", "item"),
        (GTIN[1:], GTIN, "item"),
        ("89521234543219", "89521234543219", "package"),
        (PACKAGE, PACKAGE, "package"),
        ("]E09521234543213", GTIN, "item"),
        ("]E402345673", "00000002345673", "item"),
        ("]I1" + PACKAGE, PACKAGE, "package"),
        ("96385074", "00000096385074", "item"),
        ("4012345000009", "04012345000009", "item"),
        ("]C101" + "99521234543216", "99521234543216", "variable_measure"),
    ],
)
def test_identify_reads_a_bare_gtin(raw: str, gtin: str, level: str) -> None:
    found = identify(raw, TODAY)
    assert (found.gtin, found.level) == (gtin, level)


def test_identify_reads_a_bare_sscc() -> None:
    found = identify(SSCC, TODAY)
    assert (found.sscc, found.form, found.level) == (SSCC, "sscc", "logistic_unit")


def test_identify_reads_an_sscc_with_its_identifier_without_help_of_the_scanner() -> None:
    assert identify("00" + SSCC, TODAY).sscc == SSCC


def test_identification_cannot_be_changed() -> None:
    found = identify(GTIN, TODAY)
    with pytest.raises(FrozenInstanceError):
        found.lot = "B"  # type: ignore[misc]


def test_identify_prefers_the_gs1_reading_where_the_symbol_says_so() -> None:
    assert identify("]C196385074", TODAY).elements == (("96", "385074"),)


def test_identify_prefers_the_expiry_with_a_time_of_day() -> None:
    found = identify(f"(01){GTIN}(17)280731(7003)2807301200", TODAY)
    assert found.expires
    assert (found.expires.on, str(found.expires.at)) == (date(2028, 7, 30), "12:00:00")


@pytest.mark.parametrize(
    ("raw", "code", "params"),
    [
        ("81234567890123456789", "scheme_not_read", {"scheme": "码上放心"}),
        ("", "empty_scan", {}),
        (" \r\n", "empty_scan", {}),
        ("]d2", "empty_scan", {}),
        ("]", "unknown_symbology", {"found": "]"}),
        ("]?1ABC", "unknown_symbology", {"found": "]?1"}),
        ("HELLO", "unknown_code", {"found": "HELLO"}),
        ("]C0HELLO", "not_gs1_symbol", {"symbology": "]C0"}),
        (f"]d101{GTIN}17280731", "not_gs1_symbol", {"symbology": "]d1"}),
        ("9521234543214", "wrong_check_digit", {"ai": "01", "expected": "3"}),
        ("4012345000008", "wrong_check_digit", {"ai": "01"}),
        (SSCC[:-1] + "0", "wrong_check_digit", {"ai": "00"}),
        ("]E0952123454321", "value_too_short", {"ai": "01", "expected": 13}),
        ("https://example.com/products/42", "uri_no_key", {}),
        (f"(01){GTIN}(17)280231", "bad_day", {"ai": "17"}),
        ("１２３", "non_ascii", {"position": 1, "found": "１"}),
        (f"01{GTIN}\x0010A", "control_character", {"position": 17, "found": "00"}),
        ("0" * 1001, "scan_too_long", {"found": 1001, "expected": 1000}),
    ],
)
def test_identify_refuses_with_a_reason(raw: str, code: str, params: dict[str, object]) -> None:
    problem = problem_of(raw)
    assert problem.code == code
    assert params.items() <= problem.params.items()


def test_identify_names_the_element_with_an_impossible_date() -> None:
    with pytest.raises(CodeProblem) as caught:
        identify(f"(01){GTIN}(11)000229", date(2080, 1, 1))
    assert (caught.value.code, caught.value.params["ai"]) == ("bad_day", "11")


def test_identify_asks_for_the_other_barcode_of_the_label() -> None:
    assert problem_of("]C11728073110A1").code == "ai_needs_companion"


@pytest.mark.parametrize(
    "second",
    ["]C11728073110A1", "1728073110A1", "17280731101234", "(17)280731(10)A1"],
)
def test_identify_together_reads_the_barcodes_of_one_label(second: str) -> None:
    found: Identification = identify_together([f"01{GTIN}", second], TODAY)
    assert (found.gtin, found.expires and found.expires.raw) == (GTIN, "280731")
    assert found.lot in {"A1", "1234"}
    assert found.raws == (f"01{GTIN}", second)


def test_identify_together_judges_links_and_composites_with_the_rest() -> None:
    sscc = f"]C100{SSCC}"
    link = f"https://id.gs1.org/00/{SSCC}?02={GTIN}&37=5"
    assert identify_together([link, sscc], TODAY).count == 5
    with_route = "https://id.gs1.org/401/9521A?403=R1"
    assert identify_together([with_route, sscc], TODAY).value("403") == "R1"
    composite = identify_together(["]E09521234543213|]e010A1", "]C13012"], TODAY)
    assert (composite.lot, composite.count) == ("A1", 12)
    composite = identify_together(["]E09521234543213|]e0250X", "]C121S9"], TODAY)
    assert composite.value("250") == "X"


def test_identify_together_refuses_the_barcodes_of_two_items() -> None:
    for raws, code in (
        ([f"01{GTIN}", f"01{PACKAGE}"], "ai_repeated"),
        ([f"01{GTIN}", "3712"], "ai_excluded"),
        (["17280731", "10A"], "ai_needs_companion"),
        ([], "empty_scan"),
    ):
        with pytest.raises(CodeProblem) as caught:
            identify_together(raws, TODAY)
        assert caught.value.code == code
