"""What was begun in a form waits for its person, and for nobody else, in one browser. # UX-05"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import Page, sync_playwright

from tests.looks.browser import chromium, signed_in
from tests.looks.test_looks import PASSWORD, base, company
from tests.looks.test_scanning import let_go
from tests.world import World
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person

__all__ = ["base", "company"]
pytestmark = pytest.mark.skipif(
    not chromium(), reason="no Chromium here: apt-get install chromium fonts-noto-cjk"
)
BOTH = (roles.STOREKEEPER, roles.SUPERVISOR)


@pytest.fixture
def logins(
    company: World, django_db_blocker: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[str]]:
    """Two who use one browser in turn."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with django_db_blocker.unblock():
        people = [company.by(role) for role in BOTH]
        ids = [one.person_id for one in people]
        Person.objects.filter(pk__in=ids).update(password=make_password(PASSWORD))
        yield [one.login for one in people]


def offered(page: Page, address: str) -> bool:
    page.goto(address)
    return page.locator("[data-restore]").is_visible()


def test_a_draft_waits_for_its_person_alone(base: str, logins: list[str]) -> None:
    address = f"{base}/do/stock.move"
    with sync_playwright() as started:
        program = started.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        try:
            first, second = (signed_in(program, base, login, PASSWORD) for login in logins)
            context = program.new_context()
            page = context.new_page()
            context.add_cookies(first)
            page.goto(address)
            page.fill("#form [name='lines.0.quantity']", "17")
            page.wait_for_timeout(600)
            context.clear_cookies()
            context.add_cookies(second)
            assert not offered(page, address), "it is the other's"
            page.fill("#form [name='lines.0.quantity']", "5")
            page.wait_for_timeout(600)
            context.clear_cookies()
            context.add_cookies(first)
            assert offered(page, address)
            page.click("[data-restore] [data-take]")
            assert page.input_value("#form [name='lines.0.quantity']") == "17"
        finally:
            let_go()
            program.close()
