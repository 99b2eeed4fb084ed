"""Fetching promised goods 拣货: bin to staging, and back again."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any

from traceward.domain.places.models import Place, PlaceKind
from traceward.domain.stock.commands import Said, collect, promise
from traceward.domain.stock.commands.terms import require_served
from traceward.domain.stock.models import Code, Status
from traceward.domain.stock.refusals import Blocked, goods_named
from traceward.domain.stock.rules import BalanceKey, Leg, Promise
from traceward.domain.warehousing import events, queries, rules
from traceward.domain.warehousing.commands.scans import keep_scans
from traceward.domain.warehousing.commands.swapping import SWAPPED, swap
from traceward.domain.warehousing.models import Destination, Pick, PickLine, PickState
from traceward.domain.warehousing.queries import Goods, Promised
from traceward.domain.warehousing.refusals import PromiseGone, WrongPick
from traceward.domain.warehousing.scanning import Scanned, goods_of, place_code, scanned
from traceward.kernel.base.prepared import Prepared
from traceward.kernel.base.refusals import InvalidInput, Phrase, WrongState, phrase, sentence
from traceward.kernel.base.rows import add_rows, save_rows
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.database_errors import MAKERS
from traceward.kernel.command.people import grants_of
from traceward.kernel.command.run import command
from traceward.kernel.command.write import (
    add_lines,
    emit,
    enter,
    link,
    open_document,
    record_change,
    touch,
)
from traceward.kernel.documents.models import Document
from traceward.kernel.org.roles import PICKER, STOREKEEPER, SUPERVISOR
from traceward.kernel.org.scope import ScopeKey, scope_of, uncovered
from traceward.kernel.workflow.models import HeldCommand, HeldState


@dataclass(frozen=True)
class PickOpened:
    pick_id: int
    lines: int
    #: Promised lines that need another temperature: open a pick for them too.
    waiting: int = 0


@dataclass(frozen=True)
class PickScan:
    """A pack scanned at a place: the barcodes of its label, and how many such packs are taken."""

    codes: list[str]
    place_code: str
    packs: int = 1


@dataclass(frozen=True)
class PickProgress:
    """So many base units were fetched now, and so many are left to fetch."""

    taken: int
    left: int
    state: str


def staging_scope(staging_id: int, **_: Any) -> list[ScopeKey]:
    return scope_of(Place, staging_id)


def pick_scope(pick_id: int, **_: Any) -> list[ScopeKey]:
    return scope_of(Pick, pick_id)


def destine(
    demand: Document, consignee_id: int, deliver_to_id: int, *, delivery_address: str = ""
) -> None:
    """The demand's goods go there and nowhere else. Called by the commands that make demands."""
    Destination.objects.create(
        demand_id=demand.pk,
        consignee_id=consignee_id,
        deliver_to_id=deliver_to_id,
        delivery_address=delivery_address,
    )


@command("warehousing.open_pick", roles=(STOREKEEPER, SUPERVISOR), scope=staging_scope)
def open_pick(demand_id: int, staging_id: int, *, by: Actor) -> PickOpened:
    """What is promised to the demand and not being fetched yet is a pick, in walking order.

    The goods go where the demand says: no pick can lead them elsewhere. What has no storage
    temperature in common with the first of them waits for a pick of its own. # INV-05 GSP art. 95
    """
    demand = Document.objects.lock(demand_id)
    staging = Place.objects.select_related("site").find(staging_id)
    if staging is None or staging.kind != PlaceKind.STAGING or not staging.is_open:
        raise InvalidInput(
            sentence("Choose an open staging area of the site for the goods."), field="staging_id"
        )
    going = Destination.objects.select_related("consignee").filter(demand=demand_id).first()
    if going is None:
        raise InvalidInput(
            sentence("Nothing is picked for {number}. Choose a sales order or a transfer."),
            field="demand_id",
            number=str(demand),
        )
    require_served(demand.kind, demand.state, str(demand))
    wanted, waiting = _not_picked(demand_id, staging.site_id)
    if not wanted:
        raise WrongState(
            sentence("Nothing is promised to {number} that is not being picked. Allocate first."),
            number=str(demand),
        )
    pick = Pick(
        demand_id=demand_id,
        consignee=going.consignee,
        consignee_name=going.consignee.name("zh"),
        delivery_address=going.delivery_address or going.consignee.address,
        deliver_to_id=going.deliver_to_id,
        staging=staging,
    )
    open_document(pick, site=staging.site, state=PickState.OPEN, by=by)
    link(demand, pick, "pick")
    lines = add_lines(pick, len(wanted))
    add_rows(
        PickLine(
            line=line,
            pick=pick,
            demand_line_id=demand_line,
            item_id=key.item_id,
            lot_id=key.lot_id,
            serial_id=key.serial_id,
            owner_id=key.owner_id,
            place_id=key.place_id,
            from_container_id=key.container_id,
            quantity=quantity,
        )
        for line, (demand_line, key, quantity) in zip(lines, wanted, strict=True)
    )
    return PickOpened(pick.pk, len(lines), waiting)


