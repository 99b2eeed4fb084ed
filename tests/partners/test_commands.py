"""Partners come to be known and qualified; licences begin, are renewed and end."""

from datetime import date, timedelta

from tests.refusing import only_at, refused
from tests.world import World
from traceward.domain.partners.commands import (
    REINSTATED,
    add_licence,
    erase_salesperson,
    qualify,
    read_salesperson,
    register,
    reinstate_licence,
    revoke_licence,
)
from traceward.domain.partners.models import (
    CustomerClass,
    Licence,
    LicenceKind,
    Partner,
    Salesperson,
)
from traceward.domain.partners.queries import (
    LicenceLacking,
    NotQualified,
    licence_gate,
    require_licences,
    require_partner,
)
from traceward.domain.partners.rules import Act, Need
from traceward.kernel.audit.models import Signature
from traceward.kernel.base.refusals import (
    Conflict,
    InvalidInput,
    NotAllowed,
    NotFound,
    SamePerson,
    SignatureRequired,
    WrongState,
)
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.command.people import amend_contact, register_party
from traceward.kernel.org import roles
from traceward.kernel.org.models import Party, Role, RoleGrant
from traceward.resources.kit import now

START = date(2024, 1, 1)


def newcomer(world: World) -> int:
    return register_party("南山医药", by=world.by(roles.ADMINISTRATOR)).id


def partner(world: World, party_id: int, code: str = "S2", **values) -> int:
    values = values or {"is_supplier": True}
    by = values.pop("by", world.by(roles.BUYER))
    return register(party_id, code, by=by, **values).id


def licence(world: World, party_id: int, number: str = "D7", **values) -> int:
    return add_licence(
        party_id,
        values.pop("kind", LicenceKind.DISTRIBUTION),
        number,
        values.pop("classes", [3]),
        values.pop("valid_from", START),
        by=values.pop("by", world.by(roles.QUALITY_CONTROLLER)),
        **values,
    ).id


def test_a_new_partner_is_not_qualified(world: World) -> None:  # MDM-03
    party = newcomer(world)
    assert not Partner.objects.get(pk=partner(world, party)).is_qualified
    with refused(NotQualified, "supplier_id"):
        require_partner(party, "supplier", field="supplier_id")
    with refused(NotQualified):
        require_partner(party, "customer")


def test_a_partner_is_registered_once_in_a_role(world: World) -> None:
    party = newcomer(world)
    with refused(InvalidInput, "is_supplier"):
        partner(world, party, is_maker=False)
    with refused(InvalidInput, "customer_class"):
        partner(world, party, is_customer=True)
    with refused(InvalidInput, "customer_class"):
        partner(world, party, is_supplier=True, customer_class=CustomerClass.STORE)
    with refused(InvalidInput, "code"):
        partner(world, party, " ")
    with refused(NotFound, "party_id"):
        partner(world, 0)
    with refused(Conflict, "code"):
        partner(world, party, "S1")
    partner(world, party)
    with refused(Conflict, "party_id"):
        partner(world, party, "S3")


def test_quality_qualifies_with_a_signature(world: World) -> None:  # MDM-03 QUA-04
    party = newcomer(world)
    pk = partner(world, party)
    head = world.by(roles.QUALITY_HEAD)
    with refused(SignatureRequired):
        qualify(pk, "papers complete", by=head)
    signed = head.reauthenticated()
    with refused(InvalidInput, "reason"):
        qualify(pk, "", by=signed.asking())
    with refused(WrongState):
        qualify(pk, "papers complete", by=signed.asking())
    licence(world, party)
    with refused(WrongState) as caught:  # GSP art. 65
        qualify(pk, "papers complete", by=signed.asking())
    assert "telephone" in str(caught.value)
    amend_contact(party, "南山路 4 号", "0755-00000000", by=world.by(roles.BUYER))
    qualify(pk, "papers complete", by=signed.asking())
    assert require_partner(party, "supplier").pk == pk
    with refused(WrongState):
        qualify(pk, "again", by=signed.asking())


def test_who_registered_does_not_qualify(world: World) -> None:  # ORG-03
    party = newcomer(world)
    head = world.by(roles.QUALITY_HEAD)
    buyer = Role.objects.get(code="buyer")
    RoleGrant.objects.create(person_id=head.person_id, role=buyer, granted_at="2020-01-01T00:00Z")
    pk = partner(world, party, is_supplier=True, by=head)
    licence(world, party)
    with refused(SamePerson):
        qualify(pk, "papers complete", by=head.asking().reauthenticated())


