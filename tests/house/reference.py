"""Reference pages made from the code: `python -m tests.house.reference` writes them anew.

A house test compares them with the files, so that they never say what the code does not.
`python -m tests.house.reference --results FILE` prints the requirements with the results of a run
(`pytest --junit-xml FILE`); the committed page has none, so that it changes with the tests only.
"""

import argparse
import ast
import os
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from xml.etree import ElementTree

import django

from tests.house.asked import questions_page
from tests.house.source import ROOT, Source, modules

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


def events_page() -> str:
    """What goes out after a commit, with its fields."""
    rows = []
    for path in sorted((ROOT / "traceward" / "domain").glob("*/events.py")):
        area = path.parent.name
        module = import_module(f"traceward.domain.{area}.events")
        for name, found in sorted(vars(module).items()):
            if not (is_dataclass(found) and found.__module__ == module.__name__):
                continue
            fields_ = ", ".join(f"`{field.name}`" for field in fields(found))
            rows.append(f"| `{name}` | {area} | {fields_} |")
    head = (
        "An event's full name begins with the verb that emitted it: `stock.block.StockBlocked`.\n"
        "It names records; their lines are read by id. It goes out at least once, with an id of\n"
        "its own.\n\n"
        "| event | area | fields |\n|---|---|---|\n"
    )
    return "# Events\n\n" + NOTE + "\n" + head + "\n".join(rows) + "\n"


def requirements_page(results: Mapping[str, str] | None = None) -> str:
    """Requirement → the tests that show it, with their last results where those are given."""
    found: dict[str, set[str]] = defaultdict(set)
    for source in modules("tests"):
        for function in source.functions():
            if function.name.startswith("test_"):
                for number in _requirements(source, function):
                    found[number].add(f"{source.path}::{function.name}")
    parts = ["# Requirements and their tests\n\n" + NOTE]
    parts.append("| requirement | tests | last result |\n|---|---|---|")
    for number in sorted(found):
        tests = sorted(found[number])
        names = "<br>".join(f"`{test}`" for test in tests)
        shown = "" if results is None else _summary([results.get(t, "not run") for t in tests])
        parts.append(f"| {number} | {names} | {shown} |")
    return "\n".join(parts) + "\n"


def _requirements(source: Source, function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    """The ids in comments and docstrings of the test, and in what its module is for."""
    lines = source.lines[function.lineno - 1 : function.end_lineno]
    said = [line.partition("#")[2] for line in lines] + [
        ast.get_docstring(function) or "",
        ast.get_docstring(source.tree) or "",
    ]
    return set(re.findall(r"\b[A-Z]{2,3}-\d{2}\b", "\n".join(said)))


def _summary(results: list[str]) -> str:
    counted = Counter(results)
    return ", ".join(f"{counted[word]} {word}" for word in RESULTS if counted[word])


#: The worst first: of several cases of one test the worst counts.
RESULTS = ("failed", "skipped", "not run", "passed")


def results_of(junit: Path) -> dict[str, str]:
    """Test → its result in a run that wrote `--junit-xml FILE`."""
    found: dict[str, str] = {}
    for case in ElementTree.parse(junit).iter("testcase"):
        path = case.get("classname", "").replace(".", "/") + ".py"
        test = f"{path}::{case.get('name', '').partition('[')[0]}"
        kinds = {child.tag for child in case}
        is_failed = bool(kinds & {"failure", "error"})
        word = "failed" if is_failed else "skipped" if "skipped" in kinds else "passed"
        found[test] = min(word, found.get(test, word), key=RESULTS.index)
    return found


def records_page() -> str:
    """The records of GSP 2023: each field, the columns that say it, and when it does not apply."""
    from traceward.resources.records.declaring import NOT_KEPT, RECORDS

    parts = ["# Records\n\n" + NOTE + RECORDS_INTRODUCTION]
    for name, one in RECORDS.items():
        area, _, noun = name.partition(".")
        parts += [
            f"## {one.zh} {one.en}, art. {one.articles}\n",
            f"`GET /api/v1/{area}/{noun}`, a line for each {one.resource.model._meta.verbose_name}"
            " (`" + one.resource.model._meta.db_table + "`).\n",
            "| field | | column | only | art. |\n|---|---|---|---|---|",
        ]
        for what in one.fields:
            columns = " or ".join(f"`{column}`" for column in what.names)
            only = f"{what.when.zh} {what.when.en}" if what.when else ""
            article = what.when.article if what.when else ""
            parts.append(f"| {what.zh} | {what.en} | {columns} | {only} | {article} |")
        parts.append("")
    parts.append(
        "## Not kept as a record of its own\n\n| record | | art. | why |\n|---|---|---|---|"
    )
    parts += [f"| {x.zh} | {x.en} | {x.articles} | {x.why} |" for x in NOT_KEPT]
    return "\n".join(parts) + "\n"


RECORDS_INTRODUCTION = """
What GSP 2023 asks of each record, and where it stands: `traceward/resources/records`. A record is
a resource: listed, filtered, paged and exported as any other. Of two columns one is enough.
`records.of_document` prints the records of one document; `records.completeness` counts, field by
field, on how many lines each applies and is filled. The story fails where one is not.
"""


PAGES: dict[str, Callable[[], str]] = {
    "records.md": records_page,
    "commands.md": commands_page,
    "states.md": states_page,
    "events.md": events_page,
    "data-dictionary.md": tables_page,
    "requirements.md": requirements_page,
    "questions.md": partial(questions_page, "en"),
    "questions.zh-CN.md": partial(questions_page, "zh"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--results",
        type=Path,
        metavar="FILE",
        help="a JUnit file: print the requirements with these results, and write nothing",
    )
    chosen = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "traceward.settings")
    django.setup()
    if chosen.results:
        print(requirements_page(results_of(chosen.results)), end="")
        return
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")
        print(f"docs/reference/{name}")


if __name__ == "__main__":
    main()
