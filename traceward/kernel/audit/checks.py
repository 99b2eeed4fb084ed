"""Self-checks: each area says what must hold and finds where it does not. # INV-09

An area registers its checks when its app is ready:

    checks.register("stock.balances", balances_equal_moves)

A check gets the name of the connection to read through and gives findings; it never repairs.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connections, transaction

from traceward.kernel.base.refusals import fill

#: A check names at most so many findings; a broken table would otherwise fill the report.
MAX_FINDINGS = 100


@dataclass(frozen=True)
class Finding:
    """Something that is not as it must be. `message` is a `sentence()` over the values."""

    check: str
    message: str
    values: dict[str, Any] = field(default_factory=dict)

    def in_language(self, language: str) -> str:
        """The sentence in "en" or "zh-hans"."""
        return fill(self.message, self.values, language)

    def __str__(self) -> str:
        return self.in_language("en")


Check = Callable[[str], list[Finding]]

CHECKS: dict[str, Check] = {}


def register(name: str, function: Check) -> None:
    """The check runs whenever the database is verified. `function(using)` reads through `using`."""
    if CHECKS.get(name, function) is not function:
        raise ValueError(f"two checks are called {name}; choose another name")
    CHECKS[name] = function


def run_checks(*, using: str = "verify", names: Iterable[str] | None = None) -> list[Finding]:
    """What the checks of these names (all, when none are given) find, in one snapshot."""
    found: list[Finding] = []
    with snapshot(using):
        for name in sorted(CHECKS) if names is None else names:
            found += CHECKS[name](using)[:MAX_FINDINGS]
    return found


@contextmanager
def snapshot(using: str) -> Iterator[None]:
    """All reads see one moment and write nothing; inside a caller's transaction, that one's."""
    if connections[using].in_atomic_block:
        yield
        return
    with transaction.atomic(using=using):
        with connections[using].cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield
