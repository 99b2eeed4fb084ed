"""People, roles and what they may do, as an administrator looks after them. # ORG-02 SEC-01"""

import uuid
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from traceward.kernel.base.refusals import Refusal
from traceward.kernel.command.database_errors import persistent
from traceward.kernel.org import roles
from traceward.kernel.org.models import ApiKey, LegalEntity, Person, Role, RolePermission, Site
from traceward.kernel.org.scope import ScopeKey
from traceward.resources import asking, labels, reading
from traceward.resources.kit import QUESTIONS, RESOURCES
from traceward.web.kit.cells import cells_of
from traceward.web.kit.frames import forbidden
from traceward.web.kit.listed import show_list
from traceward.web.kit.shell import address_of
from traceward.web.kit.verbs import address
from traceward.web.visitors import Visitor, visitor_of

#: Rows of a table beside the person or role; the list has the others.
SHOWN = 50
ALL_ROLES = tuple(role for role in roles.ALL if role != roles.SYSTEM)


@dataclass(frozen=True)
class Act:
    """A step that the visitor may take here."""

    text: str
    address: str


def person(request: HttpRequest, key: int, **_: str) -> HttpResponse:
    """A person's account: their roles and where, how they sign in, and what may be done to it."""
    to = visitor_of(request)
    row = _row("org.people", key, to)
    if row is None:
        return forbidden(request, "org.people")
    here = f"/org/people/{key}"
    is_program = ApiKey.objects.filter(person=key).exists()
    context = {
        "row": row,
        "name": _name(row, to),
        "is_program": is_program,
        "list": labels.of_resource("org.people").in_language(to.language),
        "acts": _acts_on(row, is_program, here, to),
        "can_grant": to.may("org.grant_role") and key != to.reader("org.people").person_id,
        "roles": [(role.code, role.names[_way(to)]) for role in ALL_ROLES],
        "places": _places(to),
        "request_id": uuid.uuid4(),
        "here": here,
        "tables": list(filter(None, _tables_of(key, is_program, here, to))),
    }
    return render(request, "tw/person.html", context)


def _row(name: str, key: int, to: Visitor) -> reading.Row | None:
    """The row as the visitor may see it; None where they may not read such rows at all."""
    if not to.may(name):
        return None
    columns = tuple(RESOURCES[name].columns.values())
    try:
        return persistent(lambda: reading.one(RESOURCES[name], str(key), columns, to.reader(name)))
    except Refusal as refusal:
        raise Http404(refusal.in_language(to.language)) from None


def _way(to: Visitor) -> str:
    return "zh" if to.language.startswith("zh") else "en"


def _name(row: reading.Row, to: Visitor) -> str:
    return str(row[f"name_{_way(to)}"] or row["name_zh"] or row["name_en"] or row.get("login", ""))


def _acts_on(row: reading.Row, is_program: bool, here: str, to: Visitor) -> list[Act]:
    """What may be done to the account as it stands."""
    verbs = ["org.deactivate_person"] if row["is_active"] else ["org.reactivate_person"]
    if not is_program and row["is_active"]:
        verbs = ["org.reset_password", "org.reset_factors", *verbs]
    if row["is_active"] and not Person.objects.get(pk=row["id"]).has_usable_password():
        verbs = ["org.issue_key", *verbs]
    return [
        Act(
            labels.of_verb(verb).in_language(to.language),
            address(verb, person_id=row["id"], next=here),
        )
        for verb in verbs
        if to.may(verb) and not row["is_system"]
    ]


def _places(to: Visitor) -> list[tuple[str, str, str]]:
    """Where the visitor may give a role: (legal entity, site, what it is called)."""
    grants = to.grants.get("org.grant_role", ())

    def covered(key: ScopeKey) -> bool:
        return any(grant.covers(key) for grant in grants)

    entities = LegalEntity.objects.select_related("party").order_by("code")
    found = [
        (f"#{one.pk}", "", f"{one.code} {one.party.name(to.language)}")
        for one in entities
        if covered(ScopeKey(one.pk))
    ]
    return found + [
        ("", f"#{one.pk}", f"{one.code} {one.name(to.language)}")
        for one in Site.objects.order_by("code")
        if covered(ScopeKey(one.legal_entity_id, one.pk))
    ]


def _tables_of(key: int, is_program: bool, here: str, to: Visitor) -> list[dict[str, Any] | None]:
    mine = {"person_id": str(key)}
    grants = ("role", "legal_entity", "site", "granted_at", "revoked_at")
    tables = [
        _table("org.role_grants", mine, grants, to, ("org.revoke_role", "grant_id", here)),
    ]
    if is_program:
        keys = ("label", "issued_at", "expires_on", "used_at", "revoked_at")
        revoke = ("org.revoke_key", "key_id", here)
        return [*tables, _table("org.api_keys", mine, keys, to, revoke)]
    factors = ("kind", "label", "added_at", "used_at", "removed_at")
    sessions = ("browser", "address", "signed_in_at", "seen_at", "factor", "ended_because")
    return [
        *tables,
        _table("org.second_factors", mine, factors, to),
        _table("org.sessions", mine, sessions, to, limit=10),
    ]


