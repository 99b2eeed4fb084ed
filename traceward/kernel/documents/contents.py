"""What an uploaded file is, judged by its bytes; what its name and sender say counts for nothing.

Uploads are hostile until shown otherwise: only kinds that cannot act by themselves are taken, the
name has to say the same as the bytes, and nothing is ever unpacked or drawn here (docs/adr/0232).
"""

import re
import unicodedata
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath

from traceward.kernel.base.refusals import InvalidInput, sentence

#: So large may an uploaded file be.
MAX_UPLOAD = 20_000_000
#: … and what it says that it holds, where it is packed.
MAX_UNPACKED = 200_000_000
MAX_PARTS = 5_000
MAX_CONTENT_TYPES = 1_000_000
MAX_STEM = 120

ALLOWED = sentence("PDF, PNG, JPEG, WebP, XLSX, DOCX, CSV or TXT")
UNKNOWN = sentence("“{name}” is none of the kinds of files that are taken: {kind}.")
EMPTY = sentence("“{name}” is empty. Choose the file that was meant.")
DISGUISED = sentence(
    "“{name}” is not what its name says: its content is {found}. Choose the right file, or save it "
    "anew under a name that ends in .{extension}."
)
WEB_PAGE = sentence(
    "“{name}” holds a web page or drawing, which could run by itself. Print it as PDF and attach "
    "that."
)
OLD_OFFICE = sentence(
    "“{name}” is of an old Office format, or is protected by a password. Save it as XLSX or DOCX "
    "without one, or as PDF."
)
ACTIVE = sentence(
    "“{name}” holds macros or embedded programs. Save it without them (XLSX, DOCX) or as PDF."
)
PACKED = sentence("“{name}” is damaged, or would unpack to more than is taken. Save it as PDF.")
UNREADABLE = sentence(
    "“{name}” is no text that can be read. Save it as CSV or TXT in UTF-8 or GB 18030."
)


@dataclass(frozen=True)
class Kind:
    """A kind of file that is taken: its media type, its name, and the endings that fit."""

    media_type: str
    name: str
    endings: tuple[str, ...]

    @property
    def is_picture(self) -> bool:
        """Whether a browser shows it without running anything."""
        return self.media_type.startswith("image/")


PDF = Kind("application/pdf", "PDF", ("pdf",))
PNG = Kind("image/png", "PNG", ("png",))
JPEG = Kind("image/jpeg", "JPEG", ("jpg", "jpeg"))
WEBP = Kind("image/webp", "WebP", ("webp",))
_OFFICE = "application/vnd.openxmlformats-officedocument."
XLSX = Kind(f"{_OFFICE}spreadsheetml.sheet", "XLSX", ("xlsx",))
DOCX = Kind(f"{_OFFICE}wordprocessingml.document", "DOCX", ("docx",))
CSV = Kind("text/csv; charset=utf-8", "CSV", ("csv",))
CSV_GB = Kind("text/csv; charset=gb18030", "CSV", ("csv",))
TXT = Kind("text/plain; charset=utf-8", "TXT", ("txt",))
TXT_GB = Kind("text/plain; charset=gb18030", "TXT", ("txt",))
KINDS = (PDF, PNG, JPEG, WEBP, XLSX, DOCX, CSV, TXT)
#: What a chooser of files offers.
ACCEPT = ",".join(["image/*", *(f".{ending}" for kind in KINDS for ending in kind.endings)])

#: Windows gives these to devices, whatever ending follows.
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)
_FORBIDDEN = re.compile(r'[<>:"|?*\\/]')
_MARKUP = re.compile(rb"<\s*(!doctype|\?xml|html|head|body|script|svg|iframe|math|object)", re.I)
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
_ACTIVE = re.compile(r"(vbaproject\.bin|macrosheets/|activex/|embeddings/|vbadata\.xml)", re.I)


