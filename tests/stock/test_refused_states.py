"""The post refuses what state, expiry, temperature or a missing signature forbid.

Each test differs from a post that passes in the one thing that is refused.
"""

from datetime import UTC, date, datetime

import pytest

from tests.ledger import set_clock
from tests.stock.posting import WAYS, P, Q, R, leg_for, lot_of, post, refused
from tests.world import World
from traceward.domain.catalog.models import Item
from traceward.domain.places.models import Place
from traceward.domain.stock import refusals
from traceward.domain.stock.models import (
    Code,
    Status,
    StockMove,
)
from traceward.kernel.org import roles

# --- TW004, TW005, TW007, TW015: state, expiry, temperature, signature ---------------------------

ALLOWED = {
    P: "receive putaway move release reject adjust_in adjust_out return_from_customer"
    " return_to_supplier produce reverse transfer write_off",
    Q: "putaway move pick pack ship deliver use consume reject adjust_out"
    " return_from_customer return_to_supplier destroy reverse transfer write_off",
    R: "putaway move adjust_out return_from_customer return_to_supplier destroy reverse"
    " transfer write_off",
}


@pytest.mark.parametrize("status", [P, Q, R])
@pytest.mark.parametrize("code", [c for c in WAYS if c not in (Code.RELEASE, Code.REJECT)])
def test_each_status_allows_what_the_policy_says(ledger: World, code: Code, status: Status) -> None:
    """INV-03: what is allowed fails for want of stock only, what is not names the status."""
    lot = ledger.lot("STENT", "NONE")
    name = code.name.lower()
    allowed = name in ALLOWED[status].split()
    kind = refusals.ShortStock if allowed else refusals.NotReleased
    refused(kind, ledger, leg_for(ledger, code, status, lot))


EXPIRED_ALLOWS = {
    "putaway", "move", "adjust_out", "return_from_customer", "return_to_supplier", "reject",
    "destroy", "transfer", "write_off",
}  # fmt: skip


@pytest.mark.parametrize("code", sorted(set(WAYS) - {Code.RELEASE}))
def test_expired_goods_may_only_be_kept_returned_or_destroyed(ledger: World, code: Code) -> None:
    """INV-07."""
    lot = ledger.lot("STENT", "OLD", date(2020, 1, 31))
    allowed = code.name.lower() in EXPIRED_ALLOWS
    kind = refusals.ShortStock if allowed else refusals.Expired
    error = refused(kind, ledger, leg_for(ledger, code, Q, lot))
    if not allowed:
        assert "2020-01-31" in str(error)


def test_expired_goods_are_not_received_or_released(ledger: World) -> None:
    lot = ledger.lot("STENT", "OLD", date(2020, 1, 31))
    receive = ledger.leg(Code.RECEIVE, lot, 1, "SUP", "A-01", status=P)
    refused(refusals.Expired, ledger, receive)
    release = ledger.leg(Code.RELEASE, lot, 1, "A-01", "A-01", from_status=P, to_status=Q)
    refused(refusals.Expired, ledger, release)


def test_usable_through_the_last_day_in_the_zone_of_the_site(ledger: World) -> None:  # INV-05
    lot = ledger.lot("STENT", "JUNE", date(2035, 6, 30))
    leg = ledger.leg(Code.PICK, lot, 1, "A-01", "STAGE")
    set_clock(datetime(2035, 6, 30, 15, 59, tzinfo=UTC))  # 23:59 in Shanghai
    refused(refusals.ShortStock, ledger, leg)
    set_clock(datetime(2035, 6, 30, 16, 1, tzinfo=UTC))
    refused(refusals.Expired, ledger, leg)


def test_place_of_the_wrong_temperature_is_refused(ledger: World) -> None:  # INV-05
    cold = ledger.lot("REAGENT", "R1")
    leg = ledger.leg(Code.RECEIVE, cold, 5, "SUP", "C-01", status=P)
    warm = leg._replace(to_place_id=ledger.places["A-01"].pk)
    error = refused(refusals.UnsuitablePlace, ledger, warm, why="temperature")
    assert "between 2.0 and 8.0" in str(error)
    post(ledger, leg)
    post(ledger, leg._replace(to_place_id=ledger.places["DOCK"].pk))
    Place.objects.filter(code="C-01").update(temperature_c_min=1)
    refused(refusals.UnsuitablePlace, ledger, leg)
    Place.objects.filter(code="C-01").update(temperature_c_min=2, temperature_c_max=9)
    refused(refusals.UnsuitablePlace, ledger, leg)


