"""Content checks of single values, under the names that the GS1 syntax dictionary gives them.

Each linter takes a value and returns nothing when it is right, else raises ``CodeProblem`` with
``position`` (from 1) and ``found`` (the wrong part). Source of the rules: GS1 General
Specifications, sections 3 and 7; the GS1 syntax tests for what each name stands for.

Not written: ``couponcode`` and ``couponposoffer`` (North American coupons). An application
identifier that needs one of them is refused, see ``ai_table.Entry.supported``.
"""

import re
from collections.abc import Callable
from typing import Final

from .check_digits import check_digit, check_pair
from .code_lists import (
    COUNTRY_ALPHA2,
    COUNTRY_NUMERIC,
    CURRENCY_NUMERIC,
    MEDIA_TYPES,
    PACKAGE_TYPES,
)
from .problems import CodeProblem

Linter = Callable[[str], None]

#: Character classes of the four component types, for use inside [] of a regular expression.
CHARSETS: Final = {
    "N": "0-9",
    "X": r"!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z",
    "Y": r"#\-/0-9A-Z",
    "Z": r"A-Za-z0-9\-_=",
}
_OUTSIDE: Final = {name: re.compile(f"[^{ranges}]") for name, ranges in CHARSETS.items()}
_BASE64_BODY_OUTSIDE: Final = re.compile(r"[^A-Za-z0-9\-_]")
_IMPORTER_INDEX_OUTSIDE: Final = re.compile(r"[^A-Za-z0-9\-_]")
_IBAN_OUTSIDE: Final = re.compile(r"[^0-9A-Z]")
_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SEQUENCE: Final = re.compile(r"([0-9]+)/([0-9]+)")

_COMPANY_PREFIX_MINIMUM: Final = 4
#: Country, check digits and a little; GS1 takes more than ten characters, ISO at most 34.
_IBAN_LENGTHS: Final = (11, 34)
_IBAN_HEAD: Final = 4
_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def check_charset(charset: str, value: str) -> None:
    """Every character of the value belongs to the component type N, X, Y or Z."""
    wrong = _OUTSIDE[charset].search(value)
    if wrong:
        code = "not_digit" if charset == "N" else "bad_character"
        raise CodeProblem(code, position=wrong.start() + 1, found=wrong.group())


def check_length(value: str, shortest: int, longest: int) -> None:
    """The value has at least ``shortest`` and at most ``longest`` characters."""
    if len(value) < shortest:
        raise CodeProblem("value_too_short", position=1, found=len(value), expected=shortest)
    if len(value) > longest:
        raise CodeProblem("value_too_long", position=1, found=len(value), expected=longest)


def _check_digits(value: str, length: int) -> None:
    check_length(value, length, length)
    check_charset("N", value)


def lint_csetnumeric(value: str) -> None:
    """Digits only."""
    check_charset("N", value)


def lint_cset82(value: str) -> None:
    """Characters of CSET 82 only."""
    check_charset("X", value)


def lint_cset39(value: str) -> None:
    """Characters of CSET 39 only."""
    check_charset("Y", value)


def lint_cset64(value: str) -> None:
    """URI-safe base64; padding is optional, at most two, and fills a group of three."""
    body = value.rstrip("=")
    padding = len(value) - len(body)
    if padding > 2 or (padding and len(value) % 3):
        raise CodeProblem("bad_padding", position=len(body) + 1, found="=" * padding)
    wrong = _BASE64_BODY_OUTSIDE.search(body)
    if wrong:
        raise CodeProblem("bad_character", position=wrong.start() + 1, found=wrong.group())


def lint_csum(value: str) -> None:
    """Digits whose last one is the mod 10 check digit of the others."""
    if not value:
        raise CodeProblem("value_too_short", position=1, found=0, expected=1)
    check_charset("N", value)
    expected = check_digit(value[:-1])
    if value[-1] != expected:
        raise CodeProblem(
            "wrong_check_digit", position=len(value), found=value[-1], expected=expected
        )


def lint_csumalpha(value: str) -> None:
    """CSET 82 characters whose last two are the check pair of the others."""
    if len(value) < 2:
        raise CodeProblem("value_too_short", position=1, found=len(value), expected=2)
    expected = check_pair(value[:-2])
    if value[-2:] != expected:
        raise CodeProblem(
            "wrong_check_pair", position=len(value) - 1, found=value[-2:], expected=expected
        )


def lint_gcppos1(value: str) -> None:
    """Begins with four digits, the shortest GS1 company prefix; allocation is not looked up."""
    if len(value) < _COMPANY_PREFIX_MINIMUM:
        raise CodeProblem(
            "value_too_short", position=1, found=len(value), expected=_COMPANY_PREFIX_MINIMUM
        )
    wrong = _OUTSIDE["N"].search(value[:_COMPANY_PREFIX_MINIMUM])
    if wrong:
        raise CodeProblem("bad_company_prefix", position=wrong.start() + 1, found=wrong.group())


