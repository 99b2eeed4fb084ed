"""`traceward backup`: one file with everything but the private keys."""

import argparse
import errno
import io
import json
import os
import tarfile
import tempfile
import time
import uuid
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from django.utils.translation import get_language

from traceward.cli import dumps, standing
from traceward.kernel.base.refusals import fill, sentence

HELP = "write database, stored files, heads and public keys into one file (no private keys)"

DONE = sentence(
    "{file} holds the database with {commands} commands, up to seal {seal}, {files} stored files, "
    "the heads and the public keys. It does not hold the private keys: keep a copy of {keys} apart "
    "from it."
)
FILES_MISSING = sentence(
    "{count} stored files are missing here and are not in it. "
    "Run “traceward verify”: it names them."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, required=True, help="the file to write")


@dataclass(frozen=True)
class Content:
    """What one snapshot of the database holds."""

    log: str
    seal: int
    commands: int
    files: list[str]


def run(chosen: argparse.Namespace) -> int:
    # Late: subcommands are listed before Django is set up, and the models need it.
    from django.conf import settings

    from traceward.kernel.audit import heads, stamps
    from traceward.kernel.audit.sealing import Folders

    dumps.refuse_existing(chosen.out)
    if not chosen.out.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(chosen.out.parent))
    folders = Folders.below(None)
    partial = chosen.out.with_name(f"{chosen.out.name}.partial")
    with tempfile.TemporaryDirectory(dir=chosen.out.parent) as scratch:
        dump = Path(scratch) / dumps.DUMP
        content = dump_with_content(dump)
        files = [folders.files / name for name in content.files]
        files = [path for path in files if path.is_file()]
        with tarfile.open(partial, "w") as archive:
            about = {
                "format": 1,
                "log": content.log,
                "seal": content.seal,
                "commands": content.commands,
                "files": [path.name for path in files],
                "sha256": _digest(dump),
            }
            _add_text(archive, dumps.ABOUT, json.dumps(about, indent=1))
            archive.add(dump, dumps.DUMP)
            log = uuid.UUID(content.log)
            lines = heads.lines_until(folders.heads, log, content.seal)
            if lines:
                _add_text(archive, f"heads/{folders.heads.name}", lines)
            for stamp in stamps.stamps(folders.heads, log):
                if stamp.number <= content.seal:
                    archive.add(stamp.path, f"tokens/{stamp.path.name}")
            for path in sorted(folders.keys.glob("*.pub")):
                archive.add(path, f"keys/{path.name}")
            for path in files:
                archive.add(path, f"files/{path.name}")
    partial.rename(chosen.out)
    standing.remember_backup(settings.VAR, chosen.out, time.time())
    values = {
        "file": str(chosen.out),
        "seal": content.seal,
        "commands": content.commands,
        "files": len(files),
        "keys": str(folders.keys),
    }
    language = get_language() or "en"
    print(fill(DONE, values, language))
    if len(files) < len(content.files):
        print(fill(FILES_MISSING, {"count": len(content.files) - len(files)}, language))
    return 0


def dump_with_content(target: Path) -> Content:
    """The database is dumped; says what this dump holds, whatever is committed meanwhile."""
    from django.db import connections

    from traceward.kernel.audit.checks import snapshot
    from traceward.kernel.audit.sealing import last_seal, log_uid

    with snapshot("verify"), connections["verify"].cursor() as cursor:
        # It waits while pg_dump works, however long that takes.
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        (exported,) = cursor.fetchone()
        dumps.dump_database(dumps.this_server(), target, snapshot=exported)
        cursor.execute("SELECT count(*) FROM audit_entry")
        (commands,) = cursor.fetchone()
        cursor.execute(
            "SELECT DISTINCT encode(sha256, 'hex') AS name FROM records_stored_file ORDER BY name"
        )
        files = [row[0] for row in cursor.fetchall()]
        seal = last_seal("verify")
        return Content(str(log_uid("verify")), seal.number if seal else 0, commands, files)


def _digest(path: Path) -> str:
    with path.open("rb") as source:
        return file_digest(source, "sha256").hexdigest()


def _add_text(archive: tarfile.TarFile, name: str, text: str) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(text.encode())
    archive.addfile(member, io.BytesIO(text.encode()))
