"""Answering a question: texts as its arguments, checked, within what the reader may see."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from traceward.kernel.base.refusals import InvalidInput, NotAllowed, sentence
from traceward.kernel.command.invalid_input import problem_of
from traceward.kernel.org.scope import uncovered
from traceward.resources import asking
from traceward.resources.kit import Question, Reader
from traceward.resources.plain import is_list, leaf_of


def answer(question: Question, given: Mapping[str, Sequence[str]], to: Reader) -> Any:
    """What the question answers to the texts; refused at the name that does not fit."""
    asking.require_readable(given)
    return asked(question, _arguments(question, given), to)


def asked(question: Question, arguments: Mapping[str, Any], to: Reader) -> Any:
    """What the question answers to arguments that are checked already."""
    if question.scope is not None and uncovered(to.grants, question.scope(**arguments)):
        raise NotAllowed(
            sentence("You may read “{name}”, but not for this site or the whole group."),
            name=question.name,
        )
    return question.function(**arguments, to=to)


def _arguments(question: Question, given: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The texts as arguments; refused at the name that does not fit."""
    model = question.arguments
    texts: dict[str, Any] = {}
    for name, values in given.items():
        found = model.model_fields.get(name)
        many = found is not None and is_list(found.annotation)
        if len(values) > 1 and not many:
            raise InvalidInput(sentence("Say “{name}” once."), field=name, name=name[:100])
        read_as = leaf_of(found.annotation) if found is not None else str
        typed = [asking.value_of(read_as, name, text) for text in values]
        texts[name] = typed if many else typed[0]
    try:
        read = model.model_validate(texts)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = ".".join(str(part) for part in first["loc"])[:100]
        raise InvalidInput(
            sentence("The value of “{name}” cannot be used: {problem}. Correct it and send again."),
            field=name,
            name=name,
            problem=problem_of(first),
        ) from None
    return {name: getattr(read, name) for name in model.model_fields}
