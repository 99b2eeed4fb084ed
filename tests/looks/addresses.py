"""Which pages there are, and who of the demo's people looks at each."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Count
from django.urls import URLPattern, URLResolver
from django.urls.resolvers import RoutePattern

from traceward.cli.company.work import one_of_each, today
from traceward.domain.stock.models import GenealogyEdge, StockBalance
from traceward.kernel.command.people import all_grants_of
from traceward.kernel.command.registry import REGISTRY
from traceward.kernel.org.models import Person
from traceward.kernel.org.scope import Grant
from traceward.resources import asking, reading
from traceward.resources.kit import QUESTIONS, RESOURCES, Reader
from traceward.web import addresses
from traceward.web.kit.forms import asks_for
from traceward.web.kit.lists import list_of
from traceward.web.kit.questions import ABOUT, address_of
from traceward.web.kit.worklists import WORKLISTS
from traceward.web.visitors import Visitor

#: Fetched into a page, and no page themselves.
PARTS = ("board", "alerts/count", "sign-in/second", "day", "scan", "units", "trace/begin")
#: What who looks at a console needs; who reads all may release and recall nothing.
RELEASING = ("quality.release", "quality.inspections", "quality.judge_release")
NEEDS = {
    **dict.fromkeys(("release", "release/sign", "release/signed"), RELEASING),
    "recall/new": ("recalls.open", "recalls.what_if"),
}
#: A question is asked about so many kinds of rows.
KINDS = 2


@dataclass(frozen=True)
class Look:
    """A page, and the account that looks at it; the door is looked at by nobody."""

    name: str
    address: str
    login: str


@dataclass
class People:
    """One person of the demo for each role; the auditor, who reads all, is asked last."""

    logins: list[str] = field(default_factory=list)
    grants: dict[str, dict[str, tuple[Grant, ...]]] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)

    @classmethod
    def of_the_demo(cls) -> "People":
        """Those that `traceward demo` names."""
        found = cls()
        for worker in one_of_each(today()):
            person = Person.objects.get(login=worker.login)
            found.logins.append(person.login)
            found.ids[person.login] = person.pk
            found.people[person.login] = person
            found.grants[person.login] = all_grants_of(person.pk)
        return found

    @cached_property
    def _widest_last(self) -> list[str]:
        return sorted(self.logins, key=lambda login: len(self.grants[login]))

    def who(self, *names: str) -> str:
        """Somebody who may all of it; else who may the first; empty where nobody may."""
        for wanted in (names, names[:1]):
            for login in self._widest_last:
                if all(self.visitor(login).may(name) for name in wanted if name):
                    return login
        return ""

    def visitor(self, login: str) -> Visitor:
        """That person as who looks at pages."""
        return Visitor(self.people[login], "en", grants=self.grants[login])

    def reader(self, login: str, name: str) -> Reader:
        """That person as a reader of this name."""
        return Reader(self.ids[login], self.grants[login].get(name, ()))


def looks(people: People) -> Iterator[Look]:
    """All pages: the door, homes, those without a parameter, lists, rows, questions, forms."""
    yield Look("sign-in", "/sign-in", "")
    for login in people.logins:
        yield Look(f"home {login}", "/", login)
    for path in sorted(_plain(addresses.urlpatterns)):
        yield Look(path, f"/{path}", people.who(*NEEDS.get(path, ("audit.entries",))))
    for name in sorted(RESOURCES):
        yield from _of_rows(name, people)
    for name in sorted(QUESTIONS):
        yield from _of_question(name, people)
    yield from _of_traces(people)
    for key, work in WORKLISTS.items():
        for login in filter(None, [people.who(work.accept.verb, work.wait.name)]):
            yield Look(f"work {key}", work.address, login)
            if work.reject:
                yield Look(f"work {key} reject", f"{work.address}?do=reject", login)
    for verb, command in sorted(REGISTRY.items()):
        if command.function.__module__.startswith("traceward."):
            yield from _of_form(verb, people)


def _plain(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    """Paths that have no parameter."""
    for one in patterns:
        path = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _plain(one.url_patterns, path)
        elif (
            isinstance(one.pattern, RoutePattern)
            and "<" not in path
            and path not in ("", "sign-in", *PARTS)
        ):
            yield path


def _of_rows(name: str, people: People) -> Iterator[Look]:
    page = list_of(name)
    login = people.who(name, page.create)
    if not login:
        return
    yield Look(f"list {name}", page.address, login)
    for key in _first(name, login, people):
        yield Look(f"row {name}", f"{page.address}/{key}", login)


def _first(name: str, login: str, people: People, key: str = "id", state: str = "") -> list[str]:
    """The id of the newest row that the person sees, in this state where one is said."""
    resource = RESOURCES[name]
    given = {"fields": [key], "limit": ["1"]}
    if state:
        given["state"] = [state]
    if resource.columns["id"].is_sortable:
        given["sort"] = ["-id"]
    asked = asking.read(resource, given)
    found = reading.page(resource, asked, people.reader(login, name))
    return [str(row[key]) for row in found.rows]


def _of_traces(people: People) -> Iterator[Look]:
    """Traces of the goods that went furthest: made of most, made into most, in most places."""
    login = people.who("trace.mass_balances")
    for name, rows, column in (
        ("made", GenealogyEdge.objects.exclude(output_lot=None), "output_lot"),
        ("material", GenealogyEdge.objects.exclude(input_lot=None), "input_lot"),
        ("widest", StockBalance.objects.exclude(lot=None), "lot"),
    ):
        most = rows.values_list(column).annotate(n=Count("pk")).order_by("-n", column)[:1]
        for lot, _ in most:
            yield Look(f"trace {name}", f"/trace/lot/{lot}", login)


def _of_question(name: str, people: People) -> Iterator[Look]:
    """The question as its page begins, and asked about the newest row of each kind."""
    login = people.who(name)
    if not login:
        return
    yield Look(f"ask {name}", f"/ask/{name}", login)
    abouts = [(rows, one) for rows, asks in ABOUT.items() for q, one in asks if q == name]
    for rows, argument in abouts[:KINDS]:
        if who := people.who(name, rows):
            for key in _first(rows, who, people):
                address = address_of(name, **{argument: f"#{key}"})
                yield Look(f"ask {name} about {rows}", address, who)


def _of_form(verb: str, people: People) -> Iterator[Look]:
    argument, rows = asks_for(REGISTRY[verb])
    login = people.who(verb, rows)
    if not login:
        return
    query = ""
    if rows and rows in people.grants[login]:
        key = "uid" if argument.endswith("_uid") else "id"
        query = "".join(f"?{argument}={pk}" for pk in _row_for(verb, rows, login, people, key))
    yield Look(f"form {verb}", f"/do/{verb}{query}", login)


def _row_for(verb: str, rows: str, login: str, people: People, key: str) -> list[str]:
    """A row in a state in which the command is possible; else the newest."""
    for state in REGISTRY[verb].from_states:
        if found := _first(rows, login, people, key, state):
            return found
    return _first(rows, login, people, key)