def test_goods_go_back_where_they_came_from_whatever_it_keeps_now(ledger: World) -> None:
    cold = ledger.lot("REAGENT", "R1")
    ledger.stock(cold, 5, "C-01")
    out = ledger.leg(Code.MOVE, cold, 1, "C-01", "DOCK")
    post(ledger, out)
    number = StockMove.objects.latest("pk").pk
    Place.objects.filter(code="C-01").update(temperature_c_min=15, temperature_c_max=25)
    refused(refusals.UnsuitablePlace, ledger, ledger.leg(Code.MOVE, cold, 1, "DOCK", "C-01"))
    post(ledger, out.mirrored(number, Code.REVERSE, "slip"))


@pytest.mark.parametrize(
    ("needs", "too_cold", "too_warm"), [((15, None), True, False), ((None, 8), False, True)]
)
def test_one_limit_is_kept_as_well(
    ledger: World, needs: tuple[int | None, int | None], too_cold: bool, too_warm: bool
) -> None:  # INV-05
    low, high = needs
    ledger.items["SALINE"] = Item.objects.create(
        code="SALINE",
        maker=ledger.supplier,
        material_category="raw",
        has_lots=True,
        storage_c_min=low,
        storage_c_max=high,
    )
    leg = ledger.leg(Code.RECEIVE, ledger.lot("SALINE", "B1"), 1, "SUP", "C-01", status=P)
    warm = leg._replace(to_place_id=ledger.places["A-01"].pk)
    Place.objects.filter(code="A-01").update(temperature_c_min=15, temperature_c_max=25)
    for each, is_wrong in ((leg, too_cold), (warm, too_warm)):
        if is_wrong:
            refused(refusals.UnsuitablePlace, ledger, each, why="temperature")
        else:
            post(ledger, each)
    for gone in ("temperature_c_min", "temperature_c_max"):
        Place.objects.filter(code="C-01").update(temperature_c_min=15, temperature_c_max=8)
        Place.objects.filter(code="C-01").update(**{gone: None})
        refused(refusals.UnsuitablePlace, ledger, leg, why="temperature")


def test_a_bin_without_a_temperature_keeps_nothing_cold(ledger: World) -> None:  # INV-05
    cold, plain = ledger.lot("REAGENT", "R1"), lot_of(ledger)
    Place.objects.filter(code="A-02").update(temperature_c_min=None, temperature_c_max=None)
    for lot, is_kept in ((cold, False), (plain, True)):
        leg = ledger.leg(Code.RECEIVE, lot, 1, "SUP", "A-02", status=P)
        if is_kept:
            post(ledger, leg)
        else:
            refused(refusals.UnsuitablePlace, ledger, leg, why="temperature")
    on_dock = ledger.leg(Code.RECEIVE, cold, 1, "SUP", "DOCK", status=P)
    post(ledger, on_dock)
    Place.objects.filter(code="DOCK").update(temperature_c_min=10, temperature_c_max=30)
    refused(refusals.UnsuitablePlace, ledger, on_dock)
    Place.objects.filter(code="DOCK").update(temperature_c_min=2, temperature_c_max=8)
    post(ledger, on_dock)


def test_decision_needs_its_signature(ledger: World) -> None:  # QUA-04
    leg = ledger.leg(Code.REJECT, lot_of(ledger), 1, "A-01", "A-01", to_status=R)
    refused(refusals.MoveNotAllowed, ledger, leg, signed=False)
    other = ledger.by(roles.QUALITY_HEAD).person_id
    refused(refusals.MoveNotAllowed, ledger, leg, signer_id=other)
    post(ledger, leg)
    refused(refusals.MoveNotAllowed, ledger, leg, signed=False)
