"""A security key made of nothing but keys: it answers what pages ask, rightly or wrongly."""

import hashlib
import html as escapes
import json
import os
import re
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
)


class SoftKey:
    """One credential, for one site."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = os.urandom(16)
        self.count = 0

    def forge(self) -> None:
        """It signs with another key from now on."""
        self.key = ec.generate_private_key(ec.SECP256R1())

    def create(self, page: str) -> str:
        """The answer to a page that registers it."""
        asked = _asked(page, "data-key-create")
        public = AttestedCredentialData.create(
            b"\0" * 16, self.id, ES256.from_cryptography_key(self.key.public_key())
        )
        data = self._data(asked["rp"]["id"], 0x41, bytes(public))
        attestation = AttestationObject.create("none", AuthenticatorData(data), {})
        client = self._client("webauthn.create", asked["challenge"])
        return self._answer(client, attestationObject=bytes(attestation))

    def get(self, page: str) -> str:
        """The answer to a page that asks it."""
        asked = _asked(page, "data-key-get")
        data = self._data(asked["rpId"], 0x01)
        client = self._client("webauthn.get", asked["challenge"])
        signed = data + hashlib.sha256(client).digest()
        signature = self.key.sign(signed, ec.ECDSA(hashes.SHA256()))
        return self._answer(client, authenticatorData=data, signature=signature)

    def _data(self, site: str, flags: int, more: bytes = b"") -> bytes:
        self.count += 1
        host = hashlib.sha256(site.encode()).digest()
        return host + bytes([flags]) + self.count.to_bytes(4, "big") + more

    def _client(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        assert urlsplit(self.origin).hostname
        return json.dumps(said).encode()

    def _answer(self, client: bytes, **parts: bytes) -> str:
        response = {"clientDataJSON": client, **parts}
        return json.dumps(
            {
                "id": websafe_encode(self.id),
                "rawId": websafe_encode(self.id),
                "type": "public-key",
                "response": {name: websafe_encode(part) for name, part in response.items()},
                "clientExtensionResults": {},
            }
        )


def _asked(page: str, name: str) -> dict[str, Any]:
    found = re.search(f'{name}="([^"]*)"', page)
    assert found, page
    asked: dict[str, Any] = json.loads(escapes.unescape(found[1]))["publicKey"]
    return asked
