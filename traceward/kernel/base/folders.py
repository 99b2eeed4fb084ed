"""Where a server's data, log, socket and copied programs stand.

The answer depends on the home folder and on who we are, never on what has been started before,
so that settings know the socket's address without asking anybody.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import sys
from collections.abc import Callable
from pathlib import Path

from traceward.kernel.base.programs import (
    Account,
    ServerProblem,
    unprivileged_account,
    user_name,
)
from traceward.kernel.base.spoken import Sentence

PORT = 5432  # names the socket file only; no network port is opened
SOCKET_PATH_LIMIT = 107 if sys.platform == "linux" else 103  # bytes, set by the system

Say = Callable[[str], None]


def digest(root: Path, name: str) -> str:
    """A short name for one server of one home folder."""
    return hashlib.sha256(os.fsencode(root / name)).hexdigest()[:12]


def state_folder() -> Path:
    """Root's folder for what cannot stand in a clone that other users do not reach."""
    if os.access("/var/lib", os.W_OK):
        return Path("/var/lib/traceward")
    return Path("/tmp/traceward-root")


def own_state_folder() -> Path:
    """Root's folder exists, is root's own, and lets the server's user through."""
    state = state_folder()
    state.mkdir(mode=0o755, exist_ok=True)
    info = state.lstat()
    if not stat.S_ISDIR(info.st_mode) or info.st_uid != 0:
        raise ServerProblem(
            "{folder} is not a folder of root. Look at it and remove it.", folder=state
        )
    state.chmod(0o755)
    return state


def place(root: Path, name: str) -> Path:
    """The folder of one server: its data, its log and, when the path is short, its socket."""
    inside = root / "var" / name
    if os.geteuid() != 0 or (inside / "data").exists():
        return inside
    if unprivileged_account().reaches(root / "var"):
        return inside
    return state_folder() / f"{digest(root, name)}-{name}"


def socket_folder(root: Path, name: str) -> Path:
    """The private folder of the socket: beside the data, or in /tmp when the path is too long."""
    wanted = place(root, name) / "socket"
    if len(os.fsencode(wanted / f".s.PGSQL.{PORT}")) <= SOCKET_PATH_LIMIT:
        return wanted
    return Path(f"/tmp/traceward-{digest(root, name)}")  # the same in every shell: no TMPDIR


def make_private(folder: Path, account: Account | None) -> None:
    """The folder exists, belongs to the server's user and lets nobody else in."""
    try:
        folder.mkdir(mode=0o700, parents=False, exist_ok=True)
        if account is not None and folder.lstat().st_uid == 0:
            os.chown(folder, account.uid, account.gid, follow_symlinks=False)
        info = folder.lstat()
    except OSError as error:
        raise ServerProblem(
            "Cannot make the folder {folder}: {error}. Make its parent writable, or run "
            "from a clone that you own.",
            folder=folder,
            error=error.strerror,
        ) from error
    owner = account.uid if account is not None else os.geteuid()
    if not stat.S_ISDIR(info.st_mode) or info.st_uid != owner or info.st_mode & 0o077:
        raise ServerProblem(
            "{folder} is not a private folder of user {user}: somebody else made or "
            "changed it. Look at it, remove it and start again.",
            folder=folder,
            user=user_name(owner),
        )


def is_of_earlier_clone(root: Path, name: str, folder: Path) -> bool:
    """Whether the folder outside holds the data of a clone that stood at this path before."""
    outside = folder.parent != root / "var"
    return outside and folder.exists() and not (root / "var" / f"{name}.at").exists()


def claim_outside_folder(root: Path, name: str, folder: Path, say: Say) -> bool:
    """The folder outside the home belongs to this home; true when old data was set aside.

    A mark in ``var`` tells this clone from an earlier one that stood at the same path.
    """
    own_state_folder()
    mark = root / "var" / f"{name}.at"
    if mark.exists():
        return False
    is_taken = is_of_earlier_clone(root, name, folder)
    if is_taken:
        aside = folder.with_name(f"{folder.name}.old")
        shutil.rmtree(aside, ignore_errors=True)
        folder.rename(aside)
        say(Sentence("Data of an earlier clone at this path is set aside in {aside}.", aside=aside))
    mark.write_text(f"{folder}\n")
    say(
        Sentence(
            "Other users cannot enter {root}: the data stands in {folder}.",
            root=root,
            folder=folder,
        )
    )
    return is_taken
