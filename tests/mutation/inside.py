"""Mutants in a transaction: made, looked at and rolled back, with no database of their own."""

import contextlib
import inspect
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product
from types import ModuleType
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, connections, transaction

from tests.databases import ADMIN, ROOT, clone, drop, point_at
from tests.kernel import test_declared, test_rights
from tests.mutation.mutants import Mutant
from tests.stock import test_belts, test_byte_form
from tests.stock.belts import fill
from traceward.kernel.base.rights import APP

#: What tests can see that only read the catalogue.
DECLARED_KINDS = ("constraint", "reference", "column", "index", "right", "control")


def become_owner() -> None:
    """The application's connection is the owner's, who can weaken things and be the application."""
    ours, owners = connections["default"].settings_dict, connections["owner"].settings_dict
    ours.update({key: owners[key] for key in ("USER", "PASSWORD", "HOST", "PORT", "OPTIONS")})


def weaken(sql: str) -> None:
    """The transaction has the mutant, and goes on as the application."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        cursor.execute(f"SET LOCAL ROLE {APP}")


class Weakened:
    """A plugin for pytest: each test's transaction begins with the mutant."""

    def __init__(self, sql: str) -> None:
        self.sql = sql

    @pytest.fixture(autouse=True)
    def weakened(self, db: None) -> None:
        weaken(self.sql)


@dataclass(frozen=True)
class Case:
    """One test that needs nothing but a connection: its id, the table it is about, its call."""

    id: str
    table: str
    call: Callable[[], Any]


def cases(module: ModuleType, **given: Any) -> Iterator[Case]:
    """The tests of the module that ask for this and nothing else, one for each parameter."""
    file = str(module.__file__).removeprefix(f"{ROOT}/")
    for name, test in vars(module).items():
        if not name.startswith("test_"):
            continue
        marks = getattr(test, "pytestmark", ())
        several = [m.args for m in marks if m.name == "parametrize"]
        names = [argument for argument, _ in several]
        asked = set(inspect.signature(test).parameters)
        if asked != {*given, *names} or any(m.name == "usefixtures" for m in marks):
            continue
        for values in product(*(values for _, values in several)):
            metas = [getattr(value, "_meta", None) for value in values]
            label = "-".join(m.label if m else str(v) for m, v in zip(metas, values, strict=True))
            tables = [m.db_table if m else str(v) for m, v in zip(metas, values, strict=True)]
            call = partial(test, **given, **dict(zip(names, values, strict=True)))
            yield Case(f"{file}::{name}[{label}]".replace("[]", ""), "".join(tables[:1]), call)


Looked = list[tuple[str, str, float]]


def look_at(asked: list[Mutant], database: str, template: str) -> Looked:
    """Of each mutant the first test that fails, "" where none does, and how long it took.

    The mutants of the catalogue meet the tests of what is declared and of rights; all meet the
    belts, as a superuser. Nothing is ever committed.
    """
    clone(database, template)
    point_at(database)
    fill()
    connections.close_all()
    become_owner()
    declared = [*cases(test_declared), *cases(test_rights)]
    try:
        with psycopg.connect(ADMIN, dbname=database) as admin:
            belts = [*cases(test_belts, admin=admin), *cases(test_byte_form, admin=admin)]
            return [_looked(mutant, declared, belts, admin) for mutant in asked]
    finally:
        connections.close_all()
        drop(database)


def _looked(
    mutant: Mutant, declared: list[Case], belts: list[Case], admin: psycopg.Connection
) -> tuple[str, str, float]:
    began = time.monotonic()
    killer = ""
    if mutant.kind in DECLARED_KINDS:
        with contextlib.suppress(DatabaseError), transaction.atomic():
            weaken(mutant.sql)
            killer = _first_failed(mutant, declared, transaction.atomic)
            transaction.set_rollback(True)
    if not killer:
        with contextlib.suppress(psycopg.Error), admin.transaction(force_rollback=True):
            admin.execute(mutant.sql.encode())
            killer = _first_failed(mutant, belts, admin.transaction)
    return mutant.name, killer, time.monotonic() - began


def _first_failed(mutant: Mutant, found: list[Case], savepoint: Callable[[], Any]) -> str:
    table = mutant.name.split("/")[0]
    for case in sorted(found, key=lambda case: case.table != table):
        try:
            with savepoint():
                case.call()
        except pytest.skip.Exception:
            continue
        except (Exception, pytest.fail.Exception):
            return case.id
    return ""
