"""Calls of the commands that count in the whole group: master data, people, recalls; `examples`."""

from collections.abc import Callable
from datetime import date
from typing import Any

from tests import inbound, outbound
from tests.ledger import database_now
from tests.world import LONG_AGO, World
from traceward.domain.catalog.models import (
    Agency,
    Identifier,
    Item,
    MaterialCategory,
    PackagingLevel,
    Product,
)
from traceward.domain.partners.commands import name_contact
from traceward.domain.partners.models import Licence, LicenceKind, Partner, Salesperson
from traceward.domain.recalls import commands as recalls
from traceward.domain.recalls.commands import Target
from traceward.domain.recalls.models import CheckHow, CheckResult, RecallLevel, ReportKind
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.command.shared_devices import share_device
from traceward.kernel.org import roles
from traceward.kernel.org.models import ApiKey, Party, Person, Role, SecondFactor
from traceward.kernel.outbox.models import Event, ParkedEvent

Arguments = dict[str, Any]
LOTS = "stock.lots"
Example = Callable[[World], Arguments]

WHOLE: dict[str, Example] = {}


def example(verb: str) -> Callable[[Example], Example]:
    def keep(made: Example) -> Example:
        WHOLE[verb] = made
        return made

    return keep


# --- Products, items, packs -----------------------------------------------------------------


@example("catalog.register_product")
def register_product(world: World) -> Arguments:
    return {
        "registration_number": "国械注准20223130099",
        "registrant_id": world.supplier.pk,
        "device_class": 3,
        "category": "13-07-01",
        "valid_from": date(2022, 1, 1),
        "name_zh": "球囊扩张导管",
    }


@example("catalog.qualify_product")
def qualify_product(world: World) -> Arguments:
    Product.objects.update(is_qualified=False)
    return {"product_id": Product.objects.get().pk, "reason": "papers are complete"}


@example("catalog.renew_product")
def renew_product(world: World) -> Arguments:
    return {"product_id": Product.objects.get().pk, "valid_until": date(2035, 12, 31)}


@example("catalog.register_item")
def register_item(world: World) -> Arguments:
    return {
        "code": "STENT-2",
        "maker_id": world.supplier.pk,
        "name_zh": "支架",
        "product_id": Product.objects.get().pk,
        "model": "3.0",
    }


@example("catalog.declare_non_device")
def declare_non_device(world: World) -> Arguments:
    return {"item_id": bag(world).pk, "reason": "a carrier bag: no medical purpose"}


def bag(world: World) -> Item:
    """Goods that are said to be no device."""
    return Item.objects.create(
        code="BAG",
        name_zh="手提袋",
        maker=world.supplier,
        material_category=MaterialCategory.NON_DEVICE,
    )


@example("catalog.certify_item")
def certify_item(world: World) -> Arguments:
    product = Product.objects.get()
    return {"item_id": bag(world).pk, "product_id": product.pk, "reason": "it has a certificate"}


@example("catalog.recategorise_item")
def recategorise_item(world: World) -> Arguments:
    return {
        "item_id": bag(world).pk,
        "material_category": MaterialCategory.PACKAGING,
        "reason": "goods are packed in it",
    }


@example("catalog.deactivate_item")
def deactivate_item(world: World) -> Arguments:
    return {"item_id": world.items["STENT"].pk, "reason": "the maker stopped making it"}


@example("catalog.reactivate_item")
def reactivate_item(world: World) -> Arguments:
    stent = world.items["STENT"]
    Item.objects.filter(pk=stent.pk).update(is_active=False)
    return {"item_id": stent.pk, "reason": "the maker makes it again"}


@example("catalog.add_packaging_level")
def add_packaging_level(world: World) -> Arguments:
    return {
        "item_id": world.items["STENT"].pk,
        "level": 1,
        "di": "16901234567899",
        "units_of_level_below": 10,
    }


