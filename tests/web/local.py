"""Visitors with the roles that a test needs: at one site only, or several at once."""

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


def browser_of(*several: RoleName, language: str = "zh-hans") -> Client:
    """Somebody who has these roles everywhere, signed in."""
    person = Person.objects.create(login=f"all-{len(several)}-{several[0].code}", password="!")
    granted = Role.objects.filter(code__in=[role.code for role in several])
    RoleGrant.objects.bulk_create(
        RoleGrant(person=person, role=role, granted_at=LONG_AGO) for role in granted
    )
    client = Client()
    client.force_login(person)
    client.cookies["language"] = language
    return client
