"""What is said before Django is there: English sentences with values, shown in two languages.

A sentence keeps its template and its values until somebody shows it; as text it is English. Only
the standard library is imported here, and old Pythons can read it, as ./dev tells them so.
"""

import os

from traceward.kernel.base.spoken_zh import CHINESE

#: Where the language stands, the strongest first; the last three as gettext has them.
VARIABLES = ("TRACEWARD_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


def environment_language() -> str:
    """The language that the environment asks for: "zh" or "en"."""
    set_ones = (os.environ.get(name) for name in VARIABLES)
    return "zh" if next(filter(None, set_ones), "").lower().startswith("zh") else "en"


class Sentence(str):
    """An English sentence that knows what it was made from; a value may be a sentence too."""

    __slots__ = ("template", "values")

    template: str
    values: "dict[str, object]"

    def __new__(cls, template: str, **values: object) -> "Sentence":
        made = super().__new__(cls, template.format_map(values))
        made.template, made.values = template, values
        return made


def told(said: str, language: str) -> str:
    """The sentence in "zh" or "en"; plain text, such as a program's own words, stays as it is."""
    if language != "zh" or not isinstance(said, Sentence):
        return str(said)
    values = {
        name: told(value, language) if isinstance(value, str) else value
        for name, value in said.values.items()
    }
    return CHINESE[said.template].format_map(values)
