"""The device keeps what was scanned: the page left, reopened and booked, in a browser. # WMS-01"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import Page, Route, sync_playwright

from tests import outbound
from tests.looks.browser import chromium, signed_in
from tests.looks.test_looks import PASSWORD, base, company
from tests.looks.test_scanning import LABEL, LOT, SIZES, let_go, scan
from tests.world import World
from traceward.domain.warehousing.models import Pick
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person, RoleGrant

__all__ = ["base", "company"]
pytestmark = pytest.mark.skipif(
    not chromium(), reason="no Chromium here: apt-get install chromium fonts-noto-cjk"
)


@pytest.fixture
def picked(
    company: World, django_db_blocker: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[int]:
    """Three units to be checked."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with django_db_blocker.unblock():
        company.stock(company.lot("STENT", LOT), 3)
        person = company.by(roles.CHECKER).person_id
        Person.objects.filter(pk=person).update(password=make_password(PASSWORD))
        yield outbound.picked(company).pick_id


@pytest.fixture
def page(base: str, picked: int) -> Iterator[Page]:
    """The checker at the pick, with a handheld."""
    width, height = SIZES["handheld"]
    login = RoleGrant.objects.filter(role__code=roles.CHECKER.code).earliest("pk").person.login
    with sync_playwright() as started:
        program = started.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        context = program.new_context(viewport={"width": width, "height": height})
        context.add_cookies(signed_in(program, base, login, PASSWORD))
        made = context.new_page()
        made.goto(f"{base}/station/check/{picked}")
        try:
            yield made
        finally:
            let_go()
            program.close()


def kept(page: Page) -> int:
    return int(
        page.evaluate("Object.keys(localStorage).filter((k) => k.startsWith('tw-basket:')).length")
    )


def left_and_opened(page: Page) -> str:
    """What the band says when the task is opened again."""
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector(".tw-band")
    return page.inner_text(".tw-band")


def test_a_page_that_is_left_is_gone_on_with(page: Page, base: str, picked: int) -> None:
    scan(page, LABEL)
    scan(page, LABEL)
    assert kept(page) == 1
    page.goto(f"{base}/station/check")
    assert "2" in page.inner_text(".tw-st-tasks a:first-child em")
    page.click(".tw-st-tasks a:first-child")
    page.wait_for_selector(".tw-band.tw-more")
    assert "2" in page.inner_text(".tw-band h2")
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES["handheld"][0]
    scan(page, LABEL)
    page.wait_for_selector("#form")
    assert page.locator("#form").count() == 1
    left_and_opened(page)
    for name in ("is_package_intact", "is_label_right"):
        page.select_option(f"#form [name={name}]", "true")
    with page.expect_navigation():
        page.click("#form [data-send]")
    assert Pick.objects.get(pk=picked).state == "checked"
    assert kept(page) == 0, "what was booked is kept no longer"


def test_an_answer_that_never_came_books_once(page: Page, base: str, picked: int) -> None:
    """The battery dies between the request and its answer."""
    for _ in range(3):
        scan(page, LABEL)
    page.wait_for_selector("#form")
    for name in ("is_package_intact", "is_label_right"):
        page.select_option(f"#form [name={name}]", "true")
    reached = []

    def lose(route: Route) -> None:
        if route.request.method == "POST":
            reached.append(route.fetch(max_redirects=0).status)
            route.abort()
        else:
            route.continue_()

    page.route("**/station/check/*", lose)
    page.click("#form [data-send]")
    page.wait_for_timeout(1500)
    page.unroute("**/station/check/*")
    page.goto(f"{base}/station/check/{picked}")
    page.wait_for_selector("[data-step=done]")
    assert set(reached) <= {204, 302}
    assert reached
    assert kept(page) == 0
    assert Pick.objects.get(pk=picked).state == "checked"


def test_what_was_kept_is_thrown_away_by_hand(page: Page) -> None:
    scan(page, LABEL)
    left_and_opened(page)
    page.click(".tw-band [value=anew]")
    page.wait_for_selector(".tw-band [value=anew]", state="detached")
    assert page.inner_text(".tw-qn b") == "0"
    assert kept(page) == 0
