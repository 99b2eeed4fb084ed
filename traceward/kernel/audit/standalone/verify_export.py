#!/usr/bin/env python3
"""Verify an export of a Traceward ledger without trusting, or having, any Traceward software.

    python verify_export.py FOLDER [--head HEX] [--key HEX] [--without-files]

It needs Python 3.9 or newer and the package `cryptography` (for Ed25519). It reads the export,
hashes every row again, rebuilds the Merkle tree of RFC 6962, checks each seal's signature and its
link to the one before, and names the first entry that is wrong. Exit code 0: sound; 1: not.

Two things you must know from somewhere else than this folder, because whoever wrote the folder
wrote everything in it: the id of the signing key, and a recent head (the sha256 of a seal's
statement) that you were given before. Give them with --key and --head.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

# --- The byte form of each kind of row --------------------------------------------------------
# code: (what it is, file, tag, columns). A column is n (number, or - for none) or t (text, written
# as its length in bytes, a colon and the text, or - for none). The byte form of a row is the tag
# and the columns, joined by "|"; its leaf hash is sha256(0x00 || byte form).
KINDS = {
    1: ("audit entry", "audit_entry.tsv", b"A1", "nnntttttt"),
    2: ("signature", "audit_signature.tsv", b"S1", "ntnnttttn"),
    3: ("stored file", "records_stored_file.tsv", b"F1", "nttttnnnt"),
    16: ("stock move", "stock_move.tsv", b"M1", "nnnnnnnnnnnnnnnnnnnnntttn"),
    17: ("genealogy edge", "stock_genealogy.tsv", b"G1", "nnnnnnn"),
}
LEAF = 41  # bytes: kind (1), id (8, big endian), leaf hash (32)
ESCAPES = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def unescape(value: bytes) -> bytes:
    """The value of a field in PostgreSQL's text format, in which \\n stands for a line break."""
    return re.sub(rb"\\(.)", lambda m: ESCAPES.get(m[1], m[1]), value, flags=re.DOTALL)


class Rows:
    """The rows of one file, one after the other: id, hash computed from the row, hash it states."""

    def __init__(self, path: Path, tag: bytes, columns: str) -> None:
        # Open until the program ends: the rows of a kind are read as the seals are walked.
        self.file = open(path, "rb") if path.exists() else None  # noqa: SIM115
        self.tag, self.width = tag, len(columns)
        self.text_columns = [i for i, form in enumerate(columns) if form == "t"]
        self.row: tuple[int | None, bytes, bytes] | None = None
        if self.file:
            self.file.readline()  # the header
            self.next()

    def next(self) -> None:
        """Go to the next row; `row` is None at the end, and has the id None where it is cut."""
        line = self.file.readline() if self.file else b""
        if not line:
            self.row = None
            return
        values = line[:-1].split(b"\t")
        if not line.endswith(b"\n") or len(values) != self.width + 1:
            self.row = (None, b"", b"")
            return
        stated = values.pop()
        for i in self.text_columns:
            value = values[i]
            if value != b"\\N":
                if b"\\" in value:
                    value = unescape(value)
                values[i] = b"%d:%b" % (len(value), value)
        form = b"|".join([b"-" if value == b"\\N" else value for value in values])
        self.row = (int(values[0]), sha256(b"\x00" + self.tag + b"|" + form), stated)


class Tree:
    """The Merkle tree of RFC 6962, kept as the roots of its perfect subtrees, largest first."""

    def __init__(self, size: int, peaks: list[bytes]) -> None:
        self.size, self.peaks = size, peaks

    def append(self, leaf: bytes) -> None:
        self.size += 1
        completed = self.size
        while completed % 2 == 0:
            leaf = sha256(b"\x01" + self.peaks.pop() + leaf)
            completed //= 2
        self.peaks.append(leaf)

    def root(self) -> bytes:
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = sha256(b"\x01" + peak + root)
        return root


