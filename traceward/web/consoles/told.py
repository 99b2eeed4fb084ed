"""What the recall console tells: limits, rings, the quantity ladder, a consignee and its answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from traceward.domain.recalls.queries import Progress
from traceward.domain.recalls.queries.progress import Answered
from traceward.domain.recalls.queries.reached import Reached
from traceward.domain.recalls.rules import OWN
from traceward.resources import labels
from traceward.web.visitors import Visitor

#: How bad a consignee is: not told, not answered, differing, goods still there, done.
NOT_TOLD, NOT_ANSWERED, DIFFERING, THERE, DONE = range(5)
#: By filter, which of these it shows.
SHOWN = {
    "all": (NOT_TOLD, NOT_ANSWERED, DIFFERING, THERE, DONE),
    "waiting": (NOT_TOLD, NOT_ANSWERED),
    "differing": (DIFFERING,),
    "there": (THERE,),
    "done": (DONE,),
}
OWN_STOCK = "own stock not decided"
#: What is open → where it is looked at: a kind of place.
LOOKED_AT = {
    "ledger does not add up": "",
    "still on the way": "transit",
    "still in production": "production",
    OWN_STOCK: "bin",
    "consignee not known": "",
}
#: The length of a ring of radius 46.
AROUND = 289.03


@dataclass(frozen=True)
class Limit:
    """Something to be done by a day: how long there is, or when it was done."""

    name: str
    text: str
    until: str
    tone: str
    word: str
    #: The moment at which it ends, in seconds; 0 where it was done.
    ends: int = 0


@dataclass(frozen=True)
class Step:
    """Something to do: what, how much of whom, the verb, its form where the visitor may."""

    text: str
    more: str
    verb: str
    address: str
    #: Who does it, where the visitor may not.
    who: str = ""
    #: Site by site or shipment by shipment, where each has a form of its own.
    parts: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Ring:
    """A share as a ring."""

    name: str
    part: int
    whole: int
    tone: str
    text: str

    @property
    def share(self) -> int:
        """In hundredths, never rounded up to all of it."""
        return 100 * self.part // self.whole if self.whole else 100

    @property
    def dashes(self) -> str:
        return f"{self.share * AROUND / 100:.1f} {AROUND}"


@dataclass(frozen=True)
class Rung:
    """So much of what came in is there: its share in tenths of a percent."""

    name: str
    quantity: int
    tone: str
    share: int

    @property
    def told(self) -> str:
        return f"{self.quantity:,}".replace("-", "−")

    @property
    def percent(self) -> str:
        return f"{self.share / 10:.1f}%".replace("-", "−")

    @property
    def width(self) -> str:
        return f"{max(0, min(1000, self.share)) / 10:.1f}"


@dataclass(frozen=True)
class Sum:
    """The rungs, their sum, and what is missing to it."""

    rungs: tuple[Rung, ...]
    came: int
    difference: int

    @property
    def total(self) -> str:
        return f"{self.came:,}"

    @property
    def percent(self) -> str:
        return f"{sum(one.share for one in self.rungs) / 10:.1f}%"

    @property
    def missing(self) -> str:
        return f"{self.difference:,}".replace("-", "−")


@dataclass
class Told:
    """A consignee: what it got, what became of that, what it said."""

    party_id: int | None
    name: str
    rank: int
    received: int
    on_the_way: int
    used: int
    #: Standing there, and confirmed by an answer that agrees.
    quarantined: int
    #: Standing there, and not confirmed.
    unconfirmed: int
    returned: int
    otherwise: int
    notified: str
    said: str
    tone: str
    answer: str
    #: Of what it got, what is accounted for, in hundredths.
    reconciled: int
    is_told: bool
    #: Whether the notice came to somebody there, not only was made out.
    is_reached: bool
    #: Who answered by a link, as they call themselves.
    said_by: str
    reached: Reached
    address: str = ""
    #: What it is to us, and the lots and serials that it got.
    tier: str = ""
    lots: tuple[str, ...] = ()

    @property
    def others(self) -> int:
        """Lots and serials besides the first."""
        return len(self.lots) - 1


def remaining(left: timedelta) -> str:
    """How long it is, in days and hours; of less than a day in hours and minutes."""
    minutes = int(abs(left.total_seconds())) // 60
    days, hours = divmod(minutes // 60, 24)
    if days:
        return gettext("{days} d {hours} h").format(days=days, hours=hours)
    return gettext("{hours} h {minutes} min").format(hours=hours, minutes=minutes % 60)


def _agrees(one: Answered) -> bool:
    there = one.holding
    return one.found == there.standing + there.used + there.gone_since


def worst_first(one: Told) -> tuple[Any, ...]:
    """What is open first: nobody was told, units that nobody accounts for, answers, then goods."""
    is_done = one.rank == DONE
    return (
        is_done,
        one.rank == THERE,
        one.rank != NOT_TOLD,
        -one.unconfirmed,
        one.rank,
        -one.received,
        one.name,
    )


def told_of(
    one: Answered, to: Visitor, now: datetime, say: Callable[[dict[str, str]], str]
) -> Told:
    """The consignee as the table shows it."""
    c = one.consignee
    zone = ZoneInfo(to.time_zone)

    def day(at: datetime) -> str:
        return at.astimezone(zone).strftime("%m-%d %H:%M")

    rank, agrees = DONE, one.answered_at is not None and _agrees(one)
    shares = one.shares
    if one.notified_at is None:
        rank, said, tone = NOT_TOLD, gettext("Not told"), "tw-bad"
    elif one.told_at is None:
        rank, said, tone = NOT_ANSWERED, gettext("Not told yet"), "tw-bad"
    elif one.answered_at is None:
        age = remaining(now - one.told_at)
        rank, tone = NOT_ANSWERED, "tw-bad"
        said = gettext("Not answered for {age}").format(age=age)
    elif not agrees:
        expected = c.standing + c.used + one.holding.gone_since
        rank, tone = DIFFERING, "tw-warn"
        sign = f"{(one.found or 0) - expected:+,}".replace("-", "−")
        said = gettext("Differs {count}").format(count=sign)
    else:
        rank, tone = (THERE, "tw-ok") if c.standing else (DONE, "tw-ok")
        said = gettext("Answered {at}").format(at=day(one.answered_at))
    got = c.delivered
    known = one.gone_then + (one.found or 0) if one.answered_at else c.gone
    if one.answered_at and not agrees:
        expected = c.standing + c.used + one.holding.gone_since
        known = min(known, max(0, got - abs(expected - (one.found or 0))))
    share = 100 * min(known, got) // got if got else (100 if agrees else 0)
    return Told(
        party_id=c.party_id,
        name=say(c.names) or gettext("A consignee that nobody named"),
        rank=rank,
        received=got,
        on_the_way=c.on_the_way,
        used=c.used + shares.used,
        quarantined=shares.aside,
        unconfirmed=shares.open,
        returned=c.returned,
        otherwise=c.destroyed + c.passed_on,
        notified=day(one.told_at) if one.told_at else "",
        said=said,
        tone=tone,
        answer=one.answer,
        reconciled=share,
        is_told=one.notified_at is not None,
        is_reached=one.told_at is not None,
        said_by=one.said_by,
        reached=one.reached,
    )


def origin_of(row: Mapping[str, Any], language: str) -> tuple[str, str]:
    """What set the case off, from whom, when and under which number; and what was said."""
    if not row["origin"]:
        return "", ""
    kind = labels.of_value("recalls.cases.origin", row["origin"]).in_language(language)
    own = "zh" if language.startswith("zh") else "en"
    party = row[f"origin_party_name_{own}"] or row["origin_party_name_zh"]
    came, number = row["origin_received_on"], row["origin_reference"]
    parts = [kind, party, row["origin_informant"], f"{came:%Y-%m-%d}" if came else ""]
    parts.append(gettext("no. {number}").format(number=number) if number else "")
    return " · ".join(filter(None, parts)), row["origin_text"]


def confirmed(progress: Progress) -> int:
    """Units that consignees said are set aside."""
    return sum(one.shares.aside for one in progress.answers)


def said_used(progress: Progress) -> int:
    """Units that consignees said are used, though they stand there by the ledger."""
    return sum(one.shares.used for one in progress.answers)


def secured(progress: Progress, is_held: bool) -> tuple[int, int]:
    """Of the units that are not used, those that nobody can use any more, and all of them."""
    stands = {one.what: one.quantity for one in progress.ladder.stands}
    away = sum(one.quantity for one in progress.ladder.went_out if one.what == "supplier")
    in_house = sum(
        one.quantity for one in progress.groups if one.kind in OWN and (is_held or one.is_rejected)
    )
    safe = in_house + confirmed(progress) + stands.get("destruction", 0) + away
    used = stands.get("used", 0) + said_used(progress)
    everything = sum(stands.values()) - used + away + progress.ladder.in_process
    return safe, everything


def where_held(scopes: Sequence[Mapping[str, Any]]) -> str:
    """The list of what is held of these lots in our places; empty where not each names a lot."""
    lots = [("lot_id", one["lot_id"]) for one in scopes]
    if not lots or not all(lot for _, lot in lots):
        return ""
    return f"/stock/balances?{urlencode([('view', 'held'), *lots])}"


def rungs(progress: Progress, is_held: bool) -> Sum:
    """Where everything is that came in; with the difference, it adds up to all of it."""
    ladder = progress.ladder
    came = sum(one.quantity for one in ladder.came_in)
    stands = {one.what: one.quantity for one in ladder.stands}
    went = {one.what: one.quantity for one in ladder.went_out}
    in_house = sum(stands.pop(kind, 0) for kind in sorted(OWN))
    rejected = sum(g.quantity for g in progress.groups if g.kind in OWN and g.is_rejected)
    outside = stands.pop("customer", 0) + stands.pop("department", 0)
    agreed, told_used = confirmed(progress), said_used(progress)
    house = gettext("In the house, on hold") if is_held else gettext("In the house")
    made_of = went.pop("production", 0) - ladder.in_process
    parts = [
        (house, in_house - rejected, "tw-hold"),
        (gettext("In the house, rejected"), rejected, "tw-hold"),
        (gettext("In transit"), stands.pop("transit", 0), "tw-info"),
        (gettext("At consignees, confirmed"), agreed, "tw-ok"),
        (gettext("Back to the supplier"), went.pop("supplier", 0), "tw-brand"),
        (gettext("Used"), stands.pop("used", 0), "tw-mute"),
        (gettext("Used, as consignees say"), told_used, "tw-mute"),
        (gettext("Destroyed"), stands.pop("destruction", 0), "tw-mute"),
        (gettext("Made into other goods"), made_of, "tw-mute"),
        (gettext("In production"), ladder.in_process, "tw-warn"),
        (gettext("Counted off"), went.pop("adjustment", 0), "tw-mute"),
        (gettext("Elsewhere"), sum(stands.values()) + sum(went.values()), "tw-warn"),
        (gettext("At consignees, still open"), outside - agreed - told_used, "tw-bad"),
        (gettext("Difference"), ladder.difference, "tw-bad"),
    ]
    always = (house, gettext("At consignees, still open"), gettext("Used"))
    parts = [part for part in parts if part[1] or part[0] in always]
    shares = _shares([quantity for _, quantity, _ in parts], came)
    made = tuple(Rung(*part, share) for part, share in zip(parts, shares, strict=True))
    return Sum(made, came, ladder.difference)


def _shares(quantities: Sequence[int], whole: int) -> list[int]:
    """Tenths of a percent that add up to 1000: the largest remainders are rounded up."""
    if not whole:
        return [0] * len(quantities)
    shares = [1000 * one // whole for one in quantities]
    by_rest = sorted(range(len(shares)), key=lambda n: -(1000 * quantities[n] % whole))
    for n in by_rest[: max(0, 1000 - sum(shares))]:
        shares[n] += 1
    return shares
