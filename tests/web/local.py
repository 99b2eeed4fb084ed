"""Visitors who work at one site only."""

from django.test import Client

from tests.world import LONG_AGO, World
from traceward.kernel.org.models import Person, Role, RoleGrant, Site
from traceward.kernel.org.roles import RoleName


def browser_at(world: World, role: RoleName, site: Site, language: str = "zh-hans") -> Client:
    """Somebody who has this role at the site and nowhere else, signed in."""
    login = f"{role.code}-{site.code}".lower()
    person = Person.objects.create(login=login, name_zh=role.zh, name_en=role.en, password="!")
    granted = Role.objects.get(code=role.code)
    RoleGrant.objects.create(person=person, role=granted, site=site, granted_at=LONG_AGO)
    client = Client()
    client.force_login(person)
    client.cookies["language"] = language
    return client
