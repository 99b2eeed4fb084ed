"""Content checks of single values, with examples of our own (no file is needed)."""

import pytest

from traceward.kernel.base.gs1 import CodeProblem
from traceward.kernel.base.gs1.linters import LINTERS, check_charset

# INV-05

GOOD = {
    "csetnumeric": ["", "0123456789"],
    "cset82": ["", "A-Za-z_!\"%&'()*+,-./:;<=>?"],
    "cset39": ["#-/09AZ"],
    "cset64": ["", "AZaz09-_", "12=", "1=="],
    "csum": ["9521234543213", "395212340000000427"],
    "csumalpha": ["1987654Ad4X4bL5ttr2310c2K"],
    "gcppos1": ["9521", "9521-A"],
    "gcppos2": ["09521", "X9521-A"],
    "hasnondigit": ["1A", "-"],
    "zero": ["0", "000"],
    "nonzero": ["1", "010"],
    "nozeroprefix": ["", "1", "10"],
    "yymmdd": ["280731", "280229", "000229"],
    "yymmd0": ["280731", "280200"],
    "yyyymmdd": ["20280731", "20000229"],
    "yyyymmd0": ["20280700", "20280229"],
    "hh": ["00", "23"],
    "mi": ["00", "59"],
    "ss": ["00", "59"],
    "hhmi": ["0000", "2359"],
    "hyphen": ["-"],
    "yesno": ["0", "1"],
    "winding": ["0", "1", "9"],
    "iso5218": ["0", "1", "2", "9"],
    "iso3166": ["156", "840", "004"],
    "iso3166999": ["156", "999"],
    "iso3166alpha2": ["CN", "GB"],
    "iso4217": ["156", "978"],
    "mediatype": ["01", "10", "80", "99"],
    "packagetype": ["8", "PX", "BX", "201", "RB1"],
    "importeridx": ["-", "_", "a", "Z", "0"],
    "latitude": ["0000000000", "1800000000"],
    "longitude": ["0000000000", "3600000000"],
    "pcenc": ["", "AB%20C", "%e4%B8%AD"],
    "pieceoftotal": ["0102", "11", "099100"],
    "posinseqslash": ["1/1", "2/10"],
    "iban": ["GB82WEST12345698765432", "DE89370400440532013000"],
}

BAD = [
    ("csetnumeric", "1A", "not_digit", 2),
    ("csetnumeric", "１", "not_digit", 1),
    ("cset82", "A B", "bad_character", 2),
    ("cset39", "Ab", "bad_character", 2),
    ("cset64", "1234=", "bad_padding", 5),
    ("cset64", "12===", "bad_padding", 3),
    ("cset64", "1=2", "bad_character", 2),
    ("csum", "", "value_too_short", 1),
    ("csum", "9521234543214", "wrong_check_digit", 13),
    ("csum", "95212345432A3", "not_digit", 12),
    ("csumalpha", "2", "value_too_short", 1),
    ("csumalpha", "1987654Ad4X4bL5ttr2310c2L", "wrong_check_pair", 24),
    ("csumalpha", "é22", "bad_character", 1),
    ("csumalpha", "1" * 100, "value_too_long", 1),
    ("gcppos1", "952", "value_too_short", 1),
    ("gcppos1", "952A", "bad_company_prefix", 4),
    ("gcppos2", "0952A", "bad_company_prefix", 5),
    ("hasnondigit", "123", "needs_non_digit", 1),
    ("zero", "01", "bad_choice", 1),
    ("nonzero", "00", "zero_not_allowed", 1),
    ("nonzero", "0A", "not_digit", 2),
    ("nozeroprefix", "01", "leading_zero", 1),
    ("yymmdd", "280700", "bad_day", 5),
    ("yymmdd", "270229", "bad_day", 5),
    ("yymmd0", "280001", "bad_month", 3),
    ("yymmd0", "28073", "value_too_short", 1),
    ("yymmd0", "2807311", "value_too_long", 1),
    ("yyyymmdd", "21000229", "bad_day", 7),
    ("yyyymmd0", "20281300", "bad_month", 5),
    ("hh", "24", "bad_hour", 1),
    ("mi", "60", "bad_minute", 1),
    ("ss", "60", "bad_second", 1),
    ("hhmi", "2400", "bad_hour", 1),
    ("hhmi", "2360", "bad_minute", 3),
    ("hyphen", "", "bad_choice", 1),
    ("yesno", "2", "bad_choice", 1),
    ("winding", "2", "bad_choice", 1),
    ("iso5218", "3", "bad_choice", 1),
    ("iso3166", "999", "unknown_country", 1),
    ("iso3166999", "998", "unknown_country", 1),
    ("iso3166alpha2", "XX", "unknown_country", 1),
    ("iso4217", "000", "unknown_currency", 1),
    ("mediatype", "11", "unknown_media_type", 1),
    ("packagetype", "XXX", "unknown_package_type", 1),
    ("importeridx", "=", "bad_character", 1),
    ("importeridx", "AA", "value_too_long", 1),
    ("latitude", "1800000001", "bad_latitude", 1),
    ("longitude", "3600000001", "bad_longitude", 1),
    ("longitude", "360", "value_too_short", 1),
    ("pcenc", "A%2", "bad_percent", 2),
    ("pieceoftotal", "123", "piece_length", 1),
    ("pieceoftotal", "0002", "zero_not_allowed", 1),
    ("pieceoftotal", "0200", "zero_not_allowed", 3),
    ("pieceoftotal", "0302", "piece_exceeds_total", 1),
    ("posinseqslash", "1-2", "bad_sequence", 1),
    ("posinseqslash", "1/02", "leading_zero", 3),
    ("posinseqslash", "10/9", "piece_exceeds_total", 1),
    ("iban", "GB8", "value_too_short", 1),
    ("iban", "GB82WEST", "value_too_short", 1),
    ("iban", "XX82WEST12345698765432", "unknown_country", 1),
    ("iban", "GB82WEST1234569876543_", "bad_character", 22),
    ("iban", "GBa2WEST12345698765432", "bad_character", 3),
    ("iban", "GBA2WEST12345698765432", "wrong_iban_check", 3),
    ("iban", "GB83WEST12345698765432", "wrong_iban_check", 3),
    ("iban", "GB82" + "1" * 31, "value_too_long", 1),
]


def test_every_linter_has_an_example() -> None:
    assert set(GOOD) == set(LINTERS)
    assert {name for name, *_ in BAD} == set(LINTERS)


@pytest.mark.parametrize("name", LINTERS)
def test_linter_accepts_what_is_right(name: str) -> None:
    for value in GOOD[name]:
        LINTERS[name](value)


@pytest.mark.parametrize(("name", "value", "code", "position"), BAD)
def test_linter_says_what_is_wrong_and_where(
    name: str, value: str, code: str, position: int
) -> None:
    with pytest.raises(CodeProblem) as caught:
        LINTERS[name](value)
    assert (caught.value.code, caught.value.params["position"]) == (code, position)


def test_character_sets_have_the_sizes_of_their_names() -> None:
    def size(charset: str) -> int:
        count = 0
        for character in map(chr, range(256)):
            try:
                check_charset(charset, character)
            except CodeProblem:
                continue
            count += 1
        return count

    assert [size(charset) for charset in "NXYZ"] == [10, 82, 39, 65]
