"""The main job in a real browser, from the notice to the recall's report, by whom it is done.

Desk and handheld, English and Chinese; each form is sent by a double click over a slow network,
and the server dies between two scans. # UX-05 WMS-01 INB-01 INB-02 INB-03 INB-04 OUT-02 OUT-05
"""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.core.wsgi import get_wsgi_application
from django.db import connections
from playwright.sync_api import Browser, Page, Route, sync_playwright

from tests import inbound
from tests.inbound import DIS
from tests.looks.browser import SIDEWAYS, chromium
from tests.looks.test_looks import PASSWORD, Quiet, company
from tests.looks.test_scanning import SIZES, WAIT, Mortal, filmed, let_go, scan
from tests.world import World
from traceward.domain.purchasing.models import ShippingNotice
from traceward.domain.quality.models import Inspection
from traceward.domain.recalls.models import CaseState, RecallAnswer, RecallCase
from traceward.domain.sales.models import CustomerReturn, SalesOrder, Usage
from traceward.domain.stock.models import Lot, StockBalance, StockMove
from traceward.domain.warehousing.models import Destruction, Pick, Receipt, Shipment
from traceward.kernel.command.delivery import deliver, parked
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person
from traceward.kernel.org.roles import RoleName
from traceward.kernel.outbox.sequencer import sequence_commands
from traceward.web.statics import with_statics

__all__ = ["company"]
pytestmark = pytest.mark.skipif(
    not chromium(), reason="no Chromium here: apt-get install chromium fonts-noto-cjk"
)
BIN, QUANTITY, USED = "A-01", 5, 4
#: By size: language, lot, and the box into which it is packed. They end before all that is there.
WALKS = {
    "desk": ("en", "M1", "00095200000000000011"),
    "handheld": ("zh-hans", "M2", "00095200000000000028"),
}


class House:
    """The product on loopback, which may die and rise again at the same address."""

    def __init__(self) -> None:
        self.port = 0
        self.rise()

    def rise(self) -> None:
        self.server = Mortal(("127.0.0.1", self.port), Quiet)
        self.server.set_app(with_statics(get_wsgi_application()))
        self.port = self.server.server_address[1]
        Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture
def house(company: World, django_db_blocker: Any, monkeypatch: Any) -> Iterator[House]:
    # Playwright keeps an event loop in this thread, which is no reason not to ask the database.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with django_db_blocker.unblock():
        Person.objects.update(password=make_password(PASSWORD))
        made = House()
        yield made
        made.server.die()
        for connection in connections.all():
            connection.close()


@dataclass
class Walk:
    """People at their pages, one after the other, over a slow network."""

    house: House
    program: Browser
    size: str
    language: str
    lot: str
    box: str
    pages: dict[str, Page] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """As a wedge types the label of one unit."""
        return f"01{DIS['STENT']}1729063010{self.lot}"

    def page(self, role: RoleName) -> Page:
        """Of somebody with this role, who has signed in by the form."""
        if role.code not in self.pages:
            width, height = SIZES[self.size]
            context = self.program.new_context(
                viewport={"width": width, "height": height}, permissions=["camera"]
            )
            said = {"name": "language", "value": self.language, "url": self.house.base}
            context.add_cookies([said])  # type: ignore[list-item]  # a dict with three of its keys
            page = context.new_page()
            page.set_default_timeout(WAIT)
            page.goto(f"{self.house.base}/sign-in")
            page.fill("input[name=login]", f"test-{role.code}")
            page.fill("input[name=password]", PASSWORD)
            page.press("input[name=password]", "Enter")
            page.wait_for_url(lambda url: "/sign-in" not in url)
            page.route("**/*", self._late)
            self.pages[role.code] = page
        return self.pages[role.code]

    @staticmethod
    def _late(route: Route) -> None:
        if route.request.method == "POST":
            time.sleep(0.15)
        route.continue_()

    def at(self, role: RoleName, address: str) -> Page:
        page = self.page(role)
        page.goto(f"{self.house.base}{address}")
        assert page.evaluate(SIDEWAYS) <= 0, address
        return page

    def do(self, role: RoleName, address: str, **given: str) -> Page:
        """The form is filled in as it stands there, and sent by a double click."""
        return self.send(self.at(role, address), **given)

    def send(self, page: Page, **given: str) -> Page:
        for name, value in given.items():
            self._fill(page, name.replace("__", "."), value)
        before = page.url
        page.dblclick("[data-send]")
        page.wait_for_function(
            "before => location.href !== before || document.querySelector('[role=alert]')",
            arg=before,
        )
        page.wait_for_load_state()
        wrong = page.locator("[role=alert], .tw-problem").all_inner_texts()
        assert page.url != before, (before, wrong)
        return page

    @staticmethod
    def _fill(page: Page, name: str, value: str) -> None:
        box = page.locator(f"[name='{name}']").last
        if not box.is_visible():  # among what may be filled in besides
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        if box.evaluate("one => one.tagName") == "SELECT":
            box.select_option(value)
        else:
            box.fill(value)


