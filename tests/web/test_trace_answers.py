"""What the trace console says of what it cannot show. # TRC-01 UX-02"""

from tests.inbound import DIS
from tests.trace.test_reading import job
from tests.web.local import browser_at
from tests.web.test_trace_page import head, text_of
from tests.world import World
from traceward.domain.stock.commands.blocks import Scope, block
from traceward.domain.stock.models import BlockKind
from traceward.kernel.org import roles


def test_an_unknown_lot_of_known_goods_is_told(world: World) -> None:  # UX-02
    job(world)
    html = text_of(head(), "/trace", 422, code=f"(01){DIS['STENT']}(10)NEVER")
    assert "但没有其中的 NEVER" in html
    assert "/stock/lots?item_id=" in html


def test_a_moment_that_lies_ahead_is_told(world: World) -> None:
    html = text_of(head(), f"/trace/lot/{job(world).pk}", 422, at="2999-01-01T12:00")
    assert "尚未到" in html


def test_a_recall_is_told_to_who_has_none_of_it(world: World) -> None:  # ORG-02 INV-07
    lot = job(world)
    by = world.by(roles.QUALITY_HEAD)
    block(Scope(lot_id=lot.pk), BlockKind.RECALL, "seal", by=by)
    client = browser_at(world, roles.STOREKEEPER, world.chengdu, "en")
    assert ">Recalled<" in text_of(client, f"/trace/lot/{lot.pk}")
