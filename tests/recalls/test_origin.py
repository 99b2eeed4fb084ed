"""What set a recall off is on record with it: who told us, when, and what. # TRC-03"""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.ledger import database_now
from tests.recalls.test_commands import opened
from tests.refusing import refused
from tests.world import World
from traceward.domain.recalls.commands import Origin
from traceward.domain.recalls.models import OriginKind, RecallCase
from traceward.kernel.base.refusals import InvalidInput, NotFound


@pytest.fixture
def complaint(world: World) -> Origin:
    world.stock(world.lot("STENT", "L1"), 5)
    day = world.shanghai.day_at(database_now())
    return Origin(
        OriginKind.COMPLAINT,
        world.hospital.pk,
        received_on=day - timedelta(days=1),
        reference=" TS-7 ",
        text="strut broke at the first use",
    )


def test_a_complaint_is_recorded_with_its_recall(world: World, complaint: Origin) -> None:
    case = RecallCase.objects.get(pk=opened(world, origin=complaint).case_id)
    assert (case.origin, case.origin_party_id) == ("complaint", world.hospital.pk)
    assert (case.origin_reference, case.origin_text) == ("TS-7", complaint.text)
    assert case.origin_received_on == complaint.received_on


def test_who_told_us_is_asked_for_but_of_our_own_finding(world: World, complaint: Origin) -> None:
    for kind in (OriginKind.COMPLAINT, OriginKind.SUPPLIER, OriginKind.REGULATOR):
        with refused(InvalidInput, "origin.party_id"):
            opened(world, origin=replace(complaint, kind=kind, party_id=None, informant=" "))
    with refused(NotFound, "origin.party_id"):
        opened(world, origin=replace(complaint, party_id=2**40))
    assert not RecallCase.objects.exists()
    found = opened(world, origin=Origin(OriginKind.OWN)).case_id
    own = RecallCase.objects.get(pk=found)
    assert (own.origin, own.origin_received_on) == ("own", own.decided_on)
    said = replace(complaint, party_id=None, informant="ward 3")
    told = opened(world, origin=said).case_id
    assert RecallCase.objects.get(pk=told).origin_informant == "ward 3"


def test_it_came_before_the_recall_was_decided(world: World, complaint: Origin) -> None:
    assert complaint.received_on is not None
    today = complaint.received_on + timedelta(days=1)
    with refused(InvalidInput, "origin.received_on"):
        opened(world, origin=replace(complaint, received_on=today + timedelta(days=1)))
    with refused(InvalidInput, "origin.received_on"):
        decided = complaint.received_on
        opened(world, origin=replace(complaint, received_on=today), decided_on=decided)


def test_a_recall_without_an_origin_says_nothing_of_it(world: World, complaint: Origin) -> None:
    case = RecallCase.objects.get(pk=opened(world).case_id)
    assert (case.origin, case.origin_party_id, case.origin_received_on) == ("", None, None)
