"""A refusal about blocked goods says what is blocked: the serial, the lot, the container, …"""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.api.test_lots_of_serials import step, units
from tests.world import World
from traceward.domain.stock.commands.blocks import Scope, block
from traceward.domain.stock.models import BlockKind, Code, Container, Lot, Serial, Status
from traceward.domain.stock.refusals import Blocked, NotReleased, ShortStock, TimeRefused
from traceward.domain.stock.rules import BalanceKey
from traceward.domain.warehousing.queries import blocking
from traceward.kernel.org import roles

Of = Callable[[World, Lot, Serial], Scope]

# INV-03 INV-05


@pytest.mark.parametrize(
    ("of", "zh", "en"),
    [
        (lambda _w, _l, s: Scope(serial_id=s.pk), "PACER 序列号 P1-S0 已冻结", "Serial P1-S0 of"),
        (lambda _w, lot, _s: Scope(lot_id=lot.pk), "PACER 批号 P1 已冻结", "Lot P1 of PACER"),
        (lambda _w, lot, _s: Scope(item_id=lot.item_id), "物料 PACER 已冻结", "Item PACER is"),
        (
            lambda w, _l, _s: Scope(place_id=w.places["ZONE"].pk),
            "库位 ZONE 已冻结",
            "Place ZONE is",
        ),
    ],
)
def test_what_is_blocked_is_named_by_its_level(world: World, of: Of, zh: str, en: str) -> None:
    lot, (one, _) = units(world, 2)
    block(of(world, lot, one), BlockKind.HOLD, "wet", by=world.by(roles.QUALITY_HEAD))
    with pytest.raises(Blocked) as caught:
        step(world, lot, [one], Code.PICK, "A-01", "STAGE")
    assert caught.value.in_language("zh-hans").startswith(zh)
    assert str(caught.value).startswith(en)


def test_a_blocked_container_is_named(world: World) -> None:
    box = Container.objects.create(code="BOX-1")
    lot, (one,) = units(world, 1)
    step(world, lot, [one], Code.PACK, "A-01", "A-01", to_container_id=box.pk)
    block(Scope(container_id=box.pk), BlockKind.HOLD, "wet", by=world.by(roles.QUALITY_HEAD))
    with pytest.raises(Blocked) as caught:
        step(world, lot, [one], Code.PICK, "A-01", "STAGE", from_container_id=box.pk)
    assert caught.value.in_language("zh-hans").startswith("容器 BOX-1 已冻结（wet）")
    spot = BalanceKey(lot.item_id, lot.pk, world.places["A-01"].pk, 2, world.us.pk, None, box.pk)
    (row,) = blocking([spot])
    assert (row["level"], row["container"]) == ("container", "BOX-1")


def test_goods_that_are_not_released_or_short_are_named(world: World) -> None:
    lot, (one, _) = units(world, 2)
    step(world, lot, [one], Code.PICK, "A-01", "STAGE")
    with pytest.raises(ShortStock) as short:
        step(world, lot, [one], Code.PICK, "A-01", "STAGE")
    assert short.value.in_language("zh-hans").startswith("A-01 的 PACER 批号 P1 序列号 P1-S0：")
    raw = world.lot("STENT", "RAW")
    world.post(world.leg(Code.RECEIVE, raw, 1, "SUP", "A-01", status=Status.PENDING))
    with pytest.raises(NotReleased) as early:
        world.post(world.leg(Code.PICK, raw, 1, "A-01", "STAGE", status=Status.PENDING))
    assert early.value.in_language("zh-hans").startswith("STENT 批号 RAW 为“待验”")


def test_a_refused_moment_is_told_by_the_clock_of_the_site(world: World) -> None:
    lot = world.lot("STENT", "L1")
    world.stock(lot, 2)
    early = datetime(2026, 1, 2, 16, 5, 6, 789000, UTC)
    with pytest.raises(TimeRefused) as caught:
        world.post(world.leg(Code.MOVE, lot, 1, "A-01", "A-02"), happened_at=early)
    told = caught.value.in_language("zh-hans")
    assert told.startswith("2026-01-03 00:05 ")
    assert "2026-01-03 00:05 is more than 15 minutes ago" in str(caught.value)
    assert caught.value.details[0]["happened_at"] == "2026-01-03T00:05:06+08:00"
