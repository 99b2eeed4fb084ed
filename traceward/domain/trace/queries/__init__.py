"""Reading what the ledger knows of any lot, serial, container, document, place or partner."""

from traceward.domain.trace.queries.accounts import MassBalance, mass_balances, total
from traceward.domain.trace.queries.completeness import Completeness, Gap, Report, completeness
from traceward.domain.trace.queries.epcis import epcis
from traceward.domain.trace.queries.events import Event, Events, events
from traceward.domain.trace.queries.flows import Flow, StationKind, flows, made, papers_of_commands
from traceward.domain.trace.queries.goods import Found, Goods, goods
from traceward.domain.trace.queries.graph import (
    Edge,
    Node,
    Trace,
    Whereabouts,
    backward,
    forward,
    reached,
)
from traceward.domain.trace.queries.identified import Meaning, identified
from traceward.domain.trace.queries.listing import by_items, listing
from traceward.domain.trace.queries.papers import TracedDocument, documents
from traceward.domain.trace.queries.start import MAX_NODES, Start, as_array
from traceward.domain.trace.queries.timeline import Act, Timeline, timeline

__all__ = [
    "MAX_NODES",
    "Act",
    "Completeness",
    "Edge",
    "Event",
    "Events",
    "Flow",
    "Found",
    "Gap",
    "Goods",
    "MassBalance",
    "Meaning",
    "Node",
    "Report",
    "Start",
    "StationKind",
    "Timeline",
    "Trace",
    "TracedDocument",
    "Whereabouts",
    "as_array",
    "backward",
    "by_items",
    "completeness",
    "documents",
    "epcis",
    "events",
    "flows",
    "forward",
    "goods",
    "identified",
    "listing",
    "made",
    "mass_balances",
    "papers_of_commands",
    "reached",
    "timeline",
    "total",
]
