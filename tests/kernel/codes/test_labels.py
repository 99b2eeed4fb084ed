"""Labels of several barcodes and systems; what may be a code of ours; which system it is."""

from datetime import date

import pytest

from traceward.kernel.base.codes import AGENCIES, MESSAGES, explain, fits, own_text, read_label
from traceward.kernel.base.gs1 import CodeDate, CodeProblem

# INV-05, WMS-01

TODAY = date(2026, 11, 28)
GS1 = "(01)09521234543213(17)280930(10)LOTA"
HIBC = "+T999WIDGET01/$$3280930LOTAH"
MA = "MA.156.M0.000001.11234560.LLOTA.V280930"


@pytest.mark.parametrize(
    ("raw", "system", "form"),
    [
        ("]d201095212345432131728093010LOTA", "GS1", "element_string"),
        (GS1, "GS1", "hri"),
        ("https://example.com/01/09521234543213/10/LOTA", "GS1", "digital_link"),
        ("]C100395212345432100004", "GS1", "element_string"),
        ("010952123454321310LOTA\x1d2112345", "GS1", "element_string"),
        ("]E09521234543213", "GS1", "gtin"),
        (HIBC, "HIBC", "single"),
        ("]d1" + HIBC, "HIBC", "single"),
        (MA, "MA", "plain"),
        ("]Q1https://example.com/?c=" + MA, "MA", "address"),
        ("MF1000*BALOTA", "AHM", "plain"),
    ],
)
def test_the_first_characters_decide(raw: str, system: str, form: str) -> None:
    (reading,) = read_label([raw], TODAY).readings
    assert (reading.system, reading.form) == (system, form)


def test_systems_on_one_label_are_read_together() -> None:
    label = read_label([MA, GS1, HIBC], TODAY)
    assert [r.system for r in label.readings] == ["GS1", "MA", "HIBC"]
    assert label.disagreements == ()
    assert label.fact("lot") == "LOTA"
    assert label.raw == "\n".join((MA, GS1, HIBC))


def test_what_differs_between_systems_is_named() -> None:
    label = read_label([GS1.replace("LOTA", "LOTB"), HIBC, MA.replace("0930", "0929")], TODAY)
    found = {(d.what, d.said, d.known, d.source, d.other) for d in label.disagreements}
    assert ("lot", "LOTA", "LOTB", "HIBC", "GS1") in found
    assert ("expires", "2028-09-29", "2028-09-30", "MA", "GS1") in found


def test_a_month_agrees_with_its_days_and_the_day_counts() -> None:
    label = read_label([GS1.replace("280930", "280915"), "+T999WIDGET01/$$0928LOTAB"], TODAY)
    assert label.disagreements == ()
    assert label.fact("expires").on == date(2028, 9, 15)
    month = CodeDate(date(2028, 9, 30), "month", "280900")
    assert fits(month, date(2028, 9, 1))
    assert not fits(month, date(2028, 8, 31))


def test_hibc_has_capitals_only_and_so_agrees_with_small_letters() -> None:
    assert read_label([GS1.replace("LOTA", "lotA"), HIBC], TODAY).disagreements == ()


def test_another_systems_code_or_one_of_ours_says_what_gs1_parts_belong_to() -> None:
    assert read_label(["+T999WIDGET015", "(10)LOTA"], TODAY).fact("lot") == "LOTA"
    assert read_label(["OURS-1", "(10)LOTA"], TODAY).texts == ("OURS-1",)
    with pytest.raises(CodeProblem) as caught:
        read_label(["(10)LOTA"], TODAY)
    assert caught.value.code == "ai_needs_companion"


@pytest.mark.parametrize("raw", ["A-01", "]C0A-01", " A-01\r\n"])
def test_what_no_system_claims_is_a_text(raw: str) -> None:
    label = read_label([raw], TODAY)
    assert (label.texts, label.readings) == (("A-01",), ())
    assert label.problem
    assert own_text(raw) == "A-01"


def test_texts_of_ours_may_be_chinese() -> None:
    assert read_label(["待验区-01"], TODAY).texts == ("待验区-01",)


@pytest.mark.parametrize("raw", ["96385074", "MF01"])
def test_what_need_not_be_a_systems_is_doubtful(raw: str) -> None:
    label = read_label([raw], TODAY)
    assert label.readings
    assert (label.texts, label.doubtful) == ((), (raw,))


@pytest.mark.parametrize("raw", ["10A1", "06901234567893", "MF01*XX"])
def test_what_only_looks_like_a_system_is_a_text_with_the_reason(raw: str) -> None:
    label = read_label([raw], TODAY)
    assert (label.texts, label.readings) == ((raw,), ())
    assert label.problem
    assert label.problem.code != "unknown_code"


@pytest.mark.parametrize(
    ("raws", "code"),
    [
        ([], "empty_scan"),
        ([""], "empty_scan"),
        (["]C0"], "empty_scan"),
        (["A\x00B"], "control_character"),
        (["A\ud800"], "control_character"),
        (["A" * 1001], "scan_too_long"),
        (["]d2XX"], "unknown_ai"),
        (["(01)09521234543214"], "wrong_check_digit"),
        (["https://example.com/products/42"], "uri_no_key"),
        (["+T999WIDGET016"], "hibc_check"),
        (["MA.156"], "ma_di"),
        (["<html>"], "ma_xml"),
        ([GS1, "(10)LOTB"], "ai_repeated"),
        ([GS1] * 11, "too_many_barcodes"),
        (["]?"], "unknown_symbology"),
    ],
)
def test_what_cannot_be_read_is_named(raws: list[str], code: str) -> None:
    with pytest.raises(CodeProblem) as caught:
        read_label(raws, TODAY)
    assert caught.value.code == code
    for language in ("en", "zh-hans"):
        assert "{" not in explain(caught.value, language)


def test_sentences_of_all_systems_have_names_of_their_own() -> None:
    assert len(AGENCIES) == 4
    assert all(len(pair) == 2 for pair in MESSAGES.values())
