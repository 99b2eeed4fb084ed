"""What stands around the pages: alerts, the board of one's own, the site, find, help. # UX-01"""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import inbound, outbound
from tests.recalls.test_commands import checked
from tests.world import World
from traceward.domain.recalls import commands as recalls
from traceward.domain.recalls.models import RecallLevel, ReportKind
from traceward.domain.stock.commands import blocks
from traceward.domain.stock.models import AlertKind, BlockKind, StockAlert
from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.command.registry import REGISTRY
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person
from traceward.kernel.org.roles import RoleName
from traceward.kernel.workflow.models import Acknowledgement, Board
from traceward.resources.kit import QUESTIONS, now
from traceward.web import addresses
from traceward.web.kit.boards import WAITS
from traceward.web.kit.packing import Card, packed
from traceward.web.kit.panels import PANELS
from traceward.web.kit.procedures import PROCEDURES

PART = {"X-Part": "1"}


@pytest.fixture(autouse=True)
def permissions(world: World) -> None:
    set_up_roles()


def browser(world: World, role: RoleName, language: str = "zh-hans") -> Client:
    client = Client()
    client.force_login(Person.objects.get(pk=world.by(role).person_id))
    client.cookies["language"] = language
    return client


def short_of(world: World, site: str = "shanghai") -> StockAlert:
    """Stock of an item is below its minimum at a site."""
    return StockAlert.objects.create(
        kind=AlertKind.BELOW_MINIMUM.value,
        item=world.items["STENT"],
        site=getattr(world, site),
        quantity=1,
        threshold=10,
        raised_at=now(),
    )


def test_the_bell_counts_what_is_open_and_reaches_zero(world: World) -> None:  # FLW-04
    alert = short_of(world)
    client = browser(world, roles.PLANNER)
    assert client.get("/alerts/count").content == b"1"
    html = client.get("/alerts").content.decode()
    assert 'data-kind="alerts"' in html
    given = {"subject": "stock.alerts", "record": str(alert.pk)}
    assert client.post("/alerts/acknowledge", given).headers["Location"] == "/alerts"
    assert client.get("/alerts/count").content == b"0"
    html = client.get("/alerts").content.decode()
    assert "已知悉，尚未解除" in html
    name = Person.objects.get(pk=world.by(roles.PLANNER).person_id).name("zh-hans")
    assert re.search(rf"{name} 已知悉", html)
    assert AuditEntry.objects.filter(verb="workflow.acknowledge", outcome="done").count() == 1


def test_the_bell_counts_kinds_and_one_press_sees_a_kind(world: World) -> None:  # FLW-04
    records = [short_of(world).pk, short_of(world, "chengdu").pk]
    client = browser(world, roles.PLANNER)
    first = client.get("/alerts/count")
    assert first.content == b"1"
    kept = {"If-None-Match": first.headers["ETag"]}
    assert client.get("/alerts/count", headers=kept).status_code == 304
    menu = client.get("/alerts", headers=PART).content.decode()
    (asked,) = re.findall(r'name="record" value="([\d,]+)"', menu)
    assert sorted(map(int, asked.split(","))) == records
    assert "<html" not in menu
    client.post("/alerts/acknowledge", {"subject": "stock.alerts", "record": asked})
    assert client.get("/alerts/count", headers=kept).content == b"0"
    assert Acknowledgement.objects.count() == 2
    assert "没有待您处理" in client.get("/alerts", headers=PART).content.decode()


def test_the_bell_takes_as_few_queries_for_many_kinds(world: World) -> None:
    def queries(role: RoleName) -> int:
        client = browser(world, role)
        with CaptureQueriesContext(connection) as captured:
            client.get("/alerts/count")
        return len(captured)

    assert queries(roles.ADMINISTRATOR) <= queries(roles.PLANNER) + 1, "one query for all lists"


@pytest.mark.parametrize("address", ["/", "/stock/lots", "/alerts", "/me"])
def test_what_is_to_be_told_is_told_on_whichever_page_comes_next_and_once(
    world: World, address: str
) -> None:
    client = browser(world, roles.PLANNER)
    client.post("/alerts/acknowledge", {"subject": "stock.alerts", "record": "x"})
    assert 'role="alert"' not in client.get("/board", headers=PART).content.decode()
    assert client.get(address).content.decode().count('role="alert"') == 1
    assert 'role="alert"' not in client.get(address).content.decode()


