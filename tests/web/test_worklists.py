"""What is finished one by one: the item with its form, what was done, and the next. # UX-01"""

import re
import uuid
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import inbound
from tests.web.local import browser_at
from tests.web.test_pages import PASSWORD, browser, company, text_of
from tests.world import World
from traceward.domain.purchasing import commands as purchasing
from traceward.domain.quality import commands as quality
from traceward.domain.quality.models import Inspection
from traceward.domain.quality.rules import Share
from traceward.kernel.audit.models import Signature
from traceward.kernel.org import roles
from traceward.web.kit import worklists

__all__ = ["company"]
LOTS = "/work/inspections"


def waiting(world: World, *numbers: str) -> list[Inspection]:
    """Lots of five units of which everything was found good, each of its own receipt."""
    found = []
    for number in numbers:
        found += inbound.inspected(world, (inbound.code("STENT", number), 5))
    return found


def form_of(html: str) -> dict[str, str]:
    """What stands in the form, as the browser sends it."""
    part = html[html.index('id="form"') :]
    part = part[: part.index("</form>")]
    found = {}
    for tag in re.findall(r"<input[^>]*>", part):
        name = re.search(r' name="([^"]+)"', tag)
        value = re.search(r' value="([^"]*)"', tag)
        if name:
            found[name[1]] = unescape(value[1]) if value else ""
    for name, value in re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>([^<]*)<', part):
        found[name] = unescape(value)
    return found


def signed(client: Client, address: str, **changed: str) -> Any:
    """The form of the address, sent with the password and these changes."""
    given = form_of(client.get(address).content.decode())
    return client.post(address, given | {"signature": PASSWORD} | changed)


def test_one_after_the_other_is_decided(world: World) -> None:  # UX-01 INB-03
    first, second = waiting(world, "L1", "L2")
    client = browser(world, roles.QUALITY_HEAD)
    html = client.get(LOTS).content.decode()
    assert 'aria-current="true"><span class="tw-sev "></span><span class="tw-grow"><b' in html
    assert f"{first.number}</a>" in html, "the one that waits longest is open"
    assert "包装" in text_of(html), "what was found stands beside it"
    assert form_of(html)["shares.0.accepted"] == "5"
    answer = signed(client, f"{LOTS}?at={first.pk}")
    assert answer.status_code == 302
    assert answer["Location"] == f"{LOTS}?at={second.pk}", "the next one opens by itself"
    html = client.get(answer["Location"]).content.decode()
    told = text_of(html)
    assert "已放行" in told
    assert "· 5" in told
    assert "data-waiting>1</span>" in html
    answer = signed(
        client, f"{LOTS}?at={second.pk}&do=reject", defects="破损", disposition="退回供货者"
    )
    assert answer["Location"] == LOTS
    html = client.get(LOTS).content.decode()
    assert "已判不合格" in html
    assert "已全部处理完" in html
    assert 'id="form"' not in html
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.accepted, first.rejected) == (5, 0)
    assert (second.accepted, second.rejected) == (0, 5)
    assert Signature.objects.filter(subject_kind=Inspection.KIND).count() == 2


def test_what_is_refused_stays_with_what_was_typed(world: World) -> None:  # UX-01
    (row, _) = waiting(world, "L1", "L2")
    client = browser(world, roles.QUALITY_HEAD, "en")
    address = f"{LOTS}?at={row.pk}&do=reject"
    answer = signed(client, address, defects="", disposition="send back")
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Say what is wrong with what is rejected" in html
    assert form_of(html)["disposition"] == "send back"
    assert f"{row.number}</a>" in html
    answer = signed(client, address, defects="bent", disposition="send back", signature="wrong")
    assert answer.status_code == 401
    assert form_of(answer.content.decode())["defects"] == "bent"
    assert 'value="wrong"' not in answer.content.decode()
    row.refresh_from_db()
    assert row.state == "open"


