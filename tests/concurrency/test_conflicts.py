"""Twenty people save the same record, or the same document, at once. # UX-01 INV-08

Each has opened the form and typed a value of their own. One is first; all others are shown both
values, and nothing is overwritten that its writer was not shown.
"""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client

from tests import inbound
from tests import world as worlds
from tests.web.test_forms import html_of, sent_by
from tests.web.test_pages import text_of
from tests.world import LONG_AGO, World
from traceward.domain.purchasing.models import PurchaseOrder
from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles
from traceward.kernel.org.models import Party, Person, Role, RoleGrant

CROWD = 20


@pytest.fixture(scope="module")
def crowd(fresh_database: str, django_db_blocker: Any) -> Iterator[tuple[World, list[Client]]]:
    """A company in which commits are real, and twenty buyers who are signed in."""
    with django_db_blocker.unblock():
        set_up_roles()
        world = worlds.build()
        yield world, [buyer(n) for n in range(CROWD)]
        connections.close_all()


@pytest.fixture
def unblocked(crowd: object, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


def buyer(n: int) -> Client:
    person = Person.objects.create(login=f"buyer-{n}", name_zh=f"买方{n}", password="!")
    role = Role.objects.get(code=roles.BUYER.code)
    RoleGrant.objects.create(person=person, role=role, granted_at=LONG_AGO)
    client = Client()
    client.force_login(person)
    client.cookies["language"] = "zh-hans"
    return client


def all_at_once(clients: list[Client], verb: str, forms: list[dict[str, str]]) -> list[Any]:
    """Each sends their form at the same moment; the answers in the same order."""
    barrier = Barrier(len(clients))

    def send(client: Client, form: dict[str, str]) -> Any:
        try:
            barrier.wait(timeout=60)
            return client.post(f"/do/{verb}", form)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(clients)) as pool:
        return list(pool.map(send, clients, forms))


@pytest.mark.usefixtures("unblocked")
def test_nothing_is_overwritten_unseen(crowd: tuple[World, list[Client]]) -> None:
    """All but one are refused and shown both values; each then saves on purpose, one by one."""
    world, clients = crowd
    verb, party = "org.amend_contact", world.hospital.pk
    forms = [sent_by(html_of(client, f"/do/{verb}?party_id={party}")) for client in clients]
    forms = [{**form, "address": f"{n} 号楼", "phone": f"{n}"} for n, form in enumerate(forms)]
    answers = all_at_once(clients, verb, forms)
    statuses = [answer.status_code for answer in answers]
    assert sorted(statuses) == [302] + [412] * (CROWD - 1)
    first = statuses.index(302)
    assert Party.objects.get(pk=party).address == f"{first} 号楼"
    again = {}
    for n, answer in enumerate(answers):
        if n != first:
            html = answer.content.decode()
            assert {f"{first} 号楼", f"{n} 号楼"} <= told(html)
            assert f"买方{first}" in text_of(html)
            again[n] = sent_by(html)
    (one, other), rest = list(again)[:2], list(again)[2:]
    assert clients[one].post(f"/do/{verb}", again[one]).status_code == 302
    stale = clients[other].post(f"/do/{verb}", again[other])
    assert stale.status_code == 412, "it was shown an older value than the one that stands"
    assert {f"{one} 号楼", f"{other} 号楼"} <= told(stale.content.decode())
    assert rest
    assert chain(party)


def told(html: str) -> set[str]:
    """The values that the table of differences shows."""
    (table,) = re.findall(r'<section class="tw-conflict".*?</section>', html, flags=re.S)
    return {text_of(cell).strip() for cell in re.findall(r"<td.*?</td>", table, flags=re.S)}


def chain(party: int) -> bool:
    """Whether each change began from the value that the one before had left."""
    entries = AuditEntry.objects.filter(verb="org.amend_contact", outcome="done").order_by("pk")
    changes = [
        change
        for entry in entries
        for change in entry.facts["changes"]
        if change["kind"] == "org.Party" and change["id"] == party
    ]
    assert len(changes) == 2
    return changes[0]["after"]["address"] == changes[1]["before"]["address"]


@pytest.mark.usefixtures("unblocked")
def test_of_twenty_who_read_a_document_one_changes_it(crowd: tuple[World, list[Client]]) -> None:
    world, clients = crowd
    order = PurchaseOrder.objects.get(pk=inbound.ordered(world))
    verb = "purchasing.close"
    page = html_of(clients[0], f"/purchasing/orders/{order.pk}")
    (address,) = re.findall(rf'"(/do/{verb}\?[^"]*)"', page)
    address = address.replace("&amp;", "&")
    forms = [sent_by(html_of(client, address)) for client in clients]
    forms = [{**form, "reason": f"原因 {n}"} for n, form in enumerate(forms)]
    answers = all_at_once(clients, verb, forms)
    statuses = [answer.status_code for answer in answers]
    assert sorted(statuses) == [302] + [412] * (CROWD - 1)
    first = statuses.index(302)
    for n, answer in enumerate(answers):
        if n != first:
            html = answer.content.decode()
            assert f"买方{first}" in text_of(html)
            assert {"已审批", "已关闭"} <= told(html)
            assert f"原因 {n}" in html
    done = AuditEntry.objects.filter(verb=verb, outcome="done")
    assert done.count() == 1
