"""The language of the command line where Django is not set up: help, wrong usage, problems."""

import gettext
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from typing import Any

from traceward.kernel.base.spoken import environment_language
from traceward.kernel.base.translations import LOCALE

#: What argparse says; it asks gettext for it.
USAGE = (
    "usage: ",
    "positional arguments",
    "options",
    "show this help message and exit",
    "%(prog)s: error: %(message)s\n",
    "the following arguments are required: %s",
    "unrecognized arguments: %s",
    "argument %(argument_name)s: %(message)s",
    "invalid choice: %(value)r (choose from %(choices)s)",
    "invalid %(type)s value: %(value)r",
    "not allowed with argument %s",
    "expected one argument",
)


def language_of(words: Sequence[str]) -> str:
    """The language that the words ask for, else the environment's: "zh" or "en"."""
    for word, following in zip_longest(words, words[1:], fillvalue=""):
        asked = following if word == "--language" else word.removeprefix("--language=")
        if asked in ("zh", "en") and word.startswith("--language"):
            return asked
    return environment_language()


def say(message: str, language: str, **values: Any) -> str:
    """The sentence in "zh" or "en" with its values filled in."""
    languages = ["zh_Hans"] if language == "zh" else []
    found = gettext.translation("django", LOCALE, languages, fallback=True)
    return found.gettext(message).format_map(values)


@contextmanager
def usage_in(language: str) -> Iterator[None]:
    """Argparse speaks the language."""
    before = os.environ.get("LANGUAGE"), gettext.textdomain()
    gettext.bindtextdomain("django", str(LOCALE))
    gettext.textdomain("django")
    os.environ["LANGUAGE"] = "zh_Hans" if language == "zh" else "en"
    try:
        yield
    finally:
        gettext.textdomain(before[1])
        del os.environ["LANGUAGE"]
        if before[0] is not None:
            os.environ["LANGUAGE"] = before[0]
