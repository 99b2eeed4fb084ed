"""One door for every code on a label: which system it is of, and what it says.

GS1, HIBC, MA and AHM are read by their own packages; what is none of them may be a code of our own,
and is handed on as text. Pure, in the manner of ``gs1``. See ``docs/reference/scanning.md``.
"""

from .labels import MAX_BARCODES, Disagreement, LabelText, Reading, fits, own_text, read_label
from .many import Reader
from .systems import AGENCIES, MESSAGES, OWN, explain, normalise_di

__all__ = [
    "AGENCIES",
    "MAX_BARCODES",
    "MESSAGES",
    "OWN",
    "Disagreement",
    "LabelText",
    "Reader",
    "Reading",
    "explain",
    "fits",
    "normalise_di",
    "own_text",
    "read_label",
]
