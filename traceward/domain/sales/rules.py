"""Pure decisions about sales: what may stand for a patient. # SAL-03"""

import re
from datetime import date

#: A pseudonym: Latin letters, digits and - _ . / only.
PSEUDONYM = re.compile(r"[A-Za-z0-9._/-]+")
SEPARATORS = str.maketrans("", "", "-_./")
MOBILE = re.compile(r"(?:86)?1[3-9][0-9]{9}")
ID_OF_15 = re.compile(r"[0-9]{6}([0-9]{6})[0-9]{3}")
ID_OF_18 = re.compile(r"(?<![0-9])[0-9]{6}([0-9]{8})[0-9]{3}[0-9Xx](?![0-9])")
#: Weights and check characters of the 18-digit citizen number (GB 11643, ISO 7064 MOD 11-2).
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"


def is_pseudonym(text: str) -> bool:
    """Whether the text has the form of a pseudonym: no blanks, no Chinese, nothing written out."""
    return PSEUDONYM.fullmatch(text) is not None


def names_a_person(text: str) -> bool:
    """Whether the text is, or holds, the number of an identity card, or is one of a mobile phone.

    The old form of 15 digits is known by its date of birth only.
    """
    plain = text.translate(SEPARATORS)
    if MOBILE.fullmatch(plain):
        return True
    old = ID_OF_15.fullmatch(plain)
    if old and _is_day("19" + old[1]):
        return True
    return any(_is_day(found[1]) and _checks(found[0]) for found in ID_OF_18.finditer(plain))


def _checks(number: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(number, WEIGHTS, strict=False))
    return CHECK_CHARACTERS[total % 11] == number[17].upper()


def _is_day(text: str) -> bool:
    try:
        date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return False
    return True
