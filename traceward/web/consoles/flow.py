"""A flow in layers as plain SVG: boxes and the lines between them, as wide as their quantity.

It prints, needs no script and has its colours by its classes. Drawn twice, lying for a desk and
standing for a telephone; the page shows the one that fits.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

#: Lying: a box, the one that all is about, how far they stand below each other.
WIDE, HIGH, FOCUS_WIDE, FOCUS_HIGH, BELOW, TOP = 164, 46, 186, 62, 8, 34
#: Columns share so much; where boxes would be narrower than slim ones, more, of slightly smaller
#: signs; none gets narrower than this, and none stands nearer or farther.
ROOM, MORE_ROOM, SLIM, NARROW, NEAR, FAR, EDGES = 992, 1_150, 112, 100, 26, 150, 14
#: Slim boxes have a third line where two cannot say it.
SLIM_HIGH, LEADING = 56, 15.5
#: How small it may be shown: no sign of it is below 11 px.
SMALLEST = 11 / 11.5
#: A number is squeezed by so much before it is broken: it is read as one.
SQUEEZED = 1.12
#: Standing: all of it, where boxes begin, how high, how far apart, what a heading takes.
TALL, EDGE, ROW, STEP, HEAD = 358, 62, 46, 52, 26
#: The thinnest line, and the widest one beside standing boxes.
THIN, THICK = 1.5, 9.0
#: How wide signs are in sizes of the type: Chinese ones, capitals, narrow ones, all others.
HAN, CAPITAL, NARROW_SIGN, LETTER = 1.0, 0.7, 0.32, 0.57
THIN_SIGNS = frozenset("iljtfrI.,:;'’|·-()/ 1")
TITLE, SUB = 12.5, 11.5
#: What no line begins with.
CLOSING = frozenset("）】》」』，。、；：)]")


@dataclass(frozen=True)
class Box:
    """Something that goods were at, went into or came from."""

    key: str
    layer: int
    title: str
    sub: str = ""
    #: The family of its state; empty where it has none to tell.
    tone: str = ""
    address: str = ""
    #: Where a look at it is, as a part of a page.
    peek: str = ""
    is_focus: bool = False
    #: Not yet so: only planned or expected.
    is_planned: bool = False


@dataclass(frozen=True)
class Line:
    """So much went from one box to the other; null where that may not be seen."""

    source: str
    target: str
    quantity: int | None
    tone: str = ""
    is_planned: bool = False
    told: str = ""


@dataclass(frozen=True)
class Flow:
    """Boxes in layers, in the order in which goods go through them, and lines."""

    layers: tuple[str, ...]
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]

    @cached_property
    def by_key(self) -> dict[str, Box]:
        return {box.key: box for box in self.boxes}

    def columns(self, lanes: Mapping[str, "Lane"]) -> list[list[str]]:
        """The keys of boxes and lanes by layer, those that belong together near each other."""
        columns: list[list[str]] = [[] for _ in self.layers]
        for box in self.boxes:
            columns[box.layer].append(box.key)
        for key, lane in lanes.items():
            columns[lane.layer].append(key)
        own = {box.key for box in self.boxes if box.is_focus}
        middle = next((n for n, column in enumerate(columns) if own & {*column}), 0)
        near: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for n, line in enumerate(self.lines):
            way = [line.source, *(k for k, lane in lanes.items() if n in lane.lines), line.target]
            for one, other in pairwise(way):
                near[one].append((other, line.quantity or 0))
                near[other].append((one, line.quantity or 0))
        at = {key: n - len(column) / 2 for column in columns for n, key in enumerate(column)}
        outward = (*range(middle + 1, len(columns)), *range(middle - 1, -1, -1))
        for n in (*outward, *reversed(outward), *outward):
            columns[n].sort(key=lambda key: _pull(key, near, at))
            at |= {key: place - len(columns[n]) / 2 for place, key in enumerate(columns[n])}
        return columns


@dataclass(frozen=True)
class Lane:
    """Room between the boxes of a layer for the lines of one box that only pass by."""

    layer: int
    lines: tuple[int, ...]


def _pull(key: str, near: Mapping[str, list[tuple[str, int]]], at: Mapping[str, float]) -> float:
    """Where it would stand, were it between those that it has to do with."""
    known = [(at[other], 1 + quantity) for other, quantity in near[key] if other in at]
    weight = sum(w for _, w in known)
    return sum(place * w for place, w in known) / weight if weight else at[key]


@dataclass(frozen=True)
class Placed:
    """A box or a lane with its place."""

    x: float
    y: float
    wide: float
    high: float

    @property
    def middle(self) -> float:
        return self.y + self.high / 2


def _lanes(flow: Flow) -> dict[str, Lane]:
    """A lane in each layer that lines jump over, one for each box that they come from."""
    found: dict[tuple[str, int], list[int]] = defaultdict(list)
    boxes = flow.by_key
    for n, line in enumerate(flow.lines):
        ends = sorted((boxes[line.source].layer, boxes[line.target].layer))
        for layer in range(ends[0] + 1, ends[1]):
            found[line.source, layer].append(n)
    return {f"lane-{layer}-{key}": Lane(layer, tuple(n)) for (key, layer), n in found.items()}


def lying(flow: Flow, title: str, told: str) -> SafeString:
    """The flow from left to right; as small as its own width says, or larger."""
    count = len(flow.layers)
    lanes, widths = _lanes(flow), _widths(flow)
    columns = flow.columns(lanes)
    room, wide = _shared(count)
    focus = wide + (FOCUS_WIDE - WIDE if wide == WIDE else EDGES)
    wides = [focus if any(_is_focus(flow, key) for key in keys) else wide for keys in columns]
    gap = min(FAR, max(NEAR, (room - sum(wides)) / max(1, count - 1)))
    is_slim = wide < WIDE and any(_is_long(box, wide) for box in flow.boxes)
    pitch = (SLIM_HIGH if is_slim else HIGH) + BELOW
    steps = {key: max(12.0, sum(widths[n] for n in lane.lines) + 8) for key, lane in lanes.items()}
    highs = [sum(steps.get(key, pitch) for key in keys) for keys in columns]
    high = TOP + max(*highs, 150) + 8
    placed: dict[str, Placed] = {}
    taken = sum(wides) + gap * (count - 1)
    width = max(ROOM, taken) + 2 * EDGES
    left, spans = (width - taken) / 2, []
    for keys, across, tall in zip(columns, wides, highs, strict=True):
        y = TOP + (high - TOP - 8 - tall) / 2
        for key in keys:
            step = steps.get(key, pitch)
            own = step if key in lanes else FOCUS_HIGH if _is_focus(flow, key) else pitch - BELOW
            placed[key] = Placed(left, y + (step - own) / 2, across, own)
            y += step
        spans.append((left, across))
        left += across + gap
    bands = format_html_join(
        "",
        '<rect class="tw-band" x="{}" y="0" width="{}" height="{}"/>',
        ((_n(x - 8), _n(w + 16), _n(high)) for x, w in spans[::2]),
    )
    heads = format_html_join(
        "",
        '<text class="tw-head" x="{}" y="21">{}</text>',
        (
            (_n(x + 2), _cut(text, across + gap - 8, SUB))
            for (x, across), text in zip(spans, flow.layers, strict=True)
        ),
    )
    curves = _curves(flow, lanes, placed, widths)
    parts = (bands, curves, *(_box(box, placed[box.key]) for box in flow.boxes), heads)
    css = "tw-flow tw-lying" + (" tw-long" if width > ROOM + 2 * EDGES else "")
    return _svg(css, "lying", (width, high), title, told, parts, SMALLEST)


def _shared(count: int) -> tuple[float, float]:
    """How much room the columns share, and how wide a box is."""
    for room in (ROOM, MORE_ROOM):
        wide = (room - (count - 1) * NEAR - EDGES) / max(1, count)
        if wide >= SLIM:
            break
    return room, min(WIDE, max(NARROW, wide))


def _is_long(box: Box, wide: float) -> bool:
    """Whether its words need more than one line each."""
    if box.is_focus:
        return False
    room = wide - 20
    return _length(box.title, TITLE) > room or _length(box.sub, SUB) > room


def _is_focus(flow: Flow, key: str) -> bool:
    return key in flow.by_key and flow.by_key[key].is_focus


def standing(flow: Flow, title: str, told: str) -> SafeString:
    """The flow from top to bottom, lines beside the boxes."""
    placed: dict[str, Placed] = {}
    heads, y = [], 0.0
    for keys, text in zip(flow.columns({}), flow.layers, strict=True):
        heads.append((EDGE, _n(y + 18), text))
        y += HEAD
        for key in keys:
            placed[key] = Placed(EDGE, y, TALL - EDGE - 6, ROW)
            y += STEP
        y += 4
    most = max((line.quantity or 0 for line in flow.lines), default=0) or 1
    drawn = []
    for line in sorted(flow.lines, key=lambda one: -(one.quantity or 0)):
        a, b = placed[line.source].middle, placed[line.target].middle
        bow = EDGE - 14 - min(1.0, abs(b - a) / 700) * (EDGE - 22) * 1.3
        path = f"M{EDGE} {_n(a)}C{_n(bow)} {_n(a)} {_n(bow)} {_n(b)} {EDGE} {_n(b)}"
        wide = max(THIN, THICK * (line.quantity or 0) / most)
        drawn.append((_line_css(line), path, _n(wide), line.told))
    curves = format_html_join("", CURVE, drawn)
    told_heads = format_html_join("", '<text class="tw-head" x="{}" y="{}">{}</text>', heads)
    parts = (curves, *(_box(box, placed[box.key]) for box in flow.boxes), told_heads)
    return _svg("tw-flow tw-standing", "standing", (TALL, y + 4), title, told, parts)


#: The style and size of a number in the middle, the largest first.
FOCUS_SIZES = (("", 17.0), (" tw-slim", 14.0), (" tw-slimmer", 12.0))
#: A line of text: its style, where it stands, how it is squeezed, what it says.
Text = tuple[str, str, str, str, str]
CURVE = '<path class="{}" d="{}" stroke-width="{}"><title>{}</title></path>'


def _svg(
    css: str,
    name: str,
    size: tuple[float, float],
    title: str,
    told: str,
    parts: Iterable[SafeString],
    smallest: float = 1,
) -> SafeString:
    ids = f"flow-{name}-title", f"flow-{name}-told"
    inner = format_html_join("", "{}", ((part,) for part in parts))
    return format_html(
        '<svg class="{}" viewBox="0 0 {} {}" width="{}" height="{}" role="group" '
        'aria-labelledby="{} {}"><title id="{}">{}</title><desc id="{}">{}</desc>{}</svg>',
        css,
        *map(_n, size),
        *(_n(one * smallest) for one in size),
        *ids,
        ids[0],
        title,
        ids[1],
        told,
        inner,
    )


def _widths(flow: Flow) -> list[float]:
    """Each line's width: all that leave or enter a box fit its side."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for line in flow.lines:
        sums["out", line.source] += line.quantity or 0
        sums["in", line.target] += line.quantity or 0
    scales = [
        ((FOCUS_HIGH if _is_focus(flow, key) else HIGH) - 10) / total
        for (_, key), total in sums.items()
        if total
    ]
    scale = min(scales, default=0.0)
    return [max(THIN, (line.quantity or 0) * scale) for line in flow.lines]


