"""Homes of the roles: figures of real rows, only what is readable, few queries. # UX-01"""

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import inbound, outbound
from tests.web.local import browser_at
from tests.world import LONG_AGO, World, move_clock
from traceward.domain.purchasing import commands as purchasing
from traceward.domain.stock.commands import blocks
from traceward.domain.stock.models import BlockKind
from traceward.kernel.command.people import all_grants_of
from traceward.kernel.command.registry import REGISTRY
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person, Role, RoleGrant
from traceward.kernel.org.roles import RoleName
from traceward.resources.kit import QUESTIONS, RESOURCES, now
from traceward.web import addresses
from traceward.web.kit.boards import FIGURES, HOMES, ROWS, WAITS, Board, board, waits_of
from traceward.web.kit.cells import cells_of
from traceward.web.kit.lists import list_of
from traceward.web.visitors import Visitor

READERS = tuple(role for role in roles.ALL if role != roles.SYSTEM)


@pytest.fixture(autouse=True)
def permissions(world: World) -> None:
    set_up_roles()


def person(world: World, role: RoleName) -> Person:
    return Person.objects.get(pk=world.by(role).person_id)


def browser(who: Person, language: str = "zh-hans") -> Client:
    client = Client()
    client.force_login(who, backend="django.contrib.auth.backends.ModelBackend")
    client.cookies["language"] = language
    return client


def visitor(who: Person) -> Visitor:
    return Visitor(who, "en", grants=all_grants_of(who.pk))


def home_of(world: World, role: RoleName) -> Board:
    to = visitor(person(world, role))
    return board(waits_of([role.code], to), to, now())


def busy(world: World) -> None:
    """Something of each kind goes on: goods to accept, a pick, a hold, lots that end."""
    inbound.inspected(world, (inbound.code("STENT", "L9"), 2))
    world.stock(world.lot("STENT", "L1"), 30)
    outbound.opened(world)
    outbound.picked(world)
    outbound.shipped(world)
    day = now().date()
    world.stock(world.lot("STENT", "NEAR", day + timedelta(days=20)), 3)
    held = world.lot("STENT", "HELD")
    world.stock(held, 3)
    blocks.block(
        blocks.Scope(lot_id=held.pk), BlockKind.HOLD, "破损", by=world.by(roles.QUALITY_HEAD)
    )


def test_every_role_has_a_home() -> None:
    assert addresses.urlpatterns, "homes are known with the addresses"
    assert set(HOMES) == {role.code for role in roles.ALL}
    assert all(HOMES[role.code] for role in READERS)
    assert {key for keys in HOMES.values() for key in keys} == set(WAITS), "nobody sees the rest"


def test_homes_name_what_is_there() -> None:
    for one in WAITS.values():
        assert one.name in RESOURCES or one.name in QUESTIONS, one.key
        for verb, argument, _ in one.acts:
            assert argument.partition(".")[0] in REGISTRY[verb].names, one.key
        if one.is_question:
            continue
        page = list_of(one.name)
        assert not one.view or one.view in {view.key for view in page.views}, one.key
        assert all(cell.label("en") for cell in cells_of(page.resource, (one.first, *one.second)))
        assert {column for *_, column in one.acts} <= set(page.resource.columns), one.key


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_home_is_shown_with_its_figures(world: World, language: str) -> None:
    busy(world)
    shown: set[str] = set()
    for role in READERS:
        answer = browser(person(world, role), language).get("/")
        html = answer.content.decode()
        assert answer.status_code == 200, role.code
        figures = re.findall(r'data-figure="(\w+)"', html)
        assert 1 <= len(figures) <= FIGURES, role.code
        assert set(figures) <= set(HOMES[role.code])
        for key in figures:
            assert WAITS[key].words.in_language(language) in html
        assert html.count("截至" if language != "en" else "As of") == 1
        shown |= set(re.findall(r'data-card="(\w+)"', html))
    assert {"to_pick", "to_check", "shipments", "blocks", "inspections", "near"} <= shown


def test_figures_count_what_their_lists_show(world: World) -> None:
    busy(world)
    who = person(world, roles.QUALITY_HEAD)
    client, to = browser(who), visitor(who)
    for n in range(ROWS + 1):
        scope = blocks.Scope(place_id=world.places["A-01"].pk)
        blocks.block(scope, BlockKind.HOLD, f"破损 {n}", by=world.by(roles.QUALITY_HEAD))
    found = board([one for one in waits_of(HOMES, to) if not one.is_question], to, now())
    for tile in found.tiles:
        html = client.get(tile.found.address).content.decode()
        assert 'role="alert"' not in html, tile.wait.key
        total = re.search(r'aria-live="polite">([\d,+]+) ', html)
        assert total is not None, tile.wait.key
        assert total[1] == tile.found.figure, tile.wait.key
        assert len(tile.found.lines) == min(tile.found.count, ROWS)
    assert sum(tile.found.count for tile in found.tiles) > 5


