"""What import contracts cannot see: foreign keys, migrations, commands' declarations."""

import inspect
import io
import re
import subprocess
import sys
import tomllib
from contextlib import redirect_stdout
from dataclasses import is_dataclass

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models

from tests.house.source import ROOT, modules
from traceward.kernel.command.registry import REGISTRY


def tiers() -> dict[str, int]:
    """Each area with its height, read from the import contracts; neighbours share a number."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = {c["id"]: c.get("layers", []) for c in contracts["contracts"]}
    rows = reversed([*layers["domain-tiers"], *layers["kernel-tiers"]])
    return {area: height for height, row in enumerate(rows) for area in re.findall(r"[a-z]+", row)}


TIERS = tiers()


def our_models() -> list[type[models.Model]]:
    return [m for m in apps.get_models() if m.__module__.startswith("traceward.")]


def test_import_contracts_hold() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_foreign_keys_point_down_and_protect() -> None:
    """String references included, since `_meta` has resolved them."""
    wrong = []
    for model in our_models():
        mine = TIERS[model._meta.app_label]
        for field in model._meta.get_fields():
            if isinstance(field, models.ManyToManyField):
                wrong.append(f"{model._meta.label}.{field.name}: make the table between a model")
            if not isinstance(field, models.ForeignKey) or field.model is not model:
                continue
            target = field.related_model._meta
            is_parent = getattr(field.remote_field, "parent_link", False)
            theirs = TIERS.get(target.app_label, 1000)
            if theirs > mine or (theirs == mine and target.app_label != model._meta.app_label):
                wrong.append(f"{model._meta.label}.{field.name} points at {target.label}")
            if not is_parent and field.remote_field.on_delete is not models.PROTECT:
                wrong.append(f"{model._meta.label}.{field.name}: on_delete must be PROTECT")
            is_ours = target.app_label == model._meta.app_label
            if not (is_parent or is_ours) and field.remote_field.related_name != "+":
                wrong.append(f'{model._meta.label}.{field.name}: related_name="+" is missing')
    assert not wrong, "foreign keys point down, hidden and protected:\n" + "\n".join(wrong)


def test_tables_are_named_after_their_area() -> None:
    wrong = [
        f"{m._meta.label}: {m._meta.db_table}"
        for m in our_models()
        if not m._meta.db_table.startswith(f"{m._meta.app_label}_")
    ]
    assert not wrong, "a table is called area_noun:\n" + "\n".join(wrong)


def test_every_area_has_a_tier() -> None:
    labels = {m._meta.app_label for m in our_models()}
    assert labels <= set(TIERS), f"give these areas their tier: {labels - set(TIERS)}"


@pytest.mark.django_db
def test_migrations_are_complete_and_named() -> None:
    out = io.StringIO()
    with redirect_stdout(out):
        try:
            call_command("makemigrations", "--check", "--dry-run", verbosity=1)
        except SystemExit:
            pytest.fail("models and migrations differ:\n" + out.getvalue())
    badly = [
        str(p.relative_to(ROOT))
        for p in ROOT.glob("traceward/*/*/migrations/0*.py")
        if re.match(r"\d{4}_(auto|initial|alter_\w+_and_more)", p.stem)
    ]
    assert not badly, "say in the name what the migration does:\n" + "\n".join(badly)


def test_floors_below_the_doors_know_no_http() -> None:
    rooms = r"(http|shortcuts|forms|template|views|urls)\b"
    words = re.compile(rf"^\s*((from|import) django\.{rooms}|from django import .*\b{rooms})")
    wrong = [
        f"{source.path}:{number}"
        for folder in (
            "traceward/kernel",
            "traceward/domain",
            "traceward/flows",
            "traceward/resources",
        )
        for source in modules(folder)
        for number, line in enumerate(source.lines, 1)
        if words.match(line)
    ]
    assert not wrong, "HTTP belongs to floor 4:\n" + "\n".join(wrong)


def test_signals_are_not_used_between_our_modules() -> None:
    wrong = [
        f"{source.path}:{number}"
        for source in modules()
        for number, line in enumerate(source.lines, 1)
        if "django.dispatch" in line or "models.signals" in line
    ]
    assert not wrong, "call it by name, or emit an event:\n" + "\n".join(wrong)


def test_every_command_says_who_where_and_what() -> None:
    wrong = []
    for verb, command in REGISTRY.items():
        if not command.function.__module__.startswith("traceward."):
            continue
        if not re.fullmatch(r"[a-z]+\.[a-z_]+", verb):
            wrong.append(f"{verb}: a verb is area.imperative")
        if not command.roles:
            wrong.append(f"{verb}: name the roles that may use it")
        if not command.summary.endswith("."):
            wrong.append(f"{verb}: its docstring says in one sentence what becomes true")
        if "by" not in inspect.signature(command.function).parameters:
            wrong.append(f"{verb}: takes `*, by: Actor`")
        if not is_dataclass(inspect.signature(command.function).return_annotation):
            wrong.append(f"{verb}: answers with a frozen dataclass, which can gain fields")
    assert not wrong, "\n".join(wrong)


def test_nothing_with_history_may_be_deleted() -> None:
    """Each table that the application may delete from, with the reason why it may."""
    allowed = {
        "lists_view": "a question that a person likes to ask; no record of what happened",
        "org_unknown_try": "counts for a quarter of an hour what names nobody",
        "command_request": "answers are kept for 400 days; the audit entries stay",
    }
    deletable = {m._meta.db_table for m in our_models() if getattr(m, "deletable", False)}
    extra = deletable - set(allowed)
    assert not extra, f"give the table a life-cycle state instead, or a reason here: {extra}"
