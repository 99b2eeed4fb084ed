"""Request ids as clients give them."""

import uuid

#: Keys that are no UUID become one, in this name space.
KEYS = uuid.UUID("0b7b7d2e-52a5-5a0f-8f3c-1f1b3c2d9e55")


def request_id_of(key: str) -> uuid.UUID:
    """The key itself where it is a UUID, else a UUID that stands for it."""
    try:
        return uuid.UUID(key)
    except ValueError:
        return uuid.uuid5(KEYS, key)
