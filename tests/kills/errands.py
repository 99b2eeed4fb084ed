"""What clients want: seeded errands, each a row of commands that depends on the answers.

Pure and deterministic, so that a client that was killed walks its last errand again from its log.
Every order says itself which moves and promises it must have made when it is answered with done;
the judge holds the ledger against these, not against what the server says of itself.
"""

import random
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

Company = dict[str, Any]
Answer = dict[str, Any]

#: code, item, lot, quantity, from place, status, owner, to place, status, owner. A to place of
#: None is the shipment's own transit place, which the answer names.
Move = list[int | None]
#: line, then the balance (item, lot, place, status, owner), then the change.
Promise = list[int]

RECEIVE, MOVE, PICK, SHIP, ADJUST_IN, ADJUST_OUT, REVERSE = 1, 3, 4, 6, 13, 14, 18
PENDING, QUALIFIED = 1, 2
#: Statuses as answers say them, and as the ledger keeps them.
STATUSES = {"pending": PENDING, "qualified": QUALIFIED}


def key_of(said: dict[str, Any]) -> tuple[int, ...]:
    """Item, lot, place, status and owner of a balance that an answer names."""
    item, lot, place, status, owner, *_ = said["key"]
    return item, lot, place, STATUSES[status], owner


@dataclass(frozen=True)
class Order:
    """One command to send, and what it does if it is done."""

    verb: str
    person: str
    arguments: dict[str, Any]
    moves: tuple[Move, ...] = ()
    promises: tuple[Promise, ...] = ()
    is_signed: bool = False


Errand = Generator[Order, Answer, None]


@dataclass(frozen=True)
class Teller:
    """A client as its errands know it: its number among so many, and whether it can sign."""

    number: int
    of: int
    can_sign: bool = True

    def own(self, rows: list[Any], nth: int) -> Any:
        """The nth of this client's share of the rows; no other client touches it."""
        share = rows[self.number :: self.of]
        return share[nth % len(share)]


def errand(seed: int, teller: Teller, nth: int, company: Company) -> Errand:
    """The client's nth errand."""
    r = random.Random(f"{seed}/{teller.number}/{nth}")
    kinds = {name: weight for name, weight in WEIGHTS.items() if teller.can_sign or name != "block"}
    (name,) = r.choices(list(kinds), list(kinds.values()))
    return MAKERS[name](r, teller, nth, company)


def _move(
    company: Company, code: int, lot: int, quantity: int, source: str, target: str, status: int
) -> Move:
    places, us = company["places"], company["us"]
    here, there = places[source], places[target]
    return [code, company["item"], lot, quantity, here, status, us, there, status, us]


def _moving(company: Company, lines: list[tuple[int, int, str, str]]) -> Order:
    places = company["places"]
    rows = [
        {
            "item_id": company["item"],
            "lot_id": lot,
            "quantity": quantity,
            "from_place_id": places[source],
            "to_place_id": places[target],
            "owner_id": company["us"],
        }
        for lot, quantity, source, target in lines
    ]
    moves = tuple(_move(company, MOVE, *line, QUALIFIED) for line in lines)
    return Order("stock.move", "storekeeper", {"lines": rows}, moves)


def _lot(r: random.Random, company: Company) -> int:
    return int(r.choice(company["lots"])["id"])


def move(r: random.Random, teller: Teller, nth: int, company: Company) -> Errand:
    """Some goods go from bin to bin."""
    lines = [
        (_lot(r, company), r.randint(1, 6), *r.sample(["A-01", "A-02"], 2))
        for _ in range(r.randint(1, 4))
    ]
    yield _moving(company, lines)


def adjust(r: random.Random, teller: Teller, nth: int, company: Company) -> Errand:
    """A count found more or less; a large difference waits for somebody else's decision."""
    lot, place = _lot(r, company), r.choice(["A-01", "A-02"])
    change = r.choice([-3, -2, -1, 1, 2, 3, 3, -r.randint(101, 120)])
    difference = {
        "item_id": company["item"],
        "lot_id": lot,
        "place_id": company["places"][place],
        "change": change,
        "owner_id": company["us"],
    }
    if change > 0:
        made = _move(company, ADJUST_IN, lot, change, "ADJ", place, PENDING)
    else:
        made = _move(company, ADJUST_OUT, lot, -change, place, "ADJ", QUALIFIED)
    arguments = {"differences": [difference], "reason": f"count {nth}"}
    answer = yield Order("stock.adjust", "storekeeper", arguments, (made,))
    if answer["outcome"] == "held":
        held = {"held_uid": answer["held_uid"]}
        yield Order("workflow.release", "quality_head", held, (made,))


def reverse(r: random.Random, teller: Teller, nth: int, company: Company) -> Errand:
    """A move made before the run is taken back, sometimes twice: the second time is refused."""
    move_id, lot, quantity = teller.own(company["reversible"], nth)
    made = _move(company, REVERSE, lot, quantity, "A-02", "A-01", QUALIFIED)
    for _ in range(r.choice([1, 1, 1, 2])):
        arguments = {"move_ids": [move_id], "reason": "test"}
        yield Order("stock.reverse", "warehouse_supervisor", arguments, (made,))


def block(r: random.Random, teller: Teller, nth: int, company: Company) -> Errand:
    """A lot is blocked for a while, and lifted with a signature."""
    arguments = {"scope": {"lot_id": _lot(r, company)}, "kind": "hold", "reason": "complaint"}
    answer = yield Order("stock.block", "quality_head", arguments)
    if answer["outcome"] != "done":
        return
    yield from move(r, teller, nth, company)
    arguments = {"block_uid": answer["answer"]["block_uid"], "reason": "harmless"}
    yield Order("stock.lift_block", "quality_head", arguments, is_signed=True)