def test_the_verb_of_a_recall_is_the_one_that_is_due(world: World) -> None:  # TRC-03
    lot = world.lot("STENT", "L1", date(2030, 12, 31))
    world.stock(lot, 5)
    outbound.signed(world, quantity=2)
    by, head = world.by(roles.COMPLIANCE), browser(world, roles.QUALITY_HEAD)

    def due(client: Client) -> list[str]:
        html = client.get("/").content.decode()
        card = html[html.index('data-card="recalls"') :].partition("</section>")[0]
        return re.findall(r'class="tw-btn tw-s" href="(?:/do/)?([^"?]+)', card)

    target = [recalls.Target(lot_id=lot.pk)]
    case = recalls.open(world.shanghai.pk, RecallLevel.ONE, "断裂", target, by=by.asking()).case_id
    assert due(head) == ["recalls.notify"]
    assert due(browser(world, roles.AUDITOR)) == [f"/recalls/cases/{case}"]
    recalls.notify(case, by=by.asking())
    assert due(head) == ["recalls.acknowledge"]
    recalls.acknowledge(case, world.hospital.pk, 2, by=by.asking())
    assert due(head) == ["recalls.report"]
    for kind in (ReportKind.DECISION, ReportKind.PLAN):
        recalls.report(case, kind, by=by.asking())
    assert due(head) == ["recalls.check_effectiveness"]
    checked(world, case)
    assert due(head) == [f"/recalls/cases/{case}"], "units are not accounted for: not closed yet"


def test_a_recall_that_concerns_nobody_is_reported_and_closed(world: World) -> None:  # TRC-03
    lot = world.lot("STENT", "L1", date(2030, 12, 31))
    by, head = world.by(roles.COMPLIANCE), browser(world, roles.QUALITY_HEAD)
    target = [recalls.Target(lot_id=lot.pk)]
    case = recalls.open(world.shanghai.pk, RecallLevel.ONE, "断裂", target, by=by.asking()).case_id

    def first() -> str:
        html = head.get(f"/recalls/cases/{case}").content.decode()
        return re.findall(r'class="tw-btn[^"]*" href="/do/([^"?]+)', html)[0]

    assert first() == "recalls.report"
    for kind in (ReportKind.DECISION, ReportKind.PLAN):
        recalls.report(case, kind, by=by.asking())
    assert first() == "recalls.close"
    recalls.close(case, "nothing was made", by=world.by(roles.QUALITY_HEAD).reauthenticated())
    assert first() == "recalls.report", "its summary"


def test_cards_fill_three_columns_without_holes() -> None:
    cards = [Card(n, rows) for n, rows in enumerate((6, 3, 4, 5, 5, 4, 8, 1, 2, 8, 8, 3))]
    columns = packed(cards)
    assert sorted(card.place for column in columns for card in column) == list(range(len(cards)))
    assert [column[0].place for column in columns] == [0, 1, 2], "the first stand at the top"
    high = [sum(card.rows for card in column) for column in columns]
    assert max(high) - min(high) <= 8, "no more than one card"
    assert all(column == sorted(column, key=lambda card: card.place) for column in columns)


def test_others_see_who_has_seen_it_and_still_have_it_open(world: World) -> None:  # FLW-04
    alert = short_of(world)
    given = {"subject": "stock.alerts", "record": str(alert.pk)}
    browser(world, roles.PLANNER).post("/alerts/acknowledge", given)
    buyer = browser(world, roles.BUYER, "en")
    assert buyer.get("/alerts/count").content == b"1"
    assert "has seen it" in buyer.get("/alerts").content.decode()


def test_what_is_over_is_told_no_longer(world: World) -> None:  # FLW-04
    alert = short_of(world)
    client = browser(world, roles.PLANNER)
    client.post("/alerts/acknowledge", {"subject": "stock.alerts", "record": str(alert.pk)})
    StockAlert.objects.filter(pk=alert.pk).update(ended_at=now())
    assert 'data-kind="alerts"' not in client.get("/alerts").content.decode()


@pytest.mark.parametrize("record", ["", "x", "9" * 30, "<script>"])
def test_a_wrong_acknowledgement_is_told(world: World, record: str) -> None:
    client = browser(world, roles.PLANNER)
    client.post("/alerts/acknowledge", {"subject": "stock.alerts", "record": record})
    assert not Acknowledgement.objects.exists()
    html = client.get("/alerts").content.decode()
    assert 'role="alert"' in html
    assert client.get("/alerts/acknowledge").status_code == 405


