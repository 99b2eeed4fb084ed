"""What the ledger's refusals are called, and the sentence for each one the database can give."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from traceward.domain.stock.rules import STATUSES
from traceward.kernel.base.refusals import (
    InvalidInput,
    NotFound,
    Phrase,
    Refusal,
    local,
    moment,
    phrase,
    sentence,
)
from traceward.kernel.command.database_errors import MAKERS, OVERTAKEN


class ShortStock(Refusal):
    """There is less than was asked, or what is there is promised to others. # INV-04"""


class NotReleased(Refusal):
    """The stock's status does not allow this. # INV-03"""


class Expired(Refusal):
    """The lot is past its last usable day. # INV-07"""


class Blocked(Refusal):
    """A quality hold or a recall covers the goods."""


class UnsuitablePlace(Refusal):
    """The place cannot keep the goods at the temperature their label asks for. # INV-05"""


class MoveNotAllowed(Refusal):
    """This kind of move does not go from there to there."""


class TimeRefused(Refusal):
    """The moment lies in the future, in a closed period, or too far back without a reason."""


class ReversalRefused(Refusal):
    """Only a whole move that still stands can be reversed, once."""


class SerialElsewhere(Refusal):
    """The serial stands in another place already."""


Rows = list[dict[str, Any]]

#: By what is known of the goods: item, lot, serial.
GOODS = {
    (True, True, True): sentence("{item}, lot {lot}, serial {serial}"),
    (True, True, False): sentence("{item}, lot {lot}"),
    (True, False, True): sentence("{item}, serial {serial}"),
    (True, False, False): sentence("{item}"),
    (False, True, True): sentence("lot {lot}, serial {serial}"),
    (False, True, False): sentence("lot {lot}"),
    (False, False, True): sentence("serial {serial}"),
}


UNKNOWN = (None, "", "—")


def goods_named(item: str | None, lot: str | None, serial: str | None) -> Phrase:
    """The goods as a sentence names them: without a word of the lot or serial that they lack."""
    known = (item not in UNKNOWN, lot not in UNKNOWN, serial not in UNKNOWN)
    return phrase(GOODS.get(known, GOODS[True, False, False]), item=item, lot=lot, serial=serial)


def _goods(row: dict[str, Any]) -> Phrase:
    """What the row names, by the word of its own level: a serial is no lot."""
    return goods_named(row.get("item"), row.get("lot"), row.get("serial"))


def _more(rows: Rows) -> dict[str, Any]:
    """The first row's values, and how many rows are at fault."""
    return {**{k: v for k, v in rows[0].items() if k != "n"}, "count": len(rows)}


#: What the place is to blame for that goods would go to.
OF_THE_PLACE = frozenset({"way", "site", "closed place", "temperature"})


def name_legs(refusal: Refusal, name: Callable[[int, bool], str]) -> None:
    """The refusal names the arguments that its legs came of, instead of the legs' numbers.

    `name` tells it of a leg, by number from 0, and whether its place is to blame.
    """
    if not refusal.details:
        return
    named = []
    for row in refusal.details:
        n, why = row.get("n", 0), row.get("why")
        # an unknown owner is named by the argument that holds the id
        said = name(n - 1, why in OF_THE_PLACE) if n and why != "unknown owner" else ""
        plain = {key: value for key, value in row.items() if key != "n"}
        named.append({**plain, "field": said} if said else plain)
    refusal.field = refusal.field or named[0].get("field", "")
    refusal.details = named


def _short(rows: Rows) -> Refusal:
    rows = [{**r, "available": r["on_hand"] - r["reserved"]} for r in rows]
    if rows[0].get("waiting"):  # 待验
        return NotReleased(
            sentence(
                "{goods} at {place}: {waiting} wait for acceptance, {on_hand} were decided about. "
                "Have quality record the checks and decide first."
            ),
            details=rows,
            goods=_goods(rows[0]),
            **_more(rows),
        )
    return ShortStock(
        sentence(
            "{goods} at {place}: {on_hand} on hand, {reserved} of them promised, "
            "{asked} asked. Take less, or other goods or another place."
        ),
        details=rows,
        goods=_goods(rows[0]),
        **_more(rows),
    )


