"""Two packers and one container."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from tests import world as worlds
from tests.outbound import checked
from traceward.domain.stock.models import Container, StockBalance
from traceward.domain.warehousing.commands import shipping
from traceward.kernel.base.refusals import Conflict
from traceward.kernel.org import roles

SSCC = "095200000000000011"


@pytest.fixture(scope="module")
def company(fresh_database: str) -> worlds.World:
    return worlds.build()


def test_one_of_two_packers_fills_the_container(
    company: worlds.World, monkeypatch: pytest.MonkeyPatch
) -> None:  # INV-10
    """The second one looks while the first has packed and not committed yet."""
    company.stock(company.lot("STENT", "L1"), 4)
    picks = [checked(company, quantity=2).pick_id for _ in range(2)]
    Container.objects.create(code=SSCC)
    looked, ensure = threading.Barrier(2), shipping.ensure_container
    leg = shipping.leg

    def ensured(*given, **named):
        found = ensure(*given, **named)
        looked.wait(timeout=20)
        return found

    def slow_leg(*given, **named):
        threading.Event().wait(0.5)
        return leg(*given, **named)

    monkeypatch.setattr(shipping, "ensure_container", ensured)
    monkeypatch.setattr(shipping, "leg", slow_leg)

    def fill(pick_id: int) -> str:
        try:
            shipping.pack(pick_id, sscc=SSCC, by=company.by(roles.STOREKEEPER))
        except Conflict:
            return "refused"
        finally:
            connections.close_all()
        return "packed"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(fill, picks)) == ["packed", "refused"]
    assert StockBalance.objects.get(container__code=SSCC, on_hand__gt=0).on_hand == 2
