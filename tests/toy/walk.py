"""Every door of the thermometers, tried in a process that knows them; prints what it found.

DJANGO_SETTINGS_MODULE=tests.toy.settings python -m tests.toy.walk DATABASE
"""

import json
import sys
from typing import Any

import django


def main(database: str) -> dict[str, Any]:
    """What each door answered, by the door's name."""
    django.setup()
    from django.db import connections
    from django.test import Client

    from tests import world as worlds
    from tests.databases import point_at
    from tests.toy.models import Thermometer
    from traceward.kernel.base.rights import grant_rights
    from traceward.kernel.command.setup import set_up_roles
    from traceward.kernel.command.tokens import token_for
    from traceward.kernel.org import roles
    from traceward.kernel.org.models import Person

    point_at(database)
    with connections["owner"].schema_editor() as editor:
        editor.create_model(Thermometer)
    grant_rights(connections["owner"])
    set_up_roles()
    world = worlds.build()
    supervisor, picker, auditor = (
        Person.objects.get(pk=world.by(role).person_id)
        for role in (roles.SUPERVISOR, roles.PICKER, roles.AUDITOR)
    )
    browser = Client()
    browser.force_login(supervisor)
    found: dict[str, Any] = {}
    form = browser.get("/do/toy.register").content.decode()
    found["form"] = [
        name for name in ("code", "valid_until", "name_zh") if f'name="{name}"' in form
    ]
    given = {"code": "TH-01", "valid_until": "2031-05-31", "name_zh": "一号冷库"}
    sent = browser.post("/do/toy.register", given)
    found["sent"] = sent.status_code
    row = Thermometer.objects.get()
    again = browser.post("/do/toy.register", given)
    found["refused"] = [again.status_code, 'aria-invalid="true"' in again.content.decode()]
    found["rows"] = Thermometer.objects.count()
    for language in ("zh-hans", "en"):
        browser.cookies["language"] = language
        page = browser.get("/toy/thermometers").content.decode()
        found[f"list {language}"] = [w for w in ("温度计", "Thermometers", "TH-01") if w in page]
    one = browser.get(f"/toy/thermometers/{row.pk}")
    found["document"] = [one.status_code, "TH-01" in one.content.decode()]
    for kind, query in (("found", "TH-0"), ("not found", "XX")):
        page = browser.get("/toy/thermometers", {"q": query}).content.decode()
        found[kind] = "TH-01" in page
    export = browser.get("/toy/thermometers/export.csv")
    found["export"] = b"".join(export.streaming_content).decode()  # type: ignore[attr-defined]
    api = _program(token_for(supervisor))
    rows = api.get("/api/v1/toy/thermometers").json()
    found["api"] = [one["code"] for one in rows["rows"]]
    made = api.post(
        "/api/v1/commands/toy.register",
        {"code": "TH-02", "valid_until": "2031-05-31"},
        content_type="application/json",
        headers={"idempotency-key": "0198c9b2-0000-7000-8000-000000000001"},
    )
    found["api command"] = made.status_code
    reading = _program(token_for(auditor))
    entries = reading.get("/api/v1/audit/entries", {"verb": "toy.register", "fields": "outcome"})
    found["audit"] = sorted(one["outcome"] for one in entries.json()["rows"])
    paths = api.get("/api/v1/openapi.json").json()["paths"]
    found["described"] = sorted(path for path in paths if "toy" in path)
    stranger = Client()
    stranger.force_login(picker)
    found["hidden"] = [
        stranger.get("/do/toy.register").status_code,
        stranger.post("/do/toy.register", {**given, "code": "TH-03"}).status_code,
    ]
    return found


def _program(token: str) -> Any:
    from django.test import Client

    return Client(headers={"authorization": f"Bearer {token}"})


if __name__ == "__main__":
    json.dump(main(sys.argv[1]), sys.stdout, ensure_ascii=False)
