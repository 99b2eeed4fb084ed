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
        f"SELECT '{t}', md5(string_agg(x::text, '|' ORDER BY x::text)) FROM {t} x"  # noqa: S608
        for t in ours
    )
    with connection.cursor() as cursor:
        cursor.execute(parts)
        return dict(cursor.fetchall())


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
