"""A recall is put together, counted before anything is held, and opened. # TRC-03 UX-01"""

import re
import uuid
from typing import Any

import pytest
from django.test import Client

from tests.ledger import database_now
from tests.outbound import allocated, signed
from tests.recalls.test_commands import opened
from tests.recalls.test_drilling import fingerprint
from tests.web.local import browser_at, browser_of
from tests.web.test_trace_page import printed
from tests.world import World
from traceward.domain.production.commands import transforming as production
from traceward.domain.recalls.models import RecallCase, RecallDrill, RecallTarget
from traceward.domain.stock.models import Lot, StockBlock
from traceward.kernel.base.refusals import InvalidInput
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles
from traceward.kernel.org.scope import Grant
from traceward.resources.kit import QUESTIONS, Reader


@pytest.fixture(autouse=True)
def permissions(world: World) -> None:
    set_up_roles()


@pytest.fixture
def lot(world: World) -> int:
    """Of 20 units 3 are at the hospital, 2 are promised, the rest is in the house."""
    made = world.lot("STENT", "L1")
    world.stock(made, 20)
    signed(world, quantity=3)
    allocated(world, quantity=2)
    return made.pk


@pytest.fixture
def head(world: World) -> Client:
    return browser_of(roles.QUALITY_HEAD, language="en")


def filled(world: World, lot: int, **more: str) -> dict[str, str]:
    return {
        "request_id": str(uuid.uuid4()),
        "site_id": f"#{world.shanghai.pk}",
        "level": "1",
        "reason": "strut may break",
        "targets.0.lot_id": f"#{lot} L1",
        **more,
    }


def counts(html: str) -> dict[str, int]:
    sums = html.partition("tw-reach-sum")[2].partition("tw-rc-ladder")[0]
    pairs = re.findall(r'tw-tnum">([\d,]+)</b><span>([^<]+)<', sums)
    return {name: int(count.replace(",", "")) for count, name in pairs}


REACH = {"lots and serials": 1, "units": 20, "consignees": 1, "orders hit": 1}


def test_it_begins_with_what_it_was_opened_from(lot: int, head: Client) -> None:  # TRC-03
    before = fingerprint()
    html = head.get("/recall/new", {"targets.0.lot_id": f"#{lot} L1"}).content.decode()
    assert counts(html) == REACH
    assert "nothing is held yet" in html
    assert "Orders that lose their promise" in html
    assert "Jiangcheng Hospital" in html
    assert fingerprint() == before


def test_the_count_follows_the_lines(world: World, lot: int, head: Client) -> None:
    other = world.lot("STENT", "L2")
    world.stock(other, 7)
    before = fingerprint()
    sent = filled(world, lot, **{"targets.1.lot_id": f"#{other.pk} L2"})
    answer = head.post("/recall/new", sent, headers={"X-Look": "1"})
    assert counts(answer.content.decode()) == {**REACH, "lots and serials": 2, "units": 27}
    assert "<form" not in answer.content.decode()
    empty = head.post("/recall/new", {"reason": "x"}, headers={"X-Look": "1"})
    assert "Say what is recalled; what it would reach" in empty.content.decode()
    assert fingerprint() == before


@pytest.fixture
def second(world: World, lot: int) -> None:
    """Of L1 20, of L2 7, both of the supplier's lot V-77; and 4 of another item."""
    other = world.lot("STENT", "L2")
    Lot.objects.filter(pk__in=(lot, other.pk)).update(supplier_lot="V-77")
    world.stock(other, 7)
    world.stock(world.lot("REAGENT", "R1"), 4, "C-01")


def asked_of(world: World, **target: str) -> dict[str, str]:
    """The form that names nothing but this."""
    bare = filled(world, 0)
    del bare["targets.0.lot_id"]
    return bare | {f"targets.0.{name}": value for name, value in target.items()}


