"""Pages over real resources and commands: who sees them, in which language, and what forms do."""

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client

from tests.world import World
from traceward.domain.partners.models import Licence
from traceward.domain.stock.models import StockBlock
from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person
from traceward.kernel.org.roles import RoleName
from traceward.resources.kit import RESOURCES, now

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def company(world: World, settings: Any) -> Iterator[None]:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    set_up_roles()
    Person.objects.update(password=make_password(PASSWORD))
    return


def browser(world: World, role: RoleName, language: str = "zh-hans") -> Client:
    """Somebody with this role, signed in by the form."""
    client = Client()
    client.cookies["language"] = language
    login = world.by(role).login
    answer = client.post("/sign-in", {"login": login, "password": PASSWORD, "next": "/"})
    assert answer.status_code == 302
    return client


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_nobody_unknown_sees_a_page(world: World) -> None:  # SEC-01
    for address in ("/", "/stock/lots", "/stock/lots/1", "/do/stock.block"):
        answer = Client().get(address)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/sign-in?next=")


def test_a_wrong_password_opens_nothing(world: World) -> None:  # SEC-01
    login = world.by(roles.STOREKEEPER).login
    client = Client()
    for given in ({"login": login, "password": "wrong"}, {"login": "nobody", "password": "wrong"}):
        answer = client.post("/sign-in", given)
        assert answer.status_code == 401
        assert 'role="alert"' in answer.content.decode()
    assert client.get("/").status_code == 302
    assert AuditEntry.objects.filter(verb="sign_in.refused", actor__login=login).count() == 1


def test_the_door_leads_nowhere_else(world: World) -> None:  # SEC-01
    given = {"login": world.by(roles.AUDITOR).login, "password": PASSWORD}
    answer = Client().post("/sign-in", {**given, "next": "//elsewhere.invalid/"})
    assert answer["Location"] == "/"


def test_pages_say_what_they_may_load(world: World) -> None:  # SEC-01
    answer = browser(world, roles.AUDITOR).get("/stock/lots")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"


def test_every_resource_has_its_list(world: World) -> None:  # UX-01 UX-02
    world.stock(world.lot("STENT", "L1"), 3)
    readers = (roles.AUDITOR, roles.ADMINISTRATOR)
    for language in ("zh-hans", "en"):
        clients = {role: browser(world, role, language) for role in readers}
        for name, found in sorted(RESOURCES.items()):
            role = next((r for r in readers if r in found.readers), None)
            assert role, f"neither the auditor nor an administrator reads {name}"
            answer = clients[role].get(f"/{name.replace('.', '/')}?view=all")
            html = answer.content.decode()
            assert answer.status_code == 200, name
            assert 'role="alert"' not in html, name
            assert f'<html lang="{"en" if language == "en" else "zh-Hans"}"' in html


def test_who_may_not_read_is_told_so(world: World) -> None:  # ORG-02
    answer = browser(world, roles.PICKER).get("/org/people")
    assert answer.status_code == 403
    assert "系统管理员" in text_of(answer.content.decode())


def test_a_list_filters_sorts_and_searches_by_its_address(world: World) -> None:  # UX-01
    for number in ("AAA", "BBB"):
        world.stock(world.lot("STENT", number), 3)
    client = browser(world, roles.AUDITOR)
    html = client.get("/stock/lots?q=aaa").content.decode()
    assert "AAA" in html
    assert "BBB" not in html
    first = client.get("/stock/lots?sort=number").content.decode()
    last = client.get("/stock/lots?sort=-number").content.decode()
    assert first.index("AAA") < first.index("BBB")
    assert last.index("BBB") < last.index("AAA")
    answer = client.get("/stock/lots?add=number&how=contains&value=AA")
    assert answer["Location"] == "/stock/lots?number__contains=AA"
    assert "BBB" not in client.get(answer["Location"]).content.decode()


def test_a_filter_that_cannot_be_read_is_said_and_left_out(world: World) -> None:
    world.stock(world.lot("STENT", "AAA"), 3)
    html = browser(world, roles.AUDITOR).get("/stock/lots?nothing=1").content.decode()
    assert 'role="alert"' in html
    assert "AAA" in html


