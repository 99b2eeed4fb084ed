"""`traceward restore`: a backup comes back into an empty database, and work goes on."""

import argparse
import json
import shutil
import tarfile
import tempfile
import uuid
from hashlib import file_digest
from pathlib import Path
from typing import Any

from django.utils.translation import get_language

from traceward.cli import dumps
from traceward.kernel.base.refusals import InvalidInput, fill, sentence

HELP = "bring a backup back into an empty database"

NOT_EMPTY = sentence(
    "The database {database} is not empty. Restore into a new one: name it in DATABASE_URL, or "
    "use another folder as TRACEWARD_HOME."
)
NO_FILE = sentence("{file} does not exist. Give the path of a file.")
NOT_A_BACKUP = sentence("{file} is not a whole backup of Traceward. Take another one.")
NEWER_HEADS = sentence(
    "The heads in {file} know seal {newest}, the backup ends with seal {seal}: what was sealed "
    "after the backup would be lost. If that is accepted, run again with --accept-loss; the loss "
    "stays on record."
)
DONE = sentence(
    "Restored up to seal {seal} with {files} stored files. Put the private keys back into {keys}, "
    "or run “traceward seal --key-is-lost”; then run “traceward verify”."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="a file made by traceward backup")
    parser.add_argument(
        "--accept-loss",
        action="store_true",
        help="go on although later seals are known outside; verify tells of it from then on",
    )


def run(chosen: argparse.Namespace) -> int:
    # Late: subcommands are listed before Django is set up, and the models need it.
    from django.db import connections

    from traceward.kernel.audit import stamps
    from traceward.kernel.audit.sealing import Folders
    from traceward.kernel.base.rights import grant_rights

    if not chosen.file.is_file():
        raise InvalidInput(NO_FILE, file=str(chosen.file))
    server = dumps.this_server()
    server.ensure()
    folders = Folders.below(None)
    _refuse_non_empty(server.database)
    with tempfile.TemporaryDirectory() as scratch:
        about = _unpack(chosen.file, Path(scratch))
        _check_heads(folders.heads, about, accept_loss=chosen.accept_loss)
        dumps.restore_database(server, Path(scratch) / dumps.DUMP)
        grant_rights(connections["owner"])
        tokens = stamps.folder_of(folders.heads, uuid.UUID(about["log"]))
        _put_back(
            Path(scratch),
            {
                "files": folders.files,
                "keys": folders.keys,
                "heads": folders.heads.parent,
                "tokens": tokens,
            },
        )
        _record_restore(folders.heads, about)
    values = {"seal": about["seal"], "files": len(about["files"]), "keys": str(folders.keys)}
    print(fill(DONE, values, get_language() or "en"))
    return 0


def _refuse_non_empty(database: str) -> None:
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        if cursor.fetchone()[0]:
            raise dumps.NotEmpty(NOT_EMPTY, database=database)


def _unpack(source: Path, target: Path) -> dict[str, Any]:
    """The backup's parts are in the target folder; refused unless it is whole."""
    try:
        with tarfile.open(source) as archive:
            _extract(archive, target)
        about: dict[str, Any] = json.loads((target / dumps.ABOUT).read_text())
        with (target / dumps.DUMP).open("rb") as dump:
            is_whole = file_digest(dump, "sha256").hexdigest() == about["sha256"]
    except (OSError, tarfile.TarError, ValueError, KeyError):
        is_whole = False
    if not is_whole or any(not (target / "files" / name).is_file() for name in about["files"]):
        raise InvalidInput(NOT_A_BACKUP, field="file", file=str(source))
    return about


def _extract(archive: tarfile.TarFile, target: Path) -> None:
    """The archive's files stand below the target; one that would stand elsewhere is refused.

    Not `extractall`: its filter is missing from Python 3.11.2, which Debian 12 has.
    """
    for member in archive:
        path = (target / member.name).resolve()
        if member.isdir():
            continue
        content = archive.extractfile(member) if member.isfile() else None
        if content is None or not path.is_relative_to(target.resolve()):
            raise tarfile.ReadError(member.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        with content, path.open("wb") as file:
            shutil.copyfileobj(content, file)


def _check_heads(path: Path, about: dict[str, Any], *, accept_loss: bool) -> None:
    newest = _newest_known(path, uuid.UUID(about["log"]))
    if newest > about["seal"] and not accept_loss:
        raise dumps.NotEmpty(NEWER_HEADS, file=str(path), newest=newest, seal=about["seal"])


def _newest_known(path: Path, log: uuid.UUID) -> int:
    """The number of the newest seal that a head or a time stamp outside knows; 0 for none."""
    from traceward.kernel.audit import heads, stamps

    known = heads.newest(path, log)
    stamped = [stamp.number for stamp in stamps.stamps(path, log)]
    return max([known.number if known else 0, *stamped])


def _put_back(scratch: Path, targets: dict[str, Path]) -> None:
    """Files, public keys, heads and tokens stand where they were; what is there already stays."""
    for folder, target in targets.items():
        target.mkdir(mode=0o700 if folder == "keys" else 0o755, parents=True, exist_ok=True)
        for path in (scratch / folder).glob("*"):
            if not (target / path.name).exists():
                shutil.copyfile(path, target / path.name)


def _record_restore(path: Path, about: dict[str, Any]) -> None:
    """Heads above the backup's last seal are void from here on, and everybody can read so."""
    from traceward.kernel.audit import heads, stamps

    log = uuid.UUID(about["log"])
    if _newest_known(path, log) > about["seal"]:
        heads.append(path, [heads.Head(about["log"], heads.RESTORED, about["seal"])])
        stamps.void_after(path, log, about["seal"])
