"""A consignee answers by the link of its e-mail; every other link is refused. # TRC-03"""

import email
import email.policy
import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from tests.outbound import signed
from tests.recalls.test_commands import opened
from tests.web.local import browser_of
from tests.world import World
from traceward.domain.partners.commands import name_contact
from traceward.domain.recalls import commands as recalls
from traceward.domain.recalls.models import RecallAnswer
from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.command.mailing import send_due
from traceward.kernel.command.setup import set_up_roles, set_up_system_person
from traceward.kernel.org import roles
from traceward.kernel.outbox.models import Mail
from traceward.web import answering


@pytest.fixture(autouse=True)
def permissions(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    set_up_roles()
    set_up_system_person()
    monkeypatch.setattr(settings, "VAR", tmp_path)
    yield
    for limit in (answering.ADDRESSES, answering.LINKS, answering.EVERYBODY):
        limit.forget()


@pytest.fixture
def case(world: World) -> int:
    """Of 20 units 3 are at the hospital, whose contact has an address; it was told."""
    world.stock(world.lot("STENT", "L1"), 20)
    signed(world, quantity=3)
    by = world.by(roles.SALES)
    name_contact(world.hospital.pk, "王敏", email="wang@hospital.example", by=by)
    made = opened(world).case_id
    recalls.notify(made, by=world.by(roles.COMPLIANCE))
    return made


def mailed() -> list[EmailMessage]:
    """What was sent so far, the oldest first."""
    send_due()
    files = {path.stem: path for path in (Path(settings.VAR) / "mail").glob("*.eml")}
    rows = Mail.objects.order_by("pk").values_list("uid", flat=True)
    return [
        email.message_from_bytes(files[str(uid)].read_bytes(), policy=email.policy.default)
        for uid in rows
        if str(uid) in files
    ]


def link_in(message: EmailMessage) -> str:
    found = re.findall(r"https?://\S+(/answer/\S+)", message.get_content())
    assert len(set(found)) == 1
    return found[0]


def sent(client: Client, link: str, **given: str) -> tuple[int, str]:
    """The form as the page has it, filled in and sent; status and page."""
    page = client.get(link).content.decode()
    key = re.search(r'name="request_id" value="([^"]+)"', page)
    values = {"name": "王敏", "found": "2", "quarantined": "2", "used": "1", "remarks": ""}
    values |= {"request_id": key[1] if key else "x"} | given
    answer = client.post(link, values)
    return answer.status_code, answer.content.decode()


def test_the_link_in_the_mail_leads_to_the_answer_on_the_console(world: World, case: int) -> None:
    (message,) = mailed()
    assert message["To"] == "王敏 <wang@hospital.example>"
    assert "strut may break" in message["Subject"]
    link = link_in(message)
    client = Client(enforce_csrf_checks=True)
    page = client.get(link)
    html = page.content.decode()
    assert page.status_code == 200
    assert page["Referrer-Policy"] == "strict-origin"
    assert page["Cache-Control"] == "no-store"
    assert "default-src 'self'" in page["Content-Security-Policy"]
    assert "江城医院" in html
    assert "L1" in html
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', html)
    assert token
    status, _ = sent(client, link, csrfmiddlewaretoken=token[1], remarks="已封存", name=" 王敏 ")
    assert status == 303
    row = RecallAnswer.objects.get()
    assert (row.found, row.quarantined, row.used, row.said_by) == (3, 2, 1, "王敏")
    entry = AuditEntry.objects.filter(verb="recalls.answer_by_link").get()
    assert entry.outcome == "done"
    assert entry.facts["answered_by"] == "王敏"
    assert entry.facts["consignee"]["zh"] == "江城医院"
    assert entry.origin == "link 127.0.0.1"
    assert "已封存" in client.get(link).content.decode()
    assert (
        "Answered"
        in browser_of(roles.QUALITY_HEAD, language="en").get(f"/recall/{case}").content.decode()
    )
