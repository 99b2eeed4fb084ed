"""Goods for an order 配料: promised to it, and issued by lot. # PRO-01"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from traceward.domain.places.models import Place
from traceward.domain.production import events, queries
from traceward.domain.production.commands.checking import check_released
from traceward.domain.production.commands.goods import Input
from traceward.domain.production.commands.planning import order_scope
from traceward.domain.production.commands.wip import under_way
from traceward.domain.production.models import ComponentLine, IssuedGoods, OrderState, WorkOrder
from traceward.domain.stock.allocation import Demand, Shortfall, Strategy
from traceward.domain.stock.commands import Said, collect, promise
from traceward.domain.stock.commands.allocation import Reserved, reserve
from traceward.domain.stock.models import Code, Status
from traceward.domain.stock.rules import BalanceKey, Leg, Promise
from traceward.domain.warehousing.queries import Promised, standing
from traceward.domain.warehousing.scanning import place_code, scanned
from traceward.kernel.base.refusals import InvalidInput, WrongState, sentence
from traceward.kernel.base.rows import save_rows
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.command.write import apply_rules, emit, touch
from traceward.kernel.org.roles import PLANNER, PRODUCTION, STOREKEEPER
from traceward.kernel.rules.queries import reader


@dataclass(frozen=True)
class IssueScan:
    """A pack scanned at a place: the barcodes of its label, and how many such packs are taken."""

    codes: list[str]
    place_code: str
    packs: int = 1


@dataclass(frozen=True)
class Issued:
    """Ids of the issued goods touched, and base units moved."""

    issued_ids: list[int]
    base_units: int


class Want(NamedTuple):
    """Goods wanted from a place, for a component line."""

    line: ComponentLine
    goods: Input
    di: str | None
    field: str


@command(
    "production.allocate",
    roles=(PLANNER, PRODUCTION, STOREKEEPER),
    scope=order_scope,
    from_states=(OrderState.RELEASED,),
)
def allocate(order_id: int, *, shortfall: Shortfall = Shortfall.TAKE, by: Actor) -> Reserved:
    """What the order still needs is promised to it, first expired first out, with the reasons.

    A component whose lots may not be mixed is promised from one lot.
    """
    order: WorkOrder = WorkOrder.objects.lock(order_id)
    out, in_wip = _out(order_id), _promised_in_wip(order)
    mixes = reader(queries.MIXES_LOTS)
    demands = []
    for line in _lines(order):
        missing = line.quantity - out[line.pk]
        if missing < 1:
            continue
        is_mixing = apply_rules(mixes, queries.context_of(line.item, order.site_id), by=by).value
        demands.append(
            Demand(
                line_id=line.pk,
                item_id=line.item_id,
                quantity=missing + in_wip[line.pk],
                site_id=order.site_id,
                owner_id=order.legal_entity.party_id,
                strategy=Strategy.FEFO if is_mixing else Strategy.ONE_LOT,
            )
        )
    if not demands:
        raise WrongState(
            sentence("Everything that {number} needs was issued. There is nothing to allocate."),
            number=str(order),
        )
    touch(order, by=by)
    return reserve(demands, shortfall=shortfall, by=by)


def _lines(order: WorkOrder) -> list[ComponentLine]:
    return list(order.lines.select_related("item").order_by("pk"))


def _out(order_id: int) -> dict[int, int]:
    """By component line, what is out for the order: issued, not returned, not scrapped."""
    out: dict[int, int] = defaultdict(int)
    for row in IssuedGoods.objects.filter(component__order=order_id):
        out[row.component_id] += row.quantity - row.returned - row.scrapped
    return out


def _promised_in_wip(order: WorkOrder) -> dict[int, int]:
    """By component line, what stands promised in WIP: it does not count as still to come."""
    found: dict[int, int] = defaultdict(int)
    lines = [line.pk for line in _lines(order)]
    for held, quantity in standing(lines).items():
        if held.key.place_id == order.wip_id:
            found[held.line_id] += quantity
    return found


@command(
    "production.issue",
    roles=(PRODUCTION, STOREKEEPER),
    scope=order_scope,
    from_states=(OrderState.RELEASED,),
)
def issue(
    order_id: int,
    *,
    scans: list[IssueScan] | None = None,
    goods: list[Input] | None = None,
    by: Actor,
) -> Issued:
    """The scanned or named goods stand in WIP, promised to the order and to nothing else.

    Without scans and goods, all that is promised to the order in the bins. Unreleased, expired
    and blocked goods are refused, and more than the order needs. # PRO-01 PRO-02
    """
    order = under_way(order_id)
    lines = {line.item_id: line for line in _lines(order)}
    mine = standing(line.pk for line in lines.values())
    bins = {held: q for held, q in mine.items() if held.key.place_id != order.wip_id}
    if scans or goods:
        wants = _scanned(order, lines, scans or [], by)
        wants += [_want(order, lines, x, None, f"goods.{n}") for n, x in enumerate(goods or [])]
        check_released([w.goods for w in wants], action="pick", fields=[w.field for w in wants])
        taken = _taken(order, wants, bins)
    else:
        by_line = {line.pk: line for line in lines.values()}
        taken = [
            _Taken(by_line[held.line_id], held.key, quantity, quantity, None)
            for held, quantity in sorted(bins.items())
        ]
    if not taken:
        raise WrongState(
            sentence("Nothing is promised to {number} in the bins. Allocate or scan first."),
            number=str(order),
        )
    _check_need(order, taken)
    rows = _keep(taken)
    _to_wip(order, taken, by)
    touch(order, by=by)
    total = sum(t.quantity for t in taken)
    emit(events.GoodsIssued(order.uid, total), subject=order.uid, by=by)
    return Issued([row.pk for row in rows], total)


class _Taken(NamedTuple):
    """So much leaves the balance; `promised` of it was promised to the order."""

    line: ComponentLine
    key: BalanceKey
    quantity: int
    promised: int
    di: str | None


def _scanned(
    order: WorkOrder, lines: dict[int, ComponentLine], scans: Sequence[IssueScan], by: Actor
) -> list[Want]:
    if not scans:
        return []
    read = scanned(
        [(s.codes, s.packs) for s in scans], order.site.day_at(by.now), field="scans.{n}"
    )
    codes = [place_code(s.place_code, field=f"scans.{n}.place_code") for n, s in enumerate(scans)]
    places = dict(Place.objects.filter(code__in=codes).values_list("code", "pk"))
    wants = []
    for n, (code, seen) in enumerate(zip(codes, read, strict=True)):
        place_id = places.get(code, 0)
        goods = seen.goods
        said = Input(goods.item_id, seen.quantity, place_id, goods.lot_id, goods.serial_id)
        wants.append(_want(order, lines, said, seen.label.di, f"scans.{n}"))
    return wants


def _want(
    order: WorkOrder, lines: dict[int, ComponentLine], goods: Input, di: str | None, field: str
) -> Want:
    line = lines.get(goods.item_id)
    if line is None:
        raise InvalidInput(
            sentence("{number} does not need this item. Put it back where it was."),
            field=field,
            number=str(order),
        )
    if goods.quantity < 1:
        raise InvalidInput(
            sentence("The quantity must be a whole number above zero."), field=f"{field}.quantity"
        )
    return Want(line, goods, di, field)


def _taken(order: WorkOrder, wants: Sequence[Want], promised: dict[Promised, int]) -> list[_Taken]:
    """Each want from the balances at its place, what is promised to the order first.

    What is not there stays asked for, and the ledger refuses it by name.
    """
    there = queries.statuses_at(_spot(w.goods) for w in wants)
    left: dict[BalanceKey, int] = {}
    found: list[_Taken] = []
    for want in wants:
        missing, line = want.goods.quantity, want.line
        plain = BalanceKey(
            line.item_id,
            want.goods.lot_id,
            want.goods.place_id,
            Status.QUALIFIED,
            order.legal_entity.party_id,
            want.goods.serial_id,
        )
        for balance in there.get(_spot(want.goods), []):
            key = plain._replace(container_id=balance.container_id)
            if (balance.status, balance.owner_id) != (key.status, key.owner_id):
                continue
            mine = promised.get(Promised(line.pk, key), 0)
            free = left.setdefault(key, balance.on_hand - balance.reserved)
            own = min(missing, mine)
            part = own + min(missing - own, max(free, 0))
            if not part:
                continue
            promised[Promised(line.pk, key)] = mine - own
            left[key] = free - (part - own)
            missing -= part
            found.append(_Taken(line, key, part, own, want.di))
        if missing:
            found.append(_Taken(line, plain, missing, 0, want.di))
    return found


def _spot(goods: Input) -> queries.Spot:
    return queries.Spot(goods.item_id, goods.lot_id, goods.serial_id, goods.place_id)


def _check_need(order: WorkOrder, taken: Sequence[_Taken]) -> None:
    """No more is out for the order than it needs with the expected loss."""
    out = _out(order.pk)
    for one in taken:
        out[one.line.pk] += one.quantity
        if out[one.line.pk] > one.line.quantity:
            raise InvalidInput(
                sentence(
                    "{number} needs {needed} of {item}; with this {out} would be out for it. "
                    "Issue less, or have what is spoilt scrapped first."
                ),
                field="order_id",
                number=str(order),
                needed=one.line.quantity,
                item=one.line.item.code,
                out=out[one.line.pk],
            )


def _keep(taken: Sequence[_Taken]) -> list[IssuedGoods]:
    """The issued goods are on record, a row for each lot or serial of a component."""
    known = {
        (row.component_id, row.lot_id, row.serial_id): row
        for row in IssuedGoods.objects.filter(component__in=[t.line.pk for t in taken])
    }
    new, old = {}, {}
    for one in taken:
        key = (one.line.pk, one.key.lot_id, one.key.serial_id)
        row = known.get(key)
        if row is None:
            row = known[key] = new[key] = IssuedGoods(
                component=one.line, lot_id=one.key.lot_id, serial_id=one.key.serial_id, quantity=0
            )
        elif key not in new:
            old[key] = row
        row.quantity += one.quantity
    IssuedGoods.objects.bulk_create(new.values())
    save_rows(list(old.values()), ["quantity"])
    return [*old.values(), *new.values()]


def _to_wip(order: WorkOrder, taken: Sequence[_Taken], by: Actor) -> None:
    """From bin to WIP; what was promised to the order, and what was not, is promised there."""
    legs, promises = [], []
    for one in taken:
        there = one.key._replace(place_id=order.wip_id, container_id=None)
        legs.append(
            Leg.between(
                Code.PICK,
                one.key,
                there,
                one.quantity,
                document_id=order.pk,
                line_id=one.line.pk,
                di=one.di,
            )
        )
        promises.append(Promise(one.line.pk, one.key, -one.promised))
        promises.append(Promise(one.line.pk, there, one.quantity))
    collect(legs, said=Said("goods"), by=by)
    promise(promises, by=by)