def test_a_licence_has_classes_and_days(world: World) -> None:
    party = newcomer(world)
    with refused(InvalidInput, "classes"):
        licence(world, party, classes=[])
    with refused(InvalidInput, "classes"):
        licence(world, party, classes=[4])
    with refused(InvalidInput, "valid_until"):
        licence(world, party, valid_until=date(2023, 1, 1))
    with refused(InvalidInput, "number"):
        licence(world, party, " ")
    with refused(NotFound, "party_id"):
        licence(world, 0)


def test_a_renewal_keeps_its_number(world: World) -> None:  # Order 54 art. 16
    party = newcomer(world)
    pk = licence(world, party, valid_until=date(2025, 1, 1), categories=["13", " 13", ""])
    with refused(Conflict, "number"):
        licence(world, party, valid_until=date(2025, 1, 1), categories=["13"])
    assert licence(world, party, valid_until=date(2030, 1, 1), categories=["13"]) == pk
    row = Licence.objects.get(pk=pk)
    assert (row.valid_until, row.categories) == (date(2030, 1, 1), ["13"])


def test_a_renewal_entered_before_it_begins_cuts_nothing_off(world: World) -> None:  # MDM-03
    party, today = newcomer(world), now().date()
    ends, later = today + timedelta(days=20), today + timedelta(days=1900)
    pk = licence(world, party, valid_from=date(2021, 1, 1), valid_until=ends)
    begins = ends + timedelta(days=1)
    with refused(WrongState, "valid_from"):
        licence(world, party, valid_from=begins + timedelta(days=1), valid_until=later)
    with refused(WrongState, "valid_from"):
        licence(world, party, valid_from=begins, valid_until=later, categories=["13"])
    assert licence(world, party, valid_from=begins, valid_until=later) == pk
    row = Licence.objects.get(pk=pk)
    assert (row.valid_from, row.valid_until) == (date(2021, 1, 1), later)
    licence(world, party, valid_from=date(2022, 1, 1), valid_until=later)
    assert Licence.objects.get(pk=pk).valid_from == date(2022, 1, 1), "a correction counts"


def test_a_renewal_after_the_end_leaves_the_gap(world: World) -> None:  # MDM-03
    party, today = newcomer(world), now().date()
    pk = licence(world, party, valid_from=date(2019, 1, 1), valid_until=date(2024, 1, 1))
    begins, later = today - timedelta(days=3), today + timedelta(days=900)
    licence(world, party, valid_from=begins, valid_until=later)
    assert Licence.objects.get(pk=pk).valid_from == begins


def test_a_revoked_licence_counts_no_longer(world: World) -> None:  # MDM-04
    pk = Licence.objects.get(party=world.supplier, kind=LicenceKind.PRODUCTION).pk
    need = Need(world.supplier.pk, Act.MAKE, 3, "13-07-01")
    day = date(2026, 1, 1)
    assert licence_gate([need], day)[need].is_covered
    head = world.by(roles.QUALITY_HEAD)
    with refused(InvalidInput, "reason"):
        revoke_licence(pk, " ", by=head)
    revoke_licence(pk, "withdrawn by the office", by=head.asking())
    with refused(LicenceLacking, "lines.1") as caught:
        require_licences([None, need], day, field="lines.{n}")
    assert "revoked" in str(caught.value)
    with refused(WrongState):
        revoke_licence(pk, "again", by=head.asking())
    number = Licence.objects.get(pk=pk).number
    with refused(WrongState, "number"):
        licence(world, world.supplier.pk, number, kind=LicenceKind.PRODUCTION)


def test_a_licence_taken_out_of_use_by_mistake_counts_again(world: World) -> None:  # QUA-04
    pk = Licence.objects.get(party=world.supplier, kind=LicenceKind.PRODUCTION).pk
    need, day = Need(world.supplier.pk, Act.MAKE, 3, "13-07-01"), date(2026, 1, 1)
    head = world.by(roles.QUALITY_HEAD)
    with refused(WrongState):
        reinstate_licence(pk, "wrong row", by=head.asking().reauthenticated())
    revoke_licence(pk, "the wrong row", by=head.asking())
    with refused(SignatureRequired):
        reinstate_licence(pk, "wrong row", by=head.asking())
    with refused(InvalidInput, "reason"):
        reinstate_licence(pk, " ", by=head.asking().reauthenticated())
    reinstate_licence(pk, "wrong row", by=head.asking().reauthenticated())
    assert licence_gate([need], day)[need].is_covered
    assert Signature.objects.get(subject_kind="partners.licence").meaning == REINSTATED


