"""MA in its three forms, and AHM: what is not in the vectors."""

from datetime import date

import pytest

from traceward.kernel.base.ahm import check_di as check_ahm
from traceward.kernel.base.ahm import parse_ahm
from traceward.kernel.base.gs1 import CodeProblem
from traceward.kernel.base.ma import MaCode, build_ma, build_ma_xml, check_di, parse_ma

# INV-05, WMS-01

TODAY = date(2026, 11, 28)
DI = "MA.156.M0.000001.11234560"


def ma_problem(raw: str) -> str:
    with pytest.raises(CodeProblem) as caught:
        parse_ma(raw, TODAY)
    return caught.value.code


def test_the_check_and_other_units_are_kept_as_they_stand() -> None:
    found = parse_ma("MA.156.M0.251330.3KVCFBD5.S8667981.Ca1.C9", TODAY)
    assert (found.serial, found.level) == ("8667981", "3")
    assert found.others == (("C", "a1"), ("C", "9"))


def test_a_value_may_begin_with_any_letter() -> None:
    found = parse_ma(f"{DI}.LS1.SL1", TODAY)
    assert (found.lot, found.serial) == ("S1", "L1")


def test_the_earlier_of_two_last_days_counts() -> None:
    found = parse_ma(f"{DI}.V280131.E280201", TODAY)
    assert found.last_day
    assert found.last_day.on == date(2028, 1, 31)
    assert parse_ma(DI, TODAY).last_day is None


def test_a_month_means_its_last_day() -> None:
    found = parse_ma(f"{DI}.V20280200", TODAY)
    assert found.valid_until
    assert (found.valid_until.on, found.valid_until.precision) == (date(2028, 2, 29), "month")


def test_an_address_holds_the_code_after_the_equals_sign() -> None:
    found = parse_ma(f"https://example.com/q?lang=zh&c={DI}.LA1&t=9#top", TODAY)
    assert (found.di, found.lot) == (DI, "A1")


def test_xml_may_stand_on_lines_and_have_empty_elements() -> None:
    raw = f"""<?xml version="1.0"?>
    <UDI IAC="MA"><DI>{DI}</DI><SN/><MFG>250301</MFG>
    <LOT>A&amp;1</LOT><EXP></EXP><VAL>20280301</VAL></UDI>
    """
    found = parse_ma(raw, TODAY)
    assert (found.lot, found.serial, found.expires) == ("A&1", "", None)
    assert found.valid_until
    assert found.valid_until.on == date(2028, 3, 1)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("MA.156.M0.000001", "ma_di"),
        ("MA.156.M1.000001.11234560", "ma_di"),
        ("MA.15.M0.000001.11234560", "ma_di"),
        (f"{DI}.", "ma_unit"),
        (f"{DI}.L", "ma_unit"),
        (f"{DI}.lA", "ma_unit"),
        (f"{DI}.L" + "A" * 41, "ma_unit"),
        (f"{DI}.LA\x1dB", "ma_unit"),
        (f"{DI}.LA.LB", "part_repeated"),
        (f"{DI}.M250230", "no_such_date"),
        (f"{DI}.M2502", "no_such_date"),
        (f"{DI}.M00000101", "no_such_date"),
        (f"https://example.com/?a={DI}&b={DI}", "ma_address"),
        (f"https://example.com/?u=https://example.org/?c={DI}&d={DI}", "ma_address"),
        ("https://example.com/", "ma_address"),
        ("<UDI>", "ma_xml"),
        (f'<UDI IAC="GS1"><DI>{DI}</DI></UDI>', "ma_xml"),
        (f'<UDI IAC="MA"><DI>{DI}</DI><DI>{DI}1</DI></UDI>', "part_repeated"),
        (f'<UDI IAC="MA"><DI>{DI}</DI><X>1</X></UDI>', "ma_xml"),
        (f'<!DOCTYPE x [<!ENTITY a "b">]><UDI IAC="MA"><DI>{DI}</DI></UDI>', "ma_xml"),
        ('<UDI IAC="MA"><LOT>A</LOT></UDI>', "ma_di"),
        (f'<UDI IAC="MA"><DI>{DI}</DI><LOT>a.b</LOT></UDI>', "ma_unit"),
        ("", "empty_scan"),
    ],
)
def test_what_is_wrong_is_named(raw: str, code: str) -> None:
    assert ma_problem(raw) == code


def test_writing_checks_what_it_writes() -> None:
    assert build_ma(MaCode(DI, lot="A1", serial="7")) == f"{DI}.LA1.S7"
    assert check_di(f" {DI} ") == DI
    for bad in (MaCode("MA.1"), MaCode(DI, lot="a.b"), MaCode(DI, serial="é")):
        with pytest.raises(CodeProblem):
            build_ma(bad)
    with pytest.raises(CodeProblem):
        build_ma_xml(MaCode(DI, sterilisation_lot="S"))


def test_ahm_is_read_with_either_word_for_the_lot() -> None:
    for key in ("BA", "BN"):
        found = parse_ahm(f"MF1000123*{key}A1*SN7*MD250301*BD280228*PL1", TODAY)
        assert (found.di, found.lot, found.serial, found.level) == ("MF1000123", "A1", "7", "1")
        assert found.best_before
        assert found.best_before.on == date(2028, 2, 28)
    assert check_ahm("MF1 ") == "MF1"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("MF", "ahm_di"),
        ("MF" + "1" * 14, "ahm_di"),
        ("MF1*", "ahm_part"),
        ("MF1*ZZ1", "ahm_part"),
        ("MF1*BA\x1d", "ahm_part"),
        ("MF1*ED281331", "no_such_date"),
        ("MF1*ED2813", "no_such_date"),
        ("MF1*BAX*BNY", "part_repeated"),
    ],
)
def test_what_is_wrong_in_ahm_is_named(raw: str, code: str) -> None:
    with pytest.raises(CodeProblem) as caught:
        parse_ahm(raw, TODAY)
    assert caught.value.code == code
    with pytest.raises(CodeProblem):
        check_ahm("AB1")
