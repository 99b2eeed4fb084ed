"""HIBC: what is not in the vectors."""

from dataclasses import replace
from datetime import date, time

import pytest

from traceward.kernel.base.gs1 import CodeProblem
from traceward.kernel.base.hibc import (
    Hibc,
    build_hibc,
    build_pair,
    check_character,
    check_di,
    parse_hibc,
)

# INV-05, WMS-01

TODAY = date(2026, 11, 28)
SECOND = "+$$3280930LOTA"


def checked(body: str) -> str:
    return body + check_character(body)


def problem_of(*raws: str) -> CodeProblem:
    with pytest.raises(CodeProblem) as caught:
        parse_hibc(raws, TODAY)
    return caught.value


def test_the_di_is_labeler_product_and_unit() -> None:
    assert parse_hibc(["+T999WIDGET015"], TODAY).di == "T999WIDGET01"
    assert check_di(" +T999WIDGET01 ") == "T999WIDGET01"


def test_a_di_may_be_given_with_its_check_character() -> None:
    di = "T999WIDGET0X1"
    check = check_character("+" + di)
    assert not check.isdigit()
    assert check_di(di + check) == di


def test_both_symbols_of_a_label_are_read_in_any_order() -> None:
    pair = ["+T999WIDGET015", checked(SECOND + "5")]
    assert parse_hibc(pair, TODAY) == parse_hibc(pair[::-1], TODAY)


def test_the_first_symbol_may_carry_more_than_the_product() -> None:
    first = checked("+T999WIDGET01/S77")
    found = parse_hibc([first, checked(SECOND + "5")], TODAY)
    assert (found.serial, found.lot) == ("77", "LOTA")


def test_asterisks_are_not_data() -> None:
    assert parse_hibc(["*+T999WIDGET015*"], TODAY).di == "T999WIDGET01"


def test_a_space_may_be_the_check_character() -> None:
    body = next(body for n in range(100) if check_character(body := f"+T999WIDGET{n}1/$LOT") == " ")
    assert parse_hibc([body + " "], TODAY).lot == "LOT"


def test_a_slash_may_be_the_check_character() -> None:
    body = next(body for n in range(999) if check_character(body := f"+T999ZZ{n}1") == "/")
    assert parse_hibc([body + "/"], TODAY).di == body[1:]


@pytest.mark.parametrize(
    ("section", "on", "precision", "at"),
    [
        ("$$0228L1", date(2028, 2, 29), "month", None),
        ("$$1228L1", date(2028, 12, 31), "month", None),
        ("$$2022928L1", date(2028, 2, 29), "day", None),
        ("$$3280229L1", date(2028, 2, 29), "day", None),
        ("$$428022923L1", date(2028, 2, 29), "day", time(23)),
        ("$$528366L1", date(2028, 12, 31), "day", None),
        ("$$62800100L1", date(2028, 1, 1), "day", time(0)),
        ("28060L1", date(2028, 2, 29), "day", None),
        ("$$3771231L1", date(1977, 12, 31), "day", None),
    ],
)
def test_dates_of_every_form(section: str, on: date, precision: str, at: time | None) -> None:
    found = parse_hibc([checked("+T999WIDGET01/" + section)], TODAY)
    assert found.expires
    assert (found.expires.on, found.expires.precision, found.expires.at) == (on, precision, at)
    assert found.lot == "L1"


@pytest.mark.parametrize(
    ("section", "code"),
    [
        ("$$3280230L1", "no_such_date"),
        ("$$527366L1", "no_such_date"),
        ("$$5270", "no_such_date"),
        ("$$428093024L1", "no_such_date"),
        ("$$1328L1", "no_such_date"),
        ("$$", "no_such_date"),
        ("$$+812LOT", "no_such_date"),
        ("$", "hibc_value"),
        ("$+", "hibc_value"),
        ("S", "hibc_value"),
        ("$A B", "hibc_value"),
        ("$" + "A" * 19, "hibc_value"),
        ("$$81X", "hibc_secondary"),
        ("$$9123", "hibc_secondary"),
        ("Q", "hibc_secondary"),
        ("", "hibc_secondary"),
        ("14D2028093", "hibc_secondary"),
        ("14D20280931", "no_such_date"),
        ("X1", "hibc_secondary"),
        ("$A/$B", "part_repeated"),
        ("$$3280930A/14D20280929", "part_repeated"),
        ("$A/S1/S2", "part_repeated"),
    ],
)
def test_what_is_wrong_is_named(section: str, code: str) -> None:
    assert problem_of(checked("+T999WIDGET01/" + section)).code == code


@pytest.mark.parametrize(
    ("raws", "code"),
    [
        ((checked("+1999WIDGE1"),), "hibc_labeler"),
        (("+T999widget015",), "hibc_character"),
        ((checked("+T99901"),), None),
        ((checked("+T9991"),), "hibc_primary"),
        ((checked("+T999" + "A" * 19 + "1"),), "hibc_primary"),
        ((checked("+T999WIDGETX"),), "hibc_primary"),
        ((checked(SECOND + "5"),), "hibc_no_primary"),
        (("+T999WIDGET015", checked("+T999WIDGET02")), "part_repeated"),
        (("+",), "hibc_check"),
        (("+$",), "hibc_check"),
        (("T999WIDGET015",), "hibc_labeler"),
        (("",), "empty_scan"),
        ((), "empty_scan"),
    ],
)
def test_what_is_no_label_is_refused(raws: tuple[str, ...], code: str | None) -> None:
    if code is None:
        assert parse_hibc(raws, TODAY)
    else:
        assert problem_of(*raws).code == code


def test_writing_checks_what_it_writes() -> None:
    good = Hibc("T999", "WIDGET0", 1, lot="L1")
    assert build_pair(replace(good, lot="")) == ("+T999WIDGET015", "")
    for bad in (replace(good, lot="A/B"), replace(good, serial="é"), replace(good, labeler="9")):
        with pytest.raises(CodeProblem):
            build_hibc(bad)
