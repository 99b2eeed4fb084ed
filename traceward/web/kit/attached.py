"""The files of a document on its page: which there are, whether they count, and one more."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from traceward.kernel.command.database_errors import persistent
from traceward.kernel.documents.contents import kind_of
from traceward.kernel.documents.models import FileRole
from traceward.resources import asking, labels, reading
from traceward.resources.kit import RESOURCES
from traceward.web.kit.cells import plain
from traceward.web.kit.verbs import address
from traceward.web.visitors import Visitor

FILES = "documents.files"
ATTACH, VOID = "documents.attach_file", "documents.void_file"
#: So many files are shown; the list has the others.
SHOWN = 50
TONES = {"void": "tw-bad", "replaced": "tw-mute"}


@dataclass(frozen=True)
class File:
    """One file: what it is, who put it there, and what may be done with it."""

    row: Mapping[str, Any]
    to: Visitor
    back: str

    def _of(self, name: str) -> str:
        return plain(RESOURCES[FILES], name, self.row, self.to)

    def _who(self, stem: str) -> str:
        """The person by name, as the page's language has it."""
        zh, en = self.row[f"{stem}_name_zh"], self.row[f"{stem}_name_en"]
        first, second = (zh, en) if self.to.language.startswith("zh") else (en, zh)
        return str(first or second or self.row[f"{stem}_login"] or "—")

    @property
    def name(self) -> str:
        return str(self.row["file_name"])

    @property
    def address(self) -> str:
        return f"/documents/files/{self.row['id']}/content"

    @property
    def is_picture(self) -> bool:
        kind = kind_of(self.row["file_media_type"])
        return kind is not None and kind.is_picture

    @property
    def told(self) -> str:
        """What it is, how large, who put it there and when."""
        size = self.row["file_size"]
        shown = f"{size / 1_000_000:.1f} MB" if size >= 100_000 else f"{max(size // 1000, 1)} KB"
        who, at = self._who("attached_by"), self._of("attached_at")
        return " · ".join([self._of("role"), shown, who, at])

    @property
    def counts(self) -> bool:
        return bool(self.row["standing"] == "counts")

    @property
    def standing(self) -> str:
        return "" if self.counts else self._of("standing")

    @property
    def tone(self) -> str:
        return TONES.get(self.row["standing"], "")

    @property
    def why(self) -> str:
        """Why it does not count, and who said so."""
        if not self.row["voided_at"]:
            return ""
        who, at = self._who("voided_by"), self._of("voided_at")
        return " · ".join([self._of("voided_because"), who, at])

    @property
    def is_ours(self) -> bool:
        return self.row["role"] not in FileRole

    @property
    def replace(self) -> str:
        """The form that puts another in its place."""
        if self.is_ours or not self.counts or not self.to.may(ATTACH):
            return ""
        given = {"document_id": self.row["document_id"], "role": self.row["role"]}
        return address(ATTACH, **given, replaces_id=self.row["id"], next=self.back)

    @property
    def void(self) -> str:
        """The form that makes it void."""
        if self.is_ours or self.row["standing"] == "void" or not self.to.may(VOID):
            return ""
        return address(VOID, file_id=self.row["id"], next=self.back)


@dataclass(frozen=True)
class Files:
    """The files of one document, those that count first."""

    document_id: int
    back: str
    to: Visitor
    files: tuple[File, ...] = ()
    more: str = ""

    @property
    def count(self) -> int:
        """How many of them count."""
        return sum(one.counts for one in self.files)

    @property
    def attach(self) -> Mapping[str, Any]:
        """What the form for one more needs; empty where the visitor may not."""
        if not self.to.may(ATTACH):
            return {}
        roles = [
            (one.value, labels.of_value(f"{ATTACH}.role", one.value).in_language(self.to.language))
            for one in FileRole
        ]
        words = {
            name: labels.of_argument(f"{ATTACH}.{name}").in_language(self.to.language)
            for name in ("role", "file")
        }
        verb = labels.of_verb(ATTACH).in_language(self.to.language)
        return {"verb": ATTACH, "title": verb, "roles": roles, **words, "request": uuid.uuid4()}


def files_of(document_id: int, page: str, to: Visitor) -> Files:
    """What belongs to the document, as the visitor may see it."""
    back = f"{page}?tab=files#life"
    if not to.may(FILES):
        return Files(document_id, back, to)
    resource = RESOURCES[FILES]
    given = {"document_id": [str(document_id)], "limit": [str(SHOWN)]}
    asked = asking.read(resource, given)
    found = persistent(lambda: reading.page(resource, asked, to.reader(FILES)))
    rows = sorted(found.rows, key=lambda row: (row["standing"] != "counts", -row["id"]))
    more = f"/documents/files?document_id={document_id}" if found.next_cursor else ""
    return Files(document_id, back, to, tuple(File(row, to, back) for row in rows), more)
