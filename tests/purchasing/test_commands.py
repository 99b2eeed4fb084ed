"""Orders and notices: what may be bought, who approves, what a supplier may announce."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.inbound import announced, code, ordered
from tests.refusing import only_at, refused
from tests.world import World
from traceward.domain.catalog.models import Item, Product
from traceward.domain.catalog.queries import CertificateLacking
from traceward.domain.catalog.scanning import UnreadableCode
from traceward.domain.partners.models import Licence, LicenceKind, Partner
from traceward.domain.partners.queries import LicenceLacking, NotQualified
from traceward.domain.purchasing.commands import (
    Noticed,
    NotOrdered,
    Wanted,
    approve,
    notify,
    order,
    settle,
)
from traceward.domain.purchasing.models import PurchaseOrder, PurchaseOrderLine, ShippingNotice
from traceward.domain.warehousing.models import ExpectedLine
from traceward.kernel.base.refusals import (
    Conflict,
    InvalidInput,
    NotAllowed,
    NotFound,
    SamePerson,
    WrongState,
)
from traceward.kernel.org import roles
from traceward.kernel.org.models import Role, RoleGrant

LOT = code("STENT", "L1")


def buy(world: World, *lines: tuple[str, int, str], **values) -> object:
    wanted = [Wanted(world.items[i].pk, n, Decimal(price)) for i, n, price in lines]
    by = values.pop("by", world.by(roles.BUYER))
    supplier = values.pop("supplier", world.supplier.pk)
    return order(world.shanghai.pk, supplier, wanted, by=by, **values)


def test_an_order_keeps_price_and_papers(world: World) -> None:  # INB-01 GSP art. 58
    done = buy(world, ("STENT", 3, "33.335"), ("REAGENT", 1, "0.125"))
    assert (done.amount, done.currency) == (Decimal("100.14"), "CNY")
    line = PurchaseOrderLine.objects.order_by("pk").first()
    assert line.amount == Decimal("100.01")
    assert line.registration_number == "国械注准20223130001"
    assert line.registrant_name == "北辰器械"
    made = PurchaseOrder.objects.get(pk=done.order_id)
    assert made.number.startswith("PO-HA-")
    assert made.state == "submitted"


def test_an_order_needs_items_quantities_and_prices(world: World) -> None:
    with refused(InvalidInput, "lines"):
        buy(world)
    with refused(InvalidInput, "lines.0.quantity"):
        buy(world, ("STENT", 0, "1"))
    with refused(InvalidInput, "lines.1.quantity") as caught:
        buy(world, ("STENT", 10**9, "1"), ("STENT", 10**9 + 1, "1"))
    assert "1000000000 base units" in str(caught.value)
    with refused(InvalidInput, "lines.1.unit_price"):
        buy(world, ("STENT", 1, "1"), ("STENT", 1, "-1"))
    with refused(InvalidInput, "lines.0.unit_price"):
        buy(world, ("STENT", 1, "0.0000001"))
    Item.objects.filter(code="STENT").update(is_active=False)
    with refused(NotFound, "lines.0.item_id"):
        buy(world, ("STENT", 1, "1"))


def test_an_order_goes_to_a_qualified_supplier(world: World) -> None:  # MDM-03
    with refused(NotQualified):
        buy(world, ("STENT", 1, "1"), supplier=world.hospital.pk)
    Partner.objects.filter(party=world.supplier).update(is_qualified=False)
    with refused(NotQualified):
        buy(world, ("STENT", 1, "1"))


def test_a_supplier_that_is_not_the_maker_needs_a_distribution_licence(world: World) -> None:
    Product.objects.update(registrant=world.us)  # MDM-04
    theirs = Item.objects.create(
        code="OURS", name_en="Ours", product=world.items["STENT"].product, maker=world.us
    )
    world.items["STENT"] = theirs
    with refused(LicenceLacking, "lines.0.item_id") as caught:
        buy(world, ("STENT", 1, "1"))
    assert "distribution licence" in str(caught.value)
    assert "missing" in str(caught.value)


def test_a_certificate_that_ended_blocks_the_order(world: World) -> None:  # MDM-04
    Product.objects.update(valid_until=date(2024, 1, 1))
    with refused(CertificateLacking, "lines.0.item_id"):
        buy(world, ("STENT", 1, "1"))


def test_an_order_agrees_on_quality_and_after_sales(world: World) -> None:  # GSP art. 55, 56
    made = buy(world, ("STENT", 1, "1"))
    assert PurchaseOrder.objects.get(pk=made.order_id).agreement_number == f"L{world.supplier.pk}"
    Licence.objects.filter(kind=LicenceKind.AGREEMENT).update(valid_until=date(2024, 1, 1))
    with refused(InvalidInput, "quality_terms"):
        buy(world, ("STENT", 1, "1"))
    with refused(InvalidInput, "after_sales_terms"):
        buy(world, ("STENT", 1, "1"), quality_terms="replaced within 7 days")
    buy(
        world,
        ("STENT", 1, "1"),
        quality_terms="replaced within 7 days",
        after_sales_terms="spare parts 5 years",
    )


def test_another_person_approves(world: World) -> None:  # ORG-03
    done = buy(world, ("STENT", 1, "1"))
    buyer = world.by(roles.BUYER)
    supervisor = Role.objects.get(code="warehouse_supervisor")
    RoleGrant.objects.create(
        person_id=buyer.person_id, role=supervisor, granted_at="2020-01-01T00:00Z"
    )
    with refused(SamePerson):
        approve(done.order_id, by=buyer)
    approve(done.order_id, by=world.by(roles.SUPERVISOR))
    order = PurchaseOrder.objects.get(pk=done.order_id)
    assert order.version == 2, "whoever read it before the approval has an old one"
    with refused(WrongState):
        approve(done.order_id, by=world.by(roles.SUPERVISOR))


def test_papers_are_checked_again_at_approval(world: World) -> None:  # MDM-04
    done = buy(world, ("STENT", 1, "1"))
    Licence.objects.filter(party=world.supplier).update(valid_until=date(2024, 1, 1))
    with refused(LicenceLacking, "order_id"):
        approve(done.order_id, by=world.by(roles.SUPERVISOR))


def tell(
    world: World, order_id: int, *lines: tuple[str, int], reference: str = "N1", by=None, **also
):
    noticed = [Noticed([raw], packs) for raw, packs in lines]
    by = by or world.by(roles.BUYER).asking()
    return notify(order_id, reference, noticed, by=by, **also)


def test_a_notice_is_expected_by_the_warehouse(world: World) -> None:  # INB-01
    order_id = ordered(world)
    done = tell(world, order_id, (LOT, 4), (code("STENT", "L2"), 6))
    rows = ExpectedLine.objects.filter(delivery_id=done.notice_id).order_by("pk")
    assert list(rows.values_list("lot_number", "quantity", "expires_on")) == [
        ("L1", 4, date(2030, 12, 31)),
        ("L2", 6, date(2030, 12, 31)),
    ]
    assert ShippingNotice.objects.get().lines.first().raw == LOT
    assert done.warnings == []


def test_a_label_that_says_little_is_taken_with_a_warning(world: World) -> None:
    done = tell(world, ordered(world), ("06901234567892", 4))
    (said,) = done.warnings
    assert said.en.startswith("The label of STENT does not say lot and expiry")


def test_a_lot_that_comes_too_old_is_taken_with_a_warning(world: World) -> None:  # INV-07
    today = world.shanghai.day_at(timezone.now())
    last = {days: (today + timedelta(days)).strftime("%y%m%d") for days in (-1, 0, 4, 5)}
    lots = [(code("STENT", f"L{days}", last[days]), 1) for days in last]
    now = tell(world, ordered(world), *lots)
    assert [(w.line, "L-1" in w.en) for w in now.warnings] == [(0, True)]
    later = tell(world, ordered(world), *lots, reference="N2", expected_on=today + timedelta(5))
    assert [w.line for w in later.warnings] == [0, 1, 2]


def test_no_more_is_announced_than_was_ordered(world: World) -> None:  # INB-02
    order_id = ordered(world)
    tell(world, order_id, (LOT, 7))
    with refused(NotOrdered, "lines.0.packs") as caught:
        tell(world, order_id, (LOT, 4), reference="N2")
    assert "3 are still due" in str(caught.value)
    with refused(InvalidInput, "lines.0.packs"):
        tell(world, order_id, (LOT, 10**18), reference="N2")
    with refused(NotOrdered, "lines.1.packs"):
        tell(world, order_id, (LOT, 1), (code("PACER", "P", serial="S"), 1), reference="N2")


def test_a_notice_comes_once_to_an_approved_order(world: World) -> None:
    waiting = buy(world, ("STENT", 5, "1")).order_id
    with refused(WrongState, "order_id"):
        tell(world, waiting, (LOT, 1))
    order_id = ordered(world)
    tell(world, order_id, (LOT, 1))
    with refused(Conflict, "reference"):
        tell(world, order_id, (LOT, 1))
    with refused(InvalidInput, "reference"):
        tell(world, order_id, (LOT, 1), reference=" ")


@pytest.mark.parametrize("raw", ["", "rubbish", "(01)06901234567893(10)L1"])
def test_a_code_that_cannot_be_read_is_refused(world: World, raw: str) -> None:
    order_id = ordered(world)
    with refused(UnreadableCode, "lines.0.codes"):
        tell(world, order_id, (raw, 1))


def test_a_notice_has_lines_with_whole_packs(world: World) -> None:
    order_id = ordered(world, "PACER")
    with refused(InvalidInput, "lines"):
        tell(world, order_id)
    with refused(InvalidInput, "lines.0.packs"):
        tell(world, order_id, (code("PACER", "P", serial="S1"), 2))
    with refused(InvalidInput, "lines.0.packs"):
        tell(world, order_id, (code("PACER", "P", serial="S1"), 0))


def test_settling_leaves_alone_what_is_no_notice(world: World) -> None:
    order_uid = PurchaseOrder.objects.get(pk=ordered(world)).uid
    assert settle(order_uid, by=world.by(roles.SYSTEM)).order_state == ""


def test_nothing_is_settled_before_it_came(world: World) -> None:
    notice = ShippingNotice.objects.get(pk=announced(world, (LOT, 4)).notice_id)
    done = settle(notice.uid, by=world.by(roles.SYSTEM))
    assert (done.still_to_come, done.notice_state) == (4, "announced")


def test_a_grant_for_another_site_does_not_count(world: World) -> None:  # ORG-03
    waiting = buy(world, ("STENT", 5, "1")).order_id
    approved = ordered(world)
    buyer = only_at(world, roles.BUYER, world.chengdu)
    supervisor = only_at(world, roles.SUPERVISOR, world.chengdu)
    with refused(NotAllowed):
        buy(world, ("STENT", 1, "1"), by=buyer)
    with refused(NotAllowed):
        approve(waiting, by=supervisor)
    with refused(NotAllowed):
        tell(world, approved, (LOT, 1), by=buyer.asking())
    notice = ShippingNotice.objects.get(pk=tell(world, approved, (LOT, 1)).notice_id)
    system = only_at(world, roles.SYSTEM, world.chengdu)
    with refused(NotAllowed):
        settle(notice.uid, by=system)