def _not_picked(demand_id: int, site_id: int) -> tuple[list[tuple[int, BalanceKey, int]], int]:
    """What is promised to the demand's lines at the site and not being fetched yet.

    As far as it may travel together; and how many lines may not.
    """
    being_picked = queries.being_picked(demand_id)
    wanted, limits = [], []
    for row in queries.promised(demand_id, site_id):
        item = row.balance.item
        key = BalanceKey.of(row.balance)
        quantity = row.quantity - being_picked.get(Promised(row.line_id, key), 0)
        if quantity > 0:
            wanted.append((row.line_id, key, quantity))
            limits.append((item.storage_c_min, item.storage_c_max))
    fits = rules.fitting(limits)
    return list(compress(wanted, fits)), fits.count(False)


@command(
    "warehousing.pick", roles=(PICKER, STOREKEEPER), scope=pick_scope, from_states=(PickState.OPEN,)
)
def pick(pick_id: int, scans: list[PickScan], *, by: Actor) -> PickProgress:
    """The scanned goods stand in staging, promised as before; a wrong scan takes nothing.

    A free serial of the same lot takes the place of the one that was to be fetched, unless the
    customer asked for that one. # OUT-05
    """
    document = locked(pick_id, PickState.OPEN)
    if not scans:
        raise InvalidInput(sentence("Scan what you take from the shelf."), field="scans")
    lines = lines_of(document)
    today = document.site.day_at(by.now)
    read = scanned([(s.codes, s.packs) for s in scans], today, field="scans.{n}.codes")
    keep_scans(document, read, by=by)
    of_goods: dict[Goods, list[PickLine]] = defaultdict(list)
    for line in lines:
        of_goods[Goods(line.item_id, line.lot_id, line.serial_id)].append(line)
    takes, scan_of = [], []
    given_up: dict[int, Promised] = {}
    named = {seen.goods.serial_id for seen in read}
    for n, (scan, seen) in enumerate(zip(scans, read, strict=True)):
        place = place_code(scan.place_code, field=f"scans.{n}.place_code")
        of = of_goods[seen.goods]
        there = [x for x in of if x.place.code == place]
        parts = _served(there, seen.quantity)
        if not parts:
            _require_left(document, of, lines, seen, f"scans.{n}.codes")
        if not parts and (swapped := swap(document, lines, place, seen, named, by)):
            given_up[swapped.line.pk], parts = swapped.was, [(swapped.line, seen.quantity)]
        parts = parts or _matched(lines, place, seen, f"scans.{n}")
        for line, quantity in parts:
            total = line.picked + quantity
            record_change(line, {"picked": line.picked}, {"picked": total}, by=by)
            line.picked = total
            line.picked_by_id = by.person_id
            takes.append((line, quantity, seen.label.di))
            scan_of.append(n)
    promised = {line.pk: queries.promise_of(line) for line, _, _ in takes} | given_up
    require_standing([(promised[line.pk], quantity) for line, quantity, _ in takes])
    _to_staging(document, takes, promised, scan_of, by)
    touched = {line.pk: line for line, _, _ in takes}
    save_rows(list(touched.values()), ["picked", "picked_by", *(SWAPPED if given_up else ())])
    touch(document, by=by)
    left = sum(line.quantity - line.picked for line in lines)
    if not left:
        enter(document, PickState.PICKED, by=by)
        emit(events.GoodsPicked(document.uid, len(lines)), subject=document.uid, by=by)
    return PickProgress(sum(quantity for _, quantity, _ in takes), left, document.state)


def locked(pick_id: int, *states: PickState) -> Pick:
    """The pick, locked; refused where it is in none of these states."""
    known = ("site__legal_entity__party", "deliver_to", "consignee", "demand")
    document: Pick = Pick.objects.select_related(*known).lock(pick_id)
    document.require(*states)
    return document


