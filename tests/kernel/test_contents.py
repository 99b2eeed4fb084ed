"""An uploaded file is judged by its bytes: what it is, whether its name says the same. # SEC-01"""

import io
import zipfile

import pytest

from traceward.kernel.base.refusals import InvalidInput
from traceward.kernel.documents import contents
from traceward.kernel.documents.contents import cleaned, judged, kind_of

PDF = b"%PDF-1.7\n%%EOF"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 20
WEBP = b"RIFF\x20\0\0\0WEBPVP8 "
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def packed(*names: str, types: bytes = b"<Types/>", last: bytes = b"x") -> bytes:
    """An Office file with these parts."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as parts:
        for name, content in (("[Content_Types].xml", types), *((name, last) for name in names)):
            # of no day: the bytes name the case, and two processes must call it alike
            parts.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("报告.pdf", PDF, "application/pdf"),
        ("a.PNG", PNG, "image/png"),
        ("a.jpeg", JPEG, "image/jpeg"),
        ("a.webp", WEBP, "image/webp"),
        ("a.xlsx", packed("xl/workbook.xml"), contents.XLSX.media_type),
        ("a.docx", packed("word/document.xml"), contents.DOCX.media_type),
        ("温度.csv", "时间,温度\n08:00,4.2\n".encode(), "text/csv; charset=utf-8"),
        ("温度.csv", "时间,温度\n08:00,4.2\n".encode("gb18030"), "text/csv; charset=gb18030"),
        ("a.txt", b"two boxes are wet", "text/plain; charset=utf-8"),
    ],
)
def test_what_people_attach_is_taken(name: str, content: bytes, media_type: str) -> None:
    called, kind = judged(name, content)
    assert (called, kind.media_type) == (name, media_type)
    known = kind_of(media_type)
    assert known is not None
    assert known.is_picture == media_type.startswith("image/")


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.pdf", b"", "is empty"),
        ("a.pdf", b"<html><script>alert(1)</script>", "web page or drawing"),
        ("a.png", SVG, "web page or drawing"),
        ("a.svg", b"\xef\xbb\xbf  <?xml version='1.0'?>" + SVG, "web page or drawing"),
        ("a.txt", b"<!DOCTYPE html>", "web page or drawing"),
        ("a.pdf", PNG, "its content is PNG"),
        ("report.pdf.exe", PDF, "its content is PDF"),
        ("photo.jpg.html", JPEG, "its content is JPEG"),
        ("a.exe", b"MZ\x90\0\x03", "none of the kinds"),
        ("a.js", b"alert(1)", "none of the kinds"),
        ("a.csv", b"\x80\xff\x00\x01", "no text that can be read"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Office format"),
        ("a.zip", packed("readme.md"), "none of the kinds"),
        ("a.xlsx", packed("xl/workbook.xml", "xl/vbaProject.bin"), "macros"),
        ("a.docx", packed("word/document.xml", types=b"<x macroEnabled/>"), "macros"),
        ("a.docx", packed("word/document.xml", "word/embeddings/oleObject1.bin"), "macros"),
        ("a.xlsx", packed("xl/workbook.xml")[:60], "is damaged"),
    ],
)
def test_what_could_act_or_is_disguised_is_refused(name: str, content: bytes, told: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        judged(name, content)
    assert told in str(caught.value)
    assert caught.value.field == "file"


def test_what_would_unpack_without_end_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "MAX_UNPACKED", 100_000)
    bomb = packed("xl/workbook.xml", last=b"0" * 200_000)
    assert len(bomb) < 2_000
    with pytest.raises(InvalidInput, match="would unpack"):
        judged("a.xlsx", bomb)
    monkeypatch.setattr(contents, "MAX_PARTS", 1)
    with pytest.raises(InvalidInput, match="would unpack"):
        judged("a.xlsx", packed("xl/workbook.xml"))


def test_a_name_without_an_ending_gets_the_right_one() -> None:
    assert judged("scan", PDF)[0] == "scan.pdf"
    assert judged("note", b"wet")[0] == "note.txt"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\wang\\报告 1.pdf", "报告 1.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie_ x.pdf"),
        ("\u202efdp.exe", "fdp.exe"),
        ("  .htaccess", "htaccess"),
        ("CON.pdf", "_CON.pdf"),
        ("a<b>|c?.pdf", "a_b__c_.pdf"),
        ("...", "file"),
        ("", "file"),
        ("x" * 500 + ".pdf", "x" * contents.MAX_STEM + ".pdf"),
    ],
)
def test_a_name_is_cleaned(given: str, kept: str) -> None:
    assert cleaned(given) == kept