def test_a_board_is_arranged_kept_and_reset(world: World) -> None:
    client = browser(world, roles.PICKER)
    html = client.get("/arrange").content.decode()
    order = re.findall(r'name="card" value="(\w+)"', html)
    assert order[:3] == ["to_pick", "to_check", "to_ship"]
    sent = {"card": ["to_check", "to_pick", "to_ship"], "on": ["to_check", "to_pick"]}
    assert client.post("/arrange", {**sent, "save": "1"}).status_code == 302
    figures = re.findall(r'data-figure="(\w+)"', client.get("/").content.decode())
    assert figures == ["to_check", "to_pick"]
    moved = client.post("/arrange", {**sent, "down": "to_check"}).content.decode()
    assert re.findall(r'name="card" value="(\w+)"', moved)[:2] == ["to_pick", "to_check"]
    client.post("/arrange", {"reset": "1"})
    assert Board.objects.get().shown == []
    figures = re.findall(r'data-figure="(\w+)"', client.get("/").content.decode())
    assert figures == ["to_pick", "to_check", "to_ship"]


def test_what_may_not_be_read_cannot_be_put_on_a_board(world: World) -> None:  # ORG-02
    client = browser(world, roles.PICKER)
    client.post("/arrange", {"card": ["parked"], "on": ["parked"], "save": "1"})
    assert 'data-figure="parked"' not in client.get("/").content.decode()
    wrong = client.post("/arrange", {"card": ["<b>"], "on": ["<b>"], "save": "1"})
    assert wrong.status_code == 422
    assert 'role="alert"' in wrong.content.decode()


