"""One way to turn plain values into bytes, so that digests mean the same everywhere."""

import hashlib
import json
from typing import Any


def canonical_json(value: Any) -> bytes:
    """JSON with sorted keys, no spaces and no escapes beyond JSON's own, as UTF-8."""
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str
    ).encode()


def digest(value: Any) -> bytes:
    """The sha256 of the canonical JSON of plain values: 32 bytes."""
    return hashlib.sha256(canonical_json(value)).digest()
