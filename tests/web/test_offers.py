"""Forms offer what there is to choose instead of asking for codes. # UX-01 ORG-03 INV-06"""

import re
import uuid
from typing import Any

from tests import inbound, outbound, transferring
from tests.house.test_boards_offer import Filled
from tests.web.test_pages import PASSWORD, browser, company, text_of
from tests.world import World
from traceward.domain.catalog.models import Item
from traceward.domain.partners.models import Partner
from traceward.domain.places.models import Place, PlaceKind
from traceward.domain.quality.commands.inspecting import open_inspections
from traceward.domain.stock.models import StockBalance
from traceward.domain.warehousing.commands import destroying
from traceward.domain.warehousing.models import Pick, PickLine, Shipment
from traceward.kernel.command.people import grant_role, revoke_role
from traceward.kernel.org import roles
from traceward.kernel.org.models import LegalEntity, Person, RoleGrant
from traceward.kernel.rules.models import Parameter

__all__ = ["company"]
NEW = "a long and quiet evening"


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_lines_to_pack_are_ticked_by_their_goods(world: World) -> None:
    world.stock(world.lot("STENT", "L1"), 9)
    pick_id = outbound.checked(world, quantity=2).pick_id
    client = browser(world, roles.STOREKEEPER)
    html = client.get(f"/do/warehousing.pack?pick_id={pick_id}").content.decode()
    (number,) = PickLine.objects.filter(pick=pick_id).values_list("line__line_number", flat=True)
    box = f'<label><input type="checkbox" name="line_numbers" value="{number}" checked>'
    (words,) = re.findall(re.escape(box) + r"(.*?)</label>", html)
    assert "STENT" in words
    assert "L1" in words
    assert words.strip().endswith("· 2")
    sent = {"pick_id": str(pick_id), "sscc": "095200000000000011"}
    key = {"request_id": str(uuid.uuid4())}
    none = client.post("/do/warehousing.pack", {**sent, **key, "line_numbers": ["~"]})
    assert none.status_code == 422
    assert 'id="line_numbers-problem"' in none.content.decode()
    assert not PickLine.objects.exclude(container=None).exists()
    key = {"request_id": str(uuid.uuid4())}
    done = client.post("/do/warehousing.pack", {**sent, **key, "line_numbers": ["~", str(number)]})
    assert done.status_code == 302, text_of(done.content.decode())
    assert PickLine.objects.get(pick=pick_id).container_id
    assert Pick.objects.filter(pk=pick_id).exists()


def test_a_role_is_chosen_by_its_name(world: World) -> None:
    client = browser(world, roles.ADMINISTRATOR)
    person = Person.objects.get(pk=world.by(roles.PICKER).person_id)
    html = client.get(f"/do/org.grant_role?person_id=%23{person.pk}").content.decode()
    assert '<option value="checker">复核员</option>' in html
    assert 'value="system"' not in html
    given = {"person_id": f"#{person.pk}", "role": "checker", "request_id": str(uuid.uuid4())}
    assert client.post("/do/org.grant_role", given).status_code == 302
    assert RoleGrant.objects.filter(person=person, role__code="checker").exists()


def test_a_parameter_is_chosen_and_has_its_value_and_context(world: World) -> None:
    client = browser(world, roles.ADMINISTRATOR)
    html = client.get("/do/rules.set_parameter").content.decode()
    assert '<option value="stock.allocation.minimum_days">' in html
    assert 'name="context"' in html
    given = {"key": "stock.allocation.minimum_days", "value": "180"}
    context = {"context": "customer_class = hospital\n"}
    sent = {**given, **context, "request_id": str(uuid.uuid4())}
    answer = client.post("/do/rules.set_parameter", sent)
    assert answer.status_code == 302, text_of(answer.content.decode())
    row = Parameter.objects.get(key=given["key"], replaced_at=None, value=180)
    assert row.context == {"customer_class": "hospital"}
    for wrong in ("hospital", "= hospital", "colour = red"):
        sent = {**given, "context": wrong, "request_id": str(uuid.uuid4())}
        answer = client.post("/do/rules.set_parameter", sent)
        assert answer.status_code == 422, wrong
        assert 'id="context-problem"' in answer.content.decode()


def test_a_password_is_set_by_the_form_and_shown_to_nobody(world: World) -> None:
    client = browser(world, roles.ADMINISTRATOR)
    person = Person.objects.get(pk=world.by(roles.PICKER).person_id)
    html = client.get(f"/do/org.set_password?person_id={person.pk}").content.decode()
    (field,) = re.findall(r'<input[^>]*name="password"[^>]*>', html)
    assert 'type="password"' in field
    assert "data-private" in field
    given = {"person_id": str(person.pk), "password": NEW, "must_change": "true"}
    answer = client.post("/do/org.set_password", {**given, "request_id": str(uuid.uuid4())})
    assert answer.status_code == 302, text_of(answer.content.decode())
    person.refresh_from_db()
    assert person.check_password(NEW)
    assert not person.check_password(PASSWORD)