def _curves(
    flow: Flow, lanes: Mapping[str, Lane], placed: Mapping[str, Placed], widths: Sequence[float]
) -> SafeString:
    """All lines, the widest first, each through its lanes and beside the others of its box."""
    ways = [
        [
            line.source,
            *sorted((k for k in lanes if n in lanes[k].lines), key=lambda k: placed[k].x),
            line.target,
        ]
        for n, line in enumerate(flow.lines)
    ]
    ports = _ports(ways, placed, widths)
    drawn = []
    for n, line in sorted(enumerate(flow.lines), key=lambda pair: -widths[pair[0]]):
        path, way = "", ways[n]
        if placed[way[-1]].x < placed[way[0]].x:  # back: through its lanes the other way
            way = [way[0], *way[-2:0:-1], way[-1]]
        for one, other in pairwise(way):
            a, b = placed[one], placed[other]
            y1, y2 = ports[n, one, "out"], ports[n, other, "in"]
            if a.x == b.x:  # beside each other: a bow to the right
                x1, bow = a.x + a.wide, a.x + a.wide + 34
                path += (
                    f"M{_n(x1)} {_n(y1)}C{_n(bow)} {_n(y1)} {_n(bow)} {_n(y2)} {_n(x1)} {_n(y2)}"
                )
                continue
            x1, x2 = (a.x + a.wide, b.x) if a.x < b.x else (a.x, b.x + b.wide)
            mid = _n((x1 + x2) / 2)
            path += f"L{_n(x1)} {_n(y1)}" if path else f"M{_n(x1)} {_n(y1)}"
            path += f"C{mid} {_n(y1)} {mid} {_n(y2)} {_n(x2)} {_n(y2)}"
        drawn.append((_line_css(line), path, _n(widths[n]), line.told))
    return format_html_join("", CURVE, drawn)


