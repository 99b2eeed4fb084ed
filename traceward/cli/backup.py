"""`traceward backup`: one file with everything but the private keys."""

import argparse
import io
import json
import tarfile
import tempfile
from hashlib import file_digest
from pathlib import Path

from django.utils.translation import get_language

from traceward.cli import dumps
from traceward.kernel.base.refusals import fill, sentence

HELP = "write database, stored files, heads and public keys into one file (no private keys)"

DONE = sentence(
    "{file} holds the database up to seal {seal}, {files} stored files, the heads and the public "
    "keys. It does not hold the private keys: keep a copy of {keys} apart from it."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, required=True, help="the file to write")


def run(chosen: argparse.Namespace) -> int:
    # Late: subcommands are listed before Django is set up, and the models need it.
    from traceward.kernel.audit.sealing import Folders, last_seal, log_uid

    dumps.refuse_existing(chosen.out)
    folders = Folders.below(None)
    partial = chosen.out.with_name(f"{chosen.out.name}.partial")
    with tempfile.TemporaryDirectory(dir=chosen.out.parent) as scratch:
        seal = last_seal("default")
        dump = Path(scratch) / dumps.DUMP
        dumps.dump_database(dumps.this_server(), dump)
        files = sorted(p for p in folders.files.glob("*") if p.is_file())
        with tarfile.open(partial, "w") as archive:
            about = {
                "format": 1,
                "log": str(log_uid("default")),
                "seal": seal.number if seal else 0,
                "files": [path.name for path in files],
                "sha256": _digest(dump),
            }
            _add_text(archive, dumps.ABOUT, json.dumps(about, indent=1))
            archive.add(dump, dumps.DUMP)
            if folders.heads.exists():
                archive.add(folders.heads, f"heads/{folders.heads.name}")
            for path in sorted(folders.keys.glob("*.pub")):
                archive.add(path, f"keys/{path.name}")
            for path in files:
                archive.add(path, f"files/{path.name}")
    partial.rename(chosen.out)
    values = {
        "file": str(chosen.out),
        "seal": about["seal"],
        "files": len(files),
        "keys": str(folders.keys),
    }
    print(fill(DONE, values, get_language() or "en"))
    return 0


def _digest(path: Path) -> str:
    with path.open("rb") as source:
        return file_digest(source, "sha256").hexdigest()


def _add_text(archive: tarfile.TarFile, name: str, text: str) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(text.encode())
    archive.addfile(member, io.BytesIO(text.encode()))
