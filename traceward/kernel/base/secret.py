"""The installation's secret key: from the environment, else made once under var/."""

import contextlib
import os
import secrets
from pathlib import Path


def secret_key(var: Path) -> str:
    """TRACEWARD_SECRET_KEY, or the key in var/secret (made on first use, readable to us only)."""
    given = os.environ.get("TRACEWARD_SECRET_KEY")
    if given:
        return given
    path = var / "secret"
    if not _is_written(path):
        _make(path)
    return path.read_text(encoding="ascii").strip()


def _is_written(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def _make(path: Path) -> None:
    """The file is there whole or not at all, whenever its maker is killed; the first one stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".secret.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        if path.exists() and not _is_written(path):
            path.unlink()  # left empty by an earlier version that was killed
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)
