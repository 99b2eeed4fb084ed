"""The mail server that the installation names: reached over SMTP, with TLS where it says so."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

SMTP = "TRACEWARD_SMTP"
SECONDS = 10.0


@contextmanager
def smtp(address: str) -> Iterator[smtplib.SMTP]:
    """A connection to smtp://, smtp+starttls:// or smtps://user:password@host:port."""
    parts = urlsplit(address)
    kind = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
    with kind(parts.hostname or "", parts.port or 0, timeout=SECONDS) as server:
        if parts.scheme == "smtp+starttls":
            server.starttls()
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        yield server


def is_server(text: str) -> bool:
    """Whether this names a mail server in one of the three ways."""
    try:
        parts = urlsplit(text)
        is_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    return parts.scheme in ("smtp", "smtp+starttls", "smtps") and bool(parts.hostname) and is_port


def is_address(text: str) -> bool:
    """Whether one mail can go there: one address, with nothing a header would read as another."""
    return "@" in text and text.isprintable() and not any(sign in text for sign in ' <>,;"')
