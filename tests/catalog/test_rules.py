"""Registration numbers and certificates."""

from datetime import date

import pytest

from traceward.domain.catalog.rules import (
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
