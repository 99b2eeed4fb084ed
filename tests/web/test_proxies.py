"""Behind a proxy that ends https: forms count, and each visitor has their own address. # SEC-01"""

import re
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.test import Client

from tests.world import World
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person, SignIn
from traceward.web.proxies import asker, behind_proxies, networks

NEAR, FAR, CLIENT = "127.0.0.1", "10.1.2.3", "203.0.113.9"


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "expected"),
    [
        (NEAR, CLIENT, "127.0.0.1", CLIENT),
        (NEAR, f"{CLIENT}, {FAR}", "127.0.0.1,10.0.0.0/8", CLIENT),
        (NEAR, f"198.51.100.7, {CLIENT}", "127.0.0.1", CLIENT),  # who asks wrote the first one
        (CLIENT, "198.51.100.7", "127.0.0.1", CLIENT),  # nobody of ours says so
        (NEAR, "", "127.0.0.1", NEAR),
        (NEAR, "unknown", "127.0.0.1", NEAR),
        (NEAR, f"{CLIENT}, x'y", "127.0.0.1", NEAR),
        ("::1", "2001:db8::7", "::1", "2001:db8::7"),
        ("", CLIENT, "127.0.0.1", ""),
    ],
)
def test_the_nearest_address_that_is_no_proxy_asked(
    peer: str, forwarded: str, proxies: str, expected: str
) -> None:
    assert asker(peer, forwarded, networks(proxies)) == expected


def test_a_wrong_setting_stops_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACEWARD_PROXIES", "my-proxy")
    with pytest.raises(ValueError, match="my-proxy"):
        behind_proxies(lambda request: HttpResponse())


@pytest.mark.parametrize(("proxies", "expected"), [("", NEAR), (NEAR, CLIENT)])
def test_only_a_named_proxy_is_believed(
    proxies: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACEWARD_PROXIES", proxies)
    request = HttpRequest()
    request.META = {"REMOTE_ADDR": NEAR, "HTTP_X_FORWARDED_FOR": CLIENT}
    behind_proxies(lambda one: HttpResponse())(request)
    assert request.META["REMOTE_ADDR"] == expected


def test_somebody_signs_in_by_https_through_a_proxy(
    world: World, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACEWARD_PROXIES", NEAR)
    settings.ALLOWED_HOSTS = ["erp.example"]
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    set_up_roles()
    person = Person.objects.get(pk=world.by(roles.PICKER).person_id)
    Person.objects.filter(pk=person.pk).update(password=make_password("correct horse"))
    headers = {"Host": "erp.example", "X-Forwarded-For": CLIENT}
    client = Client(enforce_csrf_checks=True, headers=headers)
    page = client.get("/sign-in").content.decode()
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert found
    given = {"login": person.login, "password": "correct horse", "csrfmiddlewaretoken": found[1]}
    for origin, status in (("https://evil.example", 403), ("https://erp.example", 302)):
        answer = client.post("/sign-in", given, headers={"Origin": origin})
        assert answer.status_code == status
    assert [one.address for one in SignIn.objects.filter(person=person)] == [CLIENT]
