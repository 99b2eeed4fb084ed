"""Station: one question at a time, for hands that are busy. docs/adr/0242

    station("pick", "warehousing.pick", "checklist", Words("拣货", "Pick"),
            tasks="to_pick", read=task_of, steps=(
        Step("place", Words("请扫描库位", "Scan the bin"), {"place": At("goods", reach)}),
        Step("goods", Words("请扫描商品", "Scan the goods"),
             {"goods": At("goods", take), "place": At("goods", reach)}),
    ))

A station is a table: in each step, the kinds of code that are accepted, what is done with one, and
the step that follows when it was good. When it was not, nothing has changed and the step stays.
Between two scans the server keeps nothing: what was done is in the ledger, what is at hand travels
with the page.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from uuid import UUID

from traceward.domain.warehousing.scanning import IncompleteLabel, LookedUp
from traceward.kernel.base.codes import MAX_BARCODES
from traceward.kernel.base.gs1 import SCAN_LIMIT
from traceward.kernel.base.refusals import Refusal, fill, sentence
from traceward.kernel.command.database_errors import persistent
from traceward.kernel.command.run import Done, run_json
from traceward.resources import labels
from traceward.resources.answering import asked
from traceward.resources.kit import QUESTIONS
from traceward.resources.labels import Words
from traceward.web.kit import codes
from traceward.web.kit.comparing import Wanted, compare
from traceward.web.kit.hands import Hand, held
from traceward.web.kit.problems import told_of
from traceward.web.kit.suggestions import Suggested
from traceward.web.kit.unended import NO_FNC1, SET_UP, UNENDED, unended
from traceward.web.visitors import Visitor

LOOK_UP = "warehousing.look_up"
NOT_SO = Words("不能这样做", "Not so")
Tone = Literal["ok", "bad", "more", "done"]


@dataclass(frozen=True)
class Task:
    """What is done at the station now: a snapshot, as plain data."""

    id: int
    number: str
    #: What it is for, and for whom.
    about: str
    #: Where the document itself is.
    address: str
    lines: tuple[Wanted, ...] = ()
    is_over: bool = False
    #: What is done with it elsewhere first, where it is not there yet.
    waits: str = ""
    #: The list that it is a row of, and its version.
    source: str = ""
    version: int = 0

    def line(self, pk: int) -> Wanted | None:
        return next((one for one in self.lines if one.id == pk), None)

    def with_held(self, hand: Hand) -> "Task":
        """The task as it will stand once the basket is booked."""
        by_line = held(hand)
        if not by_line:
            return self
        lines = (replace(one, done=one.done + by_line.get(one.id, 0)) for one in self.lines)
        return replace(self, lines=tuple(lines))


@dataclass(frozen=True)
class Verdict:
    """What came of a scan: the band, and what is at hand now."""

    tone: Tone
    title: str
    hand: Hand
    text: str = ""
    why: str = ""
    #: The barcode part by part: identifier, value, "ok", "no", or "" where that is not known.
    parts: tuple[tuple[str, str, str], ...] = ()
    #: What is found where: what, in what state, how much, and the page that tells more.
    rows: tuple[tuple[str, str, str, str], ...] = ()
    #: How the task stands after it, where that is known already; it is read otherwise.
    now: Task | None = None
    #: What was made by it, to be opened: in words, and where.
    files: tuple[tuple[str, str], ...] = ()
    #: The title as it is for so many packs, with "{n}", and base units in one of them.
    counts: str = ""
    each: int = 0
    #: What somebody else did to the same document meanwhile.
    aside: str = ""


@dataclass(frozen=True)
class Turn:
    """One scan or one key at a station."""

    station: "Station"
    to: Visitor
    task: Task | None
    hand: Hand
    request_id: UUID
    code: str = ""

    @property
    def codes(self) -> list[str]:
        """The barcodes of the label as far as they were scanned."""
        return [*self.hand.codes, self.code]

    def say(self, words: Words, **values: Any) -> str:
        """In the visitor's language."""
        return words.in_language(self.to.language).format(**values)

    def run(self, verb: str, **arguments: Any) -> Any:
        """The command's answer; the scan sent again does it once."""
        done = run_json(verb, arguments, self.to.actor(self.request_id))
        assert isinstance(done, Done), "no command of a station is held for a second person"
        return done.answer

    def ask(self, question: str, **given: Any) -> Any:
        """The question's answer, within what the visitor may read."""
        reader = self.to.reader(question)
        return persistent(lambda: asked(QUESTIONS[question], given, reader))

    def look_up(self) -> LookedUp | None:
        """What the code is, for who may ask that."""
        if not self.to.may(LOOK_UP):
            return None
        found: LookedUp = self.ask(LOOK_UP, codes=self.codes)
        return found

    def good(
        self, title: str, text: str = "", tone: Tone = "ok", hand: Hand | None = None
    ) -> Verdict:
        """The scan was right; the hand is emptied of half a label."""
        after = replace(hand or self.hand, codes=(), packs=1)
        said = tuple((ai, value, "ok") for ai, value in parts_of(self.codes))
        return Verdict(tone, title, after, text, parts=said)

    def bad(self, title: str, text: str = "", why: str = "") -> Verdict:
        """Nothing has changed; the label is scanned anew."""
        said = tuple((ai, value, "") for ai, value in parts_of(self.codes))
        return Verdict("bad", title, replace(self.hand, codes=()), text, why, said)


