"""What was registered wrongly is put right over HTTP, signed, and is read back. # MDM-01"""

import json
from typing import Any

from django.test import Client

from tests.api.test_reading import person
from tests.api.test_refusals import sale, send
from tests.catalog.test_categories import register
from tests.world import World
from traceward.api.limits import STRANGERS
from traceward.domain.catalog.models import MaterialCategory
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.command.tokens import token_for
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person

PASSWORD = "four words are a password"


def do(by: Person, verb: str, **arguments: Any) -> tuple[int, Any]:
    headers = {
        "Authorization": f"Bearer {token_for(by)}",
        "Idempotency-Key": f"{verb} {arguments.get('item_id', '')}",
        "Signature-Login": by.login,
        "Signature-Password": PASSWORD,
    }
    body = json.dumps(arguments)
    path = f"/api/v1/commands/{verb}"
    answer = Client().post(path, body, content_type="application/json", headers=headers)
    return answer.status_code, answer.json()


def rows(by: Person, path: str) -> list[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {token_for(by)}"}
    found: list[dict[str, Any]] = Client().get(f"/api/v1/{path}", headers=headers).json()["rows"]
    return found


def test_an_item_is_put_right_and_shows_it(world: World) -> None:
    set_up_roles()
    STRANGERS.forget()
    head, seller = person(world, roles.QUALITY_HEAD), person(world, roles.SALES)
    head.set_password(PASSWORD)
    head.save(update_fields=["password"])
    item, product = register(world, MaterialCategory.RAW), world.items["STENT"].product_id
    reason = "it has a certificate"
    status, told = do(
        head, "catalog.certify_item", item_id=item.pk, product_id=product, reason=reason
    )
    assert (status, told["outcome"]) == (200, "done"), told
    (row,) = rows(head, f"catalog/items?id={item.pk}")
    assert (row["material_category"], row["product_id"]) == ("device", product)
    (entry,) = rows(head, "audit/entries?verb=catalog.certify_item")
    (change,) = entry["detail"]["changes"]
    assert (change["before"]["material_category"], change["after"]["material_category"]) == (
        "raw",
        "device",
    )
    verb, wanted = sale(world)
    stent = world.items["STENT"].pk
    assert do(head, "catalog.deactivate_item", item_id=stent, reason="not made any more")[0] == 200
    told = send(seller, f"commands/{verb}", wanted).json()
    assert (told["status"], told["field"]) == (422, "lines.0.item_id"), told
