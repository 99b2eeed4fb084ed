"""Picker: the record that is meant, found while typing, or by its code or number when sent.

A field holds "#id words" once it is chosen; a code or number that was only typed counts where it
is one record's and no other's.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from traceward.domain.stock.rules import normalised
from traceward.kernel.base.refusals import Phrase, Refusal, fill, sentence
from traceward.kernel.command.database_errors import persistent
from traceward.kernel.command.uploads import Upload
from traceward.kernel.documents.models import Document
from traceward.kernel.org.scope import Grant
from traceward.resources import asking, ids, reading
from traceward.resources.kit import RESOURCES, Resource, sites_of
from traceward.web.kit.availability import BALANCES, Option, lots_for, lots_of
from traceward.web.kit.cells import Cell, cells_of, stems_of
from traceward.web.kit.days import COARSE, Read, read_day
from traceward.web.kit.frames import forbidden
from traceward.web.kit.suggestions import SEARCHED
from traceward.web.kit.units import Units
from traceward.web.kit.verbs import by_uid
from traceward.web.visitors import Visitor, visitor_of

#: A list of records so short is shown whole; of a longer one the visitor searches.
WHOLE = 60
#: By what a record is told from others, where its first two columns do not say it.
NAMING = {
    "documents.files": ("file_name", "role", "version"),
    "org.legal_entities": ("code", "party"),
    "org.sites": ("code", "name"),
    "places.places": ("code", "name", "kind", "zone"),
    "quality.inspections": ("item", "lot", "quantity", "number"),
    "stock.balances": ("item", "lot", "serial", "place", "status", "held_as", "on_hand"),
    "stock.lots": ("raw_number", "item", "expires_on"),
    "stock.moves": ("code", "item", "lot", "serial", "quantity", "document", "posted_at"),
    "stock.serials": ("raw_number", "item", "lot"),
    "warehousing.receipt_lines": ("line_number", "item", "lot", "serial"),
}
#: How warm a place is, at least and at most.
TEMPERATURES = ("temperature_c_min", "temperature_c_max")
#: So many are offered while typing, and named where a text may be several.
OFFERED = 20
#: Where goods stand in a house; areas whose commands handle them there.
PLACES, SITES = "places.places", "org.sites"
ENTITIES = "org.legal_entities"
#: Where a verb is used, by the one argument that says so.
WHERE = {SITES: "site_id", ENTITIES: "legal_entity_id"}
INSIDE = ("bin", "dock", "staging")
INDOORS = frozenset({"inbound", "outbound", "warehousing"})
NAMED = 5
#: What a form says besides, so that lots are offered as its order would get them.
ABOUT = ("item", "customer", "site")
MAX_LENGTH = 200
LAST = "\U0010ffff"
IS_UID = re.compile(r"[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}")
CHOSEN = re.compile(r"#([0-9]{1,18})(?:\s|$)")
#: What no text has, and no scan either: of the control characters a label holds separators only.
UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1b\x7f-\x9f\ud800-\udfff]")
#: Kept in capitals or normalised, and found by how they begin: an index answers at any size.
NUMBERED: dict[str, Callable[[str], str]] = {
    "stock.lots": normalised,
    "stock.serials": normalised,
}
#: By what a record is known, the latter where it has neither code nor number.
CODES = ("code", "number", "login")
NAMES = ("uscc", "name_zh", "name_en")
UNKNOWN = sentence("Nothing that you may see is called “{text}”. Search for it and choose it.")
SEVERAL = sentence("“{text}” may be several: {names}. Type # and the id of the one you mean.")


def show_options(request: HttpRequest, area: str, noun: str) -> HttpResponse:
    """The rows that a text may mean, as options."""
    name = f"{area}.{noun}"
    if name not in RESOURCES:
        raise Http404
    to = visitor_of(request)
    if not to.may(name):
        return forbidden(request, name)
    text = request.GET.get("q", "").strip()
    about = {key: chosen_id(request.GET.get(key, "")) for key in ABOUT}
    where = {key: request.GET.getlist(key) for key in request.GET if key not in ("q", *ABOUT)}
    try:
        options = persistent(lambda: _options(name, text, about, to, where))
    except Refusal:
        options = []
    return render(request, "tw/options.html", {"options": options, "asked": text})


def _options(
    name: str, text: str, about: Mapping[str, str], to: Visitor, where: Mapping[str, list[str]]
) -> list[Option]:
    """Lots of an item with where they stand and how many are free; else the rows themselves."""
    item, customer, site = (about[key] for key in ABOUT)
    if name == "stock.lots" and item and to.may(BALANCES) and not CHOSEN.match(text):
        if len(text) > MAX_LENGTH or UNREADABLE.search(text):
            return []
        if site:
            served = int(customer) if customer else None
            return lots_for(int(item), served, int(site), normalised(text), to)[:OFFERED]
        return lots_of(int(item), normalised(text), to)[:OFFERED]
    its_own = {"party_id": [customer]} if name == PLACES and customer else {}
    found = offered(name, text, to, within(name, {**where, **its_own}))
    return [Option(words, words.partition(" ")[2]) for _, words in found]


def within(name: str, where: Mapping[str, list[str]]) -> Q:
    """Rows of which this holds."""
    return asking.read(RESOURCES[name], dict(where)).condition if where else Q()


def _asked(name: str, where: str) -> Q:
    """The same, as an address asks for it."""
    return within(name, parse_qs(where, keep_blank_values=True))


def offered(name: str, text: str, to: Visitor, where: Q | None = None) -> list[tuple[str, str]]:
    """(id, words) of rows that begin with, or hold, the text; none where it cannot be read."""
    if len(text) > MAX_LENGTH or UNREADABLE.search(text):
        return []
    chosen = CHOSEN.match(text)
    if chosen:
        return rows(name, Q(pk=int(chosen[1])), to, 1)
    found = searched(RESOURCES[name], text) if text else Q()
    return rows(name, found & where if where else found, to, OFFERED)


def searched(resource: Resource, text: str) -> Q:
    """Rows whose number begins with the text, or which their list's own search finds."""
    kept = NUMBERED.get(resource.name)
    if kept is None and issubclass(resource.model, Document):
        kept = str.upper
    if kept is None:
        given = {"q": [text]}
        return asking.read(resource, given).condition if resource.search else Q(pk__in=())
    begin = kept(text)
    return Q(number__gte=begin, number__lt=begin + LAST) if begin else Q(pk__in=())


