"""Who changes a document that somebody else changed meanwhile is told so, and by whom. # INT-02

docs/adr/0090
"""

import re
import threading
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tests import inbound, outbound
from tests import world as worlds
from tests.api.test_refusals import send
from tests.kernel.verbs import entry
from tests.refusing import colleague, only_at, refused
from tests.world import World
from traceward.api.problems import as_problem
from traceward.domain.purchasing.commands import approve
from traceward.domain.recalls.models import RecallCase
from traceward.domain.sales.commands.ordering import cancel
from traceward.domain.sales.models import SalesOrder
from traceward.domain.warehousing.models import Shipment
from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.base.refusals import InvalidInput, NotFound
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import Done, run_json
from traceward.kernel.command.seen import Seen, StaleVersion, _locked, read_seen, tag_of
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.command.tokens import token_for
from traceward.kernel.documents.models import Document
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person


@pytest.fixture
def company(world: World) -> World:
    set_up_roles()
    world.stock(world.lot("STENT", "L1"), 10)
    return world


def having_seen(by: Actor, document_id: int, version: int) -> Actor:
    return replace(by.asking(), seen=(Seen(document_id, version),))


def person_of(by: Actor) -> Person:
    return Person.objects.get(pk=by.person_id)


def read(person: Person, path: str) -> Any:
    headers = {"Authorization": f"Bearer {token_for(person)}"}
    return Client().get(f"/api/v1/{path}", headers=headers)


def test_a_row_has_its_version_and_an_answer_the_new_one(company: World) -> None:
    seller = person_of(company.by(roles.SALES))
    going = outbound.ordered(company)
    row = read(seller, f"sales/orders/{going.order_id}")
    assert (row["ETag"], row.json()["version"]) == (f'"{going.order_id}-1"', 1)
    assert "ETag" not in read(seller, f"sales/orders/{going.order_id}?fields=number")
    sent: dict[str, Any] = {
        "path": "commands/sales.cancel",
        "body": {"order_id": going.order_id, "reason": "ordered twice"},
        "key": "cancel it",
        "seen": row["ETag"],
    }
    first, again = send(seller, **sent), send(seller, **sent)
    assert first.json()["documents"] == [{"id": going.order_id, "version": 2}]
    assert again.json() == first.json(), "a retry gets the first answer"
    other = send(seller, **sent | {"seen": tag_of(going.order_id, 2)})
    assert other.json()["type"].endswith("ReusedRequestId")


def test_it_is_told_what_changed_and_by_whom(company: World) -> None:
    going = outbound.allocated(company)
    planner = company.by(roles.PLANNER)
    cancel(going.order_id, "ordered twice", by=company.by(roles.SALES))
    late = colleague(roles.SALES)
    with refused(StaleVersion, "If-Match") as caught:
        cancel(going.order_id, "ordered thrice", by=having_seen(late, going.order_id, 1))
    newest, older = caught.value.details
    assert (newest["version"], newest["verb"]) == (3, "sales.cancel")
    assert newest["by"] == company.by(roles.SALES).login
    told = as_problem(caught.value, "en", 412)["details"][0]
    assert (told["before"], told["after"]) == ({"state": "open"}, {"state": "cancelled"})
    told = as_problem(caught.value, "zh-hans", 412)["details"][0]
    assert told["after"] == {"state": "已取消"}
    assert told["at"].endswith("+08:00")
    assert "." not in told["at"]
    assert (older["version"], older["verb"], older["by"]) == (2, "outbound.allocate", planner.login)
    assert "“sales.cancel” (version 3)" in str(caught.value)
    assert "（第 3 版）" in caught.value.in_language("zh-hans")


def test_a_version_that_never_was_is_refused(company: World) -> None:
    going = outbound.ordered(company)
    with refused(StaleVersion, "If-Match") as caught:
        cancel(going.order_id, "twice", by=having_seen(company.by(roles.SALES), going.order_id, 9))
    assert "has version 1, and you read version 9" in str(caught.value)
    SalesOrder.objects.update(version=9, version_command_id=None)  # from before it was kept
    with refused(StaleVersion):
        cancel(going.order_id, "twice", by=having_seen(company.by(roles.SALES), going.order_id, 1))


def test_a_document_of_elsewhere_is_not_told_of(company: World) -> None:  # SEC-01
    going = outbound.ordered(company)
    by = only_at(company, roles.SALES, company.chengdu)
    arguments = {
        "site_id": company.chengdu.pk,
        "customer_id": company.hospital.pk,
        "deliver_to_id": company.places["DEP"].pk,
        "lines": [{"item_id": company.items["STENT"].pk, "quantity": 1}],
    }
    for pk in (going.order_id, 2**40):
        with refused(NotFound):
            run_json("sales.order", arguments, having_seen(by, pk, 1))


