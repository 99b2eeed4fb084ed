# ruff: noqa: S608 - the attacker of these tests writes SQL by hand, with ids of our own rows
"""Heads go outside, by e-mail and to be time-stamped; what goes wrong there stops nothing here."""

import argparse
import email
import email.policy
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.audit import sealed
from tests.audit.authority import Authority, Postbox, postbox, served
from traceward.cli import doctor, restore, seal
from traceward.kernel.audit import heads, outlets, stamps
from traceward.kernel.audit.outlets import Unusable, send_due, state_of
from traceward.kernel.audit.proof import export_proof
from traceward.kernel.audit.sealing import Folders, last_seal, log_uid, statement_of
from traceward.kernel.audit.verify import Report, verify
from traceward.kernel.base import post as mail_server

pytestmark = pytest.mark.filterwarnings("default::ResourceWarning")
HOUR = 3600.0


@pytest.fixture(scope="module")
def ledger(fresh_database: str) -> sealed.World:
    world = sealed.build()
    assert sealed.seal_all() >= 3
    return world


@pytest.fixture
def copy(ledger: sealed.World, fresh_database: str, tmp_path: Path) -> Iterator[sealed.Copy]:
    with sealed.Copy(f"{fresh_database}_copy"[-60:], tmp_path, ledger) as made:
        yield made


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def stamping(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Authority]:
    authority.fault = ""
    monkeypatch.setenv(outlets.CERTIFICATES, str(authority.write_root(tmp_path / "root.pem")))
    with served(authority) as url:
        monkeypatch.setenv(outlets.TSA, url)
        yield authority


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Iterator[Postbox]:
    with postbox() as box:
        monkeypatch.setenv(outlets.SMTP, box.address)
        monkeypatch.setenv(outlets.TO, "mei@hospital.example, lan@hospital.example")
        yield box


def newest_head() -> str:
    newest = last_seal("default")
    assert newest
    return statement_of(newest, log_uid("default")).digest.hex()


def checked(**given: object) -> Report:
    return verify(authority=outlets.authority(), **given)  # type: ignore[arg-type]


def tokens() -> list[stamps.Stamp]:
    return list(stamps.stamps(Folders.below(None).heads, log_uid("default")))


def seal_more() -> None:
    sealed.move_again()
    sealed.seal_all()


# --- By e-mail ------------------------------------------------------------------------------


def test_the_newest_head_goes_out_once_by_mail(copy: sealed.Copy, post: Postbox) -> None:
    now = time.time()
    (state,) = send_due(now=now)
    assert (state.failures, state.head) == (0, newest_head())
    (letter,) = post.letters
    message = email.message_from_string(letter, policy=email.policy.default)
    text = message.get_content()
    assert message["To"] == "mei@hospital.example, lan@hospital.example"
    assert message["Message-ID"].startswith(f"<{newest_head()}@")
    assert f"traceward verify --head {newest_head()}" in text
    assert "请保存本邮件" in text
    newest = last_seal("default")
    assert newest
    assert statement_of(newest, log_uid("default")).text.decode() in text.replace("\r\n", "\n")

    assert send_due(now=now + 10 * HOUR) == [], "nothing new"
    seal_more()
    assert send_due(now=now + 60) == [], "not yet: one an hour"
    (state,) = send_due(now=now + HOUR)
    assert state.head == newest_head()
    assert len(post.letters) == 2