def test_witnesses_are_ticked_by_their_names(world: World) -> None:
    lot = world.lot("STENT", "L1")
    world.stock(lot, 4)
    keeper = world.by(roles.STOREKEEPER)
    balance = StockBalance.objects.get(lot=lot, place=world.places["A-01"], on_hand=4)
    taken = [destroying.Taking(balance.pk, 4)]
    made = destroying.propose_destruction(
        world.shanghai.pk, taken, "recalled", "incinerated", by=keeper
    ).destruction_id
    destroying.approve_destruction(made, by=world.by(roles.QUALITY_HEAD).reauthenticated())
    html = browser(world, roles.STOREKEEPER).get(f"/do/warehousing.destroy?destruction_id={made}")
    ticks = dict(re.findall(r'name="witness_ids" value="(\d+)"[^>]*>(.*?)</label>', text(html)))
    assert str(keeper.person_id) not in ticks, "who destroys is no witness"
    checker = Person.objects.get(pk=world.by(roles.CHECKER).person_id)
    assert checker.name("zh-hans") in ticks[str(checker.pk)]


def test_only_goods_in_the_house_are_offered_for_destruction(world: World) -> None:
    world.stock(world.lot("STENT", "L1"), 4)
    html = text(browser(world, roles.STOREKEEPER).get("/do/warehousing.propose_destruction"))
    (lines,) = re.findall(r'<select[^>]*name="lines\.0\.balance_id".*?</select>', html, re.DOTALL)
    offered = [int(pk) for pk in re.findall(r'value="#?(\d+)', lines)]
    kinds = StockBalance.objects.filter(pk__in=offered).values_list("place__kind", flat=True)
    assert set(kinds) == {PlaceKind.BIN}


def test_only_the_books_are_offered_that_one_may_close(world: World) -> None:
    other = LegalEntity.objects.create(code="HB", party=world.supplier).pk
    who = world.by(roles.FINANCE).person_id
    client = browser(world, roles.FINANCE)
    assert f'value="#{other}"' in text(client.get("/do/stock.close_period"))
    people = world.by(roles.ADMINISTRATOR)
    for grant in RoleGrant.objects.filter(person=who, revoked_at=None):
        revoke_role(grant.pk, "only one's own books", by=people.asking())
    own = {"legal_entity_id": world.entity.pk}
    grant_role(who, roles.FINANCE.code, **own, by=people.asking())
    html = text(client.get("/do/stock.close_period"))
    (field,) = re.findall(r'<select[^>]*name="legal_entity_id".*?</select>', html, re.DOTALL)
    assert re.findall(r"value=\"#?(\d+)\" selected", field) == [str(world.entity.pk)], field
    assert f'value="{other}"' not in field


def test_what_was_chosen_in_the_form_is_chosen_anew(world: World) -> None:
    client = browser(world, roles.QUALITY_HEAD)
    site = f"#{world.shanghai.pk}"
    sent = {"site_id": site, "level": "1", "reason": "leak", "request_id": str(uuid.uuid4())}
    refused = client.post("/do/recalls.open", sent)
    assert refused.status_code == 422
    assert re.search(r'<select[^>]*name="site_id"', text(refused))
    told = client.post("/do/recalls.open", {**sent, "about": "site_id"})
    assert re.search(r'<input type="hidden" name="site_id"', text(told))


def test_who_works_where_a_transfer_arrives_receives_it_there(world: World) -> None:  # FLW-02
    world.stock(world.lot("STENT", "L1"), 9)
    going = transferring.shipped(world)
    keeper = world.by(roles.STOREKEEPER).person_id
    boss = world.by(roles.ADMINISTRATOR)
    client = browser(world, roles.STOREKEEPER)
    for grant in RoleGrant.objects.filter(person=keeper, revoked_at=None):
        revoke_role(grant.pk, "works in Chengdu only", by=boss.asking())
    grant_role(keeper, "storekeeper", site_id=world.chengdu.pk, by=boss.asking())
    html = text(client.get(f"/warehousing/shipments/{going.shipment_id}"))
    (link,) = re.findall(r'class="tw-btn tw-pri[^"]*" href="(/do/transfers\.receive[^"]*)"', html)
    form = text(client.get(link.replace("&amp;", "&")))
    sent = {**Filled(form[form.index('id="form"') :]).sent, "request_id": str(uuid.uuid4())}
    done = client.post("/do/transfers.receive", sent)
    assert done.status_code == 302, text_of(text(done))


def options(html: str, name: str) -> list[str]:
    """The ids that the field offers."""
    (field,) = re.findall(rf'<select[^>]*name="{name}".*?</select>', html, re.DOTALL)
    return re.findall(r'<option value="#(\d+)"', field)


