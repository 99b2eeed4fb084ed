"""The drawing of a flow: boxes by layer, lines as wide as their quantity, groups. # TRC-01 UX-01"""

import re
from datetime import UTC, datetime

from traceward.domain.trace.queries import Flow as Went
from traceward.domain.trace.queries import Node, Trace
from traceward.web.consoles.flow import HIGH, Box, Flow, Line, lying, standing
from traceward.web.consoles.names import PARTIES, SITES, Name, Names
from traceward.web.consoles.picture import Picture
from traceward.web.consoles.spots import COLUMN, Plan, Seen
from traceward.web.visitors import Visitor

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LOT, OUR_SITE = 7, 1


def went(one: tuple[str, int | None], other: tuple[str, int | None], quantity: int) -> Went:
    return Went(*one, *other, None, quantity, 1, NOON, NOON)  # type: ignore[arg-type]


def seen(*flows: Went, plans: tuple[Plan, ...] = ()) -> Seen:
    node = Node(LOT, False, 3, LOT, "L1", None, 0, 0, 0, 0, 0)
    both = [Trace((LOT,), way, None, None, (node,), (), ()) for way in ("backward", "forward")]
    return Seen(LOT, None, "L1", "Stent", *both, flows, {}, {}, {}, plans)


def names(parties: int = 0) -> Names:
    """Everybody is known by number; nothing is read."""
    made = Names(Visitor(None, "en"))
    made.known[PARTIES] = {n: Name(f"Hospital {n}") for n in range(1, parties + 1)}
    made.known[SITES] = {n: Name(f"Site {n}") for n in range(1, 5)}
    return made


CAME = went(("supplier", 9), ("site", OUR_SITE), 100)


def to_hospitals(count: int) -> list[Went]:
    return [went(("site", OUR_SITE), ("consignee", n), n) for n in range(1, count + 1)]


def quantities(flow: Flow) -> dict[tuple[str, str], int | None]:
    return {(line.source, line.target): line.quantity for line in flow.lines}


def test_goods_go_from_the_supplier_through_the_lot_to_who_got_them() -> None:
    found = Picture(seen(CAME, *to_hospitals(2)), names(2)).flow()
    assert quantities(found) == {
        ("from-9", "in-supplier-0"): 100,
        ("in-supplier-0", "focus"): 100,
        ("focus", "site-1"): 100,
        ("site-1", "consignee-1"): 1,
        ("site-1", "consignee-2"): 2,
    }
    assert [found.by_key[key].layer for key in ("from-9", "focus", "site-1")] == [0, 2, 3]


def test_a_shipment_that_arrived_is_no_box_and_one_under_way_is() -> None:
    done = [went(("site", 1), ("transit", 50), 6), went(("transit", 50), ("site", 2), 4)]
    found = Picture(seen(CAME, *done), names()).flow()
    assert quantities(found)["site-1", "site-2"] == 4
    assert quantities(found)["site-1", "transit-50"] == 2
    assert found.by_key["site-2"].layer > found.by_key["site-1"].layer


def test_what_came_back_is_off_what_was_sent() -> None:
    there = went(("site", 1), ("consignee", 1), 10)
    back = went(("consignee", 1), ("site", 1), 4)
    found = Picture(seen(CAME, there, back), names(1)).flow()
    assert quantities(found)["site-1", "consignee-1"] == 6
    assert ("consignee-1", "site-1") not in quantities(found)


def test_many_of_a_kind_are_one_box_that_opens() -> None:
    many = seen(CAME, *to_hospitals(COLUMN + 4))
    closed = Picture(many, names(COLUMN + 4)).flow()
    (group,) = [box for box in closed.boxes if box.key.startswith("group-")]
    assert group.address == "?open=targets-site-1"
    assert str(COLUMN + 4) in group.title
    assert quantities(closed)["site-1", group.key] == sum(range(COLUMN + 5))
    opened = Picture(many, names(COLUMN + 4), frozenset({"targets-site-1"})).flow()
    assert len([b for b in opened.boxes if b.key.startswith("consignee-")]) == COLUMN + 4
    few = Picture(seen(CAME, *to_hospitals(COLUMN)), names(COLUMN)).flow()
    assert not [box for box in few.boxes if box.key.startswith("group-")]


def test_what_is_only_promised_is_dashed() -> None:
    plan = Plan(("site", 1), ("consignee", 2), 5)
    found = Picture(seen(CAME, *to_hospitals(1), plans=(plan,)), names(2)).flow()
    planned = [line for line in found.lines if line.is_planned]
    assert [(line.target, line.quantity) for line in planned] == [("consignee-2", 5)]
    assert found.by_key["consignee-2"].is_planned
    assert not found.by_key["consignee-1"].is_planned
    assert "tw-line tw-planned" in lying(found, "", "")


