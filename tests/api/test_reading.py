"""Resources and questions over HTTP: what is shown, to whom, in which pages. # INT-02"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils.http import urlencode

from tests.world import LONG_AGO, World
from traceward.api.limits import STRANGERS
from traceward.kernel.command.tokens import token_for
from traceward.kernel.org import roles
from traceward.kernel.org.models import LegalEntity, Party, Person, Role, RoleGrant, Site
from traceward.kernel.org.roles import RoleName
from traceward.resources.kit import EVERYBODY, QUESTIONS, RESOURCES

Get = Callable[..., tuple[int, dict[str, Any]]]


def getter(person: Person) -> Get:
    client = Client(raise_request_exception=False)
    token = token_for(person)

    def get(path: str, language: str = "en", **asked: Any) -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": language}
        address = f"/api/v1/{path}?{urlencode(asked, doseq=True)}"
        answer = client.get(address, headers=headers)
        return answer.status_code, json.loads(answer.content)

    return get


def person(world: World, role: RoleName) -> Person:
    return Person.objects.get(pk=world.by(role).person_id)


@pytest.fixture
def get(world: World) -> Get:
    STRANGERS.forget()
    return getter(person(world, roles.AUDITOR))


@pytest.fixture
def stocked(world: World) -> World:
    """Twelve lots, one of them at the other site."""
    for n in range(11):
        world.stock(world.lot("STENT", f"L{n:02}"), 10 + n)
    world.stock(world.lot("REAGENT", "COLD"), 5, "C-01")
    return world


def test_the_auditor_reads_every_list_and_changes_nothing(stocked: World, get: Get) -> None:
    """ORG-02"""
    for name, resource in RESOURCES.items():
        status, page = get(f"{resource.area}/{resource.noun}", limit=3, count="true")
        assert status == 200, (name, page)
        assert len(page["rows"]) == min(3, page["count"])
        for row in page["rows"]:
            assert list(row) == list(resource.columns)
            status, one = get(f"{resource.area}/{resource.noun}/{row['id']}")
            assert status == 200, (name, one)
            assert {column: one[column] for column in row} == row
            assert set(one) - set(row) == set(resource.parts)


def test_pages_follow_each_other_without_gap_or_double(stocked: World, get: Get) -> None:
    whole = get("stock/lots", limit=500)[1]["rows"]
    for sort in (
        "",
        "raw_number",
        "-expires_on,number",
        "made_on,-id",
        "-made_on",
        "first_received_at",
    ):
        seen: list[int] = []
        cursor = ""
        while True:
            asked = {"limit": 5, "sort": sort, "cursor": cursor}
            page = get("stock/lots", **{k: v for k, v in asked.items() if v})[1]
            seen += [row["id"] for row in page["rows"]]
            cursor = page["next_cursor"]
            if not cursor:
                break
        assert sorted(seen) == sorted(row["id"] for row in whole), sort
        assert len(set(seen)) == len(seen)


def test_a_cursor_counts_for_its_own_list_only(stocked: World, get: Get) -> None:
    asked = {"limit": 2, "raw_number__contains": "L", "sort": "number"}
    cursor = get("stock/lots", **asked)[1]["next_cursor"]
    more = asked | {"cursor": cursor}
    assert get("stock/lots", **more | {"limit": 5, "fields": "number", "count": "true"})[0] == 200
    for path, other in (
        ("stock/lots", {"raw_number__contains": "L0"}),
        ("stock/lots", {"q": "L"}),
        ("stock/lots", {"sort": "-number"}),
        ("stock/serials", {}),
    ):
        status, told = get(path, **more | other)
        assert (status, told["field"]) == (422, "cursor"), told
        assert "another list" in told["title"]
    for damaged in (cursor[:-1], cursor[1:], cursor[:9] + "!" + cursor[10:], cursor + "AAAA"):
        status, told = get("stock/lots", **more | {"cursor": damaged})
        assert "cannot be read" in told["title"], damaged


def test_filters_search_and_chosen_columns(stocked: World, get: Get) -> None:
    lots = get("stock/lots", raw_number=["L03", "L04"], fields="raw_number", sort="raw_number")[1]
    assert lots["rows"] == [{"raw_number": "L03"}, {"raw_number": "L04"}]
    assert len(get("stock/lots", q="cold")[1]["rows"]) == 1
    assert len(get("stock/lots", raw_number__contains="l0")[1]["rows"]) == 10
    many = get("stock/balances", on_hand__gte=18, place_kind="bin", limit=50)[1]["rows"]
    assert sorted(row["on_hand"] for row in many) == [18, 19, 20]
    assert get("stock/lots", made_on__isnull="false")[1]["rows"] == []
    assert get("stock/lots", expires_on__lt="2030-12-31")[1]["rows"] == []
    assert len(get("stock/lots", expires_on__lte="2030-12-31", limit=50)[1]["rows"]) == 12


@pytest.mark.parametrize(
    ("path", "asked", "field", "said"),
    [
        ("stock/lots", {"colour": "red"}, "colour", "no column"),
        ("stock/lots", {"expires_on": "yesterday"}, "expires_on", "a date such as"),
        ("stock/lots", {"expires_on": "2026-02-30"}, "expires_on", "a date such as"),
        ("stock/lots", {"item_id": "1.0"}, "item_id", "a whole number"),
        ("stock/lots", {"item_id": "9" * 19}, "item_id", "a whole number"),
        ("stock/lots", {"item_id__contains": "1"}, "item_id__contains", "cannot be asked for"),
        ("stock/lots", {"q": "x" * 2001}, "q", "too long"),
        ("stock/lots", {"q": "a\x00b"}, "q", "NUL"),
        ("stock/lots", {"q": ["a", "b"]}, "q", "once"),
        ("stock/lots", {"sort": "colour"}, "sort", "no column"),
        ("stock/moves", {"sort": "reason"}, "sort", "cannot be sorted"),
        ("stock/moves", {"reason": "x"}, "reason", "cannot be asked for"),
        (
            "stock/lots",
            {"sort": "uid,number,made_on,item_id,maker_id,own_lot"},
            "sort",
            "at most five",
        ),
        ("stock/lots", {"fields": "number,colour"}, "fields", "no column"),
        ("stock/lots", {"limit": "0"}, "limit", "1 to 500"),
        ("stock/lots", {"limit": "501"}, "limit", "1 to 500"),
        ("stock/lots", {"limit": "many"}, "limit", "a whole number"),
        ("stock/lots", {"count": "yes"}, "count", "true or false"),
        ("stock/lots", {"cursor": "abc"}, "cursor", "cannot be read"),
        ("stock/lots", {"cursor": "W1siLWlkIl0sW3RydWVdXQ"}, "cursor", "cannot be read"),
        ("sales/orders", {"state": "nonsense"}, "state", "cancelled, closed, open"),
        ("documents/documents", {"state": "nonsense"}, "state", "put away, received, recorded"),
        ("warehousing/counts", {"state": "open"}, "state", "recorded"),
        ("stock/balances", {"status": "9"}, "status", "one of pending inspection"),
        ("stock/blocks", {"kind": "x"}, "kind", "hold, recall"),
        ("stock/lots", {"item_id": list(range(201))}, "item_id", "too many values"),
        ("stock/lots/0x10", {}, "id", "no id"),
        ("stock/lots/999999999999999999999", {}, "id", "no id"),
        ("stock/lots/1", {"limit": "5"}, "limit", "fields"),
        ("stock/ask/on_hand", {"lots": "x"}, "lots", "whole number"),
        ("stock/ask/on_hand", {"limit": ["1", "2"]}, "limit", "once"),
        ("stock/ask/on_hand", {"limit": "10001"}, "limit", "10000 or less"),
        ("stock/ask/items_in_past", {}, "happened", "missing"),
        (
            "stock/ask/items_in_past",
            {"happened": "2026-01-01T00:00:00"},
            "happened",
            "a moment such",
        ),
        ("stock/ask/on_hand", {"colour": "red"}, "colour", "no argument"),
    ],
)
def test_what_cannot_be_asked_is_told_at_its_name(
    get: Get, path: str, asked: dict[str, Any], field: str, said: str
) -> None:
    status, told = get(path, **asked)
    assert (status, told["field"]) == (422, field), told
    assert said in told["title"]
    chinese = get(path, "zh-CN", **asked)[1]["title"]
    assert any("\u4e00" <= sign <= "\u9fff" for sign in chinese)


def test_a_row_is_known_by_its_uid_too(stocked: World, get: Get) -> None:
    lot = get("stock/lots", limit=1)[1]["rows"][0]
    assert get(f"stock/lots/{lot['uid']}")[1] == lot
    assert get("stock/lots/01932f6e-7c1a-7b3e-9d52-6f0a4b8c1d2e")[0] == 404
    assert get("stock/lots/999999999")[0] == 404


def test_a_question_is_answered_in_objects(stocked: World, get: Get) -> None:
    stent = stocked.items["STENT"].pk
    status, told = get("stock/ask/items_on_hand", items=[stent])
    assert status == 200
    assert told["answer"] == [
        {
            "item_id": stent,
            "pending": 0,
            "qualified": sum(range(10, 21)),
            "rejected": 0,
            "in_transit": 0,
            "reserved": 0,
        }
    ]


def test_without_the_permission_nothing_is_read(world: World) -> None:  # SEC-01
    nobody = getter(person(world, roles.SYSTEM))
    for name, resource in RESOURCES.items():
        assert nobody(f"{resource.area}/{resource.noun}")[0] == 403, name
        assert nobody(f"{resource.area}/{resource.noun}/1")[0] == 403, name
    for name, question in QUESTIONS.items():
        assert nobody(f"{question.area}/ask/{question.noun}", happened="x")[0] == 403, name


class Elsewhere:
    """Somebody with every role, but only at a site, or in a legal entity, of another firm."""

    def __init__(self, world: World, *, site: bool) -> None:
        party = Party.objects.create(name_zh="北岸器械", name_en="North Bank")
        entity = LegalEntity.objects.create(code="NB", party=party)
        place = Site.objects.create(
            code="NB1", name_en="North", kind="distribution", legal_entity=entity
        )
        self.person = Person.objects.create(login="elsewhere", name_en="Elsewhere", password="!")
        for role in Role.objects.filter(code__in=[r.code for r in EVERYBODY]):
            RoleGrant.objects.create(
                person=self.person,
                role=role,
                granted_at=LONG_AGO,
                site=place if site else None,
                legal_entity=None if site else entity,
            )


#: Master records of the whole group, and people with a role in it, whom every reader sees.
SHARED = {
    "catalog.identifiers",
    "catalog.items",
    "catalog.packaging_levels",
    "catalog.products",
    "org.legal_entities",
    "org.parties",
    "org.colleagues",
    "org.people",
    "org.role_permissions",
    "org.roles",
    "org.sites",
    "partners.licences",
    "partners.partners",
    "production.bom_lines",
    "production.boms",
    "rules.parameters",
    "stock.lots",
    "stock.serials",
}


@pytest.mark.parametrize("site", [True, False])
def test_nothing_of_another_firm_is_shown(stocked: World, get: Get, site: bool) -> None:
    """SEC-01 ORG-03"""
    elsewhere = getter(Elsewhere(stocked, site=site).person)
    for name, resource in RESOURCES.items():
        if name in SHARED:
            continue
        path = f"{resource.area}/{resource.noun}"
        rows = elsewhere(path, count="true")[1]["rows"]
        if name == "org.role_grants":
            assert {row["person_login"] for row in rows} == {"elsewhere"}
            continue
        assert rows == [], name
        for row in get(path, limit=2)[1]["rows"]:
            assert elsewhere(f"{path}/{row['id']}")[0] == 404, name
    assert elsewhere("stock/ask/items_on_hand")[1]["answer"] == []
    assert elsewhere("stock/ask/on_hand")[1]["answer"] == []
