"""Reads the commands of a label printer (ZPL) as the printer does: labels, symbols, dots."""

import binascii
import re
import zlib
from base64 import b64decode
from dataclasses import dataclass

from PIL import Image

FIELD = re.compile(r"\^FO(\d+),(\d+)(.*?)\^FS", re.S)


@dataclass(frozen=True)
class Printed:
    """One label: copies, what a scanner sends for its symbol, its size and dots, its commands."""

    copies: int
    raw: str
    picture: Image.Image
    commands: list[str]


def printed(zpl: str) -> list[Printed]:
    """Each label."""
    assert zpl.startswith("^XA\n")
    assert zpl.endswith("^XZ\n")
    return [_label(one) for one in zpl.removesuffix("^XZ\n").split("^XZ\n")]


def _label(text: str) -> Printed:
    size = [int(x) for x in re.findall(r"\^(?:PW|LL)(\d+)", text)]
    (copies,) = re.findall(r"\^PQ(\d+)", text)
    graphic, symbol = FIELD.findall(text)
    commands = re.findall(r"[\^~][A-Z][A-Z0-9]", text)
    return Printed(int(copies), _symbol(symbol[2]), _picture(graphic[2], size), commands)


def _picture(field: str, size: list[int]) -> Image.Image:
    found = re.fullmatch(r"\^GFA,(\d+),(\d+),(\d+),:Z64:([^:]+):([0-9a-f]{4})", field)
    assert found
    total, same, across, packed, check = found.groups()
    assert int(check, 16) == binascii.crc_hqx(packed.encode(), 0)
    dots = zlib.decompress(b64decode(packed))
    assert int(total) == int(same) == len(dots) == int(across) * size[1]
    return Image.frombytes("1", (size[0], size[1]), bytes(255 - x for x in dots))


def _symbol(field: str) -> str:
    if bars := re.fullmatch(r"\^BY\d+\^BCN,\d+,N,N,N,N\^FD>;>8(\d+)", field):
        return "]C1" + bars[1]  # subset C, FNC1
    if square := re.fullmatch(r"\^BQN,2,\d+\^FH\\\^FDQA,(.*)", field, re.S):
        return "]Q1" + _unescaped(square[1])
    matrix = re.fullmatch(r"\^BXN,\d+,200,0,0,6,_,1\^FH\\\^FD(.*)", field, re.S)
    assert matrix, field
    said = _unescaped(matrix[1])
    parts = [
        {"_1": "\x1d", "__": "_"}.get(part, part) for part in re.findall(r"_.|[^_]+", said, re.S)
    ]
    said = "".join(parts)
    return "]d2" + said[1:] if said.startswith("\x1d") else "]d1" + said


def _unescaped(text: str) -> str:
    """The field as it is after ^FH: two hexadecimal digits are a byte."""
    raw = re.sub(rb"\\([0-9A-F]{2})", lambda m: bytes.fromhex(m[1].decode()), text.encode())
    return raw.decode()
