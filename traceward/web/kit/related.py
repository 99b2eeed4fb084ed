"""What belongs to a row: rows of other lists that name it, and documents linked with it."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count

from traceward.kernel.command.database_errors import persistent
from traceward.kernel.documents.models import kinds
from traceward.resources import asking, labels, reading
from traceward.resources.kit import RESOURCES
from traceward.web.kit.cells import name_of
from traceward.web.kit.documents import DocumentPage, Related
from traceward.web.kit.tones import tone_of
from traceward.web.visitors import Visitor

#: So many of them are read.
SHOWN = 50


def related_of(page: DocumentPage, row: Mapping[str, Any], to: Visitor) -> list[dict[str, Any]]:
    """What belongs to it: by kind, how many and how they stand."""
    made = [found for one in page.related if (found := _counted(one, row, to))]
    known = {one.name for one in page.related}
    for name, rows in _linked(page, row, to).items():
        if name in known:
            continue
        first = rows[0]
        text = (
            first["number"]
            if len(rows) == 1
            else ("张" if to.language.startswith("zh") else "in all")
        )
        about = f"/documents/documents/{first['id']}"
        title = labels.of_row(name).in_language(to.language)
        if len(rows) > 1:
            about, title = f"/documents/links?{first['by']}={row['id']}", title
        made.append(_smart(about, title, len(rows), text or "—", "", "file-text"))
    return made


def _counted(one: Related, row: Mapping[str, Any], to: Visitor) -> dict[str, Any] | None:
    """How many rows of the list name this one, by state where they have one."""
    key = row.get(one.key)
    if not to.may(one.name) or key is None:
        return None
    resource = RESOURCES[one.name]
    asked = asking.read(resource, {one.column: [str(key)], **_texts(one.where)})
    seen = reading.matching(resource, asked, to.reader(one.name))
    title = labels.of_resource(one.name).in_language(to.language)
    where = "".join(f"&{name}={value}" for name, value in one.where.items())
    target = f"/{one.name.replace('.', '/')}?{one.column}={key}{where}"
    if "state" not in resource.columns:
        count = persistent(lambda: reading.counting(seen).count())
        return _smart(target, title, count, "", "", one.icon) if count else None
    path = resource.columns["state"].key
    by_state = persistent(
        lambda: list(seen.order_by().values_list(path).annotate(Count("pk")).order_by(path))
    )
    if not by_state:
        return None
    states = [
        (_state_of(one.name, state, to), n, tone_of(state, one.name)) for state, n in by_state
    ]
    words = " · ".join(f"{word} {n}" if len(states) > 1 else word for word, n, _ in states)
    loud = ("tw-bad", "tw-wait", "tw-ask")
    tone = next((tone for _, _, tone in states if tone in loud), "")
    return _smart(target, title, sum(n for _, n, _ in states), words, tone, one.icon)


def _state_of(name: str, state: str, to: Visitor) -> str:
    return labels.of_value(f"{name}.state", str(state)).in_language(to.language)


def _linked(
    page: DocumentPage, document: Mapping[str, Any], to: Visitor
) -> dict[str, list[dict[str, Any]]]:
    """Documents that are linked with this one, by their list."""
    if not page.is_document or not to.may("documents.links"):
        return {}
    made: dict[str, list[dict[str, Any]]] = {}
    for one, other in (("earlier", "later"), ("later", "earlier")):
        for row in rows_of("documents.links", {f"{one}_id": [str(document["id"])]}, to):
            name = _resource_of(row[f"{other}_kind"])
            found = {"id": row[f"{other}_id"], "number": row[f"{other}_number"]}
            rows = made.setdefault(name, [])
            if found["id"] not in [known["id"] for known in rows]:
                rows.append({**found, "by": f"{one}_id"})
    return made


def _smart(target: str, title: str, count: int, text: str, tone: str, icon: str) -> dict[str, Any]:
    return {
        "address": target,
        "title": title,
        "count": count,
        "text": text,
        "tone": tone.replace("tw-", "tw-c-"),
        "icon": icon,
    }


def _texts(where: Mapping[str, str]) -> dict[str, list[str]]:
    return {name: [value] for name, value in where.items()}


def _resource_of(kind: str) -> str:
    return name_of(kinds().get(kind)) or "documents.documents"


def rows_of(name: str, given: dict[str, list[str]], to: Visitor) -> list[reading.Row]:
    """The first rows of the list that are asked for and that the visitor may see."""
    resource = RESOURCES[name]
    asked = asking.read(resource, {**given, "limit": [str(SHOWN)]})
    return persistent(lambda: reading.page(resource, asked, to.reader(name))).rows
