"""Worklist: what waits, one by one: what waits beside what one needs to decide, then the next.

    worklist("transfers", accept=Act("transfers.approve"), reject=Act("transfers.cancel"),
             apart=("created_by",))

It goes through the rows of a wait of the boards (docs/adr/0234). Its items are those about which
the accepting verb is possible for the visitor: where their permission counts, in a state from
which the command is possible, and not their own where somebody else has to decide.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Case, F, IntegerField, Q, Value, When

from traceward.kernel.base.refusals import sentence
from traceward.kernel.command.database_errors import persistent
from traceward.kernel.command.people import own, whole_group
from traceward.kernel.command.registry import REGISTRY, Command
from traceward.kernel.org.scope import WHOLE_GROUP
from traceward.resources import asking, labels, reading
from traceward.resources.kit import Resource
from traceward.resources.labels import Words
from traceward.web.kit.boards import WAITS, Wait, here
from traceward.web.kit.cells import Cell, cells_of
from traceward.web.kit.documents import page_of
from traceward.web.kit.lists import Link, list_of
from traceward.web.kit.suggestions import Suggested
from traceward.web.visitors import Visitor

Row = Mapping[str, Any]
#: So many that wait are looked at.
MOST = 500
#: Where worklists are.
AT_WORK = "/work/"
ONE_BY_ONE = sentence("One by one")


@dataclass(frozen=True)
class Act:
    """One way to finish an item: the verb, and how its form begins."""

    verb: str
    #: What its button says, where the verb is called otherwise.
    words: Words | None = None
    #: Arguments that the item means: nobody types them. The item's id where nothing is said.
    meant: Callable[[Row, Visitor], Suggested] | None = None
    #: What its form begins with over what is known of the item already.
    fill: Callable[[Row, Suggested, Visitor], Suggested] | None = None
    #: Paths of arguments that this way asks for, though the command does not always.
    needs: tuple[str, ...] = ()
    #: What was done, from the command's answer and the item.
    said: Callable[[Any, Row, Visitor], str] | None = None

    @property
    def command(self) -> Command:
        return REGISTRY[self.verb]

    def text(self, to: Visitor) -> str:
        return (self.words or labels.of_verb(self.verb)).in_language(to.language)

    def arguments(self, name: str, row: Row, to: Visitor) -> Suggested:
        """What the row means for it."""
        if self.meant is not None:
            return self.meant(row, to)
        about = next(one for one in page_of(name).verbs if one.verb == self.verb)
        return dict(about.given(row))


@dataclass(frozen=True)
class Urgent:
    """Why some come first: the first of these that holds of an item stands at it."""

    words: Words
    tone: str
    holds: Callable[[Visitor], Q]


@dataclass(frozen=True)
class Worklist:
    """The rows of a wait, finished one by one; see the module."""

    key: str
    accept: Act
    reject: Act | None = None
    #: What it is called, where the wait is called otherwise.
    words: Words | None = None
    #: What one needs to know of an item; the first facts of its page where nothing is said.
    facts: tuple[str, ...] = ()
    #: What else one needs to know of an item: facts and tables, as pages of rows show them.
    told: Callable[[Row, Visitor], tuple[list[Any], list[Any]]] = lambda *_: ([], [])
    urgent: tuple[Urgent, ...] = ()
    #: Since when it waits, or when it is due; who waits longest comes first.
    since: str = "created_at"
    #: Paths to people who may not decide it.
    apart: tuple[str, ...] = ()
    #: Of which alone the verb is possible, besides its states.
    where: Callable[[Visitor], Q] = lambda _: Q()
    #: … or which of these ids, where it takes the rules to know.
    ready: Callable[[Sequence[int], Visitor], Collection[int]] | None = None
    #: A console that does the same with more around it: boards lead there.
    console: str = ""

    @property
    def wait(self) -> Wait:
        return WAITS[self.key]

    @property
    def resource(self) -> Resource:
        return list_of(self.wait.name).resource

    @property
    def address(self) -> str:
        return f"{AT_WORK}{self.key}"

    @property
    def entry(self) -> str:
        """Where boards lead."""
        return self.console or self.address

    def title(self, to: Visitor) -> str:
        return (self.words or self.wait.words).in_language(to.language)

    def acts(self, to: Visitor) -> dict[str, Act]:
        """By how the address calls them, the verbs that the visitor may use."""
        both = {"accept": self.accept, "reject": self.reject}
        return {key: act for key, act in both.items() if act and to.may(act.verb)}

    def due_label(self, to: Visitor) -> str:
        """What the day is called that it goes by; empty where it goes by how long it waits."""
        column = self.resource.columns[self.since]
        if column.type is not date:
            return ""
        return labels.of_column(f"{self.wait.name}.{self.since}").in_language(to.language)

    def is_for(self, to: Visitor) -> bool:
        return to.may(self.wait.name) and to.may(self.accept.verb)

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """What stands of each item: its name, then what tells it from others."""
        return cells_of(self.resource, (self.wait.first, *self.wait.second))


WORKLISTS: dict[str, Worklist] = {}


def worklist(key: str, **how: Any) -> None:
    """What waits under this key can be finished one by one from now on."""
    WORKLISTS[key] = Worklist(key, **how)


@dataclass(frozen=True)
class Queue:
    """Ids of the items in the order in which they are to be finished, each with its urgency."""

    ranks: Mapping[int, int] = field(default_factory=dict)
    #: Whether more wait than are looked at.
    is_cut: bool = False

    @property
    def ids(self) -> list[int]:
        return list(self.ranks)

    @property
    def figure(self) -> str:
        return f"{len(self.ranks):,}{'+' if self.is_cut else ''}"


def queue_of(work: Worklist, to: Visitor) -> Queue:
    """What waits for the visitor now, the most urgent first; one query, and what the rules take."""
    found = persistent(lambda: list(_seen(work, to)[: MOST + 1]))
    ids = [pk for pk, _ in found[:MOST]]
    ready = set(work.ready(ids, to)) if work.ready and ids else set(ids)
    return Queue({pk: rank for pk, rank in found[:MOST] if pk in ready}, len(found) > MOST)


def _seen(work: Worklist, to: Visitor) -> Any:
    resource, wait = work.resource, work.wait
    given = {**here(wait, resource, to), **wait.given(to), "fields": ["id"]}
    asked = asking.read(resource, given)
    rows = reading.matching(resource, asked, to.reader(wait.name)).filter(_may(work, to))
    for path in work.apart:
        rows = rows.exclude(**{path: to.reader(wait.name).person_id})
    whens = [When(one.holds(to), then=Value(n)) for n, one in enumerate(work.urgent)]
    last = Value(len(whens))
    rank: Any = Case(*whens, default=last, output_field=IntegerField()) if whens else last
    since = F(resource.columns[work.since].key).asc(nulls_last=True)
    return rows.annotate(rank=rank).order_by("rank", since, "pk").values_list("pk", "rank")


def _may(work: Worklist, to: Visitor) -> Q:
    """Where the visitor's permission for the verb counts, and the states that it is possible in."""
    command, grants = work.accept.command, to.grants.get(work.accept.verb, ())
    seen = work.where(to)
    if command.scope is whole_group and not any(one.covers(WHOLE_GROUP) for one in grants):
        return Q(pk__in=())
    if command.scope not in (own, whole_group):
        seen &= work.resource.scope(grants)
    if command.from_states and "state" in work.resource.columns and work.accept.meant is None:
        seen &= Q(state__in=command.from_states)
    return seen