def lines_of(document: Pick) -> list[PickLine]:
    """The pick's lines in walking order, with what is shown of them."""
    return _LINES(document.pk)


_LINES = Prepared(
    lambda pick: (
        PickLine.objects.filter(pick=pick)
        .select_related(
            "line", "item__product__registrant", "item__maker", "lot", "serial", "place"
        )
        .order_by("line__line_number")
    )
)


def _served(lines: Iterable[PickLine], quantity: int) -> list[tuple[PickLine, int]]:
    """The lines that so much of their goods serves, in order; none where it is too much."""
    parts, left = [], quantity
    for line in lines:
        part = min(left, line.quantity - line.picked)
        if part > 0:
            parts.append((line, part))
            left -= part
    return [] if left else parts


def _require_left(
    document: Pick,
    of: Sequence[PickLine],
    lines: Sequence[PickLine],
    seen: Scanned,
    field: str,
) -> None:
    """Refused where the lines of these goods have all of them: the label was scanned before."""
    if not of or any(line.picked < line.quantity for line in of):
        return
    values: dict[str, Any] = {
        "goods": goods_of(seen.label),
        "line": of[-1].line.line_number,
        "document": str(document),
        "quantity": sum(line.picked for line in of),
    }
    right = next((line for line in lines if line.picked < line.quantity), None)
    if right is None:
        raise WrongPick(
            sentence(
                "{goods} was scanned already: line {line} of {document} has all {quantity} of it, "
                "and everything of this pick was fetched. Put back what is too much."
            ),
            field=field,
            **values,
        )
    raise WrongPick(
        sentence(
            "{goods} was scanned already: line {line} of {document} has all {quantity} of it. "
            "Fetch {right_quantity} of {right_goods} from {right_place}."
        ),
        field=field,
        **values,
        **_right(right),
    )


def _right(line: PickLine) -> dict[str, Any]:
    """What is to be fetched instead."""
    return {
        "right_quantity": line.quantity - line.picked,
        "right_goods": goods_named(line.item.code, str(line.lot or ""), str(line.serial or "")),
        "right_place": line.place.code,
    }


def _matched(
    lines: Sequence[PickLine], place_code: str, seen: Scanned, field: str
) -> list[tuple[PickLine, int]]:
    """The lines that the scan serves, with quantities; refused with the right goods shown."""
    fitting = [line for line in lines if line.picked < line.quantity]
    steps = (
        ("item", lambda line: line.item_id == seen.goods.item_id),
        ("lot", lambda line: line.lot_id == seen.goods.lot_id),
        ("serial", lambda line: line.serial_id == seen.goods.serial_id),
        ("place", lambda line: line.place.code == place_code),
    )
    for what, is_right in steps:
        narrowed = [line for line in fitting if is_right(line)]
        if not narrowed:
            raise _wrong(what, fitting, lines, place_code, seen, field)
        fitting = narrowed
    parts = _served(fitting, seen.quantity)
    if not parts:
        raise _wrong("quantity", fitting, lines, place_code, seen, field)
    return parts


def _wrong(
    what: str,
    fitting: Sequence[PickLine],
    lines: Sequence[PickLine],
    place_code: str,
    seen: Scanned,
    field: str,
) -> WrongPick:
    if not fitting:
        return WrongPick(
            sentence("Everything of this pick was fetched. Put {item} back where it was."),
            field=f"{field}.codes",
            item=seen.label.item_code,
        )
    right = fitting[0]
    argument = {"place": "place_code", "quantity": "packs"}.get(what, "codes")
    return WrongPick(
        sentence(
            "Wrong {what}: you scanned {quantity} of {goods} at {place}. "
            "Fetch {right_quantity} of {right_goods} from {right_place}."
        ),
        field=f"{field}.{argument}",
        what=what,
        quantity=seen.quantity,
        goods=goods_of(seen.label),
        place=place_code,
        **_right(right),
    )


def require_standing(needed: Iterable[tuple[Promised, int]]) -> None:
    """Refused where goods are promised to the demand no longer: blocked, or taken back."""
    wanted: dict[Promised, int] = defaultdict(int)
    for one, quantity in needed:
        wanted[one] += quantity
    there = queries.standing(one.line_id for one in wanted)
    gone = [one.key for one, quantity in wanted.items() if there.get(one, 0) < quantity]
    if not gone:
        return
    rows = queries.blocking(gone)
    if rows:
        refusal = MAKERS["TW006"]([{k: v for k, v in row.items() if k != "n"} for row in rows])
        assert isinstance(refusal, Blocked)
        raise refusal
    raise PromiseGone(
        sentence(
            "{count} of the goods are promised to this order no longer. Cancel the pick, "
            "bring the goods back and allocate again."
        ),
        count=len(gone),
    )


