"""Personal notes are read one by one, and it is on record who read which, and why. # SEC-01"""

from dataclasses import dataclass

from traceward.kernel.base.models import PersonalNote
from traceward.kernel.base.refusals import InvalidInput, NotFound, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.erasable import Erasable


@dataclass(frozen=True)
class NoteRead:
    """The text is for the reader's eyes; what is stored of this answer does not have it.

    It is empty once it was erased.
    """

    text: Erasable


def read_note(
    row: PersonalNote | None, reason: str, missing: str, *, field: str, by: Actor
) -> Erasable:
    """The text of the note, for who says why; refused at the field where none was kept."""
    if row is None:
        raise NotFound(missing, field=field)
    if not reason.strip():
        raise InvalidInput(sentence("Say why you need to know it."), field="reason")
    by.work.facts.update(read=str(row.uid), reason=reason.strip())
    return Erasable(row.text)