def test_a_board_that_nothing_changed_for_is_not_sent_again(world: World) -> None:
    client = browser(world, roles.PLANNER)
    first = client.get("/board", headers=PART)
    assert first.status_code == 200
    again = client.get("/board", headers={**PART, "If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    scope = blocks.Scope(place_id=world.places["A-01"].pk)
    blocks.block(scope, BlockKind.HOLD, "破损", by=world.by(roles.QUALITY_HEAD))
    newer = client.get("/board", headers={**PART, "If-None-Match": first.headers["ETag"]})
    assert newer.status_code == 200


def test_a_board_is_whole_at_once_and_asked_for_again_when_something_changed(world: World) -> None:
    world.stock(world.lot("STENT", "NEAR", now().date() + timedelta(days=20)), 3)
    client = browser(world, roles.MAINTENANCE)
    html = client.get("/").content.decode()
    assert "NEAR" in html
    address, mark = re.findall(r'data-live="([^"]+)" data-mark="([^"]+)"', html)[0]
    known = {**PART, "If-None-Match": unescape(mark)}
    assert client.get(address, headers=known).status_code == 304
    scope = blocks.Scope(place_id=world.places["A-01"].pk)
    blocks.block(scope, BlockKind.HOLD, "破损", by=world.by(roles.QUALITY_HEAD))
    assert client.get(address, headers=known).status_code == 200


def test_figures_are_drawn_with_their_numbers(world: World) -> None:  # ANA-01
    world.stock(world.lot("STENT", "OLD", now().date() + timedelta(days=2)), 7)
    inbound.inspected(world, (inbound.code("STENT", "L9"), 2))
    html = browser(world, roles.EXECUTIVE).get("/board").content.decode()
    shown = re.findall(r'data-panel="(\w+)"', html)
    assert set(shown) == {one.key for one in PANELS if "executive" in one.roles}
    assert 'class="tw-hot tw-s' in html
    assert "style=" not in html
    assert all(one.name in QUESTIONS for one in PANELS)


def test_figures_add_up_to_the_ledger(world: World) -> None:  # ANA-01
    from traceward.domain.stock.queries import figures

    world.stock(world.lot("STENT", "A", now().date() + timedelta(days=20)), 7)
    world.stock(world.lot("STENT", "B", now().date() + timedelta(days=40)), 4)
    world.stock(world.lot("STENT", "C", now().date() + timedelta(days=4_000)), 1)
    (stock,) = figures.by_status(sites=None)
    assert (stock.qualified, stock.pending, stock.rejected, stock.lots) == (12, 0, 0, 3)
    (ending,) = figures.ending_by_site(sites=None)
    assert (ending.within_30, ending.within_60, ending.later) == (1, 1, 1)
    assert figures.by_status(sites=[]) == []
    days = figures.by_day(14, sites=None)
    assert len(days) == 14
    assert sum(day.received + day.shipped for day in days) == 0


def test_a_site_narrows_the_board_and_can_be_dropped(world: World) -> None:
    short_of(world, "chengdu")
    client = browser(world, roles.PLANNER)
    assert client.get("/alerts/count").content == b"1"
    assert client.post("/site", {"site": "SH", "next": "/stock/lots"}).status_code == 302
    code = world.shanghai.code
    answer = client.post("/site", {"site": code, "next": "//evil.example"})
    assert answer.headers["Location"] == "/"
    assert client.get("/alerts/count").content == b"0"
    assert "上海" in client.get("/").content.decode()
    client.post("/site", {"site": "all"})
    assert client.get("/alerts/count").content == b"1"


def test_find_answers_by_part_over_any_page(world: World) -> None:
    lot = world.lot("STENT", "LOT-77")
    client = browser(world, roles.STOREKEEPER)
    html = client.get("/find", {"q": "LOT-7"}, headers=PART).content.decode()
    assert "<html" not in html
    assert f'role="option" aria-selected="false" href="/stock/lots/{lot.pk}"' in html
    straight = client.get("/find", {"q": "LOT-77"}, headers=PART)
    assert straight.status_code == 200, "a part never leads away"
    assert client.get("/find", {"q": "\x00"}, headers=PART).status_code == 200


def test_find_takes_few_queries_whatever_there_is(world: World) -> None:
    client = browser(world, roles.STOREKEEPER)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get("/find", {"q": "LOT"}, headers=PART)
        return len(captured)

    queries()
    before = queries()
    for n in range(12):
        world.lot("STENT", f"LOT-{n}")
    assert queries() <= before


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize(
    "page", ["/stock/lots", "/ask/trace.forward", "/do/warehousing.pick", "/", "/x/../y", "\x00"]
)
def test_help_explains_the_page(world: World, page: str, language: str) -> None:
    client = browser(world, roles.STOREKEEPER, language)
    for headers in ({}, PART):
        answer = client.get("/help", {"page": page}, headers=headers)
        assert answer.status_code == 200
        assert "Ctrl K" in answer.content.decode()


def test_help_names_the_columns_and_their_values(world: World) -> None:
    html = browser(world, roles.STOREKEEPER).get("/help?page=/stock/balances").content.decode()
    assert "质量状态" in html
    assert "待验 · 合格 · 不合格" in html


def test_the_dictionary_has_what_the_visitor_may_read(world: World) -> None:  # ORG-02
    html = browser(world, roles.PICKER).get("/help/dictionary").content.decode()
    assert 'id="warehousing.picks"' in html
    assert 'id="outbox.parked"' not in html


def test_a_sandbox_says_so_on_every_page(world: World) -> None:
    html = browser(world, roles.PICKER).get("/").content.decode()
    assert ("沙箱：虚构数据" in html) is True
    assert "Traceward 0." in html


def test_every_wait_has_words(world: World) -> None:
    assert world
    assert all(one.words.zh and one.words.en for one in WAITS.values())


def test_a_site_is_a_chip_of_every_list_that_has_one(world: World) -> None:
    world.stock(world.lot("STENT", "HERE"), 3)
    client = browser(world, roles.STOREKEEPER)
    client.post("/site", {"site": world.chengdu.code})
    html = client.get("/stock/balances?view=all").content.decode()
    assert "HERE" not in html
    assert "site=all" in html
    assert "HERE" in client.get("/stock/balances?view=all&site=all").content.decode()
    client.post("/site", {"site": world.shanghai.code})
    assert "HERE" in client.get("/stock/balances?view=all").content.decode()
    lots = client.get("/stock/lots").content.decode()
    assert "HERE" in lots, "a lot has no site"


def test_procedures_name_verbs_that_there_are(world: World) -> None:  # UX-01 UX-04
    assert addresses.urlpatterns, "pages are known with the addresses"
    assert len(PROCEDURES) > 10
    for one in PROCEDURES.values():
        for step in one.steps:
            assert step.verb in REGISTRY, f"{one.key}: there is no {step.verb}"
            assert all(step.words)
    for language in ("zh-hans", "en"):
        client = browser(world, roles.STOREKEEPER, language)
        html = client.get("/help/how").content.decode()
        for one in PROCEDURES.values():
            assert one.words.in_language(language) in html
        for address in sorted(set(re.findall(r'<b><a class="tw-lnk" href="([^"]+)"', html))):
            assert client.get(address).status_code == 200, address
        receipts = client.get("/help", {"page": "/warehousing/receipts/7"}).content.decode()
        assert 'id="receive"' in receipts
        assert 'id="people"' not in receipts


def test_an_address_that_only_a_button_leads_to_is_told_as_a_page(world: World) -> None:
    client = browser(world, roles.AUDITOR, "en")
    for address in ("/sign-out", "/choose", "/site", "/alerts/acknowledge"):
        answer = client.get(address)
        assert (answer.status_code, answer["Allow"]) == (405, "POST")
        assert "Only a button leads here" in answer.content.decode()
        assert answer["Content-Type"].startswith("text/html")
    assert client.get("/me").status_code == 200, "still signed in"