Act = Callable[[Turn], Verdict]


@dataclass(frozen=True)
class At:
    """What is done with a code of this kind, and the step that follows."""

    good: str
    act: Act


@dataclass(frozen=True)
class Key:
    """A key for what a scan cannot say; without `act` it unfolds the lines of the task."""

    key: str
    icon: str
    words: Words
    act: Act | None = None


@dataclass(frozen=True)
class Step:
    """One question: what is asked for, and what each kind of code does."""

    key: str
    asks: Words
    accepts: Mapping[str, At] = field(default_factory=dict)
    hint: Words | None = None
    keys: tuple[Key, ...] = ()
    #: The verb whose form ends the task here, and its arguments that the basket means.
    form: str = ""
    #: Whether the task goes on here after it.
    stays: bool = False
    meant: Callable[[Turn], Suggested] | None = None
    #: What the form begins with, besides what is known of the task.
    begun: Callable[[Turn], Suggested] | None = None
    #: Paths that it asks for here though the verb does not always, and those it does not ask for.
    needs: frozenset[str] = frozenset()
    leaves: frozenset[str] = frozenset()
    #: … and those that what lies in the basket makes needed.
    needed: Callable[[Turn], frozenset[str]] | None = None


@dataclass(frozen=True)
class Station:
    """A scenario; see the module."""

    key: str
    #: Who may use it may use the station.
    verb: str
    icon: str
    words: Words
    #: The wait whose rows are its tasks; empty where it has none.
    tasks: str
    #: The task of this id as it stands now; None where it is not there, or not for the visitor.
    read: Callable[[int, Visitor], Task | None]
    steps: tuple[Step, ...]
    #: Where a task begins, from how it stands.
    first: Callable[[Task], str]
    #: The line that is asked for now; None where all is done.
    focus: Callable[[Task, Hand], Wanted | None]
    #: What takes the last scan back.
    undo: Act | None = None
    #: What is said of a scan that was refused, before the reason.
    refused: Words = NOT_SO
    #: Of the rows of the wait, those of which something can be done here; all where it is not said.
    ready: Callable[[Sequence[int], Visitor], set[int]] | None = None
    #: The station that goes on with the same document.
    then: str = ""
    #: Whether what lies in the basket is kept by the device, and gone on with. docs/adr/0270
    keeps: bool = False

    @property
    def address(self) -> str:
        return f"/station/{self.key}"

    def step(self, key: str) -> Step:
        return next((one for one in self.steps if one.key == key), self.steps[0])

    def text(self, to: Visitor) -> str:
        return self.words.in_language(to.language)

    def table(self) -> dict[str, Any]:
        """The scenario as data: by step, the kinds it accepts and the step that follows."""
        return {
            one.key: {kind: {"good": at.good, "bad": one.key} for kind, at in one.accepts.items()}
            for one in self.steps
        }


STATIONS: dict[str, Station] = {}


def station(key: str, verb: str, icon: str, words: Words, **how: Any) -> None:
    """The station is there from now on."""
    STATIONS[key] = Station(key, verb, icon, words, **how)


def stations_for(to: Visitor) -> list[Station]:
    """Those whose verb the visitor may use."""
    return [one for one in STATIONS.values() if to.may(one.verb)]


def parts_of(scanned: Sequence[str]) -> list[codes.Part]:
    """The barcodes part by part."""
    return [part for code in scanned for part in codes.parts_of(code)]


KINDS = {
    "place": Words("库位", "a bin"),
    "goods": Words("商品", "goods"),
    "container": Words("箱", "a box"),
    "document": Words("单据", "a document"),
}
UNKNOWN = Words("无法识别", "Not known")
OTHER = Words("这是{kind}，不是这里要的", "This is {kind}, not what is asked for")
MORE = Words("再扫同一标签的另一个条码", "Scan the other barcode of the label")
BLOCKED = Words("{state}：{reason}", "{state}: {reason}")


