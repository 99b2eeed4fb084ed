"""The consignees of a recall as its console lists them: how reached, what is next for each."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from traceward.domain.recalls.queries.reached import Reached
from traceward.kernel.outbox import mails
from traceward.kernel.outbox.models import MailState
from traceward.resources import labels
from traceward.web.consoles.told import DIFFERING, NOT_ANSWERED, Told
from traceward.web.kit.lists import Link
from traceward.web.visitors import Visitor

#: The size of the drawing of how answers came in.
WIDE, HIGH, PAD = 270, 46, 5


@dataclass(frozen=True)
class Curve:
    """How many had answered by when, against an even pace to the limit."""

    line: str
    area: str
    #: Where each answer, or several of one moment, stands; the last is now.
    marks: list[tuple[float, float]]
    x: float
    y: float
    text: str
    begins: str
    ends: str
    #: When the first and the last came, in words: on the scale of days they may be one stroke.
    came: str


@dataclass(frozen=True)
class Way:
    """How a consignee is reached, as its row says it."""

    text: str
    tone: str
    #: What went wrong, in full.
    why: str = ""
    more: str = ""


def way_of(one: Told, to: Visitor) -> Way:
    """What became of what was sent to it, the worst first."""
    zone, found = ZoneInfo(to.time_zone), one.reached

    def at(moment: datetime | None) -> str:
        return moment.astimezone(zone).strftime("%m-%d %H:%M") if moment else ""

    more = []
    if found.reminders:
        told = gettext("Reminded {count} ×, last {at}")
        more.append(told.format(count=found.reminders, at=at(found.reminded_at)))
    if found.opened_at:
        more.append(gettext("link opened {at}").format(at=at(found.opened_at)))
    rest = " · ".join(more)
    if not one.is_told:
        return Way("—", "", more=rest)
    if found.mail_state == MailState.FAILED:
        return Way(gettext("E-mail failed"), "tw-bad", found.mail_why, rest)
    if found.mail_state == MailState.QUEUED:
        word = gettext("E-mail is tried again") if found.mail_why else gettext("E-mail waits")
        return Way(word, "tw-warn" if found.mail_why else "tw-mute", found.mail_why, rest)
    if found.mail_state == MailState.SENT:
        return Way(gettext("E-mail {at}").format(at=at(found.mail_at)), "tw-ok", more=rest)
    if not one.is_reached:
        return Way(gettext("No e-mail address"), "tw-warn", more=rest)
    return Way(gettext("Told {at}").format(at=one.notified), "", more=rest)


def checked_of(found: Reached, language: str) -> Way | None:
    """What the newest effectiveness check says; None where there was none."""
    if not found.is_checked:
        return None
    words = labels.of_value("recalls.checks.result", found.check_result).in_language(language)
    return Way(words, "tw-ok" if found.check_result == "acted" else "tw-bad")


def acts_of(one: Told, form: Callable[..., str], printed: str) -> list[Link]:
    """What can be done about this consignee, what is due first."""
    party, found = one.party_id, one.reached
    made: list[tuple[str, str]] = []
    if party is None or not one.is_told:
        return []
    record = form("recalls.acknowledge", consignee_id=party)
    check = form("recalls.check_effectiveness", consignee_id=party)
    if one.rank == NOT_ANSWERED:
        call = form("recalls.remind", consignee_ids=party, how="call")
        handed = form("recalls.remind", consignee_ids=party, how="paper")
        if not one.is_reached and not found.email:
            made += [(gettext("Print"), printed), (gettext("Handed over"), handed)]
        elif found.email:
            made.append((gettext("Remind"), form("recalls.remind", consignee_ids=party)))
        made += [(gettext("Call"), call), (gettext("Answer"), record)]
    if one.rank == DIFFERING:
        made.append((gettext("Compare"), record))
    if one.rank in (NOT_ANSWERED, DIFFERING):
        made.append((gettext("Link"), form("recalls.issue_link", consignee_id=party)))
    if not found.is_checked or found.check_result != "acted":
        made.append((gettext("Check"), check))
    if one.rank == NOT_ANSWERED and (one.is_reached or found.email):
        made += [(gettext("Print"), printed), (gettext("Handed over"), handed)]
    return [Link(text, address) for text, address in made if address]


def outlet_told() -> str:
    """What a reader must know of where e-mails go; empty where they go out."""
    try:
        way = mails.outlet()
    except mails.Unusable:
        return gettext("E-mails wait: the setting of the mail server cannot be used.")
    if way is None:
        return gettext("E-mails wait: no mail server is set up (TRACEWARD_SMTP).")
    if way.name == "file":
        return gettext("This is a sandbox: e-mails become files in var/…/mail and reach nobody.")
    return ""


def curve(
    answered: Iterable[datetime], whole: int, begins: datetime, ends: datetime, now: datetime
) -> Curve | None:
    """The drawing; None where there is nobody to wait for, or no time.

    As many as had answered stay as many until the next one: it goes up in steps, and each step has
    its mark.
    """
    span = (ends - begins).total_seconds()
    if not whole or span <= 0:
        return None
    times = sorted(answered)

    def place(at: datetime, count: int) -> tuple[float, float]:
        share = min(1.0, max(0.0, (at - begins).total_seconds() / span))
        return round(PAD + share * (WIDE - 2 * PAD), 1), round(HIGH - count / whole * (HIGH - 6), 1)

    points = [place(begins, 0)]
    marks: list[tuple[float, float]] = []
    for n, at in enumerate(times, 1):
        x, y = place(at, n)
        points += [(x, points[-1][1]), (x, y)]
        marks = [mark for mark in marks if mark[0] != x] + [(x, y)]
    last = place(max(now, times[-1] if times else begins), len(times))
    points.append(last)
    line = " ".join(f"{x},{y}" for x, y in points)
    even = min(1.0, max(0.0, (now - begins).total_seconds() / span)) * whole
    pace = gettext("ahead of the limit") if len(times) >= even else gettext("behind the limit")
    told = gettext("{part} of {whole}, {pace}")
    return Curve(
        line,
        f"{points[0][0]},{HIGH} {line} {last[0]},{HIGH}",
        marks,
        *last,
        told.format(part=len(times), whole=whole, pace=pace),
        f"{begins:%m-%d %H:%M}",
        f"{ends:%m-%d %H:%M}",
        _came([at.astimezone(begins.tzinfo) for at in times]),
    )


def _came(times: Sequence[datetime]) -> str:
    """When answers came, in words."""
    if not times:
        return ""
    first, last = f"{times[0]:%m-%d %H:%M}", f"{times[-1]:%m-%d %H:%M}"
    if len(times) == 1:
        return gettext("answered {at}").format(at=first)
    if first == last:
        return gettext("all {count} answers at {at}").format(count=len(times), at=first)
    told = gettext("answers from {first} to {last}")
    return told.format(first=first, last=last)


def is_named(one: Told, asked: str) -> bool:
    """Whether the row says what somebody looks for: its name, contact or telephone."""
    found = one.reached
    words = (one.name, found.contact, found.phone, found.email, *one.lots)
    return any(asked.casefold() in word.casefold() for word in words)


def hidden(given: Mapping[str, str]) -> list[tuple[str, str]]:
    """What a plain form sends along."""
    return [(name, str(value)) for name, value in given.items()]
