"""查询: what any code is, where it stands, and what forbids it. Changes nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from traceward.domain.warehousing.scanning import LookedUp
from traceward.domain.warehousing.scanning.gone import FINAL
from traceward.resources import labels
from traceward.resources.labels import Words
from traceward.web.kit.stations import BLOCKED, KINDS, LOOK_UP, At, Step, Turn, Verdict, station
from traceward.web.kit.suggestions import known
from traceward.web.stations.reading import called

FORBIDDING = ("expired", "recalled", "on hold", "rejected", "destroyed")


def ask(turn: Turn) -> Verdict:
    """What it is, in one line; red where something forbids its use."""
    found = turn.look_up()
    if found is None:
        return turn.bad(turn.say(Words("您不能查询", "You may not ask this")))
    told = _in(turn, found.told.zh, found.told.en) if found.told else ""
    title = _title(turn, found)
    words = _join(turn, [_state(turn, one) for one in found.states])
    held = _join(turn, [_block(turn, one.kind, one.reason) for one in found.blocks])
    text = told or " · ".join(one for one in (words, held) if one)
    forbidden = [one for one in found.states if one in FORBIDDING]
    if told or not found.found:
        verdict = turn.bad(title or turn.say(Words("无法识别", "Not known")), text)
    elif forbidden and _is_some_good(found):
        verdict = turn.good(title, text, "more")
    elif forbidden:
        verdict = turn.bad(title, text)
    else:
        verdict = turn.good(title, text or turn.say(NOTHING_THERE))
    return replace(verdict, rows=tuple(_rows(turn, found)))


NOTHING_THERE = Words("这里没有库存", "Nothing of it stands anywhere")
#: Rows that a station shows; the page that is linked has them all.
SHOWN = 6


def _is_some_good(found: LookedUp) -> bool:
    """Whether some of it may be used, though not all."""
    return any(
        one.status == "qualified" and not (one.is_expired or one.is_on_hold or one.is_recalled)
        for one in found.whereabouts
    )


def _rows(turn: Turn, found: LookedUp) -> Iterator[tuple[str, str, str, str]]:
    """What stands where: what, its state, how much, and the page that tells more."""
    if found.found is None:
        return
    if found.found.kind == "place":
        yield from _in_place(turn, found.found.id)
    elif found.box is not None:
        address = f"/stock/containers/{found.box.id}"
        for one in found.box.contents[:SHOWN]:
            name = _in(turn, one.item_zh, one.item_en)
            under = _under(turn, one.lot, one.serial, one.expires_on, one.status, one.place)
            yield f"{one.item_code} {name}", under, str(one.quantity), address
    else:
        address = PAGES.get(found.found.kind, "").format(id=found.found.id)
        there = sorted(found.whereabouts, key=lambda at: at.place_kind in FINAL)
        for at in there[:SHOWN]:
            flags = (("expired", at.is_expired), ("on hold", at.is_on_hold))
            marks = [name for name, is_so in (*flags, ("recalled", at.is_recalled)) if is_so]
            under = _join(turn, [_state(turn, one) for one in (*marks, at.status)])
            yield at.place, under, str(at.quantity), address
        if len(there) > SHOWN or not found.is_complete:
            more = turn.say(OTHERS, n=len(there[SHOWN:]))
            total = sum(at.quantity for at in there)
            least = "" if found.is_complete else "≥ "
            yield turn.say(ALL_OF_IT), more, f"{least}{total:,}", address


OTHERS = Words("另有 {n} 处，点开查看", "{n} more places: open to see them")
ALL_OF_IT = Words("合计", "In all")
#: Where what was found is told in full.
PAGES = {
    "item": "/catalog/items/{id}",
    "lot": "/stock/lots/{id}",
    "serial": "/stock/serials/{id}",
}
BALANCES = "stock.balances"


def _in_place(turn: Turn, place: int) -> Iterator[tuple[str, str, str, str]]:
    if not turn.to.may(BALANCES):
        return
    fields = "id,item_code,item_name_zh,item_name_en,lot_raw_number,serial_raw_number"
    fields += ",lot_expires_on,status,on_hand"
    there = known(BALANCES, turn.to, SHOWN, place_id=place, on_hand__gt=0, fields=fields)
    for row in there:
        lot, serial = row["lot_raw_number"] or "", row["serial_raw_number"] or ""
        under = _under(turn, lot, serial, row["lot_expires_on"], row["status"])
        what = f"{row['item_code']} {called(row, 'item', turn.to)}"
        yield what, under, str(row["on_hand"]), f"/stock/balances?place_id={place}"


def _under(
    turn: Turn, lot: str, serial: str, until: date | None, status: str, place: str = ""
) -> str:
    parts = (lot, serial, str(until or ""), _state(turn, status), place)
    return " · ".join(one for one in parts if one)


def _state(turn: Turn, state: str) -> str:
    """A quality status, or what else is so; each in the one word for it."""
    kind = "stock.balances.status" if state in STATUSES else "stock.state"
    return labels.of_value(kind, state).in_language(turn.to.language)


STATUSES = frozenset({"pending", "qualified", "rejected"})


def _block(turn: Turn, kind: str, reason: str) -> str:
    said = labels.of_value("stock.blocks.kind", kind).in_language(turn.to.language)
    return turn.say(BLOCKED, state=said, reason=reason)


def _join(turn: Turn, words: Iterable[str]) -> str:
    return _in(turn, "、", ", ").join(words)


def _in(turn: Turn, zh: str, en: str) -> str:
    return zh if turn.to.language.startswith("zh") else en or zh


def _title(turn: Turn, found: LookedUp) -> str:
    if found.goods is not None:
        name = _in(turn, found.goods.item_zh, found.goods.item_en)
        return " ".join(one for one in (name, found.goods.lot, found.goods.serial) if one)
    if found.found is None:
        return ""
    kind = KINDS.get(found.found.kind)
    return f"{kind.in_language(turn.to.language)} {found.found.name}" if kind else found.found.name


ANY = ("place", "goods", "container", "document")
station(
    "look-up",
    LOOK_UP,
    "search",
    Words("查询", "Look up"),
    tasks="",
    read=lambda *_: None,
    first=lambda _: "ask",
    focus=lambda *_: None,
    steps=(
        Step("ask", Words("扫描任意条码", "Scan any code"), dict.fromkeys(ANY, At("ask", ask))),
    ),
)
