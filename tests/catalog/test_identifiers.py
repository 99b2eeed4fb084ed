"""A pack is known by codes of several agencies; each code names one pack. # MDM-01 INV-05"""

import pytest
from django.db import IntegrityError, transaction

from tests.refusing import only_at, refused
from tests.world import World
from traceward.domain.catalog.commands import (
    Identified,
    add_identifier,
    add_packaging_level,
    register_item,
    withdraw_identifier,
)
from traceward.domain.catalog.models import Agency, Identifier, MaterialCategory, PackagingLevel
from traceward.domain.catalog.scanning import UnreadableCode
from traceward.kernel.base.refusals import Conflict, InvalidInput, NotAllowed, NotFound, WrongState
from traceward.kernel.org import roles

HIBC, MA = "T999WIDGET01", "MA.156.M0.000001.11234560"


def stent(world: World) -> PackagingLevel:
    return PackagingLevel.objects.get(item=world.items["STENT"])


def add(world: World, agency: Agency, di: str, item: str = "STENT") -> Identified:
    pack = PackagingLevel.objects.get(item=world.items[item])
    return add_identifier(pack.pk, agency, di, by=world.by(roles.DATA_OWNER))


def test_the_code_it_is_made_with_is_its_first(world: World) -> None:
    (row,) = Identifier.objects.filter(packaging=stent(world))
    assert (row.agency, row.di) == ("GS1", "06901234567892")


def test_an_item_may_have_no_gtin_at_all(world: World) -> None:
    by = world.by(roles.DATA_OWNER)
    raw = MaterialCategory.RAW
    glove = register_item("GLOVE", world.supplier.pk, name_zh="手套", material_category=raw, by=by)
    item = glove.id
    add_packaging_level(item, 0, f"+{HIBC}", agency=Agency.HIBC, by=by.asking())
    add_packaging_level(item, 1, "BOX-7", 100, agency=Agency.OWN, by=by.asking())
    packs = PackagingLevel.objects.filter(item=item).order_by("level")
    assert [(p.agency, p.di) for p in packs] == [("HIBC", HIBC), ("own", "BOX-7")]


def test_codes_are_stored_as_they_are_compared(world: World) -> None:
    assert add(world, Agency.HIBC, f" +{HIBC}").di == HIBC
    assert add(world, Agency.MA, MA).di == MA
    assert add(world, Agency.AHM, "MF1000").di == "MF1000"
    assert add(world, Agency.GS1, "9521234543213").di == "09521234543213"
    assert add(world, Agency.OWN, " 支架-1 ").di == "支架-1"


def test_a_code_that_its_agency_cannot_have_given_is_refused(world: World) -> None:
    for agency, di in (
        (Agency.HIBC, "9521234543213X"),
        (Agency.MA, "MA.156.M0.000001"),
        (Agency.AHM, "A1"),
        (Agency.GS1, "9521234543214"),
    ):
        with refused(UnreadableCode, "di"):
            add(world, agency, di)
    for di in ("", "x" * 41, "9521234543213", "MF01", "A\x07B"):
        with refused(InvalidInput, "di"):
            add(world, Agency.OWN, di)
    with refused(NotFound):
        add_identifier(0, Agency.MA, MA, by=world.by(roles.DATA_OWNER))


def test_a_code_names_one_pack_only(world: World) -> None:
    add(world, Agency.HIBC, HIBC)
    with refused(Conflict, "di") as caught:
        add(world, Agency.HIBC, HIBC, "PACER")
    assert "STENT" in str(caught.value)
    with refused(Conflict, "di"):
        add(world, Agency.GS1, "06901234567892", "PACER")
    with pytest.raises(IntegrityError), transaction.atomic():
        Identifier.objects.create(packaging=stent(world), agency="HIBC", di=HIBC)


def test_a_code_entered_by_mistake_is_withdrawn(world: World) -> None:
    wrong = add(world, Agency.HIBC, HIBC)
    withdraw_identifier(wrong.identifier_id, "wrong pack", by=world.by(roles.DATA_OWNER))
    again = add(world, Agency.HIBC, HIBC, "PACER")
    assert again.di == HIBC
    assert Identifier.objects.filter(di=HIBC).count() == 2


def test_what_may_not_be_withdrawn_stays(world: World) -> None:
    by = world.by(roles.DATA_OWNER)
    own = Identifier.objects.get(packaging=stent(world))
    with refused(Conflict, "identifier_id"):
        withdraw_identifier(own.pk, "why not", by=by)
    other = add(world, Agency.HIBC, HIBC).identifier_id
    with refused(InvalidInput, "reason"):
        withdraw_identifier(other, " ", by=by.asking())
    withdraw_identifier(other, "wrong pack", by=by.asking())
    with refused(WrongState, "identifier_id"):
        withdraw_identifier(other, "wrong pack", by=by.asking())


def test_identifiers_belong_to_the_whole_group(world: World) -> None:  # ORG-03
    owner = only_at(world, roles.DATA_OWNER, world.shanghai)
    with refused(NotAllowed):
        add_identifier(stent(world).pk, Agency.MA, MA, by=owner.asking())
    own = Identifier.objects.get(packaging=stent(world))
    with refused(NotAllowed):
        withdraw_identifier(own.pk, "why not", by=owner.asking())