def cleaned(name: str) -> str:
    """The name without folders and without what a reader cannot see or a disk cannot keep."""
    plain = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    seen = "".join(" " if c.isspace() else c for c in plain if unicodedata.category(c)[0] != "C")
    path = PurePosixPath(_FORBIDDEN.sub("_", " ".join(seen.split())).strip(". ") or "file")
    stem, ending = path.stem[:MAX_STEM].strip(". ") or "file", path.suffix[:12]
    return f"_{stem}{ending}" if _DEVICES.fullmatch(stem) else f"{stem}{ending}"


def judged(name: str, content: bytes) -> tuple[str, Kind]:
    """The name with a right ending, and the kind; refused where bytes and name say two things."""
    if not content:
        raise InvalidInput(EMPTY, field="file", name=name)
    ending = PurePosixPath(name).suffix.lower().removeprefix(".")
    kind = _kind_of(name, ending, content)
    if not ending:
        return f"{name}.{kind.endings[0]}", kind
    if ending not in kind.endings:
        known = any(ending in one.endings for one in KINDS)
        if not known and kind in (TXT, TXT_GB):
            raise InvalidInput(UNKNOWN, field="file", name=name, kind=ALLOWED)
        raise InvalidInput(
            DISGUISED, field="file", name=name, found=kind.name, extension=kind.endings[0]
        )
    return name, kind


def _kind_of(name: str, ending: str, content: bytes) -> Kind:
    for kind, begins in ((PDF, b"%PDF-"), (PNG, b"\x89PNG\r\n\x1a\n"), (JPEG, b"\xff\xd8\xff")):
        if content.startswith(begins):
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return WEBP
    if content.startswith(b"PK\x03\x04"):
        return _office(name, content)
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise InvalidInput(OLD_OFFICE, field="file", name=name)
    return _text(name, ending, content)


def _office(name: str, content: bytes) -> Kind:
    """A workbook or text; only its list of parts and the types of these are read, never more."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            parts = packed.infolist()
            total = sum(part.file_size for part in parts)
            if len(parts) > MAX_PARTS or total > MAX_UNPACKED:
                raise InvalidInput(PACKED, field="file", name=name)
            names = {part.filename for part in parts}
            if "[Content_Types].xml" not in names:
                raise InvalidInput(UNKNOWN, field="file", name=name, kind=ALLOWED)
            with packed.open("[Content_Types].xml") as types:
                told = types.read(MAX_CONTENT_TYPES)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError):
        # NotImplementedError is how zipfile says that it does not know a way of packing.
        raise InvalidInput(PACKED, field="file", name=name) from None
    if b"macroEnabled" in told or any(_ACTIVE.search(one) for one in names):
        raise InvalidInput(ACTIVE, field="file", name=name)
    for kind, main in ((XLSX, "xl/workbook.xml"), (DOCX, "word/document.xml")):
        if main in names:
            return kind
    raise InvalidInput(UNKNOWN, field="file", name=name, kind=ALLOWED)


def _text(name: str, ending: str, content: bytes) -> Kind:
    """A text, in one of the two encodings that people here use."""
    if _MARKUP.match(content.removeprefix(b"\xef\xbb\xbf").lstrip()):
        raise InvalidInput(WEB_PAGE, field="file", name=name)
    encoding = next((one for one in ("utf-8", "gb18030") if _reads(content, one)), "")
    if not encoding:
        told = UNREADABLE if ending in ("csv", "txt") else UNKNOWN
        raise InvalidInput(told, field="file", name=name, kind=ALLOWED)
    plain, gb = (CSV, CSV_GB) if ending == "csv" else (TXT, TXT_GB)
    return plain if encoding == "utf-8" else gb


def _reads(content: bytes, encoding: str) -> bool:
    try:
        return _CONTROLS.search(content.decode(encoding)) is None
    except UnicodeDecodeError:
        return False


def kind_of(media_type: str) -> Kind | None:
    """The kind that has this media type; none where it is no kind that is taken."""
    return next((k for k in (*KINDS, CSV_GB, TXT_GB) if k.media_type == media_type), None)