def _ports(
    ways: Sequence[Sequence[str]], placed: Mapping[str, Placed], widths: Sequence[float]
) -> dict[tuple[int, str, str], float]:
    """The height at which each line leaves and enters each box and lane, side by side."""
    ends = [placed[way[0]].middle + placed[way[-1]].middle for way in ways]
    sides: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    for n, way in enumerate(ways):
        for one, other in pairwise(way):
            sides[one, "out"].append((n, other))
            sides[other, "in"].append((n, one))
    found: dict[tuple[int, str, str], float] = {}
    for (key, side), several in sides.items():
        here = placed[key]
        total = sum(widths[n] for n, _ in several)
        squeeze = min(1.0, (here.high - 6) / total)
        y = here.middle - total * squeeze / 2
        order = sorted(several, key=lambda pair: (placed[pair[1]].middle, ends[pair[0]]))
        for n, _ in order:
            found[n, key, side] = y + widths[n] * squeeze / 2
            y += widths[n] * squeeze
    return found


def _line_css(line: Line) -> str:
    return " ".join(filter(None, ("tw-line", line.tone, "tw-planned" if line.is_planned else "")))


def _box(box: Box, one: Placed) -> SafeString:
    """A box with its two lines of text, a link where it leads somewhere."""
    x, y = one.x, one.y
    if box.is_focus:
        lines = _of_focus(box, one)
        face = format_html(
            '<rect class="tw-face" x="{}" y="{}" width="{}" height="{}" rx="8"/>',
            *map(_n, (x, y, one.wide, one.high)),
        )
    else:
        lines = _of_box(box, one)
        face = format_html(
            '<rect class="tw-face" x="{}" y="{}" width="{}" height="{}" rx="6"/>'
            '<rect class="tw-mark" x="{}" y="{}" width="3.5" height="{}" rx="1.7"/>',
            *map(_n, (x, y, one.wide, one.high, x, y + 8, one.high - 16)),
        )
    text = '<text class="{}" x="{}" y="{}"{}>{}</text>'
    inner = face + format_html_join("", text, lines)
    css = "tw-box" + (" tw-focus" if box.is_focus else "")
    css += (f" {box.tone}" if box.tone else "") + (" tw-planned" if box.is_planned else "")
    told = " · ".join(filter(None, (box.title, box.sub)))
    if box.address:
        look = format_html(' data-peek="{}" aria-haspopup="dialog"', box.peek) if box.peek else ""
        return format_html(
            '<a class="{}" href="{}"{}><title>{}</title>{}</a>',
            *(css, box.address, look, told, inner),
        )
    return format_html('<g class="{}"><title>{}</title>{}</g>', css, told, inner)


