"""Bills of material, and orders planned and released by them. # PRO-01"""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests import making
from tests.ledger import database_now
from tests.making import (
    START,
    planned,
    plant,
)
from tests.refusing import refused
from tests.world import LONG_AGO, World
from traceward.domain.partners.models import Licence
from traceward.domain.partners.queries import LicenceLacking
from traceward.domain.production import queries
from traceward.domain.production.commands import planning
from traceward.domain.production.commands.planning import BomPart
from traceward.domain.production.models import (
    Bom,
    ComponentLine,
)
from traceward.kernel.base.refusals import InvalidInput, NotFound
from traceward.kernel.org import roles


@pytest.fixture
def stocked(world: World) -> World:
    return plant(world)


def test_a_new_version_ends_the_one_before(stocked: World) -> None:
    world, today = stocked, stocked.shanghai.day_at(database_now())
    making.defined(world, effective_from=today)
    first, second = Bom.objects.order_by("version")
    assert first.effective_until == today - timedelta(days=1)
    assert queries.effective_bom(world.items["PACER"].pk, today) == second
    assert queries.effective_bom(world.items["PACER"].pk, today - timedelta(days=1)) == first
    making.defined(world, effective_from=START, effective_until=START)
    with refused(InvalidInput, "effective_until"):
        making.defined(world, effective_from=today, effective_until=START)


def test_a_bill_that_cannot_be_is_refused(stocked: World) -> None:
    stent, pacer = stocked.items["STENT"].pk, stocked.items["PACER"].pk
    cases = (
        ([], {}, "lines"),
        ([BomPart(stent, 0)], {}, "lines.0.quantity"),
        ([BomPart(stent, 1), BomPart(stent, 1)], {}, "lines.1.item_id"),
        ([BomPart(0, 1)], {}, "lines.0.item_id"),
        ([BomPart(stent, 1, Decimal(1))], {}, "lines.0.scrap_share"),
        ([BomPart(stent, 1)], {"per_quantity": 0}, "per_quantity"),
        ([BomPart(pacer, 1)], {}, "lines"),
    )
    for lines, more, field in cases:
        with refused(InvalidInput, field):
            planning.define_bom(pacer, lines, START, by=stocked.by(roles.DATA_OWNER), **more)
    with refused(InvalidInput, "lines"):  # PACER is made of STENT
        planning.define_bom(stent, [BomPart(pacer, 1)], START, by=stocked.by(roles.DATA_OWNER))


def test_an_order_asks_for_what_the_bill_says_and_the_expected_loss(stocked: World) -> None:
    lines = [BomPart(stocked.items["STENT"].pk, 3, Decimal("0.1"))]
    planning.define_bom(
        stocked.items["PACER"].pk,
        lines,
        START + timedelta(days=1),
        per_quantity=2,
        by=stocked.by(roles.DATA_OWNER),
    )
    made = planned(stocked, 3)
    (line,) = ComponentLine.objects.filter(order=made.order_id)
    assert line.quantity == 5  # 4.5 ÷ 0.9
    assert line.device_name == "冠状动脉支架" or line.model == "STENT"


def test_an_order_that_cannot_be_is_refused(stocked: World) -> None:
    by, pacer = stocked.by(roles.PLANNER), stocked.items["PACER"].pk
    site, stage, dock = (
        stocked.shanghai.pk,
        stocked.places["STAGE"].pk,
        stocked.places["DOCK"].pk,
    )
    cases = (
        ((site, pacer, 0, stage), InvalidInput, "quantity"),
        ((site, pacer, 10**18, stage), InvalidInput, "quantity"),
        ((site, pacer, 1, dock), InvalidInput, "wip_id"),
        ((site, stocked.items["STENT"].pk, 1, stage), InvalidInput, "item_id"),
        ((site, 0, 1, stage), NotFound, "item_id"),
    )
    for arguments, kind, field in cases:
        with refused(kind, field):
            planning.plan(*arguments, by=by.asking())
    with refused(NotFound, "item_id"):
        planning.plan_rework(site, 0, 1, stage, by=by.asking())
    with refused(InvalidInput, "parts"):
        planning.plan_rework(site, pacer, 1, stage, parts=[BomPart(pacer, 1)], by=by.asking())


def test_an_order_is_released_under_our_production_licence(stocked: World) -> None:  # MDM-04
    order_id = planned(stocked).order_id
    Licence.objects.filter(party=stocked.us, kind="production").update(revoked_at=LONG_AGO)
    with refused(LicenceLacking, "order_id"):
        planning.release(order_id, by=stocked.by(roles.PRODUCTION))
