"""What a person says about what waits: that they have seen it, and its order. # FLW-04"""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from traceward.kernel.base.refusals import InvalidInput, NotAllowed, sentence
from traceward.kernel.base.rows import add_rows
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.people import grants_of, own
from traceward.kernel.command.registry import READINGS
from traceward.kernel.command.run import command
from traceward.kernel.command.write import amend, created
from traceward.kernel.org import roles
from traceward.kernel.workflow.models import Acknowledgement, Board

#: Whoever works here, and the auditor.
PEOPLE = tuple(role for role in roles.ALL if role != roles.SYSTEM)
#: Said of so many rows at once.
MAX_RECORDS = 200
#: A board has so many cards at most.
MAX_CARDS = 100
KEY = re.compile(r"[a-z_]{1,40}")


@dataclass(frozen=True)
class Acknowledged:
    """How many of them the person had not said it of before."""

    subject: str
    new: int


@dataclass(frozen=True)
class Arranged:
    """The person's board as it is from now on."""

    board_uid: uuid.UUID
    shown: list[str]
    hidden: list[str]


@command("workflow.acknowledge", roles=PEOPLE, scope=own)
def acknowledge(subject: str, records: list[int], *, by: Actor) -> Acknowledged:
    """The person has seen what is wrong with these rows of the list; said once, it stays said."""
    if subject not in READINGS:
        raise InvalidInput(
            sentence("There is no list called {name}. Name it as its address does."),
            field="subject",
            name=subject[:60],
        )
    if not grants_of(by.person_id, subject):
        raise NotAllowed(
            sentence("You may not read “{name}”. Ask an administrator for a role that may."),
            field="subject",
            name=subject,
        )
    if not 1 <= len(records) <= MAX_RECORDS:
        raise InvalidInput(
            sentence("Acknowledge 1 to {limit} at once."), field="records", limit=MAX_RECORDS
        )
    mine = Acknowledgement.objects.filter(subject=subject, person=by.person_id)
    known = set(mine.filter(record__in=records).values_list("record", flat=True))
    new = [record for record in dict.fromkeys(records) if record not in known]
    made = add_rows(
        [
            Acknowledgement(
                subject=subject, record=record, person_id=by.person_id, acknowledged_at=by.now
            )
            for record in new
        ]
    )
    for row in made:
        created(row, by=by, subject=subject, record=row.record)
    return Acknowledged(subject, len(new))


@command("workflow.arrange_board", roles=PEOPLE, scope=own)
def arrange_board(
    shown: list[str] | None = None, hidden: list[str] | None = None, *, by: Actor
) -> Arranged:
    """The person's first page has these cards first, in this order, and not the hidden ones.

    Without either it is as their roles have it.
    """
    for name, keys in (("shown", shown or ()), ("hidden", hidden or ())):
        _require_keys(name, keys)
    first = list(dict.fromkeys(shown or ()))
    away = [key for key in dict.fromkeys(hidden or ()) if key not in first]
    found = Board.objects.filter(person=by.person_id).values_list("pk", flat=True).first()
    if found is None:
        board = Board(person_id=by.person_id, shown=first, hidden=away, arranged_at=by.now)
        board.save(force_insert=True)
        created(board, by=by, shown=first, hidden=away)
    else:
        board = Board.objects.lock(found)
        amend(board, by=by, shown=first, hidden=away, arranged_at=by.now)
    return Arranged(board.uid, first, away)


def _require_keys(name: str, keys: Sequence[str]) -> None:
    if len(keys) > MAX_CARDS:
        raise InvalidInput(
            sentence("A board has at most {limit} cards. Leave some out."),
            field=name,
            limit=MAX_CARDS,
        )
    wrong = next((key for key in keys if not KEY.fullmatch(key)), None)
    if wrong is not None:
        raise InvalidInput(
            sentence("“{key}” is no card of a board. Take the names from the first page."),
            field=name,
            key=wrong[:40],
        )