def works_for(to: Visitor, names: Iterable[str] | None = None) -> list[Worklist]:
    """Those that are for the visitor; of these lists only, where some are named."""
    wanted = None if names is None else set(names)
    return [
        one
        for one in WORKLISTS.values()
        if one.is_for(to) and (wanted is None or one.wait.name in wanted)
    ]


def queues_of(works: Iterable[Worklist], to: Visitor) -> dict[str, Queue]:
    """By key what waits in those where it takes the rules to know."""
    return {one.key: queue_of(one, to) for one in works if one.ready is not None}


def figures(
    works: Sequence[Worklist], to: Visitor, queues: Mapping[str, Queue] | None = None
) -> dict[str, str]:
    """By key how many wait: counted in one statement, but for those whose queues are read."""
    plain = [one for one in works if one.ready is None]
    counts = reading.counts([_seen(one, to) for one in plain], MOST + 1)
    found = {
        one.key: f"{min(count, MOST):,}{'+' if count > MOST else ''}"
        for one, count in zip(plain, counts, strict=True)
    }
    known = queues_of(works, to) if queues is None else queues
    return found | {key: queue.figure for key, queue in known.items()}


def links_of(works: Sequence[Worklist], to: Visitor) -> list[Link]:
    """Each with how many wait."""
    known = figures(works, to)
    return [
        Link(x.title(to), x.address, count=known[x.key], tone=x.wait.tone, key=x.key) for x in works
    ]


def after(ids: Sequence[int], at: int) -> int | None:
    """The item that comes after this one; the first where it was the last; None where none is."""
    rest = [pk for pk in ids if pk != at]
    if at not in ids or not rest:
        return rest[0] if rest else None
    return rest[ids.index(at) % len(rest)]


def without(queue: Queue, skipped: Collection[int]) -> Queue:
    """The queue without these."""
    return replace(queue, ranks={pk: n for pk, n in queue.ranks.items() if pk not in skipped})
