"""Check digits (mod 10) and check pairs (mod 1021) of GS1 keys.

Source: GS1 General Specifications, section 7.9 (standard check digit calculation and the
check character pair of GMN and MUDI).
"""

from typing import Final

from .problems import CodeProblem

#: GS1 AI encodable character set 82, in the order that gives each character its value 0-81.
CSET82: Final = (
    "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
)
_CSET82_VALUE: Final = {character: value for value, character in enumerate(CSET82)}

#: Alphabet of a check pair: no 0, 1, I, O.
_PAIR_ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_PAIR_MODULUS: Final = 1021
#: The specification gives one prime per position; 97 body characters are ample (25 are used).
_PAIR_BODY_LIMIT: Final = 97


def _first_primes(count: int) -> tuple[int, ...]:
    primes: list[int] = []
    candidate = 2
    while len(primes) < count:
        if all(candidate % prime for prime in primes):
            primes.append(candidate)
        candidate += 1
    return tuple(primes)


_PRIMES: Final = _first_primes(_PAIR_BODY_LIMIT)


def check_digit(body: str) -> str:
    """The mod 10 check digit that follows ``body``, a string of ASCII digits.

    Weights 3, 1, 3, 1 … from the right; the digit completes the sum to a multiple of ten.
    """
    digits = body.encode()
    tripled, single = digits[-1::-2], digits[-2::-2]
    # 48 is the byte of "0", so that the sums of bytes become sums of digits.
    total = 3 * (sum(tripled) - 48 * len(tripled)) + sum(single) - 48 * len(single)
    return str(-total % 10)


def has_check_digit(code: str) -> bool:
    """Whether ``code`` is ASCII digits, at least two, ending in their mod 10 check digit."""
    return (
        len(code) > 1 and code.isascii() and code.isdigit() and check_digit(code[:-1]) == code[-1]
    )


def check_pair(body: str) -> str:
    """The two check characters that follow ``body``, a string over CSET 82.

    Character values are weighted by the primes 2, 3, 5 … from the right and summed modulo
    1021; the sum is written as two base 32 digits.
    """
    if len(body) > _PAIR_BODY_LIMIT:
        found = len(body) + 2
        raise CodeProblem("value_too_long", position=1, found=found, expected=_PAIR_BODY_LIMIT + 2)
    total = 0
    for prime, (index, character) in zip(_PRIMES, reversed(list(enumerate(body))), strict=False):
        value = _CSET82_VALUE.get(character)
        if value is None:
            raise CodeProblem("bad_character", position=index + 1, found=character)
        total += prime * value
    high, low = divmod(total % _PAIR_MODULUS, 32)
    return _PAIR_ALPHABET[high] + _PAIR_ALPHABET[low]


def has_check_pair(code: str) -> bool:
    """Whether ``code`` ends in the check pair of what precedes it."""
    try:
        return len(code) > 1 and check_pair(code[:-2]) == code[-2:]
    except CodeProblem:
        return False
