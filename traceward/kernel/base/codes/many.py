"""Many labels at once, as a delivery has them: what stands before the serial number is read once.

A reader answers as `read_label` does, to the letter; `tests/kernel/codes` compares the two.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from traceward.kernel.base.gs1 import AI_TABLE, CodeProblem
from traceward.kernel.base.gs1.elements import SCAN_LIMIT

from .labels import LabelText, Reading, read_label

_SERIAL: Final = AI_TABLE["21"].pattern
#: Forms in which an element may end with the text.
_FORMS: Final = frozenset({"element_string", "hri"})
#: So many beginnings are kept; what has more is no delivery of lots.
_LIMIT: Final = 1000


class Reader:
    """Reads labels one after the other, and knows the beginnings of those that it has read."""

    def __init__(self, today: date) -> None:
        self.today = today
        #: By what stands before the serial number at the end, what that says.
        self._heads: dict[str, Reading] = {}
        self._lengths: dict[int, None] = {}

    def read(self, raws: Sequence[str]) -> LabelText:
        """What the barcodes of one label say; `CodeProblem` as from `read_label`."""
        return (self._known(raws[0]) if len(raws) == 1 else None) or self._new(raws)

    def _known(self, raw: str) -> LabelText | None:
        for length in self._lengths:
            said = self._heads.get(raw[:length])
            if said is None:
                continue
            serial = raw[length:]
            if len(raw) > SCAN_LIMIT or "(" in serial or not _SERIAL.fullmatch(serial):
                return None
            return LabelText((raw,), (_with(said, serial),))
        return None

    def _new(self, raws: Sequence[str]) -> LabelText:
        label = read_label(raws, self.today)
        if len(raws) == 1 and len(self._heads) < _LIMIT:
            self._learn(label)
        return label

    def _learn(self, label: LabelText) -> None:
        """The beginning is kept where another serial number after it is read as just that."""
        (raw,) = label.raws
        if len(label.readings) != 1 or label.texts or label.doubtful:
            return
        (said,) = label.readings
        if said.form not in _FORMS or not said.serial or not raw.endswith(said.serial):
            return
        head, other = raw.removesuffix(said.serial), "1" if said.serial != "1" else "2"
        try:
            probe = read_label((head + other,), self.today)
        except CodeProblem:
            return
        if probe == LabelText((head + other,), (replace(said, serial=other),)):
            self._heads[head] = said
            self._lengths[len(head)] = None


def _with(said: Reading, serial: str) -> Reading:
    """The same with another serial number; spelled out, since `replace` takes far longer."""
    return Reading(
        said.system,
        said.form,
        said.di,
        said.lot,
        serial,
        said.expires,
        said.expiry_basis,
        said.produced,
        said.sterilisation_lot,
        said.quantity,
        said.sscc,
        said.content_di,
    )
