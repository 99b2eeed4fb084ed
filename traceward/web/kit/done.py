"""What was done, in a line at the top of the next page: the verb, what it made, how that stands."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from traceward.kernel.documents.models import Document, kinds
from traceward.resources import labels
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
        return {"text": self.text, "about": [list(one) for one in self.about]}


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


def changed(versions: dict[int, int], to: Visitor) -> tuple[tuple[str, str, str], ...]:
    """The documents that were made or changed, those that were made first."""
    made = [pk for pk, version in versions.items() if version == 1]
    order = [*made, *(pk for pk in versions if pk not in made)][:NAMED]
    rows = {row["pk"]: row for row in Document.objects.filter(pk__in=order).values(*_READ)}
    return tuple(_said(rows[pk], to) for pk in order if pk in rows and rows[pk]["number"])


_READ = ("pk", "number", "kind", "state")


def _said(row: dict[str, Any], to: Visitor) -> tuple[str, str, str]:
    name = name_of(kinds().get(row["kind"]))
    state = labels.of_value(f"{name}.state", row["state"]).in_language(to.language)
    return row["number"], state, f"/documents/documents/{row['pk']}"
