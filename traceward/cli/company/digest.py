"""A fingerprint of the company: every business row, told by names instead of ids.

Two loads of the same seed and scale have the same one. Left out is what the machine makes: uids,
database ids, request ids, hashes, seals and signatures, and times below the day. Commands and
audit entries count by verb, outcome and person.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from django.db import connection

FILE = Path(__file__).with_name("digest.sql")


def digest() -> dict[str, str]:
    """By part of the company, the sha256 over its rows in their own order."""
    parts = FILE.read_text(encoding="utf-8").split("-- name: ")[1:]
    named = (part.split("\n", 1) for part in parts)
    return {name.strip(): _of(_rows(query)) for name, query in named}


def whole(parts: dict[str, str]) -> str:
    """One word for all parts."""
    return _of(f"{name} {value}" for name, value in sorted(parts.items()))


def _rows(query: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return sorted(str(row) for row in cursor.fetchall())


def _of(lines: Iterable[str]) -> str:
    made = hashlib.sha256()
    for line in lines:
        made.update(line.encode())
        made.update(b"\n")
    return made.hexdigest()
