"""The terms of a demand: what its ids mean, and what the rules say about it. # INV-06"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db import connection

from traceward.domain.stock.allocation import Demand, Line, Strategy
from traceward.domain.stock.queries.asked import TELLING, Asked
from traceward.domain.stock.queries.promises import Promised, promised_to
from traceward.kernel.base.refusals import InvalidInput, NotFound, WrongState, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.documents.models import kinds
from traceward.kernel.rules.queries import declare, reader
from traceward.kernel.rules.rules import Candidate, Decided, Spec, decide

DIMENSIONS = ("item", "product_line", "lot", "customer", "customer_class", "site")
STRATEGY = declare(
    "stock.allocation.strategy",
    Strategy.FEFO.value,
    *DIMENSIONS,
    doc="In which order stock is promised: fefo, edd, fifo, lefo, lot_first, one_lot, nearest.",
    choices=tuple(strategy.value for strategy in Strategy),
)
MINIMUM_DAYS = declare(
    "stock.allocation.minimum_days",
    0,
    *DIMENSIONS,
    doc="Days that a lot must stay usable to be promised.",
)


@dataclass(frozen=True)
class Facts:
    """Read in a few statements for all lines; keyed by id."""

    product_lines: Mapping[int, str]
    today: Mapping[int, date]
    serial_numbers: Mapping[int, str]
    customer_classes: Mapping[int, str]


def rows(query: str, *arguments: Any) -> list[tuple[Any, ...]]:
    """What the database answers; values by place, or by name in one mapping."""
    named = len(arguments) == 1 and isinstance(arguments[0], dict)
    with connection.cursor() as cursor:
        cursor.execute(query, arguments[0] if named else arguments)
        return cursor.fetchall()


class Asking(NamedTuple):
    """What is known of the document to which a line belongs."""

    document_id: int
    kind: str
    state: str
    name: str


def lock_documents(line_ids: Sequence[int]) -> dict[int, Asking]:
    """By line its document, locked in key order, so that a line is served once at a time."""
    found = rows("SELECT id, document_id FROM documents_line WHERE id = ANY (%s)", list(line_ids))
    missing = set(line_ids) - {line for line, _ in found}
    if missing:
        raise NotFound(
            sentence("There is no {what} with id {id}. Look it up in its list and try again."),
            what="document line",
            id=min(missing),
        )
    locked = rows(
        "SELECT id, kind, state, coalesce(number, uid::text) FROM documents_document"
        " WHERE id = ANY (%s) ORDER BY id FOR NO KEY UPDATE",
        sorted({document for _, document in found}),
    )
    documents = {row[0]: Asking(*row) for row in locked}
    return {line: documents[document] for line, document in found}


def require_served(kind: str, state: str, name: str) -> None:
    """Refused unless a document of this kind has stock promised and fetched in this state."""
    served_in = kinds()[kind].SERVED_IN
    if state != served_in:
        raise WrongState(
            sentence(
                "{number} is “{state}”. Stock is promised to it and fetched for it only while it "
                "is “{served_in}”."
            ),
            number=name,
            state=state,
            served_in=served_in,
        )


def lock_demands(demands: Sequence[Demand]) -> None:
    """The lines' documents are locked; refused unless all of them ask for goods now."""
    asking = lock_documents([d.line_id for d in demands])
    served = {kind for kind, of_kind in kinds().items() if of_kind.SERVED_IN}
    for n, d in enumerate(demands):
        document = asking[d.line_id]
        if document.kind not in served:
            raise InvalidInput(
                sentence(
                    "{number} asks for no goods. Choose a line of a sales order, a transfer or a "
                    "work order."
                ),
                field=f"demands.{n}.line_id",
                number=document.name,
            )
    for document in dict.fromkeys(asking.values()):
        require_served(document.kind, document.state, document.name)
    for kind in sorted({document.kind for document in asking.values()}):
        asked = TELLING[kind]([line for line, of in asking.items() if of.kind == kind])
        _require_asked(demands, asked, asking)


