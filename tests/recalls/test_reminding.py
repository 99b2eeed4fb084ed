"""Who has not answered is reminded: by hand, by rule; what was checked, counts. # TRC-03"""

import smtplib
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest

from tests.ledger import database_now, set_clock
from tests.outbound import signed
from tests.recalls.test_commands import opened, reported
from tests.refusing import colleague, refused
from tests.world import World
from traceward.domain.partners.commands import end_contact, name_contact
from traceward.domain.partners.models import Contact
from traceward.domain.recalls import commands as recalls
from traceward.domain.recalls import queries, rules
from traceward.domain.recalls.commands.reminding import cases_due
from traceward.domain.recalls.models import CheckHow, CheckResult, RecallMessage, RemindHow
from traceward.domain.recalls.refusals import NobodyToRemind, NotReconciled
from traceward.kernel.base.refusals import InvalidInput, NotFound, WrongState
from traceward.kernel.command import mailing
from traceward.kernel.org import roles
from traceward.kernel.outbox import mails
from traceward.kernel.outbox.models import Mail, MailState


@pytest.fixture
def case(world: World) -> int:
    """Of 20 units 3 are at the hospital, which has no contact; it was told."""
    world.stock(world.lot("STENT", "L1"), 20)
    signed(world, quantity=3)
    made = opened(world).case_id
    told = recalls.notify(made, by=world.by(roles.COMPLIANCE))
    assert told.no_address_ids == [world.hospital.pk]
    return made


def contact(world: World, email: str = "wang@h.example") -> int:
    made = name_contact(
        world.hospital.pk, "Wang Min", email=email, phone="1", by=world.by(roles.SALES)
    )
    return made.contact_id


class Box:
    """Takes what is sent, or fails."""

    name = "box"

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.taken: list[EmailMessage] = []

    def send(self, message: EmailMessage) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.taken.append(message)


def test_a_reminder_is_a_row_and_an_email(world: World, case: int) -> None:
    contact(world)
    by = world.by(roles.QUALITY_CONTROLLER)
    assert recalls.remind(case, by=by.asking()).consignee_ids == [world.hospital.pk]
    recalls.remind(case, [world.hospital.pk], by=by.asking())
    recalls.remind(case, [world.hospital.pk], RemindHow.CALL, "Wang looks today", by=by.asking())
    kinds = list(RecallMessage.objects.order_by("number").values_list("kind", "number"))
    assert kinds == [("reminder", 1), ("reminder", 2), ("call", 3)]
    (answer,) = queries.progress(case).answers
    assert (answer.reached.reminders, answer.reached.mail_state) == (3, MailState.QUEUED)
    box = Box()
    assert mailing.send_due(box) == 2
    (answer,) = queries.progress(case).answers
    assert answer.reached.mail_state == MailState.SENT
    assert bytes(Mail.objects.latest("pk").secret) == b""


def test_nobody_is_reminded_in_vain(world: World, case: int) -> None:
    by, hospital = world.by(roles.COMPLIANCE), world.hospital.pk
    with refused(NobodyToRemind, "consignee_ids"):
        recalls.remind(case, by=by.asking())  # no address
    with refused(NotFound, "consignee_ids.0"):
        recalls.remind(case, [world.supplier.pk], by=by.asking())
    with refused(InvalidInput, "consignee_ids"):
        recalls.remind(case, [], by=by.asking())
    with refused(InvalidInput, "note"):
        recalls.remind(case, [hospital], RemindHow.CALL, by=by.asking())
    with refused(InvalidInput, "consignee_ids"):
        recalls.remind(case, None, RemindHow.CALL, "spoke to Wang", by=by.asking())
    with refused(InvalidInput, "note"):
        recalls.remind(case, [hospital], note="please", by=by.asking())
    recalls.acknowledge(case, hospital, 3, by=by.asking())
    with refused(NobodyToRemind, "consignee_ids.0"):
        recalls.remind(case, [hospital], by=by.asking())
    with refused(NobodyToRemind):
        recalls.remind(case, by=by.asking())


def test_an_email_that_fails_is_sent_again_and_says_why(world: World, case: int) -> None:
    contact(world)
    recalls.remind(case, by=world.by(roles.COMPLIANCE))
    box = Box(ConnectionRefusedError("nobody there"))
    assert mailing.send_due(box) == 0
    (answer,) = queries.progress(case).answers
    assert "nobody there" in answer.reached.mail_why
    assert mailing.send_due(box) == 0, "it waits before it is tried again"
    set_clock(database_now() + timedelta(minutes=1))
    assert mailing.send_due(box) == 1
    assert Mail.objects.get().attempts == 2
    assert "/answer/" in box.taken[0].get_content()


def test_an_address_that_does_not_exist_is_told_at_once(world: World, case: int) -> None:
    contact(world)
    recalls.remind(case, by=world.by(roles.COMPLIANCE))
    gone = smtplib.SMTPRecipientsRefused({"wang@h.example": (550, b"no such user")})
    assert mailing.send_due(Box(gone)) == 0
    mail = Mail.objects.get()
    assert mail.state == MailState.FAILED
    assert bytes(mail.secret) == b""
    (answer,) = queries.progress(case).answers
    assert "no such user" in answer.reached.mail_why


def test_a_copy_elsewhere_sends_nothing(
    world: World, case: int, monkeypatch: pytest.MonkeyPatch
) -> None:  # SEC-05
    contact(world)
    recalls.remind(case, by=world.by(roles.COMPLIANCE))
    monkeypatch.setattr("django.conf.settings.SECRET_KEY", "of another installation")
    box = Box()
    assert mailing.send_due(box) == 0
    assert box.taken == []
    assert Mail.objects.get().state == MailState.FAILED


