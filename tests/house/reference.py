"""Reference pages made from the code: `python -m tests.house.reference` writes them anew.

A house test compares them with the files, so that they never say what the code does not.
"""

import ast
import os
import re
from collections import defaultdict
from collections.abc import Callable

import django

from tests.house.source import ROOT, modules

FOLDER = ROOT / "docs" / "reference"
NOTE = "Made by `python -m tests.house.reference`; do not edit by hand.\n"


def commands_page() -> str:
    """Every verb: what becomes true, who may, what it takes."""
    from traceward.kernel.command.registry import REGISTRY

    rows = []
    for verb, command in sorted(REGISTRY.items()):
        if verb.startswith("testing."):
            continue
        fields = command.arguments.model_fields
        arguments = ", ".join(
            f"`{name}`" + ("" if field.is_required() else "?") for name, field in fields.items()
        )
        marks = [
            f"signed: {command.signed}" if command.signed else "",
            "may be held" if command.hold else "",
            f"on {', '.join(command.subscribes)}" if command.subscribes else "",
        ]
        roles = ", ".join(f"{role.zh} {role.en}" for role in command.roles)
        extra = "; ".join(mark for mark in marks if mark)
        rows.append(f"| `{verb}` | {command.summary} | {arguments} | {roles} | {extra} |")
    columns = ("command", "what becomes true", "arguments", "roles by default", "besides")
    head = f"| {' | '.join(columns)} |\n|{'---|' * 5}"
    return "# Commands and permissions\n\n" + NOTE + "\n" + head + "\n" + "\n".join(rows) + "\n"


def states_page() -> str:
    """The legal steps of every kind of document."""
    from django.apps import apps

    parts = ["# States\n\n" + NOTE]
    for model in sorted(apps.get_models(), key=lambda m: m._meta.label):
        steps = getattr(model, "TRANSITIONS", frozenset())
        if not steps:
            continue
        parts.append(f"## {model._meta.verbose_name} (`{model._meta.db_table}`)\n")
        parts += [f"- {before} → {after}" for before, after in sorted(steps)]
        parts.append("")
    return "\n".join(parts)


def tables_page() -> str:
    """The data dictionary: tables, columns, what the application's role may do."""
    from django.apps import apps

    from traceward.kernel.base.rights import rights_of

    parts = ["# Data dictionary\n\n" + NOTE]
    for model in sorted(apps.get_models(), key=lambda m: m._meta.db_table):
        if not model.__module__.startswith("traceward."):
            continue
        doc = (model.__doc__ or "").strip().split("\n")[0]
        parts += [
            f"## `{model._meta.db_table}`\n",
            f"{doc} Application role: {rights_of(model)}.\n",
        ]
        parts.append("| column | type | points at |\n|---|---|---|")
        for field in model._meta.local_concrete_fields:
            target = field.related_model._meta.db_table if field.related_model else ""
            null = ", may be empty" if field.null else ""
            parts.append(f"| `{field.column}` | {field.get_internal_type()}{null} | {target} |")
        parts.append("")
    return "\n".join(parts)


def requirements_page() -> str:
    """Requirement → the tests that show it."""
    found: dict[str, set[str]] = defaultdict(set)
    for source in modules("tests"):
        functions = [n for n in ast.walk(source.tree) if isinstance(n, ast.FunctionDef)]
        for function in functions:
            if not function.name.startswith("test_"):
                continue
            text = "\n".join(source.lines[function.lineno - 1 : function.end_lineno])
            for number in re.findall(r"\b[A-Z]{2,3}-\d{2}\b(?=[^\"']*$)", text, re.M):
                if f"# {number}" in text or re.search(rf"#.*{number}", text):
                    found[number].add(f"`{source.path}::{function.name}`")
    parts = ["# Requirements and their tests\n\n" + NOTE, "| requirement | tests |", "|---|---|"]
    parts += [f"| {number} | {'<br>'.join(sorted(found[number]))} |" for number in sorted(found)]
    return "\n".join(parts) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "commands.md": commands_page,
    "states.md": states_page,
    "data-dictionary.md": tables_page,
    "requirements.md": requirements_page,
}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "traceward.settings")
    django.setup()
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")
        print(f"docs/reference/{name}")


if __name__ == "__main__":
    main()
