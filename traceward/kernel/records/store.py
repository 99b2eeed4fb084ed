"""Where the bytes of stored files are: under their sha256, written once, never changed.

The record of a file is `StoredFile`; its hash is in the seal, so whoever has the bytes can prove
them. A command puts the bytes first and the record second: bytes without a record are harmless,
a record without its bytes would not be (docs/adr/0075).
"""

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from django.conf import settings

from traceward.kernel.base import ids
from traceward.kernel.base.refusals import Refusal, sentence

#: So large may a stored file be.
MAX_BYTES = 50_000_000
#: What an interrupted writing may leave behind ends so.
UNFINISHED = ".new"


class FileDamaged(Refusal):
    """What is stored under the hash is missing or has another hash."""


class Store(Protocol):
    """Bytes under their sha256 in hexadecimal digits."""

    def put(self, content: bytes) -> str:
        """The content is stored for good under the name that is returned."""
        ...

    def read(self, name: str) -> bytes:
        """The content, its hash checked; `FileDamaged` where it is missing or another."""
        ...

    def names(self) -> Iterator[str]:
        """Everything that is stored, and what interrupted writing has left."""
        ...


class FolderStore:
    """One file for each content in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, content: bytes) -> str:
        """Whole under its name, or not there at all, whenever the machine stops."""
        name = sha256(content).hexdigest()
        path = self.folder / name
        if path.exists():
            self.read(name)  # what was damaged is told, never written over
            return name
        self.folder.mkdir(parents=True, exist_ok=True)
        fresh = self.folder / f"{name}.{ids.new_uid().hex}{UNFINISHED}"
        try:
            with fresh.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
        except OSError:
            fresh.unlink(missing_ok=True)
            raise
        self._sync_folder()
        return name

    def _sync_folder(self) -> None:
        handle = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def read(self, name: str) -> bytes:
        """The content, its hash checked."""
        try:
            content = (self.folder / name).read_bytes()
        except FileNotFoundError:
            raise FileDamaged(
                sentence(
                    "The stored file {file} is missing. Put it back from a backup; until then "
                    "nothing can be shown in its place."
                ),
                file=name,
            ) from None
        if sha256(content).hexdigest() != name:
            raise FileDamaged(
                sentence(
                    "The stored file {file} was changed. Report it to quality, and put it back "
                    "from a backup; until then nothing can be shown in its place."
                ),
                file=name,
            )
        return content

    def names(self) -> Iterator[str]:
        """Every file of the folder, in order."""
        if self.folder.is_dir():
            yield from sorted(path.name for path in self.folder.iterdir())


def store() -> Store:
    """The store of this installation."""
    return FolderStore(settings.VAR / "files")
