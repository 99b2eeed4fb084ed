"""Secrets that we must use again are stored enclosed, with the installation's key.

A database dump, or a copy restored elsewhere, has the rows but not var/secret: nobody can sign
with what stands there. (docs/adr/0072)
"""

import base64
import hashlib
import secrets

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


class CannotOpen(Exception):
    """The secret was enclosed with another installation's key."""


def fresh_key(size: int) -> bytes:
    """So many bytes that nobody can guess."""
    return secrets.token_bytes(size)


def enclose(content: bytes, purpose: str) -> bytes:
    """The content, readable only with the installation's key and for this purpose."""
    return _box(purpose).encrypt(content)


def disclose(enclosed: bytes | memoryview, purpose: str) -> bytes:
    """What was enclosed here for this purpose; CannotOpen where it was not."""
    try:
        return _box(purpose).decrypt(bytes(enclosed))
    except InvalidToken:
        raise CannotOpen from None


def _box(purpose: str) -> Fernet:
    mark = hashlib.sha256(f"{purpose}\0{settings.SECRET_KEY}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(mark))
