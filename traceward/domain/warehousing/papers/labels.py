"""Labels as PDF and as the commands of a label printer (ZPL), made from what was put on record.

Both have one layout: the template draws the texts, and of a printer's label also their dots, so
that a printer needs no Chinese font and no text can be taken for a command. # WMS-06
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typst

from traceward.domain.warehousing.models import LabelKind, LabelPrint, PrintedLabel
from traceward.domain.warehousing.papers import zpl
from traceward.kernel.base.gs1 import parse_hri
from traceward.kernel.documents import paper, symbols
from traceward.kernel.documents.files import Content

TEMPLATE = Path(__file__).with_name("labels.typ")
#: Dots of a printer's millimetre and inch (203 dpi).
DOTS = 8
DOTS_PER_INCH = DOTS * 25.4
_MISFIT = re.compile(r"label ([0-9]+) is too small")


@dataclass(frozen=True)
class Layout:
    """A label's size in millimetres, and how large its symbol is."""

    width: int
    height: int
    #: Room for a square symbol, or height of bars.
    symbol: int
    #: Of the symbol's modules, in dots.
    most_dots: int = 7

    @property
    def size(self) -> str:
        """As it is asked for: "50x30"."""
        return f"{self.width}x{self.height}"


#: By kind, the sizes that there are; the first is what is mostly used.
LAYOUTS: dict[str, dict[str, Layout]] = {
    kind: {one.size: one for one in sizes}
    for kind, sizes in {
        LabelKind.UDI: (Layout(50, 30, 16), Layout(70, 40, 20), Layout(100, 60, 28)),
        LabelKind.SSCC: (Layout(100, 150, 34, 4), Layout(100, 100, 32, 4)),
        LabelKind.PLACE: (Layout(70, 40, 36, 9), Layout(100, 60, 52, 12), Layout(50, 30, 26)),
    }.items()
}
#: From the edge to the texts and symbols, and for the text below bars, in millimetres.
MARGIN, FOOT = 2, 7
#: Modules around a QR code that stay white.
QUIET = 4


@dataclass(frozen=True)
class LabelText:
    """What stands on one label: what its symbol says, and the texts around it."""

    code: str
    texts: dict[str, Any] = field(default_factory=dict)
    copies: int = 1

    @property
    def elements(self) -> list[tuple[str, str]]:
        """The application identifiers of a GS1 code with their values; none of others."""
        if not self.code.startswith("("):
            return []
        return [(one.ai, one.value) for one in parse_hri(self.code)]


def on_record(label_print: LabelPrint) -> list[LabelText]:
    """The labels of the print, as they were."""
    rows = PrintedLabel.objects.filter(label_print=label_print.pk).order_by("line_number")
    return [LabelText(row.code, row.texts, row.copies) for row in rows]


def pdf_of(label_print: LabelPrint) -> Content:
    """One label on each page, each copy a page of its own."""
    layout = LAYOUTS[label_print.kind][label_print.size]
    made = _pdf(label_print.kind, layout, on_record(label_print), label_print.at)
    return _content(label_print, "pdf", made, paper.MEDIA_TYPE)


def zpl_of(label_print: LabelPrint) -> Content:
    """The commands of a label printer with 203 dots to the inch."""
    layout = LAYOUTS[label_print.kind][label_print.size]
    labels = on_record(label_print)
    data = _data(label_print.kind, layout, labels, is_drawn=False)
    drawn = paper.pictures(TEMPLATE, data, at=label_print.at, dots_per_inch=DOTS_PER_INCH)
    made = [
        zpl.label(picture, _placed(label_print.kind, layout, one), one.copies)
        for picture, one in zip(drawn, labels, strict=True)
    ]
    return _content(label_print, "zpl", "".join(made).encode(), "application/zpl")