def test_one_query_asks_for_all_parties(world: World, django_assert_num_queries) -> None:
    parties = Party.objects.values_list("pk", flat=True)
    needs = [Need(pk, Act.TRADE, 3, "13-07-01") for pk in parties]
    with django_assert_num_queries(1):
        found = licence_gate(needs, date(2026, 1, 1))
    covered = {need.party_id for need, v in found.items() if v.is_covered}
    assert covered == {world.us.pk}


def test_partners_belong_to_the_whole_group(world: World) -> None:  # ORG-03
    party = newcomer(world)
    buyer = only_at(world, roles.BUYER, world.shanghai)
    head = only_at(world, roles.QUALITY_HEAD, world.shanghai).reauthenticated()
    pk = partner(world, party)
    with refused(NotAllowed):
        partner(world, party, "S9", is_supplier=True, by=buyer)
    with refused(NotAllowed):
        licence(world, party, by=buyer.asking())
    with refused(NotAllowed):
        qualify(pk, "papers complete", by=head)
    with refused(NotAllowed):
        revoke_licence(Licence.objects.first().pk, "x", by=head.asking())


LETTER = {
    "kind": LicenceKind.AUTHORISATION,
    "valid_until": date(2030, 12, 31),
    "territory": "华东",
    "salesperson": Erasable("方晓 999999199001010000"),
}


def test_a_letter_of_authorisation_says_where_until_when_and_who(world: World) -> None:
    """GSP art. 53. # MDM-03"""
    party = newcomer(world)
    for lacking, nothing in (("valid_until", None), ("territory", " "), ("salesperson", None)):
        with refused(InvalidInput, lacking):
            licence(world, party, **{**LETTER, lacking: nothing})
    with refused(InvalidInput, "kind"):
        licence(world, party, territory="华东")
    pk = licence(world, party, registration_numbers=["国械注准20223130001", " "], **LETTER)
    row = Licence.objects.get(pk=pk)
    assert (row.territory, row.registration_numbers) == ("华东", ["国械注准20223130001"])
    assert Salesperson.objects.get(letter=row).text == "方晓 999999199001010000"
    by = world.by(roles.QUALITY_CONTROLLER)
    read = read_salesperson(pk, "who stands at the dock?", by=by)
    assert read.text.reveal() == "方晓 999999199001010000"
    plain = licence(world, party, number="A-1")
    with refused(NotFound, "licence_id"):
        read_salesperson(plain, "who?", by=by.asking())


def test_a_renewed_letter_names_whom_it_is_given(world: World) -> None:  # MDM-03
    party = newcomer(world)
    pk = licence(world, party, **LETTER)
    with refused(Conflict, "number"):
        licence(world, party, **LETTER)
    other = {**LETTER, "salesperson": Erasable("陈默 999999199001010001")}
    later = {**other, "valid_until": date(2031, 12, 31)}
    assert licence(world, party, **later) == pk
    assert Salesperson.objects.get(letter=pk).text == "陈默 999999199001010001"
    back = {**LETTER, "valid_until": date(2031, 12, 31)}
    assert licence(world, party, **back) == pk  # another person alone is a renewal, too
    assert Salesperson.objects.get(letter=pk).text == "方晓 999999199001010000"


def test_whom_a_letter_names_is_kept_while_it_counts(world: World) -> None:  # SEC-01 GSP art. 53
    pk = licence(world, newcomer(world), **LETTER)
    by = world.by(roles.COMPLIANCE)
    with refused(WrongState, "licence_id"):
        erase_salesperson(pk, "asked for", by=by.asking())
    revoke_licence(pk, "left the firm", by=world.by(roles.QUALITY_HEAD))
    with refused(InvalidInput, "reason"):
        erase_salesperson(pk, " ", by=by.asking())
    assert erase_salesperson(pk, "asked for", by=by).was_there
    assert Salesperson.objects.get(letter=pk).text == ""
    assert not erase_salesperson(pk, "asked for", by=by.asking()).was_there


def test_a_letter_is_for_the_products_it_names(world: World) -> None:  # MDM-04
    need = Need(world.supplier.pk, Act.REPRESENT, 3, registration_number="国械注准20223130001")
    Licence.objects.filter(kind=LicenceKind.AUTHORISATION).update(registration_numbers=["X"])
    assert licence_gate([need], date(2026, 1, 1))[need].why == "does not cover the product"
    Licence.objects.filter(kind=LicenceKind.AUTHORISATION).update(
        registration_numbers=["X", "国械注准20223130001"]
    )
    assert licence_gate([need], date(2026, 1, 1))[need].is_covered
