"""Questions have pages: form and answer in the address, export, links from the records. # UX-01"""

import pytest
from django.test import Client

from tests import outbound
from tests.web.local import browser_at
from tests.world import World
from traceward.domain.sales.models import SalesOrder
from traceward.domain.stock.commands import blocks
from traceward.domain.stock.models import BlockKind
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person
from traceward.kernel.org.roles import RoleName
from traceward.kernel.org.scope import Grant
from traceward.resources import labels
from traceward.resources.kit import QUESTIONS, RESOURCES
from traceward.web.kit.answers import columns_of, sheet_of, text_of
from traceward.web.kit.questions import ABOUT
from traceward.web.kit.shell import home_of, module_of
from traceward.web.visitors import Visitor


@pytest.fixture(autouse=True)
def permissions(world: World) -> None:
    set_up_roles()


def browser(world: World, role: RoleName, language: str = "zh-hans") -> Client:
    client = Client()
    client.force_login(Person.objects.get(pk=world.by(role).person_id))
    client.cookies["language"] = language
    return client


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_question_has_a_page(world: World, language: str) -> None:
    client = browser(world, roles.QUALITY_HEAD, language)
    for name in QUESTIONS:
        answer = client.get(f"/ask/{name}")
        assert answer.status_code == 200, name
        assert labels.of_question(name).in_language(language) in answer.content.decode()


def test_about_names_questions_and_their_arguments() -> None:
    for pairs in ABOUT.values():
        for question, argument in pairs:
            assert argument in QUESTIONS[question].arguments.model_fields, question


def test_an_answer_stands_in_the_page_and_in_its_export(world: World) -> None:
    lot = world.lot("STENT", "L1")
    world.stock(lot, 30)
    client = browser(world, roles.STOREKEEPER)
    html = client.get("/ask/stock.on_hand", {"lots": "L1"}).content.decode()
    assert f'href="/stock/lots/{lot.pk}"' in html
    assert ">L1</a>" in html
    file = client.get("/ask/stock.on_hand/export.csv", {"lots": f"#{lot.pk}", "part": ""})
    head, *rows = file.content.decode("utf-8-sig").splitlines()
    assert labels.of_argument("stock.on_hand.on_hand").zh in head
    assert any("L1" in row and ",30," in row for row in rows)


def test_what_stands_where_says_how_much_before_where(world: World) -> None:  # INV-09
    world.stock(world.lot("STENT", "L1"), 30)
    html = browser(world, roles.STOREKEEPER).get("/ask/stock.on_hand").content.decode()
    heads = html.partition("<thead>")[2].partition("</thead>")[0]
    shown = [labels.of_argument(f"stock.on_hand.{name}").zh for name in ("on_hand", "place_id")]
    assert heads.index(f">{shown[0]}<") < heads.index(f">{shown[1]}<")
    absent = labels.of_argument("stock.on_hand.is_recalled").zh
    assert f">{absent}<" not in heads, "nothing here is recalled"


def test_one_row_of_many_columns_is_told_as_facts(world: World) -> None:  # TRC-01
    lot = world.lot("STENT", "L1")
    world.stock(lot, 30)
    client = browser(world, roles.QUALITY_HEAD)
    html = client.get("/ask/trace.mass_balances", {"nodes": f"#{lot.pk}"}).content.decode()
    assert "<thead>" not in html
    missing = labels.of_argument("trace.mass_balances.missing").zh
    assert f"<dt>{missing}</dt><dd>0</dd>" in html


def test_the_page_of_a_lot_leads_to_its_traces(world: World) -> None:  # TRC-01
    lot = world.lot("STENT", "L1")
    html = browser(world, roles.QUALITY_HEAD).get(f"/stock/lots/{lot.pk}").content.decode()
    for name in ("trace.forward", "trace.backward", "trace.timeline", "trace.mass_balances"):
        assert f"/ask/{name}?" in html


def test_an_order_says_why_a_lot_was_passed_over(world: World) -> None:  # INV-06
    good, held = world.lot("STENT", "GOOD"), world.lot("STENT", "HELD")
    world.stock(good, 30)
    world.stock(held, 30)
    scope = blocks.Scope(lot_id=held.pk)
    blocks.block(scope, BlockKind.HOLD, "外箱破损", by=world.by(roles.QUALITY_HEAD))
    outbound.opened(world)
    order = SalesOrder.objects.get()
    client = browser(world, roles.SALES)
    page = client.get(f"/sales/orders/{order.pk}").content.decode()
    assert "为何未配此批" in page
    html = client.get("/ask/stock.passed_over", {"document_id": f"#{order.pk}"}).content.decode()
    assert "跳过批号 HELD：已冻结（外箱破损）。" in html
    assert "已预留给本行" in html
    assert "STENT</a>" in html
    assert '<th scope="col">序列号</th>' not in html  # none has one
    more = world.lot("STENT", "MORE")
    world.stock(more, 30)
    html = client.get("/ask/stock.passed_over", {"document_id": f"#{order.pk}"}).content.decode()
    assert html.index("跳过批号 HELD") < html.index("可用；本行需求已满足")


def test_a_line_of_which_nothing_stands_here_says_so(world: World) -> None:  # INV-06
    outbound.ordered(world)
    order = SalesOrder.objects.get()
    given = {"document_id": f"#{order.pk} {order.number}", "line_id": "", "ask": "1"}
    answer = browser(world, roles.SALES).get("/ask/stock.passed_over", given)
    assert answer.status_code == 200
    assert "本场所没有可供分配的该物料库存" in answer.content.decode()


