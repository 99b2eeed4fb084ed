"""Reading what the ledger knows of any lot, serial, container, document, place or partner."""

from traceward.domain.trace.queries.accounts import MassBalance, mass_balances
from traceward.domain.trace.queries.graph import (
    Edge,
    Node,
    Trace,
    Whereabouts,
    backward,
    forward,
    reached,
)
from traceward.domain.trace.queries.papers import TracedDocument, documents
from traceward.domain.trace.queries.start import MAX_NODES, Start

__all__ = [
    "MAX_NODES",
    "Edge",
    "MassBalance",
    "Node",
    "Start",
    "Trace",
    "TracedDocument",
    "Whereabouts",
    "backward",
    "documents",
    "forward",
    "mass_balances",
    "reached",
]