def _require_asked(
    demands: Sequence[Demand], asked: Mapping[int, Asked], asking: Mapping[int, Asking]
) -> None:
    """Refused at the demand for other goods, or for more of them, than its line still asks for."""
    for n, d in enumerate(demands):
        told = asked.get(d.line_id)
        if told is None:
            continue
        values: dict[str, Any] = {"number": asking[d.line_id].name, "line": d.line_id}
        other = _other_goods(d, told)
        if other:
            raise InvalidInput(
                sentence("Line {line} of {number} asks for other goods. Correct the {what}."),
                field=f"demands.{n}.{other[0]}",
                what=other[1],
                **values,
            )
        if d.quantity > told.quantity:
            raise InvalidInput(
                sentence(
                    "Line {line} of {number} asks for {asked} base units more, not for "
                    "{quantity}. Correct the quantity."
                ),
                field=f"demands.{n}.quantity",
                asked=max(told.quantity, 0),
                quantity=d.quantity,
                **values,
            )


def _other_goods(d: Demand, told: Asked) -> tuple[str, str] | None:
    """The field that names what the line does not ask for, and what it is."""
    if d.item_id != told.item_id:
        return "item_id", "item"
    if told.lot_id is not None and d.lot_id != told.lot_id:
        return "lot_id", "lot"
    if told.serial_id is not None and tuple(d.serial_ids) != (told.serial_id,):
        return "serial_ids", "serial"
    return None


def facts_of(demands: Sequence[Demand]) -> Facts:
    """What the rules need to know of the demands, read at once; their documents are locked."""
    lock_demands(demands)
    return known_of(demands)


def known_of(demands: Sequence[Demand]) -> Facts:
    """The same for who only asks: nothing is locked."""
    items = dict(
        rows(
            "SELECT id, product_line FROM catalog_item WHERE id = ANY (%s)",
            list({d.item_id for d in demands}),
        )
    )
    today = dict(
        rows(
            "SELECT id, (tw_now() AT TIME ZONE time_zone)::date FROM org_site WHERE id = ANY (%s)",
            list({d.site_id for d in demands}),
        )
    )
    lots = dict(
        rows(
            "SELECT id, item_id FROM stock_lot WHERE id = ANY (%s)",
            list({d.lot_id for d in demands if d.lot_id}),
        )
    )
    serials = {
        pk: (item_id, number)
        for pk, item_id, number in rows(
            "SELECT id, item_id, raw_number FROM stock_serial WHERE id = ANY (%s)",
            list({s for d in demands for s in d.serial_ids}),
        )
    }
    named = [p for d in demands for p in (d.owner_id, d.customer_id) if p]
    parties = {p for (p,) in rows("SELECT id FROM org_party WHERE id = ANY (%s)", list(set(named)))}
    for n, d in enumerate(demands):
        unknown = _unknown(d, items, today, lots, serials, parties)
        if unknown:
            raise NotFound(
                sentence(
                    "Line {line}: its {what} does not exist or belongs to another item. "
                    "Correct the line."
                ),
                field=f"demands.{n}.{unknown[0]}",
                line=d.line_id,
                what=unknown[1],
            )
    classes = dict(
        rows(
            "SELECT party_id, customer_class FROM partners_partner WHERE party_id = ANY (%s)",
            list({d.customer_id for d in demands if d.customer_id}),
        )
    )
    return Facts(items, today, {s: number for s, (_, number) in serials.items()}, classes)


def _unknown(
    d: Demand,
    items: Mapping[int, str],
    sites: Mapping[int, date],
    lots: Mapping[int, int],
    serials: Mapping[int, tuple[int, str]],
    parties: set[int],
) -> tuple[str, str] | None:
    """The field that names nothing, and what it should name."""
    if d.item_id not in items:
        return "item_id", "item"
    if d.site_id not in sites:
        return "site_id", "site"
    if d.owner_id not in parties:
        return "owner_id", "owner"
    if d.customer_id and d.customer_id not in parties:
        return "customer_id", "customer"
    if d.lot_id is not None and lots.get(d.lot_id) != d.item_id:
        return "lot_id", "lot"
    if any(serials.get(s, (0, ""))[0] != d.item_id for s in d.serial_ids):
        return "serial_ids", "serial"
    return None


