"""A receipt ends once all that it brought was decided about and has left the dock. # INB-01

Most of it is put away; what was rejected may be destroyed or go back to the supplier.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from django.db.models import Q, Sum

from traceward.domain.places.models import Zone
from traceward.domain.stock.models import Code, Status, StockBalance
from traceward.domain.stock.rules import BalanceKey, Leg
from traceward.domain.warehousing import rules
from traceward.domain.warehousing.models import Receipt, ReceiptLine, ReceiptState, TakenLine
from traceward.domain.warehousing.queries import Goods, stored
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.write import enter

#: By receipt and goods, what was not put away.
Rests = dict[int, dict[Goods, int]]


def end_receipts(legs: Sequence[Leg], site_id: int, *, first: int = 0, by: Actor) -> None:
    """Receipts of which nothing waits any more once these legs are posted are cleared.

    Where several brought the same goods the `first` and then the oldest one ends.
    """
    leaving = {Goods(x.item_id, x.lot_id, x.serial_id) for x in legs}
    rests = _rests(_open(site_id, leaving), legs)
    order = sorted(rests, key=lambda pk: (pk != first, pk))
    done = rules.cleared(order, rests, _waiting(site_id, rests, legs))
    for receipt in Receipt.objects.lock_all(done):
        if receipt.state == ReceiptState.RECEIVED:
            enter(receipt, ReceiptState.CLEARED.value, by=by)


def is_cleared(receipt: Receipt, legs: Sequence[Leg]) -> bool:
    """Whether the rest of the locked receipt has left by other ways than being put away."""
    lines = ReceiptLine.objects.filter(receipt=receipt)
    taken = TakenLine.objects.filter(
        line__document__site=receipt.site_id, item__in=lines.values("item")
    )
    if not taken.exists():
        return False
    goods = {Goods(*key) for key in lines.values_list(*Goods._fields)}
    rests = _rests(_open(receipt.site_id, goods), legs)
    return receipt.pk in rules.cleared(sorted(rests), rests, _waiting(receipt.site_id, rests, legs))


def _open(site_id: int, goods: Collection[Goods]) -> list[int]:
    """Receipts at the site that brought such goods and have not ended."""
    rows = ReceiptLine.objects.filter(
        receipt__site=site_id,
        receipt__state=ReceiptState.RECEIVED,
        item__in={x.item_id for x in goods},
    )
    found = rows.values_list("receipt_id", *Goods._fields).distinct()
    return sorted({pk for pk, *key in found if Goods(*key) in goods})


def _rests(receipts: Collection[int], legs: Iterable[Leg]) -> Rests:
    rests: Rests = {pk: defaultdict(int) for pk in receipts}
    goods_of = {}
    lines = ReceiptLine.objects.filter(receipt__in=receipts)
    for line_id, receipt_id, quantity, *key in lines.values_list(
        "pk", "receipt_id", "quantity", *Goods._fields
    ):
        goods_of[line_id] = receipt_id, Goods(*key)
        rests[receipt_id][Goods(*key)] += quantity
    away = stored(document__in=receipts).exclude(to_status=Status.PENDING).values_list("line_id")
    now = [
        (x.line_id, x.quantity)
        for x in legs
        if x.code == Code.PUTAWAY and x.to_status != Status.PENDING
    ]
    for away_id, quantity in [*away.annotate(total=Sum("quantity")), *now]:
        if away_id in goods_of:
            receipt_id, goods = goods_of[away_id]
            rests[receipt_id][goods] -= quantity
    return rests


def _ends(leg: Leg) -> tuple[BalanceKey, BalanceKey]:
    """The balances that the leg takes from and adds to."""
    ends = (
        (leg.from_place_id, leg.from_status, leg.from_owner_id, leg.from_container_id),
        (leg.to_place_id, leg.to_status, leg.to_owner_id, leg.to_container_id),
    )
    source, target = (
        BalanceKey(leg.item_id, leg.lot_id, place, status, owner, leg.serial_id, container)
        for place, status, owner, container in ends
    )
    return source, target


def _waiting(site_id: int, rests: Rests, legs: Iterable[Leg]) -> dict[Goods, int]:
    """What stands where goods come in, or is 待验 anywhere at the site, after the legs."""
    places = set(Receipt.objects.filter(pk__in=rests).values_list("place_id", flat=True))
    rows = StockBalance.objects.filter(
        Q(place__in=places) | Q(place__zone=Zone.PENDING) | Q(status=Status.PENDING),
        place__site=site_id,
        item__in={x.item_id for rest in rests.values() for x in rest},
        on_hand__gt=0,
    )
    left = {BalanceKey(*key): n for *key, n in rows.values_list(*BalanceKey._fields, "on_hand")}
    for x in legs:
        source, target = _ends(x)
        if source in left:
            left[source] -= x.quantity
        if x.code == Code.PUTAWAY and x.to_status == Status.PENDING:
            left[target] = left.get(target, 0) + x.quantity
    waiting: dict[Goods, int] = defaultdict(int)
    for key, quantity in left.items():
        waiting[Goods(key.item_id, key.lot_id, key.serial_id)] += quantity
    return waiting