def test_a_mail_server_that_is_down_is_tried_again_ever_less_often(
    copy: sealed.Copy, post: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens there
        monkeypatch.setenv(outlets.SMTP, f"smtp://127.0.0.1:{taken.getsockname()[1]}")
        now = time.time()
        (state,) = send_due(now=now)
        assert (state.failures, state.number) == (1, 0)
        assert "refused" in state.error
        assert send_due(now=now + 100) == []
        (state,) = send_due(now=now + 120)
        assert state.failures == 2
        assert send_due(now=now + 120 + 239) == []
        assert state_of("mail", log_uid("default")).failures == 2
        seal_more()  # sealing goes on
    monkeypatch.setenv(outlets.SMTP, post.address)
    (state,) = send_due(now=now + HOUR)
    assert (state.failures, state.error, state.head) == (0, "", newest_head())
    assert len(post.letters) == 1
    assert copy.findings() == []


def test_refused_recipients_fail_only_where_nobody_is_left(
    copy: sealed.Copy, post: Postbox, caplog: pytest.LogCaptureFixture
) -> None:
    post.refused = {"mei@", "lan@"}
    (state,) = send_due(now=time.time())
    assert "SMTPRecipientsRefused" in state.error
    post.refused = {"mei@"}
    (state,) = send_due(now=time.time() + HOUR)
    assert state.failures == 0
    assert "was refused for mei@hospital.example" in caplog.text


# --- Time stamps ----------------------------------------------------------------------------


def test_the_token_is_kept_beside_the_heads_and_fits(
    copy: sealed.Copy, stamping: Authority
) -> None:
    (state,) = send_due(now=time.time())
    assert (state.failures, state.error) == (0, "")
    (token,) = tokens()
    newest = last_seal("default")
    assert newest
    assert token.number == newest.number
    assert stamps.head_of(token.path.read_bytes()).hex() == newest_head()
    report = checked()
    assert (report.findings, report.notes) == ([], [])
    unchecked = [str(note) for note in verify().notes]
    assert unchecked == [
        "Who made the 1 time stamps was not checked: name the authority's certificates in "
        "TRACEWARD_TSA_CERTIFICATES."
    ]
    export_proof(copy.scratch / "proof")
    assert (copy.scratch / "proof" / "tokens" / token.path.name).exists()
    assert copy.strangers_findings(folder=copy.scratch / "proof") == []


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("other hash", "of something else"),
        ("other nonce", "to another request"),
        ("garbage", "not a time stamp"),
        ("endless", "too long"),
        ("refused", "refused: REJECTION"),
        ("500", "500"),
        ("redirect", "302"),
    ],
)
def test_a_wrong_answer_is_no_token_and_stops_nothing(
    copy: sealed.Copy, stamping: Authority, fault: str, told: str
) -> None:
    stamping.fault = fault
    (state,) = send_due(now=time.time())
    assert state.failures == 1
    assert told in state.error
    assert tokens() == []
    seal_more()
    assert checked().findings == []


