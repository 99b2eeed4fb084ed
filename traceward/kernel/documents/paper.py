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

MEDIA_TYPE = "application/pdf"
FONTS = ("NotoSansSC-Regular.ttf", "NotoSansSC-Bold.ttf")


class FontMissing(Refusal):
    """Without its fonts a document would have boxes where its text should be."""

    http_status, is_final = 503, False


def pdf(template: Path, data: Mapping[str, Any], *, at: datetime) -> bytes:
    """The template with the data, as PDF/A-2b that says it was made at that moment."""
    compiler = typst.Compiler(str(template), root=str(template.parent), font_paths=_fonts())
    made = compiler.compile(
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        pdf_standards="a-2b",
        timestamp=int(at.timestamp()),
    )
    assert isinstance(made, bytes), "one PDF is asked for"
    return made


def missing_fonts() -> list[str]:
    """The names of the fonts that are not there; without one no document is made."""
    return [name for name in FONTS if not (FOLDER / "fonts" / name).is_file()]


@cache
def _fonts() -> typst.Fonts:
    """Our own fonts and no others, so that every machine makes the same document."""
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
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)]
    )
