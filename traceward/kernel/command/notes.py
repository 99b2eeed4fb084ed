"""Personal notes are read and erased one by one, and it is on record by whom, and why. # SEC-01"""

from dataclasses import dataclass

from traceward.kernel.base.models import PersonalNote
from traceward.kernel.base.refusals import InvalidInput, NotFound, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.command.write import record_change


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


@dataclass(frozen=True)
class NoteErased:
    """Whether there was something to erase; false where it was gone already."""

    was_there: bool


def erase_note(
    row: PersonalNote | None, reason: str, missing: str, *, field: str, by: Actor
) -> NoteErased:
    """The text of the note is gone, for the reason given; that there was one stays."""
    if row is None:
        raise NotFound(missing, field=field)
    if not reason.strip():
        raise InvalidInput(sentence("Say why it is erased."), field="reason")
    return NoteErased(empty_note(row, reason, by=by))


def empty_note(row: PersonalNote, reason: str, *, by: Actor) -> bool:
    """The same, where another step asks for it; whether there was something to erase."""
    locked = type(row).objects.lock(row.pk)
    if locked.erased_at is not None:
        return False
    locked.text, locked.erased_at = "", by.now
    locked.save(update_fields=["text", "erased_at"])
    record_change(locked, {}, {"erased_at": by.now, "reason": reason.strip()}, by=by)
    return True