def test_what_enters_a_box_fits_its_side_and_lines_pass_between_boxes() -> None:
    boxes = (Box("a", 0, "A"), Box("b", 1, "B", is_focus=True), Box("c", 2, "C"))
    lines = (Line("a", "b", 60), Line("b", "c", 30), Line("a", "c", 30), Line("a", "c", 0))
    svg = lying(Flow(("1", "2", "3"), boxes, lines), "Flow", "Told")
    widths = [float(text) for text in re.findall(r'stroke-width="([\d.]+)"', svg)]
    assert sum(widths) <= 2 * HIGH
    assert max(widths) == widths[0] == 2 * widths[1]
    passing = re.findall(r' d="(M[^"]*L[^"]*)"', svg)
    assert len(passing) == 2  # through a lane of the layer between


def sizes(drawn: str) -> tuple[float, float]:
    """How wide it is drawn, and how wide it is shown at least."""
    (found,) = re.findall(r'viewBox="0 0 ([\d.]+) [\d.]+" width="([\d.]+)"', drawn)
    return float(found[0]), float(found[1])


def test_a_flow_of_eight_columns_fits_a_desk_and_stays_legible() -> None:  # UX-01
    """The box is 1,131 px wide on a screen of 1,440; no sign is drawn smaller than 11.5."""
    for count in range(1, 9):
        boxes = tuple(Box(f"{n}", n, f"{n}", is_focus=n == 1) for n in range(count))
        drawn, shown = sizes(lying(Flow(("",) * count, boxes, ()), "", ""))
        assert shown <= 1_131, count
        assert 11.5 * shown / drawn >= 11 - 0.01
    many = tuple(Box(f"{n}", n, f"{n}") for n in range(12))
    drawn, shown = sizes(lying(Flow(("",) * 12, many, ()), "", ""))
    assert shown > 1_131  # is scrolled rather than made illegible
    assert 11.5 * shown / drawn >= 11 - 0.01


def test_a_slim_box_says_number_and_quantity_in_lines_of_their_own() -> None:
    boxes = [Box(f"{n}", n, "导管鞘组件（半成品）", is_focus=n == 1) for n in range(8)]
    boxes[7] = Box("7", 7, "导管鞘组件（半成品）", "SASHEATH260407 · 1,160")
    drawn = lying(Flow(("",) * 8, tuple(boxes), ()), "", "")
    assert ">SASHEATH260407</text>" in drawn
    assert ">1,160</text>" in drawn
    assert ">导管鞘组件（半</text>" in drawn  # what has no number takes the lines


def test_no_line_begins_with_a_bracket_that_closes() -> None:
    boxes = [Box(f"{n}", n, "素白医用材料（南昌）有限公司", "1 · 2") for n in range(6)]
    drawn = lying(Flow(("",) * 6, tuple(boxes), ()), "", "")
    assert re.search(r">有限公司</text>|>昌）有限公司</text>", drawn)
    assert ">）" not in drawn


def heads(*flows: Went) -> list[str]:
    return list(Picture(seen(CAME, *flows), names(3)).flow().layers)


def test_a_column_is_called_by_what_stands_in_it() -> None:
    ours = ("site", OUR_SITE)
    got, made = went(ours, ("consignee", 1), 3), went(ours, ("production", None), 3)
    lost, gone = went(ours, ("adjustment", None), 1), went(ours, ("destruction", None), 1)
    assert heads(got)[-1] == "Who got it"
    assert heads(made)[-1] == "Put into production"
    assert heads(lost, gone)[-1] == "Lost and destroyed"
    assert heads(went(ours, ("supplier", 8), 2))[-1] == "Back to the supplier"
    assert heads(got, gone)[-1] == "Where it went"
    found = went(("adjustment", None), ours, 2)
    assert heads(got)[1] == "Receipts"
    assert heads(found)[1] == "How it came"


def test_a_drawing_is_told_and_needs_no_style_of_its_own() -> None:
    box = Box("a", 0, "<script>alert(1)</script>", "“&”", "tw-bad", "/stock/lots/1")
    flow = Flow(("Layer",), (box, Box("b", 0, "B")), (Line("a", "b", None, "tw-bad"),))
    for drawn in (lying(flow, "Title", "Told"), standing(flow, "Title", "Told")):
        assert "<script>" not in drawn
        assert "style=" not in drawn
        assert re.search(r"<title [^>]*>Title</title><desc [^>]*>Told</desc>", drawn)
        assert 'href="/stock/lots/1"' in drawn


def test_long_names_are_cut_and_told_in_full() -> None:
    name = "一家名称很长很长很长很长很长很长很长很长的医疗器械股份有限公司"
    drawn = lying(Flow(("",), (Box("a", 0, name),), ()), "", "")
    assert f"<title>{name}</title>" in drawn
    assert "…</text>" in drawn


def test_nothing_is_drawn_of_nothing() -> None:
    found = Picture(seen(), names()).flow()
    assert [box.key for box in found.boxes] == ["focus"]
    assert lying(found, "", "").startswith("<svg")
    assert standing(found, "", "").startswith("<svg")
