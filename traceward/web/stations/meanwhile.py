"""What another person did to the same document since this device showed it last. # WMS-01

The hand remembers the document's version, and how much was left. Where both are as they were,
nothing is asked.
"""

from dataclasses import replace
from typing import NamedTuple

from traceward.resources import labels
from traceward.resources.labels import Words
from traceward.resources.labels.verbs import VERBS
from traceward.web.kit.hands import Hand, Taken
from traceward.web.kit.stations import Task, Turn, Verdict
from traceward.web.stations.reading import called, document


class Meanwhile(NamedTuple):
    """Who did what, and how much of it; in the reader's words."""

    told: str
    #: Base units of the basket that the task asks for no more.
    gone: int = 0


DONE = Words("同单作业：{who} {verb} {n}", "On this too: {who}, {verb} {n}")
CHANGED = Words("同单作业：{who} {verb}", "On this too: {who}, {verb}")
GONE = Words(
    "；您扫的 {n} 已由对方登记，未计入", "; {n} of your scans are theirs by now and do not count"
)


def left_of(task: Task) -> int:
    """Base units that the document still asks for."""
    return sum(one.left for one in task.lines)


def noted(task: Task, hand: Hand) -> Hand:
    """The hand, with how the document stands as it is shown."""
    return replace(hand, seen=task.version, left=left_of(task))


def fitting(task: Task, hand: Hand) -> Hand:
    """The hand with as much of the basket as the task still asks for."""
    left = {one.id: one.left for one in task.lines}
    fits: list[Taken] = []
    for one in hand.basket:
        if all(0 < quantity <= left.get(line, 0) for line, quantity in one.parts):
            fits.append(one)
            for line, quantity in one.parts:
                left[line] -= quantity
    return replace(hand, basket=tuple(fits))


def meanwhile(turn: Turn) -> tuple[Turn, Meanwhile | None]:
    """What somebody else did, if they did; the turn without the scans that are theirs by now."""
    task, hand = turn.task, turn.hand
    if task is None or not hand.seen or task.version in (0, hand.seen):
        return turn, None
    names = ("id", "changed_by_id", "changed_by_name_zh", "changed_by_name_en", "changed_with")
    row = document(task.source, task.id, turn.to, *names)
    me = turn.to.person.pk if turn.to.person else None
    if row is None or row["changed_by_id"] in (None, me):
        return turn, None
    known = row["changed_with"] in VERBS
    verb = labels.of_verb(row["changed_with"]).in_language(turn.to.language) if known else ""
    done = hand.left - left_of(task)
    who = called(row, "changed_by", turn.to)
    told = turn.say(DONE if done > 0 else CHANGED, who=who, verb=verb, n=done)
    fits = fitting(task, hand)
    gone = _count(hand) - _count(fits)
    if not gone:
        return turn, Meanwhile(told)
    after = replace(fits, last=None, line=0, step=turn.station.steps[0].key)
    return replace(turn, hand=after), Meanwhile(f"{told}{turn.say(GONE, n=gone)}", gone)


def _count(hand: Hand) -> int:
    return sum(one.quantity for one in hand.basket)


def not_booked(turn: Turn, found: Meanwhile) -> Verdict:
    """What is to be booked is not what was scanned any more: it is looked at first."""
    title = turn.say(Words("先核对再登记", "Look again before it is booked"))
    return replace(turn.good(title, "", "more"), aside=found.told)