def receive(r: random.Random, teller: Teller, nth: int, company: Company) -> Errand:
    """Announced goods come in, scanned by their UDI codes."""
    lots = r.sample(company["lots"], r.randint(1, 3))
    scans, moves = [], []
    for lot in lots:
        packs = r.randint(1, 9)
        code = f"(01){company['di']}(17)301231(10){lot['number']}"
        scans.append({"codes": [code], "packs": packs})
        made = _move(company, RECEIVE, lot["id"], packs, "SUP", "DOCK", PENDING)
        made[6] = company["supplier"]
        moves.append(made)
    arguments = {
        "document_id": company["expected"],
        "place_id": company["places"]["DOCK"],
        "delivery_note": f"N{teller.number}-{nth}",
        "scans": scans,
    }
    yield Order("warehousing.receive", "storekeeper", arguments, tuple(moves))


def serve(r: random.Random, teller: Teller, nth: int, company: Company) -> Errand:
    """An order line is promised goods; they are picked, and go out or back."""
    demand = teller.own(company["demands"], nth)
    wanted = {
        "line_id": demand["line_id"],
        "item_id": company["item"],
        "quantity": r.randint(1, 40),
        "site_id": company["site"],
        "owner_id": company["us"],
    }
    if r.random() < 0.3:
        wanted["lot_id"] = _lot(r, company)
    answer = yield Order("stock.reserve", "storekeeper", {"demands": [wanted]})
    promised = answer["answer"]["lines"][0]["picks"] if answer["outcome"] == "done" else []
    staged = []
    if promised and r.random() < 0.7:
        staged = yield from _picked(r, demand, promised, company)
    yield Order("stock.release_reservations", "storekeeper", {"line_ids": [demand["line_id"]]})
    if staged:
        yield _moving(company, [(lot, quantity, "STAGE", "A-01") for lot, quantity in staged])


def _picked(
    r: random.Random, demand: dict[str, int], promised: list[Any], company: Company
) -> Generator[Order, Answer, list[tuple[int, int]]]:
    """The promised goods stand in staging or are on their way; gives what still stands there."""
    places, stage = company["places"], company["places"]["STAGE"]
    numbers = {lot["id"]: lot["number"] for lot in company["lots"]}
    codes = {n: places[n] for n in ("A-01", "A-02")}
    opening = {
        "demand_id": demand["document_id"],
        "staging_id": stage,
    }
    answer = yield Order("warehousing.open_pick", "storekeeper", opening)
    if answer["outcome"] != "done":
        return []
    pick = {"pick_id": answer["answer"]["pick_id"]}
    scans, moves, promises = [], [], []
    for taken in promised:
        (item, lot, place, status, owner), quantity = key_of(taken), taken["quantity"]
        code = [f"(01){company['di']}(17)301231(10){numbers[lot]}"]
        name = next(n for n, known in codes.items() if known == place)
        scans.append({"codes": code, "place_code": name, "packs": quantity})
        moves.append([PICK, item, lot, quantity, place, status, owner, stage, status, owner])
        line = demand["line_id"]
        promises.append([line, item, lot, place, status, owner, -quantity])
        promises.append([line, item, lot, stage, status, owner, quantity])
    answer = yield Order(
        "warehousing.pick", "picker", {**pick, "scans": scans}, tuple(moves), tuple(promises)
    )
    if answer["outcome"] != "done":
        cancel = {**pick, "reason": "it cannot be fetched"}
        yield Order("warehousing.cancel_pick", "storekeeper", cancel)
        return []
    if r.random() < 0.4:
        return [(m[2], m[3]) for m in moves]
    return (yield from _shipped(pick, scans, moves, demand["line_id"]))


def _shipped(
    pick: dict[str, int], scans: list[dict[str, Any]], picked: list[Any], line: int
) -> Generator[Order, Answer, list[tuple[int, int]]]:
    """Another person checks, and the goods leave; what still stands in staging where refused."""
    left = [(m[2], m[3]) for m in picked]
    held = [{"codes": s["codes"], "packs": s["packs"]} for s in scans]
    checking = {**pick, "scans": held, "is_package_intact": True, "is_label_right": True}
    answer = yield Order("warehousing.check", "checker", checking)
    if answer["outcome"] != "done":
        return left
    moves, promises = [], []
    for _, item, lot, quantity, *_, stage, status, owner in picked:
        moves.append([SHIP, item, lot, quantity, stage, status, owner, None, status, owner])
        promises.append([line, item, lot, stage, status, owner, -quantity])
    going = {**pick, "transport": {"mode": "road", "vehicle_plate": "T-1"}}
    answer = yield Order("warehousing.ship", "dispatcher", going, tuple(moves), tuple(promises))
    return [] if answer["outcome"] == "done" else left


def mischief(r: random.Random, teller: Teller, nth: int, company: Company) -> Errand:
    """What must be refused: more than there is, a lot that is not, somebody without the role."""
    order = _moving(company, [(_lot(r, company), 10_000_000, "A-01", "A-02")])
    kind = r.randrange(3)
    if kind == 1:
        order.arguments["lines"][0].update(quantity=1, lot_id=10_000_000)
    if kind == 2:
        order = Order(order.verb, "picker", order.arguments, order.moves)
    yield order


MAKERS: dict[str, Callable[[random.Random, Teller, int, Company], Errand]] = {
    "move": move,
    "adjust": adjust,
    "reverse": reverse,
    "block": block,
    "receive": receive,
    "serve": serve,
    "mischief": mischief,
}
WEIGHTS = {
    "move": 40,
    "adjust": 12,
    "reverse": 10,
    "block": 5,
    "receive": 10,
    "serve": 18,
    "mischief": 5,
}
