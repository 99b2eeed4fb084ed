"""What the trace console says of what it cannot show. # TRC-01 UX-02"""

import re
from datetime import timedelta
from unittest.mock import patch

from tests.inbound import DIS
from tests.ledger import database_now, set_clock
from tests.trace.test_reading import job
from tests.web.local import browser_at
from tests.web.test_trace_page import head, text_of
from tests.world import World
from traceward.domain.stock.commands.blocks import Scope, block
from traceward.domain.stock.models import BlockKind
from traceward.kernel.org import roles
from traceward.web.consoles import asked, traced


def main(html: str) -> str:
    return html.partition("<main")[2]


def test_all_events_are_printed_and_the_newest_are_shown(world: World) -> None:
    lot = job(world)
    set_clock(database_now() + timedelta(hours=1))
    html = text_of(head("en"), f"/trace/lot/{lot.pk}")
    assert "tw-on-paper" not in main(html)
    total = int(re.findall(r"Events: (\d+)", html)[0])
    with patch.object(asked, "EVENTS", 2):
        html = main(text_of(head("en"), f"/trace/lot/{lot.pk}"))
        shown, _, paper = html.partition('<tbody class="tw-on-paper">')
        events = shown.partition('id="events"')[2]
        assert (events.count("<tr><td"), paper.partition("</tbody>")[0].count("<tr>")) == (
            2,
            total - 2,
        )
        assert "are printed" not in html
        (older,) = re.findall(r'href="([^"]+before_at[^"]+)#events"', html)
        rest = main(text_of(head("en"), older.replace("&amp;", "&")))
        assert rest.partition('id="events"')[2].count("<tr><td") == total - 2
        with patch.object(asked, "PRINTED", 2):
            html = text_of(head("en"), f"/trace/lot/{lot.pk}")
            assert f"The newest 2 of {total} events are printed" in html


def test_places_that_are_not_told_are_counted(world: World) -> None:
    lot = job(world)
    with patch.object(traced, "PLACES", 1):
        html = main(text_of(head("en"), f"/trace/lot/{lot.pk}"))
    assert html.partition('id="where"')[2].count('class="tw-bar"') == 1
    assert "1 more, each with less" in html


def test_papers_are_offered_to_who_sees_some_of_it(world: World) -> None:  # ORG-02
    lot = job(world)
    html = text_of(head(), f"/trace/lot/{lot.pk}")
    assert "report.pdf" in html
    assert "epcis.json" in html
    html = text_of(browser_at(world, roles.QUALITY_HEAD, world.chengdu), f"/trace/lot/{lot.pk}")
    assert "report.pdf" not in html
    assert "epcis.json" not in html


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