class Export:
    """The whole check; `problems` are said in the order in which they are found."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[str] = []
        self.about = json.loads((folder / "log.json").read_text())
        self.keys: dict[str, Ed25519PublicKey] = {}
        for path in sorted((folder / "keys").glob("*.pub")):
            raw = bytes.fromhex(re.findall(r"^key (\w+)$", path.read_text(), re.MULTILINE)[0])
            self.keys[hashlib.sha256(raw).hexdigest()[:16]] = Ed25519PublicKey.from_public_bytes(
                raw
            )
        self.rows = {c: Rows(folder / k[1], k[2], k[3]) for c, k in KINDS.items()}
        self.checked = 0
        self.heads: dict[int, str] = {}  # seal number: head, for every seal whose signature holds
        self.signers: list[str] = []

    def problem(self, text: str) -> None:
        self.problems.append(text)
        if len(self.problems) <= 20:
            print("WRONG:", text, flush=True)

    def run(self) -> None:
        before = self.about["before"]  # the seal before the first exported one, or null
        number, last, previous = 0, 0, bytes(32)
        tree = Tree(0, [])
        if before:
            text = before["statement"].encode()
            said = dict(line.split(" ") for line in before["statement"].splitlines()[1:])
            self.check_signature(
                said["number"], said["key"], text, bytes.fromhex(before["signature"])
            )
            number, last, previous = int(said["number"]), int(said["last"]), sha256(text)
            packed = bytes.fromhex(before["frontier"])
            peaks = [packed[i : i + 32] for i in range(0, len(packed), 32)]
            tree = Tree(int(said["size"]), peaks)
            if tree.root().hex() != said["root"]:
                self.problem(f"seal {number}: the subtrees it starts from do not fit its root")
        lines = (self.folder / "seals.tsv").read_text().splitlines()[1:]
        with open(self.folder / "leaves.bin", "rb") as leaves:
            for line in lines:
                seal = line.split("\t")
                if int(seal[0]) != number + 1 or int(seal[1]) != last + 1:
                    self.problem(f"seal {number + 1} is missing: seal {seal[0]} comes next")
                previous = self.check_seal(seal, previous, tree, leaves)
                number, last = int(seal[0]), int(seal[2])
            if leaves.read(1):
                self.problem("leaves.bin goes on after the last seal")
        if number != self.about["to"]:
            self.problem(f"the export ends with seal {number}, it should be {self.about['to']}")
        self.check_nothing_left()
        self.check_heads(number)

    def check_signature(self, number: str, key: str, text: bytes, signature: bytes) -> bool:
        if key not in self.keys:
            self.problem(f"seal {number} is signed with the unknown key {key}")
            return False
        try:
            self.keys[key].verify(signature, text)
        except InvalidSignature:
            self.problem(f"seal {number} is forged: its signature does not fit what it says")
            return False
        if key not in self.signers:
            self.signers.append(key)
        self.heads[int(number)] = sha256(text).hex()
        return True

    def check_seal(self, seal: list[str], previous: bytes, tree: Tree, leaves: BinaryIO) -> bytes:
        """One seal: signature, link, root, and the rows under it. Returns its head."""
        number, first, last, size, root, stated_previous, sealed, key, signature = seal
        count = int(size) - tree.size
        packed = leaves.read(max(count, 0) * LEAF)
        if count < 0 or len(packed) != count * LEAF:
            self.problem(f"seal {number}: leaves.bin ends before its last leaf")
        text = (
            f"TRACEWARD SEAL 1\nlog {self.about['log']}\nnumber {number}\nfirst {first}\n"
            f"last {last}\nsize {size}\nroot {root}\nleaves {sha256(packed).hex()}\n"
            f"previous {stated_previous}\nsealed {sealed}\nkey {key}\n"
        ).encode()
        holds = self.check_signature(number, key, text, bytes.fromhex(signature))
        if stated_previous != previous.hex():
            self.problem(f"seal {number} does not follow the seal before it")
        for i in range(0, len(packed), LEAF):
            tree.append(packed[i + 9 : i + LEAF])
        if holds and tree.root().hex() != root:
            self.problem(f"seal {number} is forged: its root does not fit its leaves")
        self.check_rows(number, packed, holds)
        return sha256(text)

    def check_rows(self, number: str, packed: bytes, holds: bool) -> None:
        """Each leaf against the next row of its kind. Rows under a forged seal prove nothing."""
        sealed = {}
        for i in range(0, len(packed), LEAF):
            sealed[packed[i], int.from_bytes(packed[i + 1 : i + 9], "big")] = packed[
                i + 9 : i + LEAF
            ]
        for (kind, row_id), leaf in sealed.items():
            if kind not in KINDS:
                self.problem(f"seal {number} covers rows of the unknown kind {kind}")
                continue
            rows, name = self.rows[kind], f"{KINDS[kind][0]} {row_id} (seal {number})"
            while rows.row and rows.row[0] != row_id and (kind, rows.row[0]) not in sealed:
                self.surplus(kind, holds)
            self.checked += 1
            if rows.row is None or rows.row[0] != row_id:
                if holds:
                    self.problem(f"{name} is missing: it was removed")
                continue
            _, computed, stated = rows.row
            rows.next()
            if computed != leaf and holds:
                self.problem(f"{name} {self.what_happened(sealed, computed, stated, leaf)}")

    def what_happened(
        self, sealed: dict[tuple[int, int], bytes], computed: bytes, stated: bytes, leaf: bytes
    ) -> str:
        if stated == leaf.hex().encode():
            return "was edited"
        for (kind, row_id), other in sealed.items():
            if stated == other.hex().encode():
                return (
                    f"was swapped or renumbered: it carries the hash of {KINDS[kind][0]} {row_id}"
                )
        if stated == computed.hex().encode():
            return "was edited and its own hash repaired to fit"
        return "was edited together with its own hash"

    def surplus(self, kind: int, holds: bool = True) -> None:
        """A row that no leaf stands for is named and passed over."""
        row = self.rows[kind].row
        row_id = row[0] if row else None
        if row_id is None:
            self.problem(f"{KINDS[kind][1]} is cut short or damaged after a row")
        elif holds:
            self.problem(f"{KINDS[kind][0]} {row_id} was added: it is not under any seal here")
        self.rows[kind].next()

    def check_nothing_left(self) -> None:
        for kind, rows in self.rows.items():
            while rows.row:
                self.surplus(kind)

    def check_heads(self, newest: int) -> None:
        """The heads that were written outside the database when each block was sealed."""
        path = self.folder / "heads.jsonl"
        for line in path.read_text().splitlines() if path.exists() else []:
            head = json.loads(line)
            if head["log"] != self.about["log"] or head["event"] != "sealed":
                continue
            known = self.heads.get(head["number"])
            if known and known != head["statement"]:
                self.problem(f"seal {head['number']} is not the one that the heads know: forged")
            if head["number"] > newest and self.about["to"] == self.about["newest"]:
                self.problem(f"the heads know seal {head['number']}: the ledger was rolled back")

    def check_files(self) -> None:
        """The content of every stored file has the sha256 that its (sealed) row states."""
        path = self.folder / KINDS[3][1]
        for line in path.read_bytes().splitlines()[1:] if path.exists() else []:
            values = line.split(b"\t")
            name = values[2].decode()
            file = self.folder / "files" / name
            if not file.exists():
                self.problem(f"stored file {values[0].decode()}: its content {name} is missing")
                continue
            with open(file, "rb") as source:
                digest = hashlib.sha256()
                for part in iter(lambda: source.read(1 << 20), b""):
                    digest.update(part)
            if digest.hexdigest() != name:
                self.problem(f"stored file {values[0].decode()}: its content {name} was changed")


def main() -> int:
    """Every part of the export was checked and what was found is printed; 0 if it is sound."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--head", help="a head that you know from elsewhere")
    parser.add_argument("--key", help="the id of the signing key, known from elsewhere")
    parser.add_argument("--without-files", action="store_true", help="do not read stored files")
    chosen = parser.parse_args()
    try:
        export = Export(chosen.folder)
    except (OSError, ValueError, KeyError, IndexError):
        print(f"{chosen.folder} is no export: log.json or a key is missing or damaged.")
        return 2
    export.run()
    if not chosen.without_files:
        export.check_files()
    if chosen.head and chosen.head not in export.heads.values():
        export.problem(f"no seal here has the head {chosen.head}")
    if chosen.key and export.signers != [chosen.key]:
        export.problem(f"signed with {', '.join(export.signers)}, not only with {chosen.key}")
    last = max(export.heads, default=0)
    print(f"log {export.about['log']}: {export.checked} leaves under {len(export.heads)} seals")
    first, newest = export.about["from"], export.about["newest"]
    if (first, last) != (1, newest):
        print(f"ONLY A PART: seals {first} to {last} of {newest}; what lies outside was not seen")
    print(f"signed with key {', '.join(export.signers)}; newest seal {last}")
    print(f"head {export.heads.get(last, '-')}")
    print("SOUND" if not export.problems else f"NOT SOUND: {len(export.problems)} problems")
    return 1 if export.problems else 0


if __name__ == "__main__":
    sys.exit(main())