def test_a_command_counts_once_and_the_chain_has_all(company: World) -> None:
    order_id = inbound.ordered(company)  # ordered and approved: state and approver in one command
    versions: list[tuple[int, int]] = []
    for number in (1, 2):
        by = company.by(roles.BUYER).asking()
        arguments = {
            "order_id": order_id,
            "reference": f"ASN-{number}",
            "lines": [{"codes": [inbound.code("STENT", "L1")], "packs": 1}],
        }
        done, again = (run_json("purchasing.notify", arguments, by) for _ in range(2))
        assert isinstance(done, Done)
        assert isinstance(again, Done)
        assert list(again.versions.items()) == list(done.versions.items())
        versions += done.versions.items()
        newest, before = entry(by).facts["versions"][str(order_id)]
        assert newest == done.versions[order_id]
    assert (order_id, 3) in versions
    assert (order_id, 4) in versions
    second = AuditEntry.objects.get(pk=before)
    assert second.verb == "purchasing.notify"
    assert second.facts["versions"][str(order_id)][0] == 3
    with refused(StaleVersion) as caught:
        approve(order_id, by=having_seen(company.by(roles.SUPERVISOR), order_id, 1))
    verbs = ["purchasing.notify", "purchasing.notify", "purchasing.approve"]
    assert [row["verb"] for row in caught.value.details] == verbs
    approved = as_problem(caught.value, "zh-hans", 412)["details"][-1]
    assert set(approved["after"]) >= {"state", "approved_by_id"}
    assert approved["before"]["approved_at"] is None
    assert re.fullmatch(r"[0-9T:-]{19}\+08:00", approved["after"]["approved_at"])


def test_what_a_document_belongs_to_is_locked_first(company: World) -> None:
    going = outbound.shipped(company)
    shipment = Shipment.objects.get(pk=going.shipment_id)
    assert list(_locked([shipment.pk])) == [going.order_id, going.pick_id, shipment.pk]


def test_every_kind_is_locked_as_itself(company: World) -> None:
    kinds = {kind.KIND for kind in Document.__subclasses__()}
    assert RecallCase.KIND in kinds
    assert all(kinds)
    deeper = [k for kind in Document.__subclasses__() for k in kind.__subclasses__()]
    assert not deeper, "lock kinds of kinds in kernel/command/seen.py, too"


NO_VERSIONS = (
    *("*", "1", "1-", "-1", "0-1", "1-0", 'W/"1-1"', "1-1,1-2", "1-1,", ","),
    *("9" * 30 + "-1", "1-" + "9" * 30, "x" * 99, ",".join(f"{n}-1" for n in range(1, 23))),
)


@pytest.mark.parametrize("text", NO_VERSIONS, ids=range(len(NO_VERSIONS)))
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_seen(text)


def test_one_or_several_versions_are_read() -> None:
    assert read_seen("") == ()
    assert read_seen('"17-4"') == read_seen("17-4") == (Seen(17, 4),)
    assert read_seen('"18-2", "17-4"') == (Seen(17, 4), Seen(18, 2))


def test_a_bulk_says_it_in_each_request(company: World) -> None:
    seller = person_of(company.by(roles.SALES))
    going = [outbound.ordered(company).order_id for _ in range(2)]
    lines = [
        {
            "key": str(uuid.uuid4()),
            "arguments": {"order_id": pk, "reason": "twice"},
            "if_match": tag_of(pk, version),
        }
        for pk, version in zip(going, (1, 2), strict=True)
    ]
    told = send(seller, "bulk/sales.cancel", {"requests": lines})
    assert [line["status"] for line in told.json()["results"]] == [200, 412]
    told = send(seller, "bulk/sales.cancel", {"requests": lines}, seen='"1-1"')
    assert (told.status_code, told.json()["field"]) == (422, "If-Match")
    lines[0]["if_match"] = 7
    told = send(seller, "bulk/sales.cancel", {"requests": lines})
    assert (told.status_code, told.json()["field"]) == (422, "requests.0.if_match")


@pytest.fixture
def committed(fresh_database: str, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock():
        set_up_roles()
        yield worlds.build()


ROUNDS = 5


def _at_once(*asked: tuple[Person, str, Any, str]) -> dict[str, Any]:
    """What each request was answered, all being sent at the same moment; by verb."""
    barrier = threading.Barrier(len(asked))
    answers: dict[str, Any] = {}

    def ask(person: Person, verb: str, body: Any, tag: str) -> None:
        barrier.wait()
        answers[verb] = send(person, f"commands/{verb}", body, seen=tag)
        connection.close()

    threads = [threading.Thread(target=ask, args=one) for one in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_of_two_with_the_same_version_one_wins(committed: World) -> None:
    """Whoever comes second is told of the first; without the version both would have been done."""
    committed.stock(committed.lot("STENT", "L1"), 100)
    seller, planner = (person_of(committed.by(r)) for r in (roles.SALES, roles.PLANNER))
    for _ in range(ROUNDS):
        order_id = outbound.ordered(committed, quantity=1).order_id
        tag = tag_of(order_id, 1)
        answers = _at_once(
            (seller, "sales.cancel", {"order_id": order_id, "reason": "ordered twice"}, tag),
            (planner, "outbound.allocate", {"order_id": order_id}, tag),
        )
        told = {verb: answer.status_code for verb, answer in answers.items()}
        assert sorted(told.values()) == [200, 412], told
        won, lost = sorted(told, key=told.__getitem__)
        assert [row["verb"] for row in answers[lost].json()["details"]] == [won]
        order = SalesOrder.objects.get(pk=order_id)
        assert (order.version, order.state == "cancelled") == (2, won == "sales.cancel")
