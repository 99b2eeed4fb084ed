"""The unified social credit code 统一社会信用代码 (GB 32100-2015); pure."""

import re
from enum import StrEnum

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
FORM = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}")
WEIGHTS = tuple(pow(3, n, 31) for n in range(17))


class UsccFault(StrEnum):
    """What is wrong with a code: the form cannot be right, a wrong check digit rarely is."""

    FORM = "form"
    CHECK = "check"


def uscc_check_digit(body: str) -> str:
    """The 18th character to the first 17."""
    total = sum(ALPHABET.index(c) * w for c, w in zip(body, WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def uscc_fault(code: str) -> UsccFault | None:
    """What is wrong with an 18-character code, or None. # MDM-08"""
    if not FORM.fullmatch(code):
        return UsccFault.FORM
    return None if uscc_check_digit(code[:17]) == code[17] else UsccFault.CHECK