def test_a_row_has_its_page(world: World) -> None:  # UX-01
    lot = world.lot("STENT", "AAA")
    client = browser(world, roles.AUDITOR)
    assert "AAA" in client.get(f"/stock/lots/{lot.pk}").content.decode()
    for key in ("999999", "no-id"):
        assert client.get(f"/stock/lots/{key}").status_code == 404


def test_a_form_runs_its_command_once(world: World) -> None:  # UX-01
    lot = world.lot("STENT", "AAA")
    world.stock(lot, 3)
    client = browser(world, roles.QUALITY_HEAD)
    form = client.get(f"/do/stock.block?scope.lot_id={lot.pk}").content.decode()
    assert f'value="#{lot.pk}"' in form
    given = {
        "scope.lot_id": str(lot.pk),
        "kind": "hold",
        "reason": "破损",
        "request_id": str(uuid.uuid4()),
        "next": f"/stock/lots/{lot.pk}",
    }
    for _ in range(2):
        answer = client.post("/do/stock.block", given)
        assert answer.status_code == 302
        assert answer["Location"] == f"/stock/lots/{lot.pk}"
    assert StockBlock.objects.filter(lot=lot).count() == 1


def test_a_refusal_stands_at_its_field(world: World) -> None:  # UX-01
    client = browser(world, roles.QUALITY_HEAD)
    given = {"kind": "hold", "scope.lot_id": "1", "request_id": str(uuid.uuid4())}
    answer = client.post("/do/stock.block", given)
    assert answer.status_code == 422
    html = answer.content.decode()
    assert 'aria-invalid="true"' in html or "tw-wrong" in html
    assert StockBlock.objects.count() == 0


def test_who_may_not_use_a_command_has_no_form(world: World) -> None:  # ORG-02
    client = browser(world, roles.AUDITOR)
    assert client.get("/do/stock.block").status_code == 403
    assert client.post("/do/stock.block", {"kind": "hold"}).status_code == 403


def test_a_form_from_elsewhere_counts_for_nothing(world: World) -> None:  # SEC-01
    client = Client(enforce_csrf_checks=True)
    client.force_login(Person.objects.get(login=world.by(roles.QUALITY_HEAD).login))
    answer = client.post("/do/stock.block", {"kind": "hold", "reason": "x"})
    assert answer.status_code == 403
    assert StockBlock.objects.count() == 0


def test_who_looks_chooses_language_theme_and_density(world: World) -> None:  # UX-02 UX-05
    client = browser(world, roles.AUDITOR)
    for name, value, shown in (
        ("language", "en", 'lang="en"'),
        ("theme", "dark", 'data-bs-theme="dark"'),
        ("density", "compact", 'data-density="compact"'),
    ):
        answer = client.post("/choose", {name: value, "next": "/me"})
        assert answer["Location"] == "/me"
        assert shown in client.get("/me").content.decode()
    client.post("/choose", {"theme": "<script>", "next": "https://elsewhere.invalid/"})
    assert 'data-bs-theme="dark"' in client.get("/modules").content.decode()


def test_a_licence_that_ends_soon_leads_to_its_renewal(world: World) -> None:  # QUA-01
    today = browser(world, roles.COMPLIANCE)
    licence = Licence.objects.latest("pk")
    Licence.objects.filter(pk=licence.pk).update(valid_until=now().date() + timedelta(days=20))
    page = today.get(f"/partners/licences/{licence.pk}").content.decode()
    found = re.search(r'href="(/do/partners\.add_licence\?[^"]+)"', page)
    assert found
    form = today.get(found[1].replace("&amp;", "&")).content.decode()
    assert f'value="{licence.number}"' in form
    assert "恢复证照" not in page
    Licence.objects.filter(pk=licence.pk).update(valid_until=now().date() + timedelta(days=200))
    page = today.get(f"/partners/licences/{licence.pk}").content.decode()
    assert "/do/partners.add_licence?" not in page
