"""Document: one record with its life: where it stands, what is next, what belongs to it.

    document_page("sales.orders", facts=("customer", "deliver_to"), next=("outbound.allocate",))

A resource without a declaration has a page, too: all of its columns are facts. Which verbs are
possible in a state the commands say themselves (`from_states`); a page says only their order.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import EnumType
from functools import cached_property
from typing import Any

from django.http import Http404

from traceward.kernel.documents.models import Document
from traceward.resources.documents import DEVICE
from traceward.resources.kit import RESOURCES, Resource
from traceward.web.kit import cells
from traceward.web.kit.cells import Cell, cells_of, stems_of
from traceward.web.kit.steps import Lead, Step, Steps
from traceward.web.kit.verbs import About, abouts, may_at
from traceward.web.visitors import Visitor

#: Ends of a life that are no step on the way.
ENDS = frozenset({"cancelled", "withdrawn"})
#: … and those that end it before all of it was done.
ASIDE = frozenset({"closed", "cleared"})
#: What the history says, and the header.
ELSEWHERE = ("number", "state", "legal_entity_code", "version")


@dataclass(frozen=True)
class Related:
    """Rows that belong to such a row: a list, and its column with this row's id."""

    name: str
    column: str
    icon: str = "file-text"
    #: Which of them count; all where nothing is said.
    where: Mapping[str, str] = field(default_factory=dict)
    #: The column of this row that the other one names.
    key: str = "id"


@dataclass(frozen=True)
class Banner:
    """Something to decide: what it is, how bad, and where it is looked at."""

    text: str
    tone: str
    address: str = ""


@dataclass(frozen=True)
class Stage:
    """A step of the way that no state of the document says: how far it is, who did it and when."""

    text: str
    is_done: bool
    about: str = ""


@dataclass(frozen=True)
class Beginning:
    """A form that such a row begins, though it is not about that row alone: labels, for example."""

    verb: str
    #: The arguments that the row gives; none where there is nothing to begin with.
    give: Callable[[Mapping[str, Any], Visitor], Mapping[str, Any]]


#: What comes before the document's first state, and what between its last two.
Way = tuple[list[Stage], list[Stage]]


@dataclass(frozen=True)
class DocumentPage:
    """What the page of one row shows; see the module."""

    name: str
    facts: tuple[str, ...] = ()
    #: Of the lines that come along: the cells of each kind.
    lines: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: The verbs that come next, the main one first; the state leaves those that are possible.
    next: tuple[str, ...] = ()
    #: What comes next where more than the state says so; `next` then stands beside it.
    lead: Lead | None = None
    #: Whether a list asks it, too: in as many statements for many rows as for one.
    is_led_in_list: bool = True
    #: Quantities of the lines through which the work goes, in order, before the last state.
    progress: tuple[str, ...] = ()
    #: Steps of its way that belong to other documents.
    way: Callable[[Mapping[str, Any], Visitor], Way] | None = None
    #: Lists whose rows belong to its life, and their column with its id: what was done to them is
    #: told with what was done to it.
    lives: tuple[tuple[str, str], ...] = ()
    #: Verb → the values of the row with which alone it makes sense; `...` for any.
    when: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    #: Verb → the column with the site at which it is done, where that is not the row's own.
    at: Mapping[str, str] = field(default_factory=dict)
    #: Verbs that change what stands here, in place, and the column with the id of what changes.
    edits: Mapping[str, str] = field(default_factory=dict)
    #: Forms that the row begins.
    begins: tuple[Beginning, ...] = ()
    #: What it is fetched as: what stands on the button, and the address, nothing where it is not.
    fetched: Callable[[Mapping[str, Any], Visitor], list[tuple[str, str]]] = lambda *_: []
    #: How it looks: the address of a picture.
    picture: Callable[[Mapping[str, Any]], str] = lambda _: ""
    related: tuple[Related, ...] = ()
    #: By what a row is called, where it is none of the usual columns.
    title: str = ""
    #: What is to be decided about it, besides blocks.
    warn: Callable[[Mapping[str, Any], Visitor], list[Banner]] = lambda *_: []
    #: State → the column with the day on which it is to be reached.
    promised: Mapping[str, str] = field(default_factory=dict)

    @property
    def resource(self) -> Resource:
        return RESOURCES[self.name]

    @property
    def is_document(self) -> bool:
        return issubclass(self.resource.model, Document)

    @cached_property
    def shown(self) -> tuple[Cell, ...]:
        return cells_of(self.resource, self.facts or tuple(self._telling()))

    def _telling(self) -> list[str]:
        """Stems that say something of their own."""
        left_out = {*ELSEWHERE, "created_at", "created_by", *self.resource.parts}
        stems = [
            # a verb that reads what is kept apart is offered as such
            name
            for name in stems_of(self.resource)
            if name not in left_out and not name.endswith("_read_by")
        ]
        return [name for name in stems if not name.startswith("changed_")]

    @cached_property
    def steps(self) -> tuple[str, ...]:
        """The states on the longest way through a document's life."""
        if not self.is_document:
            return ()
        pairs: set[tuple[str, str]] = set(getattr(self.resource.model, "TRANSITIONS", ()))
        rank = _order_of(self.resource.model, {str(s) for pair in pairs for s in pair})
        pairs = {(str(a), str(b)) for a, b in pairs if not {a, b} & ENDS}
        pairs = {(a, b) for a, b in pairs if rank[a] < rank[b]}  # the way forward
        starts = {a for a, _ in pairs} - {b for _, b in pairs}
        ways = [_longest(start, pairs, ()) for start in sorted(starts)]
        return max(ways, key=_goes_well, default=())

    @cached_property
    def verbs(self) -> tuple[About, ...]:
        """Every command that is about such a row."""
        return abouts(self.name)

    @property
    def forward(self) -> tuple[Step, ...]:
        """Of the verbs that come next by the state alone, those that take nothing back."""
        return tuple(Step(verb) for verb in self.next if not is_undoing(verb))

    def is_worked_by(self, to: Visitor) -> bool:
        """Whether the visitor may use some verb about such rows, and not only look."""
        return any(to.may(one.verb) for one in self.verbs)

    def coming(self, rows: Sequence[Mapping[str, Any]], to: Visitor) -> Steps:
        """What comes next of each of the rows."""
        ids = [row["id"] for row in rows]
        if self.lead is None:
            return dict.fromkeys(ids, self.forward)
        return self.lead(ids, to) if ids else {}

    def coming_in_list(self, rows: Sequence[Mapping[str, Any]], to: Visitor) -> Steps:
        """… where a list says it; to who only looks it says nothing."""
        return self.coming(rows, to) if self.is_told_in_list and self.is_worked_by(to) else {}

    @cached_property
    def told_by(self) -> tuple[str, ...]:
        """The columns that a verb needs of a row, and that say whether it is possible."""
        asked = (*(n for w in self.when.values() for n in w), *self.at.values())
        every = ("id", "uid", "version", "state", "site_id", *asked)
        return tuple(name for name in dict.fromkeys(every) if name in self.resource.columns)

    @cached_property
    def is_told_in_list(self) -> bool:
        """Whether a row of its list says what comes next."""
        if self.lead is not None:
            return self.is_led_in_list
        return "state" in self.resource.columns and bool(self.forward)

    def fits(self, verb: str, row: Mapping[str, Any]) -> bool:
        """Whether the row has the values with which alone the verb makes sense."""
        return all(
            row.get(name) is not None if value is ... else row.get(name) == value
            for name, value in self.when.get(verb, {}).items()
        )

    def _may(self, verb: str, row: Mapping[str, Any], to: Visitor) -> bool:
        """Whether the visitor may use the verb, at the site at which it is done."""
        return may_at(verb, row[self.at[verb]], to) if verb in self.at else to.may(verb)

    def legal(self, row: Mapping[str, Any], to: Visitor) -> list[About]:
        """What the visitor may do with it as it stands, the next step first."""
        possible = [
            one
            for one in self.verbs
            if self._may(one.verb, row, to) and one.is_possible(row) and self.fits(one.verb, row)
        ]
        rank = {verb: n for n, verb in enumerate(self.next)}
        return sorted(possible, key=lambda one: (rank.get(one.verb, len(rank)), one.verb))