def test_who_comes_second_is_told_and_goes_on(world: World) -> None:  # UX-01
    first, second = waiting(world, "L1", "L2")
    client = browser(world, roles.QUALITY_HEAD)
    given = form_of(client.get(f"{LOTS}?at={first.pk}").content.decode())
    share = [Share(world.places["DOCK"].pk, 5, 0)]
    other = world.by(roles.QUALITY_CONTROLLER).reauthenticated()
    quality.decide(first.pk, share, "fit", by=other)
    answer = client.post(f"{LOTS}?at={first.pk}", given | {"signature": PASSWORD})
    assert answer["Location"] == f"{LOTS}?at={second.pk}"
    told = text_of(client.get(answer["Location"]).content.decode())
    assert "已不再待处理" in told
    assert roles.QUALITY_CONTROLLER.zh in told
    told = text_of(client.get(f"{LOTS}?at={first.pk}").content.decode())
    assert "已不再待处理" in told
    assert second.number in told


def test_a_form_counts_once_and_is_about_its_item(world: World) -> None:
    first, second = waiting(world, "L1", "L2")
    client = browser(world, roles.QUALITY_HEAD)
    given = form_of(client.get(f"{LOTS}?at={first.pk}").content.decode())
    given |= {"signature": PASSWORD, "inspection_id": str(second.pk)}
    for _ in range(2):
        answer = client.post(f"{LOTS}?at={first.pk}", given)
        assert answer["Location"] == f"{LOTS}?at={second.pk}"
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("decided", "open")
    assert Signature.objects.filter(subject_kind=Inspection.KIND).count() == 1


def test_what_is_skipped_is_left_for_later(world: World) -> None:
    first, second = waiting(world, "L1", "L2")
    client = browser(world, roles.QUALITY_HEAD)
    html = client.get(LOTS).content.decode()
    (skip,) = re.findall(r'href="([^"]+)" data-key="s"', html)
    html = client.get(skip.replace("&amp;", "&")).content.decode()
    assert f"{second.number}</a>" in html
    assert f'<b class="tw-ell">{first.number}' not in html
    (skip,) = re.findall(r'href="([^"]+)" data-key="s"', html)
    html = client.get(skip.replace("&amp;", "&")).content.decode()
    assert "只剩跳过的了" in html
    assert f'href="{LOTS}"' in html


def test_only_what_can_be_decided_waits(world: World) -> None:  # INB-03 ORG-03
    receipt = inbound.received(world, (inbound.code("STENT", "L1"), 5))
    opened = quality.open_inspections(receipt.receipt_uid, by=world.by(roles.SYSTEM))
    (pk,) = opened.inspection_ids
    head, inspector = browser(world, roles.QUALITY_HEAD), browser(world, roles.INSPECTOR)
    assert "已全部处理完" in head.get(LOTS).content.decode()
    assert "GR-" in text_of(inspector.get("/work/receipts").content.decode())
    for name in inbound.CHECKS:
        quality.record_result(pk, name, True, 1, by=world.by(roles.QUALITY_CONTROLLER))
    assert "QI-" in text_of(head.get(LOTS).content.decode())
    assert "已全部处理完" in inspector.get("/work/receipts").content.decode()
    mine = browser(world, roles.QUALITY_CONTROLLER).get(LOTS).content.decode()
    assert "已全部处理完" in mine, "who inspected it does not decide"


def test_an_order_is_approved_or_declined(world: World) -> None:
    wanted = purchasing.Wanted(world.items["STENT"].pk, 3, Decimal(9))
    to = (world.shanghai.pk, world.supplier.pk, [wanted])
    made = [purchasing.order(*to, by=world.by(roles.BUYER)).order_id for _ in range(2)]
    client = browser(world, roles.SUPERVISOR, "en")
    html = client.get("/work/purchases").content.decode()
    answer = client.post(f"/work/purchases?at={made[0]}", form_of(html))
    assert answer["Location"] == f"/work/purchases?at={made[1]}"
    address = f"/work/purchases?at={made[1]}&do=reject"
    given = form_of(client.get(address).content.decode())
    assert client.post(address, given | {"reason": "too dear"})["Location"] == "/work/purchases"
    html = client.get("/purchasing/orders?view=all").content.decode()
    assert "Approved" in html
    assert "Closed" in html