def rows(name: str, found: Q, to: Visitor, limit: int) -> list[tuple[str, str]]:
    """(id, words) of rows of which this holds and which the visitor may see."""
    resource = RESOURCES[name]
    naming = cells_of(resource, NAMING.get(name, tuple(stems_of(resource))[:2]))
    besides = [n for n in TEMPERATURES if name == PLACES]
    names = dict.fromkeys(["id", *besides, *(n for cell in naming for n in cell.names)])
    asked = asking.read(resource, {"fields": [",".join(names)], "limit": [str(limit)]})
    page = reading.page(resource, replace(asked, condition=found), to.reader(name))
    return [
        (str(row["id"]), f"#{row['id']} {' · '.join(_named(naming, row, to))}") for row in page.rows
    ]


def named(name: str, pk: int | None, to: Visitor) -> str:
    """The record as a field holds it once it is chosen; empty where it may not be seen."""
    if pk is None or not to.may(name):
        return ""
    return next((words for _, words in rows(name, Q(pk=pk), to, 1)), "")


def _named(naming: Iterable[Cell], row: Mapping[str, Any], to: Visitor) -> list[str]:
    said = [text for cell in naming if (text := cell.text(row, to)) not in ("", "—")]
    low, high = (row.get(name) for name in TEMPERATURES)
    if low is not None and high is not None:
        said.append(f"{float(low):g}–{float(high):g} °C".replace("-", "−"))
    return list(dict.fromkeys(said))


def chosen_id(text: str) -> str:
    """The id that the text of a field begins with; empty where none was chosen."""
    found = re.match("#?([0-9]{1,18})(?: |$)", text)
    return found[1] if found else ""


def meant(name: str, text: str, to: Visitor) -> int | str:
    """The id of the one row that the text means; else, in words, why it is none."""
    chosen = CHOSEN.match(text)
    if chosen:
        return int(chosen[1])
    is_id = re.fullmatch("[0-9]{1,18}", text) is not None
    found = rows(name, _called(RESOURCES[name], text, is_id=is_id), to, NAMED)
    if len(found) == 1:
        return int(found[0][0])
    names = ", ".join(words for _, words in found)
    return fill(SEVERAL if found else UNKNOWN, {"text": text, "names": names}, to.language)


def _called(resource: Resource, text: str, *, is_id: bool) -> Q:
    """Rows that have just this code or number, or this id where it may be one."""
    found = Q(pk=int(text)) if is_id else Q(pk__in=())
    if len(text) > MAX_LENGTH or UNREADABLE.search(text):
        return found
    spellings = {text, text.upper(), text.lower(), normalised(text)} - {""}
    texts = {n for n, column in resource.columns.items() if column.type is str}
    known = [n for n in CODES if n in texts] or [n for n in NAMES if n in texts]
    for column in known:
        found |= Q(**{f"{resource.columns[column].key}__in": spellings})
    return found


