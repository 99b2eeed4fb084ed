"""The outbound check 复核: another person holds every unit against the order and its papers."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from traceward.domain.catalog.models import DeviceFacts
from traceward.domain.catalog.queries import papers_of
from traceward.domain.partners.models import Partner
from traceward.domain.stock.commands.terms import MINIMUM_DAYS
from traceward.domain.stock.models import Code, StockMove
from traceward.domain.stock.refusals import goods_named
from traceward.domain.stock.rules import is_expired
from traceward.domain.warehousing import events, queries
from traceward.domain.warehousing.commands.journeys import require_together
from traceward.domain.warehousing.commands.picking import (
    lines_of,
    locked,
    pick_scope,
    require_standing,
    staged,
)
from traceward.domain.warehousing.commands.scans import keep_scans
from traceward.domain.warehousing.models import Pick, PickLine, PickState
from traceward.domain.warehousing.queries import Goods, Promised
from traceward.domain.warehousing.refusals import CheckFailed
from traceward.domain.warehousing.scanning import Scanned, goods_of, scanned
from traceward.kernel.base.refusals import sentence
from traceward.kernel.base.rows import save_rows
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.database_errors import MAKERS
from traceward.kernel.command.run import command
from traceward.kernel.command.write import (
    apply_rules,
    emit,
    require_other_person,
    set_values,
    step,
)
from traceward.kernel.org.roles import CHECKER
from traceward.kernel.rules.queries import reader


@dataclass(frozen=True)
class CheckScan:
    """A pack scanned in staging: the barcodes of its label, and how many such packs there are."""

    codes: list[str]
    packs: int = 1


@dataclass(frozen=True)
class Checked:
    pick_id: int
    quantity: int
    state: str


@command("warehousing.check", roles=(CHECKER,), scope=pick_scope, from_states=(PickState.PICKED,))
def check(
    pick_id: int,
    scans: list[CheckScan],
    is_package_intact: bool,
    is_label_right: bool,
    *,
    by: Actor,
) -> Checked:
    """Everything picked was scanned again by somebody else and may go out.

    GSP art. 87: a damaged, dirty or opened package, and a label that is off, illegible or does
    not match, may not go out. Licences, certificates, expiry, blocks and promises are asked again.
    # OUT-03 ORG-03
    """
    document = locked(pick_id, PickState.PICKED)
    pickers = StockMove.objects.filter(document=document, code=Code.PICK)
    for picker in sorted(set(pickers.values_list("actor_id", flat=True))):
        require_other_person(picker, by=by)
    _require_fit("package", is_package_intact)
    _require_fit("label", is_label_right)
    lines = [line for line in lines_of(document) if line.picked]
    _require_same(document, lines, scans, by)
    require_good(document, lines, by)
    _keep_papers(document, lines, by)
    changed = set_values(document, by=by, checked_by_id=by.person_id, checked_at=by.now)
    document.save(update_fields=[*changed, *step(document, PickState.CHECKED, by=by)])
    emit(events.PickChecked(document.uid), subject=document.uid, by=by)
    return Checked(document.pk, sum(line.picked for line in lines), document.state)


def _keep_papers(document: Pick, lines: list[PickLine], by: Actor) -> None:
    """The lines keep the papers as they are today: 出库复核记录 (GSP art. 88)."""
    papers = papers_of({x.item_id: x.item for x in lines}.values(), document.site.day_at(by.now))
    for line in lines:
        for name, value in papers[line.item_id].items():
            setattr(line, name, value)
    names = [f.name for f in DeviceFacts._meta.get_fields()]
    save_rows(lines, names)


FAULTS = {
    "package": sentence(
        "A package is damaged, dirty or opened. Cancel the pick, put the goods aside "
        "and report them to quality."
    ),
    "label": sentence(
        "A label is off, illegible or does not match. Cancel the pick, put the goods aside "
        "and report them to quality."
    ),
}


def _require_fit(what: str, is_fit: bool) -> None:
    if not is_fit:
        raise CheckFailed(
            FAULTS[what], field=f"is_{what}_{'intact' if what == 'package' else 'right'}"
        )


def _require_same(document: Pick, lines: list[PickLine], scans: list[CheckScan], by: Actor) -> None:
    """Refused where what was scanned now is not, unit by unit, what was picked."""
    today = document.site.day_at(by.now)
    seen: dict[Goods, int] = defaultdict(int)
    names: dict[Goods, tuple[str, str, str]] = {}
    read = scanned([(s.codes, s.packs) for s in scans], today, field="scans.{n}")
    keep_scans(document, read, by=by)
    for one in read:
        seen[one.goods] += one.quantity
        label = one.label
        names[one.goods] = (label.item_code, label.lot_number or "—", label.serial_number or "—")
    picked: dict[Goods, int] = defaultdict(int)
    for line in lines:
        goods = Goods(line.item_id, line.lot_id, line.serial_id)
        picked[goods] += line.picked
        names[goods] = (line.item.code, str(line.lot or "—"), str(line.serial or "—"))
    _require_once(document, lines, read, picked)
    rows: list[dict[str, Any]] = []
    for goods, (item, lot, serial) in sorted(names.items(), key=lambda pair: pair[1]):
        if seen[goods] != picked[goods]:
            rows.append(
                {
                    "item": item,
                    "lot": lot,
                    "serial": serial,
                    "picked": picked[goods],
                    "scanned": seen[goods],
                }
            )
    if rows:
        raise CheckFailed(
            sentence(
                "{goods}: {picked} were picked, {scanned} are here. "
                "Count again; if it stays so, cancel the pick."
            ),
            field="scans",
            details=rows[:50],
            goods=goods_named(rows[0]["item"], rows[0]["lot"], rows[0]["serial"]),
            picked=rows[0]["picked"],
            scanned=rows[0]["scanned"],
        )


def _require_once(
    document: Pick, lines: list[PickLine], read: list[Scanned], picked: dict[Goods, int]
) -> None:
    """Refused where a label was scanned again after its line had all of it."""
    first: dict[Goods, int] = {}
    seen: dict[Goods, int] = defaultdict(int)
    for n, one in enumerate(read):
        seen[one.goods] += one.quantity
        if one.goods in first and seen[one.goods] > picked[one.goods] > 0:
            key = one.goods
            line = next(x for x in lines if Goods(x.item_id, x.lot_id, x.serial_id) == key)
            raise CheckFailed(
                sentence(
                    "{goods} was scanned already, as scan {first}: line {line} of {document} has "
                    "{picked}, with scan {again} it would be {scanned}. Scan each pack once; "
                    "if there are more, cancel the pick."
                ),
                field=f"scans.{n}.codes",
                goods=goods_of(one.label),
                first=first[key] + 1,
                again=n + 1,
                line=line.line.line_number,
                document=str(document),
                picked=picked[key],
                scanned=seen[key],
            )
        first.setdefault(one.goods, n)


def require_good(document: Pick, lines: list[PickLine], by: Actor) -> None:
    """Refused unless the picked goods may go to the consignee today. # OUT-03"""
    today = document.site.day_at(by.now)
    require_standing(
        (
            Promised(line.demand_line_id, staged(line, document.staging_id, line.container_id)),
            line.picked,
        )
        for line in lines
    )
    goods = {Goods(line.item_id, line.lot_id, line.serial_id) for line in lines}
    rows = queries.recalled(sorted(goods, key=str), Code.SHIP)
    if rows:
        raise MAKERS["TW006"](rows)
    expired = [line.lot for line in lines if line.lot and is_expired(line.lot.expires_on, today)]
    if expired:
        rows = [{"lot": lot.raw_number, "expires_on": str(lot.expires_on)} for lot in expired]
        raise MAKERS["TW005"](rows)
    _require_shelf_life(document, lines, today, by)
    items = {line.item_id: line.item for line in lines}
    require_together(items.values(), "pick_id")
    seller = document.legal_entity.party_id
    queries.require_may_leave(
        seller, document.consignee_id, document.deliver_to, list(items.values()), today
    )


