"""A scanner that leaves out the separator (FNC1): the lot runs into what follows it.

Such a label is refused as another lot, or as one without a day. That it is the scanner's fault is
said only where the label leaves no doubt: cut where the task's own lot ends, what follows is a day
or the task's own serial; or what follows is a day, and the label says no other.
"""

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from traceward.domain.stock.rules import normalised
from traceward.kernel.base.gs1 import FNC1, CodeProblem, parse_elements
from traceward.resources.labels import Words
from traceward.web.kit.codes import SYMBOL

#: Parts of a label of goods that are as long as they are, before the one that is not ended.
FIXED = re.compile(r"(?:01|02)\d{14}(?:(?:11|12|13|15|16|17)\d{6}|20\d{2})*(10|21)(.+)")
#: How what follows begins where it is a day.
DAY = re.compile(r"(?:11|17)(?:\d{2}(?:0[1-9]|1[0-2])(?:0[0-9]|[12]\d|3[01]))(?=$|10|11|17|21|30)")


NO_FNC1 = Words("扫描枪未发送分隔符 FNC1", "The scanner sends no separator (FNC1)")
UNENDED = {
    "10": Words("批号 {value} 与后面的 {rest} 连成了一串。", "Lot {value} runs into {rest}. "),
    "21": Words("序列号 {value} 与后面的 {rest} 连成了一串。", "Serial {value} runs into {rest}. "),
}
SET_UP = Words(
    "请在扫描枪设置中开启 GS1 分隔符（FNC1，以 GS 发送）；在此之前用摄像头扫描，或带括号手输",
    "Turn on the GS1 separator (FNC1, sent as GS) in the scanner's settings; until then use the "
    "camera, or type it with brackets",
)


class Unended(NamedTuple):
    """The identifier, what it means, and what runs into it."""

    ai: str
    value: str
    rest: str


def unended(code: str, known: Collection[str] = ()) -> Unended | None:
    """Where the value of (10) or (21) goes on into other parts; `known` are values that may be."""
    text = SYMBOL.sub("", code.strip())
    found = FIXED.fullmatch(text)
    if found is None or FNC1 in text:
        return None
    ai, run = found[1], found[2]
    values = {normalised(one) for one in known if one}
    for value, rest in _cuts(run):
        is_ours = bool(DAY.match(rest)) or normalised(rest[2:]) in values
        if normalised(value) in values and is_ours and _is_read(rest):
            return Unended(ai, value, rest)
    if re.match(r"\d{16}(?:\d{8}|20\d{2})*?17\d{6}", text[: found.start(1)]):
        return None
    for value, rest in _cuts(run):
        if DAY.match(rest) and _is_read(rest):
            return Unended(ai, value, rest)
    return None


def _cuts(run: str) -> Iterator[tuple[str, str]]:
    """The run, cut after each letter; what is left is as long as the shortest part at least."""
    for n in range(1, len(run) - 2):
        yield run[:n], run[n:]


def _is_read(rest: str) -> bool:
    """Whether the rest is GS1 parts of a label of goods."""
    if rest[:2] not in {"10", "11", "13", "15", "17", "21", "30"}:
        return False
    try:
        return bool(parse_elements(rest, associations=False))
    except CodeProblem:
        return False