class Resolver:
    """Reads the ids of a form: what was chosen or typed at each path, and what means nothing."""

    def __init__(self, verb: str, to: Visitor, files: Mapping[str, Upload] | None = None) -> None:
        self.verb, self.area, self.to = verb, verb.partition(".")[0], to
        #: What was sent as files, by path.
        self.files: Mapping[str, Upload] = files or {}
        self.problems: dict[str, str | Phrase] = {}
        self.units = Units(verb, to)

    def id_of(self, path: str, name: str, text: str) -> int | str:
        """The id; the text as it is where the visitor may not read what it could mean."""
        listed = ids.list_of(name, self.area)
        if listed is None or not self.to.may(listed):
            chosen = re.fullmatch("#?([0-9]{1,18})", text) or CHOSEN.match(text)
            return int(chosen[1]) if chosen else text
        found = persistent(lambda: meant(listed, text, self.to))
        if isinstance(found, str):
            self.problems[path] = found
            return text
        return found

    def one_of(self, path: str, name: str, text: str) -> int | str:
        """The id that a line of several says: as a number, as it was chosen, or as it is called."""
        return int(text) if re.fullmatch("[0-9]{1,18}", text) else self.id_of(path, name, text)

    def day_of(self, path: str, name: str, text: str) -> Read | str:
        """The day that was meant; the text as it is where it is none."""
        found = read_day(text, self.to.today, is_end=COARSE.get(f"{self.area}.{name}"))
        if isinstance(found, Read):
            return found
        self.problems[path] = found
        return text

    def quantity_of(self, path: str, text: str, given: Mapping[str, str]) -> int | str:
        """The base units that were meant; the text as it is where it says none."""
        total, problem = self.units.read(path, text, given)
        if total is None:
            self.problems[path] = problem
            return text
        return total

    def uid_of(self, path: str, name: str, text: str) -> str:
        """The uid of the record that is meant; the text as it is where none can be told."""
        listed = by_uid(name, self.verb)
        if IS_UID.fullmatch(text) or not listed or not self.to.may(listed):
            return text
        found = persistent(lambda: meant(listed, text, self.to))
        if isinstance(found, str):
            self.problems[path] = found
            return text
        resource = RESOURCES[listed]
        column = (resource.columns["uid"],)
        try:
            row = reading.one(resource, str(found), column, self.to.reader(listed))
        except Refusal as refusal:
            self.problems[path] = refusal.in_language(self.to.language)
            return text
        return str(row["uid"])


@dataclass(frozen=True)
class Short:
    """Fields that ask for records: short lists to choose from, chosen ones by their names.

    Two queries for each list of records, however many lines the form has.
    """

    made: tuple[Any, ...]
    to: Visitor
    verb: str = ""
    site_id: int | None = None

    def filled(self) -> tuple[Any, ...]:
        wanted: dict[str, set[str]] = {}
        open_: set[tuple[str, str]] = set()
        for one in _all_of(self.made):
            if one.rows and self.to.may(one.rows):
                ids = map(chosen_id, one.value.splitlines() or [""])
                wanted.setdefault(one.rows, set()).update(filter(None, ids))
                is_whole = not one.is_fixed and f"{self.verb}.{one.name}" not in SEARCHED
                is_whole &= one.kind != "several"
                open_ |= {(one.rows, one.where)} if is_whole else set()
        known = {
            name: dict(rows(name, Q(pk__in=[int(pk) for pk in ids]), self.to, len(ids)))
            if ids
            else {}
            for name, ids in wanted.items()
        }
        listed = {
            (name, where): rows(name, _asked(name, where) & self._near(name), self.to, WHOLE + 1)
            for name, where in open_
        }
        return tuple(self._filled(one, known, listed) for one in self.made)

    def _near(self, name: str) -> Q:
        """Of places, those in the house where the goods are handled; of sites and legal entities,
        where the form asks for one only, those where they may use the verb; of others all."""
        asked = {one.path for one in _all_of(self.made) if one.rows == name}
        if asked == {WHERE.get(name)}:
            grants = self.to.grants.get(self.verb, ())
            if Grant(None, None) in grants:
                return Q()
            return sites_of(grants) if name == SITES else _entities_of(grants)
        if name != PLACES or self.verb.partition(".")[0] not in INDOORS:
            return Q()
        here = Q(site_id=self.site_id) if self.site_id else Q()
        return here & Q(is_open=True, kind__in=INSIDE)

    def _filled(self, one: Any, known: Any, listed: Any) -> Any:
        if one.within or one.lines:
            lines = tuple(tuple(self._filled(f, known, listed) for f in x) for x in one.lines)
            within = tuple(self._filled(f, known, listed) for f in one.within)
            return replace(one, within=within, lines=lines)
        if one.rows not in known:
            return one
        if one.kind == "several":
            told = [known[one.rows].get(chosen_id(s), s) for s in one.value.splitlines()]
            return replace(one, value="\n".join(told))
        pk = chosen_id(one.value)
        words = known[one.rows].get(pk)
        whole = listed.get((one.rows, one.where), [])
        is_searched = f"{self.verb}.{one.name}" in SEARCHED
        if one.is_fixed or is_searched or len(whole) > WHOLE:
            return replace(one, value=words or one.value)
        if one.rows in WHERE and one.is_required and not one.value and len(whole) == 1:
            pk, words = whole[0]
        options = whole if words is None or (pk, words) in whole else [(pk, words), *whole]
        return replace(one, value=pk if words else one.value, options=tuple(options), kind="record")


def _entities_of(grants: Iterable[Grant]) -> Q:
    """Legal entities of which these grants cover all."""
    return Q(pk__in=[entity for entity, site in grants if entity and not site])


def _all_of(made: Iterable[Any]) -> Iterable[Any]:
    for one in made:
        yield one
        yield from _all_of(one.within)
        for line in one.lines:
            yield from _all_of(line)