def require_papers_kept(lines: list[PickLine]) -> None:
    """Refused where goods were checked as no device and are one now: the record lacks its papers.

    GSP art. 88.
    """
    for line in lines:
        if line.item.product_id and not (line.registration_number or line.registrant_name):
            raise CheckFailed(
                sentence(
                    "{item} was put under its certificate after this check, whose record lacks it. "
                    "Cancel the pick, allocate, pick and check the goods again."
                ),
                field="pick_id",
                item=line.item.code,
            )


def _require_shelf_life(document: Pick, lines: list[PickLine], today: date, by: Actor) -> None:
    """Refused where a lot has fewer days left than the rules ask for this customer."""
    minimum = reader(MINIMUM_DAYS)
    partner = Partner.objects.filter(party=document.consignee_id).first()
    for line in lines:
        if line.lot is None or line.lot.expires_on is None:
            continue
        context = {
            "item": line.item_id,
            "product_line": line.item.product_line,
            "lot": line.lot_id,
            "customer": document.consignee_id,
            "customer_class": partner.customer_class if partner else "",
            "site": document.site_id,
        }
        decided = apply_rules(minimum, context, by=by)
        days = (line.lot.expires_on - today).days
        if days < decided.value:
            raise CheckFailed(
                sentence(
                    "Lot {lot}: {days} days left, this customer requires {required}. "
                    "Cancel the pick and allocate again."
                ),
                lot=line.lot.raw_number,
                days=days,
                required=decided.value,
            )
