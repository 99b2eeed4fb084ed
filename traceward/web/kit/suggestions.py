"""What a form begins with: the lines, places and quantities that are known already.

    @suggest("warehousing.put_away", fixed=("receipt_line_id",))
    def put_away(receipt: Row, to: Visitor) -> Suggested: ...

A suggestion reads the row that the command is about, and whatever else the visitor may read. The
person changes what differs. Names that are `fixed` say what a line is about, and are not typed.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from traceward.kernel.command.database_errors import persistent
from traceward.resources import asking, reading
from traceward.resources.kit import RESOURCES
from traceward.web.visitors import Visitor

Row = Mapping[str, Any]
#: Arguments as a command takes them, some of them missing.
Suggested = dict[str, Any]


@dataclass(frozen=True)
class Suggestion:
    """Of one verb: what gives its arguments, and which of them a person does not change."""

    give: Callable[[Row, Visitor], Suggested]
    fixed: frozenset[str] = frozenset()


SUGGESTIONS: dict[str, Suggestion] = {}
#: Under this name a suggestion says why it gives nothing.
WHY = "~why"
#: "verb.argument" → the rows that the command takes there, as columns of their list with values.
NARROWED: dict[str, Callable[[Row, Visitor], Mapping[str, Any]]] = {}
#: … those that also depend on what is chosen in the form itself: searched for, however few.
SEARCHED: set[str] = set()
#: … those that do not ask what the form is about.
OF_NONE: set[Callable[[Row, Visitor], Mapping[str, Any]]] = set()
#: "verb.argument" → what may be chosen there: (value, words).
OFFERS: dict[str, Callable[[Row, Visitor], Iterable[tuple[str, str]]]] = {}
#: Verbs whose form says little until it is known what it is about: that is chosen first.
CHOSEN_FIRST: set[str] = set()
#: Verb → paths of arguments that it asks for, though its schema does not say so.
NEEDED: dict[str, frozenset[str]] = {}
#: … where that depends on what the form is about.
NEEDED_OF: dict[str, Callable[[Row, Visitor], Iterable[str]]] = {}
#: Verb → what of its subject stands below the form: the part, its cells, and the column in which
#: something stands in the rows that matter.
BELOW: dict[str, tuple[str, tuple[str, ...], str]] = {}
#: Verb → the list of what it makes, which is looked at next, wherever one came from.
LEADS: dict[str, str] = {}
#: Verb → what of its subject stands in its way as yet, in words.
IN_THE_WAY: dict[str, Callable[[Row, Visitor], list[str]]] = {}
NONE = Suggestion(lambda _row, _to: {})


def suggest(
    *verbs: str, fixed: Iterable[str] = ()
) -> Callable[[Callable[[Row, Visitor], Suggested]], Callable[[Row, Visitor], Suggested]]:
    """The forms of these commands begin with what the function gives."""

    def keep(give: Callable[[Row, Visitor], Suggested]) -> Callable[[Row, Visitor], Suggested]:
        for verb in verbs:
            SUGGESTIONS[verb] = Suggestion(give, frozenset(fixed))
        return give

    return keep


def narrow(
    *names: str, of_none: bool = False, is_searched: bool = False
) -> Callable[[Callable[[Row, Visitor], Mapping[str, Any]]], Callable[..., Mapping[str, Any]]]:
    """Only the rows of which this holds are offered for these arguments ("verb.argument").

    `of_none`: also where nothing is known yet of what the form is about; its row is empty then.
    `is_searched`: what else is chosen in the form narrows them more, as `pickers` says.
    """
    SEARCHED.update(names if is_searched else ())

    def keep(which: Callable[[Row, Visitor], Mapping[str, Any]]) -> Callable[..., Any]:
        NARROWED.update(dict.fromkeys(names, which))
        if of_none:
            OF_NONE.add(which)
        return which

    return keep


def offer(
    *names: str,
) -> Callable[[Callable[[Row, Visitor], Iterable[tuple[str, str]]]], Callable[..., Any]]:
    """These are chosen from for these arguments: one of a text, several of a list."""

    def keep(give: Callable[[Row, Visitor], Iterable[tuple[str, str]]]) -> Callable[..., Any]:
        OFFERS.update(dict.fromkeys(names, give))
        return give

    return keep


def offered_in(verb: str, row: Row | None, to: Visitor) -> dict[str, tuple[tuple[str, str], ...]]:
    """By name of an argument, what may be chosen in the form about this row."""
    return {
        name.rpartition(".")[2]: found
        for name, give in OFFERS.items()
        if name.startswith(f"{verb}.") and (found := tuple(give(row or {}, to)))
    }


def needs(verb: str, *paths: str) -> None:
    """The command asks for these arguments: their fields say so, and are not folded away."""
    NEEDED[verb] = frozenset(paths)


def first_chosen(*verbs: str) -> None:
    """What these forms are about is chosen before the rest of them is shown."""
    CHOSEN_FIRST.update(verbs)


def needs_of(
    *verbs: str,
) -> Callable[[Callable[[Row, Visitor], Iterable[str]]], Callable[..., Iterable[str]]]:
    """The same, where what the form is about decides it."""

    def keep(give: Callable[[Row, Visitor], Iterable[str]]) -> Callable[..., Iterable[str]]:
        NEEDED_OF.update(dict.fromkeys(verbs, give))
        return give

    return keep


def needed(verb: str, row: Row | None, to: Visitor) -> frozenset[str]:
    """Paths of arguments that the command asks for in the form about this row."""
    give = NEEDED_OF.get(verb)
    return NEEDED.get(verb, frozenset()) | frozenset(give(row, to) if give and row else ())


def leads(verb: str, name: str) -> None:
    """After the command the visitor sees the row of this list that it made."""
    LEADS[verb] = name


def in_the_way(verb: str, row: Row | None, to: Visitor) -> list[str]:
    """What has to be settled first, said before anything is typed."""
    give = IN_THE_WAY.get(verb)
    return give(row, to) if give and row else []


def below(verb: str, part: str, *cells: str, where: str = "") -> None:
    """Rows of what the form is about stand below it."""
    BELOW[verb] = part, cells, where


def narrowed(verb: str, row: Row | None, to: Visitor) -> dict[str, dict[str, list[str]]]:
    """By name of an argument, which rows are offered for it in the form about this row."""
    found = {}
    for name, which in NARROWED.items():
        if name.startswith(f"{verb}.") and (row is not None or which in OF_NONE):
            asked = {k: [str(one) for one in _all(v)] for k, v in which(row or {}, to).items()}
            found[name.rpartition(".")[2]] = {k: v for k, v in asked.items() if v}
    return found


def known_of(verb: str, row: Row, to: Visitor) -> Suggested:
    """The arguments that are suggested."""
    return SUGGESTIONS.get(verb, NONE).give(row, to)


def suggested(verb: str, row: Row, to: Visitor) -> dict[str, str]:
    """The same, as texts of the form."""
    return flat(known_of(verb, row, to), to)


def fixed_in(verb: str) -> frozenset[str]:
    """Names of arguments that this form shows and does not ask for."""
    return SUGGESTIONS.get(verb, NONE).fixed


def flat(arguments: Any, to: Visitor, path: str = "") -> dict[str, str]:
    """Arguments as a form has them: one text for each path."""
    if isinstance(arguments, dict):
        pairs: Iterable[tuple[Any, Any]] = arguments.items()
    elif isinstance(arguments, list) and arguments and isinstance(arguments[0], dict):
        pairs = enumerate(arguments)
    else:
        return {path: _text(path, arguments, to)} if arguments is not None else {}
    found: dict[str, str] = {}
    for name, value in pairs:
        found |= flat(value, to, f"{path}.{name}" if path else str(name))
    return found


def _text(path: str, value: Any, to: Visitor) -> str:
    if isinstance(value, list):
        return "\n".join(str(one) for one in value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.astimezone(ZoneInfo(to.time_zone)).strftime("%Y-%m-%dT%H:%M")
    return f"#{value}" if path.endswith("_id") else str(value)


def known(name: str, to: Visitor, limit: int = reading.MAX_PARTS, **where: Any) -> list[Row]:
    """Rows of this list that the visitor may read; none where they may not read it."""
    if not to.may(name):
        return []
    resource = RESOURCES[name]
    given = {column: [str(one) for one in _all(value)] for column, value in where.items()}
    if any(not texts for texts in given.values()):
        return []
    asked = asking.read(resource, {**given, "limit": [str(limit)]})
    page = persistent(lambda: reading.page(resource, asked, to.reader(name)))
    return list(page.rows)


def _all(value: Any) -> list[Any]:
    if isinstance(value, bool):
        return [str(value).lower()]
    return [one for one in value if one is not None] if isinstance(value, list) else [value]