def _order_of(model: type[Any], states: set[str]) -> dict[str, int]:
    """The states in the order in which the kind of document names them."""
    for found in vars(sys.modules[model.__module__]).values():
        members: list[Any] = list(found) if isinstance(found, EnumType) else []
        values = [str(one.value) for one in members]
        if set(values) == states:
            return {value: n for n, value in enumerate(values)}
    return {state: n for n, state in enumerate(sorted(states))}


def _longest(at: str, pairs: set[tuple[str, str]], way: tuple[str, ...]) -> tuple[str, ...]:
    following = [b for a, b in sorted(pairs) if a == at and b not in way and b != at]
    ways = [_longest(one, pairs, (*way, at)) for one in following]
    return max(ways, key=_goes_well, default=(*way, at))


def _goes_well(way: tuple[str, ...]) -> tuple[int, bool]:
    return len(way), not ASIDE & set(way[-1:])


#: The last word of verbs that undo or end: never the one thing that is offered first.
UNDOING = ("cancel", "close", "end", "withdraw", "revoke", "void", "refuse", "reverse", "take")


def is_undoing(verb: str) -> bool:
    """Whether the verb takes back or ends what was begun."""
    return verb.partition(".")[2].partition("_")[0] in UNDOING


#: … and of verbs after which something is gone or counts no longer: red, as they cannot be missed.
TAKING = (
    *("cancel", "deactivate", "destroy", "erase", "refuse", "reject", "remove"),
    *("reverse", "revoke", "scrap", "void", "withdraw", "write"),
)
#: … and single ones of which the word does not say it.
TAKING_ALSO = frozenset(
    {"places.close_place", "purchasing.close", "purchasing.close_notice", "sales.close"}
)


def is_taking(verb: str) -> bool:
    """Whether something is gone, or counts no longer, after the verb."""
    return verb in TAKING_ALSO or verb.partition(".")[2].partition("_")[0] in TAKING


DOCUMENTS: dict[str, DocumentPage] = {}


def document_page(name: str, **how: Any) -> DocumentPage:
    """The page of one row of the resource looks like this from now on."""
    made = DOCUMENTS[name] = DocumentPage(name, **how)
    return made


def page_of(name: str) -> DocumentPage:
    """The page of a row of this resource, declared or not."""
    if name not in RESOURCES:
        raise Http404
    return DOCUMENTS.get(name) or document_page(name)


def telling(lines: Resource, header: str) -> tuple[str, ...]:
    """What lines show where nothing is declared: neither header, device record nor bare ids."""
    return cells.telling(lines, header, f"{header}_state", *DEVICE)
