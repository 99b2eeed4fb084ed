"""A consignee answers by the link of its e-mail; every other link is refused. # TRC-03"""

import email
import email.policy
import re
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from tests.ledger import database_now, set_clock
from tests.outbound import signed
from tests.recalls.test_commands import opened
from tests.refusing import colleague, everything
from tests.web.local import browser_of
from tests.world import World
from traceward.domain.partners.commands import name_contact
from traceward.domain.recalls import commands as recalls
from traceward.domain.recalls.models import RecallAnswer, RecallMessage
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


def opened_page(link: str, **query: str) -> tuple[int, str]:
    page = Client().get(link, query)
    return page.status_code, page.content.decode()


def issued(world: World, case: int) -> str:
    made = recalls.issue_link(case, world.hospital.pk, by=world.by(roles.COMPLIANCE))
    return made.link.reveal().partition("8000")[2]


def test_both_languages_without_javascript(world: World, case: int) -> None:
    link = issued(world, case)
    _, chinese = opened_page(link)
    _, english = opened_page(link, lang="en")
    for text in ("医疗器械召回通知", "现存多少件", "立即停止使用和销售", "确认收到"):
        assert text in chinese
        assert text not in english
    for text in ("Recall notice for medical devices", "Stop using", "Confirm receipt"):
        assert text in english
        assert text not in chinese
    assert "<script" not in chinese + english
    assert 'lang="en"' in english
    assert "zh-Hans" in chinese


def test_a_stale_altered_reused_or_foreign_link_changes_nothing(world: World, case: int) -> None:
    """Each with its status and sentence, and on record; what is none of ours looks the same."""
    client = Client()
    first, second = issued(world, case), issued(world, case)
    altered = second[:-1] + ("A" if second[-1] != "A" else "B")
    foreign = "/answer/" + "Z" * 32
    before = everything()
    pages = []
    for link in (altered, foreign, "/answer/" + "x" * 500):
        status, html = opened_page(link, lang="en")
        assert status == 404
        assert "not one of ours" in html
        pages.append(html)
        assert sent(client, link)[0] == 404
    assert len(set(pages)) == 1
    status, html = opened_page(first, lang="en")
    assert status == 410
    assert "newer link" in html
    assert "STENT" not in html
    assert sent(client, first)[0] == 410
    after = everything()
    assert {k: v for k, v in after.items() if before[k] != v}.keys() <= {"recalls_message"}
    assert not RecallAnswer.objects.exists()
    refusals = AuditEntry.objects.filter(outcome="refused", verb__startswith="recalls.")
    assert refusals.filter(verb="recalls.answer_by_link").count() == 4
    assert sent(client, second)[0] == 303
    status, html = sent(client, second)
    assert status == 409
    assert RecallAnswer.objects.count() == 1
    assert opened_page(second)[0] == 200  # it shows what was said


def test_an_expired_link_and_one_of_an_ended_recall(world: World, case: int) -> None:
    link = issued(world, case)
    other = opened(world, by=world.by(roles.COMPLIANCE)).case_id
    head = colleague(roles.QUALITY_HEAD).reauthenticated()
    recalls.withdraw(case, "opened twice", continued_in_id=other, by=head)
    status, html = opened_page(link, lang="en")
    assert status == 410
    assert "has ended" in html
    recalls.notify(other, by=world.by(roles.COMPLIANCE))
    late = issued(world, other)
    set_clock(database_now() + timedelta(days=15))
    status, html = opened_page(late, lang="en")
    assert status == 410
    assert "telephone 021-0000-0000" in html
    assert sent(Client(), late)[0] == 410
    assert not RecallAnswer.objects.exists()


def test_what_is_wrong_stands_at_its_field(world: World, case: int) -> None:
    link, client = issued(world, case), Client()
    before = everything()
    client.get(link)
    for field, given in (
        ("found", {"found": "many"}),
        ("found", {"found": ""}),
        ("quarantined", {"quarantined": "3"}),
        ("used", {"used": "-1"}),
        ("used", {"used": "9" * 14}),
        ("name", {"name": ""}),
        ("remarks", {"remarks": "<b>" * 200}),
    ):
        status, html = sent(client, f"{link}?lang=en", **given)
        assert status == 422, (field, status)
        assert f'id="{field}-problem"' in html or field == "used", field
        assert "<b><b>" not in html
    changed = {k for k, v in everything().items() if before[k] != v}
    assert changed <= {"recalls_message"}
    assert sent(client, link, found="２", used=" 1 ")[0] == 303
    assert RecallAnswer.objects.get().found == 3


def test_a_form_sent_twice_counts_once(world: World, case: int) -> None:
    link, client = issued(world, case), Client()
    html = client.get(link).content.decode()
    key = re.search(r'name="request_id" value="([^"]+)"', html)
    assert key
    values = {"name": "王敏", "found": "2", "quarantined": "2", "used": "1", "request_id": key[1]}
    assert client.post(link, values).status_code == 303
    assert client.post(link, values).status_code == 303
    assert RecallAnswer.objects.count() == 1


def test_a_form_from_elsewhere_is_refused(world: World, case: int) -> None:
    link = issued(world, case)
    client = Client(enforce_csrf_checks=True)
    client.get(link)
    values = {"name": "x", "found": "3", "quarantined": "3", "used": "0"}
    assert client.post(link, values).status_code == 403
    assert not RecallAnswer.objects.exists()


