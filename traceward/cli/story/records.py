"""What stands is looked after, and every record that the law asks for is complete."""

from decimal import Decimal

from traceward.cli.story.progress import Story
from traceward.domain.quality.commands.checking import Finding, check_stock
from traceward.domain.stock.models import StockBalance
from traceward.domain.warehousing.commands.counting import Counted, count
from traceward.kernel.org import roles
from traceward.kernel.org.scope import Grant
from traceward.resources.kit import Reader
from traceward.resources.records.questions import completeness


def look_after(story: Story) -> None:
    """A bin is checked and counted: nothing is doubtful, and the books agree."""
    t, c = story.teller, story.company
    t.step("在库检查与盘点", "The stock is checked and counted")
    rows = list(StockBalance.objects.filter(place=c.places["A-01-01"], on_hand__gt=0))
    checked = check_stock(
        c.places["A-01-01"],
        findings=[Finding(row.item_id, row.lot_id, row.serial_id) for row in rows],
        temperature_c=Decimal("21.5"),
        humidity_percent=55,
        by=c.by(roles.MAINTENANCE),
    )
    lines = [
        Counted(row.item_id, row.on_hand, row.owner_id, row.lot_id, row.serial_id, row.status)
        for row in rows
    ]
    done = count(c.places["A-01-01"], lines, by=c.by(roles.STOREKEEPER))
    t.must(not checked.doubtful_line_numbers, "在库检查存疑", "something is doubtful")
    t.say(
        f"A-01-01：{len(rows)} 批，21.5 ℃、55 %，账实相符",
        f"A-01-01: {len(rows)} lots, 21.5 ℃ and 55 %, as the books say",
    )
    t.figure("counted_otherwise", done.differing)


def read_records(story: Story) -> None:
    """Every record of GSP 2023 that the work left has each field that applies to it."""
    t = story.teller
    t.step("GSP 记录逐字段核对", "The records of GSP, field by field")
    complete = {}
    for one in completeness(to=Reader(0, (Grant(None, None),))):
        if not one.lines:
            continue
        filled, due = (sum(getattr(x, name) for x in one.fields) for name in ("filled", "due"))
        lacking_zh = "、".join(x.zh for x in one.lacking)
        lacking_en = ", ".join(x.en for x in one.lacking)
        t.must(
            not one.lacking,
            f"{one.zh}（第 {one.articles} 条）缺：{lacking_zh}",
            f"{one.en} (art. {one.articles}) lacks: {lacking_en}",
        )
        t.say(
            f"{one.zh}（第 {one.articles} 条）：{one.lines} 行，{filled}／{due} 项齐全",
            f"{one.en} (art. {one.articles}): {one.lines} lines, {filled} of {due} values",
        )
        complete[one.record] = one.lines
    t.figure("records", complete)