def lint_gcppos2(value: str) -> None:
    """As ``gcppos1`` from the second character on (after an indicator or extension digit)."""
    try:
        lint_gcppos1(value[1:])
    except CodeProblem as problem:
        problem.params["position"] = int(problem.params["position"]) + 1
        raise


def lint_hasnondigit(value: str) -> None:
    """At least one character is no digit."""
    if not _OUTSIDE["N"].search(value):
        raise CodeProblem("needs_non_digit", position=1, found=value)


def lint_zero(value: str) -> None:
    """Zeros only."""
    if value.strip("0"):
        raise CodeProblem("bad_choice", position=1, found=value, expected="0")


def lint_nonzero(value: str) -> None:
    """Digits that are not all zero."""
    check_charset("N", value)
    if not value.strip("0"):
        raise CodeProblem("zero_not_allowed", position=1, found=value)


def lint_nozeroprefix(value: str) -> None:
    """Digits without a zero in front."""
    check_charset("N", value)
    if value.startswith("0"):
        raise CodeProblem("leading_zero", position=1, found="0")


def _check_month_and_day(value: str, year: int, at: int, *, day_zero: bool) -> None:
    """Month and day at index ``at`` exist; a year divisible by 4 is a leap year in YY."""
    month, day = int(value[at : at + 2]), int(value[at + 2 :])
    if not 1 <= month <= 12:
        raise CodeProblem("bad_month", position=at + 1, found=value[at : at + 2])
    last = _DAYS[month - 1]
    if month == 2 and (year % 4 or (year % 100 == 0 and year % 400 and at == 4)):
        last = 28
    if not (0 if day_zero else 1) <= day <= last:
        raise CodeProblem("bad_day", position=at + 3, found=value[at + 2 :])


def lint_yymmdd(value: str) -> None:
    """A date YYMMDD with a real day."""
    _check_digits(value, 6)
    _check_month_and_day(value, int(value[:2]), 2, day_zero=False)


def lint_yymmd0(value: str) -> None:
    """A date YYMMDD where day 00 means the last day of the month."""
    _check_digits(value, 6)
    _check_month_and_day(value, int(value[:2]), 2, day_zero=True)


def lint_yyyymmdd(value: str) -> None:
    """A date YYYYMMDD with a real day."""
    _check_digits(value, 8)
    _check_month_and_day(value, int(value[:4]), 4, day_zero=False)


def lint_yyyymmd0(value: str) -> None:
    """A date YYYYMMDD where day 00 means no day is given."""
    _check_digits(value, 8)
    _check_month_and_day(value, int(value[:4]), 4, day_zero=True)


def _check_below(value: str, limit: int, code: str) -> None:
    _check_digits(value, 2)
    if int(value) >= limit:
        raise CodeProblem(code, position=1, found=value)


def lint_hh(value: str) -> None:
    """An hour, 00 to 23."""
    _check_below(value, 24, "bad_hour")


def lint_mi(value: str) -> None:
    """A minute, 00 to 59."""
    _check_below(value, 60, "bad_minute")


def lint_ss(value: str) -> None:
    """A second, 00 to 59."""
    _check_below(value, 60, "bad_second")


def lint_hhmi(value: str) -> None:
    """Hour and minute."""
    _check_digits(value, 4)
    if int(value[:2]) > 23:
        raise CodeProblem("bad_hour", position=1, found=value[:2])
    if int(value[2:]) > 59:
        raise CodeProblem("bad_minute", position=3, found=value[2:])


def lint_hyphen(value: str) -> None:
    """Hyphens only."""
    if not value or value.strip("-"):
        raise CodeProblem("bad_choice", position=1, found=value, expected="-")


def _choice(*allowed: str) -> Linter:
    """A linter that accepts exactly the given values."""

    def lint(value: str) -> None:
        if value not in allowed:
            raise CodeProblem("bad_choice", position=1, found=value, expected=", ".join(allowed))

    return lint


def _listed(codes: frozenset[str], problem: str) -> Linter:
    """A linter that accepts the members of a code list."""

    def lint(value: str) -> None:
        if value not in codes:
            raise CodeProblem(problem, position=1, found=value)

    return lint


def lint_importeridx(value: str) -> None:
    """One character out of letters, digits, hyphen and underscore."""
    check_length(value, 1, 1)
    if _IMPORTER_INDEX_OUTSIDE.search(value):
        raise CodeProblem("bad_character", position=1, found=value)


def _check_degrees(value: str, limit: int, code: str) -> None:
    _check_digits(value, 10)
    if int(value) > limit:
        raise CodeProblem(code, position=1, found=value, expected=limit)


