"""The drill itself: what is drilled, by whom, what came of it, and whether the walk agrees."""

import argparse
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.db.models import Count
from django.utils.translation import get_language

from traceward.cli.recall_drill.walk import Walk, Where, fingerprint, moved_under
from traceward.domain.catalog.models import Item
from traceward.domain.places.models import PlaceKind
from traceward.domain.recalls import queries
from traceward.domain.recalls.commands import Target, drill
from traceward.domain.recalls.models import DrillAspect, DrillPoint, RecallDrill, RecallLevel
from traceward.domain.stock.models import Lot, Serial, StockBalance
from traceward.domain.stock.rules import normalised
from traceward.kernel.base.refusals import InvalidInput, NotFound, fill, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.documents.models import Document
from traceward.kernel.org.models import Person, RoleGrant, Site
from traceward.kernel.org.roles import QUALITY_HEAD

GOODS = sentence("Drilled: {goods}, level {level}, by {login}.")
TIME = sentence(
    "Time: {total} ms; scope {found}, units {located}, consignees {consignees}, "
    "promises {promises}."
)
FOUND = sentence(
    "Found: {scopes} lots and serials, {downstream} of them made of others; {standing} units, "
    "{held} in the house; {consignees} consignees; {promises} promises that would fall."
)
ADDS_UP = sentence("The ladder adds up: nothing is missing.")
MISSING = sentence("The ladder does not add up: {difference} units.")
SCORE = sentence("Score: {score} of 100. Drill {number}.")
POINT = sentence("{action}: {points} of {weight} ({part} of {whole})")
WALKED = sentence("Walked {moves} moves in {seconds} s: {rows} rows of units, {units} units.")
SAME = sentence("The drill found the same units by lot, serial, place, status and owner.")
DIFFERS = sentence("The walk finds otherwise, {count} rows differ. The first: {first}.")
UNTOUCHED = sentence("Untouched: {count} tables have the same rows as before, to the letter.")
TOUCHED = sentence("Touched since before: {tables}.")
UNKNOWN = sentence("Nothing is called “{text}”. Give its whole number or code.")
SEVERAL = sentence("“{text}” may be several. Drill its document or its item instead.")
NO_HEAD = sentence("Nobody is head of quality in the whole group. Say who drills with {option}.")
NO_STOCK = sentence("Nothing stands anywhere, so there is nothing to drill.")

Say = Callable[..., None]


def hold(chosen: argparse.Namespace) -> int:
    """The drill is held and told; 0 where the walk agrees and nothing was touched."""
    language = get_language() or "en"

    def say(told: str, **values: Any) -> None:
        print(fill(told, values, language), flush=True)

    target, start, goods = _meant(chosen)
    by = _actor(chosen.login)
    before = {} if chosen.no_walk else fingerprint()
    site = Site.objects.order_by("pk")[0]
    done = drill(site.pk, RecallLevel(chosen.level), chosen.reason, [target], by=by)
    say(GOODS, goods=goods, level=chosen.level, login=by.login)
    _tell(RecallDrill.objects.get(pk=done.drill_id), say)
    if chosen.no_walk:
        return 0
    is_same = _compare(done.drill_id, start, say)
    changed = sorted(name for name, mark in fingerprint().items() if before.get(name) != mark)
    if changed:
        say(TOUCHED, tables=", ".join(changed))
    else:
        say(UNTOUCHED, count=len(before))
    return 0 if is_same and not changed else 1


def _tell(row: RecallDrill, say: Say) -> None:
    steps = {
        name: getattr(row, f"{name}_ms") for name in ("found", "located", "consignees", "promises")
    }
    say(TIME, total=sum(steps.values()), **steps)
    facts = ("scopes", "downstream", "standing", "held", "consignees", "promises")
    say(FOUND, **{name: getattr(row, name) for name in facts})
    say(MISSING if row.difference else ADDS_UP, difference=row.difference)
    say(SCORE, score=str(row.score), number=str(row))
    for one in DrillPoint.objects.filter(drill=row).order_by("pk"):
        aspect = str(DrillAspect(one.aspect).label)
        points = {"points": str(one.points), "weight": one.weight}
        say(POINT, action=aspect, **points, part=one.part, whole=one.whole)


def _compare(drill_id: int, start: set[int], say: Say) -> bool:
    began = time.monotonic()
    walk = Walk(start)
    told = {"moves": walk.moves, "seconds": round(time.monotonic() - began, 1)}
    say(WALKED, **told, rows=len(walk.units), units=walk.units.total())
    found: Counter[Where] = Counter()
    for unit in queries.list_units(queries.drilled(drill_id)):
        owner = unit.owner["zh"]
        found[unit.lot, unit.serial, unit.place, unit.status, owner] += unit.quantity
    wrong = sorted(
        (key, walk.units[key], found[key])
        for key in walk.units.keys() | found.keys()
        if walk.units[key] != found[key]
    )
    if wrong:
        say(DIFFERS, count=len(wrong), first=" ".join(map(str, wrong[0])))
    else:
        say(SAME)
    return not wrong


def _meant(chosen: argparse.Namespace) -> tuple[Target, set[int], str]:
    """What is drilled, the lots and serials that it names by hand, and what it is called."""
    if chosen.supplier_lot:
        lots = set(
            Lot.objects.filter(supplier_lot=chosen.supplier_lot).values_list("pk", flat=True)
        )
        return Target(supplier_lot=chosen.supplier_lot), lots, chosen.supplier_lot
    if chosen.serial:
        pk = _one(Serial, chosen.serial, number=normalised(chosen.serial))
        return Target(serial_id=pk), {pk}, chosen.serial
    if chosen.item:
        pk = _one(Item, chosen.item, code=chosen.item)
        nodes = {
            node
            for kind in (Lot, Serial)
            for node in kind.objects.filter(item=pk).values_list("pk", flat=True)
        }
        return Target(item_id=pk), nodes, chosen.item
    if chosen.document:
        pk = _one(Document, chosen.document, number=chosen.document)
        return Target(document_id=pk), moved_under(pk), chosen.document
    pk = _one(Lot, chosen.lot, number=normalised(chosen.lot)) if chosen.lot else _everywhere()
    return Target(lot_id=pk), {pk}, Lot.objects.get(pk=pk).raw_number


def _one(kind: Any, text: str, **named: str) -> int:
    found = list(kind.objects.filter(**named).values_list("pk", flat=True)[:2])
    if not found:
        raise NotFound(UNKNOWN, text=text)
    if len(found) > 1:
        raise InvalidInput(SEVERAL, text=text)
    return int(found[0])


def _everywhere() -> int:
    """The lot that stands in most rows of stock, what was used left out."""
    rows = StockBalance.objects.filter(on_hand__gt=0, physical=True).exclude(lot=None)
    rows = rows.exclude(place__kind=PlaceKind.USED)
    counted = rows.values_list("lot").annotate(rows=Count("pk")).order_by("-rows", "lot")
    first = counted.first()
    if first is None:
        raise NotFound(NO_STOCK)
    return int(first[0])


def _actor(login: str | None) -> Actor:
    people = Person.objects.filter(is_active=True).order_by("pk")
    if login is None:
        heads = RoleGrant.objects.filter(
            role__code=QUALITY_HEAD.code, revoked_at=None, legal_entity=None, site=None
        )
        people = people.filter(pk__in=heads.values("person"))
    else:
        people = people.filter(login=login)
    person = people.first()
    if person is None:
        raise (
            NotFound(NO_HEAD, option="--login") if login is None else NotFound(UNKNOWN, text=login)
        )
    return Actor(person.pk, person.login, "terminal").asking()
