"""Registration numbers and certificates."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceward.domain.catalog.rules import (
    IVD_CODE,
    PROVINCES,
    CertificateFault,
    Fault,
    certificate_fault,
    is_category,
    is_filing,
    registration_fault,
)


@pytest.mark.parametrize(
    ("number", "device_class", "category", "old", "fault"),
    [
        ("国械注准20223130001", 3, "13-07-01", "", None),
        ("粤械注准20222140001", 2, "14-01", "", None),
        ("国械注进20163401234", 3, "22-04", "", None),
        ("国械注准20163460001", 3, "13-07-01", "6846", None),
        ("国食药监械(准)字2013第3460001号", 3, "13-07-01", "", None),
        ("粤械注准20223140001", 3, "14-01", "", Fault.CLASS_3),
        ("粤械注进20222140001", 2, "14-01", "", Fault.IMPORTED),
        ("国械注准20223130001", 2, "13-07-01", "", Fault.CLASS),
        ("国械注准20223130001", 3, "14-01", "", Fault.CATEGORY),
        ("国械注准2022313001", 3, "13-07-01", "", Fault.FORM),
        ("国械注准20223130001 ", 3, "13-07-01", "", Fault.FORM),
        ("", 3, "13-07-01", "", Fault.FORM),
    ],
)
def test_registration_number(
    number: str, device_class: int, category: str, old: str, fault: Fault | None
) -> None:  # MDM-08, Order 47 art. 115
    assert registration_fault(number, device_class, category, old) is fault


@pytest.mark.parametrize("number", ["国械备20151134号", "浙温械备20140027号", "国械备20151134"])
def test_filing_number(number: str) -> None:  # Order 47 art. 116
    assert is_filing(number)
    assert not is_filing(number.replace("备", "注"))


def test_a_certificate_counts_through_its_last_day() -> None:  # MDM-04
    def fault(day: date, region: str = "CN", until: date | None = date(2027, 1, 1)):
        return certificate_fault(date(2022, 1, 1), until, "CN", day=day, region=region)

    assert fault(date(2022, 1, 1)) is None
    assert fault(date(2027, 1, 1)) is None
    assert fault(date(2027, 1, 2)) is CertificateFault.EXPIRED
    assert fault(date(2099, 1, 1), until=None) is None
    assert fault(date(2021, 12, 31)) is CertificateFault.NOT_YET
    assert fault(date(2025, 1, 1), "US") is CertificateFault.REGION


@pytest.mark.parametrize("text", ["13", "13-07", "13-07-01", "22"])
def test_category(text: str) -> None:
    assert is_category(text)


@pytest.mark.parametrize("text", ["", "23", "00", "13-7", "6846", "13-07-01-02"])
def test_no_category(text: str) -> None:
    assert not is_category(text)


DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))
CATEGORIES = st.builds(
    lambda sub, first: f"{sub:02d}-{first:02d}", st.integers(1, 22), st.integers(1, 99)
)


@given(
    area=st.sampled_from(["国", *PROVINCES]),
    origin=st.sampled_from("准进许"),
    year=st.integers(1990, 2099),
    said_class=st.sampled_from([2, 3]),
    serial=st.integers(0, 9999),
    device_class=st.sampled_from([2, 3]),
    category=CATEGORIES,
)
def test_a_number_fits_the_device_it_names_and_no_other(
    area: str, origin: str, year: int, said_class: int, serial: int, device_class: int,
    category: str,
) -> None:  # fmt: skip
    """Whatever the number: a province registers domestic devices of class II only. # MDM-01"""
    number = f"{area}械注{origin}{year}{said_class}{category[:2]}{serial:04d}"
    may = area == "国" or (said_class == 2 and origin == "准")
    fault = registration_fault(number, device_class, category)
    assert (fault is None) == (may and said_class == device_class)
    for other in ("01-01", "22-02"):
        wrong = registration_fault(number, said_class, other)
        fits = other[:2] == category[:2] or category[:2] == IVD_CODE
        assert (wrong is None) == (may and fits)
    for cut in (number[:-1], number[1:], number + "0", " " + number):
        assert registration_fault(cut, device_class, category) is Fault.FORM


@given(start=DAYS, length=st.none() | st.integers(0, 4000), day=DAYS)
def test_a_certificate_covers_its_days_and_both_ends(
    start: date, length: int | None, day: date
) -> None:  # MDM-04
    end = None if length is None else start + timedelta(days=length)
    covers = start <= day and (end is None or day <= end)
    assert (certificate_fault(start, end, "CN", day=day, region="CN") is None) == covers
    assert certificate_fault(start, end, "CN", day=start, region="CN") is None
    if end is not None:
        assert certificate_fault(start, end, "CN", day=end, region="CN") is None
    away = certificate_fault(start, end, "CN", day=day, region="EU")
    assert away is CertificateFault.REGION


@given(CATEGORIES, st.text(max_size=3))
def test_a_category_is_a_code_and_nothing_beside_it(category: str, more: str) -> None:
    assert is_category(category)
    assert is_category(category + more) == (more == "" or is_category(f"01-01{more}"))