@pytest.mark.usefixtures("second")
def test_an_item_and_a_suppliers_lot_are_counted_and_opened(world: World, head: Client) -> None:
    """As what they mean now: all lots of the item; the lots that came as the supplier's lot."""
    item = f"#{world.items['STENT'].pk} STENT"
    both = {**REACH, "lots and serials": 2, "units": 27}
    for given in (
        {"item_id": item},
        {"supplier_lot": "V-77"},
        {"supplier_lot": "v-77", "item_id": item},
    ):
        answer = head.post("/recall/new", asked_of(world, **given), headers={"X-Look": "1"})
        assert counts(answer.content.decode()) == both, given
    for given in (
        {"supplier_lot": "V-78"},
        {"supplier_lot": "V-77", "supplier_id": f"#{world.hospital.pk}"},
    ):
        answer = head.post("/recall/new", asked_of(world, **given), headers={"X-Look": "1"})
        assert "No lot and no serial is known" in answer.content.decode(), given
    head.post("/recall/new", asked_of(world, supplier_lot="V-77"))
    target = RecallTarget.objects.get()
    assert (target.supplier_lot, target.lot_id, target.item_id) == ("V-77", None, None)
    held = StockBlock.objects.values_list("lot__raw_number", flat=True)
    assert sorted(held) == ["L1", "L2"]
    assert "27" in head.get(f"/recall/{target.case_id}").content.decode()


@pytest.mark.usefixtures("second")
def test_the_question_takes_items_and_a_suppliers_lot(world: World, head: Client) -> None:
    """`recalls.what_if`, as the API and its page ask it."""
    to = Reader(0, (Grant(None, None),))

    def reach(**given: Any) -> tuple[int, int]:
        found = QUESTIONS["recalls.what_if"].function(**given, to=to)
        return found.scopes, found.standing

    assert reach(items=[world.items["STENT"].pk]) == (1, 27)
    assert reach(supplier_lot="V-77") == (2, 27)
    assert reach(items=[world.items["REAGENT"].pk], supplier_lot="V-77") == (3, 31)
    with pytest.raises(InvalidInput):
        reach(supplier_lot="V-77", supplier_id=world.hospital.pk)


def test_without_a_script_a_button_counts(world: World, lot: int, head: Client) -> None:
    sent = filled(world, lot, look="1", reason="")
    answer = head.post("/recall/new", sent)
    assert answer.status_code == 200
    assert counts(answer.content.decode()) == REACH
    more = head.post("/recall/new", filled(world, lot, more="targets"))
    assert "targets.1.lot_id" in more.content.decode()
    assert not RecallCase.objects.exists()


def test_what_is_wrong_stands_at_its_line(world: World, lot: int, head: Client) -> None:
    before = fingerprint()
    for more, where in (
        ({"targets.1.lot_id": "NOSUCH"}, "targets-1-lot_id"),
        ({"targets.1.item_id": "#999999"}, "targets-1-item_id"),
        ({"targets.1.serial_from": "SN1", "targets.1.serial_to": "SN0"}, "targets-1"),
        ({"targets.1.place_id": f"#{world.places['A-01'].pk}"}, "targets-1-from_at"),
        ({"targets.1.supplier_lot": "x" * 41}, "targets-1"),
        ({"targets.1.supplier_lot": "<script>"}, "targets-1"),
    ):
        sent = filled(world, lot, **more)
        fragment = head.post("/recall/new", sent, headers={"X-Look": "1"})
        assert 'role="alert"' in fragment.content.decode(), more
        looked = head.post("/recall/new", {**sent, "look": "1"}).content.decode()
        assert where in looked.partition("tw-problem")[2], more
        assert "<script>alert" not in looked
        refused = head.post("/recall/new", sent)
        assert refused.status_code in (404, 422), more
        assert "tw-problem" in refused.content.decode()
    assert fingerprint() == before


def test_the_button_opens_the_recall(world: World, lot: int, head: Client) -> None:
    sent = filled(world, lot)
    answer = head.post("/recall/new", sent)
    (case,) = RecallCase.objects.all()
    assert (answer.status_code, answer["Location"]) == (302, f"/recall/{case.pk}")
    assert StockBlock.objects.get().case_id == case.pk
    assert RecallTarget.objects.get().lot_id == lot
    again = head.post("/recall/new", sent)  # sent twice, it counts once
    assert again.status_code == 302
    assert RecallCase.objects.count() == 1
    without = head.post("/recall/new", filled(world, lot, reason=""))
    assert without.status_code == 422


