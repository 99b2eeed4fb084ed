"""Parties, firms, sites, people and their roles. # ORG-01 ORG-03"""

import pytest

from tests.refusing import only_at, refused
from tests.world import World
from traceward.kernel.base.refusals import (
    Conflict,
    InvalidInput,
    NotAllowed,
    NotFound,
    SamePerson,
    WrongState,
)
from traceward.kernel.command.people import (
    amend_contact,
    grant_role,
    open_site,
    register_legal_entity,
    register_party,
    register_person,
    revoke_role,
)
from traceward.kernel.org import roles
from traceward.kernel.org.models import Party, Person, RoleGrant, Site, SiteKind
from traceward.kernel.org.rules import UsccFault, uscc_check_digit, uscc_fault

USCC = "91999999MA0TW00163"


def asked(world: World):
    return world.by(roles.ADMINISTRATOR)


@pytest.mark.parametrize("code", [USCC, "91999999MA0TW0024X", "12999999TW00000320"])
def test_a_right_credit_code(code: str) -> None:  # MDM-08, GB 32100-2015
    assert uscc_fault(code) is None
    assert uscc_check_digit(code[:17]) == code[17]


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("91999999MA0TW00164", UsccFault.CHECK),
        ("91999999MA0TW0016", UsccFault.FORM),
        ("91999999MA0TI00163", UsccFault.FORM),
        ("9199999AMA0TW00163", UsccFault.FORM),
        ("", UsccFault.FORM),
    ],
)
def test_a_wrong_credit_code(code: str, fault: UsccFault) -> None:
    assert uscc_fault(code) is fault


def test_a_slip_of_one_character_is_found() -> None:
    for n in range(17):
        for c in "0123456789ABCDEFGHJKLMNPQRTUWXY":
            slipped = USCC[:n] + c + USCC[n + 1 :]
            assert slipped == USCC or uscc_fault(slipped) is not None


def test_a_party_is_known_once(world: World) -> None:
    done = register_party("南山医药", uscc=USCC.lower(), gln="9521234543213", by=asked(world))
    row = Party.objects.get(pk=done.id)
    assert (row.uscc, row.sort_key) == (USCC, "nan shan yi yao")
    with refused(Conflict, "uscc"):
        register_party("南山", uscc=USCC, by=asked(world))
    with refused(Conflict, "gln"):
        register_party("南山", gln="9521234543213", by=asked(world))


def test_a_party_needs_right_codes(world: World) -> None:  # MDM-08
    with refused(InvalidInput, "name_zh"):
        register_party(" ", by=asked(world))
    with refused(InvalidInput, "uscc"):
        register_party("南山", uscc="123", uscc_exception="so it stands", by=asked(world))
    with refused(InvalidInput, "uscc"):
        register_party("南山", uscc="91999999MA0TW00164", by=asked(world))
    with refused(InvalidInput, "gln"):
        register_party("南山", gln="9521234543214", by=asked(world))
    with refused(InvalidInput, "country"):
        register_party("南山", country="China", by=asked(world))


def test_a_wrong_check_digit_is_taken_with_a_reason(world: World) -> None:
    wrong = "91999999MA0TW00164"
    done = register_party("南山", uscc=wrong, uscc_exception="as printed", by=asked(world))
    assert Party.objects.get(pk=done.id).uscc == wrong


def test_a_firm_of_ours_and_its_site(world: World) -> None:  # ORG-01
    party = register_party("南山医药", by=asked(world)).id
    firm = register_legal_entity("NS", party, by=asked(world)).id
    with refused(Conflict, "party_id"):
        register_legal_entity("NS2", party, by=asked(world))
    with refused(Conflict, "code"):
        register_legal_entity("NS", world.supplier.pk, by=asked(world))
    with refused(NotFound, "party_id"):
        register_legal_entity("X", 0, by=asked(world))
    with refused(InvalidInput, "currency"):
        register_legal_entity("X", world.supplier.pk, currency="yuan", by=asked(world))

    def site(code: str, entity: int = firm, **values) -> int:
        return open_site(
            code, entity, SiteKind.STORE, name_zh="南山店", by=asked(world), **values
        ).id

    assert Site.objects.get(pk=site("NS-1")).legal_entity_id == firm
    with refused(Conflict, "code"):
        site("NS-1")
    with refused(InvalidInput, "time_zone"):
        site("NS-2", time_zone="Mars/Base")
    with refused(InvalidInput, "gln"):
        site("NS-2", gln="1")
    with refused(InvalidInput, "code"):
        site(" ")
    with refused(NotFound, "legal_entity_id"):
        site("NS-2", 0)


