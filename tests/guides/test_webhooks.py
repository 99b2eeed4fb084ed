"""The guide to webhooks runs: its consumer hears of each event once, through the API only."""

import json
import re
import sqlite3
import threading
import uuid
from pathlib import Path
from typing import Any

from django.test import Client

from tests import world as worlds
from tests.audit.sealed import sequence_all
from tests.house.source import ROOT
from tests.kernel.verbs import name_party
from traceward.kernel.command.sending import Sender
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.command.tokens import token_for
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person
from traceward.kernel.outbox.models import WebhookAttempt
from traceward.kernel.outbox.queue import queue_events

GUIDE = ROOT / "docs" / "guides" / "webhooks.md"


def test_the_consumer_of_the_guide_applies_each_event_once(
    fresh_database: str, django_db_blocker: Any, tmp_path: Path
) -> None:  # INT-02
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.S):
        exec(compile(block, GUIDE.name, "exec"), names)
    with django_db_blocker.unblock():
        set_up_roles()
        world = worlds.build()
        path = str(tmp_path / "inbox.sqlite")
        inbox = names["Inbox"](path)
        server = names["serve"](inbox)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        url = f"http://127.0.0.1:{server.server_address[1]}/events"
        told = asked(
            world,
            roles.ADMINISTRATOR,
            "outbox.register_webhook",
            {"name": "ERP", "url": url, "patterns": ["testing.*"]},
        )
        inbox.trust(told["secret"])
        thread.start()
        try:
            for name in ("Lan", "Mei", "Hua"):
                name_party(name, by=world.by(roles.SYSTEM))
            send()
            assert applied(path) == 3
            asked(
                world,
                roles.ADMINISTRATOR,
                "outbox.replay_webhook",
                {"webhook_uid": told["webhook_uid"], "from_sequence": 1},
            )
            send()
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
        assert WebhookAttempt.objects.filter(status=204).count() == 6
        assert applied(path) == 3
        assert inbox.take({"webhook-timestamp": "1"}, b"{}") == 401


def asked(world: worlds.World, role: Any, verb: str, arguments: dict[str, Any]) -> Any:
    """The command's answer, through the API."""
    person = Person.objects.get(pk=world.by(role).person_id)
    headers = {
        "Authorization": f"Bearer {token_for(person)}",
        "Idempotency-Key": str(uuid.uuid4()),
    }
    answer = Client().post(
        f"/api/v1/commands/{verb}", json.dumps(arguments), "application/json", headers=headers
    )
    assert answer.status_code == 200, answer.content
    return answer.json()["answer"]


def send() -> None:
    sequence_all()
    queue_events()
    sender = Sender(2)
    while sender.send_some():
        pass


def applied(path: str) -> int:
    database = sqlite3.connect(path)
    try:
        return int(database.execute("SELECT count(*) FROM applied").fetchone()[0])
    finally:
        database.close()
