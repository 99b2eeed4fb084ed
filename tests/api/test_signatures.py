"""Who signs through a program, and what a program hears that sent no signature. # QUA-04 INT-02"""

import json
from typing import Any

import pytest
from django.test import Client

from tests.api.test_reading import person
from tests.world import LONG_AGO, World
from traceward.api.limits import STRANGERS
from traceward.domain.stock.commands.blocks import Scope, block
from traceward.domain.stock.models import BlockKind, StockBlock
from traceward.kernel.command.keys import issue_key
from traceward.kernel.command.tokens import token_for
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person, Role, RoleGrant

PASSWORD = "four words are a password"
SIGNED = "stock.lift_block"


@pytest.fixture
def signer(world: World) -> Person:
    STRANGERS.forget()
    found = person(world, roles.QUALITY_HEAD)
    found.set_password(PASSWORD)
    found.save(update_fields=["password"])
    return found


def program(world: World, login: str, *, role: roles.RoleName = roles.QUALITY_HEAD) -> str:
    """The key of a program with this role."""
    account = Person.objects.create(login=login, name_en=login, password="!")
    held = Role.objects.get(code=role.code)
    RoleGrant.objects.create(person=account, role=held, granted_at=LONG_AGO)
    return issue_key(account.pk, login, by=world.by(roles.ADMINISTRATOR)).key.reveal()


def blocked(world: World, number: str) -> StockBlock:
    lot = world.lot("STENT", number)
    world.stock(lot, 1)
    block(Scope(lot_id=lot.pk), BlockKind.HOLD, "wet", by=world.by(roles.QUALITY_HEAD))
    return StockBlock.objects.get(lot=lot)


def send(bearer: str, key: str, row: StockBlock, **headers: str) -> tuple[int, Any]:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = Client().post(
        f"/api/v1/commands/{SIGNED}",
        json.dumps({"block_uid": str(row.uid), "reason": "dry"}),
        content_type="application/json",
        headers={"Authorization": f"Bearer {bearer}", "Idempotency-Key": key, **names},
    )
    return answer.status_code, answer.json()


def test_a_missing_signature_is_told_with_its_headers(world: World, signer: Person) -> None:
    wms, row = program(world, "wms"), blocked(world, "L1")
    for language in ("en", "zh"):
        status, told = send(wms, f"a-{language}", row, Accept_Language=language)
        assert (status, told["field"]) == (403, "Signature-Password"), told
        assert "Signature-Login" in told["title"]


def test_it_is_told_whose_right_is_missing(world: World, signer: Person) -> None:
    row = blocked(world, "L1")
    signs = {"Signature_Login": signer.login, "Signature_Password": PASSWORD}
    for login, role, whose in (("shop", roles.BUYER, "shop"), ("wms", roles.QUALITY_HEAD, "buyer")):
        key = program(world, login, role=role)
        if whose == "buyer":
            buyer = person(world, roles.BUYER)
            signs["Signature_Login"] = whose = buyer.login
        status, told = send(key, f"k-{login}", row, **signs)
        assert (status, told["field"]) == (403, "Signature-Login"), told
        assert told["title"].startswith(whose), told
        assert SIGNED in told["title"]


def test_callers_with_the_same_key_do_not_meet(world: World, signer: Person) -> None:  # INT-02
    first, second = program(world, "wms"), program(world, "mes")
    signs = {"Signature_Login": signer.login, "Signature_Password": PASSWORD}
    rows = [blocked(world, number) for number in ("L1", "L2", "L3")]
    for key, bearer, row in zip("777", (first, second, token_for(signer)), rows, strict=True):
        status, told = send(bearer, key, row, **signs)
        assert (status, told["outcome"]) == (200, "done"), told
        row.refresh_from_db()
        assert row.lifted_at
    assert send(first, "7", rows[0], **signs) == send(first, "7", rows[0], **signs)
    status, told = send(first, "7", rows[1], **signs)
    assert status == 409, told
