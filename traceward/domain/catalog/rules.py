"""Registration numbers, certificates, packaging: pure decisions."""

import re
from datetime import date
from decimal import Decimal
from enum import StrEnum

PROVINCES = "京津沪渝冀晋辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川贵云藏陕甘青宁新蒙"
#: Order 47 art. 115: area, origin, year of first registration, class, sub-catalogue, serial.
REGISTRATION = re.compile(
    rf"(国|[{PROVINCES}])械注(准|进|许)((?:19|20)\d{{2}})([23])(\d{{2}})(\d{{4}})"
)
#: Order 47 art. 116, for class I; suffixes and longer serials are seen, so it only warns.
FILING = re.compile(rf"(国|[{PROVINCES}][\u4e00-\u9fa5]{{0,2}})械备(?:19|20)\d{{2}}\d{{4,}}号?")
#: Numbers given before 2014-10-01.
OLD_REGISTRATION = re.compile(r".{1,3}食?药监械[（(](准|进|许)[）)]字?\d{4}第\d{7}号")
#: In vitro diagnostics have no sub-catalogue of 2017 under this code.
IVD_CODE = "40"


#: Units as people say them, in Chinese and English; the code stays where it is data.
UNITS = {"EA": ("件", "pcs")}


def unit_words(code: str, *, both: bool = False) -> str:
    """The unit as papers of ours print it, where labels are read abroad in both languages."""
    zh, en = UNITS.get(code, (code, code))
    return f"{zh} {en}" if both and zh != en else zh


class Fault(StrEnum):
    """What is wrong with a registration number."""

    FORM = "not in the form of a registration number"
    CLASS_3 = "a class III number begins with 国"
    IMPORTED = "an imported device's number begins with 国"
    CLASS = "the number says another device class"
    CATEGORY = "the number says another sub-catalogue"


def registration_fault(
    number: str, device_class: int, category: str, old_category: str = ""
) -> Fault | None:
    """What is wrong with a Chinese registration number of class II or III, or None.

    The form alone lets 粤械注准20223140001 pass, so class, area and origin are held against each
    other: a province registers domestic class II devices only. The sub-catalogue is that of 2017
    ("13-07-01" has 13) or, in older numbers, of 2002 ("6846" has 46).
    """
    if OLD_REGISTRATION.fullmatch(number):
        return None
    found = REGISTRATION.fullmatch(number)
    if found is None:
        return Fault.FORM
    area, origin, _, said_class, code, _ = found.groups()
    if area != "国" and said_class == "3":
        return Fault.CLASS_3
    if area != "国" and origin != "准":
        return Fault.IMPORTED
    if int(said_class) != device_class:
        return Fault.CLASS
    if code not in (IVD_CODE, category[:2], old_category[2:4]):
        return Fault.CATEGORY
    return None


def is_filing(number: str) -> bool:
    """Whether it looks like the number of a class I filing."""
    return FILING.fullmatch(number) is not None


class CertificateFault(StrEnum):
    """Why a certificate does not count."""

    NOT_YET = "not yet valid"
    EXPIRED = "expired"
    REGION = "not valid in this region"
    UNQUALIFIED = "not qualified yet"


def certificate_fault(
    valid_from: date,
    valid_until: date | None,
    valid_region: str,
    *,
    day: date,
    region: str,
    is_qualified: bool = True,
) -> CertificateFault | None:
    """Why the certificate does not cover that day in that region, or None. # MDM-04"""
    if not is_qualified:
        return CertificateFault.UNQUALIFIED
    if region != valid_region:
        return CertificateFault.REGION
    if day < valid_from:
        return CertificateFault.NOT_YET
    if valid_until is not None and day > valid_until:
        return CertificateFault.EXPIRED
    return None


def is_category(category: str) -> bool:
    """Whether it is a code of the catalogue of 2017: sub-catalogue, first and second level."""
    return re.fullmatch(r"(0[1-9]|1\d|2[0-2])(-\d{2}){0,2}", category) is not None


def storage_words(c_min: Decimal | None, c_max: Decimal | None, note: str) -> str:
    """The label's storage conditions in one line that reads in any language: "2–8 ℃; 避光"."""
    low, high = (None if c is None else f"{float(c):g}" for c in (c_min, c_max))
    if low is not None and high is not None:
        limits = f"{low}–{high} ℃"
    elif high is not None:
        limits = f"≤ {high} ℃"
    else:
        limits = f"≥ {low} ℃" if low is not None else ""
    return "; ".join(part for part in (limits, note) if part)
