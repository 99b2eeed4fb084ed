"""Barcodes as people read them, and what was done as people say it. # UX-01 UX-02"""

import pytest

from traceward.resources import labels
from traceward.resources.labels.deeds import DEEDS, past
from traceward.web.kit.codes import parts_of, read

GS = "\x1d"
PARTS = [("01", "09521009000132"), ("17", "2027-10-31"), ("10", "CG2610SHC001")]


@pytest.mark.parametrize(
    "code",
    [
        "]d201095210090001321727103110CG2610SHC001",
        f"{GS}01095210090001321727103110CG2610SHC001",
        "(01)09521009000132(17)271031(10)CG2610SHC001",
    ],
)
def test_a_label_is_read_by_its_parts(code: str) -> None:
    assert parts_of(code) == PARTS


def test_a_separator_ends_no_line_of_a_field() -> None:
    label = f"0109521009000132172710002112345{GS}10L1"
    (found,) = read(f"{label}\r\n")
    assert found[-1] == ("10", "L1")
    assert len(read(f"{label}\r\n{label}")) == 2


def test_a_month_is_no_day_and_a_serial_ends_at_its_separator() -> None:
    found = parts_of(f"0109521009000132172710002112345{GS}10L1")
    assert found == [("01", "09521009000132"), ("17", "2027-10"), ("21", "12345"), ("10", "L1")]


@pytest.mark.parametrize("text", ["", "按规程", "SH01-LK-02-02", "(01)123", "<b>", "0" * 5000])
def test_what_is_no_label_has_no_parts(text: str) -> None:
    assert read(text) == []


def test_several_codes_of_a_field_are_read_each() -> None:
    assert len(read("(01)09521009000132\n\n(10)L1\nnothing")) == 2


def test_every_verb_has_words_for_what_was_done() -> None:
    assert set(DEEDS) <= set(labels.VERBS)
    deeds = {verb: labels.of_deed(verb) for verb in labels.VERBS}
    assert all(words.zh.startswith(("已", "首营")) for words in deeds.values())
    assert not [v for v, words in deeds.items() if words.zh.startswith("已批量")]
    ends = ("ed", "t", "d", "n")
    assert all(words.en.split()[0].endswith(ends) for words in deeds.values())


@pytest.mark.parametrize(
    ("button", "done"),
    [
        ("Put away", "Put away"),
        ("Ship", "Shipped"),
        ("Notify consignees", "Notified consignees"),
        ("Record result", "Recorded result"),
        ("Write off", "Written off"),
        ("Destroy", "Destroyed"),
        ("Release order", "Released order"),
    ],
)
def test_english_verbs_have_their_past(button: str, done: str) -> None:
    assert past(button) == done
