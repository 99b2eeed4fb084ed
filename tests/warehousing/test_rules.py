"""Matching scans with what was announced."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from traceward.domain.warehousing.rules import (
    Announced,
    Fault,
    Part,
    Scanned,
    is_within,
    match,
    needs_cold_chain,
)

DAY = date(2030, 1, 1)


def test_a_scan_fills_the_lines_of_its_lot_in_order() -> None:
    lines = [Announced(1, 7, 4, "A"), Announced(2, 7, 9, "B"), Announced(3, 7, 5, "A")]
    parts, faults = match([Scanned(7, 6, "A")], lines)
    assert parts == [Part(0, 1, 4), Part(0, 3, 2)]
    assert faults == []


def test_what_was_not_said_agrees_with_anything() -> None:
    parts, faults = match([Scanned(7, 1, "A", "S", DAY)], [Announced(1, 7, 1)])
    assert (parts, faults) == ([Part(0, 1, 1)], [])


def test_every_contradiction_is_named_with_both_values() -> None:
    lines = [Announced(1, 7, 5, "A", "", DAY)]
    scans = [
        Scanned(7, 1, "B"),
        Scanned(8, 1, "A"),
        Scanned(7, 1, "A", "", date(2031, 1, 1)),
        Scanned(7, 6, "A", "", DAY),
    ]
    _, faults = match(scans, lines)
    assert [(f.scan, f.fault) for f in faults] == [
        (0, Fault.LOT),
        (1, Fault.ITEM),
        (2, Fault.EXPIRY),
        (3, Fault.OVER),
    ]
    assert (faults[0].announced, faults[0].scanned) == ("A", "B")
    assert (faults[3].announced, faults[3].scanned) == ("5", "6")


goods = st.tuples(st.integers(1, 2), st.integers(1, 9), st.sampled_from(["A", "B"]))


@given(st.lists(goods, max_size=6), st.lists(goods, max_size=6))
def test_no_line_gets_more_than_was_open(scanned, announced) -> None:
    lines = [Announced(n, item, q, lot) for n, (item, q, lot) in enumerate(announced)]
    scans = [Scanned(item, q, lot) for item, q, lot in scanned]
    parts, faults = match(scans, lines)
    for line in lines:
        mine = [p for p in parts if p.line_id == line.line_id]
        assert sum(p.quantity for p in mine) <= line.open_quantity
        for p in mine:
            assert (scans[p.scan].item_id, scans[p.scan].lot) == (line.item_id, line.lot)
    if not faults:
        assert sum(p.quantity for p in parts) == sum(s.quantity for s in scans)


def test_cold_chain_is_what_must_be_kept_cold() -> None:  # GSP art. 63
    assert needs_cold_chain(Decimal(8))
    assert not needs_cold_chain(Decimal(25))
    assert not needs_cold_chain(None)
    assert is_within(Decimal(8), Decimal(2), Decimal(8))
    assert not is_within(Decimal("8.1"), Decimal(2), Decimal(8))
    assert not is_within(Decimal("1.9"), Decimal(2), None)