@pytest.mark.parametrize(
    "given",
    [
        {"lots": "nothing"},
        {"lots": "#99999999999999999999999"},
        {"limit": "-1"},
        {"unknown": "1"},
        {"lots": "\x00"},
        {"lots": "<script>"},
    ],
)
def test_wrong_input_is_told_and_nothing_is_asked(world: World, given: dict[str, str]) -> None:
    answer = browser(world, roles.STOREKEEPER).get("/ask/stock.on_hand", given)
    assert answer.status_code == 422
    html = answer.content.decode()
    assert 'role="alert"' in html
    assert "<script>" not in html.partition("<main")[2]


def test_the_past_is_asked_for_by_a_clock(world: World) -> None:  # INV-09
    client = browser(world, roles.STOREKEEPER)
    assert 'type="datetime-local"' in client.get("/ask/stock.in_past").content.decode()
    answer = client.get("/ask/stock.in_past", {"happened": "2026-11-01T08:00", "posted": ""})
    assert answer.status_code == 200
    assert 'value="2026-11-01T08:00"' in answer.content.decode()


def test_who_may_not_ask_is_told_so(world: World) -> None:  # ORG-02
    answer = browser(world, roles.PICKER).get("/ask/recalls.progress")
    assert answer.status_code in (200, 403)
    known = QUESTIONS["recalls.progress"].readers
    assert (answer.status_code == 200) is (roles.PICKER in known)


def test_what_is_no_question_is_not_there(world: World) -> None:
    client = browser(world, roles.STOREKEEPER)
    assert client.get("/ask/stock.nothing").status_code == 404
    assert client.get("/ask/stock.on_hand/export.csv?part=none").status_code == 404


def test_the_map_of_places_says_what_each_is_for_and_holds(world: World) -> None:  # INV-01
    world.stock(world.lot("STENT", "L1"), 30)
    client = browser(world, roles.STOREKEEPER)
    html = client.get("/ask/places.standing", {"site_id": world.shanghai.code}).content.decode()
    place = world.places["A-01"].pk
    cell = html.partition(f'href="/places/places/{place}" title="A-01"')[2]
    assert "<span>30</span>" in cell[:80]
    assert ">空<" in html
    client.post("/site", {"site": world.shanghai.code})
    assert 'title="A-01"' in client.get("/ask/places.standing").content.decode()


def test_a_site_of_others_has_no_map(world: World) -> None:  # ORG-02
    client = browser_at(world, roles.STOREKEEPER, world.chengdu)
    answer = client.get("/ask/places.standing", {"site_id": f"#{world.shanghai.pk}"})
    assert answer.status_code == 422
    assert "A-01" not in answer.content.decode()


def test_what_is_asked_of_the_whole_group_is_offered_to_who_sees_it() -> None:  # ORG-02
    whole, part = Grant(None, None), Grant(1, 2)
    for name in ("trace.mass_balances", "recalls.units"):
        for grants, is_open in (((), False), ((part,), False), ((part, whole), True)):
            assert QUESTIONS[name].is_open_to(grants) is is_open
            assert Visitor(None, "en", grants={name: grants}).may(name) is is_open
    assert QUESTIONS["trace.forward"].is_open_to((part,))


def test_a_record_is_shown_under_its_own_heads() -> None:  # INB-02
    heads = [{"zh": "名称", "en": "Name"}, {"zh": "型号", "en": "Model"}]
    line = [{"value": "手套", "is_due": True}, {"value": "", "is_due": True}]
    found = {"zh": "收货记录", "en": "Receipt", "articles": "60", "heads": heads, "lines": [line]}
    zh, en = Visitor(None, "zh-hans"), Visitor(None, "en")
    assert sheet_of(found, zh) == (
        "收货记录（60）",
        {"0": "名称", "1": "型号"},
        [{"0": "手套", "1": "缺"}],
    )
    assert sheet_of(found, en)[0] == "Receipt (60)"
    rows = [{"id": 1, "kind": "a", "partner_id": 2, "partner_zh": "甲", "partner_en": "A"}]
    assert columns_of(rows, zh) == ("kind", "partner_zh")
    assert columns_of(rows, en) == ("kind", "partner_en")


def test_numbers_are_told_by_what_they_stand_for() -> None:  # UX-01
    zh = Visitor(None, "zh-hans")
    assert text_of("catalog.items.device_class", 3, zh) == "第三类"
    assert text_of("recalls.cases.level", 2, zh) == "二级"
    assert text_of("stock.on_hand.on_hand", 2, zh) == "2"


def test_stock_on_hand_begins_with_our_own_places(world: World) -> None:  # INV-01
    client = browser(world, roles.AUDITOR)
    html = client.get("/ask/stock.on_hand").content.decode()
    assert '<option value="true" selected>' in html
    html = client.get("/ask/stock.on_hand", {"ask": "1"}).content.decode()
    assert '<option value="true" selected>' not in html


def test_lines_stand_in_the_module_of_what_they_are_lines_of() -> None:  # UX-01
    assert home_of("sales.return_lines") == "sales.returns"
    assert home_of("stock.lots") == "stock.lots"
    assert all(module_of(home_of(name)) for name in RESOURCES)