def _table(
    name: str,
    where: dict[str, str],
    names: tuple[str, ...],
    to: Visitor,
    end: tuple[str, str, str] = ("", "", ""),
    limit: int = SHOWN,
) -> dict[str, Any] | None:
    """Rows that belong to the one shown, as the visitor may see them; each may be ended."""
    if not to.may(name):
        return None
    resource = RESOURCES[name]
    cells = cells_of(resource, names)
    given = {key: [value] for key, value in where.items()}
    asked = asking.read(resource, {**given, "limit": [str(limit)], "count": ["true"]})
    found = persistent(lambda: reading.page(resource, asked, to.reader(name)))
    verb, argument, here = end
    query = "&".join(f"{key}={value}" for key, value in where.items())
    return {
        "title": labels.of_resource(name).in_language(to.language),
        "count": found.count,
        "heads": [cell.label(to.language) for cell in cells],
        "rows": [
            {
                "cells": [cell.html(row, to) for cell in cells],
                "is_over": bool(row.get("revoked_at") or row.get("removed_at")),
                "end": address(verb, **{argument: row["id"], "next": here})
                if verb and to.may(verb) and not row.get("revoked_at")
                else "",
            }
            for row in found.rows
        ],
        "end": labels.of_verb(verb).in_language(to.language) if verb and to.may(verb) else "",
        "more": f"{address_of(name)}?{query}" if (found.count or 0) > limit else "",
    }


def role(request: HttpRequest, key: int, **_: str) -> HttpResponse:
    """A role: what it may do, in words, by area; and who has it where."""
    to = visitor_of(request)
    row = _row("org.roles", key, to)
    if row is None:
        return forbidden(request, "org.roles")
    here = f"/org/roles/{key}"
    verb = "org.require_second_factor"
    needed = "false" if row["needs_second_factor"] else "true"
    cells = ("person", "legal_entity", "site", "granted_at", "revoked_at")
    end = ("org.revoke_role", "grant_id", here)
    permissions = RolePermission.objects.filter(role=key).values_list("permission", flat=True)
    context = {
        "row": row,
        "name": _name(row, to),
        "list": labels.of_resource("org.roles").in_language(to.language),
        "act": Act(
            labels.of_verb(verb).in_language(to.language),
            address(verb, role_id=key, needs_second_factor=needed, next=here),
        )
        if to.may(verb)
        else None,
        "areas": [
            (area, [one for one in found if one.is_verb], [x for x in found if not x.is_verb])
            for area, found in _by_area(permissions, to)
        ],
        "tables": list(
            filter(None, [_table("org.role_grants", {"role_id": str(key)}, cells, to, end)])
        ),
    }
    return render(request, "tw/role.html", context)


@dataclass(frozen=True)
class Permission:
    """What may be done or read, in words."""

    name: str
    text: str
    is_verb: bool


#: The areas as people call them: Chinese, English.
AREAS: dict[str, tuple[str, str]] = {
    "audit": ("审计", "Audit"),
    "catalog": ("物料", "Catalog"),
    "documents": ("单据", "Documents"),
    "inbound": ("收货流程", "Inbound"),
    "lists": ("列表视图", "Views of lists"),
    "org": ("组织与账号", "Organisation and accounts"),
    "outbound": ("出库流程", "Outbound"),
    "outbox": ("接口与事件", "Interfaces and events"),
    "partners": ("往来单位", "Partners"),
    "places": ("库位", "Places"),
    "production": ("生产", "Production"),
    "purchasing": ("采购", "Purchasing"),
    "quality": ("质量", "Quality"),
    "recalls": ("召回", "Recalls"),
    "records": ("记录", "Records"),
    "rules": ("参数", "Parameters"),
    "sales": ("销售", "Sales"),
    "stock": ("库存", "Stock"),
    "trace": ("追溯", "Trace"),
    "transfers": ("调拨", "Transfers"),
    "warehousing": ("仓储", "Warehousing"),
    "workflow": ("审批", "Decisions"),
}


def _by_area(names: Any, to: Visitor) -> list[tuple[str, list[Permission]]]:
    """The permissions in words, by the area that each is of."""
    known = sorted(name for name in names if _is_known(name))
    return [
        (_area(area, to), [_said(name, to) for name in found])
        for area, found in groupby(known, lambda name: name.partition(".")[0])
    ]


def _is_known(name: str) -> bool:
    """Whether this version has what may be done or read; older ones may have had more."""
    return name in labels.VERBS or name in RESOURCES or name in QUESTIONS


def _area(area: str, to: Visitor) -> str:
    zh, en = AREAS[area]
    return zh if _way(to) == "zh" else en


def _said(name: str, to: Visitor) -> Permission:
    is_verb = name in labels.VERBS
    words = labels.of_verb(name) if is_verb else labels.of_resource(name)
    return Permission(name, words.in_language(to.language), is_verb)


def matrix(request: HttpRequest, **_: str) -> HttpResponse:
    """What each role may do in an area: a row for each permission, a column for each role."""
    to = visitor_of(request)
    if not to.may("org.role_permissions"):
        return forbidden(request, "org.role_permissions")
    if set(request.GET) - {"area"}:
        return show_list(request, "org", "role_permissions")
    rows = RolePermission.objects.exclude(role__code=roles.SYSTEM.code)
    pairs = set(rows.values_list("permission", "role__code"))
    names = {name for name, _ in pairs if _is_known(name)}
    areas = sorted({name.partition(".")[0] for name in names})
    chosen = request.GET.get("area", "")
    chosen = chosen if chosen in areas else areas[0]
    shown = sorted(name for name in names if name.partition(".")[0] == chosen)
    ids = dict(Role.objects.values_list("code", "pk"))
    permissions = [_said(name, to) for name in shown]
    context = {
        "title": labels.of_resource("org.role_permissions").in_language(to.language),
        "areas": [(area, _area(area, to), area == chosen) for area in areas],
        "roles": [(ids.get(role.code), role.names[_way(to)]) for role in ALL_ROLES],
        "rows": [
            (one, [(one.name, role.code) in pairs for role in ALL_ROLES])
            for one in sorted(permissions, key=lambda one: not one.is_verb)
        ],
    }
    return render(request, "tw/matrix.html", context)
