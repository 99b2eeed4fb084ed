"""A reader of many labels answers as the reader of one, whatever it has read before."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from traceward.kernel.base.codes import Reader, read_label
from traceward.kernel.base.gs1 import CodeProblem

# INV-05, WMS-01

TODAY = date(2026, 11, 28)
GTIN = "09521234543213"
#: What may stand before a serial number, such that it is its end or only looks like it.
HEADS = (
    f"(01){GTIN}(17)280930(10)LOT-A(21)",
    f"(01){GTIN}(10)LOT-B(21)",
    f"(01){GTIN}(21)",
    f"]d201{GTIN}1728093010LOT-A\x1d21",
    f"]C101{GTIN}1728093021",
    f"\x1d01{GTIN}21",
    f"01{GTIN}10LOT-A\x1d21",
    f"01{GTIN}21",
    f"(01){GTIN}(21)A(10)B\\(21)",
    f"]d201{GTIN}21A\x1d10X21",
    f"]d201{GTIN}21A\x1d240X",
    f"(01){GTIN}(21)A(240)X",
    f"(01){GTIN}(21)A(21)",
    f"(01){GTIN}(235)T(21)",
    f"(01){GTIN}(17)281399(21)",
    f"https://example.com/01/{GTIN}/21/",
    "(10)LOT-A(21)",
    "]E0",
    "MF1000*SN",
    "+T999WIDGET01/$$",
    "MA.156.M0.000001.11234560.S",
)
TAILS = ("A", "1", "2", "S-1", "S-22", "X" * 20, "X" * 21, "", " A", "A ", "A\n", "A\x1d", "A(B",
         "A\\(B", "A)B", "(", "é", "A\x1d10B", "A(10)B", "952123454321", "/", "1" * 14)  # fmt: skip


def _answer(raws: Sequence[str], reader: Reader | None = None) -> object:
    """What the label says; problems, which are equal to themselves alone, by what they say."""
    try:
        said = reader.read(raws) if reader else read_label(raws, TODAY)
    except CodeProblem as problem:
        return problem.code, problem.params
    why = said.problem
    return replace(said, problem=None), why and (why.code, why.params)


@pytest.mark.parametrize("head", HEADS)
def test_each_tail_is_read_as_if_it_came_alone(head: str) -> None:
    reader = Reader(TODAY)
    for tail in (*TAILS, *reversed(TAILS)):
        assert _answer([head + tail], reader) == _answer([head + tail])


labels = st.lists(
    st.builds(str.__add__, st.sampled_from(HEADS), st.sampled_from(TAILS) | st.text(max_size=22)),
    min_size=1,
    max_size=2,
)


@settings(deadline=None)
@given(st.lists(labels, max_size=12))
@example([[f"(01){GTIN}(21)A"], [f"(01){GTIN}(21)" + "9" * 20], [f"(01){GTIN}(21)" + "9" * 21]])
def test_what_was_read_before_changes_no_answer(delivery: list[list[str]]) -> None:
    reader = Reader(TODAY)
    for raws in delivery:
        assert _answer(raws, reader) == _answer(raws)


def test_a_scan_that_is_too_long_is_refused_after_one_that_just_fits() -> None:
    own = "".join(f"({ai})" + "A" * 90 for ai in range(91, 100))
    head = f"(01){GTIN}(10){'A' * 20}(22){'A' * 20}(240){'A' * 30}(241){'A' * 30}(30)12345{own}(21)"
    assert len(head) == 995
    reader = Reader(TODAY)
    for length in (1, 5):
        assert reader.read([head + "A" * length]).fact("serial") == "A" * length
    with pytest.raises(CodeProblem, match="scan_too_long"):
        reader.read([head + "A" * 6])
