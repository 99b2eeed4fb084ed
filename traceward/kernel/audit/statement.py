"""What a seal says, as bytes: this is signed, and its sha256 is the head of the log."""

import uuid
from dataclasses import dataclass
from hashlib import sha256

NOTHING_BEFORE = bytes(32)


@dataclass(frozen=True)
class Statement:
    """One block of the log. `sealed_us` is UTC microseconds since 1970."""

    log: uuid.UUID
    number: int
    first_sequence: int
    last_sequence: int
    tree_size: int
    root: bytes
    leaves_digest: bytes
    previous: bytes
    sealed_us: int
    key_id: str

    @property
    def text(self) -> bytes:
        """The signed bytes (docs/reference/byte-form.md, "The seal")."""
        return (
            "TRACEWARD SEAL 1\n"
            f"log {self.log}\n"
            f"number {self.number}\n"
            f"first {self.first_sequence}\n"
            f"last {self.last_sequence}\n"
            f"size {self.tree_size}\n"
            f"root {self.root.hex()}\n"
            f"leaves {self.leaves_digest.hex()}\n"
            f"previous {self.previous.hex()}\n"
            f"sealed {self.sealed_us}\n"
            f"key {self.key_id}\n"
        ).encode("ascii")

    @property
    def digest(self) -> bytes:
        """The head: whoever has it can tell any change in the log up to here."""
        return sha256(self.text).digest()
