"""Traces both ways, the documents under which goods moved, and mass balances. # TRC-01"""

from typing import Annotated, Any

from pydantic import AwareDatetime, Field

from traceward.domain.stock.queries import Moment
from traceward.domain.trace import queries
from traceward.domain.trace.queries import (
    Events,
    Flow,
    Found,
    MassBalance,
    Meaning,
    Report,
    Start,
    StationKind,
    Timeline,
    Trace,
    TracedDocument,
)
from traceward.kernel.command.people import grants_of
from traceward.resources.kit import Id, Ids, Limit, Reader, everywhere, now, question

Text = Annotated[str, Field(min_length=1, max_length=500)]


def _start(**ids: list[Id] | None) -> Start:
    return Start(**{name: found or () for name, found in ids.items()})


def _moment(happened: AwareDatetime | None, posted: AwareDatetime | None) -> Moment | None:
    return Moment(happened, posted=posted) if happened else None


@question("trace.forward", scope=None)
def forward(
    lots: Ids | None = None,
    serials: Ids | None = None,
    containers: Ids | None = None,
    documents: Ids | None = None,
    lines: Ids | None = None,
    places: Ids | None = None,
    partners: Ids | None = None,
    happened: AwareDatetime | None = None,
    posted: AwareDatetime | None = None,
    *,
    to: Reader,
) -> Trace:
    """Everything that these went into, with quantities and whereabouts; now or as of a moment."""
    start = _start(
        lots=lots,
        serials=serials,
        containers=containers,
        documents=documents,
        lines=lines,
        places=places,
        partners=partners,
    )
    return queries.forward(start, sites=to.sites(), moment=_moment(happened, posted))


@question("trace.backward", scope=None)
def backward(
    lots: Ids | None = None,
    serials: Ids | None = None,
    containers: Ids | None = None,
    documents: Ids | None = None,
    lines: Ids | None = None,
    places: Ids | None = None,
    partners: Ids | None = None,
    happened: AwareDatetime | None = None,
    posted: AwareDatetime | None = None,
    *,
    to: Reader,
) -> Trace:
    """Everything that went into these, with quantities and whereabouts; now or as of a moment."""
    start = _start(
        lots=lots,
        serials=serials,
        containers=containers,
        documents=documents,
        lines=lines,
        places=places,
        partners=partners,
    )
    return queries.backward(start, sites=to.sites(), moment=_moment(happened, posted))


@question("trace.identify", scope=None)
def identify(text: Text, *, to: Reader) -> list[Meaning]:
    """All that a code, number or name may stand for, each with the start of its trace."""
    at = now()
    return queries.identified(text, sites=to.sites(), now=at, today=at.date())


@question("trace.timeline", scope=None)
def timeline(
    nodes: Ids,
    happened: AwareDatetime | None = None,
    posted: AwareDatetime | None = None,
    after_at: AwareDatetime | None = None,
    after_id: int = 0,
    limit: Limit = 200,
    *,
    to: Reader,
) -> Timeline:
    """What happened to these lots and serials, in pages, with the papers of each act.

    A lot's acts are those of all its units, also of those that have serials, each named.
    A recall's case is named to who may read it, as behind a block.
    """
    return queries.timeline(
        nodes,
        sites=to.sites(),
        cases=Reader(to.person_id, grants_of(to.person_id, "recalls.cases")).sites(),
        moment=_moment(happened, posted),
        after=(after_at, after_id) if after_at else None,
        limit=limit,
    )


@question("trace.epcis", scope=None)
def epcis(
    nodes: Ids,
    happened: AwareDatetime | None = None,
    posted: AwareDatetime | None = None,
    *,
    to: Reader,
) -> dict[str, Any]:
    """What happened to these lots and serials as an EPCIS 2.0 document of events."""
    return queries.epcis(
        nodes,
        sites=to.sites(),
        cases=Reader(to.person_id, grants_of(to.person_id, "recalls.cases")).sites(),
        moment=_moment(happened, posted),
        now=now(),
    )


@question("trace.events", scope=None)
def events(
    nodes: Ids,
    every: bool = False,
    happened: AwareDatetime | None = None,
    posted: AwareDatetime | None = None,
    before_at: AwareDatetime | None = None,
    before_id: int = 0,
    at_kind: StationKind | None = None,
    at_id: Id | None = None,
    limit: Limit = 50,
    *,
    to: Reader,
) -> Events:
    """The key events of these lots and serials, the newest first: one for each document, moment
    and way.

    Also those within our own walls where `every` one is asked for; those at one station only, or
    at all of its kind.
    """
    return queries.events(
        nodes,
        sites=to.sites(),
        cases=Reader(to.person_id, grants_of(to.person_id, "recalls.cases")).sites(),
        every=every,
        moment=_moment(happened, posted),
        before=(before_at, before_id) if before_at else None,
        at=(at_kind, at_id) if at_kind else None,
        limit=limit,
    )


@question("trace.flows", scope=None)
def flows(
    nodes: Ids,
    since_at: AwareDatetime | None = None,
    happened: AwareDatetime | None = None,
    posted: AwareDatetime | None = None,
    *,
    to: Reader,
) -> list[Flow]:
    """How much of these lots and serials went from where to where, less what came back of it."""
    return queries.flows(nodes, sites=to.sites(), since=since_at, moment=_moment(happened, posted))


@question("trace.goods", scope=None)
def goods(
    lots: Ids | None = None,
    serials: Ids | None = None,
    containers: Ids | None = None,
    documents: Ids | None = None,
    lines: Ids | None = None,
    places: Ids | None = None,
    partners: Ids | None = None,
    *,
    to: Reader,
) -> Found:
    """The lots and serials that these stand for, each of which can be traced."""
    start = _start(
        lots=lots,
        serials=serials,
        containers=containers,
        documents=documents,
        lines=lines,
        places=places,
        partners=partners,
    )
    return queries.goods(start, sites=to.sites())


@question("trace.completeness", scope=None)
def completeness(
    nodes: Ids | None = None, after: int = 0, limit: Limit = 1_000, *, to: Reader
) -> Report:
    """How complete the trace is by kind of goods, and the gaps."""
    return queries.completeness(nodes, sites=to.sites(), after=after, limit=limit)


@question("trace.documents", scope=None)
def documents(
    nodes: Ids, happened: AwareDatetime | None = None, *, to: Reader
) -> list[TracedDocument]:
    """The documents under which goods of these lots and serials moved."""
    return queries.documents(nodes, sites=to.sites(), happened=happened)


@question("trace.mass_balances", scope=everywhere)
def mass_balances(
    nodes: Ids,
    happened: AwareDatetime | None = None,
    posted: AwareDatetime | None = None,
    *,
    to: Reader,
) -> list[MassBalance]:
    """What came, what went and what stands of each lot or serial; the difference is zero.

    A lot's account is that of all its units, also of those that have serials.
    """
    return queries.mass_balances(nodes, with_members=True, moment=_moment(happened, posted))