def test_an_authority_that_is_not_the_known_one_is_refused(
    copy: sealed.Copy, stamping: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = Authority().write_root(tmp_path / "other.pem")
    monkeypatch.setenv(outlets.CERTIFICATES, str(stranger))
    (state,) = send_due(now=time.time())
    assert "not one of the known authority" in state.error
    monkeypatch.setenv(outlets.CERTIFICATES, str(tmp_path / "missing.pem"))
    (state,) = send_due(now=time.time() + HOUR)
    assert "missing.pem" in state.error
    monkeypatch.setenv(outlets.TSA, "file:///etc/passwd")
    (state,) = send_due(now=time.time() + 10 * HOUR)
    assert "must begin with http" in state.error
    assert tokens() == []


def test_tokens_tell_a_rolled_back_database_without_the_file_of_heads(  # INV-09
    copy: sealed.Copy, stamping: Authority
) -> None:
    folder = Folders.below(None).heads
    old_heads, number = folder.read_text(), last_seal("default").number
    seal_more()
    send_due(now=time.time())
    copy.tamper(f"DELETE FROM audit_seal WHERE number > {number}")
    folder.write_text(old_heads)  # whoever holds the machine rolls back the file as well
    told = [str(finding) for finding in checked().findings]
    assert f"The database was rolled back: a head outside knows seal {number + 1}" in told[0]
    sealed.seal_all()  # … and goes on under the same numbers
    told = [str(finding) for finding in checked().findings]
    assert "The heads outside know two different seals" in " ".join(told)
    stamps.void_after(folder, log_uid("default"), number)  # the loss is accepted
    assert checked().findings == []


def test_a_token_that_was_changed_or_renamed_is_named(
    copy: sealed.Copy, stamping: Authority
) -> None:
    send_due(now=time.time())
    (token,) = tokens()
    whole = token.path.read_bytes()
    token.path.write_bytes(whole[:-5] + bytes(5))
    assert "not one of the known authority" in str(checked().findings[0])
    token.path.write_bytes(b"nothing")
    assert "not a time stamp" in str(checked().findings[0])
    token.path.write_bytes(whole)
    token.path.rename(token.path.with_name(f"{token.number:012d}-{'0' * 16}.tsr"))
    assert "its file has another name" in str(checked().findings[0])


def test_a_given_head_is_looked_for(copy: sealed.Copy) -> None:
    assert checked(given=[newest_head()]).findings == []
    (finding,) = checked(given=[newest_head(), "0" * 64]).findings
    assert "No seal here has the head 000" in str(finding)


def test_a_restore_with_accepted_loss_voids_later_tokens(
    copy: sealed.Copy, stamping: Authority
) -> None:
    seal_more()
    send_due(now=time.time())
    folders, log, number = Folders.below(None), log_uid("default"), last_seal("default").number
    folders.heads.unlink()  # only the token knows
    about = {"log": str(log), "seal": number - 1}
    with pytest.raises(restore.dumps.NotEmpty, match="would be lost"):
        restore._check_heads(folders.heads, about, accept_loss=False)
    restore._check_heads(folders.heads, about, accept_loss=True)
    restore._record_restore(folders.heads, about)
    assert tokens() == []
    assert [head.event for head in heads.read(folders.heads, log)] == [heads.RESTORED]


# --- The ways around it ---------------------------------------------------------------------


def test_nobody_waits_for_a_hanging_server(
    copy: sealed.Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_server, "SECONDS", 0.3)
    monkeypatch.setattr(stamps, "SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        monkeypatch.setenv(outlets.SMTP, f"smtp://127.0.0.1:{port}")
        monkeypatch.setenv(outlets.TO, "mei@hospital.example")
        monkeypatch.setenv(outlets.TSA, f"http://127.0.0.1:{port}/")
        began = time.monotonic()
        assert [state.failures for state in send_due(now=time.time())] == [1, 1]
        assert time.monotonic() - began < 5


def test_one_sends_at_a_time(copy: sealed.Copy, post: Postbox) -> None:
    with outlets._alone(Folders.below(None)) as first:
        assert first
        assert send_due(now=time.time()) == []
    assert len(send_due(now=time.time())) == 1


def test_the_thread_of_the_worker_survives_what_goes_wrong(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stopping, asked = threading.Event(), []

    def failing(*, now: float) -> None:
        asked.append(now)
        if len(asked) == 3:
            stopping.set()
            return
        raise ValueError("a fault")

    monkeypatch.setattr(outlets, "send_due", failing)
    monkeypatch.setattr(outlets, "PAUSE_SECONDS", 0)
    outlets.run_until(stopping)
    assert len(asked) == 3
    assert caplog.text.count("heads are not sent: a fault") == 1


@pytest.mark.parametrize(
    "setting",
    [
        {outlets.SMTP: "http://x"},
        {outlets.SMTP: "smtp://x:99999"},
        {outlets.TO: "nobody"},
        {outlets.TO: "a@b\nBcc: c@d"},
        {outlets.TO: ",".join(f"p{n}@x" for n in range(21))},
        {outlets.FROM: "who?"},
    ],
)
def test_a_setting_that_cannot_be_used_is_refused(setting: dict[str, str]) -> None:  # UX-02
    with pytest.raises(Unusable, match="must be"):
        outlets.outlets({outlets.TO: "a@b", **setting})
    assert outlets.outlets({}) == []


@pytest.mark.parametrize("text", ["0", "soon", "1441", "-1"])
def test_the_pause_is_bounded(text: str) -> None:
    with pytest.raises(Unusable, match="from 1 to 1440"):
        outlets.pause_minutes({outlets.MINUTES: text})
    assert outlets.pause_minutes({outlets.MINUTES: "5"}) == 5


def test_the_doctor_shows_how_far_heads_got(
    copy: sealed.Copy, post: Postbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    def said() -> str:
        doctor.run(argparse.Namespace(production=True))
        return str(capsys.readouterr().out)

    number = last_seal("default").number
    assert "Start “traceward worker”: heads wait." in said()
    post.refused = {"@"}
    assert seal.run(argparse.Namespace(rotate_key=False, key_is_lost=False, send_heads=True)) == 1
    assert "could not be sent: SMTPRecipientsRefused" in capsys.readouterr().out
    text = said()
    assert f"newest head by e-mail: 0/{number}" in text
    assert "does not go out, it is tried again: SMTPRecipientsRefused" in text
    post.refused = set()
    assert seal.run(argparse.Namespace(rotate_key=False, key_is_lost=False, send_heads=True)) == 0
    assert f"The head of seal {number} was sent." in capsys.readouterr().out
    assert f"ok  newest head by e-mail: {number}/{number}" in said()
    monkeypatch.setenv(outlets.MINUTES, "never")
    assert "Correct the setting: TRACEWARD_HEADS_MINUTES must be" in said()
    monkeypatch.setenv(outlets.TO, "")
    monkeypatch.setenv(outlets.MINUTES, "60")
    assert "Heads stay on this machine." in said()


def test_the_state_of_another_log_or_a_broken_file_is_none(copy: sealed.Copy) -> None:
    folders = Folders.below(None)
    shutil.rmtree(folders.heads.parent)
    assert state_of("mail", log_uid("default")) == outlets.State()
    folders.heads.parent.mkdir()
    (folders.heads.parent / "mail.json").write_text('{"log": "another"}')
    assert state_of("mail", log_uid("default")) == outlets.State()
