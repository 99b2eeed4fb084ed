"""Products, items and packs come to be known, each once and right."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.inbound import code
from tests.refusing import only_at, refused
from tests.world import LONG_AGO, World
from traceward.domain.catalog.commands import (
    add_packaging_level,
    qualify_product,
    register_item,
    register_product,
    renew_product,
)
from traceward.domain.catalog.models import Item, MaterialCategory, PackagingLevel, Product
from traceward.domain.catalog.queries import (
    CertificateLacking,
    certificate_gate,
    items_with_facts,
    making_need,
    papers_of,
    require_certificates,
)
from traceward.domain.catalog.scanning import UnknownCode, UnreadableCode, labels
from traceward.domain.partners.models import Licence
from traceward.kernel.base.refusals import (
    Conflict,
    InvalidInput,
    NotAllowed,
    NotFound,
    Refusal,
    SamePerson,
    SignatureRequired,
    WrongState,
)
from traceward.kernel.command.actor import Actor
from traceward.kernel.org import roles
from traceward.kernel.org.models import Party, Role, RoleGrant

TODAY = date(2026, 6, 1)


def product(world: World, number: str = "国械注准20223140002", **values) -> object:
    return register_product(
        number,
        values.pop("registrant_id", world.supplier.pk),
        values.pop("device_class", 3),
        values.pop("category", "14-01"),
        values.pop("valid_from", date(2022, 1, 1)),
        name_zh=values.pop("name_zh", "注射器"),
        by=values.pop("by", world.by(roles.DATA_OWNER)),
        **values,
    )


def item(world: World, code: str = "SYRINGE", **values) -> int:
    by: Actor = values.pop("by", world.by(roles.DATA_OWNER))
    values.setdefault("name_zh", "注射器")
    maker = values.pop("maker_id", world.supplier.pk)
    if "product_id" not in values:
        values.setdefault("material_category", MaterialCategory.RAW)
    return register_item(code, maker, by=by, **values).id


def test_a_product_is_its_registration(world: World) -> None:  # MDM-01
    done = product(world, valid_until=date(2027, 1, 1))
    row = Product.objects.get(pk=done.id)
    assert (row.registration_number, row.sort_key) == ("国械注准20223140002", "zhu she qi")
    assert done.warnings == []


def test_a_registration_number_that_cannot_be_right_is_refused(world: World) -> None:  # MDM-08
    for number in ("粤械注准20223140001", "国械注准20223130002", "国械注准2022"):
        with refused(InvalidInput, "registration_number"):
            product(world, number)
    assert product(world, "K210001", region="US").warnings == []


def test_an_odd_filing_number_only_warns(world: World) -> None:
    assert product(world, "沪浦械备2020000001号", device_class=1).warnings == []
    (warned,) = product(world, "备案2020-1", device_class=1).warnings
    assert "I filing" in warned.en
    assert "备案" in warned.zh


def test_a_product_needs_its_facts(world: World) -> None:
    with refused(InvalidInput, "device_class"):
        product(world, device_class=4)
    with refused(InvalidInput, "category"):
        product(world, category="6846")
    with refused(InvalidInput, "valid_until"):
        product(world, valid_until=date(2021, 1, 1))
    with refused(InvalidInput, "name_zh"):
        product(world, name_zh=" ")
    with refused(NotFound, "registrant_id"):
        product(world, registrant_id=0)
    with refused(Conflict, "registration_number"):
        product(world, "国械注准20223130001", category="13-07-01")


def test_a_renewal_counts_longer(world: World) -> None:
    pk = product(world, valid_until=date(2027, 1, 1)).id
    by = world.by(roles.DATA_OWNER)
    with refused(InvalidInput, "valid_until"):
        renew_product(pk, date(2027, 1, 1), by=by)
    renew_product(pk, date(2032, 1, 1), by=by.asking())
    assert Product.objects.get(pk=pk).valid_until == date(2032, 1, 1)


def test_an_item_needs_its_facts(world: World) -> None:
    with refused(InvalidInput, "code"):
        item(world, "")
    with refused(Conflict, "code"):
        item(world, "STENT")
    with refused(InvalidInput, "has_lots"):
        item(world, has_lots=False)
    with refused(InvalidInput, "shelf_life_days"):
        item(world, shelf_life_days=0)
    with refused(InvalidInput, "storage_c_min"):
        item(world, storage_c_min=Decimal(9), storage_c_max=Decimal(8))
    with refused(InvalidInput, "product_id"):
        item(world, is_implantable=True)
    with refused(NotFound, "product_id"):
        item(world, product_id=0)
    with refused(NotFound, "maker_id"):
        item(world, maker_id=0)
    pk = item(world, storage_c_min=Decimal(2), storage_c_max=Decimal(8))
    assert Item.objects.get(pk=pk).storage_c_max == Decimal(8)


def test_packs_hold_packs(world: World) -> None:  # MDM-01
    pk = item(world)
    by = world.by(roles.DATA_OWNER)
    add_packaging_level(pk, 0, "9521234543213", by=by)
    add_packaging_level(pk, 1, "19521234543210", 10, by=by.asking())
    add_packaging_level(pk, 2, "29521234543217", 4, by=by.asking())
    rows = PackagingLevel.objects.filter(item_id=pk).order_by("level")
    assert list(rows.values_list("di", "base_units")) == [
        ("09521234543213", 1),
        ("19521234543210", 10),
        ("29521234543217", 40),
    ]


def test_a_pack_needs_a_right_code_of_its_own(world: World) -> None:  # MDM-08
    pk = item(world)

    def add(level: int, di: str, units: int = 1) -> None:
        add_packaging_level(pk, level, di, units, by=world.by(roles.DATA_OWNER))

    for di in ("9521234543214", "952", "952123454321X", ""):
        with refused(UnreadableCode, "di"):
            add(0, di)
    with refused(Conflict, "di"):
        add(0, "06901234567892")
    with refused(NotFound, "level"):
        add(1, "19521234543210", 10)
    with refused(InvalidInput, "level"):
        add(-1, "9521234543213")
    with refused(InvalidInput, "units_of_level_below"):
        add(0, "9521234543213", 2)
    add(0, "9521234543213")
    with refused(Conflict, "level"):
        add(0, "19521234543210")
    with refused(InvalidInput, "units_of_level_below"):
        add(1, "19521234543210", 0)


def test_the_gate_answers_for_many_items_at_once(world: World, django_assert_num_queries) -> None:
    raw = item(world, "STEEL")  # MDM-04
    ids = [i.pk for i in world.items.values()] + [raw]
    with django_assert_num_queries(1):
        verdicts = certificate_gate(items_with_facts(ids).values(), TODAY)
    assert all(verdicts[pk].is_covered for pk in ids)
    assert verdicts[raw].number == ""
    Product.objects.update(valid_until=date(2026, 5, 31))
    rows = items_with_facts(ids)
    with refused(CertificateLacking, "lines.1") as caught:
        require_certificates([rows[raw], rows[ids[0]]], TODAY, field="lines.{n}")
    assert "2026-05-31" in str(caught.value)
    assert "expired" in str(caught.value)


def test_a_label_says_what_it_is(world: World, django_assert_num_queries) -> None:
    scans = [[code("STENT", "L1")], ["]E06901234567908", "(21)S1(10)P1"]]
    with django_assert_num_queries(1):
        found = labels(scans, TODAY)
    assert [(x.item_code, x.lot_number, x.serial_number) for x in found] == [
        ("STENT", "L1", ""),
        ("PACER", "P1", "S1"),
    ]
    assert found[0].expires.on == date(2030, 12, 31)


@pytest.mark.parametrize(
    "raw", ["", "XYZ", "(01)06901234567893", "(00)395212345432100001", "(10)L1"]
)
def test_what_is_no_code_of_an_item_is_refused(world: World, raw: str) -> None:
    with pytest.raises((UnreadableCode, UnknownCode)) as caught:
        labels([[code("STENT", "L1")], [raw]], TODAY)
    again = Refusal.from_json(caught.value.as_json())
    for said in (caught.value, again):
        assert said.field == "scans.1"
        assert "{" not in str(said)
    assert again.in_language("en") == str(caught.value)


def test_a_code_that_cannot_be_read_is_explained_in_chinese() -> None:  # UX-02
    with pytest.raises(UnreadableCode) as caught:
        labels([[""]], TODAY)
    assert caught.value.in_language("zh-hans") == "没有读到内容，请重新扫码。"


def test_the_catalogue_belongs_to_the_whole_group(world: World) -> None:  # ORG-03
    owner = only_at(world, roles.DATA_OWNER, world.shanghai)
    pk = Product.objects.get().pk
    with refused(NotAllowed):
        product(world, by=owner)
    with refused(NotAllowed):
        item(world, by=owner.asking())
    with refused(NotAllowed):
        renew_product(pk, date(2040, 1, 1), by=owner.asking())
    with refused(NotAllowed):
        add_packaging_level(world.items["STENT"].pk, 1, "19521234543210", 2, by=owner.asking())


def test_a_product_is_bought_once_quality_has_audited_it(world: World) -> None:  # MDM-03 QUA-04
    """首营品种, GSP art. 54."""
    pk = product(world).id
    device = item(world, product_id=pk)
    rows = items_with_facts([device]).values()
    assert certificate_gate(rows, TODAY)[device].why == "not qualified yet"
    head = world.by(roles.QUALITY_HEAD)
    with refused(SignatureRequired):
        qualify_product(pk, "papers complete", by=head)
    signed = head.reauthenticated()
    with refused(InvalidInput, "reason"):
        qualify_product(pk, " ", by=signed.asking())
    with refused(NotFound):
        qualify_product(0, "papers complete", by=signed.asking())
    qualify_product(pk, "papers complete", by=signed.asking())
    assert certificate_gate(items_with_facts([device]).values(), TODAY)[device].is_covered
    with refused(WrongState):
        qualify_product(pk, "again", by=signed.asking())


def test_who_registered_a_product_does_not_qualify_it(world: World) -> None:  # ORG-03
    head = world.by(roles.QUALITY_HEAD)
    owner = Role.objects.get(code="data_owner")
    RoleGrant.objects.create(person_id=head.person_id, role=owner, granted_at="2020-01-01T00:00Z")
    pk = product(world, by=head).id
    with refused(SamePerson):
        qualify_product(pk, "papers complete", by=head.asking().reauthenticated())


def test_a_device_that_does_not_expire_has_a_service_life(world: World) -> None:  # GSP art. 65
    certificate = product(world).id
    with refused(InvalidInput, "service_life"):
        item(world, product_id=certificate, has_expiry=False)
    pk = item(world, product_id=certificate, has_expiry=False, service_life="10 年")
    assert Item.objects.get(pk=pk).service_life == "10 年"
    item(world, "SCREW", has_expiry=False)


def test_papers_name_who_makes_for_the_registrant(world: World) -> None:  # GSP art. 65
    row = items_with_facts([world.items["REAGENT"].pk])
    (facts,) = papers_of(row.values(), TODAY).values()
    assert facts["contract_maker_name"] == ""
    assert facts["storage_conditions"] == "2–8 ℃"
    Product.objects.update(registrant=world.us)
    row = items_with_facts([world.items["REAGENT"].pk])
    (facts,) = papers_of(row.values(), TODAY).values()
    assert (facts["contract_maker_name"], facts["registrant_name"]) == ("北辰器械", "沪安医疗器械")
    assert facts["production_licence"] == f"L{world.supplier.pk}"


def test_a_maker_of_class_one_has_a_filing_and_one_abroad_no_licence(world: World) -> None:
    Product.objects.update(device_class=1)
    pks = [world.items["STENT"].pk]
    assert papers_of(items_with_facts(pks).values(), TODAY)[pks[0]]["production_licence"]
    papers = Licence.objects.filter(party=world.supplier, kind="production")
    papers.update(valid_until=TODAY - timedelta(days=1))  # what was made under it is traded on
    assert papers_of(items_with_facts(pks).values(), TODAY)[pks[0]]["production_licence"]
    papers.update(revoked_at=LONG_AGO)
    assert not papers_of(items_with_facts(pks).values(), TODAY)[pks[0]]["production_licence"]
    Product.objects.update(device_class=3)
    Party.objects.filter(pk=world.supplier.pk).update(country="DE")
    assert making_need(items_with_facts(pks)[pks[0]]) is None
