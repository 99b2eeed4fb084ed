"""What was scanned and not booked is kept by the device, and gone on with. docs/adr/0270

The page sends it back with the ids of the requests that it tried to book it with. What was booked
by one of them is not booked again; what was done elsewhere meanwhile is said.
"""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from traceward.kernel.command.models import AnsweredRequest
from traceward.resources.labels import Words
from traceward.web.kit.hands import Hand, Taken
from traceward.web.kit.stations import Turn, Verdict
from traceward.web.stations.meanwhile import fitting

GO_ON, ANEW = "kept", "anew"
#: Requests that may have booked a basket, at most; the last ones count.
MOST_SENT = 20
DONE = ("done", "held")


def go_on(turn: Turn, sent: str) -> Verdict:
    """What the device kept lies in the basket again, as far as the task still asks for it."""
    task, hand = turn.task, turn.hand
    assert task is not None, "what is kept belongs to a task"
    if not hand.basket:
        return _noted(turn)
    ids = _ids(sent)
    known = _answers(turn, ids)
    if any(outcome in DONE for outcome in known.values()):
        return booked(turn)
    if task.is_over:
        title = turn.say(Words("本单已在别处完成", "This was finished elsewhere"))
        return _emptied(turn, title, turn.say(NOT_BOOKED, n=_count(hand.basket)))
    fits = fitting(task, hand).basket
    gone = _count(hand.basket) - _count(fits)
    if not fits:
        title = turn.say(Words("已在别处做过", "This was done elsewhere"))
        return _emptied(turn, title, turn.say(NOT_BOOKED, n=gone))
    booking = ids[-1] if ids and ids[-1] not in known else None
    after = replace(hand, basket=fits, booking=booking)
    if gone:
        after = replace(after, step=turn.station.steps[0].key, last=None, line=0)
    title = turn.say(Words("接着做 · 已扫 {n}", "Go on · {n} scanned"), n=_count(after.basket))
    text = turn.say(ELSEWHERE, n=gone) if gone else turn.say(STILL)
    return turn.good(title, text, "more", after)


def _noted(turn: Turn) -> Verdict:
    """What was noted as short, and left for later, is so still, as far as it is not there yet."""
    task, hand = turn.task, turn.hand
    assert task is not None, "what is kept belongs to a task"
    left = {one.id for one in task.lines if one.left}
    short = tuple(one for one in hand.short if one in left)
    skipped = tuple(one for one in hand.skipped if one in left)
    after = Hand(step=turn.station.first(task), short=short, skipped=skipped)
    if short and not task.is_over and turn.station.focus(task, after) is None:
        after = replace(after, step="short")
    if not short or task.is_over:
        return turn.good(turn.say(Words("接着做", "Go on")), "", "more", after)
    title = turn.say(Words("接着做 · 缺货 {n} 行", "Go on · lines short: {n}"), n=len(short))
    return turn.good(title, turn.say(UNTOLD), "more", after)


UNTOLD = Words("缺货尚未上报", "The shortage is not reported yet")


def _answers(turn: Turn, ids: list[UUID]) -> dict[UUID, str]:
    """Of the visitor's requests with these ids, how they were answered."""
    mine = AnsweredRequest.objects.filter(
        actor_id=turn.to.person.pk if turn.to.person else 0, request_id__in=ids
    )
    return dict(mine.values_list("request_id", "outcome"))


def is_booked(turn: Turn, sent: str) -> bool:
    """Whether one of these requests was done, not refused."""
    return any(outcome in DONE for outcome in _answers(turn, _ids(sent)).values())


def anew(turn: Turn, _: str) -> Verdict:
    """What was kept is thrown away; the task begins anew."""
    title = turn.say(Words("已清空，重新扫描", "Emptied: scan anew"))
    return _emptied(turn, title, "")


def booked(turn: Turn) -> Verdict:
    """The basket was booked before; its answer was lost."""
    return _emptied(turn, turn.say(BOOKED), turn.say(ONCE))


STILL = Words("上次扫的还没有登记", "What was scanned before is not booked yet")
ELSEWHERE = Words("另有 {n} 已在别处做过，未计入", "{n} more were done elsewhere, and do not count")
NOT_BOOKED = Words("这里扫的 {n} 没有登记", "The {n} scanned here were not booked")
BOOKED = Words("这些扫描已经登记过", "These scans are booked already")
ONCE = Words("不会登记两次", "Nothing is booked twice")
KEYS: dict[str, Callable[[Turn, str], Verdict]] = {GO_ON: go_on, ANEW: anew}


def _emptied(turn: Turn, title: str, text: str) -> Verdict:
    assert turn.task is not None, "what is kept belongs to a task"
    return turn.good(title, text, "more", Hand(step=turn.station.first(turn.task)))


def _count(basket: tuple[Taken, ...]) -> int:
    return sum(one.quantity for one in basket)


def _ids(sent: str) -> list[UUID]:
    found = []
    for text in sent.split(",")[-MOST_SENT:]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
