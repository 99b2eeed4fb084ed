"""Board: what waits for a role, in figures and rows of real lists; the worst first.

    wait("picks", "待拣货", "Picks to pick", "warehousing.picks", view="open",
         first="number", second=("consignee", "deliver_to"))
    home(roles.PICKER, "picks", "short")

Waits are declared worst first: so they stand for who has several roles. What the visitor may not
read is on none of theirs, and each figure counts what its list shows them.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.html import format_html

from traceward.kernel.org.roles import RoleName
from traceward.kernel.workflow.models import Acknowledgement
from traceward.resources import asking, labels, reading
from traceward.resources.asking import Asked
from traceward.resources.kit import QUESTIONS, Resource
from traceward.resources.labels import Words
from traceward.resources.reading import Row
from traceward.web.kit.by_hand import opened_at
from traceward.web.kit.cells import ENDINGS, Cell, cells_of, ending
from traceward.web.kit.documents import page_of
from traceward.web.kit.lists import Link, ListPage, list_of
from traceward.web.kit.shown import Shown
from traceward.web.kit.stations import STATIONS
from traceward.web.kit.steps import Step, Steps
from traceward.web.kit.verbs import address, may_at
from traceward.web.sites import narrowed, site_of, sites_here
from traceward.web.visitors import Visitor

#: Figures in the strip, and rows on a card.
FIGURES, ROWS = 6, 8
#: A question is asked for so many rows.
MOST = 200
HOME = "/"
OPEN = Words("进入", "Open")
#: Tones of what is wrong, and of what waits for a decision; lines that a summary has of them.
ALERTING, DECIDING = ("tw-bad", "tw-hold", "tw-warn"), ("tw-ask", "tw-wait")
WORST = 6
#: Days by which something should have happened.
DUE = frozenset({"wanted_on", "expected_on", "due_on", "notify_until"})
#: The list of which each row is a legal entity.
ENTITIES = "org.legal_entities"


@dataclass(frozen=True)
class Line:
    """One row that waits: what it is, what is known of it, the one verb that comes next."""

    title: str
    under: str
    address: str = ""
    aside: Any = ""
    act: Link | None = None
    #: The list or question, and the id of the row there.
    subject: str = ""
    record: int = 0
    #: Where the same is done with a scanner in the hand.
    station: str = ""


@dataclass(frozen=True)
class Found:
    """How many rows wait, at most so many as are counted, and the first of them."""

    count: int
    most: int
    lines: tuple[Line, ...]
    address: str

    @property
    def figure(self) -> str:
        return f"{self.count:,}+" if self.count >= self.most else f"{self.count:,}"


@dataclass(frozen=True)
class Wait:
    """Rows of a list, or of a question, that somebody has to act on."""

    key: str
    words: Words
    #: The list or question that is read.
    name: str
    #: The view of the list; or a filter, where "me" is the visitor, "here" the chosen site or all
    #: of theirs, "today+90" that day and "month" the first day of this one.
    view: str = ""
    where: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    first: str = ""
    second: tuple[str, ...] = ()
    #: What stands at the end of the row.
    aside: str = ""
    #: What has waited longest, unless it says otherwise.
    sort: str = "id"
    #: (verb, argument, column) of what comes next, where the row is no document with states, or
    #: the answer of a question.
    acts: tuple[tuple[str, str, str], ...] = ()
    #: It is due of each of the rows, whatever else comes next of the document.
    is_due: bool = False
    #: Something is wrong or waits for a decision: told by the bell until it is over.
    is_alert: bool = False
    #: How bad it is that something waits: tw-bad, tw-hold, tw-warn, tw-wait (goods), tw-ask
    #: (somebody's yes) or tw-info.
    tone: str = "tw-info"

    @property
    def is_question(self) -> bool:
        return self.name in QUESTIONS

    def given(self, to: Visitor) -> dict[str, list[str]]:
        """What the list is asked for."""
        views = {view.key: view.given for view in list_of(self.name).views}
        own = {n: [v] if isinstance(v, str) else list(v) for n, v in self.where.items()}
        asked = {**(views[self.view] if self.view else {}), **own}
        return {
            n: [one for text in texts for one in _meant(text, to)] for n, texts in asked.items()
        }

    def address(self, to: Visitor) -> str:
        """The list with the same rows."""
        parts = {} if self.where else {"view": [self.view]}
        return f"{list_of(self.name).address}?{urlencode(parts or self.given(to), doseq=True)}"


def _meant(text: str, to: Visitor) -> list[str]:
    if text == "me" and to.person is not None:
        return [str(to.person.pk)]
    if text == "here":
        return [str(pk) for pk in sites_here(to)] or ["0"]
    if text == "month":
        return [to.today.replace(day=1).isoformat()]
    if text.startswith("today"):
        return [(to.today + timedelta(days=int(text.removeprefix("today") or 0))).isoformat()]
    return [text]


#: By key, the worst first.
WAITS: dict[str, Wait] = {}
#: Code of a role → keys of what waits for it.
HOMES: dict[str, tuple[str, ...]] = {}


def wait(key: str, zh: str, en: str, name: str, **how: Any) -> None:
    """Boards may show it from now on."""
    WAITS[key] = Wait(key, Words(zh, en), name, **how)


#: Code of a role → verbs that begin something, of which nothing waits.
STARTS: dict[str, tuple[str, ...]] = {}


def home(role: RoleName, *keys: str, starts: tuple[str, ...] = ()) -> None:
    """This waits for whoever has the role, and this they begin by themselves."""
    HOMES[role.code] = keys
    STARTS[role.code] = starts


def starts_of(codes: Iterable[str], to: Visitor) -> list[Link]:
    """What people of these roles begin, each once, as far as the visitor may."""
    verbs = dict.fromkeys(verb for code in codes for verb in STARTS.get(code, ()))
    return [_link(verb, {"next": HOME}, to) for verb in verbs if to.may(verb)]


def waits_of(codes: Iterable[str], to: Visitor) -> tuple[Wait, ...]:
    """What waits for these roles together, each once, as far as the visitor may read it.

    In the order of the role; where there are several, the worst first.
    """
    codes = list(codes)
    wanted = dict.fromkeys(key for code in codes for key in HOMES.get(code, ()))
    keys = wanted if len(codes) == 1 else [key for key in WAITS if key in wanted]
    return tuple(WAITS[key] for key in keys if to.may(WAITS[key].name))


def arranged(
    waits: Sequence[Wait], shown: Sequence[str], hidden: Iterable[str], to: Visitor
) -> tuple[Wait, ...]:
    """The visitor's own order: what they put first, then what their roles have, none put away."""
    first = [WAITS[key] for key in shown if key in WAITS and to.may(WAITS[key].name)]
    away = set(hidden) | {one.key for one in first}
    return (*first, *(one for one in waits if one.key not in away))


