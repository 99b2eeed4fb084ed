"""Places are opened and closed; they are never removed. # ORG-01"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from traceward.domain.places.models import OPEN_ENDED, Place, PlaceKind, Zone
from traceward.domain.places.rules import PARENTS
from traceward.kernel.base.measures import Celsius
from traceward.kernel.base.refusals import InvalidInput, NotFound, WrongState, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.people import require_code, taken
from traceward.kernel.command.run import command
from traceward.kernel.command.write import amend, created
from traceward.kernel.org.models import Party, Site
from traceward.kernel.org.roles import ADMINISTRATOR, SUPERVISOR, SYSTEM
from traceward.kernel.org.scope import ScopeKey, scope_of
from traceward.kernel.records.names import sort_key

#: Kinds that stand for somebody outside: whose they are may be said.
OF_A_PARTY = frozenset({PlaceKind.SUPPLIER, PlaceKind.CUSTOMER, PlaceKind.DEPARTMENT})


@dataclass(frozen=True)
class Opened:
    id: int
    uid: str


@dataclass(frozen=True)
class Closed:
    """So many places take nothing any more: the place and what lies below it."""

    places: int


def site_scope(site_id: int, **_: Any) -> list[ScopeKey]:
    return scope_of(Site, site_id, site="pk")


@command("places.open_place", roles=(SUPERVISOR, ADMINISTRATOR, SYSTEM), scope=site_scope)
def open_place(
    site_id: int,
    code: str,
    kind: PlaceKind,
    *,
    name_zh: str = "",
    name_en: str = "",
    parent_id: int | None = None,
    party_id: int | None = None,
    zone: Zone | None = None,
    temperature_c_min: Celsius | None = None,
    temperature_c_max: Celsius | None = None,
    pick_rank: int = 0,
    by: Actor,
) -> Opened:
    """Goods can be put here. Its kind, and with it whether it may go below zero, never changes."""
    site = Site.objects.find(site_id)
    if site is None:
        raise NotFound(sentence("There is no site with id {id}."), field="site_id", id=site_id)
    code = require_code(code, 40)
    if Place.objects.filter(code=code).exists():
        raise taken(code)
    parent = _parent(parent_id, kind, site_id)
    _check_party(party_id, kind)
    _check_temperature(temperature_c_min, temperature_c_max)
    if pick_rank < 0:
        raise InvalidInput(sentence("The pick rank is 0 or more."), field="pick_rank")
    place = Place.objects.create(
        code=code,
        kind=kind.value,
        physical=kind not in OPEN_ENDED,
        site=site,
        legal_entity_id=site.legal_entity_id,
        parent=parent,
        party_id=party_id,
        zone=zone.value if zone else (parent.zone if parent else ""),
        name_zh=name_zh or code,
        name_en=name_en or code,
        sort_key=sort_key(name_zh, name_en or code),
        temperature_c_min=_inherited(temperature_c_min, parent, "temperature_c_min"),
        temperature_c_max=_inherited(temperature_c_max, parent, "temperature_c_max"),
        pick_rank=pick_rank,
    )
    place.refresh_from_db(fields=["path"])
    created(place, by=by, code=code, kind=kind.value, site=site.code, path=place.path)
    return Opened(place.pk, str(place.uid))


def _inherited(value: Decimal | None, parent: Place | None, name: str) -> Decimal | None:
    """A bin is kept as its zone is, where nothing else is said."""
    return value if value is not None or parent is None else getattr(parent, name)


def _parent(parent_id: int | None, kind: PlaceKind, site_id: int) -> Place | None:
    """The open place above, locked so that it is not closed meanwhile."""
    if parent_id is None:
        return None
    parent = Place.objects.lock(parent_id)
    if parent.site_id != site_id:
        raise InvalidInput(
            sentence("{code} is at another site. A place stands below one of its own site."),
            field="parent_id",
            code=parent.code,
        )
    if parent.kind not in PARENTS.get(kind.value, ()):
        raise InvalidInput(
            sentence("A place of kind “{kind}” does not stand below {code} (“{what}”)."),
            field="parent_id",
            kind=kind.label,
            code=parent.code,
            what=parent.get_kind_display(),
        )
    if not parent.is_open:
        raise WrongState(
            sentence("{code} is closed. Choose an open place."),
            field="parent_id",
            code=parent.code,
        )
    return parent


def _check_party(party_id: int | None, kind: PlaceKind) -> None:
    if party_id is None:
        if kind in (PlaceKind.CUSTOMER, PlaceKind.DEPARTMENT):
            raise InvalidInput(
                sentence("Say whose place it is: the customer or hospital."), field="party_id"
            )
        return
    if kind not in OF_A_PARTY:
        raise InvalidInput(
            sentence("A place of kind “{kind}” belongs to nobody outside."),
            field="party_id",
            kind=kind.label,
        )
    if not Party.objects.filter(pk=party_id).exists():
        raise NotFound(
            sentence("There is no party with id {id}. Register it first."),
            field="party_id",
            id=party_id,
        )


def _check_temperature(low: Decimal | None, high: Decimal | None) -> None:
    if (low is None) != (high is None):
        raise InvalidInput(
            sentence("Give both temperatures between which the place is kept, or none."),
            field="temperature_c_max" if high is None else "temperature_c_min",
        )
    if low is not None and high is not None and low > high:
        raise InvalidInput(
            sentence("The lower temperature ({low}) is above the upper one ({high})."),
            field="temperature_c_min",
            low=str(low),
            high=str(high),
        )


def place_scope(place_id: int, **_: Any) -> Iterable[ScopeKey]:
    return scope_of(Place, place_id)


@command("places.close_place", roles=(SUPERVISOR, ADMINISTRATOR), scope=place_scope)
def close_place(place_id: int, reason: str, *, by: Actor) -> Closed:
    """Nothing goes in any more, here and in what lies below; what stands there can still leave."""
    if not reason.strip():
        raise InvalidInput(sentence("Say why the place is closed."), field="reason")
    ids = Place.objects.filter(path__contains=[place_id]).values_list("pk", flat=True)
    below = Place.objects.lock_all([place_id, *ids])
    if not below:
        raise NotFound(sentence("There is no place with id {id}."), field="place_id", id=place_id)
    still_open = [place for place in below if place.is_open]
    if not still_open:
        raise WrongState(sentence("{code} is closed already."), code=below[0].code)
    for place in still_open:
        amend(place, by=by, is_open=False)
    by.work.facts["reason"] = reason
    return Closed(len(still_open))