def staged(line: PickLine, staging_id: int, container_id: int | None = None) -> BalanceKey:
    """Where the picked goods of the line stand now."""
    return BalanceKey(
        line.item_id,
        line.lot_id,
        staging_id,
        Status.QUALIFIED,
        line.owner_id,
        line.serial_id,
        container_id,
    )


def _to_staging(
    document: Pick,
    takes: Sequence[tuple[PickLine, int, str]],
    promised: Mapping[int, Promised],
    scan_of: Sequence[int],
    by: Actor,
) -> None:
    legs, promises = [], []
    for line, quantity, di in takes:
        there = staged(line, document.staging_id)
        legs.append(
            leg(Code.PICK, queries.promise_of(line).key, there, quantity, document, line, di)
        )
        promises.append(Promise(line.demand_line_id, promised[line.pk].key, -quantity))
        promises.append(Promise(line.demand_line_id, there, quantity))
    collect(legs, said=Said("scans.{n}.codes", of=scan_of), by=by)
    promise(promises, by=by)


def leg(
    code: Code,
    source: BalanceKey,
    target: BalanceKey,
    quantity: int,
    document: Document,
    line: PickLine,
    di: str | None = None,
) -> Leg:
    """One movement of the line's goods; it points at the demand's line."""
    return Leg.between(
        code,
        source,
        target,
        quantity,
        document_id=document.pk,
        line_id=line.demand_line_id,
        di=di,
    )


#: Letters of a reason that is told with why a command waits.
REASON = 120


def why_short(pick_id: int, reason: str, *, by: Actor) -> Phrase | None:
    """Who only picks says what is short, and somebody who answers for the stock ends the pick.

    What would be refused anyway is refused at once, and so is asking twice.
    """
    document = locked(pick_id, PickState.OPEN)
    lines = lines_of(document)
    _require_reason(reason)
    ends = grants_of(by.person_id, "warehousing.cancel_pick")
    if by.approved_by is not None or not uncovered(ends, pick_scope(pick_id)):
        return None
    waits = HeldCommand.objects.filter(
        verb="warehousing.end_pick",
        state=HeldState.WAITING,
        arguments__startswith=f'{{"pick_id":{pick_id},',
    )
    if waits.exists():
        raise WrongState(
            sentence("That {number} is short was reported already; it waits for a decision."),
            number=str(document),
        )
    return phrase(
        sentence("{number} is {quantity} short: {reason}")
        if any(x.picked for x in lines)
        else sentence("Of {number} nothing was found, {quantity} are short: {reason}"),
        number=str(document),
        quantity=sum(x.quantity - x.picked for x in lines),
        reason=_in_short(reason),
    )


def _in_short(reason: str) -> str:
    """As much of it as the reason of a wait has room for; the command itself has all of it."""
    said = " ".join(reason.replace("\\", "/").replace('"', "'").split())
    return said if len(said) <= REASON else f"{said[: REASON - 1]}…"


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise InvalidInput(sentence("Say why the rest is not fetched."), field="reason")


@command(
    "warehousing.end_pick",
    roles=(PICKER, STOREKEEPER, SUPERVISOR),
    scope=pick_scope,
    hold=why_short,
    from_states=(PickState.OPEN,),
)
def end_pick(pick_id: int, reason: str, *, by: Actor) -> PickProgress:
    """The pick ends with less than was to be fetched, for a reason; the rest stays promised.

    Where nothing was fetched it is cancelled. Where a picker asks for it, the supervisor decides.
    """
    document = locked(pick_id, PickState.OPEN)
    lines = lines_of(document)
    _require_reason(reason)
    by.work.facts["reason"] = reason
    if any(line.picked for line in lines):
        enter(document, PickState.PICKED, by=by)
        emit(events.GoodsPicked(document.uid, len(lines)), subject=document.uid, by=by)
    else:
        enter(document, PickState.CANCELLED, by=by)
        cancelled = events.PickCancelled(document.uid, document.demand.uid)
        emit(cancelled, subject=document.uid, by=by)
    return PickProgress(0, sum(x.quantity - x.picked for x in lines), document.state)
