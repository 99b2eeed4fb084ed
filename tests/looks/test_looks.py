"""Each kind of page in a real browser: judged by axe, and used by keyboard alone. # UX-05"""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.db import connections

from tests import inbound, outbound
from tests import world as worlds
from tests.looks.browser import WAYS, Visit, Way, browser, chromium, signed_in
from tests.world import World
from traceward.domain.quality.models import Inspection
from traceward.domain.stock.models import Lot
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person
from traceward.kernel.org.roles import RoleName
from traceward.web.kit import pickers
from traceward.web.statics import with_statics

pytestmark = pytest.mark.skipif(
    not chromium(), reason="no Chromium here: apt-get install chromium fonts-noto-cjk"
)
PASSWORD = "correct horse battery"


class Quiet(WSGIRequestHandler):
    """Says nothing of each request."""

    def log_message(self, format: str, *args: Any) -> None: ...


@pytest.fixture(scope="module")
def company(fresh_database: str, django_db_blocker: Any) -> Iterator[World]:
    """Goods that wait for a decision, goods promised to an order, and everybody's password."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "django.conf.settings.PASSWORD_HASHERS",
            ["django.contrib.auth.hashers.MD5PasswordHasher"],
        )
        set_up_roles()
        made = worlds.build()
        for number in ("L9", "L10", "L11", "L12"):
            inbound.inspected(made, (inbound.code("STENT", number), 5))
        made.stock(made.lot("STENT", "L1"), 10)
        outbound.allocated(made)
        Person.objects.update(password=make_password(PASSWORD))
        yield made


@pytest.fixture(scope="module")
def base(company: World) -> Iterator[str]:
    """The product's pages on loopback."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
    server.set_app(with_statics(get_wsgi_application()))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join(10)
    for connection in connections.all():
        connection.close()


@pytest.fixture(scope="module")
def pages(company: World) -> list[tuple[str, RoleName | None]]:
    """One of each kind, for somebody who may see it."""
    decision = f"/do/quality.decide?inspection_id={Inspection.objects.latest('pk').pk}"
    lot = Lot.objects.latest("pk")
    return [
        ("/sign-in", None),
        ("/", roles.QUALITY_HEAD),
        ("/", roles.STOREKEEPER),
        ("/me", roles.STOREKEEPER),
        ("/stock/lots", roles.AUDITOR),
        ("/stock/balances?view=all", roles.STOREKEEPER),
        ("/sales/orders?q=nothing-like-it", roles.AUDITOR),
        (f"/stock/lots/{lot.pk}", roles.AUDITOR),
        (f"/trace/lot/{lot.pk}", roles.AUDITOR),
        ("/trace", roles.AUDITOR),
        ("/quality/inspections", roles.QUALITY_HEAD),
        (decision, roles.QUALITY_HEAD),
        ("/work", roles.QUALITY_HEAD),
        ("/work/inspections", roles.QUALITY_HEAD),
        ("/work/inspections?do=reject", roles.QUALITY_HEAD),
        ("/work/held", roles.QUALITY_HEAD),
        ("/stock/ask/near_expiry", roles.STOREKEEPER),
        ("/find?q=L1", roles.STOREKEEPER),
        ("/nothing/here", roles.AUDITOR),
        ("/do/quality.decide", roles.STOREKEEPER),
    ]


@pytest.fixture(scope="module")
def started(pages: Any) -> Iterator[Any]:
    """Begun last: beside a browser, Django asks no database in this thread."""
    with browser() as found:
        yield found


@pytest.fixture(scope="module")
def cookies(started: Any, base: str, company: World) -> dict[str, list[Any]]:
    """By role, of somebody who has signed in."""
    return {
        role.code: signed_in(started, base, company.by(role).login, PASSWORD)
        for role in (roles.QUALITY_HEAD, roles.STOREKEEPER, roles.AUDITOR)
    }


@pytest.mark.parametrize("way", [WAYS[0], WAYS[-1]], ids=str)
def test_no_page_has_a_fault(
    base: str, started: Any, cookies: dict[str, list[Any]], pages: Any, way: Way, tmp_path: Path
) -> None:
    faults = {}
    for address, role in pages:
        visit = Visit.begin(started, base, way, cookies[role.code] if role else [])
        found = visit.look(address, tmp_path / "page.jpg", by_axe=True)
        visit.end()
        expected = ("status 404", "status 403", "console: Failed to load resource")
        found = [one for one in found if not one.startswith(expected)]
        if found:
            faults[f"{address} as {role.code if role else 'nobody'}"] = found
    assert not faults


