"""What the body of a command writes: changes on record, documents with numbers and states."""

import pytest
from django.db import connection

from tests.kernel.verbs import EVERYWHERE, entry
from tests.ledger import database_now
from tests.refusing import colleague
from tests.world import World
from traceward.kernel.base import refusals
from traceward.kernel.command import write
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.documents.models import Document, NumberSeries
from traceward.kernel.org import roles
from traceward.kernel.org.models import Party, Site


@command("testing.rename", **EVERYWHERE)
def rename(party_id: int, name: str, *, by: Actor) -> int:
    """The party has another name."""
    write.amend(Party.objects.lock(party_id), by=by, name_en=name, name_zh="")
    return party_id


def test_audit_row_has_before_and_after(by: Actor) -> None:  # QUA-04
    party = Party.objects.create(name_en="Lan")
    rename(party.pk, "Mei", by=by)
    assert entry(by).facts["changes"] == [
        {
            "kind": "org.Party",
            "id": party.pk,
            "before": {"name_en": "Lan"},
            "after": {"name_en": "Mei"},
        }
    ]
    same = by.asking()
    rename(party.pk, "Mei", by=same)
    assert "changes" not in entry(same).facts, "nothing changed, nothing is said"


@command("testing.rename_all", **EVERYWHERE)
def rename_all(party_ids: list[int], *, by: Actor) -> int:
    """Every party has another name."""
    for party in Party.objects.lock_all(party_ids):
        write.amend(party, by=by, name_en=f"{party.name_en}!")
    return len(party_ids)


def test_audit_row_has_the_first_fifty_changes_and_their_count(by: Actor) -> None:
    made = Party.objects.bulk_create(Party(name_en=f"P{n}") for n in range(60))
    rename_all([p.pk for p in made], by=by)
    facts = entry(by).facts
    assert (len(facts["changes"]), facts["change_count"]) == (50, 60)


class Slip(Document):
    """A document for tests; stands in the supertype's table only."""

    KIND, PREFIX = "testing.slip", "SL"
    TRANSITIONS = frozenset({("open", "closed")})

    class Meta:
        proxy = True
        app_label = "testing"  # no application of ours: migrations and rights pass it by


@command("testing.open_slips", **EVERYWHERE)
def open_slips(site_ids: list[int], *, by: Actor) -> list[int]:
    """A slip is open at each site."""
    made = []
    for site in Site.objects.filter(pk__in=site_ids).order_by("pk"):
        slip = Slip()
        write.open_document(slip, site=site, state="open", by=by)
        write.add_lines(slip, 2)
        if made:
            write.link(made[-1], slip, "follows")
        made.append(slip)
    return [slip.pk for slip in made]


@command("testing.close_slip", **EVERYWHERE)
def close_slip(slip_id: int, *, by: Actor) -> str:
    """The slip is closed by another person than the one who opened it."""
    slip = Slip.objects.lock(slip_id)
    write.require_other_person(slip.created_by_id, by=by)
    write.enter(slip, "closed", by=by)
    return slip.state


def test_documents_get_gapless_numbers_at_the_end(by: Actor, world: World) -> None:
    sites = [world.shanghai.pk, world.chengdu.pk]
    slips = Slip.objects.in_bulk(open_slips(sites, by=by))
    year = database_now().year
    numbers = sorted(s.number for s in slips.values())
    assert numbers == [f"SL-HA-{year}-00000{n}" for n in (1, 2)]
    assert str(next(iter(slips.values()))) in numbers
    assert NumberSeries.objects.get().next_number == 3
    assert entry(by).facts["documents"] == [str(s.uid) for s in slips.values()]


def test_a_number_has_the_year_of_the_sites_day(by: Actor, world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tw_set_clock('2030-12-31 18:00:00+00')")
    (slip,) = open_slips([world.shanghai.pk], by=by)
    assert Slip.objects.get(pk=slip).number == "SL-HA-2031-000001"


def test_two_years_in_one_command_are_two_series(by: Actor, world: World) -> None:
    """New Year comes to Shanghai seven hours before it comes to Berlin."""
    berlin = Site.objects.create(
        code="BE", name_en="Berlin", kind="distribution", legal_entity=world.entity,
        time_zone="Europe/Berlin",
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SELECT tw_set_clock('2030-12-31 18:00:00+00')")
    sites = [world.shanghai.pk, berlin.pk]
    made = open_slips(sites, by=by)
    made += open_slips(sites, by=by.asking())
    slips = Slip.objects.in_bulk(made)
    assert [slips[pk].number for pk in made] == [
        "SL-HA-2031-000001",
        "SL-HA-2030-000001",
        "SL-HA-2031-000002",
        "SL-HA-2030-000002",
    ]


def test_document_goes_only_where_its_transitions_lead(by: Actor, world: World) -> None:
    (slip_id,) = open_slips([world.shanghai.pk], by=by)
    with pytest.raises(refusals.SamePerson):
        close_slip(slip_id, by=by.asking())
    by = colleague(roles.SYSTEM)
    assert close_slip(slip_id, by=by.asking()) == "closed"
    with pytest.raises(refusals.WrongState, match="closed"):
        close_slip(slip_id, by=by.asking())
    assert Slip.objects.get(pk=slip_id).version == 2
