"""Issued = consumed + returned + scrapped + what stands in WIP, whatever is done. # PRO-02"""

import random
from collections import defaultdict

import pytest

from tests import making
from tests.making import complete, out_of, pacers, plant, released
from tests.world import World
from traceward.domain.production.commands import cancelling, issuing, planning, returning
from traceward.domain.production.commands.completing import Used
from traceward.domain.production.commands.returning import GivenBack, Spoilt
from traceward.domain.production.models import IssuedGoods, Transformation
from traceward.domain.production.refusals import NotIssued
from traceward.domain.stock.models import Code, GenealogyEdge, StockBalance, StockMove
from traceward.domain.trace.queries import Start, backward
from traceward.kernel.base.refusals import WrongState
from traceward.kernel.org import roles

STEPS = 25
UNITS = 12


def in_wip() -> dict[int, int]:
    """What the ledger says stands in WIP, by lot."""
    rows = StockBalance.objects.filter(place__code="STAGE", on_hand__gt=0)
    return dict(rows.values_list("lot_id", "on_hand"))


def left() -> dict[int, int]:
    """What the orders say stands in WIP, by lot."""
    found: dict[int, int] = defaultdict(int)
    for row in IssuedGoods.objects.all():
        assert row.quantity >= row.consumed + row.returned + row.scrapped
        found[row.lot_id] += row.left
    return {lot: quantity for lot, quantity in found.items() if quantity}


class Walk:
    """Random steps of two orders that share one WIP place."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.chance, self.made = world, random.Random(seed), 0
        self.orders = [released(world, UNITS), released(world, UNITS)]

    def step(self) -> None:
        order_id = self.chance.choice(self.orders)
        rows = [row for row in out_of(order_id) if row.left]
        row = self.chance.choice(rows) if rows else None
        by = self.world.by(roles.PRODUCTION)
        what = self.chance.choice(["issue", "complete", "complete", "return", "scrap", "cancel"])
        if what == "issue" or row is None:
            try:
                issuing.allocate(order_id, by=by.asking())
                issuing.issue(order_id, by=by.asking())
            except WrongState:
                return  # nothing is missing, or nothing is there
        elif what == "complete":
            self.complete(order_id, row)
        elif what == "return":
            quantity = self.chance.randint(1, row.left)
            back = GivenBack(row.pk, quantity, self.world.places["A-01"].pk)
            returning.return_issued(order_id, [back], by=by)
        elif what == "scrap":
            returning.scrap(order_id, [Spoilt(row.pk, 1)], "dropped", by=by)
        else:
            done = Transformation.objects.filter(order=order_id, state="done").order_by("pk")
            if done:
                chosen = self.chance.choice(list(done))
                cancelling.cancel(chosen.pk, "mistake", by=by)

    def complete(self, order_id: int, row: IssuedGoods) -> None:
        self.made += 1
        output = pacers(self.world, f"S{self.made}")
        consumed = None
        if self.chance.random() < 0.5:
            consumed = [Used(row.pk, self.chance.randint(1, row.left))]
        try:
            complete(self.world, order_id, output, consumed=consumed)
        except NotIssued:
            return


@pytest.mark.parametrize("seed", range(4))
def test_issued_is_consumed_returned_and_scrapped(world: World, seed: int) -> None:
    plant(world, 40)
    walk = Walk(world, seed)
    for _ in range(STEPS):
        walk.step()
        assert left() == in_wip()
    by = world.by(roles.PRODUCTION)
    for order_id in walk.orders:
        rest = [
            GivenBack(row.pk, row.left, world.places["A-01"].pk)
            for row in out_of(order_id)
            if row.left
        ]
        if rest:
            returning.return_issued(order_id, rest, by=by.asking())
        planning.close(order_id, by=by.asking())
        for row in out_of(order_id):
            assert row.quantity == row.consumed + row.returned + row.scrapped
    assert in_wip() == {}
    assert genealogy() == consumed_by_moves()
    for made in StockBalance.objects.filter(place__code="A-02", on_hand=1):
        raw = backward(Start(serials=(made.serial_id,)), sites=None).node_ids
        assert set(consumed_of(made.lot_id)) <= set(raw)


def consumed_by_moves() -> dict[int, int]:
    """By lot, what was consumed and not taken back, as the moves say."""
    found: dict[int, int] = defaultdict(int)
    for move in StockMove.objects.filter(code__in=(Code.CONSUME, Code.REVERSE)):
        sign = 1 if move.code == Code.CONSUME else -1
        if move.lot.item.code == "STENT":
            found[move.lot_id] += sign * move.quantity
    return {lot: quantity for lot, quantity in found.items() if quantity}


def genealogy() -> dict[int, int]:
    """By lot, what went into something, as the edges say that still count."""
    found: dict[int, int] = defaultdict(int)
    for edge in edges():
        found[edge.input_lot_id] += edge.quantity
    return dict(found)


def consumed_of(lot_id: int) -> list[int]:
    return [edge.input_lot_id for edge in edges() if edge.output_lot_id == lot_id]


def edges() -> list[GenealogyEdge]:
    void = making.void_commands()
    return [edge for edge in GenealogyEdge.objects.all() if edge.command_id not in void]