def test_what_set_it_off_is_asked_and_shown(world: World, lot: int, head: Client) -> None:
    """A complaint: from whom, when, under which number, and what it says; in room and report."""
    said = {
        "origin.kind": "complaint",
        "origin.party_id": f"#{world.hospital.pk}",
        "origin.reference": "TS-<7>",
        "origin.text": "broke at the first use",
    }
    nobody = {**said, "origin.party_id": ""}
    refused = head.post("/recall/new", filled(world, lot, **nobody))
    assert refused.status_code == 422
    assert "Say who told you" in refused.content.decode()
    day = f"{world.shanghai.day_at(database_now()):%Y-%m-%d}"
    head.post("/recall/new", filled(world, lot, **said))
    key = RecallCase.objects.get().pk
    html = head.get(f"/recall/{key}").content.decode()
    told = html.partition("tw-rc-origin")[2].partition("</div>")[0]
    assert f"Complaint · Jiangcheng Hospital · {day} · no. TS-&lt;7&gt;" in told
    assert "“broke at the first use”" in told
    assert "broke at the first use" in printed(head.get(f"/recall/{key}/report.pdf").content)
    plain = browser_of(roles.COMPLIANCE).get(f"/recalls/cases/{key}").content.decode()
    assert "投诉" in plain


def test_the_same_form_tries_a_drill(world: World, lot: int, head: Client) -> None:  # TRC-04
    before = fingerprint()
    answer = head.post("/recall/new", filled(world, lot, **{"try": "1"}))
    drill = RecallDrill.objects.get()
    assert answer["Location"] == f"/drill/{drill.pk}"
    assert fingerprint() == before


def test_products_and_other_recalls_are_named(world: World, lot: int, head: Client) -> None:
    serials = [f"M1-{n}" for n in range(2)]
    made = production.transform(
        world.shanghai.pk,
        [production.Input(world.lot("STENT", "L1").item_id, 2, world.places["A-01"].pk, lot)],
        [
            production.Output(
                world.items["PACER"].pk, world.places["A-02"].pk, 2, "M1", serials,
                world.lot("STENT", "L1").expires_on,
            )
        ],
        by=world.by(roles.PRODUCTION),
    )  # fmt: skip
    assert made.lot_ids
    case = RecallCase.objects.get(pk=opened(world).case_id)
    html = head.post("/recall/new", filled(world, lot), headers={"X-Look": "1"}).content.decode()
    assert "Made of it, and held as well" in html
    assert str(case.number) in html


def test_goods_papers_and_places_lead_to_it(world: World, lot: int, head: Client) -> None:
    html = head.get(f"/stock/lots/{lot}").content.decode()
    assert f"/recall/new?targets.0.lot_id=%23{lot}+L1" in html
    assert 'href="/recall/new"' in head.get("/recalls/cases").content.decode()


def test_who_may_not_open_a_recall_does_not_count_it(world: World, lot: int) -> None:
    local = browser_at(world, roles.QUALITY_HEAD, world.shanghai)
    assert local.get("/recall/new").status_code == 403
    assert local.post("/recall/new", {}, headers={"X-Look": "1"}).status_code == 403
    assert browser_of(roles.STOREKEEPER).get("/recall/new").status_code == 403


def test_what_set_it_off_may_be_left_out(world: World, lot: int) -> None:
    """A browser sends no form with a required field in a group that is shut."""
    html = browser_of(roles.QUALITY_HEAD).get("/recall/new").content.decode()
    (kind,) = re.findall(r'<select[^>]*name="origin.kind"[^>]*>', html)
    assert "required" not in kind
    (level,) = re.findall(r'<select[^>]*name="level"[^>]*>', html)
    assert "required" in level
