"""First migrations made from the models: `python -m tests.house.migrations` writes them anew.

Until the first release each area has one, rewritten in place (docs/adr/0110). What cannot be read
from the models is kept as it stands in the file: the steps of SQL at its end, and dependencies.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import django
from django.apps import AppConfig, apps
from django.db import migrations, models
from django.db.migrations.state import ModelState
from django.db.migrations.writer import MigrationWriter

from traceward.kernel.base.tables import NewTable

NAME = "0001_tables"
STEPS = re.compile(r"^        (run_sql_file|remember_tables)\(.*(?=^    \]$)", re.S | re.M)


def areas() -> Iterator[AppConfig]:
    """Our applications that have tables."""
    for config in apps.get_app_configs():
        if config.name.startswith("traceward.") and any(config.get_models()):
            yield config


def file_of(area: AppConfig) -> Path:
    return Path(area.path) / "migrations" / f"{NAME}.py"


def text_of(area: AppConfig) -> str:
    """The area's first migration as its models say now, formatted."""
    before = file_of(area).read_text(encoding="utf-8")
    steps = STEPS.search(before)
    assert steps, f"{file_of(area)} ends with remember_tables(__file__)"
    old = import_module(f"{area.name}.migrations.{NAME}").Migration
    needed = {label for label, _ in old.dependencies} | {"base"}
    needed |= {t._meta.app_label for m in area.get_models() for t in targets(m)}
    new = type("Migration", (migrations.Migration,), {})(NAME, area.label)
    new.initial = True
    new.dependencies = sorted((label, NAME) for label in needed - {area.label})
    states = map(ModelState.from_model, in_order(area))
    new.operations = [
        NewTable(
            state.name,
            list(state.fields.items()),
            {name: value for name, value in state.options.items() if value not in ([], {})},
            state.bases,
            state.managers,
        )
        for state in states
    ]
    page = MigrationWriter(new, include_header=False).as_string()
    assert page.endswith("    ]\n")
    page = page.removesuffix("    ]\n") + steps.group() + "    ]\n"
    own = "from traceward.kernel.base.tables import NewTable"
    page = page.replace("import traceward.kernel.base.tables\n", f"{own}\n")
    page = page.replace("traceward.kernel.base.tables.NewTable(", "NewTable(")
    words = sorted(set(re.findall(r"run_sql_file|remember_tables", steps.group())))
    page = page.replace(own, f"from traceward.kernel.base.sqlfile import {', '.join(words)}\n{own}")
    for options in (["check", "--fix-only", "--select", "I,F401"], ["format"]):
        page = _ruff(page, *options)
    return page


def in_order(area: AppConfig) -> list[type[models.Model]]:
    """The area's models as they are declared, each after those it refers to."""
    waiting, ordered = list(area.get_models()), []
    while waiting:
        free = next(m for m in waiting if not (targets(m) - {m}) & set(waiting))
        waiting.remove(free)
        ordered.append(free)
    return ordered


def targets(model: type[models.Model]) -> set[type[models.Model]]:
    """The models that this one refers to."""
    return {f.remote_field.model for f in model._meta.local_fields if f.remote_field}


def _ruff(page: str, *options: str) -> str:
    command = [sys.executable, "-m", "ruff", *options, "--quiet", "-"]
    return subprocess.run(command, input=page, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "traceward.settings")
    django.setup()
    for area in areas():
        file_of(area).write_text(text_of(area), encoding="utf-8")
