"""What was done, in a line at the top of the next page: the deed, how much, how it stands now."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import Subquery, Sum
from django.http import HttpRequest

from traceward.domain.stock.models import Reservation, Status, StockMove
from traceward.kernel.command.models import AnsweredRequest
from traceward.kernel.documents.models import Document, kinds
from traceward.resources import labels
from traceward.resources.labels import Words
from traceward.web.kit.cells import name_of
from traceward.web.visitors import Visitor

#: So many documents are named.
NAMED = 3


@dataclass(frozen=True)
class Told:
    """The line: its text, and the documents that it names as (number, state, address)."""

    text: str
    about: tuple[tuple[str, str, str], ...] = ()
    tone: str = "tw-ok"

    def __str__(self) -> str:
        return self.text

    def kept(self) -> dict[str, Any]:
        """As the session keeps it."""
        about = [list(one) for one in self.about]
        return {"text": self.text, "about": about, "tone": self.tone}


def told_once(request: HttpRequest) -> Told | None:
    """What is to be told on this page, and not again."""
    found = request.session.pop("told", None) if "told" in request.session else None
    if isinstance(found, dict):
        about = tuple(tuple(one) for one in found["about"])
        return Told(found["text"], about, found.get("tone", "tw-ok"))
    return Told(found, tone="tw-info") if found else None


def refuse_next(request: HttpRequest, text: str) -> None:
    """The next page says why nothing was done."""
    request.session["told"] = {"text": text, "about": [], "tone": "tw-bad"}


def how_much(answer: Any, request_id: uuid.UUID, to: Visitor) -> str:
    """Base units that the command moved, decided about or promised, and could not promise."""
    mine = AnsweredRequest.objects.filter(actor_id=to.person.pk if to.person else 0)
    run = mine.filter(request_id=request_id).values("command_id")[:1]
    moves = StockMove.objects.filter(command_id=Subquery(run))
    by_status = list(
        moves.values_list("from_status", "to_status")
        .annotate(total=Sum("quantity"))
        .order_by("to_status")
    )
    is_decided = [row for row in by_status if row[0] == Status.PENDING != row[1]]
    said = [f"{_status(now_is, to)} {_units(total, to)}" for _, now_is, total in is_decided]
    if not said and (total := sum(row[2] for row in by_status)):
        said = [_units(total, to)]
    short = getattr(answer, "shortage", None)
    if short is not None:
        promised = Reservation.objects.filter(command_id=Subquery(run), quantity__gt=0)
        said = [_units(promised.aggregate(total=Sum("quantity"))["total"] or 0, to)]
        said += [SHORT.in_language(to.language).format(_units(short, to))] if short else []
    return SEPARATOR.in_language(to.language).join(said)


SHORT = Words("缺 {}", "{} short")
MORE = Words("等，另有 {} 份", "and {} more")
SEPARATOR = Words("，", ", ")


def _units(count: int, to: Visitor) -> str:
    one = "unit" if count == 1 else "units"
    return f"{count:,} 件" if to.language.startswith("zh") else f"{count:,} {one}"


def _status(status: int | None, to: Visitor) -> str:
    word = str(Status(status).label) if status else ""
    return labels.of_value("stock.balances.status", word).in_language(to.language)


def changed(versions: dict[int, int], to: Visitor) -> tuple[tuple[str, str, str], ...]:
    """The documents that were made or changed, those that were made first."""
    made = [pk for pk, version in versions.items() if version == 1]
    order = [*made, *(pk for pk in versions if pk not in made)][:NAMED]
    rows = {row["pk"]: row for row in Document.objects.filter(pk__in=order).values(*_READ)}
    said = tuple(_said(rows[pk], to) for pk in order if pk in rows and rows[pk]["number"])
    others = len(versions) - len(order)
    return (*said, (MORE.in_language(to.language).format(others), "", "")) if others > 0 else said


#: By verb, the one that prints what it made, and the argument that its answer names.
PAPERS = {"warehousing.ship": ("warehousing.print_delivery_note", "shipment_id")}


def papers(verb: str, answer: Any, to: Visitor) -> tuple[tuple[str, str, str], ...]:
    """The paper that was made, to be opened; or the verb that prints one of what was made."""
    file_id = getattr(answer, "file_id", None)
    if file_id is not None and to.may(FILES):
        opened = OPEN_PAPER.in_language(to.language)
        return ((opened, "", f"/documents/files/{file_id}/content"),)
    printing, argument = PAPERS.get(verb, ("", ""))
    made = getattr(answer, argument, None) if argument else None
    if made is None or not to.may(printing):
        return ()
    text = labels.of_verb(printing).in_language(to.language)
    return ((text, "", f"/do/{printing}?{argument}={made}"),)


FILES = "documents.files"
OPEN_PAPER = Words("打开 PDF", "Open the PDF")
_READ = ("pk", "number", "kind", "state")


def _said(row: dict[str, Any], to: Visitor) -> tuple[str, str, str]:
    name = name_of(kinds().get(row["kind"]))
    state = labels.of_value(f"{name}.state", row["state"]).in_language(to.language)
    return row["number"], state, f"/documents/documents/{row['pk']}"
