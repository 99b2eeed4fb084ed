"""The characters of HIBC and their check, modulo 43."""

import re
from typing import Final

from traceward.kernel.base.gs1 import CodeProblem

#: Each character has its position as value.
CHARACTERS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"
_VALUE: Final = {character: value for value, character in enumerate(CHARACTERS)}
_STRANGER: Final = re.compile(rf"[^{re.escape(CHARACTERS)}]")


def check_character(body: str) -> str:
    """The character that follows ``body``, its first + included, and lets it be checked."""
    wrong = _STRANGER.search(body)
    if wrong:
        raise CodeProblem("hibc_character", position=wrong.start() + 1, found=wrong.group())
    return CHARACTERS[sum(_VALUE[character] for character in body) % len(CHARACTERS)]


def without_check(code: str) -> str:
    """The code without its last character, which is the right one."""
    body, found = code[:-1], code[-1:]
    expected = check_character(body)
    if found != expected:
        raise CodeProblem("hibc_check", found=found, expected=expected)
    return body
