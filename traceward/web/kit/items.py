"""Items of a worklist as they stand beside the one that is decided: why and how long each waits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.html import format_html

from traceward.kernel.base.refusals import fill, sentence
from traceward.kernel.command.database_errors import persistent
from traceward.resources import asking, reading
from traceward.resources.kit import now
from traceward.web.kit.cells import ENDINGS, ending
from traceward.web.kit.worklists import Queue, Worklist
from traceward.web.visitors import Visitor

Row = Mapping[str, Any]
#: So many stand there.
LISTED = 60
#: Days after which what waits is late.
LATE = 3
DAYS, HOURS, JUST = sentence("{n} d"), sentence("{n} h"), sentence("just now")


@dataclass(frozen=True)
class Item:
    """An item as it stands in the list: its name, what is known of it, why it is urgent."""

    id: int
    title: str
    under: str
    since: Any
    urgent: str
    tone: str


def items_of(work: Worklist, queue: Queue, ids: Sequence[int], to: Visitor) -> list[Item]:
    """These of the queue, in its order; one query."""
    if not ids:
        return []
    names = dict.fromkeys(["id", *(n for cell in work.cells for n in cell.names), work.since])
    texts = {"id": [str(pk) for pk in ids], "fields": [",".join(names)], "limit": [str(len(ids))]}
    asked = asking.read(work.resource, texts)
    page = persistent(lambda: reading.page(work.resource, asked, to.reader(work.wait.name)))
    rows = {row["id"]: row for row in page.rows}
    return [_item(work, queue, rows[pk], to) for pk in ids if pk in rows]


def _item(work: Worklist, queue: Queue, row: Row, to: Visitor) -> Item:
    texts = [cell.text(row, to) for cell in work.cells]
    why = dict(enumerate(work.urgent)).get(queue.ranks.get(row["id"], -1))
    return Item(
        row["id"],
        texts[0],
        " · ".join(text for text in texts[1:] if text not in ("", "—")),
        since_of(work, row, to),
        why.words.in_language(to.language) if why else "",
        why.tone if why else "",
    )


def since_of(work: Worklist, row: Row, to: Visitor) -> Any:
    """How long it waits; or the day on which it is due or ends, red once that is over."""
    found = row.get(work.since)
    if not isinstance(found, date):
        return ""
    if work.since in ENDINGS:
        return ending(found, found.isoformat(), to)
    if not isinstance(found, datetime):
        css = "tw-c-bad" if found < to.today else ""
        return format_html('<span class="tw-code {}">{}</span>', css, found.isoformat())
    hours = max(int((_now(to) - found) / timedelta(hours=1)), 0)
    days = hours // 24
    phrase, n = (DAYS, days) if days > 1 else (HOURS if hours else JUST, hours)
    said = fill(phrase, {"n": n}, to.language)
    return format_html('<span class="{}">{}</span>', "tw-c-warn" if days >= LATE else "", said)


def _now(to: Visitor) -> datetime:
    if "now" not in to.known:
        to.known["now"] = now()
    found: datetime = to.known["now"]
    return found
