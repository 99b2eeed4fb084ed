"""E-mails wait in rows: queued with the command that wants them, sent after its commit.

The server is TRACEWARD_SMTP, the sender TRACEWARD_MAIL_FROM; without a server mails wait. A sandbox
never writes to anybody: its mails become files below var/, whatever the environment says.
"""

import os
import smtplib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol

from django.conf import settings

from traceward.kernel.base.enclosed import disclose, enclose
from traceward.kernel.base.models import Database
from traceward.kernel.base.post import SMTP, is_address, is_server, smtp
from traceward.kernel.base.refusals import InvalidInput, sentence
from traceward.kernel.outbox.models import Mail

FROM, ADDRESS = "TRACEWARD_MAIL_FROM", "TRACEWARD_ADDRESS"
DEFAULT_FROM, DEFAULT_ADDRESS = "traceward@localhost", "http://localhost:8000"
#: Stands in a text where the secret goes when it is sent.
SECRET = "⟦secret⟧"  # a place for one, not one
PURPOSE = "secret of an e-mail"
#: Answers of a mail server that say: never (RFC 5321).
NEVER = range(500, 600)


class Unusable(InvalidInput):
    """A setting cannot be used."""


class Outlet(Protocol):
    """A way out: hands over one message, or raises what went wrong."""

    @property
    def name(self) -> str: ...

    def send(self, message: EmailMessage) -> None: ...


@dataclass(frozen=True)
class Server:
    """The mail server that the installation names."""

    address: str
    name: str = "smtp"

    def send(self, message: EmailMessage) -> None:
        with smtp(self.address) as server:
            server.send_message(message)


@dataclass(frozen=True)
class Folder:
    """A folder of files, so that a sandbox can show what would have been sent."""

    path: Path
    name: str = "file"

    def send(self, message: EmailMessage) -> None:
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self.path / f"{message['X-Traceward-Mail']}.eml").write_bytes(bytes(message))


def outlet(environment: Mapping[str, str] = os.environ) -> Outlet | None:
    """Where mails go; None where no server is named. Unusable where it is misspelt."""
    if Database.objects.get(pk=1).is_sandbox:
        return Folder(Path(settings.VAR) / "mail")
    server = environment.get(SMTP, "")
    if not server:
        return None
    if not is_server(server) or not is_address(sender(environment)):
        raise Unusable(
            sentence(
                "{variable} must be smtp://, smtp+starttls:// or smtps://host:port, and {sender} "
                "an e-mail address."
            ),
            variable=SMTP,
            sender=FROM,
        )
    return Server(server)


def sender(environment: Mapping[str, str] = os.environ) -> str:
    """Whom mails come from."""
    return environment.get(FROM, DEFAULT_FROM)


def address_of(path: str, environment: Mapping[str, str] = os.environ) -> str:
    """The whole address of a page, as somebody outside opens it."""
    return environment.get(ADDRESS, DEFAULT_ADDRESS).rstrip("/") + path


def written(
    *, about: uuid.UUID, to: tuple[str, str], heading: str, body: str, secret: str, now: datetime
) -> Mail:
    """A mail that waits, once it is saved, to be sent after the command that wrote it."""
    name, address = to
    return Mail(
        about=about,
        address=address,
        name=name,
        heading=heading[:300],
        body=body,
        secret=enclose(secret.encode(), PURPOSE) if secret else b"",
        queued_at=now,
        due_at=now,
    )


def message_of(mail: Mail) -> EmailMessage:
    """What is sent: the same mail makes the same message id, so a second copy is known as one."""
    secret = disclose(mail.secret, PURPOSE).decode() if mail.secret else ""
    message = EmailMessage()
    message["Subject"] = mail.heading
    message["From"] = sender()
    message["To"] = Address(display_name=mail.name, addr_spec=mail.address)
    message["Message-ID"] = f"<{mail.uid}@{Database.objects.get(pk=1).uid}.traceward>"
    message["Date"] = mail.queued_at
    message["Auto-Submitted"] = "auto-generated"
    message["X-Traceward-Mail"] = str(mail.uid)
    message.set_content(mail.body.replace(SECRET, secret))
    return message


def is_hopeless(error: Exception) -> bool:
    """Whether trying again is of no use: the server says never to this address."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code in NEVER for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPDataError) and error.smtp_code in NEVER