@example("catalog.add_identifier")
def add_identifier(world: World) -> Arguments:
    pack = PackagingLevel.objects.get(item=world.items["STENT"])
    return {"packaging_id": pack.pk, "agency": Agency.OWN, "di": "OWN-STENT"}


@example("catalog.withdraw_identifier")
def withdraw_identifier(world: World) -> Arguments:
    pack = PackagingLevel.objects.get(item=world.items["STENT"])
    other = Identifier.objects.create(packaging=pack, agency=Agency.OWN, di="OWN-STENT")
    return {"identifier_id": other.pk, "reason": "the label is not printed any more"}


# --- Parties, partners, papers --------------------------------------------------------------


@example("org.register_party")
def register_party(world: World) -> Arguments:
    return {"name_zh": "南岭医疗", "name_en": "Nanling Medical"}


def stranger() -> Party:
    return Party.objects.create(name_zh="南岭医疗", address="南岭路 1 号", phone="021-0000-0000")


@example("org.amend_contact")
def amend_contact(world: World) -> Arguments:
    return {"party_id": world.hospital.pk, "address": "江城路 9 号", "phone": "021-0000-0009"}


@example("org.register_legal_entity")
def register_legal_entity(world: World) -> Arguments:
    return {"code": "NL", "party_id": stranger().pk}


@example("partners.register")
def register_partner(world: World) -> Arguments:
    return {"party_id": stranger().pk, "code": "NL", "is_supplier": True}


@example("partners.add_licence")
def add_licence(world: World) -> Arguments:
    return {
        "party_id": world.supplier.pk,
        "kind": LicenceKind.DISTRIBUTION,
        "number": "沪药监械经营许20220099号",
        "classes": [3],
        "valid_from": date(2022, 1, 1),
    }


@example("partners.read_salesperson")
def read_salesperson(world: World) -> Arguments:
    paper = Licence.objects.get(party=world.supplier, kind=LicenceKind.AGREEMENT)
    Salesperson.objects.create(letter=paper, text="方晓")
    return {"licence_id": paper.pk, "reason": "who stands at the dock?"}


@example("partners.erase_salesperson")
def erase_salesperson(world: World) -> Arguments:
    wanted = read_salesperson(world)
    Licence.objects.filter(pk=wanted["licence_id"]).update(revoked_at=LONG_AGO)
    return wanted | {"reason": "asked for by the person"}


@example("partners.revoke_licence")
def revoke_licence(world: World) -> Arguments:
    paper = Licence.objects.get(party=world.supplier, kind=LicenceKind.AGREEMENT)
    return {"licence_id": paper.pk, "reason": "the agreement ended"}


@example("partners.reinstate_licence")
def reinstate_licence(world: World) -> Arguments:
    paper = Licence.objects.get(party=world.supplier, kind=LicenceKind.AGREEMENT)
    Licence.objects.filter(pk=paper.pk).update(revoked_at=LONG_AGO)
    return {"licence_id": paper.pk, "reason": "the wrong row was taken"}


@example("partners.qualify")
def qualify(world: World) -> Arguments:
    partner = Partner.objects.get(party=world.supplier)
    Partner.objects.filter(pk=partner.pk).update(is_qualified=False)
    return {"partner_id": partner.pk, "reason": "papers are complete"}


# --- People, keys, rules, what was parked ---------------------------------------------------


@example("org.register_person")
def register_person(world: World) -> Arguments:
    return {"login": "lan", "name_zh": "兰"}


def newcomer() -> Person:
    return Person.objects.create(login="lan", name_zh="兰", password="!")


@example("org.set_password")
def set_password(world: World) -> Arguments:
    return {"person_id": newcomer().pk, "password": Erasable("a long and quiet evening")}


@example("org.reset_password")
def reset_password(world: World) -> Arguments:
    return {"person_id": newcomer().pk}


@example("org.end_device")
def end_device(world: World) -> Arguments:
    by = world.by(roles.PICKER).reauthenticated()
    return {"device_id": share_device("PDA-07", by=by).device_id}


