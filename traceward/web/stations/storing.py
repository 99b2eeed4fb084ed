"""上架: scan the goods, then the bin; of a bin that does not suit, one that does is named."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from traceward.kernel.base.refusals import Refusal
from traceward.resources import labels
from traceward.resources.labels import Words
from traceward.web.kit.hands import Hand, Taken
from traceward.web.kit.stations import At, Key, Step, Task, Turn, Verdict, misfit, station
from traceward.web.kit.suggestions import known, known_of
from traceward.web.stations import basket
from traceward.web.stations.reading import Kept, called, document, kept, rows, wanted
from traceward.web.visitors import Visitor

RECEIPTS, PUT_AWAY = "warehousing.receipts", "warehousing.put_away"
TAKE_BACK = "warehousing.take_back"
TO_STORE = Words("将上架 {n} {unit}", "{n} {unit} to put away")
WHOLE = Words(
    "每包装 {each}；上架少于此数的，先改件数，再扫库位",
    "{each} in a pack; for less, change the packs before you scan the bin",
)
LIST = Key("list", "list-details", Words("清单", "List"))


def _open(pk: int, to: Visitor) -> tuple[Mapping[str, Any], list[Mapping[str, Any]]] | None:
    """The receipt, and what of it is decided and waits: receipt line, quantity, bin, status."""
    receipt = document(RECEIPTS, pk, to)
    if receipt is None:
        return None
    return receipt, list(known_of(PUT_AWAY, receipt, to).get("lines", ()))


def task_of(pk: int, to: Visitor) -> Task | None:
    """What was decided about and still stands where it came in."""
    found = _open(pk, to)
    if found is None:
        return None
    receipt, moves = found
    lines = {line["id"]: line for line in receipt["lines"]}
    places = known("places.places", to, id=sorted({x["to_place_id"] for x in moves} - {None}))
    codes = {row["id"]: row["code"] for row in places}
    of = kept(list(lines.values()), to) if lines else {}
    return Task(
        pk,
        receipt["number"],
        f"{called(receipt, 'supplier', to)} · {receipt['place_code']}",
        f"/warehousing/receipts/{pk}",
        tuple(
            replace(
                wanted(
                    lines[one["receipt_line_id"]], to, one["quantity"], 0,
                    of.get(lines[one["receipt_line_id"]]["item_id"], Kept()),
                    place=codes.get(one["to_place_id"], ""),
                    under=_state(one["status"], to),
                ),
                id=n,
            )
            for n, one in enumerate(moves, 1)
        ),
        is_over=not moves,
        source=RECEIPTS,
        version=receipt["version"],
    )  # fmt: skip


def _state(status: str, to: Visitor) -> str:
    return labels.of_value("stock.balances.status", status).in_language(to.language)


def waiting(ids: Sequence[int], to: Visitor) -> set[int]:
    """Of these receipts those with goods that are decided about and not put away."""
    fields = "id,receipt_id,quantity,put_away,status"
    found = rows("warehousing.receipt_lines", to, receipt_id=list(ids), fields=fields)
    return {
        row["receipt_id"]
        for row in found
        if row["status"] in DECIDED and row["put_away"] < row["quantity"]
    }


DECIDED = frozenset({"qualified", "rejected"})


def first(task: Task) -> str:
    return "done" if task.is_over else "goods"


def take(turn: Turn) -> Verdict:
    """These goods are in the hand; the packs are as many as wait, until they are made fewer."""
    task, found = turn.task, turn.look_up()
    assert task is not None, "a receipt is a task"
    of = found.goods if found else None
    lines = [
        one
        for one in task.lines
        if of and (one.item_id, one.lot_id, one.serial_id) == (of.item_id, of.lot_id, of.serial_id)
    ]
    if of is None or not lines:
        text = Words("不在此收货单待上架之列", "Not among what waits of this receipt")
        none = turn.bad(turn.say(Words("不能上架", "Not to be put away")), turn.say(text))
        return misfit(turn) or none
    one = lines[0]
    packs, rest = divmod(one.left, of.base_units)
    each = of.base_units if packs and not rest else 1
    label = Taken(tuple(turn.codes), packs=each, parts=((one.id, 0),))
    hand = Hand(step="place", line=one.id, basket=(label,))
    title = turn.say(TO_STORE, n=one.left, unit=one.unit)
    how = turn.say(WHOLE, each=each)
    verdict = turn.good(title, f"{of.item_code} {of.lot} · {how}", "more", hand)
    counts = turn.say(TO_STORE, n="{n}", unit=one.unit)
    held = replace(verdict.hand, packs=max(one.left // each, 1))
    return replace(verdict, hand=held, counts=counts, each=each)


def store(turn: Turn) -> Verdict:
    """The goods in the hand stand in the scanned bin."""
    task, hand = turn.task, turn.hand
    found = _open(task.id, turn.to) if task else None
    place = known("places.places", turn.to, code=turn.code.strip(), site_id=found[0]["site_id"]) \
        if found else []  # fmt: skip
    if found is None or not hand.basket or not place:
        text = Words("先扫商品，再扫本场所的库位", "Scan the goods, then a bin of this site")
        return turn.bad(turn.say(Words("不能上架", "Not to be put away")), turn.say(text))
    line, each = hand.basket[0].line, hand.basket[0].packs
    receipt, moves = found
    if not 1 <= line <= len(moves):
        return turn.bad(turn.say(Words("已上架", "It is put away already")))
    one = moves[line - 1]
    moved = {**one, "quantity": each * hand.packs, "to_place_id": place[0]["id"]}
    try:
        answer = turn.run(PUT_AWAY, receipt_id=receipt["id"], lines=[moved])
    except Refusal as refusal:
        shown = task.line(line) if task else None
        other = shown.place if shown else ""
        if other not in ("", place[0]["code"]) and refusal.values.get("better"):
            refusal.values["better"] = other  # as the card says
        raise
    title = turn.say(Words("已上架 · {n}", "Put away · {n}"), n=answer.base_units)
    now = task_of(receipt["id"], turn.to)
    is_over = now is None or now.is_over
    parts = ((one["receipt_line_id"], answer.base_units),)
    last = replace(hand.basket[0], place=place[0]["code"], packs=hand.packs, parts=parts)
    after = Hand(step="done" if is_over else "goods", last=last)
    return turn.good(title, place[0]["code"], "done" if is_over else "ok", after)


def take_back(turn: Turn) -> Verdict:
    """What was put away last waits where it came in, and is in the hand again for another bin."""
    task, last = turn.task, turn.hand.last
    receipt = document(RECEIPTS, task.id, turn.to, "id", "site_id") if task else None
    place = known("places.places", turn.to, code=last.place, site_id=receipt["site_id"]) \
        if last and receipt else []  # fmt: skip
    if task is None or last is None or not place:
        return turn.bad(turn.say(Words("没有可撤销的上架", "Nothing to take back")))
    answer = turn.run(
        TAKE_BACK, receipt_id=task.id, receipt_line_id=last.line, place_id=place[0]["id"]
    )
    title = turn.say(Words("已撤销 · −{n}", "Taken back · −{n}"), n=answer.base_units)
    text = turn.say(AGAIN, place=last.place, back=answer.place)
    return turn.good(title, text, "more", Hand(step="goods"))


AGAIN = Words(
    "从 {place} 取出，回到 {back}；再扫商品，重新上架",
    "Out of {place}, back to {back}: scan the goods again to put them away",
)


station(
    "put-away",
    PUT_AWAY,
    "transfer",
    Words("上架", "Put away"),
    tasks="receipts",
    ready=waiting,
    read=task_of,
    first=first,
    focus=lambda task, hand: basket.asked_for(task.lines, hand),
    undo=take_back,
    refused=Words("不能上架", "not to be put away"),
    steps=(
        Step(
            "goods",
            Words("请扫描要上架的商品", "Scan what is put away"),
            {"goods": At("place", take)},
            keys=(LIST,),
        ),
        Step(
            "place",
            Words("请扫描库位", "Scan the bin"),
            {"place": At("goods", store), "goods": At("place", take)},
            keys=(LIST,),
        ),
        Step("done", Words("没有待上架的货物", "Nothing waits to be put away")),
    ),
)
