"""Parties, legal entities, sites, people and their roles come to be known. # ORG-01 ORG-03"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

from django.db import connection

from traceward.kernel.base.gs1 import has_check_digit
from traceward.kernel.base.money import is_currency
from traceward.kernel.base.refusals import Conflict, InvalidInput, NotFound, WrongState, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.command.write import amend, created, require_other_person
from traceward.kernel.org.models import (
    LegalEntity,
    Party,
    Person,
    Role,
    RoleGrant,
    Site,
    SiteKind,
)
from traceward.kernel.org.roles import ADMINISTRATOR, BUYER, DATA_OWNER, SALES, SYSTEM
from traceward.kernel.org.rules import UsccFault, uscc_fault
from traceward.kernel.org.scope import WHOLE_GROUP, Grant, ScopeKey
from traceward.kernel.records.names import sort_key

GLN_LENGTH = 13


@dataclass(frozen=True)
class Known:
    """The record that came to be known."""

    id: int
    uid: str


def whole_group(**_: Any) -> list[ScopeKey]:
    return [WHOLE_GROUP]


def own(**_: Any) -> list[ScopeKey]:
    """What counts for who asks alone: the role is enough, wherever it was given."""
    return []


@command("org.register_party", roles=(ADMINISTRATOR, DATA_OWNER, SYSTEM), scope=whole_group)
def register_party(
    name_zh: str = "",
    name_en: str = "",
    *,
    uscc: str = "",
    uscc_exception: str = "",
    gln: str = "",
    country: str = "CN",
    address: str = "",
    phone: str = "",
    by: Actor,
) -> Known:
    """Somebody who owns, makes, sells or receives goods is known, once.

    A credit code with a wrong check digit is taken only with the reason why it is right all the
    same: some early ones were given out wrong.
    """
    require_name(name_zh, name_en)
    uscc, gln = uscc.strip().upper(), gln.strip()
    _check_uscc(uscc, uscc_exception)
    _check_gln(gln)
    for field, value in (("uscc", uscc), ("gln", gln)):
        twin = Party.objects.filter(**{field: value}).first() if value else None
        if twin is not None:
            raise Conflict(
                sentence("{code} is the code of {party} already. Use that party."),
                field=field,
                code=value,
                party=twin.names,
            )
    if not (len(country) == 2 and country.isascii() and country.isupper()):
        raise InvalidInput(
            sentence("“{country}” is no country code of two capital letters, such as CN."),
            field="country",
            country=country,
        )
    party = Party.objects.create(
        name_zh=name_zh,
        name_en=name_en,
        sort_key=sort_key(name_zh, name_en),
        uscc=uscc,
        gln=gln,
        country=country,
        address=address.strip(),
        phone=phone.strip(),
    )
    created(party, by=by, name_zh=name_zh, uscc=uscc, gln=gln, exception=uscc_exception)
    return Known(party.pk, str(party.uid))


@command(
    "org.amend_contact",
    roles=(ADMINISTRATOR, DATA_OWNER, BUYER, SALES, SYSTEM),
    scope=whole_group,
)
def amend_contact(party_id: int, address: str, phone: str, *, by: Actor) -> Known:
    """The firm is reached there from now on; records made before keep what was said then."""
    for field, value in (("address", address), ("phone", phone)):
        if not value.strip():
            raise InvalidInput(
                sentence("Give the address and the telephone of the firm."), field=field
            )
    party = Party.objects.lock(party_id)
    amend(party, by=by, address=address.strip(), phone=phone.strip())
    return Known(party.pk, str(party.uid))


def require_name(name_zh: str, name_en: str) -> None:
    """Refused where neither name says anything."""
    if not (name_zh.strip() or name_en.strip()):
        raise InvalidInput(sentence("Give a Chinese or an English name."), field="name_zh")


def _check_uscc(uscc: str, exception: str) -> None:
    fault = uscc_fault(uscc) if uscc else None
    if fault is UsccFault.FORM:
        raise InvalidInput(
            sentence(
                "{code} is no unified social credit code: 18 characters, "
                "no I, O, S, V or Z, digits for the region. Correct it."
            ),
            field="uscc",
            code=uscc,
        )
    if fault is UsccFault.CHECK and not exception.strip():
        raise InvalidInput(
            sentence(
                "The last character of {code} does not fit the others; one of them is mistyped. "
                "If the licence really says so, give the reason as an exception."
            ),
            field="uscc",
            code=uscc,
        )


def _check_gln(gln: str) -> None:
    if gln and not (len(gln) == GLN_LENGTH and has_check_digit(gln)):
        raise InvalidInput(
            sentence("{code} is no GLN: 13 digits with a right check digit. Correct it."),
            field="gln",
            code=gln,
        )


@command("org.register_legal_entity", roles=(ADMINISTRATOR, SYSTEM), scope=whole_group)
def register_legal_entity(code: str, party_id: int, *, currency: str = "CNY", by: Actor) -> Known:
    """The party is one of our own firms: it keeps its own books and number series."""
    code = require_code(code, 20)
    _find(Party, party_id, "party_id")
    if LegalEntity.objects.filter(code=code).exists():
        raise taken(code)
    if LegalEntity.objects.filter(party_id=party_id).exists():
        raise Conflict(sentence("This party is a legal entity of ours already."), field="party_id")
    if not is_currency(currency):
        raise InvalidInput(
            sentence("“{currency}” is no currency code of three capital letters, such as CNY."),
            field="currency",
            currency=currency,
        )
    entity = LegalEntity.objects.create(code=code, party_id=party_id, currency=currency)
    created(entity, by=by, code=code, party=party_id, currency=currency)
    return Known(entity.pk, str(entity.uid))


def require_code(code: str, limit: int, *, field: str = "code") -> str:
    """The code without blanks around it; refused where it is empty or too long."""
    code = code.strip()
    if not code or len(code) > limit:
        raise InvalidInput(
            sentence("Give a code of 1 to {limit} characters."), field=field, limit=limit
        )
    return code


def taken(code: str, *, field: str = "code") -> Conflict:
    """The refusal for a code that something else has."""
    return Conflict(
        sentence("The code {code} is taken already. Choose another one."), field=field, code=code
    )


def entity_scope(legal_entity_id: int, **_: Any) -> list[ScopeKey]:
    return [ScopeKey(legal_entity_id)]


@command("org.open_site", roles=(ADMINISTRATOR, SYSTEM), scope=entity_scope)
def open_site(
    code: str,
    legal_entity_id: int,
    kind: SiteKind,
    *,
    name_zh: str = "",
    name_en: str = "",
    time_zone: str = "Asia/Shanghai",
    gln: str = "",
    by: Actor,
) -> Known:
    """The plant, distribution centre, store or hospital store can have places."""
    code = require_code(code, 20)
    require_name(name_zh, name_en)
    _find(LegalEntity, legal_entity_id, "legal_entity_id")
    _check_gln(gln)
    if time_zone not in available_timezones():
        raise InvalidInput(
            sentence("“{zone}” is no time zone, such as Asia/Shanghai."),
            field="time_zone",
            zone=time_zone,
        )
    if Site.objects.filter(code=code).exists():
        raise taken(code)
    site = Site.objects.create(
        code=code,
        legal_entity_id=legal_entity_id,
        kind=kind.value,
        name_zh=name_zh,
        name_en=name_en,
        sort_key=sort_key(name_zh, name_en),
        time_zone=time_zone,
        gln=gln,
    )
    created(site, by=by, code=code, legal_entity=legal_entity_id, time_zone=time_zone)
    return Known(site.pk, str(site.uid))


@command("org.register_person", roles=(ADMINISTRATOR, SYSTEM), scope=whole_group)
def register_person(
    login: str, name_zh: str = "", name_en: str = "", *, language: str = "zh-hans", by: Actor
) -> Known:
    """The person is known, without password and roles; both are given separately."""
    login = require_code(login, 60, field="login")
    require_name(name_zh, name_en)
    if language not in ("zh-hans", "en"):
        raise InvalidInput(
            sentence("The language is zh-hans or en, not “{language}”."),
            field="language",
            language=language,
        )
    if Person.objects.filter(login__iexact=login).exists():
        raise taken(login, field="login")
    person = Person(
        login=login,
        name_zh=name_zh,
        name_en=name_en,
        sort_key=sort_key(name_zh, name_en),
        language=language,
    )
    person.set_unusable_password()
    person.save(force_insert=True)
    created(person, by=by, login=login)
    return Known(person.pk, str(person.uid))


def grant_scope(
    legal_entity_id: int | None = None, site_id: int | None = None, **_: Any
) -> Iterable[ScopeKey]:
    """Where the role would count: an administrator gives away no more than their own scope."""
    site = Site.objects.find(site_id) if site_id else None
    if site is not None:
        return [ScopeKey(site.legal_entity_id, site.pk)]
    return [ScopeKey(legal_entity_id)]


@command("org.grant_role", roles=(ADMINISTRATOR, SYSTEM), scope=grant_scope)
def grant_role(
    person_id: int,
    role: str,
    *,
    legal_entity_id: int | None = None,
    site_id: int | None = None,
    by: Actor,
) -> Known:
    """The person has the role: everywhere, in one legal entity, or at one site.

    Nobody grants a role to themselves. # ORG-03
    """
    require_other_person(person_id, by=by)
    _find(Person, person_id, "person_id")
    found = Role.objects.filter(code=role).first()
    if found is None:
        raise NotFound(sentence("There is no role “{role}”."), field="role", role=role)
    if site_id is not None:
        site = _find(Site, site_id, "site_id")
        if legal_entity_id not in (None, site.legal_entity_id):
            raise InvalidInput(
                sentence("Site {site} belongs to another legal entity. Leave one of them out."),
                field="site_id",
                site=site.code,
            )
    if legal_entity_id is not None:
        _find(LegalEntity, legal_entity_id, "legal_entity_id")
    keys = {
        "person_id": person_id,
        "role": found,
        "legal_entity_id": legal_entity_id,
        "site_id": site_id,
    }
    if RoleGrant.objects.filter(**keys, revoked_at=None).exists():
        raise Conflict(
            sentence("The person has the role “{role}” there already."), field="role", role=role
        )
    grant = RoleGrant.objects.create(**keys, granted_at=by.now)
    created(grant, by=by, person=person_id, role=role, entity=legal_entity_id, site=site_id)
    return Known(grant.pk, str(grant.uid))


def revoke_scope(grant_id: int, **_: Any) -> Iterable[ScopeKey]:
    grant = RoleGrant.objects.find(grant_id)
    if grant is None:
        return [WHOLE_GROUP]
    return grant_scope(grant.legal_entity_id, grant.site_id)


@command("org.revoke_role", roles=(ADMINISTRATOR, SYSTEM), scope=revoke_scope)
def revoke_role(grant_id: int, reason: str, *, by: Actor) -> Known:
    """The person has the role no longer; that they had it stays on record."""
    if not reason.strip():
        raise InvalidInput(sentence("Say why the role is taken away."), field="reason")
    grant = RoleGrant.objects.lock(grant_id)
    if grant.revoked_at is not None:
        raise WrongState(sentence("This role was taken away already."), field="grant_id")
    amend(grant, by=by, revoked_at=by.now)
    by.work.facts["reason"] = reason
    return Known(grant.pk, str(grant.uid))


def grants_of(person_id: int, verb: str) -> tuple[Grant, ...]:
    """Where the person may use the verb now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT g.legal_entity_id, g.site_id FROM org_role_grant g"
            " JOIN org_role_permission p ON p.role_id = g.role_id"
            " WHERE g.person_id = %s AND p.permission = %s AND g.revoked_at IS NULL",
            [person_id, verb],
        )
        return tuple(Grant(*row) for row in cursor.fetchall())


def all_grants_of(person_id: int) -> dict[str, tuple[Grant, ...]]:
    """Every permission that the person has now, and where."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.permission, array_agg(g.legal_entity_id), array_agg(g.site_id)"
            " FROM org_role_grant g JOIN org_role_permission p ON p.role_id = g.role_id"
            " WHERE g.person_id = %s AND g.revoked_at IS NULL GROUP BY p.permission",
            [person_id],
        )
        return {
            permission: tuple(map(Grant, entities, sites))
            for permission, entities, sites in cursor.fetchall()
        }


def _find(model: Any, pk: int, field: str) -> Any:
    """The row; refused at the field where it does not exist."""
    row = model.objects.find(pk)
    if row is None:
        raise NotFound(
            sentence("There is no {what} with id {id}. Look it up in its list and try again."),
            field=field,
            what=str(model._meta.verbose_name),
            id=pk,
        )
    return row
