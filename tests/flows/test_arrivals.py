"""What follows a receipt by itself: inspections are open, and the notice is settled. # INT-01"""

import time
from typing import Any

import pytest

from tests import world as worlds
from tests.inbound import JOURNEY, announced, code
from traceward.domain.purchasing.models import ShippingNotice
from traceward.domain.quality.models import Inspection
from traceward.domain.warehousing.commands.receiving import Scan, receive
from traceward.kernel.command.delivery import deliver, parked
from traceward.kernel.org import roles
from traceward.kernel.outbox.sequencer import sequence_commands


@pytest.fixture
def company(fresh_database: str, django_db_blocker: Any) -> worlds.World:
    with django_db_blocker.unblock():
        return worlds.build()


def delivered(count: int) -> bool:
    """So many events were applied; the sequence waits for older transactions of the cluster."""
    deadline = time.monotonic() + 60
    done = 0
    while done < count and time.monotonic() < deadline:
        sequence_commands()
        done += deliver()
        time.sleep(0.1)
    return done >= count


def test_a_receipt_opens_inspections_and_settles_its_notice(
    company: worlds.World, django_db_blocker: Any
) -> None:
    raw = code("STENT", "L1")
    with django_db_blocker.unblock():
        coming = announced(company, (raw, 4))
        receive(
            coming.notice_id,
            company.places["DOCK"].pk,
            "DN-1",
            [Scan([raw], 4)],
            journey=JOURNEY,
            by=company.by(roles.STOREKEEPER),
        )
        assert not Inspection.objects.exists()
        assert delivered(2)
        assert parked() == []
        inspection = Inspection.objects.get()
        assert (inspection.quantity, inspection.state) == (4, "open")
        assert ShippingNotice.objects.get().state == "received"
        assert deliver() == 0