@dataclass(frozen=True)
class Tile:
    """What waits, and what was found of it."""

    wait: Wait
    found: Found
    to: Visitor
    #: Where all of it is finished one by one, and how many that are for the visitor.
    work: Link | None = None

    @property
    def title(self) -> str:
        return self.wait.words.in_language(self.to.language)

    @property
    def tone(self) -> str:
        """Coloured where something waits, and calm where nothing does."""
        return self.wait.tone if self.found.count else ""

    @property
    def address(self) -> str:
        """The list with all of it."""
        return self.found.address


@dataclass(frozen=True)
class Board:
    """What the visitor's roles wait for, as of one moment."""

    tiles: tuple[Tile, ...]
    at: datetime
    to: Visitor

    @property
    def as_of(self) -> str:
        return self.at.astimezone(ZoneInfo(self.to.time_zone)).strftime("%H:%M")

    @property
    def figures(self) -> list[Tile]:
        """The worst that wait; where there are few, also what does not."""
        waiting = self.cards
        calm = [tile for tile in self.tiles if not tile.found.count]
        shown = [*waiting, *calm][:FIGURES]
        return [tile for tile in self.tiles if tile in shown]

    @property
    def cards(self) -> list[Tile]:
        """Those of which there are rows."""
        return [tile for tile in self.tiles if tile.found.count]

    def lines_of(self, tones: Sequence[str]) -> list[tuple["Tile", Line]]:
        """The first lines of each tile of these tones in turn, so that no kind hides another."""
        tiles = [tile for tile in self.tiles if tile.wait.tone in tones]
        found = [
            (tile, tile.found.lines[n])
            for n in range(ROWS)
            for tile in tiles
            if n < len(tile.found.lines)
        ]
        return found[:WORST]


def board(waits: Sequence[Wait], to: Visitor, at: datetime) -> Board:
    """The first rows of each."""
    found = zip(waits, find(waits, to), strict=True)
    return Board(tuple(Tile(one, some, to) for one, some in found), at, to)


