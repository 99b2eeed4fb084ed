"""Views of lists that people keep: whose they are, who finds them, and what is no view. # UX-01"""

import uuid

import pytest

from tests.refusing import refused
from tests.world import World
from traceward.kernel.base.refusals import Conflict, InvalidInput, NotAllowed, NotFound
from traceward.kernel.command import views
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.people import grants_of
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.lists.models import EVERYBODY, ListView
from traceward.kernel.org import roles
from traceward.resources import asking, reading
from traceward.resources.kit import RESOURCES, Reader

LOTS = "stock.lots"


@pytest.fixture(autouse=True)
def permissions(world: World) -> None:
    set_up_roles()


def names_for(by: Actor) -> list[str]:
    """Names of the views that the person finds."""
    found = RESOURCES["lists.views"]
    to = Reader(by.person_id, grants_of(by.person_id, found.name))
    return [row["name"] for row in reading.page(found, asking.read(found, {}), to).rows]


def test_a_view_is_kept_under_its_name_once(world: World) -> None:
    by = world.by(roles.STOREKEEPER)
    first = views.save_view(LOTS, " 近效期  90 天 ", "expires_on__lte=today%2B90", by=by)
    assert first.name == "近效期 90 天"
    again = views.save_view(LOTS, "近效期 90 天", "q=L1", columns=["item"], by=by.asking())
    assert again == first
    view = ListView.objects.get()
    assert (view.question, view.columns) == ("q=L1", ["item"])
    assert views.rename_view(first.view_uid, "临期", by=by.asking()).name == "临期"
    assert names_for(by) == ["临期"]
    views.remove_view(first.view_uid, by=by.asking())
    assert names_for(by) == []


def test_a_view_is_its_owners_until_it_is_shared(world: World) -> None:  # ORG-02
    head, picker = world.by(roles.QUALITY_HEAD), world.by(roles.PICKER)
    kept = views.save_view(LOTS, "临期", by=head)
    assert names_for(picker) == []
    for audience, seen in ((roles.PICKER.code, True), (roles.CHECKER.code, False), ("*", True)):
        views.share_view(kept.view_uid, audience, by=head.asking())
        assert (names_for(picker) == ["临期"]) == seen
    views.share_view(kept.view_uid, by=head.asking())
    assert names_for(picker) == []


def test_only_who_made_a_view_changes_it(world: World) -> None:
    head, other = world.by(roles.QUALITY_HEAD), world.by(roles.SUPERVISOR)
    kept = views.save_view(LOTS, "临期", by=head)
    views.share_view(kept.view_uid, EVERYBODY, by=head.asking())
    with refused(NotFound, "view_uid"):
        views.rename_view(kept.view_uid, "我的", by=other)
    with refused(NotFound, "view_uid"):
        views.share_view(kept.view_uid, by=other.asking())
    with refused(NotFound, "view_uid"):
        views.remove_view(kept.view_uid, by=other.asking())
    with refused(NotFound, "view_uid"):
        views.remove_view(uuid.uuid4(), by=other.asking())


def test_what_is_no_view_is_refused(world: World) -> None:
    by = world.by(roles.QUALITY_HEAD)
    for name in ("", "  ", "长" * 61):
        with refused(InvalidInput, "name"):
            views.save_view(LOTS, name, by=by.asking())
    with refused(InvalidInput, "question"):
        views.save_view(LOTS, "长", "q=" + "x" * 2_000, by=by.asking())
    with refused(InvalidInput, "list_name"):
        views.save_view("stock.nothing", "临期", by=by.asking())
    with refused(NotAllowed):
        views.save_view("outbox.parked", "临期", by=world.by(roles.PICKER))
    kept = views.save_view(LOTS, "临期", by=by.asking())
    with refused(NotFound, "audience"):
        views.share_view(kept.view_uid, "nobody", by=by.asking())
    views.save_view(LOTS, "全部", by=by.asking())
    with refused(Conflict, "name"):
        views.rename_view(kept.view_uid, "全部", by=by.asking())


def test_a_person_keeps_so_many(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "MAX_VIEWS", 1)
    by = world.by(roles.PICKER)
    views.save_view(LOTS, "一", by=by)
    with refused(InvalidInput, "name"):
        views.save_view(LOTS, "二", by=by.asking())
    views.save_view("stock.serials", "二", by=by.asking())


def test_a_list_is_arranged_part_by_part(world: World) -> None:
    by = world.by(roles.PICKER)
    views.arrange(LOTS, columns=["raw_number", "item"], by=by)
    views.arrange(LOTS, first="near", by=by.asking())
    own = ListView.objects.get()
    assert (own.name, own.columns, own.first) == ("", ["raw_number", "item"], "near")
    with refused(InvalidInput, "list_name"):
        views.arrange("nothing", columns=[], by=by.asking())
    with refused(InvalidInput, "first"):
        views.arrange(LOTS, first="x" * 61, by=by.asking())
