"""Calls of the commands by which people change their own accounts; `examples`."""

import time
from collections.abc import Callable
from typing import Any

import pyotp
from fido2.utils import websafe_encode
from fido2.webauthn import AttestedCredentialData

from tests.world import World
from traceward.kernel.command.erasable import Erasable

Arguments = dict[str, Any]

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
#: The public part of a security key that nobody has.
CREDENTIAL = websafe_encode(
    bytes(
        AttestedCredentialData.create(
            b"\0" * 16, b"key-1", {1: 2, 3: -7, -1: 1, -2: b"\1" * 32, -3: b"\2" * 32}
        )
    )
)


def code_now(steps: int = 0) -> str:
    """What an app with the secret shows now, or so many times thirty seconds later."""
    return pyotp.TOTP(SECRET).at(int(time.time()) + 30 * steps)


def add_authenticator(world: World) -> Arguments:
    code = Erasable(code_now())
    return {"label": "telephone", "secret": Erasable(SECRET), "code": code}


ACCOUNTS: dict[str, Callable[[World], Arguments]] = {
    "org.add_authenticator": add_authenticator,
    "org.add_security_key": lambda _: {"label": "blue key", "credential": CREDENTIAL},
    "org.set_pin": lambda _: {"pin": Erasable("728319")},
    "org.share_device": lambda _: {"label": "PDA-07"},
    "org.change_password": lambda _: {"password": Erasable("a long and quiet evening")},
    "org.choose_language": lambda _: {"language": "en"},
    "org.end_sessions": lambda _: {"session_ids": []},
}