@example("org.reset_factors")
def reset_factors(world: World) -> Arguments:
    person = newcomer()
    SecondFactor.objects.create(
        person=person, kind="app", label="telephone", secret=b"-", added_at=LONG_AGO
    )
    return {"person_id": person.pk, "reason": "the telephone is lost"}


@example("org.require_second_factor")
def require_second_factor(world: World) -> Arguments:
    role = Role.objects.get(code=roles.QUALITY_HEAD.code)
    return {"role_id": role.pk, "needs_second_factor": True, "reason": "they release goods"}


@example("org.deactivate_person")
def deactivate_person(world: World) -> Arguments:
    return {"person_id": newcomer().pk, "reason": "left the company"}


@example("org.reactivate_person")
def reactivate_person(world: World) -> Arguments:
    person = newcomer()
    Person.objects.filter(pk=person.pk).update(is_active=False)
    return {"person_id": person.pk, "reason": "came back"}


@example("org.issue_key")
def issue_key(world: World) -> Arguments:
    return {"person_id": newcomer().pk, "label": "WMS in Chengdu"}


@example("org.revoke_key")
def revoke_key(world: World) -> Arguments:
    key = ApiKey.objects.create(
        person=newcomer(), label="WMS", sha256=b"0" * 32, issued_at=LONG_AGO
    )
    return {"key_id": key.pk, "reason": "the program is gone"}


@example("lists.save_view")
def save_view(world: World) -> Arguments:
    return {"list_name": LOTS, "name": "近效期", "question": "expires_on__lte=today%2B90"}


@example("lists.arrange")
def arrange(world: World) -> Arguments:
    return {"list_name": LOTS, "columns": ["raw_number", "item"], "first": "near"}


@example("rules.set_parameter")
def set_parameter(world: World) -> Arguments:
    return {"key": "stock.allocation.minimum_days", "value": 30}


def parked(world: World) -> ParkedEvent:
    """Goods came, and opening their inspection failed."""
    inbound.received(world, (inbound.code("STENT", "L1"), 10))
    event = Event.objects.get(name__endswith=".GoodsReceived")
    return ParkedEvent.objects.create(
        handler="quality.open_inspections", event=event, parked_at=database_now(), why="a fault"
    )


@example("outbox.retry_parked")
def retry_parked(world: World) -> Arguments:
    return {"parked_uid": parked(world).uid}


@example("outbox.solve_parked")
def solve_parked(world: World) -> Arguments:
    return {"parked_uid": parked(world).uid, "reason": "opened by hand"}


@example("stock.warn")
def warn(world: World) -> Arguments:
    Licence.objects.filter(party=world.supplier).update(valid_until=database_now().date())
    return {}


# --- Recalls --------------------------------------------------------------------------------


def targets(world: World) -> list[Target]:
    return [Target(lot_id=world.lot("STENT", "L1").pk)]


def opened(world: World) -> int:
    """A recall of a lot of which the hospital has three."""
    world.stock(world.lot("STENT", "L1"), 5)
    outbound.signed(world)
    by = world.by(roles.COMPLIANCE)
    level = RecallLevel.ONE
    return recalls.open(world.shanghai.pk, level, "strut may break", targets(world), by=by).case_id


@example("recalls.open")
def open_recall(world: World) -> Arguments:
    return {
        "site_id": world.shanghai.pk,
        "level": RecallLevel.ONE,
        "reason": "strut may break",
        "targets": targets(world),
    }


def drill_of(world: World) -> dict[str, object]:
    """A drill of a lot of which the hospital has three."""
    world.stock(world.lot("STENT", "L1"), 5)
    outbound.signed(world)
    return {
        "site_id": world.shanghai.pk,
        "level": RecallLevel.ONE,
        "reason": "strut may break",
        "targets": targets(world),
    }


@example("recalls.drill")
def drill(world: World) -> Arguments:
    return drill_of(world)