def test_a_person_comes_without_password_and_roles(world: World) -> None:
    done = register_person("li.na", "李娜", by=asked(world))
    person = Person.objects.get(pk=done.id)
    assert not person.has_usable_password()
    assert not RoleGrant.objects.filter(person=person).exists()
    with refused(Conflict, "login"):
        register_person("LI.NA", "李娜", by=asked(world))
    with refused(InvalidInput, "login"):
        register_person("", "李娜", by=asked(world))
    with refused(InvalidInput, "name_zh"):
        register_person("li", by=asked(world))
    with refused(InvalidInput, "language"):
        register_person("li", "李", language="fr", by=asked(world))


def test_a_role_is_granted_and_taken_away(world: World) -> None:  # ORG-03
    person = register_person("li.na", "李娜", by=asked(world)).id
    site = world.shanghai.pk
    done = grant_role(person, "picker", site_id=site, by=asked(world))
    with refused(Conflict, "role"):
        grant_role(person, "picker", site_id=site, by=asked(world))
    with refused(InvalidInput, "reason"):
        revoke_role(done.id, "", by=asked(world))
    revoke_role(done.id, "moved to sales", by=asked(world))
    with refused(WrongState, "grant_id"):
        revoke_role(done.id, "again", by=asked(world))
    assert RoleGrant.objects.get(pk=done.id).revoked_at is not None
    grant_role(person, "picker", site_id=site, by=asked(world))


def test_a_role_is_granted_where_it_makes_sense(world: World) -> None:
    person = register_person("li.na", "李娜", by=asked(world)).id
    with refused(NotFound, "role"):
        grant_role(person, "king", by=asked(world))
    with refused(NotFound, "person_id"):
        grant_role(0, "picker", by=asked(world))
    with refused(NotFound, "site_id"):
        grant_role(person, "picker", site_id=0, by=asked(world))
    with refused(NotFound, "legal_entity_id"):
        grant_role(person, "picker", legal_entity_id=0, by=asked(world))
    party = register_party("南山医药", by=asked(world)).id
    other = register_legal_entity("NS", party, by=asked(world)).id
    with refused(InvalidInput, "site_id"):
        grant_role(
            person, "picker", legal_entity_id=other, site_id=world.shanghai.pk, by=asked(world)
        )


def test_nobody_grants_a_role_to_themselves(world: World) -> None:  # ORG-03
    administrator = asked(world)
    with refused(SamePerson):
        grant_role(administrator.person_id, "quality_head", by=administrator)


def test_an_administrator_gives_away_no_more_than_their_own(world: World) -> None:  # ORG-03
    person = register_person("li.na", "李娜", by=asked(world)).id
    here = only_at(world, roles.ADMINISTRATOR, world.shanghai)
    done = grant_role(person, "picker", site_id=world.shanghai.pk, by=here)
    for where in ({}, {"site_id": world.chengdu.pk}, {"legal_entity_id": world.entity.pk}):
        with refused(NotAllowed):
            grant_role(person, "checker", by=here.asking(), **where)
    elsewhere = only_at(world, roles.ADMINISTRATOR, world.chengdu)
    with refused(NotAllowed):
        revoke_role(done.id, "x", by=elsewhere)
    for ask in (
        lambda by: register_party("南山", by=by),
        lambda by: register_person("x", "南山", by=by),
        lambda by: register_legal_entity("X", world.supplier.pk, by=by),
        lambda by: open_site("X", world.entity.pk, SiteKind.STORE, name_zh="店", by=by),
    ):
        with refused(NotAllowed):
            ask(here.asking())


def test_a_firm_is_reached_elsewhere_from_now_on(world: World) -> None:
    by = world.by(roles.BUYER)
    for address, phone, field in ((" ", "1", "address"), ("南山路", " ", "phone")):
        with refused(InvalidInput, field):
            amend_contact(world.supplier.pk, address, phone, by=by.asking())
    with refused(NotFound):
        amend_contact(0, "南山路", "1", by=by.asking())
    amend_contact(world.supplier.pk, " 南山路 4 号", "0755-00000000", by=by.asking())
    world.supplier.refresh_from_db()
    assert (world.supplier.address, world.supplier.phone) == ("南山路 4 号", "0755-00000000")
