"""Consignees answer by a link; each but the newest of a running recall is refused. # TRC-03"""

from datetime import timedelta

import pytest
from django.db import connection

from tests.ledger import database_now, set_clock
from tests.outbound import signed
from tests.recalls.test_commands import opened
from tests.refusing import colleague, refused
from tests.world import World
from traceward.domain.partners.commands import name_contact
from traceward.domain.recalls import commands as recalls
from traceward.domain.recalls import queries
from traceward.domain.recalls.commands.linking import consignee_actor
from traceward.domain.recalls.models import RecallAnswer, RecallMessage
from traceward.domain.recalls.queries.consigned import consigned
from traceward.domain.recalls.refusals import LinkEnded, LinkUsed, UnknownLink
from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.base.refusals import InvalidInput, NotFound
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.command.setup import set_up_roles, set_up_system_person
from traceward.kernel.org import roles


@pytest.fixture
def case(world: World) -> int:
    """Of 20 units 3 are at the hospital, which was told and has no contact."""
    set_up_roles()
    set_up_system_person()
    world.stock(world.lot("STENT", "L1"), 20)
    signed(world, quantity=3)
    made = opened(world).case_id
    recalls.notify(made, by=world.by(roles.COMPLIANCE))
    return made


def outside() -> Actor:
    return consignee_actor("link 192.0.2.7")


def issued(world: World, case: int) -> Erasable:
    """The secret of a new link."""
    made = recalls.issue_link(case, world.hospital.pk, by=world.by(roles.QUALITY_CONTROLLER))
    return Erasable(made.link.reveal().rpartition("/")[2])


def test_an_answer_by_link_names_the_firm_and_the_person(world: World, case: int) -> None:
    link = issued(world, case)
    assert recalls.open_link(link, by=outside()).number == 1
    assert RecallMessage.objects.get().opened_at is not None
    done = recalls.answer_by_link(link, "Wang Min", 2, 1, 1, "sealed", by=outside())
    assert (done.expected, done.found) == (3, 3)
    row = RecallAnswer.objects.get()
    assert (row.found, row.quarantined, row.used, row.said_by) == (3, 1, 1, "Wang Min")
    entry = AuditEntry.objects.get(verb="recalls.answer_by_link")
    assert entry.facts["consignee"] == world.hospital.names
    assert entry.facts["answered_by"] == "Wang Min"
    assert entry.origin == "link 192.0.2.7"
    assert link.reveal() not in str(entry.facts)
    (answer,) = queries.progress(case).answers
    assert (answer.said_by, answer.quarantined) == ("Wang Min", 1)
    assert answer.reached.opened_at is not None


def test_only_what_tells_a_link_is_kept(world: World, case: int) -> None:  # SEC-01
    link = issued(world, case).reveal()
    kept = RecallMessage.objects.values().get()
    assert link not in str(kept)
    assert len(bytes(kept["sha256"])) == 32
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM command_request x WHERE x::text LIKE %s", [f"%{link}%"]
        )
        assert cursor.fetchone() == (0,)


def test_an_altered_link_is_like_one_that_never_was(world: World, case: int) -> None:
    link = issued(world, case).reveal()
    altered = link[:-1] + ("A" if link[-1] != "A" else "B")
    told = set()
    for secret in (altered, link[:-1], link.upper(), "nothing", "", "x" * 200):
        with refused(UnknownLink, "link") as caught:
            recalls.answer_by_link(Erasable(secret), "x", 1, 1, 0, by=outside())
        told.add(str(caught.value))
        with refused(UnknownLink, "link"):
            recalls.open_link(Erasable(secret), by=outside())
    assert len(told) == 1
    tried = AuditEntry.objects.filter(verb="recalls.answer_by_link", outcome="refused")
    assert tried.count() == 6


def test_a_used_link_is_refused(world: World, case: int) -> None:
    link = issued(world, case)
    recalls.answer_by_link(link, "Wang Min", 3, 3, 0, by=outside())
    with refused(LinkUsed, "link"):
        recalls.answer_by_link(link, "Wang Min", 2, 2, 0, by=outside())
    recalls.answer_by_link(issued(world, case), "Wang Min", 2, 2, 1, by=outside())
    assert RecallAnswer.objects.count() == 2


def test_a_link_that_a_newer_one_replaced_is_refused(world: World, case: int) -> None:
    first, second = issued(world, case), issued(world, case)
    with refused(LinkEnded, "link"):
        recalls.answer_by_link(first, "Wang Min", 3, 3, 0, by=outside())
    recalls.answer_by_link(second, "Wang Min", 3, 3, 0, by=outside())


def test_a_link_ends_after_its_days(world: World, case: int) -> None:
    link = issued(world, case)
    set_clock(database_now() + timedelta(days=14, seconds=1))
    with refused(LinkEnded, "link"):
        recalls.answer_by_link(link, "Wang Min", 3, 3, 0, by=outside())


def test_a_link_of_a_recall_that_has_ended_is_refused(world: World, case: int) -> None:
    link = issued(world, case)
    again = opened(world, by=world.by(roles.COMPLIANCE)).case_id
    head = colleague(roles.QUALITY_HEAD).reauthenticated()
    recalls.withdraw(case, "opened twice", continued_in_id=again, by=head)
    with refused(LinkEnded, "link"):
        recalls.answer_by_link(link, "Wang Min", 3, 3, 0, by=outside())


def test_what_cannot_be_is_refused_at_its_field(world: World, case: int) -> None:
    link = issued(world, case)
    for field, given in (
        ("name", (" ", 3, 3, 0)),
        ("name", ("x" * 61, 3, 3, 0)),
        ("found", ("Wang", -1, 0, 0)),
        ("quarantined", ("Wang", 1, 2, 0)),
        ("used", ("Wang", 1, 1, -2)),
        ("found", ("Wang", 3, 3, 1)),
    ):
        with refused(InvalidInput, field):
            recalls.answer_by_link(link, *given, by=outside())
    with refused(InvalidInput, "remarks"):
        recalls.answer_by_link(link, "Wang", 3, 3, 0, "x" * 301, by=outside())
    recalls.answer_by_link(link, "Wang", 3, 3, 0, "x" * 300, by=outside())


def test_who_was_not_told_gets_no_link(world: World, case: int) -> None:
    with refused(NotFound, "consignee_id"):
        recalls.issue_link(case, world.supplier.pk, by=world.by(roles.COMPLIANCE))


def test_the_page_of_one_consignee_knows_nothing_of_another(world: World, case: int) -> None:
    """The link is of one notice; the goods that it names are those of that consignee."""
    name_contact(world.hospital.pk, "Wang", email="w@h.example", by=world.by(roles.SALES))
    issued(world, case)
    message = RecallMessage.objects.get()
    assert message.notice.consignee_id == world.hospital.pk
    goods = consigned(case, [world.hospital.pk, world.supplier.pk])
    assert set(goods) == {world.hospital.pk}
    (one,) = goods[world.hospital.pk]
    assert (one.lot, one.delivered, one.gone) == ("L1", 3, 0)
