"""The language of label printers (ZPL II): a picture of the texts, and the symbol by command.

Values are data of a symbol only; what could end them or begin a command is written as
hexadecimal digits, so nothing that somebody named a place or lot can do more than be printed.
"""

import binascii
import io
import zlib
from base64 import b64encode
from dataclasses import dataclass

from PIL import Image

from traceward.kernel.base.gs1 import AI_TABLE

#: Begins two hexadecimal digits in a field (^FH); what follows a code of DataMatrix (^BX).
HEX, MATRIX = "\\", "_"
#: Darker than this is a dot.
DARK = 128


@dataclass(frozen=True)
class Placed:
    """A symbol in its place, in dots: "matrix", "bars" or "qr", and what it says."""

    form: str
    x: int
    y: int
    module: int
    height: int
    code: str
    #: Of a GS1 code.
    elements: tuple[tuple[str, str], ...] = ()


def label(picture: bytes, symbol: Placed, copies: int) -> str:
    """One label: the picture (PNG) over all of it, and the symbol."""
    with Image.open(io.BytesIO(picture)) as opened:
        grey = opened.convert("L")
    dots = grey.point([255 if level < DARK else 0 for level in range(256)]).convert("1")
    across = (dots.width + 7) // 8
    return (
        f"^XA\n^CI28\n^PW{dots.width}\n^LL{dots.height}\n^LH0,0\n"
        f"^FO0,0^GFA,{graphic(dots.tobytes(), across)}^FS\n"
        f"^FO{symbol.x},{symbol.y}{_symbol(symbol)}^FS\n"
        f"^PQ{copies}\n^XZ\n"
    )


def graphic(dots: bytes, across: int) -> str:
    """The dots, packed, with their check: total, total, bytes in a line, data."""
    packed = b64encode(zlib.compress(dots))
    check = binascii.crc_hqx(packed, 0)
    return f"{len(dots)},{len(dots)},{across},:Z64:{packed.decode()}:{check:04x}"


def _symbol(symbol: Placed) -> str:
    if symbol.form == "bars":
        ((_, sscc),) = symbol.elements
        return f"^BY{symbol.module}^BCN,{symbol.height},N,N,N,N^FD>;>800{sscc}"
    if symbol.form == "qr":
        return f"^BQN,2,{symbol.module}^FH{HEX}^FDQA,{escaped(symbol.code)}"
    said = _message(symbol.elements) if symbol.elements else doubled(symbol.code)
    return f"^BXN,{symbol.module},200,0,0,6,{MATRIX},1^FH{HEX}^FD{escaped(said)}"


def _message(elements: tuple[tuple[str, str], ...]) -> str:
    """FNC1 at the beginning, and after each value that does not say its length but the last."""
    said = f"{MATRIX}1"
    for n, (ai, value) in enumerate(elements, 1):
        is_last = n == len(elements)
        ends = AI_TABLE[ai].separated and not is_last
        said += ai + doubled(value) + (f"{MATRIX}1" if ends else "")
    return said


def doubled(value: str) -> str:
    """The value, in which nothing is taken for a code of DataMatrix."""
    return value.replace(MATRIX, MATRIX * 2)


def escaped(value: str) -> str:
    """The value as a field has it: what the printer would take for a command is in digits."""
    return "".join(
        c if c.isalnum() or c in " ()+-./:_%,*=" else "".join(f"{HEX}{b:02X}" for b in c.encode())
        for c in value
    )