def find(
    waits: Sequence[Wait], to: Visitor, limit: int = ROWS, *, is_seen: bool | None = None
) -> list[Found]:
    """So many rows of each, and how many there are; those of all lists are counted at once.

    Where it is said, only those that the visitor has seen, or has not.
    """
    lists = {one.key: _list(one, to, limit, is_seen) for one in waits if not one.is_question}
    counts = dict(zip(lists, reading.counts([x.matching for x in lists.values()]), strict=True))
    rows = {key: one.rows if counts[key] else [] for key, one in lists.items()}
    steps = _steps(rows, to)
    return [
        _asked(one, to, limit, is_seen)
        if one.is_question
        else _listed(lists[one.key], counts[one.key], rows[one.key], steps[one.name])
        for one in waits
    ]


def _steps(rows: Mapping[str, Sequence[Row]], to: Visitor) -> dict[str, Steps]:
    """By list what comes next of all its rows, whichever waits show them; of none to who only
    looks."""
    shown: dict[str, dict[Any, Row]] = defaultdict(dict)
    for one, several in ((WAITS[key], several) for key, several in rows.items()):
        acts = any(to.may(verb) for verb, *_ in one.acts) or page_of(one.name).is_worked_by(to)
        shown[one.name] |= {row["id"]: row for row in several if acts}
    return {name: page_of(name).coming(list(one.values()), to) for name, one in shown.items()}


def open_lists(waits: Sequence[Wait], to: Visitor) -> int:
    """How many of these lists have a row that waits and that the visitor has not seen."""
    rows = [_list(one, to, 1, is_seen=False).matching for one in waits]
    return sum(reading.counts(rows, most=1))


def seen(one: Wait, to: Visitor) -> Exists:
    """Whether the visitor has seen the row."""
    mine = Acknowledgement.objects.filter(subject=one.name, person=to.person)
    return Exists(mine.filter(record=OuterRef("pk")))


@dataclass(frozen=True)
class _List:
    """What is asked of a list for a wait."""

    wait: Wait
    page: ListPage
    cells: Sequence[Cell]
    asked: Asked
    to: Visitor

    @property
    def matching(self) -> QuerySet[Any]:
        return reading.matching(self.page.resource, self.asked, self.to.reader(self.wait.name))

    @property
    def rows(self) -> list[Row]:
        return reading.page(self.page.resource, self.asked, self.to.reader(self.wait.name)).rows


def _list(one: Wait, to: Visitor, limit: int, is_seen: bool | None) -> _List:
    page = list_of(one.name)
    resource = page.resource
    cells = cells_of(resource, tuple(filter(None, (one.first, *one.second, one.aside))))
    needed = (*page_of(one.name).told_by, *(of for *_, of in one.acts))
    fields = dict.fromkeys([*needed, *(name for cell in cells for name in cell.names)])
    asked = asking.read(
        resource,
        {
            **here(one, resource, to),
            **one.given(to),
            "fields": [",".join(fields)],
            "sort": [one.sort],
            "limit": [str(limit)],
        },
    )
    if is_seen is not None:
        known = seen(one, to)
        asked = replace(asked, condition=asked.condition & Q(known if is_seen else ~known))
    return _List(one, page, cells, asked, to)


def _listed(of: _List, count: int, rows: Sequence[Row], steps: Steps) -> Found:
    lines = tuple(_line(of, row, steps.get(row["id"], ())) for row in rows)
    return Found(count, reading.MAX_COUNT, lines, of.wait.address(of.to))


def here(one: Wait, resource: Resource, to: Visitor) -> dict[str, list[str]]:
    """The filter that the chosen site means."""
    return {name: [text] for name, text in narrowed(resource.columns, one.where, to).items()}


def _line(of: _List, row: Row, steps: Sequence[Step]) -> Line:
    one, to = of.wait, of.to
    texts = [_said(cell, row, to) for cell in of.cells[: 1 + len(one.second)]]
    act = _act(one, row, steps, to)
    return Line(
        texts[0],
        " · ".join(text for text in texts[1:] if text not in ("", "—")),
        opened_at(one.name, row["id"], to) or f"{of.page.address}/{row['id']}",
        _aside(of.cells[-1], row, to) if one.aside else "",
        act,
        one.name,
        row["id"] if isinstance(row["id"], int) else 0,
        _station(one, act, row) if act else "",
    )


