"""查询: what any code is, where it stands, and what forbids it. Changes nothing."""

from traceward.domain.warehousing.scanning import LookedUp
from traceward.resources import labels
from traceward.resources.labels import Words
from traceward.web.kit.stations import KINDS, LOOK_UP, At, Step, Turn, Verdict, station

FORBIDDING = ("expired", "recalled", "on hold", "rejected", "destroyed")


def ask(turn: Turn) -> Verdict:
    """What it is, in one line; red where something forbids its use."""
    found = turn.look_up()
    if found is None:
        return turn.bad(turn.say(Words("您不能查询", "You may not ask this")))
    states = [one for one in found.states if one in FORBIDDING]
    told = found.told.zh if found.told and turn.to.language.startswith("zh") else ""
    told = told or (found.told.en if found.told else "")
    title = _title(turn, found)
    said = labels.of_value
    words = "、".join(
        said("stock.state", one).in_language(turn.to.language) for one in found.states
    )
    if states or told:
        return turn.bad(title or turn.say(Words("无法识别", "Not known")), told or words)
    return turn.good(title, words)


def _title(turn: Turn, found: LookedUp) -> str:
    if found.goods is not None:
        is_zh = turn.to.language.startswith("zh")
        name = found.goods.item_zh if is_zh else found.goods.item_en or found.goods.item_zh
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
