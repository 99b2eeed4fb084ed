"""What is to do in a recall: what is open, and the verb that settles it. # TRC-03"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from django.utils.translation import gettext

from traceward.domain.recalls.queries import Progress
from traceward.domain.recalls.rules import OpenPoint
from traceward.resources import labels
from traceward.web.consoles.settling import Settle
from traceward.web.consoles.told import LOOKED_AT, OWN_STOCK, THERE, Step, Told, where_held
from traceward.web.kit.lists import Link
from traceward.web.kit.verbs import who_does
from traceward.web.visitors import Visitor


class Room(Protocol):
    """What the page of a recall (`recall.Room`), which asks for its steps, has to say of it."""

    key: int
    to: Visitor

    @property
    def path(self) -> str: ...
    @property
    def is_open(self) -> bool: ...
    @property
    def progress(self) -> Progress: ...
    @property
    def consignees(self) -> list[Told]: ...
    @property
    def untold(self) -> int: ...
    @property
    def settle(self) -> Settle: ...
    @property
    def coming(self) -> Link | None: ...
    @property
    def mailing(self) -> str: ...
    @property
    def prints(self) -> list[Link]: ...
    @property
    def listed_goods(self) -> Sequence[Mapping[str, Any]]: ...
    @property
    def has_more_goods(self) -> bool: ...

    def say(self, words: dict[str, str]) -> str: ...
    def form(self, verb: str, **given: Any) -> str: ...
    def units_of(self, kind: str) -> str: ...


#: What is open → the verb that settles it, and what its form begins with.
SETTLED: dict[str, tuple[str, dict[str, str]]] = {
    "scope without a block": ("recalls.block_scope", {}),
    "notice not answered": ("recalls.remind", {}),
    "answer differs from the ledger": ("recalls.acknowledge", {}),
    "decision not reported to the regulator": ("recalls.report", {"kind": "decision"}),
    "plan not reported to the regulator": ("recalls.report", {"kind": "plan"}),
    "effectiveness not checked": ("recalls.check_effectiveness", {}),
    "check found it not done": ("recalls.check_effectiveness", {}),
}


def steps_of(room: Room) -> list[Step]:
    """What is to do, in the order in which to do it, with one verb for each."""
    made = []
    if room.untold:
        told = gettext("Consignees that were not told: {count}").format(count=room.untold)
        made.append(_verb(room, told, "", "recalls.notify", room.form("recalls.notify")))
    made += _unreached(room)
    points: dict[str, list[OpenPoint]] = {}
    for point in room.progress.open_points:
        points.setdefault(point.why, []).append(point)
    made += [_step(room, why, several) for why, several in points.items()]
    if room.is_open:
        for text, part in room.settle.under_way():
            made.append(Step(text, "", part.verb, part.address, part.who))
    if not made and (link := room.coming):
        made.append(Step(gettext("Everything is accounted for"), "", link.text, link.address))
    return made


def _unreached(room: Room) -> list[Step]:
    """Whoever has a notice that did not come to anybody yet: by e-mail, or on paper."""
    open_ = [one for one in room.consignees if one.is_told and not one.is_reached]
    mailed = [one for one in open_ if one.reached.mail_state]
    others = [one for one in open_ if not one.reached.mail_state]
    made = []
    if others and room.is_open:
        told = gettext("Not told yet, no e-mail address: {count}").format(count=len(others))
        names = ("、" if room.to.language.startswith("zh") else ", ").join(
            one.name for one in others[:2]
        )
        prints = room.prints
        how = gettext("print it and record the handing over, or call")
        sheet = prints[0].address if prints else ""
        made.append(Step(told, f"{names} · {how}", gettext("Printed notices"), sheet))
    if mailed and room.is_open:
        told = gettext("E-mails that are not sent yet: {count}").format(count=len(mailed))
        made.append(Step(told, room.mailing, "", ""))
    return made


def _verb(room: Room, text: str, more: str, verb: str, form: str) -> Step:
    word = labels.of_verb(verb).in_language(room.to.language)
    return Step(text, more, word, form, "" if room.to.may(verb) else who_does(verb, room.to))


def _step(room: Room, why: str, points: list[OpenPoint]) -> Step:
    text, units = room.say(points[0].names), sum(point.quantity for point in points)
    whos = [room.say(point.who) for point in points if point.who]
    told = [gettext("Units: {count}").format(count=f"{units:,}")] if units else []
    if whos:
        text = f"{text} · {len(whos)}"
        told.append(("、" if room.to.language.startswith("zh") else ", ").join(whos[:2]))
    more = " · ".join(told)
    if why in SETTLED:
        verb, given = SETTLED[why]
        is_told = why != "notice not answered" or room.untold < len(whos)
        return _verb(room, text, more, verb, room.form(verb, **given) if is_told else "")
    look = gettext("Look")
    if why == "still at the consignee":
        there = [one.party_id for one in room.consignees if one.rank == THERE]
        parts = tuple(room.settle.outside(there))
        return Step(text, more, look, f"{room.path}?show=there#consignees", parts=parts)
    if why == OWN_STOCK:
        held = "" if room.has_more_goods else where_held(room.listed_goods)
        where = held or room.units_of(LOOKED_AT[why])
        return Step(text, more, look, where, parts=tuple(room.settle.house()))
    where = room.units_of(LOOKED_AT.get(why, ""))
    parts = tuple(room.settle.on_the_way()) if why == "still on the way" else ()
    return Step(text, more, look, where, parts=parts)