def _unknown(rows: Rows) -> Refusal:
    if rows[0].get("why") == "unknown owner":
        return NotFound(
            sentence("There is no {what} with id {id}. Look it up in its list and try again."),
            details=rows,
            what="party",
            id=rows[0]["owner"],
        )
    return InvalidInput(
        sentence(
            "Item, lot, serial and place do not belong together or do not exist "
            "({goods}). Check what was scanned."
        ),
        details=rows,
        goods=_goods(rows[0]),
        **_more(rows),
    )


MOVE_SENTENCES = {
    "way": sentence("“{action}” does not go from {from} to {to}. Choose another place."),
    "site": sentence(
        "{from} and {to} are at different sites. Goods go from site to site by a shipment."
    ),
    "status": sentence("“{action}” cannot change the status of goods; quality decides that."),
    "enters qualified": sentence(
        "Goods become qualified by a signed usage decision only. Have them inspected."
    ),
    "owner": sentence("“{action}” cannot change who owns the goods."),
    "quantity": sentence(
        "The quantity must be a whole number above zero, and 1 for a serial. Correct it."
    ),
    "closed place": sentence("{to} is closed. Choose another place."),
}


def action_words(code: str) -> str:
    """The move's code in words."""
    return "put away" if code == "putaway" else code.replace("_", " ")


def _way(rows: Rows) -> Refusal:
    values = _more(rows)
    return MoveNotAllowed(
        MOVE_SENTENCES[rows[0]["why"]],
        details=rows,
        action=action_words(values.pop("code", "")),
        **{k: v for k, v in values.items() if k != "why"},
    )


def _state(rows: Rows) -> Refusal:
    values = _more(rows)
    return NotReleased(
        sentence(
            "{goods} is “{status}”; that does not allow “{action}”. "
            "Wait for the quality decision, or take other stock."
        ),
        details=rows,
        action=action_words(values.get("code", "")),
        status=values.get("status", ""),
        goods=_goods(rows[0]),
    )


def _expired(rows: Rows) -> Refusal:
    return Expired(
        sentence(
            "Lot {lot} expired after {expires_on}. It may only be moved, counted, returned, "
            "rejected or destroyed; take another lot."
        ),
        details=rows,
        **_more(rows),
    )


BLOCK_SENTENCES = {
    "state": sentence(
        "{blocked} is {kind} ({reason}). Leave it where it is, take other stock, or ask quality."
    ),
    "leaves": sentence(
        "{goods} at {place} stands in a place or container that is {kind} ({reason}) "
        "and may not be taken out of it. Leave it there, or ask quality."
    ),
}
#: What is blocked, by the level of the block; without one, the goods themselves.
BLOCKED = {
    "serial": sentence("Serial {serial} of {item}"),
    "lot": sentence("Lot {lot} of {item}"),
    "container": sentence("Container {container}"),
    "item": sentence("Item {item}"),
    "place": sentence("Place {blocked_place}"),
}


def _blocked(rows: Rows) -> Refusal:
    values = _more(rows)
    values["kind"] = "recalled" if values["kind"] == "recall" else "on hold"
    level = BLOCKED.get(values.pop("level", ""))
    goods = _goods(rows[0])
    return Blocked(
        BLOCK_SENTENCES[values.pop("why", "state")],
        details=rows,
        goods=goods,
        blocked=phrase(level, **rows[0]) if level else goods,
        **values,
    )


def _temperature(rows: Rows) -> Refusal:
    return UnsuitablePlace(
        sentence(
            "{item} must be kept between {needs_min} and {needs_max} °C; {to} is not kept so. "
            "Choose a place of the right temperature zone."
        ),
        details=rows,
        **{k: v for k, v in _more(rows).items() if k != "why"},
    )


TIME_SENTENCES = {
    "future": sentence("{happened_at} lies in the future. Check the clock of the device."),
    "backdated": sentence(
        "{happened_at} is more than 15 minutes ago. Ask a warehouse supervisor to enter it as "
        "back-dated, with a reason."
    ),
    "closed": sentence(
        "{happened_at} lies in a closed period. Post it at a later date, with the reason."
    ),
}


def _time(rows: Rows) -> Refusal:
    row = {k: v for k, v in rows[0].items() if k not in ("why", "zone")}
    zone = rows[0].get("zone")
    moments = {k: datetime.fromisoformat(v) for k, v in row.items() if k in ("happened_at", "now")}
    return TimeRefused(
        TIME_SENTENCES[rows[0]["why"]],
        field="happened_at",
        details=[{**row, **{k: local(at, zone) for k, at in moments.items()}}],
        **{**row, **{k: moment(at, zone) for k, at in moments.items()}},
    )


