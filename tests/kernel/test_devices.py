"""What a device says of itself is read strictly, and is part of the request."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.kernel.verbs import name_party
from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.base.refusals import Conflict, InvalidInput
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.devices import Device, read_device

NINE = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


def test_nothing_said_is_no_device() -> None:
    assert read_device("", "", "") is None


def test_what_a_device_says_is_read() -> None:  # INV-01
    read = read_device("PDA-7", "-1500", "2026-11-20T09:00:00+08:00")
    assert read == Device("PDA-7", -1500, NINE)
    assert read_device("", "", "2026-11-20T01:00:00Z") == Device(happened_at=NINE)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (("x" * 61, "", ""), "device"),
        (("PDA\x00", "", ""), "device"),
        (("PDA", "1.5", ""), "clock_offset_ms"),
        (("PDA", "86400001", ""), "clock_offset_ms"),
        (("PDA", "９", ""), "clock_offset_ms"),
        (("PDA", "-", ""), "clock_offset_ms"),
        (("PDA", "", "2026-11-20T09:00:00"), "happened_at"),
        (("PDA", "", "yesterday"), "happened_at"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(said: tuple[str, str, str], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_device(*said)
    assert caught.value.field == field


def test_the_entry_names_the_device_and_another_moment_is_another_request(by: Actor) -> None:
    by = replace(by, device=Device("PDA-7", 20, NINE))
    first = name_party("Lan", by=by)
    assert name_party("Lan", by=by) == first
    entry = AuditEntry.objects.latest("pk")
    assert entry.facts["device"] == {
        "name": "PDA-7",
        "clock_offset_ms": 20,
        "happened_at": NINE.isoformat(),
    }
    with pytest.raises(Conflict):
        name_party("Lan", by=replace(by, device=Device("PDA-7", 20)))
