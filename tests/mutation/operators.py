"""What is changed in the text of a function: patterns, and conditions that are left out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Operator:
    """A pattern in a function's text and what stands there instead."""

    label: str
    pattern: str
    becomes: str
    kind: str = "branch"


#: Leaving an order out shows nothing while the plan happens to sort; this does.
RANDOM = "ORDER BY random()"
OPERATORS = (
    Operator("refuses not", r"PERFORM stock_refuse\((?:[^;'$]|'[^']*')*\);", "NULL;"),
    Operator("raises not", r"RAISE EXCEPTION(?:[^;']|'[^']*')*;", "NULL;"),
    Operator("no advisory lock", r"PERFORM pg_advisory_xact_lock\w*\([^;]*\);", "NULL;", "lock"),
    Operator("no row lock", r"FOR NO KEY UPDATE(?: OF \w+)?", "", "lock"),
    Operator("any lock order", r"ORDER BY [\w., ()\n]+?(?=\s*FOR NO KEY)", RANDOM, "lock"),
    Operator("any key order", r"ORDER BY k\.i, k\.l[\w., ]+", RANDOM, "lock"),
    Operator("overlooks fault", r"THEN (?=\d+\b)\d+(?=\s+(?:WHEN|END AS fault))", "THEN NULL"),
    Operator("2 minutes", r"'2 minutes'", "'3 minutes'"),
    Operator("15 minutes", r"'15 minutes'", "'16 minutes'"),
    Operator("<> to =", r"(?<= )<>(?= )", "="),
    Operator("< to <=", r"(?<=[\w)] )<(?= )", "<="),
    Operator("> to >=", r"(?<=[\w)] )>(?= )", ">="),
    Operator("<= to <", r"(?<= )<=(?= )", "<"),
    Operator(">= to >", r"(?<= )>=(?= )", ">"),
    Operator("distinct", r"IS DISTINCT FROM", "IS NOT DISTINCT FROM"),
    Operator("exists", r"\bNOT EXISTS \(", "EXISTS ("),
    Operator("both to either", r"\bAND (?=x\.d|NOT |c\.code|k\.d|l\.|b\.physical|reserved)", "OR "),
    Operator("any scope", r"\((?=\w\.\w+ IS NULL OR)", "(true OR "),
    Operator("if not", r"\bIF (?=\S)(?!EXISTS|NOT EXISTS \w)([^;]+?) THEN", r"IF NOT (\1) THEN"),
    Operator("no default", r"\bcoalesce\(((?:[^(),]|\([^()]*\))+), [^(),]+\)", r"\1"),
    Operator("no conflict", r"ON CONFLICT[^;]*?DO NOTHING", ""),
    Operator("clock stands", r"\(now\(\) \+", "(now() -"),
    Operator("forgets column", r"\((?:m|e|s|g|f)\)\.\w+", "NULL", "hash"),
    Operator("hash byte", r"'\\x00'::bytea", "'\\\\x01'::bytea", "hash"),
    Operator("hash version", r"'([MAGSF])1'", r"'\g<1>2'", "hash"),
    Operator("hashes not", r"NEW\.(content|leaf)_hash := [^;]+;", "NULL;", "hash"),
    Operator("versions not", r"NEW\.hash_version := 1;", "NULL;", "hash"),
)

#: What stands before a condition, and what ends one.
BEFORE = {"WHERE", "ON", "IF", "ELSIF", "WHEN", "HAVING", "AND", "OR", "(", "FILTER"}
AFTER = {
    "AND", "OR", "THEN", "ORDER", "GROUP", "HAVING", "LIMIT", "FOR", "RETURNING", "UNION", "JOIN",
    "LEFT", "CROSS", "WHERE", "WINDOW", "ELSE", "END", "WHEN", "DO", ")", ",", ";",
}  # fmt: skip
WORD = re.compile(r"--[^\n]*|'(?:[^']|'')*'|\"[^\"]*\"|[A-Za-z_][\w$.]*|\$\w*\$|[(),;]|\S")


def weakened(name: str, text: str) -> Iterator[tuple[str, str, str]]:
    """Name, SQL and kind of each mutant of the function."""
    start = text.index("BEGIN") if "BEGIN" in text else text.index("AS $") if "AS $" in text else 0
    seen: dict[str, int] = {}
    changes = [*_by_pattern(text, start), *_without_conditions(text, start)]
    for label, kind, begin, end, becomes in changes:
        full = f"{name}: {label} in «{_place(text, begin, end)}»"
        seen[full] = seen.get(full, 0) + 1
        again = f" ({seen[full]})" if seen[full] > 1 else ""
        yield full + again, text[:begin] + becomes + text[end:], kind


Change = tuple[str, str, int, int, str]


def _by_pattern(text: str, start: int) -> Iterator[Change]:
    for operator in OPERATORS:
        for match in re.finditer(operator.pattern, text):
            if match.start() >= start and not _only_orders(operator, text, match.start()):
                becomes = match.expand(operator.becomes)
                yield operator.label, operator.kind, match.start(), match.end(), becomes


def _only_orders(operator: Operator, text: str, place: int) -> bool:
    """A default in the order of locks: that the order is one, the random orders test."""
    before = text[:place]
    inside = before.rfind("ORDER BY") > max(before.rfind(w) for w in ("SELECT", "WHERE", "JOIN"))
    return operator.label == "no default" and inside


def _without_conditions(text: str, start: int) -> Iterator[Change]:
    """Each side of an AND is true, each side of an OR false: as if nobody had asked it."""
    for begin, end, is_and in conditions(text, start):
        label = "asks not" if is_and else "forgets case"
        yield label, "condition", begin, end, "true" if is_and else "false"


def conditions(text: str, start: int) -> Iterator[tuple[int, int, bool]]:
    """Where the conditions stand that AND or OR join, and whether it is AND."""
    words = [(m.group().upper(), m.start(), m.end()) for m in WORD.finditer(text, start)]
    words = [w for w in words if not w[0].startswith("--")]
    for n, (word, _, _) in enumerate(words[:-1]):
        if word not in BEFORE or _is_between(words, n):
            continue
        last = _end_of_condition(words, n + 1)
        if last is None or last == n:
            continue
        joins = {word, words[last + 1][0]} & {"AND", "OR"}
        if joins and words[n + 1][0] != "SELECT":
            yield words[n + 1][1], words[last][2], "AND" in joins


def _end_of_condition(words: list[tuple[str, int, int]], first: int) -> int | None:
    """The last word of the condition that begins there."""
    depth = cases = 0
    between = False
    for n in range(first, len(words)):
        word = words[n][0]
        if word == "CASE":
            cases += 1
        elif cases and not depth:
            cases -= word == "END"
            continue
        if word == "BETWEEN" and not depth:
            between = True
        elif word == "AND" and between and not depth:
            between = False
        elif not depth and word in AFTER:
            return n - 1
        depth += (word == "(") - (word == ")")
    return None


def _is_between(words: list[tuple[str, int, int]], n: int) -> bool:
    """Whether this AND belongs to a BETWEEN."""
    return words[n][0] == "AND" and any(w[0] == "BETWEEN" for w in words[max(0, n - 4) : n])


def _place(text: str, start: int, end: int) -> str:
    """The words around the place: what tells it from others, however the lines move."""
    line = text[text.rfind("\n", 0, start) + 1 : text.find("\n", end)]
    left = max(0, start - text.rfind("\n", 0, start) - 41)
    return " ".join(line[left : left + 90].split())