def test_only_who_is_qualified_is_offered_as_supplier_or_customer(world: World) -> None:  # MDM-03
    buyer, seller = browser(world, roles.BUYER), browser(world, roles.SALES)
    for client, verb, name, party in (
        (buyer, "purchasing.order", "supplier_id", world.supplier),
        (seller, "sales.order", "customer_id", world.hospital),
    ):
        assert options(text(client.get(f"/do/{verb}")), name) == [str(party.pk)]
        Partner.objects.filter(party=party).update(is_qualified=False)
        assert options(text(client.get(f"/do/{verb}")), name) == []
    wrong = buyer.get("/org/parties?qualified_as=friend")
    assert "supplier, maker, customer, carrier" in text_of(text(wrong))


def test_places_of_the_chosen_customer_alone_are_offered(world: World) -> None:
    client = browser(world, roles.SALES)
    asked = {"kind": ["customer", "department"], "q": ""}
    own = text(client.get("/pick/places/places", {**asked, "customer": f"#{world.hospital.pk} x"}))
    codes = Place.objects.filter(party=world.hospital).values_list("code", flat=True)
    assert all(code in own for code in codes)
    assert codes
    none = client.get("/pick/places/places", {**asked, "customer": f"#{world.supplier.pk} x"})
    assert not any(code in text(none) for code in codes)
    assert re.search(
        r'name="deliver_to_id"[^>]*data-pick="/pick/', text(client.get("/do/sales.order"))
    )


def test_who_drives_for_the_site_is_offered_as_driver(world: World) -> None:
    world.stock(world.lot("STENT", "L1"), 9)
    going = outbound.checked(world, quantity=2)
    client = browser(world, roles.DISPATCHER)
    form = f"/do/warehousing.ship?pick_id={going.pick_id}"
    driver = world.by(roles.DRIVER).person_id
    assert options(text(client.get(form)), "transport.driver_id") == [str(driver)]
    boss = world.by(roles.ADMINISTRATOR)
    for grant in RoleGrant.objects.filter(person=driver, revoked_at=None):
        revoke_role(grant.pk, "moved", by=boss.asking())
    grant_role(driver, "driver", site_id=world.chengdu.pk, by=boss.asking())
    assert len(options(text(client.get(form)), "transport.driver_id")) > 1, "nobody drives here"


def test_the_list_offers_to_receive_where_it_arrives(world: World) -> None:  # FLW-02
    world.stock(world.lot("STENT", "L1"), 9)
    going = transferring.shipped(world)
    keeper, boss = world.by(roles.STOREKEEPER).person_id, world.by(roles.ADMINISTRATOR)
    client = browser(world, roles.STOREKEEPER)
    for site, is_offered in ((world.shanghai, False), (world.chengdu, True)):
        for grant in RoleGrant.objects.filter(person=keeper, revoked_at=None):
            revoke_role(grant.pk, "works elsewhere", by=boss.asking())
        grant_role(keeper, "storekeeper", site_id=site.pk, by=boss.asking())
        html = text(client.get("/warehousing/shipments?view=all"))
        assert ("/do/transfers.receive" in html) is is_offered
        assert "tw-open" in html, "seen at both"
        number = Shipment.objects.get(pk=going.shipment_id).number
        found = client.get("/find", {"q": number})
        assert found["Location"] == f"/warehousing/shipments/{going.shipment_id}"


def test_a_licence_that_was_known_is_told_as_renewed(world: World) -> None:  # MDM-03
    client = browser(world, roles.DATA_OWNER)
    sent = {"party_id": f"#{world.supplier.pk}", "kind": "distribution", "number": "沪经营 7788"}
    for ends, told in (("2027-05-31", "已添加证照"), ("2032-05-31", "已续期")):
        days = {"classes": "2", "valid_from": "2022-06-01", "valid_until": ends}
        key = {"request_id": str(uuid.uuid4()), "next": "/partners/licences"}
        done = client.post("/do/partners.add_licence", {**sent, **days, **key})
        assert done.status_code == 302, text_of(text(done))
        assert told in text_of(text(client.get("/partners/licences")))


def test_a_temperature_of_cold_goods_is_asked_for_before_it_is_sent(world: World) -> None:
    world.stock(world.lot("STENT", "L1"), 9)
    going = outbound.shipped(world, quantity=2)
    client = browser(world, roles.COORDINATOR)
    address = f"/do/sales.sign_for?shipment_id={going.shipment_id}"

    def field() -> str:
        (found,) = re.findall(r'<input[^>]*name="arrival_c"[^>]*>', text(client.get(address)))
        return str(found)

    assert "required" not in field()
    Item.objects.filter(code="STENT").update(storage_c_min=2, storage_c_max=8)
    assert "required" in field()


def test_a_long_grid_is_filled_from_its_first_line(world: World) -> None:
    """Of each column that is typed, on a telephone, too."""
    receipt = inbound.received(world, (inbound.code("STENT", "L2"), 3))
    open_inspections(receipt.receipt_uid, by=world.by(roles.SYSTEM))
    client = browser(world, roles.QUALITY_CONTROLLER)
    html = text(client.get(f"/do/inbound.record_results?receipt_id={receipt.receipt_id}"))
    fills = set(re.findall(r'data-fill="(\w+)"', html))
    assert {"is_passed", "sample_quantity"} <= fills
