"""The accounts of the demo company, named at its door; never those of a real one.

They are named where three things hold: the server was told to use a sandbox, the database itself
says that it is one, and `traceward demo` wrote down whom it made.
"""

import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection

from traceward.kernel.org import roles


@dataclass(frozen=True)
class Account:
    """Somebody of the demo, by the role that they play."""

    login: str
    name: str
    role: str
    where: str


@dataclass(frozen=True)
class Demo:
    """Whom a stranger may be, and the one password of all of them."""

    password: str
    accounts: tuple[Account, ...]


def demo_of(language: str) -> Demo | None:
    """The demo's accounts; None where this is no demo."""
    if not settings.SANDBOX or not _is_sandbox():
        return None
    try:
        made = json.loads((settings.VAR / "company.json").read_text(encoding="utf-8"))
        rows, password = made["accounts"], made["password"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Demo(password, tuple(_account(row, language) for row in rows))


def _account(row: Any, language: str) -> Account:
    way = "zh" if language.startswith("zh") else "en"
    words = {role.code: role.names[way] for role in roles.ALL}
    name = row[f"name_{way}"] or row["name_zh"] or row["login"]
    return Account(row["login"], name, words[row["role"]], row["where"])


def _is_sandbox() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT is_sandbox FROM base_database WHERE id = 1")
        row = cursor.fetchone()
    return bool(row and row[0])