def _of_focus(box: Box, one: Placed) -> list[Text]:
    """The two lines of what all is about; its number is as large as it stands whole."""
    room, x = one.wide - 24, _n(one.x + 14)
    css, size = next(
        (pair for pair in FOCUS_SIZES if _length(box.title, pair[1]) <= room), FOCUS_SIZES[-1]
    )
    return [
        (f"tw-title{css}", x, _n(one.middle - 4), "", _cut(box.title, room, size)),
        ("tw-more", x, _n(one.middle + 15), "", _cut(box.sub, room, 12)),
    ]


def _of_box(box: Box, one: Placed) -> list[Text]:
    """A box's name and what is told below it; in two lines, or three where there is room."""
    room, x = one.wide - 20, _n(one.x + 13)
    most = 3 if one.high >= SLIM_HIGH else 2
    below = _broken(box.sub, room, SUB, most - 1) if box.sub else []
    above = _broken(box.title, room, TITLE, most - len(below))
    several = [("tw-title", TITLE, text) for text in above]
    several += [("tw-more", SUB, text) for text in below]
    y = one.middle + 4 - LEADING * (len(several) - 1) / 2
    return [
        (css, x, _n(y + n * LEADING), _squeezed(text, room, size), text)
        for n, (css, size, text) in enumerate(several)
    ]


def _squeezed(text: str, room: float, size: float) -> SafeString:
    """How a line that is a little too long is brought into its room."""
    if _length(text, size) <= room:
        return SafeString("")
    return format_html(' textLength="{}" lengthAdjust="spacingAndGlyphs"', _n(room))


def _broken(text: str, room: float, size: float, most: int) -> list[str]:
    """The text in so many lines at most, broken where it says another thing, or at a space."""
    if _length(text, size) <= room * (1 if " " in text else SQUEEZED):
        return [text]
    if most == 1:
        return [_cut(text, room, size)]
    first = text
    while first and (_length(first, size) > room or text[len(first) : len(first) + 1] in CLOSING):
        first = first[:-1]
    for sign in (" · ", " "):
        ends = [at for at in range(1, len(text)) if text.startswith(sign, at)]
        whole = [text[:at] for at in ends if _length(text[:at], size) <= room * SQUEEZED]
        if whole:
            first = whole[-1]
            break
    rest = text[len(first) :].removeprefix(" · ").strip()
    return [first, *_broken(rest, room, size, most - 1)]


def _cut(text: str, room: float, size: float) -> str:
    """As much of the text as there is room for."""
    if _length(text, size) <= room:
        return text
    room -= _length("…", size)
    while text and _length(text, size) > room:
        text = text[:-1]
    return f"{text.rstrip()}…"


def _length(text: str, size: float) -> float:
    return sum(map(_wide, text)) * size


def _wide(sign: str) -> float:
    if ord(sign) > 0x2E7F:
        return HAN
    if sign in THIN_SIGNS:
        return NARROW_SIGN
    return CAPITAL if sign.isupper() or sign in "mw%…" else LETTER


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
