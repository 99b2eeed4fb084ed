"""Announced goods fill the order's lines in order."""

from hypothesis import given
from hypothesis import strategies as st

from traceward.domain.purchasing.rules import Due, fill

quantities = st.lists(st.tuples(st.integers(1, 3), st.integers(1, 9)), max_size=6)


@given(quantities, quantities)
def test_what_is_filled_never_exceeds_what_is_due(announced, ordered) -> None:
    due = [Due(n, item, quantity) for n, (item, quantity) in enumerate(ordered)]
    filled, misfit = fill(announced, due)
    for d in due:
        assert sum(f.quantity for f in filled if f.line_id == d.line_id) <= d.quantity
    for f in filled:
        assert announced[f.n][0] == due[f.line_id].item_id
    wanted = {item: sum(q for i, q in announced if i == item) for item in (1, 2, 3)}
    there = {item: sum(d.quantity for d in due if d.item_id == item) for item in (1, 2, 3)}
    assert (misfit is None) == all(wanted[i] <= there[i] for i in wanted)
    if misfit is None:
        assert sum(f.quantity for f in filled) == sum(q for _, q in announced)
