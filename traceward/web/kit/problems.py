"""Why a form was refused, said at the fields that are at fault and by their names."""

from collections.abc import Collection
from typing import Any

from traceward.kernel.base.refusals import Phrase, Refusal, fill, phrase, sentence, tell
from traceward.kernel.command.invalid_input import PROBLEMS
from traceward.kernel.command.registry import REGISTRY
from traceward.kernel.command.signing import TooManyTries, WrongPassword
from traceward.resources import labels
from traceward.web.kit.units import MEASURED

MISSING = phrase(PROBLEMS["missing"])
#: The field for the password of a signature, which is no argument.
SIGNATURE = "signature"
EMPTY = sentence("Fill this in: it is needed.")


def problems_of(refusal: Refusal, verb: str, language: str) -> dict[str, str]:
    """By path, what is wrong there; all that is known at once."""
    found = {}
    if isinstance(refusal, WrongPassword | TooManyTries):
        found[SIGNATURE] = told_of(refusal, verb, language)
    if refusal.field:
        found[refusal.field] = told_of(refusal, verb, language)
    for row in refusal.details:
        if row.get("field") and row.get("problem"):
            found[str(row["field"])] = _at_field(row["problem"], language)
    return found


def told_of(refusal: Refusal, verb: str, language: str) -> str:
    """The refusal's sentence; commands and arguments in it are called as the page calls them."""
    values = _worded(dict(refusal.values), language)
    if refusal.field and values.get("name") == refusal.field:
        values["name"] = _called(refusal.field, verb, language)
    if values == refusal.values:
        return refusal.in_language(language)  # which some say in a way of their own
    return fill(refusal.message, values, language)


def _worded(value: Any, language: str) -> Any:
    """The value with every command in it by its words: of phrases within it, too."""
    if isinstance(value, list):
        return [_worded(one, language) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: labels.of_verb(one).in_language(language)
        if name == "verb" and one in REGISTRY
        else _worded(one, language)
        for name, one in value.items()
    }


def placed(problems: dict[str, str], paths: Collection[str]) -> dict[str, str]:
    """Each problem at its field.

    One of a line stands in that line, where it says how much; one of an entry at the field that
    holds the entries.
    """
    found: dict[str, str] = {}
    for path, told in problems.items():
        at = _within(path, paths) if path.rpartition(".")[2].isdecimal() else path
        while at and at not in paths:
            at = at.rpartition(".")[0]
        found.setdefault(at or path, told)
    return found


def _within(path: str, paths: Collection[str]) -> str:
    """The field of the line that says how much, else its first; the path where it has none."""
    inner = [one for one in paths if one.startswith(f"{path}.")]
    counted = (one for one in inner if one.rpartition(".")[2] in MEASURED)
    return next(counted, next(iter(inner), path))


def _at_field(problem: str | Phrase, language: str) -> str:
    """What is wrong with a value, as it stands under its field."""
    if isinstance(problem, str):
        return problem
    if problem == MISSING:
        return fill(EMPTY, {}, language)
    told = tell(problem, language)
    if told.endswith((".", "。")):
        return told
    return f"{told}。" if language.startswith("zh") else f"{told[:1].upper()}{told[1:]}."


def _called(path: str, verb: str, language: str) -> str:
    """The argument at this path as the page calls it, lines by their number."""
    said = []
    for part in path.split("."):
        try:
            said.append(labels.of_argument(f"{verb}.{part}").in_language(language))
        except KeyError:
            said.append(str(int(part) + 1) if part.isdecimal() else part)
    return " ".join(said)
