"""From scans to goods that are known here, and to whatever else a code may be. # WMS-01 INV-05"""

from traceward.domain.warehousing.scanning.goods import (
    IncompleteLabel,
    Scanned,
    goods_of,
    options_of,
    place_code,
    require_agreement,
    require_numbers,
    scanned,
    sscc_of,
)
from traceward.domain.warehousing.scanning.lookup import LookedUp, look_up

__all__ = [
    "IncompleteLabel",
    "LookedUp",
    "Scanned",
    "goods_of",
    "look_up",
    "options_of",
    "place_code",
    "require_agreement",
    "require_numbers",
    "scanned",
    "sscc_of",
]