@example("recalls.conclude_drill")
def conclude_drill(world: World) -> Arguments:
    done = recalls.drill(**drill_of(world), by=world.by(roles.COMPLIANCE))
    return {"drill_id": done.drill_id, "conclusion": "everybody was reached"}


@example("recalls.add_scope")
def add_scope(world: World) -> Arguments:
    other = Target(lot_id=world.lot("STENT", "L2").pk)
    return {"case_id": opened(world), "targets": [other]}


@example("recalls.block_scope")
def block_scope(world: World) -> Arguments:
    return {"case_id": opened(world)}


@example("recalls.catch_up")
def catch_up(world: World) -> Arguments:
    opened(world)
    return {}


@example("recalls.notify")
def notify(world: World) -> Arguments:
    return {"case_id": opened(world)}


@example("recalls.acknowledge")
def acknowledge(world: World) -> Arguments:
    case_id = opened(world)
    recalls.notify(case_id, by=world.by(roles.COMPLIANCE))
    return {"case_id": case_id, "consignee_id": world.hospital.pk, "found": 3}


def told(world: World) -> int:
    """The same, whose hospital has a contact and was told."""
    name_contact(world.hospital.pk, "Wang Min", email="w@h.example", by=world.by(roles.SALES))
    case_id = opened(world)
    recalls.notify(case_id, by=world.by(roles.COMPLIANCE))
    return case_id


def linked(world: World) -> str:
    """The secret of a link that counts."""
    case_id = told(world)
    issued = recalls.issue_link(case_id, world.hospital.pk, by=world.by(roles.COMPLIANCE))
    return issued.link.reveal().rpartition("/")[2]


@example("recalls.remind")
def remind(world: World) -> Arguments:
    return {"case_id": told(world)}


@example("recalls.remind_due")
def remind_due(world: World) -> Arguments:
    return {"case_id": told(world)}


@example("recalls.issue_link")
def issue_link(world: World) -> Arguments:
    return {"case_id": told(world), "consignee_id": world.hospital.pk}


@example("recalls.open_link")
def open_link(world: World) -> Arguments:
    return {"link": linked(world)}


@example("recalls.answer_by_link")
def answer_by_link(world: World) -> Arguments:
    given = {"name": "Wang Min", "found": 3, "quarantined": 3, "used": 0}
    return {"link": linked(world), **given}


@example("recalls.check_effectiveness")
def check_effectiveness(world: World) -> Arguments:
    given = {"how": CheckHow.VISIT, "result": CheckResult.ACTED}
    return {"case_id": told(world), "consignee_id": world.hospital.pk, **given}


@example("partners.name_contact")
def name_a_contact(world: World) -> Arguments:
    return {"party_id": world.hospital.pk, "name": "Wang Min", "email": "w@h.example"}


@example("partners.end_contact")
def end_a_contact(world: World) -> Arguments:
    made = name_contact(**name_a_contact(world), by=world.by(roles.SALES))
    return {"contact_id": made.contact_id}


@example("recalls.report")
def report(world: World) -> Arguments:
    return {"case_id": opened(world), "kind": ReportKind.DECISION}


@example("recalls.withdraw")
def withdraw(world: World) -> Arguments:
    by = world.by(roles.COMPLIANCE)
    level = RecallLevel.ONE
    made = recalls.open(world.shanghai.pk, level, "strut may break", targets(world), by=by)
    return {"case_id": made.case_id, "reason": "the wrong lot"}


@example("recalls.close")
def close(world: World) -> Arguments:
    """None of the lot was ever made, so nothing is left to be found."""
    by = world.by(roles.COMPLIANCE)
    level = RecallLevel.ONE
    made = recalls.open(world.shanghai.pk, level, "strut may break", targets(world), by=by)
    for kind in (ReportKind.DECISION, ReportKind.PLAN):
        recalls.report(made.case_id, kind, by=by.asking())
    return {"case_id": made.case_id, "conclusion": "none was made"}