def test_a_lot_is_found_and_opened_by_keyboard(
    base: str, started: Any, cookies: dict[str, list[Any]]
) -> None:
    visit = Visit.begin(started, base, WAYS[0], cookies[roles.AUDITOR.code])
    page = visit.page
    page.goto(f"{base}/stock/lots")
    page.keyboard.press("/")
    page.keyboard.type("L9")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=L9**")
    page.locator("body").press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/stock/lots/*")
    assert "L9" in page.inner_text("h1")
    visit.end()


FOCUSED = "document.activeElement.matches({})"


def tab_to(page: Any, what: str) -> None:
    """Tab is pressed until the element has the focus."""
    for _ in range(150):
        page.keyboard.press("Tab")
        if page.evaluate(f"(what) => {FOCUSED.format('what')}", what):
            return
    raise AssertionError(f"Tab does not reach {what} on {page.url}")


def test_a_list_is_used_by_keyboard(base: str, started: Any, cookies: dict[str, list[Any]]) -> None:
    """Menu, columns, filter, rows, the look beside the list, and what is done with several."""
    visit = Visit.begin(started, base, WAYS[0], cookies[roles.QUALITY_HEAD.code])
    page = visit.page
    page.goto(f"{base}/stock/balances?view=all")
    tab_to(page, "#tw-bell > summary")
    page.keyboard.press("Enter")
    page.wait_for_selector("#tw-bell[open] .tw-row")
    tab_to(page, "#tw-bell-list a, #tw-bell-list button")
    page.keyboard.press("Escape")
    tab_to(page, ".tw-sheet > summary")
    page.keyboard.press("Enter")
    tab_to(page, ".tw-filter a[href*='edit=item_id']")
    page.keyboard.press("Enter")
    tab_to(page, ".tw-edit [data-pick]")
    page.keyboard.type("STENT")
    page.wait_for_selector("#tw-options [role=option]:only-child")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_selector(".tw-edit [data-id]", state="attached")
    tab_to(page, ".tw-edit .tw-pri")
    page.keyboard.press("Enter")
    page.wait_for_url("**item_id=*")
    tab_to(page, ".tw-right:has(.tw-columns) > summary")
    page.keyboard.press("Enter")
    tab_to(page, ".tw-columns input")
    tab_to(page, ".tw-columns [data-up]")
    page.keyboard.press("Escape")
    tab_to(page, ".tw-open")
    assert page.locator("tr.tw-cur").count() == 1
    page.locator("body").press(" ")
    page.wait_for_selector("#peek:not([hidden])")
    page.keyboard.press("Escape")
    page.wait_for_selector("#peek", state="hidden")
    page.locator("body").press("x")
    page.wait_for_selector(".tw-bulk:not([hidden])")
    tab_to(page, ".tw-bulk [data-verb]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/bulk/**")
    visit.end()


def test_a_form_is_filled_and_sent_by_keyboard(
    base: str,
    started: Any,
    cookies: dict[str, list[Any]],
    pages: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A picker by its arrows, lines that are added and removed, the signature, the button."""
    visit = Visit.begin(started, base, WAYS[0], cookies[roles.QUALITY_HEAD.code])
    page = visit.page
    monkeypatch.setattr(pickers, "WHOLE", 1)  # more are searched for, not listed
    page.goto(f"{base}/do/stock.block")
    tab_to(page, "#form [data-path='scope.lot_id']")
    page.keyboard.type("L1")
    page.wait_for_selector("#tw-options [role=option]")
    page.keyboard.press("ArrowDown")
    chosen = page.evaluate("document.activeElement.getAttribute('aria-activedescendant')")
    assert page.locator(f"#{chosen}[aria-selected=true]").count() == 1
    page.keyboard.press("Enter")
    picked = page.locator("input[name='scope.lot_id'][data-id]")
    assert picked.get_attribute("value").startswith("#")
    decision = next(address for address, _ in pages if "quality.decide?" in address)
    page.goto(f"{base}{decision}")
    rows = page.locator(".tw-entry tbody tr")
    before = rows.count()
    tab_to(page, "button[name=more]")
    page.keyboard.press("Enter")
    assert rows.count() == before + 1
    tab_to(page, f".tw-entry tr:nth-child({before + 1}) button[name=less]")
    page.keyboard.press("Enter")
    assert rows.count() == before
    assert page.evaluate(FOCUSED.format("'button[name=less]'"))
    tab_to(page, "input[name=signature]")
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED.format("'button[data-send]'"))
    visit.end()


def test_somebody_signs_in_and_reaches_their_work_by_keyboard(
    base: str, started: Any, company: World
) -> None:
    visit = Visit.begin(started, base, WAYS[0], [])
    page = visit.page
    page.goto(f"{base}/sign-in")
    page.keyboard.type(company.by(roles.QUALITY_HEAD).login)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{base}/")
    for _ in range(80):
        page.keyboard.press("Tab")
        if "/do/quality.decide" in (page.evaluate("document.activeElement.href || ''")):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/do/quality.decide**")
    assert page.evaluate("document.querySelector('form [name]') !== null")
    visit.end()


def test_three_lots_are_decided_by_keyboard(
    base: str, started: Any, cookies: dict[str, list[Any]]
) -> None:
    visit = Visit.begin(started, base, WAYS[0], cookies[roles.QUALITY_HEAD.code])
    page = visit.page
    page.goto(f"{base}/work/inspections")
    for left in (3, 2):
        item = page.inner_text("[data-open]")
        page.keyboard.press("a")
        assert page.evaluate("document.activeElement.name") == "signature"
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Control+Enter")
        page.wait_for_selector(f'[data-waiting]:text-is("{left}")')
        assert page.inner_text("[data-open]") != item, "the next one opened by itself"
        assert page.is_visible("#tw-said .tw-ok")
    page.keyboard.press("r")
    page.wait_for_url("**do=reject**")
    page.wait_for_selector("[name=defects]:focus")
    page.keyboard.type("bent")
    page.keyboard.press("Tab")
    page.keyboard.type("send back")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("[name=signature]:focus")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector('[data-waiting]:text-is("1")')
    page.keyboard.press("s")
    page.wait_for_selector(".tw-calm")
    page.go_back()
    page.keyboard.press("Enter")
    page.wait_for_url("**/quality/inspections/*")
    visit.end()
