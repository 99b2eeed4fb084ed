"""A verb for many rows: said beforehand, done row by row, counted once, each with its record.

UX-01 WMS-01
"""

import re
import uuid
from typing import Any

import pytest
from django.test import Client

from tests import inbound, outbound
from tests.refusing import everything
from tests.web.test_pages import PASSWORD, browser, company, text_of
from tests.world import World
from traceward.domain.purchasing import commands as purchasing
from traceward.domain.purchasing.models import PurchaseOrder
from traceward.domain.stock.commands.blocks import Scope, block
from traceward.domain.stock.models import BlockKind, StockBlock
from traceward.kernel.audit.models import AuditEntry, Signature
from traceward.kernel.org import roles
from traceward.web.kit import bulk
from traceward.web.kit.pending import pending
from traceward.web.kit.shell import MODULES
from traceward.web.visitors import Visitor

__all__ = ["company"]
ORDERS = "/purchasing/orders/bulk/purchasing.approve"
LIST = "/purchasing/orders"
BLOCKS = "/stock/blocks/bulk/stock.lift_block"


def submitted(world: World) -> int:
    """An order that waits for approval."""
    approved = PurchaseOrder.objects.get(pk=inbound.ordered(world))
    wanted = purchasing.Wanted(world.items["STENT"].pk, 5, inbound.Decimal("120.50"))
    by = world.by(roles.BUYER)
    site, supplier = approved.site_id, world.supplier.pk
    return purchasing.order(site, supplier, [wanted], by=by).order_id


def asked(client: Client, address: str, rows: list[Any], **more: Any) -> str:
    answer = client.post(address, {"row": rows, **more}, follow=True)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def hidden(html: str, name: str) -> list[str]:
    return re.findall(rf'type="hidden" name="{name}" value="([^"]*)"', html)


def test_what_will_be_skipped_is_said_and_nothing_is_done(world: World) -> None:
    waiting = submitted(world)
    orders = list(PurchaseOrder.objects.order_by("pk").values_list("pk", flat=True))
    client = browser(world, roles.SUPERVISOR)
    before = everything()
    html = asked(client, ORDERS, orders)
    assert everything() == before
    assert "1 行将执行, 1 行将跳过" in text_of(html)
    assert "当前状态不允许：已审批" in text_of(html)
    assert hidden(html, "row") == [str(waiting)]
    assert hidden(html, "step") == ["run"]


def test_each_row_is_done_once(world: World) -> None:
    waiting = submitted(world)
    client = browser(world, roles.SUPERVISOR)
    html = asked(client, ORDERS, [waiting])
    sent = {"step": "run", "request_id": hidden(html, "request_id")[0]}
    for _ in range(2):
        told = text_of(asked(client, ORDERS, [waiting], **sent))
        assert "1 行已完成" in told
        assert "被拒绝" not in told
    assert PurchaseOrder.objects.get(pk=waiting).state == "approved"
    done = AuditEntry.objects.filter(verb="purchasing.approve", outcome="done")
    own = bulk.request_id_for(uuid.UUID(sent["request_id"]), "purchasing.approve", str(waiting))
    assert done.filter(request_id=own).count() == 1
    other = {"step": "run", "request_id": str(uuid.uuid4())}
    assert "1 行被拒绝" in text_of(asked(client, ORDERS, [waiting], **other))


def test_what_was_promised_is_said_of_each_order(world: World) -> None:  # INV-06
    world.stock(world.lot("STENT", "L1"), 4)
    rows = [outbound.ordered(world).order_id for _ in range(2)]
    client = browser(world, roles.PLANNER)
    html = client.post(
        "/sales/orders/bulk/outbound.allocate",
        {"row": rows, "step": "run", "request_id": str(uuid.uuid4())},
        follow=True,
    ).content.decode()
    told = text_of(html[html.index("tw-outcome") :])
    assert "3 件" in told
    assert "1 件，缺 2 件" in told


def blocked(world: World, count: int) -> list[StockBlock]:
    for n in range(count):
        scope = Scope(lot_id=world.lot("STENT", f"L{n}").pk)
        block(scope, BlockKind.HOLD, "破损", by=world.by(roles.QUALITY_HEAD))
    return list(StockBlock.objects.order_by("pk"))


def test_a_signed_verb_asks_once_and_signs_each(world: World) -> None:  # QUA-04
    placed = blocked(world, 3)
    rows = [one.pk for one in placed]
    client = browser(world, roles.QUALITY_HEAD)
    first = asked(client, BLOCKS, rows)
    assert hidden(first, "step") == ["try"]
    assert 'name="reason"' in first
    second = asked(client, BLOCKS, rows, step="try", reason="复检合格")
    assert second.count('type="password"') == 1
    sent = {"step": "run", "reason": "复检合格", "request_id": hidden(second, "request_id")[0]}
    answer = client.post(BLOCKS, {"row": rows, **sent, "signature": "wrong"})
    assert answer.status_code == 401
    assert StockBlock.objects.filter(lifted_at=None).count() == 3
    assert 'value="wrong"' not in answer.content.decode()
    html = asked(client, BLOCKS, rows, **sent, signature=PASSWORD)
    assert "3 行已完成" in text_of(html)
    assert not StockBlock.objects.filter(lifted_at=None).exists()
    signed = Signature.objects.filter(meaning="lift block")
    assert {one.subject_uid for one in signed} == {one.uid for one in placed}
    assert len({one.command_id for one in signed}) == 3