def promised_before(
    demands: Sequence[Demand], facts: Facts, by: Actor
) -> dict[int, list[Promised]]:
    """What the lines hold, locked; promises that have run out do not count any more."""
    line_ids = [d.line_id for d in demands]
    rows("SELECT stock_lock_promises(%s, %s)", line_ids, list(facts.product_lines))
    held: dict[int, list[Promised]] = defaultdict(list)
    for p in promised_to(line_ids):
        if p.expires_at is None or p.expires_at > by.now:
            held[p.line_id].append(p)
    return held


# --- The rules -------------------------------------------------------------------------------


class _Rules:
    """One parameter's rules, found by item and customer without looking at all of them."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.buckets: dict[tuple[Any, Any], list[Candidate]] = defaultdict(list)
        for c in reader(spec).candidates:
            self.buckets[c.context.get("item"), c.context.get("customer")].append(c)
        self.known: dict[tuple[Any, ...], Decided] = {}

    def value_for(self, context: Mapping[str, Any]) -> Decided:
        key = tuple(context[name] for name in DIMENSIONS)
        if key not in self.known:
            item, customer = context["item"], context["customer"]
            pairs = dict.fromkeys([(None, None), (item, None), (None, customer), (item, customer)])
            candidates = [c for pair in pairs for c in self.buckets.get(pair, ())]
            self.known[key] = decide(self.spec, candidates, context)
        return self.known[key]

    def lots(self) -> list[int]:
        """The lots that some rule names."""
        named = (c.context.get("lot") for b in self.buckets.values() for c in b)
        return sorted({lot for lot in named if lot is not None})


def lines_of(
    demands: Sequence[Demand], facts: Facts, before: Mapping[int, list[Promised]]
) -> list[Line]:
    """The demands with strategy and minimum shelf life as the rules set them."""
    strategies, minimums = _Rules(STRATEGY), _Rules(MINIMUM_DAYS)
    lots: dict[int, list[int]] = defaultdict(list)
    for lot_id, item_id in rows(
        "SELECT id, item_id FROM stock_lot WHERE id = ANY (%s)", minimums.lots()
    ):
        lots[item_id].append(lot_id)
    lines = []
    for d in demands:
        context = {
            "item": d.item_id,
            "product_line": facts.product_lines[d.item_id],
            "lot": d.lot_id,
            "customer": d.customer_id,
            "customer_class": d.customer_class or facts.customer_classes.get(d.customer_id or 0),
            "site": d.site_id,
        }
        lines.append(
            _line(d, context, strategies, minimums, lots.get(d.item_id, []), facts, before)
        )
    return lines


def _line(
    d: Demand,
    context: Mapping[str, Any],
    strategies: _Rules,
    minimums: _Rules,
    lots_with_rules: Sequence[int],
    facts: Facts,
    before: Mapping[int, list[Promised]],
) -> Line:
    said = Decided(d.strategy, "line") if d.strategy else strategies.value_for(context)
    minimum = minimums.value_for(context)
    by_lot = {lot: minimums.value_for({**context, "lot": lot}) for lot in lots_with_rules}
    strategy = _strategy(said)
    today, held = facts.today[d.site_id], before.get(d.line_id, [])
    is_late = strategy == Strategy.EDD and d.due_on is not None and d.due_on > today
    return Line(
        demand=d,
        strategy=strategy,
        counted_from=d.due_on if is_late and d.due_on else today,
        minimum_days=max(minimum.value, d.minimum_days),
        lot_days={lot: x.value for lot, x in by_lot.items() if x != minimum},
        missing=max(d.quantity - sum(p.quantity for p in held), 0),
        own_lots=frozenset(p.key.lot_id or p.key.serial_id or 0 for p in held),
        rules=(
            f"strategy: {said.rule}",
            f"minimum_days: {minimum.rule if minimum.value >= d.minimum_days else 'line'}",
            *(f"minimum_days: {x.rule}" for x in by_lot.values() if x != minimum),
        ),
        serial_numbers=facts.serial_numbers if d.serial_ids else {},
    )


def _strategy(said: Decided) -> Strategy:
    try:
        return Strategy(said.value)
    except ValueError:
        raise InvalidInput(
            sentence(
                "Rule {rule} says “{value}”, which is no allocation strategy. "
                "Ask the data owner to correct it."
            ),
            rule=said.rule,
            value=str(said.value),
        ) from None
