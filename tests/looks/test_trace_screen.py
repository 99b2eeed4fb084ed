"""The trace console in a browser: the flow fits and fills the screen, prints, offers. # TRC-01"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import Browser, Page, sync_playwright

from tests.looks.browser import chromium, signed_in
from tests.looks.test_looks import PASSWORD, base, company
from tests.looks.test_scanning import let_go
from tests.world import World
from traceward.domain.stock.models import Lot
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person

__all__ = ["base", "company"]
pytestmark = pytest.mark.skipif(
    not chromium(), reason="no Chromium here: apt-get install chromium fonts-noto-cjk"
)


@pytest.fixture
def lot(
    company: World, django_db_blocker: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Lot, str]]:
    """A lot in stock, and who may trace it."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with django_db_blocker.unblock():
        known = Lot.objects.filter(number="TRACED1").first()
        if known is None:
            known = company.lot("STENT", "TRACED1")
            company.stock(known, 3)
        person = company.by(roles.QUALITY_HEAD).person_id
        Person.objects.filter(pk=person).update(password=make_password(PASSWORD))
        yield known, Person.objects.get(pk=person).login


@pytest.fixture
def browser() -> Iterator[Browser]:
    with sync_playwright() as started:
        program = started.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        try:
            yield program
        finally:
            let_go()
            program.close()


def opened(browser: Browser, base: str, login: str, size: tuple[int, int]) -> Page:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    context.add_cookies(signed_in(browser, base, login, PASSWORD))
    context.add_cookies([{"name": "theme", "value": "dark", "url": base}])
    return context.new_page()


def is_full(page: Page) -> bool:
    return page.locator(".tw-flow-card.tw-full").count() == 1


def test_the_flow_fits_and_fills_the_screen(
    browser: Browser, base: str, lot: tuple[Lot, str]
) -> None:  # UX-01
    page = opened(browser, base, lot[1], (1440, 900))
    page.goto(f"{base}/trace/lot/{lot[0].pk}")
    sideways = "document.querySelector('.tw-flow-scroll').scrollWidth - "
    sideways += "document.querySelector('.tw-flow-scroll').clientWidth"
    assert page.evaluate(sideways) <= 0
    assert not page.locator("[data-wider]").is_visible()
    small = page.locator(".tw-lying .tw-more").first.bounding_box()
    page.keyboard.press("f")
    assert is_full(page)
    assert "Full screen" not in page.locator("[data-full]").inner_text()
    assert page.locator("[data-full] span").inner_text() in ("Exit full screen", "退出全屏")
    large = page.locator(".tw-lying .tw-more").first.bounding_box()
    assert small
    assert large
    assert large["height"] >= small["height"]
    page.locator(".tw-lying a[data-peek]").first.click()
    page.locator("#peek [data-close]").wait_for()
    page.keyboard.press("Escape")
    assert not page.locator("#peek").is_visible()
    assert is_full(page)
    page.keyboard.press("Escape")
    assert not is_full(page)
    page.set_viewport_size({"width": 900, "height": 700})
    assert page.evaluate(sideways) > 0
    assert page.locator("[data-wider]").is_visible()


def test_paper_is_light_and_has_its_colours(
    browser: Browser, base: str, lot: tuple[Lot, str]
) -> None:
    page = opened(browser, base, lot[1], (1440, 900))
    page.goto(f"{base}/trace/lot/{lot[0].pk}")
    ground = "getComputedStyle(document.documentElement).getPropertyValue('--tw-surface').trim()"
    dark = page.evaluate(ground)
    page.emulate_media(media="print")
    assert (page.evaluate(ground), dark) == ("#FFF", "#121C25")
    adjusted = "getComputedStyle(document.querySelector('.tw-legend i')).printColorAdjust"
    assert page.evaluate(adjusted) == "exact"
    assert not page.locator("[data-full]").is_visible()


def test_a_telephone_reaches_recall_and_events(
    browser: Browser, base: str, lot: tuple[Lot, str]
) -> None:
    page = opened(browser, base, lot[1], (390, 844))
    page.goto(f"{base}/trace/lot/{lot[0].pk}")
    for address in ("epcis.json", "report.pdf", "/recall/new", "/do/recalls.open"):
        found = page.locator(f'.tw-act a[href*="{address}"]')
        assert found.count() == 0 or found.first.is_visible(), address
    assert page.locator('.tw-act a[href*="epcis.json"]').is_visible()
    box = "document.querySelector('.tw-flow-scroll')"
    assert page.evaluate(f"{box}.scrollHeight - {box}.clientHeight") <= 0
    # What is for paper only stays folded, as on a desk.
    rest = '<tbody class="tw-on-paper"><tr><td>older</td></tr></tbody>'
    table = page.locator("#events table")
    table.evaluate("(one, rest) => one.insertAdjacentHTML('beforeend', rest)", rest)
    assert not table.get_by_text("older").is_visible()


def test_numbers_are_offered_while_one_is_typed(
    browser: Browser, base: str, lot: tuple[Lot, str]
) -> None:
    page = opened(browser, base, lot[1], (390, 844))
    page.goto(f"{base}/trace")
    page.locator('input[name="code"]').press_sequentially("trac")
    page.locator("#begins a", has_text="TRACED1").click()
    page.wait_for_url(f"**/trace/lot/{lot[0].pk}")