def lint_latitude(value: str) -> None:
    """Ten digits up to 180 degrees times ten million."""
    _check_degrees(value, 180 * 10**7, "bad_latitude")


def lint_longitude(value: str) -> None:
    """Ten digits up to 360 degrees times ten million."""
    _check_degrees(value, 360 * 10**7, "bad_longitude")


def lint_pcenc(value: str) -> None:
    """Each percent sign is followed by two hexadecimal digits."""
    wrong = _PERCENT.search(value)
    if wrong:
        at = wrong.start()
        raise CodeProblem("bad_percent", position=at + 1, found=value[at : at + 3])


def lint_pieceoftotal(value: str) -> None:
    """Two numbers of equal length, both from 1, the first not above the second."""
    half = len(value) // 2
    if not value or len(value) % 2:
        raise CodeProblem("piece_length", position=1, found=value)
    check_charset("N", value)
    piece, total = value[:half], value[half:]
    if not piece.strip("0"):
        raise CodeProblem("zero_not_allowed", position=1, found=piece)
    if not total.strip("0"):
        raise CodeProblem("zero_not_allowed", position=half + 1, found=total)
    if piece > total:
        raise CodeProblem("piece_exceeds_total", position=1, found=value)


def lint_posinseqslash(value: str) -> None:
    """Position and end of a sequence, ``2/3``, without leading zeros, position not above end."""
    parts = _SEQUENCE.fullmatch(value)
    if not parts:
        raise CodeProblem("bad_sequence", position=1, found=value)
    for group in (1, 2):
        if parts[group].startswith("0"):
            raise CodeProblem("leading_zero", position=parts.start(group) + 1, found=parts[group])
    # Without leading zeros the longer number is the greater one.
    if (len(parts[1]), parts[1]) > (len(parts[2]), parts[2]):
        raise CodeProblem("piece_exceeds_total", position=1, found=value)


def lint_iban(value: str) -> None:
    """An international bank account number (ISO 13616): country, mod 97-10 check, capitals."""
    if len(value) < _IBAN_HEAD:
        check_length(value, *_IBAN_LENGTHS)
    if value[:2] not in COUNTRY_ALPHA2:
        raise CodeProblem("unknown_country", position=1, found=value[:2])
    check_length(value, *_IBAN_LENGTHS)
    wrong = _IBAN_OUTSIDE.search(value, _IBAN_HEAD) or _IBAN_OUTSIDE.search(value)
    if wrong:
        raise CodeProblem("bad_character", position=wrong.start() + 1, found=wrong.group())
    # Letters count 10 to 35, which is what base 36 gives.
    turned = value[_IBAN_HEAD:] + value[:_IBAN_HEAD]
    number = int("".join(str(int(character, 36)) for character in turned))
    if number % 97 != 1:
        raise CodeProblem("wrong_iban_check", position=3, found=value[2:4])


#: Name in the syntax dictionary → check. A name that is missing here is not supported.
LINTERS: Final[dict[str, Linter]] = {
    "csetnumeric": lint_csetnumeric,
    "cset82": lint_cset82,
    "cset39": lint_cset39,
    "cset64": lint_cset64,
    "csum": lint_csum,
    "csumalpha": lint_csumalpha,
    "gcppos1": lint_gcppos1,
    "gcppos2": lint_gcppos2,
    "hasnondigit": lint_hasnondigit,
    "zero": lint_zero,
    "nonzero": lint_nonzero,
    "nozeroprefix": lint_nozeroprefix,
    "yymmdd": lint_yymmdd,
    "yymmd0": lint_yymmd0,
    "yyyymmdd": lint_yyyymmdd,
    "yyyymmd0": lint_yyyymmd0,
    "hh": lint_hh,
    "mi": lint_mi,
    "ss": lint_ss,
    "hhmi": lint_hhmi,
    "hyphen": lint_hyphen,
    "yesno": _choice("0", "1"),
    "winding": _choice("0", "1", "9"),
    "iso5218": _choice("0", "1", "2", "9"),
    "iso3166": _listed(COUNTRY_NUMERIC, "unknown_country"),
    "iso3166999": _listed(COUNTRY_NUMERIC | {"999"}, "unknown_country"),
    "iso3166alpha2": _listed(COUNTRY_ALPHA2, "unknown_country"),
    "iso4217": _listed(CURRENCY_NUMERIC, "unknown_currency"),
    "mediatype": _listed(MEDIA_TYPES, "unknown_media_type"),
    "packagetype": _listed(PACKAGE_TYPES, "unknown_package_type"),
    "importeridx": lint_importeridx,
    "latitude": lint_latitude,
    "longitude": lint_longitude,
    "pcenc": lint_pcenc,
    "pieceoftotal": lint_pieceoftotal,
    "posinseqslash": lint_posinseqslash,
    "iban": lint_iban,
}
