"""GTIN and SSCC on their own: put into 14 digits, and made anew.

Source: GS1 General Specifications, sections 2.1 (GTIN), 2.2 (SSCC) and 3.3.2.
"""

from typing import Final

from .check_digits import check_digit
from .linters import lint_csum
from .problems import CodeProblem

GTIN_LENGTHS: Final = (8, 12, 13, 14)
#: Digits of an SSCC before its check digit: extension, company prefix, serial reference.
_SSCC_BODY: Final = 17


def normalise_gtin(code: str) -> str:
    """The 14-digit form of a GTIN-8, -12, -13 or -14 with a right check digit.

    Zeros in front do not change a GTIN; nothing is ever taken off.
    """
    if len(code) not in GTIN_LENGTHS:
        raise CodeProblem("gtin_length", found=code, length=len(code))
    check_key("01", code)
    return code.zfill(14)


def check_key(ai: str, code: str) -> None:
    """The code is ASCII digits ending in their check digit; problems name the identifier."""
    try:
        lint_csum(code)
    except CodeProblem as problem:
        raise CodeProblem(problem.code, **{**problem.params, "ai": ai}) from None


def build_sscc(extension: int, company_prefix: str, serial_reference: int) -> str:
    """The 18-digit SSCC with its check digit.

    ``extension`` is 0 to 9, the company prefix 4 to 12 digits; the serial reference fills the
    rest of 17 digits. GS1 asks not to give one out again within a year of the unit's leaving;
    the caller keeps count.
    """
    if not 0 <= extension <= 9:
        raise CodeProblem("sscc_extension", found=str(extension))
    is_digits = company_prefix.isascii() and company_prefix.isdigit()
    if not is_digits or not 4 <= len(company_prefix) <= 12:
        raise CodeProblem("sscc_company_prefix", found=company_prefix)
    room = _SSCC_BODY - 1 - len(company_prefix)
    if not 0 <= serial_reference < 10**room:
        raise CodeProblem("sscc_parts", found=_short(serial_reference), expected=room)
    body = f"{extension}{company_prefix}{serial_reference:0{room}}"
    return body + check_digit(body)


def _short(number: int) -> str:
    """A number as text, without writing out one of thousands of digits."""
    return str(number) if abs(number) < 10**38 else "10^38"
