"""What comes after the work: the recall that finds every unit, and the proof."""

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg

from traceward.cli.story.progress import Story
from traceward.domain.places.models import Place
from traceward.domain.production.commands.goods import Input, Output, Part
from traceward.domain.production.commands.transforming import transform
from traceward.domain.recalls.commands import Target, acknowledge, close, notify
from traceward.domain.recalls.commands import open as open_recall
from traceward.domain.recalls.models import RecallLevel
from traceward.domain.recalls.queries import consignees, ladder, list_units
from traceward.domain.sales.commands.ordering import OrderedItem
from traceward.domain.sales.commands.ordering import order as take_order
from traceward.domain.stock.models import Lot, StockBalance, StockMove
from traceward.domain.trace.queries import Start, backward, documents, forward, mass_balances
from traceward.flows.outbound import allocate
from traceward.kernel.audit.proof import export_proof
from traceward.kernel.audit.verify import Report, verify
from traceward.kernel.command.bookkeeping import tick
from traceward.kernel.org import roles
from traceward.kernel.outbox.models import QueuedCommand

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


def assemble(story: Story, lot: Lot) -> None:
    """One unit of the lot goes into a kit, so that the trace has something to follow."""
    t, c = story.teller, story.company
    left = StockBalance.objects.filter(
        lot=lot, place__kind="bin", on_hand__gt=0, serial=None, status=2
    ).first()
    if left is None:
        return
    t.step("装配手术包：批次谱系", "A kit is assembled: genealogy")
    made = transform(
        c.site,
        [Input(left.item_id, 1, left.place_id, lot_id=lot.pk)],
        [
            Output(
                c.items["KT-0100"],
                c.places["DOCK"],
                1,
                lot_number="KIT26-01",
                expires_on=lot.expires_on,
                parts=[Part(0, 1)],
            )
        ],
        by=c.by(roles.PRODUCTION),
    )
    t.say(
        f"{story.number(made.transformation_id)}：批 {lot} 1 件 → 手术包批 KIT26-01，待验",
        f"{story.number(made.transformation_id)}: 1 of lot {lot} → kit lot KIT26-01, pending",
    )


def trace_both_ways(story: Story, lot: Lot) -> None:
    """Where the lot came from, what it went into, and where every unit stands."""
    t = story.teller
    t.step(f"追溯批 {lot}：向前向后", f"Lot {lot} traced both ways")
    comma = "，" if t.is_chinese else ", "
    found = forward(Start(lots=[lot.pk]), sites=None)
    places = Place.objects.in_bulk([w.place_id for w in found.whereabouts])
    accounts = mass_balances(found.node_ids)
    for node, account in zip(found.nodes, accounts, strict=True):
        t.must(
            account.missing == 0 and account.stands == node.quantity,
            f"批 {node.number} 数量不闭合",
            f"lot {node.number} does not close",
        )
        where = comma.join(
            f"{places[w.place_id].code} {w.quantity}"
            for w in found.whereabouts
            if w.node_id == node.id
        )
        t.say(f"{node.number}：{where}", f"{node.number}: {where}")
    papers = comma.join(str(d.number) for d in documents([lot.pk], sites=None))
    t.say(f"单据：{papers}", f"documents: {papers}")
    t.figure("traced_forward", sorted(n.number for n in found.nodes))
    ends = [n.id for n in found.nodes if n.id != lot.pk]
    if ends:
        back = backward(Start(lots=ends), sites=None)
        t.must(lot.pk in back.node_ids, "向后追溯未回到该批", "tracing back does not reach the lot")
        t.say("由手术包向后：回到该批", "back from the kit: the lot again")


def find_and_recall(story: Story, lot: Lot) -> None:
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
        assert consignee.party_id is not None, "the story's places have their hospitals"
        has = consignee.standing + consignee.used
        acknowledge(held.case_id, consignee.party_id, has, by=c.by(roles.COMPLIANCE))
        t.say(
            f"{consignee.names['zh']}：收 {consignee.delivered}，存 {consignee.standing}，"
            f"用 {consignee.used}，已确认",
            f"{consignee.names['en']}: got {consignee.delivered}, has {consignee.standing}, "
            f"used {consignee.used}, acknowledged",
        )
    t.figure("consignees", len(told.consignee_ids))
    _nothing_goes_out(story, lot)
    conclusion = "完成" if t.is_chinese else "finished"
    story.refused(
        "NotReconciled",
        lambda: close(held.case_id, conclusion, by=c.signing(roles.QUALITY_HEAD)),
    )


def _nothing_goes_out(story: Story, lot: Lot) -> None:
    """A new order gets nothing of the recalled lot, and is told why."""
    t, c = story.teller, story.company
    wanted = OrderedItem(lot.item_id, 1, lot_id=lot.pk)
    again = take_order(c.site, c.hospital, c.places["JC1-OR"], [wanted], by=c.by(roles.SALES))
    line = allocate(again.order_id, by=c.by(roles.SALES)).lines[0]
    t.must(not line.picks, "召回批仍被配货", "the recalled lot was promised again")
    for reason in line.reasons:
        told = reason.told(t.language)
        t.say(f"再下单：{told}", f"ordered again: {told}")


def prove(story: Story, admin: str) -> None:
    """The ledger proves itself; then a row is altered behind its back, and is named."""
    t = story.teller
    t.step("台账自证：封签与自查", "The ledger proves itself: seals and self-checks")
    _settle(story)
    sound = verify()
    t.must(
        sound.is_sound, f"台账不符：{_first(story, sound)}", f"not sound: {_first(story, sound)}"
    )
    t.say(
        f"{sound.seals} 个封签，{sound.leaves.total()} 行，全部如初",
        f"{sound.seals} seals over {sound.leaves.total()} rows, all as written",
    )
    code, _ = _by_a_stranger()
    t.must(code == 0, "第三方核验未通过", "the stranger's verification failed")
    t.say("导出后由第三方脚本核验：一致", "exported and verified by a stranger's script: the same")
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
    t.must(code != 0, "第三方脚本未发现篡改", "the stranger did not find the alteration")
    name, seal = [*re.findall(r"\d+", words), "", ""][:2]
    t.must(
        name == str(move.pk),
        "第三方脚本未点名被改的行",
        "the stranger did not name the altered row",
    )
    t.say(f"第三方脚本：封签 {seal} 下的库存流水 {name} 被改动", f"the stranger's script: {words}")
    t.figure("tampering_named", named)


def _first(story: Story, report: Report) -> str:
    """The first finding, where there is one."""
    return report.findings[0].in_language(story.teller.language) if report.findings else ""


def _settle(story: Story) -> None:
    """Every command is sequenced and sealed; work elsewhere on the server may delay it a little."""
    for _ in range(100):
        tick()
        if not QueuedCommand.objects.exists():
            return
        time.sleep(0.2)
    story.teller.must(False, "封签未赶上", "sealing did not catch up")


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
