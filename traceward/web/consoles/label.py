"""What a scanned label says, held against the record of the goods that it names. # TRC-01 INV-05"""

from dataclasses import dataclass

from traceward.domain.catalog.scanning import contradiction
from traceward.domain.warehousing.scanning.lookup import LookedUp
from traceward.kernel.base.codes import OWN
from traceward.kernel.base.gs1 import SCAN_LIMIT
from traceward.kernel.command.database_errors import persistent
from traceward.resources.kit import QUESTIONS
from traceward.web.kit.pickers import UNREADABLE
from traceward.web.visitors import Visitor

LOOK_UP = "warehousing.look_up"


@dataclass(frozen=True)
class Held:
    """The goods that a label names, and each sentence on what of it does not fit."""

    kind: str
    id: int
    told: tuple[str, ...]


def held(code: str, to: Visitor) -> Held | None:
    """The label against the record; None where it is no label, or names no lot or serial."""
    seen = _looked_up(code, to)
    if seen is None or seen.found is None or seen.goods is None:
        return None
    if seen.goods.lot_id is None and seen.goods.serial_id is None:
        return None
    told = [contradiction(one, "code", 0, code).in_language(to.language) for one in seen.misfits]
    if not told and seen.told is not None:  # its serial or lot was never received
        told = [seen.told.zh if to.language.startswith("zh") else seen.told.en]
    return Held(seen.found.kind, seen.found.id, tuple(one[:1].upper() + one[1:] for one in told))


def unreadable(code: str, to: Visitor) -> str:
    """Why a label that leads nowhere cannot be read, or what of it is not known; else nothing."""
    seen = _looked_up(code, to)
    if seen is None or seen.told is None:
        return ""
    return seen.told.zh if to.language.startswith("zh") else seen.told.en


def _looked_up(code: str, to: Visitor) -> LookedUp | None:
    if not code or len(code) > SCAN_LIMIT or UNREADABLE.search(code) or not to.may(LOOK_UP):
        return None
    found: LookedUp = persistent(lambda: QUESTIONS[LOOK_UP].function([code], to=to.reader(LOOK_UP)))
    return found if found.systems != (OWN,) else None