def _station(one: Wait, act: Link, row: Row) -> str:
    """The station at which the step is done, where the row is one of its tasks."""
    verb = act.address.partition("?")[0].removeprefix("/do/")
    found = (x for x in STATIONS.values() if x.verb == verb and x.tasks)
    at = next((x for x in found if WAITS[x.tasks].name == one.name), None)
    return f"{at.address}/{row['id']}" if at else ""


def _said(cell: Cell, row: Row, to: Visitor) -> str:
    """The value; a bare number with what it counts."""
    shown = cell.text(row, to)
    return f"{cell.label(to.language)} {shown}" if cell.is_number and shown != "—" else shown


def _aside(cell: Cell, row: Row, to: Visitor) -> Any:
    """The moment or day at the end of a row: short, and red once it should be over."""
    found = row.get(cell.name)
    if found is None:
        return ""
    if cell.name in ENDINGS or not isinstance(found, date):
        return cell.html(row, to)
    day, shown = found, found.isoformat()
    if isinstance(found, datetime):
        local = found.astimezone(ZoneInfo(to.time_zone))
        day = local.date()
        shown = local.strftime("%H:%M") if day == to.today else day.isoformat()
    over = cell.name in DUE and day < to.today
    if not over:
        return format_html('<span title="{}">{}</span>', cell.label(to.language), shown)
    late = (to.today - day).days
    told = f"逾期 {late:,} 天" if to.language.startswith("zh") else f"{late:,} d late"
    return format_html('<span>{}</span><div class="tw-c-bad">{}</div>', shown, told)


def _act(one: Wait, row: Row, steps: Sequence[Step], to: Visitor) -> Link | None:
    """The first step that is open to the visitor; else what is wrong is opened."""
    page = page_of(one.name)
    if one.acts:
        entity = row["id"] if one.name == ENTITIES else None
        due = {step.verb for step in steps if step.is_open}
        for verb, argument, column in one.acts:
            is_due = one.is_due or page.lead is None or verb in due
            if is_due and may_at(verb, row.get("site_id"), to, entity, argument):
                return _link(verb, {argument: str(row[column]), "next": HOME}, to)
    elif link := Shown(page, row, to).coming(steps, HOME):
        return link
    if page.lead and one.is_alert and one.tone in ALERTING:
        return Link(OPEN.in_language(to.language), f"{list_of(one.name).address}/{row['id']}")
    return None


def _link(verb: str, given: Mapping[str, str], to: Visitor) -> Link:
    return Link(labels.of_verb(verb).in_language(to.language), address(verb, **given))


def _asked(one: Wait, to: Visitor, limit: int, is_seen: bool | None) -> Found:
    """Stock that ends, as the rules of near expiry find it."""
    ask: Callable[..., Sequence[Any]] = QUESTIONS[one.name].function
    rows = ask(limit=MOST, to=to.reader(one.name))
    here = site_of(to)
    if here is not None:
        rows = [row for row in rows if row.site_id == here.id]
    if is_seen is not None:
        mine = Acknowledgement.objects.filter(subject=one.name, person=to.person)
        lots = {row.lot_id for row in rows}
        known = set(mine.filter(record__in=lots).values_list("record", flat=True))
        rows = [row for row in rows if (row.lot_id in known) == is_seen]
    lines = tuple(_goods(one, row, to) for row in rows[:limit])
    return Found(len(rows), MOST, lines, f"/ask/{one.name}")


def _at(site: str, place: str) -> str:
    """The place with its site, said once where its own code begins with it."""
    return place if place.startswith(site) else f"{site} {place}"


def _goods(one: Wait, row: Any, to: Visitor) -> Line:
    acts = [
        (verb, {key: str(getattr(row, of))})
        for verb, key, of in one.acts
        if may_at(verb, row.site_id, to, argument=key)
    ]
    label = labels.of_argument(f"{one.name}.on_hand").in_language(to.language)
    name = row.names["zh" if to.language.startswith("zh") else "en"] or row.item
    return Line(
        name,
        " · ".join((row.lot, _at(row.site, row.place), f"{label} {row.on_hand:,}")),
        f"/stock/lots/{row.lot_id}" if to.may("stock.lots") else "",
        format_html("{}", ending(row.expires_on, row.expires_on.isoformat(), to)),
        _link(acts[0][0], {**acts[0][1], "next": HOME}, to) if acts else None,
        subject=one.name,
        record=row.lot_id,
    )
