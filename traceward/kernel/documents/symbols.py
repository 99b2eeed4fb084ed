"""Barcodes for documents, as drawings made of rectangles, each checked before it is drawn.

The library draws whatever it is given, wrong check digits included; so the elements are checked
by our own reader of GS1 codes first, and what was drawn is compared with them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import zxingcpp
from zxingcpp import BarcodeFormat

from traceward.kernel.base.gs1 import FNC1, build_elements, build_hri

_SIZE = re.compile(r'<svg width="(\d+)" height="(\d+)"')
_PATH = re.compile(r'<path d="[^"]+"')


@dataclass(frozen=True)
class Symbol:
    """One barcode. `width` counts its modules, quiet zones not included; `text` is for people."""

    svg: str
    width: int
    text: str


def data_matrix(elements: Iterable[tuple[str, str]]) -> Symbol:
    """The GS1 DataMatrix of the elements; `CodeProblem` where they are no right GS1 message."""
    return _gs1(BarcodeFormat.DataMatrix, list(elements))


def gs1_128(elements: Iterable[tuple[str, str]]) -> Symbol:
    """The GS1-128 of the elements; `CodeProblem` where they are no right GS1 message."""
    return _gs1(BarcodeFormat.Code128, list(elements))


def plain_matrix(text: str) -> Symbol:
    """The DataMatrix of the text as it is, of codes that are none of GS1's."""
    return _drawn(zxingcpp.create_barcode(text, BarcodeFormat.DataMatrix, force_square=True), text)


def qr(text: str) -> Symbol:
    """The QR code of the text as it is."""
    return _drawn(zxingcpp.create_barcode(text, BarcodeFormat.QRCode), text)


def _gs1(kind: BarcodeFormat, elements: list[tuple[str, str]]) -> Symbol:
    text = build_hri(elements)
    message = build_elements(elements)
    made = zxingcpp.create_barcode(text, kind, gs1=True, force_square=True)
    drawn = made.bytes.decode("ascii")
    if drawn.replace(FNC1, "") != message.replace(FNC1, ""):
        raise AssertionError(f"{text!r} was drawn as {drawn!r}")
    return _drawn(made, text)


def _drawn(made: zxingcpp.Barcode, text: str) -> Symbol:
    """Only the path of the library's picture is taken; its size in modules is the view."""
    picture = zxingcpp.write_barcode_to_svg(made, scale=1, add_quiet_zones=False)
    size, path = _SIZE.search(picture), _PATH.search(picture)
    assert size is not None, "the library says the size in another way than it did"
    assert path is not None, "the library draws in another way than it did"
    width, height = size.groups()
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
    svg = f'{head} width="{width}" height="{height}">{path.group()} fill="#000"/></svg>'
    return Symbol(svg, int(width), text)
