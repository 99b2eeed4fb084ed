"""The proof that leaves the house: sealed rows, seals, keys and heads, with a verifier beside them.

Rows are streamed by COPY block by block in the order of the log, in PostgreSQL's text format,
which tells null from empty; memory does not grow with the ledger.
"""

import json
import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from django.db import connections
from psycopg import sql

from traceward.kernel.audit import keys
from traceward.kernel.audit.checks import snapshot
from traceward.kernel.audit.leaves import STORED_FILE, LeafKind, kinds
from traceward.kernel.audit.models import Seal
from traceward.kernel.audit.sealing import Folders, log_uid, microseconds, statement_of
from traceward.kernel.audit.stamps import stamps
from traceward.kernel.base.refusals import InvalidInput, NotFound, sentence

VERIFIER = Path(__file__).parent / "standalone" / "verify_export.py"
SEAL_COLUMNS = (
    "number",
    "first_sequence",
    "last_sequence",
    "tree_size",
    "root",
    "previous",
    "sealed_us",
    "key_id",
    "signature",
)
README = """Traceward export: a part of a stock ledger that proves itself.

Run:  python verify_export.py .        (Python 3.9 or newer, package `cryptography`)

log.json       which log, which seals
seals.tsv      the signed seals            leaves.bin   what each seal covers, 41 bytes a leaf
*.tsv          the sealed rows by table, in the order of the log
keys/          public keys                 heads.jsonl  heads written outside the database
files/         stored files under their sha256
tokens/        RFC 3161 time stamps of heads, if any: SEAL-HEAD.tsr, to be checked with
               openssl ts -verify -digest HEAD -in FILE -CAfile AUTHORITY.pem

The format is described in docs/reference/byte-form.md of the project; verify_export.py is short
enough to be read first. Compare the key and a head with what you were given some other way.
Rows that were not yet sealed are not part of an export.
"""

_ROWS = sql.SQL(
    "COPY (SELECT {columns} FROM outbox_order o JOIN {table} t ON t.{command} = o.command_id"
    " WHERE o.sequence BETWEEN {first} AND {last} ORDER BY o.sequence, t.{id}) TO STDOUT"
)


@dataclass(frozen=True)
class Exported:
    seals: int
    leaves: int
    files: int


def export_proof(
    folder: Path,
    *,
    from_seal: int = 1,
    to_seal: int | None = None,
    with_files: bool = True,
    var: Path | None = None,
    using: str = "verify",
) -> Exported:
    """The folder, empty before, has all that a stranger needs to verify these seals."""
    if folder.exists() and any(folder.iterdir()):
        raise InvalidInput(
            sentence("The folder {folder} is not empty. Name a new one."), folder=str(folder)
        )
    folders = Folders.below(var)
    if not keys.public_keys(folders.keys):
        raise NotFound(
            sentence(
                "There is no public key in {folder}, without which nobody could verify the export. "
                "Put the keys there, or name the sandbox."
            ),
            folder=str(folders.keys),
        )
    folder.mkdir(parents=True, exist_ok=True)
    with snapshot(using):
        log = log_uid(using)
        newest = Seal.objects.using(using).order_by("-number").defer("leaves").first()
        last = newest.number if newest else 0
        to = min(to_seal or last, last)
        if not 1 <= from_seal <= to:
            raise NotFound(
                sentence("There are no seals from {first} to {last}; the newest is {newest}."),
                first=from_seal,
                last=to_seal or to,
                newest=last,
            )
        leaves = _write_log(folder, from_seal, to, using=using)
        files = _copy_files(folder, folders.files, using=using) if with_files else 0
        about = {
            "format": 1,
            "log": str(log),
            "from": from_seal,
            "to": to,
            "newest": last,
            "leaves": leaves,
            "before": _before(from_seal, log, using=using),
        }
    (folder / "log.json").write_text(json.dumps(about, indent=1) + "\n")
    (folder / "README.txt").write_text(README)
    shutil.copy(VERIFIER, folder / VERIFIER.name)
    _copy_keys_and_heads(folder, folders, log)
    return Exported(to - from_seal + 1, leaves, files)


def _before(from_seal: int, log: uuid.UUID, *, using: str) -> dict[str, str] | None:
    """The seal before the first one: the tree goes on from its subtrees."""
    seal = Seal.objects.using(using).filter(number=from_seal - 1).first()
    if seal is None:
        return None
    return {
        "statement": statement_of(seal, log).text.decode("ascii"),
        "signature": bytes(seal.signature).hex(),
        "frontier": bytes(seal.frontier).hex(),
    }


def _write_log(folder: Path, first: int, last: int, *, using: str) -> int:
    """Seals, leaves and rows of these seals are in their files; says how many leaves."""
    seals = Seal.objects.using(using).filter(number__range=(first, last)).order_by("number")
    targets = {kind.code: (folder / f"{kind.table}.tsv").open("wb") for kind in kinds()}
    count = 0
    try:
        for kind in kinds():
            header = "\t".join([*(column for column, _ in kind.fields), "leaf"])
            targets[kind.code].write(header.encode() + b"\n")
        with (folder / "leaves.bin").open("wb") as leaves, (folder / "seals.tsv").open("w") as rows:
            rows.write("\t".join(SEAL_COLUMNS) + "\n")
            for seal in seals.iterator(chunk_size=4):
                rows.write("\t".join(_plain(seal)) + "\n")
                count += leaves.write(seal.leaves) // 41
                for kind in kinds():
                    _copy_rows(kind, seal, targets[kind.code], using)
    finally:
        for target in targets.values():
            target.close()
    return count


def _plain(seal: Seal) -> list[str]:
    values: list[Any] = [
        seal.number,
        seal.first_sequence,
        seal.last_sequence,
        seal.tree_size,
        bytes(seal.root).hex(),
        bytes(seal.previous).hex(),
        microseconds(seal.sealed_at),
        seal.key_id,
        bytes(seal.signature).hex(),
    ]
    return [str(value) for value in values]


def _copy_rows(kind: LeafKind, seal: Seal, target: BinaryIO, using: str) -> None:
    names = {name: kind.names()[name] for name in ("table", "command", "id")}
    query = _ROWS.format(
        columns=kind.export_sql,
        first=sql.Literal(seal.first_sequence),
        last=sql.Literal(seal.last_sequence),
        **names,
    )
    with connections[using].cursor() as cursor, cursor.copy(query) as copy:
        for part in copy:
            target.write(part)


def _copy_files(folder: Path, source: Path, *, using: str) -> int:
    """The content of the exported stored files, as far as it is there."""
    (folder / "files").mkdir()
    count = 0
    with (folder / f"{STORED_FILE.table}.tsv").open("rb") as rows:
        next(rows)
        for row in rows:
            name = row.split(b"\t")[2].decode("ascii")
            if (source / name).is_file():
                shutil.copyfile(source / name, folder / "files" / name)
                count += 1
    return count


def _copy_keys_and_heads(folder: Path, folders: Folders, log: uuid.UUID) -> None:
    (folder / "keys").mkdir()
    for path in folders.keys.glob("*.pub"):
        shutil.copyfile(path, folder / "keys" / path.name)
    if folders.heads.exists():
        shutil.copyfile(folders.heads, folder / "heads.jsonl")
    for stamp in stamps(folders.heads, log):
        (folder / "tokens").mkdir(exist_ok=True)
        shutil.copyfile(stamp.path, folder / "tokens" / stamp.path.name)