def test_each_row_has_the_one_verb_that_its_reader_may_use(world: World) -> None:
    world.stock(world.lot("STENT", "L1"), 30)
    going = outbound.picked(world)
    (checker,) = (t for t in home_of(world, roles.CHECKER).cards if t.wait.key == "to_check")
    (line,) = checker.found.lines
    assert line.act is not None
    assert line.act.address.startswith(f"/do/warehousing.check?pick_id={going.pick_id}&next=%2F")
    assert "seen=" in line.act.address
    (picker,) = (t for t in home_of(world, roles.PICKER).cards if t.wait.key == "to_check")
    assert picker.found.lines[0].act is None
    (chief,) = (t for t in home_of(world, roles.SUPERVISOR).cards if t.wait.key == "to_check")
    assert chief.found.lines[0].act is None, "to cancel is no next step"


def test_what_is_late_says_so(world: World) -> None:
    today = world.shanghai.day_at(now())
    for days in (-4, 3):
        purchasing.order(
            world.shanghai.pk,
            world.supplier.pk,
            [purchasing.Wanted(world.items["STENT"].pk, 1, Decimal(9))],
            wanted_on=today + timedelta(days=days),
            by=world.by(roles.BUYER),
        )
    html = browser(person(world, roles.EXECUTIVE), "en").get("/").content.decode()
    assert set(re.findall(r"\d+ d late", html)) == {"4 d late"}


def test_a_board_shows_only_what_its_reader_may_read(world: World) -> None:  # ORG-02
    who = person(world, roles.PICKER)
    full = visitor(who)
    less = {name: g for name, g in full.grants.items() if name != "warehousing.picks"}
    keys = {one.key for one in waits_of(["picker"], full)}
    assert "to_pick" in keys
    assert {one.key for one in waits_of(["picker"], replace(full, grants=less))} == set()
    assert "parked" not in {one.key for one in waits_of(["administrator"], full)}


def test_a_board_keeps_to_the_reader_s_sites(world: World) -> None:  # ORG-02
    world.stock(world.lot("STENT", "L1"), 30)
    outbound.opened(world)
    far = Person.objects.create(login="far", name_zh="远", name_en="Far", password="!")
    RoleGrant.objects.create(
        person=far,
        role=Role.objects.get(code="picker"),
        legal_entity=world.entity,
        site=world.chengdu,
        granted_at=LONG_AGO,
    )
    assert "没有待办事项" in browser(far).get("/").content.decode()
    assert home_of(world, roles.PICKER).cards


def test_several_roles_share_one_board(world: World) -> None:
    world.stock(world.lot("STENT", "L1"), 30)
    outbound.opened(world)
    outbound.picked(world)
    who = person(world, roles.PICKER)
    RoleGrant.objects.create(person=who, role=Role.objects.get(code="checker"), granted_at=LONG_AGO)
    html = browser(who).get("/").content.decode()
    assert re.findall(r'data-card="(\w+)"', html) == ["to_check", "to_pick"]
    assert "拣货员" in html
    assert "复核员" in html


#: A question reads its rules, and names of items and places where it found goods.
QUESTION = 10
#: A list: its scope, its rows, and their count where there are more than are shown.
LIST = 4


def test_a_board_takes_as_many_queries_for_many_rows_as_for_few(world: World) -> None:
    def made(mark: str, size: int) -> None:
        for n in range(size):
            held = world.lot("STENT", f"{mark}{n}", now().date() + timedelta(days=20))
            world.stock(held, 3)
            scope = blocks.Scope(lot_id=held.pk)
            by = world.by(roles.QUALITY_HEAD)
            blocks.block(scope, BlockKind.HOLD, "破损", by=by)

    made("A", ROWS + 1)
    few = {role.code: queries(world, role) for role in MANY}
    made("B", 5)
    for role in MANY:
        asked = sum(WAITS[key].is_question for key in HOMES[role.code])
        listed = len(HOMES[role.code]) - asked
        assert queries(world, role) == few[role.code], role.code
        assert few[role.code] <= 3 + LIST * listed + QUESTION * asked, role.code


MANY = (roles.QUALITY_HEAD, roles.EXECUTIVE, roles.SUPERVISOR)


def queries(world: World, role: RoleName) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        home_of(world, role)
    return len(seen)


def test_where_nothing_waits_a_tick_says_so(world: World) -> None:
    for language, told in (("zh-hans", "没有待办事项"), ("en", "Nothing waits for you")):
        html = browser(person(world, roles.PICKER), language).get("/").content.decode()
        assert told in html
        assert "data-card" not in html


def test_who_works_at_one_site_is_not_offered_to_block_a_lot_everywhere(world: World) -> None:
    """An expired lot may stand at other sites, too: only who may there holds it from here."""
    today = now().date()
    world.stock(world.lot("STENT", "OLD", today + timedelta(days=9)), 3)
    move_clock(today + timedelta(days=30))
    block = "/do/stock.block?scope.lot_id"
    here = browser_at(world, roles.QUALITY_CONTROLLER, world.shanghai).get("/").content.decode()
    assert "OLD" in here, "it is told"
    assert block not in here
    assert block in browser(person(world, roles.QUALITY_CONTROLLER)).get("/").content.decode()
