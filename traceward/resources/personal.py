"""That a personal note is kept, and which command reads it; what it says, no column shows."""

from django.db.models import Case, CharField, Exists, OuterRef, Value, When

from traceward.kernel.base.models import PersonalNote


def read_by(note: type[PersonalNote], owner: str, row: str = "pk") -> Case:
    """The command that reads the note of this row; empty where none is kept, or no longer."""
    kept = note._default_manager.filter(**{owner: OuterRef(row)}, erased_at=None)
    return Case(
        When(Exists(kept), then=Value(note.reader)),
        default=Value(""),
        output_field=CharField(),
    )
