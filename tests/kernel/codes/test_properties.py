"""What is written is read again, and hostile input is refused and nothing else."""

import string
from datetime import date, time

from hypothesis import example, given, settings
from hypothesis import strategies as st

from traceward.kernel.base.codes import LabelText, explain, read_label
from traceward.kernel.base.gs1 import CodeDate, CodeProblem
from traceward.kernel.base.hibc import Hibc, build_hibc, build_pair, parse_hibc
from traceward.kernel.base.hibc.characters import CHARACTERS
from traceward.kernel.base.ma import MaCode, build_ma, build_ma_xml, parse_ma

# INV-05, WMS-01

TODAY = date(2026, 11, 28)
#: A busy machine is no reason to fail.
UNHURRIED = settings(deadline=None)
CAPITALS = string.ascii_uppercase + string.digits

days = st.dates(date(1978, 1, 1), date(2076, 12, 31))


@st.composite
def hibc_dates(draw: st.DrawFn) -> CodeDate:
    """A day, a month or an hour, with the digits that the writer gives it."""
    on, form = draw(days), draw(st.sampled_from(["day", "month", "hour"]))
    if form == "month":
        last = date(on.year + on.month // 12, on.month % 12 + 1, 1).toordinal() - 1
        on = date.fromordinal(last)
        return CodeDate(on, "month", f"{on:%m%y}")
    if form == "hour":
        at = time(draw(st.integers(0, 23)))
        return CodeDate(on, "day", f"{on:%y%m%d}{at:%H}", at)
    return CodeDate(on, "day", f"{on:%y%m%d}")


hibc_values = st.text(CAPITALS + ".-", min_size=1, max_size=18)
hibc_codes = st.builds(
    Hibc,
    st.from_regex(r"[A-Z][A-Z0-9]{3}", fullmatch=True),
    st.text(CAPITALS, min_size=1, max_size=18),
    st.integers(0, 9),
    lot=st.just("") | hibc_values,
    serial=st.just("") | hibc_values,
    expires=st.none() | hibc_dates(),
    produced=st.none() | days.map(lambda on: CodeDate(on, "day", f"{on:%Y%m%d}")),
    quantity=st.none() | st.integers(0, 999_999_999),
)


@UNHURRIED
@given(hibc_codes)
def test_hibc_read_again_is_what_was_written(code: Hibc) -> None:
    assert parse_hibc([build_hibc(code)], TODAY) == code
    pair = [part for part in build_pair(code) if part]
    assert parse_hibc(pair, TODAY) == code
    assert parse_hibc(pair[::-1], TODAY) == code


@UNHURRIED
@given(hibc_codes, st.data())
def test_one_wrong_character_is_always_found(code: Hibc, data: st.DataObject) -> None:
    raw = build_hibc(code)
    at = data.draw(st.integers(1, len(raw) - 1))
    other = data.draw(st.sampled_from(CHARACTERS).filter(lambda c: c != raw[at]))
    try:
        parse_hibc([raw[:at] + other + raw[at + 1 :]], TODAY)
    except CodeProblem:
        return
    raise AssertionError(f"{raw} with {other} at {at} was read")


ma_values = st.text(string.ascii_letters + string.digits + "-_/ &<>'\"", min_size=1, max_size=40)
ma_dates = days.map(lambda on: CodeDate(on, "day", f"{on:%Y%m%d}"))
ma_codes = st.builds(
    MaCode,
    st.from_regex(r"MA\.[0-9]{3}\.M0\.[A-Z0-9]{6}\.[A-Z0-9]{8}", fullmatch=True).filter(
        str.isascii
    ),
    lot=st.just("") | ma_values,
    serial=st.just("") | ma_values,
    produced=st.none() | ma_dates,
    expires=st.none() | ma_dates,
    valid_until=st.none() | ma_dates,
)


@UNHURRIED
@given(ma_codes, ma_values, st.lists(st.tuples(st.sampled_from("ABCX"), ma_values), max_size=3))
def test_ma_read_again_is_what_was_written(
    code: MaCode, sterilised: str, others: list[tuple[str, str]]
) -> None:
    if not any(value.endswith(" ") for value in (code.lot, code.serial)):
        assert parse_ma(build_ma(code), TODAY) == code
    trimmed = [value == value.strip() for value in (code.lot, code.serial)]
    if all(trimmed):
        assert parse_ma(build_ma_xml(code), TODAY) == code
    full = MaCode(code.di, sterilisation_lot=sterilised, others=(*others, ("C", "9")))
    assert parse_ma(build_ma(full), TODAY) == full


#: Pieces of which hostile scans are made.
pieces = st.sampled_from(
    [
        "]d2", "]C1", "]e0", "]Q3", "]C0", "]E0", "]", "+", "+T999WIDGET01", "/$$3", "$$+", "/16D",
        "MA.156.M0.", "MA.", ".L", "=MA.", "MF1*BA", "(01)", "(10)", "\x1d", "http://",
        "https://x.cn/01/", "<UDI IAC=\"MA\">", "<DI>", "</UDI>",
        "<!ENTITY x SYSTEM 'file:///etc/passwd'>", "&#x41;", "%00",
        "01", "17", "10", "00", "9521234543213", "280230", "\x00", "\x7f", "\ud800", "１２３",
        "٣", "²", "é", "👩", " ", "\n", "\t", "*", "\\", "'; DROP TABLE x; --", "{found}", "%s",
    ]
)  # fmt: skip
hostile = st.text(max_size=60) | st.lists(pieces, max_size=12).map("".join)


@settings(deadline=None, max_examples=500)
@given(st.lists(hostile, max_size=4))
@example(["+" * 1000])
@example(["https://example.com/" * 60])
@example(["https://a.cn/?u=" * 40 + "MA.156.M0.000001.11234560"])
@example(['<UDI IAC="MA">' + " " * 900 + "</UDI>"])
@example(["9" * 1000, "9" * 999])
@example(["A" * 1_000_000])
def test_hostile_scans_are_read_or_refused(raws: list[str]) -> None:
    try:
        label = read_label(raws, TODAY)
    except CodeProblem as problem:
        said = [explain(problem, language) for language in ("en", "zh-hans")]
    else:
        said = []
        _check(label, raws)
    assert all(sentence.endswith((".", "。")) for sentence in said)


def _check(label: LabelText, raws: list[str]) -> None:
    """Nothing in it that no record could hold."""
    assert isinstance(label, LabelText)
    assert label.raws == tuple(raws)
    for text in (*label.texts, *label.doubtful):
        assert text.isprintable()
    for reading in label.readings:
        for value in (reading.di, reading.lot, reading.serial, reading.sscc):
            assert value.isascii()
            assert len(value) <= 40