REVERSAL_SENTENCES = {
    "mirror": sentence(
        "Move {reverses} cannot be reversed: it does not exist or was reversed already."
    ),
    "decision": sentence(
        "Move {reverses} is a signed decision, which is not taken back. Have quality decide anew."
    ),
    "transformation": sentence(
        "Move {reverses} belongs to a transformation. Reverse all that it consumed and produced "
        "together."
    ),
}


def _reversal(rows: Rows) -> Refusal:
    return ReversalRefused(
        REVERSAL_SENTENCES[rows[0]["why"]],
        details=rows,
        **_more(rows),
    )


def _serial(rows: Rows) -> Refusal:
    return SerialElsewhere(
        sentence("Serial {serial} already stands at {place}. Check the label, and report it."),
        details=rows,
        **_more(rows),
    )


def _past(rows: Rows) -> Refusal:
    return ShortStock(
        sentence(
            "With this entry, {goods} at {place} would have been short at {at} "
            "({was} were there, {asked} asked). Enter what happened in between first."
        ),
        details=[{k: v for k, v in row.items() if k != "zone"} for row in rows],
        goods=_goods(rows[0]),
        **{
            **{k: v for k, v in _more(rows).items() if k != "zone"},
            "at": moment(datetime.fromisoformat(rows[0]["at"]), rows[0].get("zone")),
        },
    )


GENEALOGY_SENTENCES = {
    "not consumed": sentence("The genealogy names {goods} as an input; consume it in the same go."),
    "more than consumed": sentence(
        "The genealogy says that more of {goods} went in than is consumed. Correct the quantity."
    ),
    "not produced": sentence(
        "The genealogy names {goods} as an output; produce it in the same go."
    ),
    "leads nowhere": sentence("{goods} is consumed. Say what it went into."),
    "comes from nowhere": sentence("{goods} is produced. Say what it was made of."),
}


def _genealogy(rows: Rows) -> Refusal:
    return InvalidInput(
        GENEALOGY_SENTENCES[rows[0]["why"]],
        details=rows,
        goods=_goods(rows[0]),
    )


class NestingRefused(Refusal):
    """Containers stand in one another in one place, five deep at most, open and not blocked."""


NESTING_SENTENCES = {
    "cycle": sentence("{container} would stand in itself. Choose another container."),
    "depth": sentence("{container} would stand more than five deep. Choose an outer container."),
    "closed": sentence("{container} is closed: nothing goes in or out. Choose an open one."),
    "blocked": sentence("{container} is blocked ({reason}). Leave it as it is, or ask quality."),
    "apart": sentence(
        "{container} would stand in several places ({places}). Move the containers together first."
    ),
}


def _nesting(rows: Rows) -> Refusal:
    values = _more(rows)
    return NestingRefused(
        NESTING_SENTENCES[values.pop("why")], field="container_id", details=rows, **values
    )


def _unsigned(rows: Rows) -> Refusal:
    return MoveNotAllowed(
        sentence("Goods are released or rejected by a signed usage decision only.")
    )


def _in_words(make: Callable[[Rows], Refusal]) -> Callable[[Rows], Refusal]:
    """The same refusal, of rows whose status is a word, and without the database's own code."""
    words = STATUSES.words

    def told(row: dict[str, Any]) -> dict[str, Any]:
        row = {k: v for k, v in row.items() if k != "state" or not str(v).startswith("TW")}
        return {**row, "status": words.get(row["status"])} if "status" in row else row

    return lambda rows: make([told(row) for row in rows])


# A serial that came to stand elsewhere since the ledger looked: looking again finds where.
OVERTAKEN.add("stock_balance_serial_once")
MAKERS.update(
    (state, _in_words(make))
    for state, make in {
        "TW001": _short,
        "TW002": _unknown,
        "TW003": _way,
        "TW004": _state,
        "TW005": _expired,
        "TW006": _blocked,
        "TW007": _temperature,
        "TW008": _time,
        "TW009": _reversal,
        "TW012": _serial,
        "TW013": _past,
        "TW014": _genealogy,
        "TW015": _unsigned,
        "TW017": _nesting,
    }.items()
)