def test_only_who_may_finds_it(world: World) -> None:  # ORG-02 ORG-03
    waiting(world, "L1")
    assert browser(world, roles.PICKER).get(LOTS).status_code == 403
    assert browser(world, roles.PICKER).post(LOTS).status_code == 403
    assert browser(world, roles.AUDITOR).get(LOTS).status_code == 403
    assert browser(world, roles.AUDITOR).get("/work/nothing").status_code == 404
    assert browser(world, roles.AUDITOR).get("/work")["Location"] == "/work/alerts"
    elsewhere = browser_at(world, roles.QUALITY_CONTROLLER, world.chengdu)
    assert "已全部处理完" in elsewhere.get(LOTS).content.decode()


@pytest.mark.parametrize(
    "asked",
    [
        "at=x", "at=0", "at=99999999999999999999", "at=-1", "at=999999999999999999", "at=1&at=2",
        "skip=a,b,,", "skip=" + "1," * 3000, "do=nothing", "at=%00", "skip=9" * 40,
    ],
)  # fmt: skip
def test_addresses_that_mean_nothing(world: World, asked: str) -> None:
    (row,) = waiting(world, "L1")
    client = browser(world, roles.QUALITY_HEAD)
    for address in (f"{LOTS}?{asked}", f"{LOTS}/waiting?{asked}"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert "L1" in answer.content.decode()
    answer = client.post(f"{LOTS}?{asked}", {"request_id": str(uuid.uuid4())})
    assert answer.status_code in (200, 302)
    row.refresh_from_db()
    assert row.state == "open"


def test_it_is_reached_from_everywhere(world: World) -> None:  # UX-01
    waiting(world, "L1", "L2")
    client = browser(world, roles.QUALITY_HEAD)
    board = client.get("/board").content.decode()
    assert 'href="/release">逐件处理 2</a>' in board, "the console does the same"
    panel = client.get("/modules/inbound/pending").content.decode()
    assert re.search(r'id="w-work-inspections"[^>]*>2<', panel)
    assert f'href="{LOTS}"' in client.get("/quality/inspections").content.decode()
    assert f'href="{LOTS}"' in client.get("/find?q=逐件").content.decode()
    assert f'href="{LOTS}"' in client.get("/work").content.decode()
    assert "批号" in client.get(f"/help?page={LOTS}").content.decode()


def test_it_is_kept_fresh(world: World) -> None:
    waiting(world, "L1")
    client = browser(world, roles.QUALITY_HEAD)
    html = client.get(LOTS).content.decode()
    (live,) = re.findall(r'data-live="([^"]+waiting[^"]*)"', html)
    answer = client.get(live.replace("&amp;", "&"))
    assert "L1" in answer.content.decode()
    same = client.get(live, headers={"If-None-Match": answer["ETag"]})
    assert same.status_code == 304
    waiting(world, "L2")
    again = client.get(live, headers={"If-None-Match": answer["ETag"]})
    assert "L2" in again.content.decode()


def test_many_ask_no_more_than_few(world: World) -> None:
    client = browser(world, roles.QUALITY_HEAD)
    asked = []
    for numbers in (("L1", "L2"), tuple(f"M{n}" for n in range(9))):
        rows = waiting(world, *numbers)
        client.get(LOTS)
        with CaptureQueriesContext(connection) as seen:
            client.get(f"{LOTS}?at={rows[0].pk}")
        asked.append(len(seen))
    assert asked[1] <= asked[0]
    assert asked[0] <= 34


def test_more_than_are_looked_at_are_said(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting(world, "L1", "L2", "L3")
    monkeypatch.setattr(worklists, "MOST", 2)
    html = browser(world, roles.QUALITY_HEAD).get(LOTS).content.decode()
    assert "data-waiting>2+</span>" in html
