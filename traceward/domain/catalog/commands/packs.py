"""Packs are known by their codes. # MDM-01"""

from dataclasses import dataclass, field

from traceward.domain.catalog.commands.products import Registered, Warned
from traceward.domain.catalog.models import (
    Agency,
    Identifier,
    Item,
    MaterialCategory,
    PackagingLevel,
)
from traceward.domain.catalog.scanning import UnreadableCode
from traceward.kernel.base.codes import normalise_di, read_label
from traceward.kernel.base.gs1 import CodeProblem
from traceward.kernel.base.refusals import (
    Conflict,
    InvalidInput,
    NotFound,
    WrongState,
    fill,
    sentence,
)
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.people import require_code, whole_group
from traceward.kernel.command.run import command
from traceward.kernel.command.write import amend, created
from traceward.kernel.org.roles import DATA_OWNER, QUALITY_CONTROLLER, SYSTEM

MAX_LEVELS = 9
#: Characters of a code by which a pack is known.
MAX_DI = 40


@command(
    "catalog.add_packaging_level",
    roles=(DATA_OWNER, QUALITY_CONTROLLER, SYSTEM),
    scope=whole_group,
)
def add_packaging_level(
    item_id: int,
    level: int,
    di: str,
    units_of_level_below: int = 1,
    *,
    agency: Agency = Agency.GS1,
    by: Actor,
) -> Registered:
    """A pack of the item has this UDI-DI and holds so many packs of the level below.

    Level 0 is the base unit. GS1's DI is a GTIN of 8, 12, 13 or 14 digits; what has no UDI-DI is
    given a code of our own.
    """
    item: Item = Item.objects.lock(item_id)
    code = _normalised(agency, di, by)
    warnings = _check_carrier(item, agency)
    if not 0 <= level <= MAX_LEVELS:
        raise InvalidInput(
            sentence("Packaging levels go from 0, the base unit, to {limit}."),
            field="level",
            limit=MAX_LEVELS,
        )
    below = PackagingLevel.objects.filter(item=item, level=level - 1).first()
    if level and below is None:
        raise NotFound(
            sentence("{item} has no packaging level {level}. Add the levels from 0 upwards."),
            field="level",
            item=item.code,
            level=level - 1,
        )
    if units_of_level_below < 1 or (level == 0 and units_of_level_below != 1):
        raise InvalidInput(
            sentence("A pack holds at least one of the level below, and the base unit just one."),
            field="units_of_level_below",
        )
    if PackagingLevel.objects.filter(item=item, level=level).exists():
        raise Conflict(
            sentence("{item} has a packaging level {level} already."),
            field="level",
            item=item.code,
            level=level,
        )
    _require_free(agency, code)
    base_units = units_of_level_below * (below.base_units if below else 1)
    pack = PackagingLevel.objects.create(
        item=item, level=level, agency=agency, di=code, base_units=base_units
    )
    created(pack, by=by, item=item.code, level=level, agency=agency, di=code, base_units=base_units)
    return Registered(pack.pk, str(pack.uid), warnings)


@dataclass(frozen=True)
class Identified:
    """The pack is known by this code, as it is compared, or is so no more."""

    identifier_id: int
    packaging_id: int
    agency: str
    di: str
    warnings: list[Warned] = field(default_factory=list)


@command(
    "catalog.add_identifier",
    roles=(DATA_OWNER, QUALITY_CONTROLLER, SYSTEM),
    scope=whole_group,
)
def add_identifier(packaging_id: int, agency: Agency, di: str, *, by: Actor) -> Identified:
    """The pack is known by one code more: another agency's, or a new UDI-DI of the same pack."""
    pack: PackagingLevel = PackagingLevel.objects.lock(packaging_id)
    code = _normalised(agency, di, by)
    warnings = _check_carrier(pack.item, agency)
    _require_free(agency, code)
    row = Identifier.objects.create(packaging=pack, agency=agency, di=code)
    created(row, by=by, packaging=str(pack.uid), agency=agency, di=code)
    return Identified(row.pk, pack.pk, agency, code, warnings)


@command(
    "catalog.withdraw_identifier",
    roles=(DATA_OWNER, QUALITY_CONTROLLER),
    scope=whole_group,
)
def withdraw_identifier(identifier_id: int, reason: str, *, by: Actor) -> Identified:
    """The code names the pack no more, since it was entered by mistake; another pack may have it.

    What was scanned by it stays as it was recorded.
    """
    row: Identifier = Identifier.objects.lock(identifier_id)
    pack = row.packaging
    if not reason.strip():
        raise InvalidInput(sentence("Say why the code is withdrawn."), field="reason")
    if row.withdrawn_at is not None:
        raise WrongState(sentence("{di} is withdrawn already."), field="identifier_id", di=row.di)
    if (row.agency, row.di) == (pack.agency, pack.di):
        raise Conflict(
            sentence("{di} is the pack's own code, which papers and labels show. It stays."),
            field="identifier_id",
            di=row.di,
        )
    by.work.facts["reason"] = reason
    amend(row, by=by, withdrawn_at=by.now)
    return Identified(row.pk, row.packaging_id, row.agency, row.di)


NO_UDI = sentence(
    "{item} is no device under a certificate. If {agency}'s code on its label is a UDI-DI, "
    "register it as a device; as it is, it cannot be sold."
)


def _check_carrier(item: Item, agency: Agency) -> list[Warned]:
    """Whatever has a UDI-DI is a device under a certificate, or was declared none. # MDM-01

    A number of the agency's may be a plain trade number on what is never sold: that only warns.
    """
    if agency == Agency.OWN or item.product_id is not None or item.non_device_reason:
        return []
    if item.material_category == MaterialCategory.NON_DEVICE:
        raise WrongState(
            sentence(
                "{item} has neither a registration certificate nor a declaration that it is no "
                "device; a UDI-DI names a device. Have quality declare it first."
            ),
            field="agency",
            item=item.code,
        )
    values = {"item": item.code, "agency": agency.value}
    return [Warned(fill(NO_UDI, values, "zh-hans"), fill(NO_UDI, values, "en"))]


def _normalised(agency: Agency, di: str, by: Actor) -> str:
    """The code as it is compared; refused where the agency gives none like it."""
    try:
        if agency != Agency.OWN:
            return normalise_di(agency, di)
        code = require_code(di, MAX_DI, field="di")
        is_ours = code in read_label([code], by.now.date()).texts
    except CodeProblem as problem:
        raise UnreadableCode.of(problem, "di") from None
    if not is_ours:
        raise InvalidInput(
            sentence("A scanner would take {di} for another system's code. Choose another one."),
            field="di",
            di=code,
        )
    return code


def _require_free(agency: Agency, code: str) -> None:
    rows = Identifier.objects.filter(agency=agency, di=code, withdrawn_at=None)
    twin = rows.select_related("packaging__item").first()
    if twin is not None:
        raise Conflict(
            sentence("The code {di} belongs to {item} already; a code names one pack only."),
            field="di",
            di=code,
            item=twin.packaging.item.code,
        )
