"""Check digits, GTIN and SSCC on their own, dates."""

from datetime import date, time

import pytest

from traceward.kernel.base.gs1 import (
    CodeProblem,
    build_sscc,
    check_digit,
    check_pair,
    full_year,
    has_check_digit,
    has_check_pair,
    normalise_gtin,
    read_date,
    write_date,
)

# INV-05, WMS-01

TODAY = date(2026, 11, 22)


def code_of(action: object, *arguments: object) -> str:
    assert callable(action)
    with pytest.raises(CodeProblem) as caught:
        action(*arguments)
    return caught.value.code


@pytest.mark.parametrize(
    ("code", "gtin"),
    [
        ("02345673", "00000002345673"),
        ("416000336108", "00416000336108"),
        ("9521234543213", "09521234543213"),
        ("19521234543210", "19521234543210"),
    ],
)
def test_normalise_gtin_pads_to_fourteen_digits(code: str, gtin: str) -> None:
    assert normalise_gtin(code) == gtin


def test_normalise_gtin_refuses_what_is_none() -> None:
    assert code_of(normalise_gtin, "123456789") == "gtin_length"
    assert code_of(normalise_gtin, "9521234543214") == "wrong_check_digit"
    assert code_of(normalise_gtin, "952123454321x") == "not_digit"
    assert code_of(normalise_gtin, "９５２１２３４５４３２１３") == "not_digit"


def test_check_digit_is_the_one_of_the_specification() -> None:
    assert check_digit("629104150021") == "3"
    assert has_check_digit("6291041500213")
    assert not has_check_digit("3")
    assert not has_check_digit("0")
    assert not has_check_digit("62910415002１3")


def test_check_pair_is_the_one_of_the_specification() -> None:
    assert check_pair("1987654Ad4X4bL5ttr2310c") == "2K"
    assert has_check_pair("1987654Ad4X4bL5ttr2310c2K")
    assert not has_check_pair("1987654Ad4X4bL5ttr2310c2L")
    assert not has_check_pair("é22")


def test_build_sscc_fills_and_checks() -> None:
    assert build_sscc(3, "9521234", 42) == "395212340000000427"
    assert has_check_digit("395212340000000427")


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ((10, "9521234", 1), "sscc_extension"),
        ((-1, "9521234", 1), "sscc_extension"),
        ((0, "952", 1), "sscc_company_prefix"),
        ((0, "952123X", 1), "sscc_company_prefix"),
        ((0, "9521234567890", 1), "sscc_company_prefix"),
        ((0, "9521234", -1), "sscc_parts"),
        ((0, "9521234", 10**9), "sscc_parts"),
        ((0, "9521234", 10**5000), "sscc_parts"),
    ],
)
def test_build_sscc_refuses_what_does_not_fit(parts: tuple[int, str, int], code: str) -> None:
    assert code_of(build_sscc, *parts) == code


@pytest.mark.parametrize(
    ("two_digits", "year"), [(26, 2026), (76, 2076), (77, 1977), (99, 1999), (0, 2000)]
)
def test_full_year_lies_within_49_years_back_and_50_ahead(two_digits: int, year: int) -> None:
    assert full_year(two_digits, TODAY) == year


def test_full_year_moves_with_the_century() -> None:
    assert full_year(1, date(2099, 1, 1)) == 2101
    assert full_year(99, date(2101, 1, 1)) == 2099
    for two_digits in range(100):
        for current in range(2000, 2100):
            assert -49 <= full_year(two_digits, date(current, 1, 1)) - current <= 50


def test_read_date_takes_day_zero_as_the_end_of_the_month() -> None:
    read = read_date("280200", TODAY)
    assert (read.on, read.precision, read.raw) == (date(2028, 2, 29), "month", "280200")
    assert write_date(read.on, read.precision) == "280200"


def test_read_date_keeps_the_time_of_day() -> None:
    read = read_date("2807311430", TODAY)
    assert (read.on, read.at, read.precision) == (date(2028, 7, 31), time(14, 30), "day")
    assert write_date(read.on) == "280731"


def test_read_date_refuses_a_leap_day_of_a_common_century() -> None:
    assert read_date("000229", TODAY).on == date(2000, 2, 29)
    assert code_of(read_date, "000229", date(2080, 1, 1)) == "bad_day"


@pytest.mark.parametrize(
    ("raw", "today", "code"),
    [
        ("", TODAY, "value_too_short"),
        ("28073", TODAY, "value_too_short"),
        ("2807x1", TODAY, "not_digit"),
        ("281301", TODAY, "bad_month"),
        ("280732", TODAY, "bad_day"),
        ("2807312460", TODAY, "bad_hour"),
        ("28073112", TODAY, "value_too_short"),
        ("010101", date(9999, 1, 1), "bad_year"),
        ("990101", date(1, 1, 1), "bad_year"),
    ],
)
def test_read_date_says_what_is_wrong(raw: str, today: date, code: str) -> None:
    assert code_of(read_date, raw, today) == code
