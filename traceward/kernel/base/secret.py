"""The installation's secret key: from the environment, else made once under var/."""

import os
import secrets
from pathlib import Path


def secret_key(var: Path) -> str:
    """TRACEWARD_SECRET_KEY, or the key in var/secret (made on first use, readable to us only)."""
    given = os.environ.get("TRACEWARD_SECRET_KEY")
    if given:
        return given
    path = var / "secret"
    if path.exists():
        return path.read_text(encoding="ascii").strip()
    var.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii").strip()
