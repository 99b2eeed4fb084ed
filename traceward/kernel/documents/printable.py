"""What a document's fonts can print; what none of them has is replaced by a visible mark.

A paper that the law asks for is made whatever somebody's name or address is written in. The fonts
themselves decide: a sheet with each character on it is typeset, and typst says what it lacks.
"""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import typst

#: The printers' mark for a letter that the case lacks.
GETA = "〓"

#: Each of the texts by itself, as light and as bold as documents have them.
PROOF = b"""
#for it in data.texts [#box(it) ]
#for it in data.texts [#box(strong(it)) ]
"""

Typeset = Callable[[bytes, Mapping[str, Any]], list[bytes]]
Change = Callable[[str], str]


def without_controls(data: Any) -> Any:
    """The data without what has no place on paper: tabs are spaces, invisible marks are left out.

    They are no letters, and typst stumbles over some of them between others.
    """
    return _changed(data, _without_controls)


def printable(data: Any, typeset: Typeset) -> Any:
    """The data with the mark for each character, with its accents, that no font has."""
    units = {unit for text in _texts(data) if not text.isascii() for unit in _clusters(text)}
    lacking = _lacking(sorted(units), typeset)
    return _changed(data, lambda text: _replaced(text, lacking))


def without_accents(data: Any) -> Any:
    """The data with the mark for whatever is not one character by itself."""
    return _changed(data, lambda text: "".join(_alone(unit) for unit in _clusters(text)))


def _without_controls(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(_seen(character) for character in text)


def _seen(character: str) -> str:
    if character == "\n" or character.isprintable():
        return character
    if character.isspace():
        return " "
    return "" if unicodedata.category(character) in ("Cc", "Cf") else character


def _lacking(units: list[str], typeset: Typeset) -> set[str]:
    """The units that cannot be printed; typst names most of them, halving finds the others."""
    if not units:
        return set()
    try:
        typeset(PROOF, {"texts": units})
    except typst.TypstError as error:
        if len(units) == 1:
            return set(units)
        named = {unit for unit in units if f'"{unit}"' in error.diagnostic}
        rest = [unit for unit in units if unit not in named]
        half = len(rest) // 2
        return named | _lacking(rest[:half], typeset) | _lacking(rest[half:], typeset)
    return set()


def _clusters(text: str) -> list[str]:
    """Each character with the accents and signs that stand on it."""
    found: list[str] = []
    for character in text:
        if found and _is_mark(character):
            found[-1] += character
        else:
            found.append(character)
    return found


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")


def _replaced(text: str, lacking: set[str]) -> str:
    return "".join(GETA if unit in lacking else unit for unit in _clusters(text))


def _alone(unit: str) -> str:
    return GETA if len(unit) > 1 or _is_mark(unit) else unit


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else ():
        yield from _texts(inner)
    for inner in value if isinstance(value, list | tuple) else ():
        yield from _texts(inner)


def _changed(value: Any, change: Change) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {name: _changed(inner, change) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_changed(inner, change) for inner in value]
    return value
