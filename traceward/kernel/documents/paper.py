"""Documents on paper: a template and its data become a PDF, the same bytes for the same data.

Data never become markup: they reach the template as JSON, which it reads as values.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

from traceward.kernel.base.assets import FOLDER
from traceward.kernel.base.refusals import Refusal, sentence
from traceward.kernel.documents.printable import (
    printable,
    without_accents,
    without_controls,
)

MEDIA_TYPE = "application/pdf"
FONTS = ("NotoSansSC-Regular.ttf", "NotoSansSC-Bold.ttf")
#: Goes before each template. The first font that has a character prints it; those after our own
#: come with typst. Noto has accents but cannot place them, so letters with accents are another's.
PRELUDE = rb"""
#let data = json(bytes(sys.inputs.data))
#set text(fallback: false, font: (
  (name: "Noto Sans SC", covers: regex("[^\u{100}-\u{24f}\u{1e00}-\u{1fff}]")),
  "DejaVu Sans Mono", "Libertinus Serif", "New Computer Modern Math",
))
"""


class FontMissing(Refusal):
    """Without its fonts a document would have boxes where its text should be."""

    http_status, is_final = 503, False


def pdf(template: Path, data: Mapping[str, Any], *, at: datetime) -> bytes:
    """The template with the data, as PDF/A-2b that says it was made at that moment.

    For each character that no font has stands 〓, and `data.has_unprintable` is true; the template
    says what it means.
    """
    (made,) = _made(template, data, at, {"format": "pdf", "pdf_standards": "a-2b"})
    return made


def pictures(
    template: Path, data: Mapping[str, Any], *, at: datetime, dots_per_inch: float
) -> list[bytes]:
    """The same, each page as a picture (PNG) with so many dots to the inch."""
    return _made(template, data, at, {"format": "png", "ppi": dots_per_inch})


def _made(
    template: Path, data: Mapping[str, Any], at: datetime, how: Mapping[str, Any]
) -> list[bytes]:
    fonts = _fonts()

    def typeset(source: bytes, texts: Mapping[str, Any]) -> list[bytes]:
        return _typeset(source, texts, fonts, at, how)

    shown = without_controls(dict(data))
    try:
        return typeset(template.read_bytes(), {**shown, "has_unprintable": False})
    except typst.TypstError:
        marked = printable(shown, typeset)
    try:
        return typeset(template.read_bytes(), {**marked, "has_unprintable": marked != shown})
    except typst.TypstError:
        return typeset(template.read_bytes(), {**without_accents(marked), "has_unprintable": True})


def _typeset(
    source: bytes,
    texts: Mapping[str, Any],
    fonts: typst.Fonts,
    at: datetime,
    how: Mapping[str, Any],
) -> list[bytes]:
    made = typst.Compiler(PRELUDE + source, font_paths=fonts).compile(
        sys_inputs={"data": json.dumps(texts, ensure_ascii=False)},
        timestamp=int(at.timestamp()),
        **how,
    )
    pages = made if isinstance(made, list) else [made]
    return [bytes(page) for page in pages if page is not None]


def missing_fonts() -> list[str]:
    """The names of the fonts that are not there; without one no document is made."""
    return [name for name in FONTS if not (FOLDER / "fonts" / name).is_file()]


@cache
def _fonts() -> typst.Fonts:
    """Our own fonts and typst's, none of the machine's: every machine makes the same document."""
    folder = FOLDER / "fonts"
    missing = missing_fonts()
    if missing:
        raise FontMissing(
            sentence(
                "The font {font} is missing in {folder}, so no document can be made. In a clone, "
                "run ./dev; an installed package brings it along, so install that again."
            ),
            font=missing[0],
            folder=str(folder),
        )
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(folder)]
    )
