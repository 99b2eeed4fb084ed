"""What is in store is checked 在库检查; what is doubtful is blocked at once. # WMS-07"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from traceward.domain.catalog.queries import items_with_facts, papers_of
from traceward.domain.places.models import Place, PlaceKind
from traceward.domain.quality import events, queries
from traceward.domain.quality.models import StockCheck, StockCheckLine, StockCheckState
from traceward.domain.stock.commands.blocks import Scope, block
from traceward.domain.stock.models import BlockKind, Lot, StockBlock
from traceward.domain.stock.rules import is_expired
from traceward.kernel.base.measures import Celsius
from traceward.kernel.base.refusals import InvalidInput, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.command.write import add_lines, emit, open_document
from traceward.kernel.org.roles import MAINTENANCE, QUALITY_CONTROLLER
from traceward.kernel.org.scope import ScopeKey, scope_of

#: Where goods are kept and can be looked at.
KEPT_IN = (PlaceKind.WAREHOUSE, PlaceKind.ZONE, PlaceKind.BIN, PlaceKind.DOCK, PlaceKind.STAGING)


@dataclass(frozen=True)
class Keeping:
    """How the place is kept (GSP art. 73); measures where something is not right."""

    is_flow_right: bool = True
    is_protected: bool = True
    is_clean: bool = True
    is_monitoring_right: bool = True
    measures: str = ""


@dataclass(frozen=True)
class Finding:
    """What a look at one lot or serial in the place found; a note where it is not good."""

    item_id: int
    lot_id: int | None = None
    serial_id: int | None = None
    is_appearance_good: bool = True
    is_packaging_good: bool = True
    note: str = ""

    @property
    def is_good(self) -> bool:
        return self.is_appearance_good and self.is_packaging_good

    @property
    def goods(self) -> tuple[int, int | None, int | None]:
        return self.item_id, self.lot_id, self.serial_id


@dataclass(frozen=True)
class StockWasChecked:
    check_id: int
    #: The lines whose goods are blocked from now on.
    doubtful_line_numbers: list[int]


def place_scope(place_id: int, **_: Any) -> list[ScopeKey]:
    return scope_of(Place, place_id)


@command("quality.check_stock", roles=(MAINTENANCE, QUALITY_CONTROLLER), scope=place_scope)
def check_stock(
    place_id: int,
    *,
    keeping: Keeping | None = None,
    findings: list[Finding] | None = None,
    temperature_c: Celsius | None = None,
    humidity_percent: int | None = None,
    by: Actor,
) -> StockWasChecked:
    """The place was looked at, and what was found is on record (GSP art. 73, 74).

    Goods of doubtful appearance or packaging are blocked at once, the whole lot or the serial, and
    quality decides; what is past its expiry is shut anyway. Where the place keeps a temperature,
    it is read.
    """
    keeping, findings = keeping or Keeping(), findings or []
    place = Place.objects.select_related("site").find(place_id)
    if place is None or place.kind not in KEPT_IN:
        raise InvalidInput(
            sentence("Choose a place where goods are kept: a zone or a bin."), field="place_id"
        )
    _check_climate(place, keeping, temperature_c, humidity_percent)
    standing = queries.standing_in(place.pk)
    _check_findings(findings, standing)
    check = StockCheck(
        place=place,
        checked_at=by.now,
        temperature_c=temperature_c,
        humidity_percent=humidity_percent,
        is_flow_right=keeping.is_flow_right,
        is_protected=keeping.is_protected,
        is_clean=keeping.is_clean,
        is_monitoring_right=keeping.is_monitoring_right,
        measures=keeping.measures.strip(),
    )
    open_document(check, site=place.site, state=StockCheckState.RECORDED.value, by=by)
    rows = _write_lines(check, findings, standing, by)
    doubtful = [row.line.line_number for row in rows if row.block_id]
    emit(events.StockChecked(check.uid, len(doubtful)), subject=check.uid, by=by)
    return StockWasChecked(check.pk, doubtful)


def _check_climate(
    place: Place, keeping: Keeping, temperature_c: Decimal | None, humidity_percent: int | None
) -> None:
    """Read where the place keeps a temperature; what is not right has its measures."""
    low, high = place.temperature_c_min, place.temperature_c_max
    if low is not None and (temperature_c is None or humidity_percent is None):
        raise InvalidInput(
            sentence("{code} keeps a temperature. Read temperature and humidity there."),
            field="temperature_c" if temperature_c is None else "humidity_percent",
            code=place.code,
        )
    if humidity_percent is not None and not 0 <= humidity_percent <= 100:
        raise InvalidInput(
            sentence("The relative humidity is 0 to 100 %."), field="humidity_percent"
        )
    is_outside = temperature_c is not None and (
        (low is not None and temperature_c < low) or (high is not None and temperature_c > high)
    )
    kept = (
        keeping.is_flow_right,
        keeping.is_protected,
        keeping.is_clean,
        keeping.is_monitoring_right,
    )
    if (is_outside or not all(kept)) and not keeping.measures.strip():
        raise InvalidInput(
            sentence("Something is not as it should be in {code}. Say what was done about it."),
            field="keeping.measures",
            code=place.code,
        )


def _check_findings(findings: Sequence[Finding], standing: queries.Standing) -> None:
    """Each is about goods that stand in the place, once; a doubt is explained."""
    seen = set()
    for n, finding in enumerate(findings):
        if finding.goods not in standing or finding.goods in seen:
            raise InvalidInput(
                sentence("Name a lot or serial that stands in the place, each once."),
                field=f"findings.{n}",
            )
        seen.add(finding.goods)
        if not finding.is_good and not finding.note.strip():
            raise InvalidInput(sentence("Say what is wrong."), field=f"findings.{n}.note")


def _write_lines(
    check: StockCheck, findings: Sequence[Finding], standing: queries.Standing, by: Actor
) -> list[StockCheckLine]:
    day = check.site.day_at(by.now)
    items = items_with_facts(x.item_id for x in findings)
    papers = papers_of(items.values(), day)
    lots = Lot.objects.in_bulk({x.lot_id for x in findings if x.lot_id})
    rows = []
    for line, finding in zip(add_lines(check, len(findings)), findings, strict=True):
        lot = lots.get(finding.lot_id or 0)
        rows.append(
            StockCheckLine(
                line=line,
                check_of=check,
                item_id=finding.item_id,
                lot=lot,
                serial_id=finding.serial_id,
                quantity=standing[finding.goods],
                is_appearance_good=finding.is_appearance_good,
                is_packaging_good=finding.is_packaging_good,
                is_expiry_good=lot is None or not is_expired(lot.expires_on, day),
                note=finding.note.strip(),
                block=_blocked(finding, by),
                **papers[finding.item_id],
            )
        )
    return StockCheckLine.objects.bulk_create(rows)


def _blocked(finding: Finding, by: Actor) -> StockBlock | None:
    """The block over the doubtful serial or lot; none where all is good."""
    if finding.is_good:
        return None
    scope = Scope(
        lot_id=None if finding.serial_id else finding.lot_id,
        serial_id=finding.serial_id,
        item_id=finding.item_id,
    )
    placed = block(scope, BlockKind.HOLD, finding.note.strip()[:300], by=by)
    return StockBlock.objects.get(uid=placed.block_uid)