def test_what_is_missing_is_said_at_its_field(world: World) -> None:
    rows = [one.pk for one in blocked(world, 1)]
    answer = browser(world, roles.QUALITY_HEAD).post(BLOCKS, {"row": rows, "step": "try"})
    assert answer.status_code == 422
    assert "tw-wrong" in answer.content.decode()


def test_a_row_that_was_taken_meanwhile_stops_no_other(world: World) -> None:
    placed = blocked(world, 2)
    rows = [one.pk for one in placed]
    client = browser(world, roles.QUALITY_HEAD)
    asked(client, BLOCKS, rows, step="try", reason="复检合格")
    one = {"step": "run", "reason": "复检合格", "signature": PASSWORD}
    asked(client, BLOCKS, rows[:1], **one, request_id=str(uuid.uuid4()))
    told = text_of(asked(client, BLOCKS, rows, **one, request_id=str(uuid.uuid4())))
    assert "1 行已完成" in told
    assert "1 行被拒绝" in told


def test_all_that_match_are_the_first_so_many(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked(world, 3)
    monkeypatch.setattr(bulk, "MAX_ROWS", 2)
    client = browser(world, roles.QUALITY_HEAD)
    html = asked(client, BLOCKS, [], all="1", asked="view=standing")
    assert len(hidden(html, "row")) == 2
    assert "3 行，一次最多处理 2 行" in text_of(html)


def test_rows_become_lines_of_one_form(world: World) -> None:
    for number in ("L1", "L2"):
        world.stock(world.lot("STENT", number), 3)
    client = browser(world, roles.PLANNER)
    address = "/stock/balances/bulk/transfers.request"
    given = {"all": "1", "asked": "view=here"}
    answer = client.post(address, given)
    assert answer.status_code == 302
    form = client.get(answer["Location"]).content.decode()
    assert 'name="lines.1.lot_id"' in form
    assert f"from_site_id={world.shanghai.pk}" in answer["Location"]
    world.stock(world.lot("STENT", "L3"), 3, "B-01")
    answer = client.post(address, given, follow=True)
    assert "所选各行的“调出场所”不同" in text_of(answer.content.decode())


def test_only_what_is_declared_and_allowed(world: World) -> None:  # ORG-02 SEC-01
    rows = [one.pk for one in blocked(world, 1)]
    picker, head = browser(world, roles.PICKER), browser(world, roles.QUALITY_HEAD)
    assert picker.post(BLOCKS, {"row": rows}).status_code == 403
    assert head.post("/stock/blocks/bulk/org.set_password", {"row": rows}).status_code == 404
    assert head.get(BLOCKS).status_code == 405
    for given in (
        {},
        {"row": "x"},
        {"row": "999999"},
        {"row": "9" * 40},
        {"all": "1", "asked": "nothing=1"},
    ):
        answer = head.post(BLOCKS, given)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/stock/blocks?")


def test_a_list_without_verbs_has_no_boxes(world: World) -> None:
    blocked(world, 1)
    boxes = 'type="checkbox" name="row"'
    assert boxes in browser(world, roles.QUALITY_HEAD).get("/stock/blocks").content.decode()
    assert boxes not in browser(world, roles.AUDITOR).get("/stock/blocks").content.decode()


def test_each_row_says_what_comes_next(world: World) -> None:  # UX-01
    pk = submitted(world)
    html = browser(world, roles.SUPERVISOR, "en").get(LIST, {"view": "all"}).content.decode()
    assert html.count('class="tw-next" data-label') == PurchaseOrder.objects.count() == 2
    assert f'href="/do/purchasing.approve?order_id={pk}&amp;next=' in html
    assert html.count("/do/purchasing.approve") == 1, "the other one is approved"
    auditor = browser(world, roles.AUDITOR, "en").get(LIST, {"view": "all"})
    assert "tw-next" not in auditor.content.decode()


def test_the_panel_counts_what_waits(world: World) -> None:  # UX-01
    client = browser(world, roles.AUDITOR, "en")
    waiting = "/modules/purchasing/pending"
    assert "tw-cnt" not in client.get(waiting).content.decode()
    submitted(world)
    answer = client.get(waiting)
    html = answer.content.decode()
    assert 'id="w-purchasing-orders"' in html
    assert ">1</span>" in html
    assert "private" in answer["Cache-Control"]
    assert 'id="w-purchasing-orders"' in client.get(LIST).content.decode()
    assert client.get("/modules/nothing/pending").status_code == 404
    module = next(one for one in MODULES if one.key == "purchasing")
    assert pending(module, Visitor(None, "en")) == []


def test_what_came_of_it_can_be_come_back_to(world: World) -> None:  # UX-01
    waiting = submitted(world)
    client = browser(world, roles.SUPERVISOR)
    sent = {"row": waiting, "step": "run", "request_id": str(uuid.uuid4())}
    answer = client.post(ORDERS, sent)
    assert answer["Location"] == f"{ORDERS}/done"
    for _ in range(2):
        assert "1 行已完成" in text_of(client.get(f"{ORDERS}/done").content.decode())
    assert browser(world, roles.BUYER).get(f"{ORDERS}/done")["Location"] == LIST