def test_whoever_asks_too_often_waits(world: World, case: int) -> None:
    link = issued(world, case)
    statuses = {Client().get(f"/answer/{n}").status_code for n in range(60)}
    assert statuses == {404, 429}
    answer = Client().get(link)
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) >= 1
    assert sent(Client(), link)[0] == 429
    assert Client(REMOTE_ADDR="192.0.2.9").get(link).status_code == 200
    for _ in range(40):
        answering.ADDRESSES.forget()
        last = Client(REMOTE_ADDR="192.0.2.10").get(link)
    assert last.status_code == 429, "one link is not asked for ever"
    assert not RecallAnswer.objects.exists()


def test_who_is_signed_in_is_a_consignee_there(world: World, case: int) -> None:
    """The page belongs to the link, not to who happens to be signed in in this browser."""
    link = issued(world, case)
    client = browser_of(roles.QUALITY_HEAD)
    assert sent(client, link)[0] == 303
    entry = AuditEntry.objects.get(verb="recalls.answer_by_link")
    assert entry.actor.login == "consignee"
    assert RecallMessage.objects.latest("pk").opened_at is not None


def test_the_console_says_how_each_is_reached(world: World, case: int) -> None:
    head = browser_of(roles.QUALITY_HEAD, language="en")

    def shown() -> str:
        return head.get(f"/recall/{case}").content.decode().partition('id="consignees"')[2]

    html = shown()
    assert "E-mail waits" in html
    assert "This is a sandbox" in html
    assert "王敏" in html
    assert "wang@hospital.example" in html
    (message,) = mailed()
    assert re.search(r"E-mail \d\d-\d\d \d\d:\d\d", shown())
    Client().get(link_in(message))
    assert "link opened" in shown()
    recalls.remind(case, by=world.by(roles.COMPLIANCE))
    assert "Reminded 1 ×" in shown()
    Mail.objects.filter(state="queued").update(state="failed", why="550 no such user")
    html = shown()
    assert "E-mail failed" in html
    assert "550 no such user" in html
    form = re.search(r'href="(/do/recalls\.issue_link[^"]+)"', html)
    assert form
    address = form[1].replace("&amp;", "&")
    page = head.get(address).content.decode()
    key = re.search(r'name="request_id" value="([^"]+)"', page)
    assert key
    given = {"case_id": str(case), "consignee_id": str(world.hospital.pk), "request_id": key[1]}
    once = head.post("/do/recalls.issue_link", given).content.decode()
    link = re.search(r"http://localhost:8000(/answer/[\w=-]+)", once)
    assert link
    assert sent(Client(), link[1])[0] == 303
    html = shown()
    assert "by link:" in html
    assert "Chase" not in html


def test_chosen_consignees_are_reminded_by_a_plain_form(world: World, case: int) -> None:
    head = browser_of(roles.QUALITY_HEAD, language="en")
    html = head.get(f"/recall/{case}").content.decode()
    chosen = html.partition('<form id="tw-chosen"')[2].partition("</form>")[0]
    hidden = dict(re.findall(r'name="([^"]+)" value="([^"]+)"', chosen))
    assert f'name="consignee_ids" value="{world.hospital.pk}"' in html
    page = head.get("/do/recalls.remind", {**hidden, "consignee_ids": world.hospital.pk})
    assert page.status_code == 200
    key = re.search(r'name="request_id" value="([^"]+)"', page.content.decode())
    assert key
    given = {"case_id": str(case), "consignee_ids": str(world.hospital.pk), "how": "mail"}
    assert head.post("/do/recalls.remind", {**given, "request_id": key[1]}).status_code == 302
    assert len(mailed()) == 2


def test_a_notice_is_printed_for_who_has_no_address(world: World, case: int) -> None:
    head = browser_of(roles.QUALITY_HEAD)
    assert head.get(f"/recall/{case}/notices.pdf").status_code == 404, "everybody has one"
    one = head.get(f"/recall/{case}/notices.pdf", {"consignee": world.hospital.pk})
    assert one["Content-Type"] == "application/pdf"
    assert one.content.startswith(b"%PDF")
    assert head.get(f"/recall/{case}/notices.pdf", {"consignee": "x"}).status_code == 404
    name_contact(world.hospital.pk, "王敏", phone="021", by=world.by(roles.SALES))
    assert head.get(f"/recall/{case}/notices.pdf").content.startswith(b"%PDF")
    assert "notices.pdf?from=1" in head.get(f"/recall/{case}").content.decode()
    for begin in ("2", "0", "-1", "x", "9" * 30):
        answer = head.get(f"/recall/{case}/notices.pdf", {"from": begin})
        assert answer.status_code == 404, "there is but one sheet"
    assert Client().get(f"/recall/{case}/notices.pdf").status_code == 302


def test_what_was_answered_adds_up_and_asks_for_what_is_not_set_aside(
    world: World, case: int
) -> None:
    del world, case
    (message,) = mailed()
    link = link_in(message)
    client = Client()
    assert sent(client, link, found="2", quarantined="1", used="1")[0] == 303
    page = client.get(link, {"lang": "en"}).content.decode()
    said = re.sub(r"<[^>]+>", " ", page.partition("tw-an-said")[2].partition("</dl>")[0])
    told = " ".join(said.split())
    assert "Still there 2 of these set aside: 1 · not set aside: 1 Used 1" in told
    assert "Still there and used, in all 3" in told
    assert "What to do now" in page


def test_who_set_everything_aside_has_nothing_more_to_do(case: int) -> None:
    del case
    (message,) = mailed()
    client = Client()
    assert sent(client, link_in(message), found="2", quarantined="2", used="1")[0] == 303
    page = client.get(link_in(message), {"lang": "en"}).content.decode()
    assert "Still there" in page
    assert "What to do now" not in page
    assert "not set aside" not in page
