"""Identifiers made in the application."""

import uuid

from uuid_utils import compat


def new_uid() -> uuid.UUID:
    """A fresh UUIDv7 (RFC 9562): unique, and sortable by the millisecond it was made."""
    return compat.uuid7()
