"""Tasks of stations as data, from the rows of the lists that the visitor may read."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from traceward.domain.warehousing.rules import needs_cold_chain
from traceward.kernel.base.refusals import Refusal
from traceward.kernel.command.database_errors import persistent
from traceward.resources import labels, reading
from traceward.resources.kit import RESOURCES
from traceward.web.kit.comparing import Wanted
from traceward.web.kit.hands import MOST_SCANS
from traceward.web.kit.stations import Task
from traceward.web.kit.suggestions import known
from traceward.web.visitors import Visitor

Row = Mapping[str, Any]


class Kept(NamedTuple):
    """At which temperatures goods are kept, in which unit they are counted, in words."""

    storage: str = ""
    unit: str = ""
    is_cold: bool = False


UNKNOWN = Kept()


#: Rows that are read at once.
AT_ONCE = 500
#: What a station asks of a line of goods, where its list has it.
OF_GOODS = (
    *("id", "line_number", "item_id", "item_code", "item_name_zh", "item_name_en", "quantity"),
    *("lot_id", "lot_raw_number", "lot_expires_on", "serial_id", "serial_raw_number"),
    "container_code",
)


def document(name: str, pk: int, to: Visitor, *columns: str) -> Row | None:
    """The row with all columns and its lines, or with these columns and without lines.

    None where it is not there, or not for the visitor.
    """
    resource = RESOURCES[name]
    try:
        if columns:
            found = known(name, to, 1, id=pk, fields=",".join(columns))
            return found[0] if found else None
        whole = list(resource.columns.values())
        return persistent(lambda: reading.one(resource, str(pk), whole, to.reader(name)))
    except Refusal:
        return None


def goods(name: str, to: Visitor, *more: str, **where: Any) -> list[Row]:
    """All lines of goods that belong to the task, as many as it may have, with more columns."""
    columns = RESOURCES[name].columns
    fields = ",".join((*(one for one in OF_GOODS if one in columns), *more))
    return rows(name, to, sort="line_number", fields=fields, **where)


def rows(name: str, to: Visitor, sort: str = "id", **where: Any) -> list[Row]:
    """All rows of the list that belong to the task, as many as a task may have."""
    found: list[Row] = []
    while len(found) < MOST_SCANS:
        after = {f"{sort}__gt": found[-1][sort]} if found else {}
        more = known(name, to, AT_ONCE, sort=sort, **where, **after)
        found += more
        if len(more) < AT_ONCE:
            break
    return found


def called(row: Row, name: str, to: Visitor) -> str:
    """What a record that the row names is called in the visitor's language."""
    own = "zh" if to.language.startswith("zh") else "en"
    return str(row.get(f"{name}_name_{own}") or row.get(f"{name}_name_zh") or "")


def wanted(
    row: Row, to: Visitor, quantity: int, done: int, of: Kept = UNKNOWN, **more: Any
) -> Wanted:
    """A line of goods as the station asks for it."""
    return Wanted(
        id=row["id"],
        item=row["item_code"],
        name=called(row, "item", to),
        quantity=quantity,
        done=done,
        lot=row.get("lot_raw_number") or "",
        serial=row.get("serial_raw_number") or "",
        expires_on=row.get("lot_expires_on"),
        storage=of[0],
        unit=of[1],
        is_cold=of[2],
        item_id=row["item_id"],
        lot_id=row.get("lot_id"),
        serial_id=row.get("serial_id"),
        box=row.get("container_code") or "",
        number=row["line_number"],
        **more,
    )


def task_with(
    row: Row,
    about: str,
    address: str,
    lines: Sequence[Row],
    to: Visitor,
    is_over: bool,
    done: str = "",
) -> Task:
    """The document with its lines to be scanned; `done` is the column of what came already."""
    of = kept(lines, to)
    asked = tuple(
        wanted(x, to, x["quantity"], x[done] if done else 0, of.get(x["item_id"], Kept()))
        for x in lines
    )
    return Task(
        *(row["id"], row["number"], about, address, asked),
        is_over=is_over,
        version=row["version"],
    )


def kept(lines: Sequence[Row], to: Visitor) -> dict[int, Kept]:
    """By item, the temperatures it is kept at and its base unit, in words; read once for a page."""
    ids = tuple(sorted({line["item_id"] for line in lines}))[:AT_ONCE]
    known_as = ("kept", ids)
    if known_as not in to.known:
        fields = "id,storage_c_min,storage_c_max,base_unit"
        found = known("catalog.items", to, AT_ONCE, id=list(ids), fields=fields) if ids else []
        to.known[known_as] = {
            row["id"]: Kept(
                degrees(row["storage_c_min"], row["storage_c_max"]),
                _unit(row, to),
                needs_cold_chain(row["storage_c_max"]),
            )
            for row in found
        }
    of: dict[int, Kept] = to.known[known_as]
    return of


def _unit(row: Row, to: Visitor) -> str:
    said = labels.of_value("catalog.items.base_unit", row["base_unit"])
    return said.in_language(to.language)


def degrees(least: Any, most: Any) -> str:
    """The range in words; empty where there is none."""
    if least is None and most is None:
        return ""
    if least is None or most is None:
        return f"{'≥' if most is None else '≤'} {_plain(least if most is None else most)} ℃"
    return f"{_plain(least)}–{_plain(most)} ℃"


def _plain(number: Any) -> str:
    return f"{float(number):g}".replace("-", "−")