def answer(turn: Turn) -> Verdict:
    """What comes of the scan: what the step's table says, or why not.

    A refusal changes nothing (the command has kept it on record), and the step stays. Where the
    scanner runs the parts of a label together, that is said instead.
    """
    verdict = _answer(turn)
    if verdict.tone != "bad" and not verdict.hand.codes:
        return verdict
    lines = turn.task.lines if turn.task else ()
    found = unended(turn.code, [x for one in lines for x in (one.lot, one.serial)])
    seen = turn.look_up() if found else None
    if found is None or (seen and seen.goods and (seen.goods.lot_id or seen.goods.serial_id)):
        return verdict
    text = turn.say(UNENDED[found.ai], value=found.value, rest=found.rest)
    return turn.bad(turn.say(NO_FNC1), f"{text}{turn.say(SET_UP)}", verdict.why)


def _answer(turn: Turn) -> Verdict:
    """The same, by the table alone."""
    step = turn.station.step(turn.hand.step)
    if _stands_alone(turn) and not _is_of_box(turn):
        turn = replace(turn, hand=replace(turn.hand, codes=()))
    kind, found = _kind(turn)
    at = step.accepts.get(kind)
    if at is None:
        return _not_asked_for(turn, step, kind, found)
    if kind == "goods" and _is_half(turn):
        return _more(turn)
    try:
        verdict = at.act(turn)
    except IncompleteLabel as refusal:
        if not _can_go_on(turn):
            return refused(turn, refusal)
        return _more(turn, told_of(refusal, turn.station.verb, turn.to.language))
    except Refusal as refusal:
        return refused(turn, refusal)
    if verdict.tone in ("bad", "done") or verdict.hand.step != turn.hand.step:
        return verdict
    return replace(verdict, hand=replace(verdict.hand, step=at.good))


def refused(turn: Turn, refusal: Refusal) -> Verdict:
    """The refusal as a band: what does not fit, what is right, and what blocks it."""
    what = _differs(refusal)
    text = told_of(refusal, turn.station.verb, turn.to.language)
    verdict = misfit(turn, what, text)
    if verdict is not None:
        return verdict
    return turn.bad(_title(turn, what), text)


def misfit(turn: Turn, what: str = "", text: str = "") -> Verdict | None:
    """What of the label is wrong, beside the line that it is nearest to; None where it all fits.

    `what` and `text` are how it was refused: they stand where they say the same.
    """
    found = turn.look_up() if turn.task else None
    if turn.task is None or found is None or found.goods is None:
        return None
    lines = turn.task.with_held(turn.hand).lines
    parts = parts_of(turn.codes)
    beside = compare(lines, turn.hand.line, found.goods, dict(parts))
    if beside is None:
        return None
    marked = beside.marks(parts)
    if beside.is_enough and what in ("", "quantity"):
        one = beside.line
        goods = " ".join(x for x in (one.item, one.lot, one.serial) if x)
        said = turn.say(ASIDE, goods=goods, done=one.done, quantity=one.quantity)
        return replace(turn.bad(turn.say(ENOUGH), said), parts=())
    if not beside.wrong:
        title = _title(turn, what)
        return replace(turn.bad(title, text, _why(turn, found)), parts=marked) if text else None
    first = beside.wrong[0]
    if first != what or first == "item" or not text:
        right, scanned = beside.right[first], beside.scanned[first]
        if first == "item":
            scanned = f"{scanned} {_name(turn, found)}".strip()
            right = f"{right} {beside.line.name}"
        said = turn.say(INSTEAD, right=right, scanned=scanned)
        text = said if not text or (what and what != first) else f"{said} · {text}"
    return replace(turn.bad(_title(turn, first), text, _why(turn, found)), parts=marked)


def _title(turn: Turn, what: str) -> str:
    if what in WRONG:
        return turn.say(BOTH, what=turn.say(WRONG[what]), so=turn.say(turn.station.refused))
    title = turn.say(turn.station.refused)
    return title[:1].upper() + title[1:]


def _name(turn: Turn, found: LookedUp) -> str:
    assert found.goods is not None, "it is asked of goods"
    is_zh = turn.to.language.startswith("zh")
    return found.goods.item_zh if is_zh else found.goods.item_en or found.goods.item_zh


ENOUGH = Words("已扫够，不要多扫", "Enough of it was scanned")
ASIDE = Words(
    "{goods} 已有 {done}/{quantity}，多出的放到一边",
    "{goods}: {done}/{quantity} already, put aside what is too much",
)
INSTEAD = Words("应为 {right}，扫到 {scanned}", "{right} is right, {scanned} was scanned")


def _differs(refusal: Refusal) -> str:
    """What does not fit: "item", "lot", "serial", "expires", "place", "quantity"; "" for else."""
    said = refusal.values.get("what", "")
    fault = str(refusal.details[0].get("fault", "")) if refusal.details else ""
    found = str(getattr(said, "message", said)) or fault
    return {"expires_on": "expires", "expiry": "expires", "serial number": "serial"}.get(
        found, found
    )