def test_a_sandbox_writes_to_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACEWARD_SMTP", "smtp://127.0.0.1:1")
    assert isinstance(mails.outlet(), mails.Folder)


def test_the_rule_reminds_who_has_not_answered(world: World, case: int) -> None:
    contact(world)
    by = world.by(roles.SYSTEM)
    assert cases_due(database_now()) == []
    assert recalls.remind_due(case, by=by.asking()).consignee_ids == []
    set_clock(database_now() + timedelta(hours=6))
    assert cases_due(database_now()) == [case]
    assert recalls.remind_due(case, by=by.asking()).consignee_ids == [world.hospital.pk]
    set_clock(database_now() + timedelta(hours=7))
    assert cases_due(database_now()) == [], "the one before was not even sent yet"
    mailing.send_due(Box())
    assert cases_due(database_now()) == [case]
    for _ in range(4):
        recalls.remind_due(case, by=by.asking())
        mailing.send_due(Box())
        set_clock(database_now() + timedelta(hours=7))
    assert RecallMessage.objects.count() == rules.REMIND_AT_MOST
    assert cases_due(database_now()) == [], "often enough; from now on by hand"


def test_the_rule_reminds_of_no_recall_that_ended(world: World, case: int) -> None:
    with refused(NotFound):
        recalls.remind_due(case + 1000, by=world.by(roles.SYSTEM))


def test_when_a_reminder_is_due() -> None:
    now, hour = datetime(2026, 3, 1, 12, tzinfo=UTC), timedelta(hours=1)
    ends = now + 3 * hour
    assert not rules.is_due(now, now - hour, ends + 9 * hour, 6 * hour, 4 * hour)
    assert rules.is_due(now, now - 6 * hour, ends, 6 * hour, 4 * hour)
    assert rules.is_due(now, now - 2 * hour, ends, 6 * hour, 4 * hour), "the limit is near"
    assert not rules.is_due(now, now - hour / 2, ends, 6 * hour, 4 * hour), "told of it already"
    assert not rules.is_due(now, now - 2 * hour, now - hour, 6 * hour, 4 * hour), "it is over"


def test_checks_are_counted_by_the_rule(world: World, case: int) -> None:
    by, hospital = world.by(roles.COMPLIANCE), world.hospital.pk
    recalls.acknowledge(case, hospital, 3, by=by.asking())
    reported(world, case)
    assert "effectiveness not checked" in [p.why for p in queries.what_is_open(case)]
    with refused(InvalidInput, "note"):
        recalls.check_effectiveness(
            case, hospital, CheckHow.VISIT, CheckResult.NOT_ACTED, by=by.asking()
        )
    recalls.check_effectiveness(
        *(case, hospital, CheckHow.VISIT, CheckResult.NOT_ACTED),
        note="still on the shelf",
        by=by.asking(),
    )
    assert "check found it not done" in [p.why for p in queries.what_is_open(case)]
    closer = colleague(roles.QUALITY_HEAD).reauthenticated()
    with refused(NotReconciled):
        recalls.close(case, "over", by=closer)
    recalls.check_effectiveness(
        case, hospital, CheckHow.TELEPHONE, CheckResult.ACTED, by=by.asking()
    )
    found = queries.progress(case)
    assert (found.checked, found.checks_wanted) == (1, 1)
    assert not {"check found it not done", "effectiveness not checked"} & {
        p.why for p in queries.what_is_open(case)
    }


def test_a_check_is_of_a_day_since_the_notice(world: World, case: int) -> None:
    today = world.shanghai.day_at(database_now())
    for day in (today + timedelta(days=1), today - timedelta(days=1)):
        with refused(InvalidInput, "checked_on"):
            recalls.check_effectiveness(
                *(case, world.hospital.pk, CheckHow.VISIT, CheckResult.ACTED),
                checked_on=day,
                by=world.by(roles.COMPLIANCE),
            )
    with refused(NotFound, "consignee_id"):
        recalls.check_effectiveness(
            *(case, world.supplier.pk, CheckHow.VISIT, CheckResult.ACTED),
            by=world.by(roles.COMPLIANCE),
        )


def test_so_many_consignees_are_checked() -> None:
    assert [rules.checks_wanted(20, told) for told in (0, 1, 5, 6, 100)] == [0, 1, 1, 2, 20]
    assert rules.checks_wanted(100, 7) == 7
    assert rules.checks_wanted(0, 7) == 0


def test_one_contact_of_a_firm_stands(world: World) -> None:
    by, hospital = world.by(roles.SALES), world.hospital.pk
    first = contact(world)
    second = contact(world, "li@h.example")
    assert list(Contact.objects.filter(ended_at=None).values_list("pk", flat=True)) == [second]
    with refused(WrongState):
        end_contact(first, by=by.asking())
    end_contact(second, by=by.asking())
    assert not Contact.objects.filter(ended_at=None).exists()
    wrong = ("w", "w h@x", "a@b, c@d", "a@b\nBcc: c@d", "王@h.example")
    for email in wrong:
        with refused(InvalidInput, "email"):
            name_contact(hospital, "Wang", email=email, by=by.asking())
    with refused(InvalidInput, "email"):
        name_contact(hospital, "Wang", by=by.asking())
    with refused(InvalidInput, "name"):
        name_contact(hospital, "", email="a@b", by=by.asking())
    with refused(NotFound, "party_id"):
        name_contact(hospital + 10_000, "Wang", email="a@b", by=by.asking())
