"""Characters that nobody sees: a text with them is not what it looks like on a screen or on paper.

Control characters, and those that turn the direction of reading round, stand in no text; tab and
line ends do. A text has at least one character that can be seen, or is empty. What a scanner gave
is left alone: its separators are control characters, and its reader says what is wrong with it.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from traceward.kernel.base.refusals import Phrase, phrase, sentence

#: Arguments that hold what a scanner gave.
SCANNED = frozenset({"codes", "place_code", "sscc"})
#: The type of pydantic's error where a reader of its own finds one.
UNSEEN = "unseen_characters"
#: No database takes this one, wherever it stands.
NUL = sentence("it holds a NUL character")
CONTROL = sentence("it holds the control character {character}, which cannot be seen")
BLANK = sentence("all its characters are invisible")

#: Cc without tab and line ends; embeddings, overrides and isolates of Unicode's annex 9.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
#: Unicode's property Default_Ignorable_Code_Point, and the empty Braille cell.
_IGNORABLE = (
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
_BLANK = re.compile(f"[\\s{_IGNORABLE}]*[{_IGNORABLE}][\\s{_IGNORABLE}]*")
#: What is worth a closer look in JSON, where control characters below the space are escaped.
_SUSPECT = re.compile(f"\\\\u00[01]|\\\\[bf]|[\x7f-\x9f{_IGNORABLE}]")


def unseen(canonical: bytes) -> tuple[str, Phrase] | None:
    """The path of the first such text in a command's JSON, and what is wrong with it.

    Few commands have one: the values of the others are not looked at one by one.
    """
    if canonical.isascii() and b"\\" not in canonical and b"\x7f" not in canonical:
        return None
    if _SUSPECT.search(canonical.decode()) is None:
        return None
    passed = frozenset() if b"\\u0000" in canonical else SCANNED
    for path, is_scanned, text in _texts(json.loads(canonical)[1], "", passed):
        problem = problem_with(text, is_scanned=is_scanned)
        if problem is not None:
            return path, problem
    return None


def problem_with(text: str, *, is_scanned: bool = False) -> Phrase | None:
    """What cannot be seen in the text, if there is anything; of a scanned one only the NUL."""
    if "\x00" in text:
        return phrase(NUL)
    if is_scanned:
        return None
    found = _CONTROL.search(text)
    if found is not None:
        return phrase(CONTROL, character=f"U+{ord(found[0]):04X}")
    return phrase(BLANK) if _BLANK.fullmatch(text) else None


def _texts(
    value: Any, path: str, passed: frozenset[str], is_scanned: bool = False
) -> Iterator[tuple[str, bool, str]]:
    """Every text with its path; the names of a mapping as well, at the path of the mapping."""
    if isinstance(value, str):
        yield path, is_scanned, value
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from _texts(inner, f"{path}.{n}", passed, is_scanned)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if not (name.isascii() and name.isidentifier()):
                yield path, False, name
            if name not in passed and isinstance(inner, str | list | dict):
                inside = f"{path}.{name}" if path else name
                yield from _texts(inner, inside, passed, is_scanned or name in SCANNED)
