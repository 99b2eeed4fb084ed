"""Which commands the tests call, and whether there they are done or refused: read, not run.

Followed are functions and fixtures of the tests that call commands, as deep as they go. Refused
is only what stands in `with refused(…)` of tests/refusing.py, which compares every table before
and after; of several commands called in such a block the last counts, the others were done.
"""

import ast
import importlib
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import NamedTuple, TypeGuard

from tests.house.source import Source, modules
from traceward.kernel.command.registry import REGISTRY

#: The block that holds a refusal, and compares all tables.
REFUSED = "tests.refusing.refused"


class Tried(NamedTuple):
    """The calls of a function in their order; those in one group stand for one another."""

    done: tuple[tuple[str, ...], ...] = ()
    refused: tuple[str, ...] = ()


class Module(NamedTuple):
    """A module of tests: its functions, and what its names stand for."""

    functions: dict[str, ast.FunctionDef]
    #: Local name → "verb:…" for a command, else where it comes from.
    names: dict[str, str]


@cache
def tried() -> dict[str, set[str]]:
    """Verb → "done" and "refused", as the tests call it."""
    found: dict[str, set[str]] = defaultdict(set)
    for module, known in _modules().items():
        for name in known.functions:
            if name.startswith("test_"):
                effect = _effect(module, name)
                for verb in (verb for group in effect.done for verb in group):
                    found[verb].add("done")
                for verb in effect.refused:
                    found[verb].add("refused")
    return found


@cache
def _modules() -> dict[str, Module]:
    return {
        source.path.removesuffix(".py").removesuffix("/__init__").replace("/", "."): Module(
            {n.name: n for n in ast.walk(source.tree) if isinstance(n, ast.FunctionDef)},
            dict(_names(source)),
        )
        for source in modules("tests")
    }


@cache
def _verbs() -> dict[int, str]:
    return {id(command.function): verb for verb, command in REGISTRY.items()}


def _verb_of(thing: object) -> str:
    return _verbs().get(id(getattr(thing, "__wrapped__", None)), "")


def _names(source: Source) -> Iterator[tuple[str, str]]:
    """What a module imports: commands, modules with commands, functions of other tests."""
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.ImportFrom) or not node.module:
            continue
        for alias in node.names:
            local = alias.asname or alias.name
            yield local, f"{node.module}.{alias.name}"
            if node.module.startswith("traceward"):
                thing = getattr(importlib.import_module(node.module), alias.name, None)
                inside = vars(thing) if isinstance(thing, ModuleType) else {}
                for name, value in {"": thing, **inside}.items():
                    if _verb_of(value):
                        yield f"{local}.{name}".rstrip("."), f"verb:{_verb_of(value)}"


_EFFECTS: dict[tuple[str, str], Tried] = {}


def _effect(module: str, name: str) -> Tried:
    """What calling the function comes to; one that calls itself adds nothing by that."""
    if (module, name) not in _EFFECTS:
        _EFFECTS[module, name] = Tried()
        _EFFECTS[module, name] = _Reader(module).read(_modules()[module].functions[name])
    return _EFFECTS[module, name]


class _Reader:
    """Reads one function in the order in which it runs."""

    def __init__(self, module: str) -> None:
        self.module, self.known = module, _modules()[module]
        self.done: list[tuple[str, ...]] = []
        self.refused: list[str] = []
        #: Local name → expressions that it may stand for: a loop over commands calls each.
        self.bound: dict[str, list[ast.expr]] = {}

    def read(self, function: ast.FunctionDef) -> Tried:
        for argument in function.args.args:
            if _is_fixture(self.known.functions.get(argument.arg)):
                self._named(argument.arg)
        for decorator in function.decorator_list:
            if isinstance(decorator, ast.Call) and _dotted(decorator.func).endswith("parametrize"):
                names = ast.literal_eval(decorator.args[0])
                split = names.split(",") if isinstance(names, str) else names
                targets = [ast.Name(name.strip()) for name in split]
                self._bind(targets, self._choices(decorator.args[1]))
        for statement in function.body:
            self._visit(statement)
        return Tried(tuple(self.done), tuple(self.refused))

    def _visit(self, node: ast.AST) -> None:
        match node:
            case ast.Lambda() | ast.FunctionDef():
                return  # read where it is called
            case ast.With():
                self._with(node)
                return
            case ast.For():
                self._bind(_targets(node.target), self._choices(node.iter))
            case ast.Assign(targets=[ast.Name() as target]):
                self.bound[target.id] = [node.value]
        for child in ast.iter_child_nodes(node):
            self._visit(child)
        if isinstance(node, ast.Call):
            self._called(node)

    def _with(self, node: ast.With) -> None:
        before = len(self.done)
        for statement in node.body:
            self._visit(statement)
        names = [_dotted(i.context_expr.func) for i in node.items if _is_call(i.context_expr)]
        is_refused = any(self.known.names.get(name) == REFUSED for name in names)
        is_raised = "pytest.raises" in names  # compares nothing: neither done nor refused
        if (is_refused or is_raised) and len(self.done) > before:
            group = self.done.pop()
            self.refused += group if is_refused else ()

    def _bind(self, targets: list[ast.expr], choices: list[ast.expr]) -> None:
        for place, target in enumerate(targets):
            if isinstance(target, ast.Name):
                self.bound[target.id] = [
                    choice.elts[place]
                    if len(targets) > 1 and isinstance(choice, ast.Tuple)
                    else choice
                    for choice in choices
                ]

    def _choices(self, node: ast.expr) -> list[ast.expr]:
        """What a loop over the expression goes through."""
        match node:
            case ast.Tuple() | ast.List():
                return list(node.elts)
            case ast.Dict():
                return list(node.values)
            case ast.Name() if len(self.bound.get(node.id, ())) == 1:
                (value,) = self.bound[node.id]
                return [] if isinstance(value, ast.Name) else self._choices(value)
        return []

    def _called(self, node: ast.Call) -> None:
        name = _dotted(node.func)
        if name in self.bound:
            self._any_of(self.bound[name])
        elif name == "run_json" and node.args and isinstance(node.args[0], ast.Constant):
            self.done.append((str(node.args[0].value),))
        else:
            self._named(name)

    def _any_of(self, choices: list[ast.expr]) -> None:
        """Each may be what is called: their last calls are one group."""
        last: list[str] = []
        for choice in choices:
            before = len(self.done)
            if isinstance(choice, ast.Lambda):
                self._visit(choice.body)
            else:
                self._named(_dotted(choice))
            if len(self.done) > before:
                last += self.done.pop()
        if last:
            self.done.append(tuple(last))

    def _named(self, name: str) -> None:
        """What the name stands for is called: a command, or a function of the tests."""
        whole = self.known.names.get(name, "")
        if whole.startswith("verb:"):
            self.done.append((whole.removeprefix("verb:"),))
            return
        first, _, rest = name.partition(".")
        whole = f"{self.known.names.get(first, first)}.{rest}" if rest else whole
        module, _, function = whole.rpartition(".")
        if name in self.known.functions:
            module, function = self.module, name
        if module in _modules() and function in _modules()[module].functions:
            effect = _effect(module, function)
            self.done += effect.done
            self.refused += effect.refused


def _is_fixture(function: ast.FunctionDef | None) -> bool:
    return function is not None and any(
        "fixture" in ast.unparse(decorator) for decorator in function.decorator_list
    )


def _is_call(node: ast.expr) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call)


def _targets(node: ast.expr) -> list[ast.expr]:
    return list(node.elts) if isinstance(node, ast.Tuple) else [node]


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return ""
