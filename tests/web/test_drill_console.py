"""The console of a drill: score and time, the ladder, what a recall would do. # TRC-04 UX-01"""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.ledger import database_now
from tests.outbound import allocated, signed
from tests.recalls.test_commands import opened
from tests.recalls.test_drilling import drilled
from tests.web.local import browser_at, browser_of
from tests.web.test_recall_console import ladder
from tests.web.test_recall_console import page as recall_page
from tests.world import World
from traceward.domain.recalls import commands as recalls
from traceward.domain.recalls.commands import Target
from traceward.domain.recalls.models import RecallDrill
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles
from traceward.kernel.org.models import Party


@pytest.fixture(autouse=True)
def permissions(world: World) -> None:
    set_up_roles()


@pytest.fixture
def drill(world: World) -> int:
    """Of 20 units 3 are at the hospital, 2 are promised, the rest is in the house."""
    world.stock(world.lot("STENT", "L1"), 20)
    signed(world, quantity=3)
    allocated(world, quantity=2)
    return drilled(world).drill_id


def page(client: Client, drill: int, status: int = 200) -> str:
    answer = client.get(f"/drill/{drill}")
    assert answer.status_code == status
    return answer.content.decode()


def test_score_time_and_drafts_are_told(drill: int) -> None:  # TRC-04
    html = page(browser_of(roles.QUALITY_HEAD, language="en"), drill)
    assert "Nothing was held, nobody was told, no stock was touched." in html
    assert 'aria-label="Score 100% · 80.0 of 80 points so far"' in html
    assert "— / 20" in html, "whether it was in time is said at its end"
    assert "20 of 20 units that came in are accounted for" in html
    assert re.search(r"\d+ ms", html)
    assert "Hold the goods · 1" in html
    assert "Take back the promise · 1" in html
    assert "Conclude drill" in html


def test_the_ladder_is_that_of_the_recall(world: World, drill: int) -> None:
    client = browser_of(roles.QUALITY_HEAD, language="en")
    tried = ladder(page(client, drill))
    real = ladder(recall_page(client, opened(world).case_id))
    assert tried.pop("In the house") == real.pop("In the house, on hold") == ("17", "85.0%")
    assert tried == real


def test_lost_points_stand_first_with_their_reason(world: World) -> None:
    world.stock(world.lot("STENT", "L1"), 20)
    signed(world, quantity=3)
    Party.objects.filter(pk=world.hospital.pk).update(phone="")
    html = page(browser_of(roles.QUALITY_HEAD, language="en"), drilled(world).drill_id)
    points = html.partition("tw-rc-steps")[2].partition("</section>")[0]
    assert points.index("0 of 1 consignees can be reached") < points.index("20 of 20")
    assert ">no<" in html


def test_it_is_read_in_chinese_and_after_its_end(world: World, drill: int) -> None:
    recalls.conclude_drill(drill, "电话簿须更新", by=world.by(roles.COMPLIANCE))
    html = page(browser_of(roles.QUALITY_HEAD), drill)
    for words in ("未冻结货物", "电话簿须更新", "正式召回将采取的措施", "已结束"):
        assert words in html
    assert "recalls.conclude_drill" not in html
    assert "100.0 满分 100" in html
    assert re.search(r">20(\.0)? / 20<", html)


def test_who_may_not_see_it_does_not(world: World, drill: int) -> None:
    page(browser_at(world, roles.QUALITY_HEAD, world.shanghai), drill, status=403)
    client = browser_of(roles.QUALITY_HEAD)
    page(client, 999_999_999, status=404)
    page(client, 2**63, status=404)