@pytest.fixture(params=sorted(WALKS))
def walk(house: House, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Walk]:
    size = request.param
    language, lot, box = WALKS[size]
    label = f"01{DIS['STENT']}1729063010{lot}"
    frames = filmed(label, tmp_path / "frames.y4m")
    with sync_playwright() as started:
        program = started.chromium.launch(
            executable_path=chromium(),
            args=[
                *("--no-sandbox", "--disable-dev-shm-usage"),
                *("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"),
                f"--use-file-for-fake-video-capture={frames}",
            ],
        )
        try:
            yield Walk(house, program, size, language, lot, box)
        finally:
            let_go()
            program.close()


def until(is_so: Callable[[], bool]) -> None:
    """What follows from a command has happened: the worker's own steps, in this thread."""
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline, parked()
        sequence_commands()
        deliver()
        time.sleep(0.05)


def standing(lot: str) -> dict[str, int]:
    """Units of the lot by the kind of place in which they stand."""
    found: dict[str, int] = {}
    rows = StockBalance.objects.filter(lot__number=lot, on_hand__gt=0, physical=True)
    for kind, quantity in rows.values_list("place__kind", "on_hand"):
        found[kind] = found.get(kind, 0) + quantity
    return found


def test_the_main_job(walk: Walk, company: World) -> None:
    """Each step by who does it; every unit is where it should be."""
    _in(walk, company)
    assert standing(walk.lot) == {"bin": QUANTITY}
    _out(walk, company)
    assert standing(walk.lot) == {"department": QUANTITY}
    _used_and_recalled(walk, company)
    assert standing(walk.lot) == {"used": USED, "destruction": QUANTITY - USED}
    moves = StockMove.objects.filter(lot__number=walk.lot).values_list("command_id", "line_id")
    assert len(moves) == len(set(moves)), "nothing that was sent twice counts twice"


def _in(walk: Walk, company: World) -> None:
    """Announced, received, inspected, decided, put away."""
    order = inbound.ordered(company, quantity=QUANTITY)
    lines = {"lines__0__codes": walk.label, "lines__0__packs": str(QUANTITY)}
    walk.do(
        roles.BUYER,
        f"/do/purchasing.notify?order_id=%23{order}",
        reference=f"N-{walk.lot}",
        **lines,
    )
    notice = ShippingNotice.objects.latest("pk")
    page = walk.at(roles.STOREKEEPER, f"/station/receive/{notice.pk}")
    if walk.size == "handheld":
        page.fill("[name=packs]", str(QUANTITY))
        page.click("button[data-open-camera]")
        page.wait_for_selector("[data-step=book]")
    else:
        scan(page, f"01{DIS['REAGENT']}10R1")
        assert page.locator(".tw-band.tw-bad").count() == 1
        page.fill("[name=packs]", str(QUANTITY))
        scan(page, walk.label)
    journey = {"journey__transport_mode": "road", "journey__deliverer": "Chen"}
    place = f"#{company.places['DOCK'].pk}"
    walk.send(page, place_id=place, delivery_note="DN-1", is_intact="true", **journey)
    receipt = Receipt.objects.latest("pk")
    assert standing(walk.lot) == {"dock": QUANTITY}
    walk.do(roles.QUALITY_HEAD, _inspected(walk), signature=PASSWORD)
    page = walk.at(roles.STOREKEEPER, f"/station/put-away/{receipt.pk}")
    scan(page, walk.label)
    scan(page, BIN)
    assert page.locator("[data-verdict=done]").count() == 1
    assert Receipt.objects.get(pk=receipt.pk).state == "put away"


