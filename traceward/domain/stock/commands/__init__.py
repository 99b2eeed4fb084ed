"""The ledger's verbs. Every module is imported here so that its commands are registered."""

from traceward.domain.stock.commands import (
    allocation,
    blocks,
    containers,
    identity,
    moves,
    periods,
    warning,
    watching,
)
from traceward.domain.stock.commands.posting import Said, collect, promise, relate

__all__ = [
    "Said",
    "allocation",
    "blocks",
    "collect",
    "containers",
    "identity",
    "moves",
    "periods",
    "promise",
    "relate",
    "warning",
    "watching",
]