def test_a_drill_that_is_due_is_one_key_away(world: World, drill: int) -> None:  # TRC-04
    """From the board to a form that names a lot which no drill has had, and is not recalled."""
    client = browser_of(roles.QUALITY_HEAD, language="en")
    assert "/do/recalls.drill?site_id" not in client.get("/").content.decode()
    today = world.shanghai.day_at(database_now())
    RecallDrill.objects.filter(pk=drill).update(next_on=today, reason="seal not tight")
    home = client.get("/").content.decode()
    address = re.findall(r'href="(/do/recalls.drill\?site_id[^"]+)"', home)[0]

    def lot() -> str:
        form = client.get(address.replace("&amp;", "&")).content.decode()
        assert "seal not tight" in form
        assert re.search(r'<option value="1" selected', form)
        field = form.partition('name="targets.0.lot_id"')[2].partition("</select>")[0]
        (chosen,) = re.findall(r"<option[^>]* selected[^>]*>([^<]+)<", field)
        return chosen.partition(" ")[0]

    assert lot() == "L1", "nothing else was sent"
    opened(world)
    for number in ("L2", "L3"):
        world.stock(world.lot("STENT", number), 3)
        signed(world, number, quantity=3)
    assert lot() == "L3"
    drilled(world, Target(lot_id=world.lot("STENT", "L3").pk))
    RecallDrill.objects.update(next_on=today, reason="seal not tight")
    assert lot() == "L2"
    drilled(world, Target(lot_id=world.lot("STENT", "L2").pk))
    RecallDrill.objects.update(reason="seal not tight")
    assert lot() == "L3", "all were tried"


def test_it_asks_as_little_of_many_goods_as_of_one(world: World, drill: int) -> None:
    client = browser_of(roles.QUALITY_HEAD)
    page(client, drill)  # what is read once for a visitor
    with CaptureQueriesContext(connection) as of_one:
        page(client, drill)
    for n in range(6):
        world.stock(world.lot("STENT", f"M{n}"), 9, "A-01" if n % 2 else "A-02")
    numbers = ("L1", *(f"M{n}" for n in range(6)))
    lots = [Target(lot_id=world.lot("STENT", number).pk) for number in numbers]
    many = drilled(world, *lots).drill_id
    with CaptureQueriesContext(connection) as of_many:
        page(client, many)
    assert len(of_many) <= len(of_one) <= 45
    asked = {f"targets.{n}.lot_id": f"#{one.lot_id}" for n, one in enumerate(lots)}
    with CaptureQueriesContext(connection) as opening:
        assert client.post("/recall/new", asked, headers={"X-Look": "1"}).status_code == 200
    with CaptureQueriesContext(connection) as smaller:
        client.post(
            "/recall/new", {"targets.0.lot_id": asked["targets.0.lot_id"]}, headers={"X-Look": "1"}
        )
    assert len(opening) <= len(smaller) + 2 * len(lots) <= 60, (len(opening), len(smaller))


def test_a_drill_that_was_begun_in_the_form_is_shown_on_its_console(
    world: World, drill: int
) -> None:
    """… whose record links there, and tells durations in words."""
    client = browser_of(roles.QUALITY_HEAD, language="en")
    address = f"/do/recalls.drill?site_id={world.shanghai.pk}&next=/recalls/drills"
    html = client.get(address).content.decode()
    (request_id,) = set(re.findall(r'name="request_id" value="([^"]+)"', html))
    given = {
        "request_id": request_id,
        "next": "/recalls/drills",
        "site_id": f"#{world.shanghai.pk}",
        "level": "1",
        "reason": "seal not tight",
        "targets.0.lot_id": f"#{world.lot('STENT', 'L1').pk}",
    }
    answer = client.post("/do/recalls.drill", given)
    assert answer.status_code == 302
    made = RecallDrill.objects.exclude(pk=drill).get()
    assert answer["Location"] == f"/drill/{made.pk}"
    recalls.conclude_drill(made.pk, "done", by=world.by(roles.COMPLIANCE))
    record = client.get(f"/recalls/drills/{made.pk}").content.decode()
    assert re.search(rf'href="/drill/{made.pk}">.*?Console of the drill', record)
    assert "4 h 0 min" in record
    assert "14,400,000" not in record