def _inspected(walk: Walk) -> str:
    """What waits of the lot is inspected: the address where it is decided about."""
    waits = Inspection.objects.filter(lot__number=walk.lot, state="open")
    until(waits.exists)
    inspection = f"inspection_id=%23{waits.get().pk}"
    for check in inbound.CHECKS:
        walk.do(
            roles.INSPECTOR,
            f"/do/quality.record_result?{inspection}&check_name={check}",
            is_passed="true",
            sample_quantity="1",
        )
    return f"/do/quality.decide?{inspection}"


def _out(walk: Walk, company: World) -> None:
    """Ordered, promised, picked while the server dies, checked, packed, loaded, signed for."""
    walk.do(
        roles.SALES,
        "/do/sales.order",
        site_id=f"#{company.shanghai.pk}",
        customer_id=f"#{company.hospital.pk}",
        deliver_to_id=f"#{company.places['DEP'].pk}",
        lines__0__item_id="STENT",
        lines__0__quantity=str(QUANTITY),
        lines__0__unit_price="100",
    )
    order = SalesOrder.objects.latest("pk").pk
    walk.do(roles.PLANNER, f"/do/outbound.allocate?order_id=%23{order}")
    stage = f"#{company.places['STAGE'].pk}"
    walk.do(roles.STOREKEEPER, f"/do/outbound.start_pick?order_id=%23{order}", staging_id=stage)
    pick = Pick.objects.latest("pk").pk
    page = walk.at(roles.PICKER, f"/station/pick/{pick}")
    scan(page, BIN)
    scan(page, walk.label)
    walk.house.server.die()
    page.focus("[name=code]")
    page.keyboard.type(walk.label)
    page.keyboard.press("Enter")
    page.wait_for_selector(".tw-net.tw-off")
    walk.house.rise()
    page.wait_for_selector(".tw-net:not(.tw-off)", timeout=WAIT)
    page.wait_for_function("() => document.querySelector('.tw-qn b').innerText === '2'")
    for _ in range(QUANTITY - 2):
        scan(page, walk.label)
    assert page.locator("[data-verdict=done]").count() == 1
    page = walk.at(roles.CHECKER, f"/station/check/{pick}")
    page.fill("[name=packs]", str(QUANTITY))
    scan(page, walk.label)
    walk.send(page, is_package_intact="true", is_label_right="true")
    page = walk.at(roles.PICKER, f"/station/pack/{pick}")
    page.fill("[name=packs]", str(QUANTITY))
    scan(page, walk.label)
    scan(page, walk.box)
    assert page.locator("[data-verdict=done]").count() == 1
    page = walk.at(roles.DISPATCHER, f"/station/load/{pick}")
    scan(page, walk.box)
    if not page.locator("[data-step=carrier]").count():  # the last one went by a carrier
        page.click("[name=key][value=carrier]")
    page.wait_for_selector("[data-step=carrier]")
    van = {"carrier_name": "Quick Wheels", "waybill": "WB-1", "departure_c": "5"}
    walk.send(page, **{f"transport__{name}": value for name, value in van.items()})
    shipment = Shipment.objects.latest("pk").pk
    page = walk.at(roles.COORDINATOR, f"/station/deliver/{shipment}")
    scan(page, walk.box)
    walk.send(page, receiver="Dr. Li", arrival_c="5", signature=PASSWORD)


def _answered(walk: Walk, link: str) -> None:
    """The hospital answers for itself, without an account; once."""
    width, height = SIZES[walk.size]
    context = walk.program.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    page.goto(f"{walk.house.base}{link}?lang={walk.language}")
    assert walk.lot in page.inner_text("main")
    left = str(QUANTITY - USED)
    for name, text in (("found", left), ("quarantined", left), ("used", str(USED))):
        page.fill(f"[name={name}]", text)
    page.fill("[name=name]", "王敏 Wang Min")
    page.dblclick("form .tw-pri")
    page.wait_for_selector(".tw-an-said, [role=alert]")
    assert page.locator(".tw-an-said").count(), page.inner_text("main")
    assert page.evaluate(SIDEWAYS) <= 0
    altered = context.new_page()
    answer = altered.goto(f"{walk.house.base}{link[:-2]}xy")
    assert answer is not None
    assert answer.status == 404
    context.close()
    assert RecallAnswer.objects.filter(found=QUANTITY, notice__case__state="open").count() == 1


