"""The keys under the seals. They lie in var/keys, never in the database.

`<key id>.pem` is the private half (mode 600, only for the newest key), `<key id>.pub` the public
one: it says since when it serves, which key it follows, and carries that key's signature, unless
that one was lost. The id is the first 16 hexadecimal digits of the public key's sha256.
"""

import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from traceward.kernel.base.refusals import Conflict, sentence


class SealKeyMissing(Conflict):
    """Sealing needs a private key that is not in var/keys."""

    is_final = False


@dataclass(frozen=True)
class PublicKey:
    """A public key with its place in the row of keys; `previous` is "" for the first."""

    raw: bytes
    since_us: int
    previous: str = ""
    endorsement: bytes = b""

    @property
    def key_id(self) -> str:
        return sha256(self.raw).hexdigest()[:16]

    @property
    def statement(self) -> bytes:
        """What the previous key signs when it hands over."""
        return (
            f"TRACEWARD KEY 1\nkey {self.raw.hex()}\nsince {self.since_us}\n"
            f"previous {self.previous or '-'}\n"
        ).encode("ascii")

    @property
    def text(self) -> str:
        signed = f"signature {self.endorsement.hex() or '-'}\n"
        return self.statement.decode("ascii") + signed

    def has_signed(self, text: bytes, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, text)
        except InvalidSignature:
            return False
        return True


def read_public_key(text: str) -> PublicKey:
    """The key in a .pub file; ValueError where the text is not one."""
    lines = dict(line.split(" ", 1) for line in text.splitlines())
    blank = {"-": ""}
    return PublicKey(
        raw=bytes.fromhex(lines["key"]),
        since_us=int(lines["since"]),
        previous=blank.get(lines["previous"], lines["previous"]),
        endorsement=bytes.fromhex(blank.get(lines["signature"], lines["signature"])),
    )


def public_keys(folder: Path) -> dict[str, PublicKey]:
    """Every public key by its id; a file that is not one, or not under its id, is left out."""
    found = {}
    for path in sorted(folder.glob("*.pub")):
        try:
            key = read_public_key(path.read_text())
        except (KeyError, ValueError):
            continue
        if key.key_id == path.stem:
            found[key.key_id] = key
    return found


def newest(keys: dict[str, PublicKey]) -> PublicKey | None:
    """The key that no other follows; of several, the youngest."""
    followed = {key.previous for key in keys.values()}
    last = [key for key in keys.values() if key.key_id not in followed]
    return max(last, key=lambda key: key.since_us, default=None)


def is_endorsed(key: PublicKey, keys: dict[str, PublicKey]) -> bool:
    """Whether the key before it signed the hand-over; the first key has none before it."""
    if not key.previous:
        return True
    before = keys.get(key.previous)
    return before is not None and before.has_signed(key.statement, key.endorsement)


def signing_key(folder: Path) -> tuple[PublicKey, Ed25519PrivateKey]:
    """The newest key with its private half; refused where that half is missing."""
    public = newest(public_keys(folder))
    pem = folder / f"{public.key_id}.pem" if public else None
    if public is None or pem is None or not pem.exists():
        raise SealKeyMissing(
            sentence(
                "The private key {key} for sealing is not in {folder}. Put it back from where you "
                "keep it; if it is lost for good, run “traceward seal --key-is-lost”."
            ),
            key=public.key_id if public else "—",
            folder=str(folder),
        )
    private = serialization.load_pem_private_key(pem.read_bytes(), password=None)
    assert isinstance(private, Ed25519PrivateKey)
    return public, private


def make_first_key(folder: Path, now_us: int) -> None:
    """There is a key; nothing changes where one was made before."""
    if not public_keys(folder):
        _make_key(folder, now_us, previous="", hand_over=None)


def rotate(folder: Path, now_us: int, *, is_lost: bool = False) -> PublicKey:
    """A new key serves from now on; the old private half is destroyed.

    The old key signs the new one. Where it `is_lost` nobody can, and `verify` says so for ever.
    """
    before = newest(public_keys(folder))
    if is_lost:
        return _make_key(folder, now_us, before.key_id if before else "", None)
    public, private = signing_key(folder)
    made = _make_key(folder, now_us, public.key_id, private)
    (folder / f"{public.key_id}.pem").unlink()
    return made


def _make_key(
    folder: Path, now_us: int, previous: str, hand_over: Ed25519PrivateKey | None
) -> PublicKey:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    private = Ed25519PrivateKey.generate()
    raw = private.public_key().public_bytes_raw()
    key = PublicKey(raw, now_us, previous)
    if hand_over is not None:
        key = PublicKey(raw, now_us, previous, hand_over.sign(key.statement))
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    write_whole(folder / f"{key.key_id}.pem", pem, 0o600)
    write_whole(folder / f"{key.key_id}.pub", key.text.encode(), 0o644)
    return key


def write_whole(path: Path, content: bytes, mode: int) -> None:
    """The file is there whole and on the disk, or not at all."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as target:
        target.write(content)
        target.flush()
        os.fsync(target.fileno())
    fresh.rename(path)
