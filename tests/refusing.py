"""Refused means that nothing changed; and a grant counts only where it was given."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.apps import apps
from django.db import connection

from tests.world import LONG_AGO, World
from traceward.kernel.base.refusals import Refusal
from traceward.kernel.command.actor import Actor
from traceward.kernel.org.models import Person, Role, RoleGrant, Site
from traceward.kernel.org.roles import RoleName

#: What a refusal itself leaves behind: that it was asked and refused.
OF_THE_ATTEMPT = frozenset({"audit_entry", "command_request", "outbox_queue"})


def everything() -> dict[str, str | None]:
    """A digest of every table's rows, but for the records of the attempt."""
    tables = {m._meta.db_table for m in apps.get_models()} - OF_THE_ATTEMPT
    ours = sorted(t for t in tables if not t.startswith(("django_", "procrastinate_")))
    parts = " UNION ALL ".join(
        f"SELECT '{t}', md5(string_agg(x::text, '|' ORDER BY x::text COLLATE \"C\")) "  # noqa: S608
        f"FROM {t} x"
        for t in ours
    )
    connection.ensure_connection()
    # Prepared: planning it takes longer than running it, and refusals are many.
    return dict(connection.connection.execute(parts, prepare=True).fetchall())


@contextmanager
def refused(kind: type[Refusal], field: str | None = None) -> Iterator[pytest.ExceptionInfo]:
    """The block is refused in this way, at this field, in a whole sentence; nothing changed."""
    before = everything()
    with pytest.raises(kind) as caught:
        yield caught
    assert type(caught.value) is kind
    assert everything() == before
    if field is not None:
        assert caught.value.field == field
    said = str(caught.value)
    assert said.endswith(".")
    assert "{" not in said


def granted_only(by: Actor, *, entity_id: int | None = None, site_id: int | None = None) -> Actor:
    """The actor's roles count just there from now on: what they had is taken back."""
    held = RoleGrant.objects.filter(person_id=by.person_id, revoked_at=None)
    there = [
        RoleGrant(
            person_id=by.person_id,
            role_id=role_id,
            legal_entity_id=entity_id,
            site_id=site_id,
            granted_at=LONG_AGO,
        )
        for role_id in held.values_list("role_id", flat=True)
    ]
    held.update(revoked_at=LONG_AGO)
    RoleGrant.objects.bulk_create(there)
    return by.asking()


def colleague(role: RoleName) -> Actor:
    """Another person who has the role everywhere."""
    login = f"test-another-{role.code}"
    person = Person.objects.create(login=login, name_en=login, password="!")
    found = Role.objects.get(code=role.code)
    RoleGrant.objects.create(person=person, role=found, granted_at=LONG_AGO)
    return Actor(person.pk, login)


def only_at(world: World, role: RoleName, site: Site) -> Actor:
    """Somebody who has the role at this site only."""
    login = f"test-{role.code}-{site.code}"
    person = Person.objects.create(login=login, name_en=login, password="!")
    RoleGrant.objects.create(
        person=person,
        role=Role.objects.get(code=role.code),
        legal_entity=site.legal_entity,
        site=site,
        granted_at=LONG_AGO,
    )
    return Actor(person.pk, login)
