"""What an audit entry keeps of a command's arguments: enough to be read, bounded, nothing secret.

The digest covers all of the arguments. What stands here are the plain values that it was made
from, in which `KEPT_OUT` stands for whatever is erasable.
"""

from typing import Any

from traceward.kernel.base.canonical import canonical_json

#: Lines of each list; fewer where they would be larger than the limit together.
LINES = 50
#: Characters of each text.
TEXT = 200
BYTES = 16_000


def excerpt(plain: dict[str, Any], lengths: dict[str, int]) -> dict[str, Any]:
    """`arguments`, shortened, and `argument_lines`: how many lines each list of them has.

    Of a list of the `lengths` the first LINES are enough.
    """
    counts = {n: lengths.get(n, len(v)) for n, v in plain.items() if isinstance(v, list | dict)}
    facts: dict[str, Any] = {"argument_lines": counts} if counts else {}
    lines = LINES
    while lines:
        shown = {name: _short(value, lines) for name, value in plain.items()}
        if len(canonical_json(shown)) <= BYTES:
            return {"arguments": shown, **facts}
        lines //= 2
    return {"arguments": {name: _word(value) for name, value in plain.items()}, **facts}


def _short(value: Any, lines: int) -> Any:
    if isinstance(value, str):
        return value if len(value) <= TEXT else value[: TEXT - 1] + "…"
    if isinstance(value, list):
        return [_short(line, lines) for line in value[:lines]]
    if isinstance(value, dict):
        first = list(value.items())[:LINES]
        return {_short(name, lines): _short(inner, lines) for name, inner in first}
    return value


def _word(value: Any) -> Any:
    """A single value as it is; of a list or an object only that there is one."""
    if isinstance(value, list | dict):
        return "…"
    return _short(value, 0)