BOTH = Words("{what}，{so}", "{what}: {so}")
#: What does not fit, in the words of the floor.
WRONG = {
    "item": Words("商品不符", "Wrong item"),
    "lot": Words("批号不符", "Wrong lot"),
    "serial": Words("序列号不符", "Wrong serial number"),
    "expires": Words("效期不符", "Wrong expiry"),
    "place": Words("库位不符", "Wrong bin"),
    "quantity": Words("数量不符", "Wrong quantity"),
}


def _why(turn: Turn, found: LookedUp) -> str:
    """What lies on the goods that were scanned."""
    if not found.blocks:
        return ""
    block = found.blocks[0]
    state = labels.of_value("stock.blocks.kind", block.kind).in_language(turn.to.language)
    return turn.say(BLOCKED, state=state, reason=block.reason)


def _more(turn: Turn, text: str = "") -> Verdict:
    """The label goes on in another barcode; the one scanned is held until then."""
    hand = replace(turn.hand, codes=tuple(turn.codes))
    said = tuple((ai, value, "ok") for ai, value in parts_of(turn.codes))
    return Verdict("more", turn.say(MORE), hand, text, parts=said)


def _can_go_on(turn: Turn) -> bool:
    return len(turn.codes) < MAX_BARCODES and turn.code not in turn.hand.codes


def _is_half(turn: Turn) -> bool:
    """Whether the barcode says of which lot, and not of what: the other one says it."""
    said = {ai for ai, _ in parts_of(turn.codes)}
    return bool(said & PARTLY) and not said & NAMING and _can_go_on(turn)


def _is_of_box(turn: Turn) -> bool:
    """Whether the half that is held is the label of the box that the goods are in, and no more."""
    return [ai for ai, _ in parts_of(turn.hand.codes)] == ["00"]


def _stands_alone(turn: Turn) -> bool:
    """Whether the barcode says what and which: the half that is held is of another label."""
    said = {ai for ai, _ in parts_of([turn.code])}
    is_named = any(ai in NAMING for ai, _ in parts_of(turn.hand.codes))
    return bool(said & NAMING) and (bool(said & PARTLY) or is_named)


def drop(turn: Turn) -> Verdict:
    """The half of a label that was held is forgotten."""
    asks = turn.say(turn.station.step(turn.hand.step).asks)
    title = turn.say(Words("已放弃半个标签", "The half label is dropped"))
    return Verdict("more", title, replace(turn.hand, codes=()), asks)


#: Parts that name what it is; parts that say which of it.
NAMING, PARTLY = frozenset({"00", "01", "02", "8006"}), frozenset({"10", "17", "21", "11"})


def _kind(turn: Turn) -> tuple[str, LookedUp | None]:
    """Which kind of code it is; what it is known as, where that had to be looked up."""
    code = turn.code.strip()
    if turn.task and any(one.place == code for one in turn.task.lines):
        return "place", None
    said = {ai for ai, _ in codes.parts_of(code)}
    if "00" in said or codes.is_sscc(code):
        return "container", None
    if said:
        return "goods", None
    found = turn.look_up()
    if found is None:
        return "goods", None
    kind = found.found.kind if found.found else ""
    if found.goods is not None or any(one.kind in GOODS for one in found.candidates):
        return "goods", found
    return ("goods" if kind in GOODS else kind), found


GOODS = frozenset({"item", "lot", "serial"})


def _not_asked_for(turn: Turn, step: Step, kind: str, found: LookedUp | None) -> Verdict:
    language = turn.to.language
    if kind in KINDS:
        title = turn.say(OTHER, kind=KINDS[kind].in_language(language))
        return turn.bad(title, step.asks.in_language(language))
    told = ""
    if found is not None and found.told is not None:
        told = found.told.zh if language.startswith("zh") else found.told.en
    return turn.bad(turn.say(UNKNOWN), told or fill(EMPTY, {"code": turn.code}, language))


EMPTY = sentence("{code} is nothing that is known here.")


def first_left(task: Task, hand: Hand) -> Wanted | None:
    """The line that is asked for: of the bin where one stands, else the next; skipped ones last."""
    left = [one for one in task.lines if one.left and one.id not in hand.short]
    if not left:
        return None
    asked = next((one for one in left if one.id == hand.line), None)
    here = [one for one in left if hand.place and one.place == hand.place]
    return asked or min(here or left, key=lambda one: (one.id in hand.skipped, left.index(one)))


def plain(text: str) -> str:
    """A scanned text without what a scanner adds at its end."""
    return re.sub(r"[\r\n\t]+$", "", text)[: SCAN_LIMIT + 1]
