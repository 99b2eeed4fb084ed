"""Commands of the tests: they name, sign and visit, and fail in the way that is asked for."""

from dataclasses import dataclass
from typing import Any

from django.db import connection

from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.base import refusals
from traceward.kernel.base.refusals import sentence
from traceward.kernel.command import write
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.org import roles
from traceward.kernel.org.models import Party, Site
from traceward.kernel.org.scope import WHOLE_GROUP, ScopeKey

EVERYWHERE = {"roles": (roles.SYSTEM,), "scope": lambda **_: [WHOLE_GROUP]}


@dataclass(frozen=True)
class Named:
    """A party that was made."""

    id: int
    name: str
    times: int


@dataclass(frozen=True)
class PartyNamed:
    """An event of the tests."""

    name: str


RUNS: list[str] = []


@command("testing.name", **EVERYWHERE)
def name_party(
    name: str,
    *,
    then: str = "",
    words: dict[str, str] | None = None,
    numbers: list[int] | None = None,
    by: Actor,
) -> Named:
    """A party has this name; `then` says what happens after it was written."""
    RUNS.append(name)
    party = Party.objects.create(name_en=name)
    write.created(party, by=by, name=name)
    write.emit(PartyNamed(name), subject=party.uid, by=by)
    if then == "refuse":
        raise refusals.WrongState(sentence("Not {name}. Choose another."), name=name)
    if then:
        with connection.cursor() as cursor:
            cursor.execute(then)
    return Named(party.pk, name, len(RUNS))


@command("testing.sign", signed="seen", **EVERYWHERE)
def sign_party(party_id: int, *, forget: bool = False, by: Actor) -> int:
    """The party is signed as seen."""
    party = Party.objects.lock(party_id)
    if not forget:
        write.sign("seen", kind="party", uid=party.uid, content={"id": party_id}, by=by)
    return party_id


def site_scope(site_id: int, **_: Any) -> list[ScopeKey]:
    site = Site.objects.get(pk=site_id)
    return [ScopeKey(site.legal_entity_id, site.pk)]


@command("testing.visit", roles=(roles.DRIVER,), scope=site_scope)
def visit(site_id: int, *, by: Actor) -> int:
    """The site was visited."""
    return site_id


@command("testing.outer", **EVERYWHERE)
def outer(name: str, *, by: Actor) -> Named:
    """A command that uses another one."""
    return name_party(name, by=by)


def entry(of: Actor) -> AuditEntry:
    """The audit row of what the actor asked for."""
    return AuditEntry.objects.get(request_id=of.request_id)
