"""The rows before and after one, in the list that the visitor came from: its address says which."""

from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode

from traceward.kernel.base.refusals import Refusal
from traceward.kernel.command.database_errors import persistent
from traceward.resources import asking, reading
from traceward.web.kit.filters import in_days
from traceward.web.kit.lists import list_of, view_of
from traceward.web.kit.views import kept_of, question_of
from traceward.web.visitors import Visitor

#: Of a longer list only so many are counted.
FAR = 500
MAX_LENGTH = 2_000


@dataclass(frozen=True)
class Neighbours:
    """Where a row stands in the list, and the addresses of those beside it."""

    place: int
    count: str
    list_address: str
    before: str = ""
    after: str = ""


def neighbours(name: str, key: int, came_from: str, to: Visitor) -> Neighbours | None:
    """None where the row is not in that list any more, or far down in it; one query for ids."""
    if not came_from or len(came_from) > MAX_LENGTH:
        return None
    page, given = list_of(name), parse_qs(came_from)
    asked = question_of(view_of(page, given, kept_of(name, to)), given, ("q", "sort"))
    texts = {**in_days(page.resource, asked, to), "fields": ["id"], "limit": [str(FAR)]}
    try:
        question = asking.read(page.resource, texts)
        found = persistent(lambda: reading.page(page.resource, question, to.reader(name)))
    except Refusal:
        return None
    ids = [row["id"] for row in found.rows]
    if key not in ids:
        return None
    at, here = ids.index(key), urlencode({"in": came_from})
    return Neighbours(
        at + 1,
        f"{len(ids)}{'+' if found.next_cursor else ''}",
        f"{page.address}?{came_from}",
        f"{page.address}/{ids[at - 1]}?{here}" if at else "",
        f"{page.address}/{ids[at + 1]}?{here}" if at + 1 < len(ids) else "",
    )