def picture_of(label_print: LabelPrint) -> Content:
    """The first label as a picture, to be looked at."""
    layout = LAYOUTS[label_print.kind][label_print.size]
    data = _data(label_print.kind, layout, on_record(label_print)[:1])
    made = paper.pictures(TEMPLATE, data, at=label_print.at, dots_per_inch=2 * DOTS_PER_INCH)
    return _content(label_print, "png", made[0], "image/png")


def too_small_for(kind: str, layout: Layout, labels: Sequence[LabelText]) -> int | None:
    """The number of the first label on which its texts have no room; they are never cut."""
    try:
        _pdf(kind, layout, [LabelText(one.code, one.texts) for one in labels], _EPOCH)
    except typst.TypstError as error:
        found = _MISFIT.search(str(error))
        if found is None:
            raise
        return int(found[1])
    return None


_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def _pdf(kind: str, layout: Layout, labels: Sequence[LabelText], at: datetime) -> bytes:
    return paper.pdf(TEMPLATE, _data(kind, layout, labels), at=at)


def _content(label_print: LabelPrint, ending: str, made: bytes, media_type: str) -> Content:
    name = f"labels-{label_print.kind}-{label_print.pk}.{ending}"
    return Content(name, media_type, hashlib.sha256(made).hexdigest(), made)


def _data(
    kind: str, layout: Layout, labels: Iterable[LabelText], *, is_drawn: bool = True
) -> dict[str, Any]:
    """All that the template asks for; without the symbols where a printer draws them itself."""
    return {
        "title": "标签 Labels",
        "kind": str(kind),
        "width": layout.width,
        "height": layout.height,
        "margin": MARGIN,
        "symbol": layout.symbol,
        "is_drawn": is_drawn,
        "labels": [
            {**one.texts, "copies": one.copies if is_drawn else 1, **_symbol(kind, layout, one)}
            for one in labels
        ],
    }


def _symbol(kind: str, layout: Layout, label: LabelText) -> dict[str, Any]:
    """The symbol with its place on the label, as the template asks for it."""
    drawn, at = _drawn(label), _placed(kind, layout, label)
    return {
        "symbol": asdict(drawn),
        "x": at.x / DOTS,
        "y": at.y / DOTS,
        "across": drawn.width * at.module / DOTS,
        "high": at.height / DOTS,
        "hri": [f"({ai}){value}" for ai, value in label.elements] or [label.code],
    }


def _is_bars(label: LabelText) -> bool:
    return label.code.startswith("(00)")


def _is_place(label: LabelText) -> bool:
    return "place" in label.texts


def _drawn(label: LabelText) -> symbols.Symbol:
    if _is_bars(label):
        return symbols.gs1_128(label.elements)
    if label.elements:
        return symbols.data_matrix(label.elements)
    return symbols.qr(label.code) if _is_place(label) else symbols.plain_matrix(label.code)


def _placed(kind: str, layout: Layout, label: LabelText) -> zpl.Placed:
    """Where the symbol stands, in dots, and how large a module is."""
    across, high = layout.width * DOTS, layout.height * DOTS
    edge, side = MARGIN * DOTS, layout.symbol * DOTS
    drawn = _drawn(label).width
    if _is_bars(label):
        module = min(layout.most_dots, (across - 2 * edge) // drawn)
        at = (across - drawn * module) // 2, high - edge - FOOT * DOTS - side
        return zpl.Placed("bars", *at, module, side, label.code, tuple(label.elements))
    if _is_place(label):
        module = min(layout.most_dots, side // (drawn + 2 * QUIET))
        at = QUIET * module, (high - drawn * module) // 2
        return zpl.Placed("qr", *at, module, drawn * module, label.code)
    module = min(layout.most_dots, side // drawn)
    at = edge, edge
    if kind == LabelKind.SSCC:  # a code of our own
        at = (across - drawn * module) // 2, high - edge - FOOT * DOTS - drawn * module
    return zpl.Placed("matrix", *at, module, drawn * module, label.code, tuple(label.elements))
