"""Conflict: somebody else saved meanwhile. Both values side by side; the person chooses. # UX-01"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from traceward.kernel.command.seen import Seen, SeenRecord, StaleVersion, read_seen, tag_of
from traceward.resources import labels
from traceward.web.kit.cells import text
from traceward.web.kit.history import moment_of, said
from traceward.web.kit.shown import Shown

NOTHING = "—"


@dataclass(frozen=True)
class Difference:
    """A value that two people mean differently."""

    label: str
    before: str
    theirs: str
    mine: str


@dataclass(frozen=True)
class Conflict:
    """Who changed it, when and by what; what is different; the version to save over, if at all."""

    who: str
    at: str
    verb: str
    differences: tuple[Difference, ...]
    seen: str


def read(given: str, subject: Callable[[], Shown | None]) -> tuple[Seen | SeenRecord, ...]:
    """What the form was opened on: a document's version, or the record that the form is about."""
    kind, _, rest = given.partition(":")
    key, _, mark = rest.partition(":")
    shown = subject() if mark else None
    if shown is None:
        return read_seen(given, "version_seen")
    model = shown.page.resource.model._meta.label
    if (kind, key) != (model, str(shown.row["id"])):
        return read_seen(given, "version_seen")
    return (SeenRecord(kind, shown.row["id"], mark[:64]),)


def between(
    refusal: StaleVersion,
    verb: str,
    given: Mapping[str, str],
    now: Mapping[str, str],
    subject: Shown,
) -> Conflict:
    """What the form says against what stands there now."""
    newest = refusal.details[0] if refusal.details else {}
    before, after = newest.get("before", {}), newest.get("after", {})
    language = subject.to.language
    found = [
        Difference(
            labels.of_argument(f"{verb}.{path}").in_language(language),
            str(before.get(path) or NOTHING),
            value or NOTHING,
            given.get(path) or NOTHING,
        )
        for path, value in now.items()
        if "." not in path and path in given and given[path] != value
    ]
    known = {one.label for one in found}
    for name, value in after.items():
        label = said(subject.page.resource, name, subject.to)
        if label not in known and name not in now:
            was, now_is = (_told(subject, name, v) for v in (before.get(name), value))
            found.append(Difference(label, was, now_is, NOTHING))
    at = newest.get("at", "")
    done = newest.get("verb")
    return Conflict(
        str(newest.get("by", "")),
        moment_of(datetime.fromisoformat(at), subject.to) if at else "",
        labels.of_verb(done).in_language(language) if done else "",
        tuple(found),
        _seen_now(refusal, subject),
    )


def _told(subject: Shown, name: str, value: Any) -> str:
    """The value as the list of such documents shows it."""
    if isinstance(value, dict):  # a word of ours with its sentence
        value = value.get("values", {}).get(name, "")
    column = subject.page.resource.columns.get(name)
    if column is None or not isinstance(value, str):
        return str(value or NOTHING)
    return text(subject.page.resource, column, value, subject.to)


def _seen_now(refusal: StaleVersion, subject: Shown) -> str:
    """The version that stands now, which the person has been shown."""
    if "now" in refusal.values:
        return tag_of(subject.row["id"], subject.row["version"])
    return subject.mark()
