"""Codes of authenticator apps (RFC 6238): six digits, thirty seconds, one step of skew."""

import base64
import binascii
import re
import time

import pyotp
from django.utils.crypto import constant_time_compare

SECONDS = 30
SKEW = 1
#: 160 bits, as the standard asks.
MIN_BYTES = 20


def new_secret() -> str:
    """A secret that nobody can guess, as apps take it."""
    return pyotp.random_base32()


def check_secret(text: str) -> None:
    """ValueError where it is no base32 of 160 bits or more."""
    try:
        if len(base64.b32decode(text)) < MIN_BYTES:
            raise ValueError(text)
    except binascii.Error:
        raise ValueError(text) from None


def address_of(secret: str, login: str) -> str:
    """What the app reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name="Traceward")


def step_of(secret: str, code: str, *, after: int) -> int | None:
    """The time step of the code; None where it is wrong, too old, or counted before."""
    given = re.sub(r"\s", "", code)
    if not re.fullmatch(r"[0-9]{6}", given):
        return None
    now = int(time.time()) // SECONDS
    app = pyotp.HOTP(secret)
    fits = [
        step
        for step in range(now - SKEW, now + SKEW + 1)
        if constant_time_compare(app.at(step), given)
    ]
    return next((step for step in fits if step > after), None)