def _back(walk: Walk, company: World) -> None:
    """What the hospital still has comes back by scanner, is rejected, destroyed before two."""
    page = walk.at(roles.STOREKEEPER, "/station/look-up")
    scan(page, walk.label)
    assert walk.lot in page.inner_text("main")
    assert any(word in page.inner_text("main") for word in ("已召回", "Recalled"))
    shipment = Shipment.objects.latest("pk").pk
    line = {"lines__0__quantity": str(QUANTITY - USED)}
    announcing = f"/do/sales.announce_return?shipment_id=%23{shipment}"
    walk.do(roles.COORDINATOR, announcing, reason="recalled", **line)
    coming = CustomerReturn.objects.latest("pk").pk
    page = walk.at(roles.STOREKEEPER, f"/station/receive-return/{coming}")
    scan(page, walk.label)
    walk.send(page, place_id=f"#{company.places['DOCK'].pk}", quality_state="unopened")
    share = {"shares__0__accepted": "0", "shares__0__rejected": str(QUANTITY - USED)}
    walk.do(
        roles.QUALITY_CONTROLLER,
        _inspected(walk),
        signature=PASSWORD,
        conclusion="recalled",
        defects="recalled",
        disposition="destroy",
        **share,
    )
    walk.do(
        roles.STOREKEEPER,
        f"/do/warehousing.propose_destruction?site_id=%23{company.shanghai.pk}",
        reason="recalled",
        method="incineration",
    )
    asked = f"destruction_id=%23{Destruction.objects.latest('pk').pk}"
    walk.do(roles.QUALITY_HEAD, f"/do/warehousing.approve_destruction?{asked}", signature=PASSWORD)
    page = walk.at(roles.SUPERVISOR, f"/do/warehousing.destroy?{asked}")
    for role in (roles.CHECKER, roles.INSPECTOR):
        page.check(f"[name=witness_ids][value='{company.people[role.code].person_id}']")
    walk.send(page, signature=PASSWORD)


def _used_and_recalled(walk: Walk, company: World) -> None:
    """Used, traced by its label, recalled, answered for, closed by somebody else, reported."""
    walk.do(
        roles.COORDINATOR,
        "/do/sales.use",
        place_id=f"#{company.places['DEP'].pk}",
        items__0__codes=walk.label,
        items__0__quantity=str(USED),
    )
    assert Usage.objects.exists()
    page = walk.at(roles.QUALITY_HEAD, "/trace")
    page.fill("[name=code]", walk.label)
    page.keyboard.press("Enter")
    page.wait_for_url("**/trace/lot/*")
    assert walk.lot in page.inner_text("main")
    lot = Lot.objects.get(number=walk.lot).pk
    walk.do(
        roles.COMPLIANCE,
        f"/do/recalls.open?site_id=%23{company.shanghai.pk}",
        level="2",
        reason="coating comes off",
        targets__0__lot_id=f"#{lot}",
    )
    case = RecallCase.objects.latest("pk").pk
    asked = f"case_id=%23{case}"
    walk.do(roles.COMPLIANCE, f"/do/recalls.notify?{asked}")
    page = walk.at(roles.COMPLIANCE, f"/do/recalls.issue_link?{asked}")
    page.locator("[name=consignee_id]").last.select_option(f"#{company.hospital.pk}")
    page.click("[data-send]")
    page.wait_for_function("() => document.body.innerHTML.includes('/answer/')")
    shown = re.search(r"/answer/[\w-]+", page.content())
    assert shown, page.inner_text("main")
    _answered(walk, shown[0])
    _back(walk, company)
    for kind in ("decision", "plan"):
        walk.do(roles.COMPLIANCE, f"/do/recalls.report?{asked}", kind=kind)
    walk.do(
        roles.COMPLIANCE,
        f"/do/recalls.check_effectiveness?{asked}",
        consignee_id=f"#{company.hospital.pk}",
        how="telephone",
        result="acted",
    )
    page = walk.at(roles.QUALITY_HEAD, f"/recall/{case}")
    assert "100" in page.inner_text(".tw-rc-ladder tfoot")
    address = f"/do/recalls.close?{asked}"
    walk.do(roles.QUALITY_HEAD, address, conclusion="all accounted for", signature=PASSWORD)
    assert RecallCase.objects.get(pk=case).state == CaseState.CLOSED
    walk.do(roles.COMPLIANCE, f"/do/recalls.report?{asked}", kind="summary")
    page = walk.at(roles.COMPLIANCE, f"/recall/{case}")
    paper = page.request.get(f"{walk.house.base}/recall/{case}/report.pdf")
    assert paper.headers["content-type"] == "application/pdf"
    assert paper.body()[:5] == b"%PDF-"
