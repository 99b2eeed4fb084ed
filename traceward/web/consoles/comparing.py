"""What moved between two moments: at each station how much came, from where, and went, to where."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext

from traceward.domain.trace.queries import Flow
from traceward.web.consoles.spots import OUTSIDE, matched

Station = tuple[str, int | None]
#: Stations that are told of one row, each way.
MOST = 5
#: A quantity stays with its name.
CLOSE = "\u00a0"
ON_THE_WAY: Station = ("transit", None)


@dataclass
class Row:
    """A station: what stood there, what came in and went out, and with whom."""

    then: int = 0
    came: int = 0
    went: int = 0
    sources: Counter[Station] = field(default_factory=Counter)
    targets: Counter[Station] = field(default_factory=Counter)

    @property
    def now(self) -> int:
        return self.then + self.came - self.went


def between(before: Iterable[Flow], since: Iterable[Flow]) -> dict[Station, Row]:
    """Each station with what flowed up to the first moment, and after it.

    Goods that left in a shipment went to whom it was delivered to; they are on the way where it
    was not, and came from who sent it where it left before.
    """
    rows: dict[Station, Row] = defaultdict(Row)
    senders: dict[int | None, set[Station]] = defaultdict(set)
    for flow in before:
        source, target = _ends(flow)
        rows[target].then += flow.quantity
        rows[source].then -= flow.quantity
        if flow.to_kind == "transit":
            senders[flow.to_id].add(source)
    legs: dict[int | None, tuple[list[list[Any]], list[list[Any]]]]
    legs = defaultdict(lambda: ([], []))
    for flow in since:
        source, target = _ends(flow)
        rows[target].came += flow.quantity
        rows[source].went += flow.quantity
        if flow.to_kind == "transit":
            legs[flow.to_id][0].append([source, flow.quantity])
            rows[ON_THE_WAY].sources[source] += flow.quantity
        elif flow.from_kind == "transit":
            legs[flow.from_id][1].append([target, flow.quantity])
            rows[ON_THE_WAY].targets[target] += flow.quantity
        else:
            rows[source].targets[target] += flow.quantity
            rows[target].sources[source] += flow.quantity
    for place, (came, left) in legs.items():
        known = senders[place]
        sender = next(iter(known)) if len(known) == 1 else ON_THE_WAY
        for source, target, quantity in matched(came, left, ON_THE_WAY):
            if source is not None:
                rows[source].targets[target] += quantity
            if target != ON_THE_WAY:
                rows[target].sources[source or sender] += quantity
    return {station: row for station, row in rows.items() if station[0] not in OUTSIDE}


def _ends(flow: Flow) -> tuple[Station, Station]:
    """From where and to where; one shipment is as the other."""
    ends = ((flow.from_kind, flow.from_id), (flow.to_kind, flow.to_id))
    source, target = (ON_THE_WAY if end[0] == "transit" else end for end in ends)
    return source, target


def told(row: Row, called: Callable[[Station], str]) -> Sequence[str]:
    """From where it came and where it went, in words; at most a line each way."""
    lines = (("←", row.sources), ("→", row.targets))
    return [f"{arrow} {_listed(of, called)}" for arrow, of in lines if of]


def _listed(of: Counter[Station], called: Callable[[Station], str]) -> str:
    parts = [f"{called(one)}{CLOSE}{quantity:,}" for one, quantity in of.most_common(MOST)]
    if len(of) > MOST:
        rest = sum(of.values()) - sum(quantity for _, quantity in of.most_common(MOST))
        others = gettext("{count} others {quantity}")
        parts.append(others.format(count=len(of) - MOST, quantity=f"{rest:,}"))
    return " · ".join(parts)
