"""Reads documents as their readers do: symbols with a scanner's eyes, texts page by page."""

from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2
import zxingcpp

from traceward.kernel.base.gs1 import parse_elements

DPI = 200


@dataclass(frozen=True)
class Page:
    """What is on one page: its text without any space, and what its symbols say."""

    text: str
    udis: list[dict[str, str]]
    ssccs: list[str]
    plain: list[str]


def pages(content: bytes) -> Iterator[Page]:
    """Every page of the PDF, drawn in grey at `DPI` and scanned."""
    with pypdfium2.PdfDocument(content) as document:
        for page in document:
            read = _scanned(page)
            yield Page(
                text="".join(page.get_textpage().get_text_bounded().split()),
                udis=[_elements(x) for x in read if x.symbology_identifier == "]d2"],
                ssccs=[_elements(x)["00"] for x in read if x.symbology_identifier == "]C1"],
                plain=[x.text for x in read if x.symbology_identifier.startswith("]Q")],
            )


def _scanned(page: pypdfium2.PdfPage) -> list[zxingcpp.Barcode]:
    drawn = page.render(scale=DPI / 72, grayscale=True)
    shape = (drawn.height, drawn.stride)
    return zxingcpp.read_barcodes(memoryview(bytes(drawn.buffer)).cast("B", shape=shape))


def _elements(found: zxingcpp.Barcode) -> dict[str, str]:
    return {x.ai: x.value for x in parse_elements(found.bytes.decode("ascii"))}


def raws(content: bytes) -> list[list[str]]:
    """By page, what a scanner sends for each symbol: its symbology identifier and its data."""
    with pypdfium2.PdfDocument(content) as document:
        return [
            [x.symbology_identifier + x.bytes.decode() for x in _scanned(page)] for page in document
        ]
