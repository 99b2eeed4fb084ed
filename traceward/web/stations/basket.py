"""What is scanned first and booked together at the end: the basket in the hand."""

from collections.abc import Sequence
from dataclasses import replace

from traceward.domain.warehousing.scanning.judging import Judged
from traceward.resources.labels import Words
from traceward.web.kit.comparing import Wanted
from traceward.web.kit.hands import Hand, Taken, held
from traceward.web.kit.stations import Turn, Verdict, parts_of
from traceward.web.kit.suggestions import Suggested

RIGHT = Words("正确 · +{n}", "Right · +{n}")
ALL = Words("已全部扫到", "Everything was scanned")
NOTHING = Words("还没有扫描任何货物", "Nothing was scanned yet")


def texts(hand: Hand) -> list[str]:
    """What is at hand by line, as questions ask for it."""
    return [f"{line}:{quantity}" for line, quantity in held(hand).items()]


def judge(turn: Turn, question: str, **task: int) -> Verdict:
    """The scan lies in the basket, where the question says to which lines of the task it belongs.

    Once all is there, it is to be booked.
    """
    given = {"codes": turn.codes, "packs": turn.hand.packs, "held": texts(turn.hand)}
    found: Sequence[Judged] = turn.ask(question, **task, **given)
    parts = tuple((one.line_id, one.quantity) for one in found)
    says = " ".join(one for one in (found[0].item_code, found[0].lot, found[0].serial) if one)
    return hold(turn, parts, says)


def hold(turn: Turn, parts: tuple[tuple[int, int], ...], says: str) -> Verdict:
    """These base units of the lines lie in the basket."""
    hand, task = turn.hand, turn.task
    assert task is not None, "what is held belongs to a task"
    taken = Taken(tuple(turn.codes), packs=hand.packs, parts=parts)
    basket = _merged(hand.basket, taken)
    after = replace(hand, basket=basket, last=taken, line=parts[0][0])
    now = task.with_held(after)
    line = now.line(after.line)
    if line is not None and not line.left:
        after = replace(after, line=0)
    title = turn.say(RIGHT, n=taken.quantity)
    if any(one.left for one in now.lines):
        return turn.good(title, says, hand=after)
    return turn.good(title, turn.say(ALL), "done", replace(after, step="book"))


def _merged(basket: tuple[Taken, ...], taken: Taken) -> tuple[Taken, ...]:
    """Packs with the same label count together, as the same scan with more packs."""
    for n, one in enumerate(basket):
        if _is_same(one, taken):
            both = dict(one.parts)
            for line, quantity in taken.parts:
                both[line] = both.get(line, 0) + quantity
            more = replace(one, packs=one.packs + taken.packs, parts=tuple(both.items()))
            return (*basket[:n], more, *basket[n + 1 :])
    return (*basket, taken)


def _is_same(one: Taken, other: Taken) -> bool:
    """Whether they count together."""
    return (one.codes, one.place, one.is_damaged) == (other.codes, other.place, other.is_damaged)


def take_out(turn: Turn) -> Verdict:
    """What the last scan put into the basket is out of it again."""
    hand, last = turn.hand, turn.hand.last
    if last is None:
        return turn.bad(turn.say(Words("没有可撤销的扫描", "No scan to take back")))
    basket = _without(hand.basket, last)
    title = turn.say(Words("已撤销 · −{n}", "Taken back · −{n}"), n=last.quantity)
    step = turn.station.steps[0].key
    after = replace(hand, basket=basket, last=None, step=step, line=last.line)
    return turn.good(title, hand=after)


def damage(turn: Turn) -> Verdict:
    """What the last scan put into the basket is damaged; or, said once more, it is not."""
    hand, last = turn.hand, turn.hand.last
    if last is None:
        text = turn.say(Words("先扫描破损的那一件", "Scan the damaged pack first"))
        return turn.bad(turn.say(Words("没有可标记的扫描", "No scan to mark")), text)
    marked = replace(last, is_damaged=not last.is_damaged)
    basket = _merged(_without(hand.basket, last), marked)
    after = replace(hand, basket=basket, last=marked)
    if marked.is_damaged:
        title = turn.say(Words("破损 · {n}", "Damaged · {n}"), n=marked.quantity)
        text = turn.say(Words("登记后待验", "Once booked it is pending inspection"))
        return turn.good(title, text, "more", after)
    title = turn.say(Words("未破损 · {n}", "Not damaged · {n}"), n=marked.quantity)
    return turn.good(title, hand=after)


def _without(basket: tuple[Taken, ...], last: Taken) -> tuple[Taken, ...]:
    """The basket as it was before the last scan."""
    left = []
    for one in basket:
        if not _is_same(one, last):
            left.append(one)
        elif one.packs > last.packs:
            less = dict(one.parts)
            for line, quantity in last.parts:
                less[line] = less.get(line, 0) - quantity
            parts = tuple((line, quantity) for line, quantity in less.items() if quantity > 0)
            left.append(replace(one, packs=one.packs - last.packs, parts=parts))
    return tuple(left)


def finish(turn: Turn) -> Verdict:
    """What lies in the basket is booked now; the rest may come later."""
    if not turn.hand.basket:
        return turn.bad(turn.say(NOTHING))
    asks = turn.station.step("book").asks.in_language(turn.to.language)
    return turn.good(asks, hand=replace(turn.hand, step="book"))


def go_on(turn: Turn) -> Verdict:
    """More is scanned before it is booked."""
    step = turn.station.steps[0]
    asks = step.asks.in_language(turn.to.language)
    return turn.good(asks, "", "more", replace(turn.hand, step=step.key, last=None))


def scans(turn: Turn) -> Suggested:
    """The basket as commands ask for scans."""
    found = [
        {"codes": codes, "packs": n} for one in turn.hand.basket for codes, n in _of(turn, one)
    ]
    return {"scans": found}


def packs(turn: Turn) -> Suggested:
    """The same, as commands ask for packs of goods that are known already: some are damaged."""
    found = [
        {"codes": codes, "packs": n, "is_damaged": one.is_damaged}
        for one in turn.hand.basket
        for codes, n in _of(turn, one)
    ]
    return {"packs": found}


def _of(turn: Turn, one: Taken) -> list[tuple[list[str], int]]:
    """The labels that were scanned, with how many packs; of a box, those of what is in it."""
    if not is_box(one.codes):
        return [(list(one.codes), one.packs)]
    inside = []
    for pk, quantity in one.parts:
        line = turn.task.line(pk) if turn.task else None
        if line is not None and line.codes:
            inside.append((list(line.codes), quantity // packs_of(turn, line.codes)))
    return inside


def packs_of(turn: Turn, codes: Sequence[str]) -> int:
    """Base units in one pack with this label."""
    hand = replace(turn.hand, codes=tuple(codes[:-1]))
    found = replace(turn, hand=hand, code=codes[-1]).look_up()
    return found.goods.base_units if found and found.goods else 1


def is_box(codes: Sequence[str]) -> bool:
    """Whether that is the label of a box (SSCC), and of no goods."""
    said = {ai for ai, _ in parts_of(codes)}
    return "00" in said and not said & {"01", "8006"}


def asked_for(lines: Sequence[Wanted], hand: Hand) -> Wanted | None:
    """The line that was scanned last, as long as something of it is left; else the next."""
    left = [one for one in lines if one.left]
    return next((one for one in left if one.id == hand.line), left[0] if left else None)


def code_of(turn: Turn) -> str:
    """The SSCC or the text that was scanned."""
    said = dict(parts_of([turn.code]))
    return said.get("00", turn.code.strip())
