"""Everything that ever happened to a document is one question to the audit entries. # QUA-04"""

from typing import Any

import pytest
from django.db import connection

from tests.api.test_reading import Elsewhere, Get, getter, person
from tests.outbound import shipped, sign_for
from tests.world import World
from traceward.api.limits import STRANGERS
from traceward.domain.sales.models import SalesOrder
from traceward.domain.warehousing.models import Pick
from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.org import roles
from traceward.resources.history import HISTORY


@pytest.fixture
def order(world: World) -> SalesOrder:
    """One of two orders went the whole way."""
    STRANGERS.forget()
    world.stock(world.lot("STENT", "L1"), 8)
    shipped(world)
    going = shipped(world)
    sign_for(world, going)
    return SalesOrder.objects.get(pk=going.order_id)


@pytest.fixture
def get(world: World) -> Get:
    return getter(person(world, roles.AUDITOR))


def verbs(get: Get, **asked: Any) -> list[str]:
    status, page = get("audit/entries", sort="at", **asked)
    assert status == 200, page
    return [row["verb"] for row in page["rows"]]


def test_all_that_was_done_to_a_document_is_found(get: Get, order: SalesOrder) -> None:
    found = verbs(get, document_id=order.pk)
    assert found[0] == "sales.order"
    assert found[-1] == "sales.sign_for"
    assert len(found) == order.version
    assert verbs(get, document_number=order.number) == found
    assert verbs(get, document_id=order.pk, verb="sales.order") == ["sales.order"]


def test_so_is_who_moved_goods_under_it(get: Get, order: SalesOrder) -> None:
    pick = Pick.objects.latest("pk")
    found = verbs(get, document_number=pick.number)
    assert {"warehousing.pick", "warehousing.check", "warehousing.ship"} <= set(found)
    assert len(found) == len(set(found))


def test_what_is_no_document_has_no_history(get: Get, order: SalesOrder) -> None:
    assert verbs(get, document_id=999_999) == verbs(get, document_number="SO-NONE") == []
    assert get("audit/entries", document_id="x")[0] == 422
    assert get("audit/entries", document_id=[1, 2])[0] == 422
    status, problem = get("audit/entries", document=1)
    assert status == 422
    assert "document_id" in problem["title"]


def test_who_may_not_read_entries_reads_none_of_a_document(
    world: World, order: SalesOrder
) -> None:  # SEC-01
    elsewhere = getter(Elsewhere(world, site=True).person)
    status, page = elsewhere("audit/entries", document_id=order.pk)
    assert status == 403 or page["rows"] == []
    assert getter(person(world, roles.PICKER))("audit/entries", document_id=order.pk)[0] == 403


def test_no_table_is_searched_for_it(order: SalesOrder) -> None:
    values = {"documents": [order.pk], "limit": 9}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {HISTORY}", values)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Seq Scan" not in plan
    assert AuditEntry.objects.filter(pk=order.version_command_id).exists()
