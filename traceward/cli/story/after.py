"""What comes after the work: the recall that finds every unit, and the proof."""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from traceward.domain.recalls.commands import Target, acknowledge, close, notify
from traceward.domain.recalls.commands import open as open_recall
from traceward.domain.recalls.models import RecallLevel
from traceward.domain.recalls.queries import consignees, ladder, list_units
from traceward.domain.sales.commands.ordering import OrderedItem
from traceward.domain.sales.commands.ordering import order as take_order
from traceward.domain.stock.models import Lot, StockMove
from traceward.flows.outbound import allocate
from traceward.kernel.audit.proof import export_proof
from traceward.kernel.audit.verify import verify
from traceward.kernel.command.bookkeeping import tick
from traceward.kernel.org import roles

if TYPE_CHECKING:
    from traceward.cli.story.steps import Story

KIND_WORDS = {
    "bin": ("库存", "in stock"),
    "dock": ("月台", "at the dock"),
    "staging": ("备货区", "in staging"),
    "transit": ("在途", "in transit"),
    "customer": ("客户", "at customers"),
    "department": ("医院科室", "at departments"),
    "used": ("已使用", "used"),
    "supplier": ("供应商", "supplier"),
}


def find_and_recall(story: "Story", lot: Lot) -> None:
    """The lot is recalled: blocked everywhere at once, every unit found, consignees told."""
    t, c = story.teller, story.company
    t.step(f"召回批 {lot}：立即冻结、逐件找到", f"Lot {lot} recalled: blocked and found everywhere")
    reason = "支架输送系统漏率超标" if t.is_chinese else "delivery system leaks above the limit"
    held = open_recall(
        c.site, RecallLevel.ONE, reason, [Target(lot_id=lot.pk)], by=c.by(roles.COMPLIANCE)
    )
    t.say(
        f"{story.number(held.case_id)}：冻结 {held.blocks} 项，影响订单行 {len(held.hits)}",
        f"{story.number(held.case_id)}: {held.blocks} blocks, {len(held.hits)} order lines hit",
    )
    where: dict[str, int] = {}
    for unit in list_units(held.case_id):
        where[unit.kind] = where.get(unit.kind, 0) + unit.quantity
        zh, en = KIND_WORDS.get(unit.kind, (unit.kind, unit.kind))
        t.say(f"  {zh} {unit.place}：{unit.quantity}", f"  {en} {unit.place}: {unit.quantity}")
    adds_up = ladder(held.case_id)
    t.must(adds_up.difference == 0, "数量对不上", "the quantities do not add up")
    t.say("数量阶梯闭合，差额 0", "the quantity ladder closes, difference 0")
    t.figure("recalled", {str(lot): dict(sorted(where.items()))})
    told = notify(held.case_id, by=c.by(roles.COMPLIANCE))
    for consignee in consignees(held.case_id):
        has = consignee.standing + consignee.used
        acknowledge(held.case_id, consignee.party_id, has, by=c.by(roles.COMPLIANCE))
        t.say(
            f"{consignee.name}：收 {consignee.delivered}，存 {consignee.standing}，"
            f"用 {consignee.used}，已确认",
            f"{consignee.name}: got {consignee.delivered}, has {consignee.standing}, "
            f"used {consignee.used}, acknowledged",
        )
    t.figure("consignees", len(told.consignee_ids))
    _nothing_goes_out(story, lot)
    story.refused(
        "NotReconciled",
        lambda: close(held.case_id, "完成", by=c.signing(roles.QUALITY_HEAD)),
    )


def _nothing_goes_out(story: "Story", lot: Lot) -> None:
    """A new order gets nothing of the recalled lot, and is told why."""
    t, c = story.teller, story.company
    wanted = OrderedItem(lot.item_id, 1, lot_id=lot.pk)
    again = take_order(c.site, c.hospital, c.places["JC1-OR"], [wanted], by=c.by(roles.SALES))
    line = allocate(again.order_id, by=c.by(roles.SALES)).lines[0]
    t.must(not line.picks, "召回批仍被配货", "the recalled lot was promised again")
    for reason in line.reasons:
        told = reason.told(t.language)
        t.say(f"再下单：{told}", f"ordered again: {told}")


def prove(story: "Story", admin: str) -> None:
    """The ledger proves itself; then a row is altered behind its back, and is named."""
    t = story.teller
    t.step("台账自证：封签与自查", "The ledger proves itself: seals and self-checks")
    tick()
    sound = verify()
    t.must(sound.is_sound, f"台账不符：{sound.findings}", f"not sound: {sound.findings}")
    t.say(
        f"{sound.seals} 个封签，{sound.leaves.total()} 行，全部如初",
        f"{sound.seals} seals over {sound.leaves.total()} rows, all as written",
    )
    code, _ = _by_a_stranger()
    t.must(code == 0, "外人核验未通过", "the stranger's verification failed")
    t.say("导出后由外人脚本核验：一致", "exported and verified by a stranger's script: the same")
    t.step("有人越过系统改了一行", "Somebody alters a row behind the system's back")
    move = StockMove.objects.order_by("pk").first()
    assert move is not None
    with psycopg.connect(admin, autocommit=True) as superuser:
        superuser.execute("ALTER TABLE stock_move DISABLE TRIGGER ALL")
        superuser.execute("UPDATE stock_move SET quantity = quantity + 1 WHERE id = %s", [move.pk])
        superuser.execute("ALTER TABLE stock_move ENABLE ALWAYS TRIGGER append_only_rows")
    found = verify()
    t.must(not found.is_sound, "篡改未被发现", "the alteration was not found")
    for finding in found.findings[:3]:
        told = finding.in_language(t.language)
        t.say(f"✗ {told}", f"✗ {told}")
    named = str(move.pk) in str(found.findings[0])
    t.must(named, "未点名被改的行", "the altered row was not named")
    code, words = _by_a_stranger()
    t.must(code != 0, "外人未发现篡改", "the stranger did not find the alteration")
    t.say(f"外人脚本：{words}", f"the stranger's script: {words}")
    t.figure("tampering_named", named)


def _by_a_stranger() -> tuple[int, str]:
    """An export, verified by the script in it with nothing of ours: exit code and first words."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "proof"
        export_proof(out)
        done = subprocess.run(
            [sys.executable, "-I", str(out / "verify_export.py"), str(out)],
            capture_output=True,
            text=True,
            check=False,
        )
    lines = (done.stdout + done.stderr).strip().splitlines()
    bad = [line for line in lines if "edited" in line or "bad" in line.lower()]
    return done.returncode, (bad or lines or [""])[0]
