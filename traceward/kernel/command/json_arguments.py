"""Arguments as a client sends them: one JSON object that every reader reads alike."""

import json
from typing import Any

from traceward.kernel.base.refusals import InvalidInput, sentence


def read_arguments(text: str) -> dict[str, Any] | None:
    """The object, or None where the text is none; refused where a name stands in it twice."""
    try:
        found = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
        if "\\ud" in text.lower():  # half of an escaped pair is no character
            json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidInput(
            sentence("“{name}” stands twice in one object. Send it once."), name=twice[:100]
        )
    return found


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no JSON")
