"""A recall or a drill on paper: its console as facts and tables, typeset. # TRC-03 TRC-04

    /recall/9058/report.pdf      progress while it runs, summary once it has ended
    /drill/9058/report.pdf

What is printed is what the page shows to who asks, now (docs/adr/0257).
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from traceward.domain.recalls.queries.progress import Answered
from traceward.kernel.command.database_errors import persistent
from traceward.kernel.documents import paper
from traceward.resources import asking, labels, reading
from traceward.resources.kit import RESOURCES, now
from traceward.web.consoles import drill as drills
from traceward.web.consoles import recall as recalls
from traceward.web.consoles.report import file_of
from traceward.web.consoles.told import Sum, Told
from traceward.web.kit.frames import forbidden
from traceward.web.visitors import Visitor, visitor_of

TEMPLATE = Path(__file__).with_name("sections.typ")
#: Rows of one table; the paper says where there are more.
ROWS = 400
REPORTS, SIGNATURES, SCOPES = "recalls.reports", "audit.signatures", "recalls.scopes"


@dataclass(frozen=True)
class Section:
    """A heading with a text or a table; what is said where there is nothing of it."""

    heading: str
    heads: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    widths: Sequence[float] = ()
    #: Columns of numbers, and the row that adds them up.
    numbers: Sequence[int] = ()
    last: Sequence[str] = ()
    text: str = ""
    nothing: str = ""
    more: str = ""


def show_recall_report(request: HttpRequest, key: int) -> HttpResponse:
    """The recall as PDF, in the visitor's language."""
    to = visitor_of(request)
    for name in (recalls.CASES, recalls.PROGRESS):
        if not to.may(name):
            return forbidden(request, name)
    room = recalls.opened(key, {}, to)
    heading = recall_heading(room)
    made = paper.pdf(TEMPLATE, of_recall(room), at=room.now)
    return file_of(made, paper.MEDIA_TYPE, f"{heading} {room.number}.pdf")


def show_drill_report(request: HttpRequest, key: int) -> HttpResponse:
    """The drill as PDF, in the visitor's language."""
    to = visitor_of(request)
    if name := drills.forbidden_name(to):
        return forbidden(request, name)
    drill = drills.opened(key, to)
    at = now()
    made = paper.pdf(TEMPLATE, of_drill(drill, at), at=at)
    return file_of(made, paper.MEDIA_TYPE, f"{gettext('Drill report')} {drill.number}.pdf")


def recall_heading(room: recalls.Room) -> str:
    """Progress while it runs; the summary is of a recall that has ended."""
    return gettext("Recall progress report") if room.is_open else gettext("Recall summary report")


def of_recall(room: recalls.Room) -> dict[str, Any]:
    """All texts of the report of a recall."""
    acknowledged, secured = room.rings
    progress = room.progress
    facts = [
        (gettext("Level"), room.level),
        (gettext("State"), room.state),
        (gettext("Decision"), f"{room.row['decided_on']:%Y-%m-%d}"),
        (gettext("Reason"), str(room.row["reason"])),
        (gettext("Set off by"), " · ".join(filter(None, room.origin))),
        (gettext("Opened by"), _own(room.row, "created_by", room.to)),
        (gettext("Conclusion"), str(room.row["conclusion"] or "")),
    ]
    figures = [
        (gettext("Came in"), room.ladder.total, gettext("units")),
        (gettext("Difference"), room.ladder.missing, gettext("units")),
        (acknowledged.name, f"{acknowledged.share}%", acknowledged.text),
        (secured.name, f"{secured.share}%", secured.text),
        (
            gettext("Effectiveness checks"),
            f"{progress.checked} / {progress.checks_wanted}",
            gettext("consignees, done and asked for by the rule"),
        ),
    ]
    sections = [
        Section(
            gettext("Limits"),
            (gettext("What"), gettext("Until"), gettext("How it stands"), gettext("Result")),
            [(one.name, one.until, one.text, one.word) for one in room.limits],
            (3, 2, 2, 2),
        ),
        _ladder(gettext("Where the goods are"), room.ladder),
        _scope(room),
        _consignees(room),
        _reports(room),
        Section(
            gettext("Open points"),
            (gettext("What"), gettext("About whom, how many")),
            [(one.text, one.more) for one in room.steps],
            (3, 4),
            nothing=gettext("Nothing is left to do."),
        ),
        _signatures(room),
    ]
    return _data(recall_heading(room), room.number, facts, figures, sections, room.to, room.now)


def _ladder(heading: str, ladder: Sum) -> Section:
    return Section(
        heading,
        (gettext("Where"), gettext("Units"), gettext("Share")),
        [(one.name, one.told, one.percent) for one in ladder.rungs],
        (5, 1, 1),
        numbers=(1, 2),
        last=(gettext("All that came in"), ladder.total, ladder.percent),
    )


def _rows(name: str, to: Visitor, **given: str) -> list[dict[str, Any]]:
    """Rows of this list that the visitor may read, the oldest first."""
    if not to.may(name):
        return []
    resource = RESOURCES[name]
    wanted = {key: [text] for key, text in {**given, "limit": str(ROWS), "sort": "id"}.items()}
    asked = asking.read(resource, wanted)
    return persistent(lambda: list(reading.page(resource, asked, to.reader(name)).rows))


def _own(row: dict[str, Any], stem: str, to: Visitor) -> str:
    zh, en = row[f"{stem}_name_zh"] or "", row[f"{stem}_name_en"] or ""
    return zh or en if to.language.startswith("zh") else en or zh


def _scope(room: recalls.Room) -> Section:
    rows = _rows(SCOPES, room.to, case_id=str(room.key))
    yes = gettext("made of it")
    return Section(
        gettext("Scope"),
        (gettext("Item"), gettext("Name"), gettext("Lot"), gettext("Serial"), ""),
        [
            (
                row["item_code"] or "",
                _own(row, "item", room.to),
                row["lot_raw_number"] or "",
                row["serial_raw_number"] or "",
                yes if row["is_downstream"] else "",
            )
            for row in rows
        ],
        (2, 4, 2, 2, 1),
        more=_more(len(rows)),
    )


def _more(count: int) -> str:
    told = gettext("The first {count} are printed.")
    return told.format(count=ROWS) if count >= ROWS else ""


def _consignees(room: recalls.Room) -> Section:
    known = {one.consignee.party_id: one for one in room.progress.answers}
    told = room.consignees
    return Section(
        gettext("Consignees"),
        (
            *(gettext("Consignee"), gettext("Contact"), gettext("Got"), gettext("Used")),
            *(gettext("Quarantined"), gettext("Not confirmed"), gettext("On the way")),
            *(gettext("Returned"), gettext("Told at"), gettext("Answer"), gettext("Reminded")),
            gettext("Check"),
        ),
        [_consignee(one, known[one.party_id], room.to.language) for one in told[:ROWS]],
        (5.5, 5, 1.6, 1.6, 2.4, 2, 1.8, 1.9, 2.8, 4, 2, 2.6),
        numbers=(2, 3, 4, 5, 6, 7),
        nothing=gettext("Nobody outside got any of it."),
        more=_more(len(told)) if len(told) > ROWS else "",
    )


def _consignee(one: Told, known: Answered, language: str) -> tuple[str, ...]:
    there = known.reached
    check = ""
    if there.check_result:
        said = labels.of_value("recalls.checks.result", there.check_result)
        word = said.in_language(language)
        day = f" {there.checked_on:%m-%d}" if there.checked_on else ""
        check = f"{word}{day}"
    return (
        one.name,
        " ".join(filter(None, (there.contact, there.phone or there.email))),
        f"{one.received:,}",
        f"{one.used:,}",
        f"{one.quarantined:,}",
        f"{one.unconfirmed:,}",
        f"{one.on_the_way:,}",
        f"{one.returned:,}",
        one.notified or "—",
        " ".join(filter(None, (one.said, one.answer))),
        gettext("{count} ×").format(count=there.reminders) if there.reminders else "",
        check,
    )


def _reports(room: recalls.Room) -> Section:
    rows = _rows(REPORTS, room.to, case_id=str(room.key))
    return Section(
        gettext("Reports to the regulator"),
        (gettext("Report"), gettext("Reported on"), gettext("Number"), gettext("Note")),
        [
            (
                labels.of_value(f"{REPORTS}.kind", row["kind"]).in_language(room.to.language),
                f"{row['reported_on']:%Y-%m-%d}",
                row["reference"],
                row["note"],
            )
            for row in rows
        ],
        (3, 2, 3, 5),
        nothing=gettext("Nothing was reported yet."),
    )


def _signatures(room: recalls.Room) -> Section:
    rows = _rows(SIGNATURES, room.to, subject_uid=str(room.row["uid"]))
    return Section(
        gettext("Electronic signatures"),
        (gettext("Meaning"), gettext("Signed by"), gettext("Signed at")),
        [
            (
                labels.of_value(f"{SIGNATURES}.meaning", row["meaning"]).in_language(
                    room.to.language
                ),
                _own(row, "person", room.to),
                _moment(row["at"], room.to),
            )
            for row in rows
        ],
        (3, 3, 3),
        nothing=gettext("Nothing was signed yet.")
        if room.to.may(SIGNATURES)
        else gettext("Signatures are shown to quality, compliance and the auditor."),
    )


def of_drill(drill: drills.Drill, at: datetime) -> dict[str, Any]:
    """All texts of the report of a drill."""
    to = drill.to
    facts = [
        (gettext("Level"), drill.level),
        (gettext("State"), drill.state),
        (gettext("Supposed defect"), drill.title),
        (gettext("What was drilled"), " ".join(one.text for one in drill.goods)),
        (gettext("Held by"), _own(drill.row, "created_by", to)),
        (gettext("Begun at"), _moment(drill.row["began_at"], to)),
        (gettext("Next drill by"), drill.next_on),
    ]
    figures = [
        (gettext("Score"), drill.score, drill.score_of),
        (gettext("Found by the server in"), drill.server_time, ""),
        (gettext("Until the conclusion"), drill.took or "—", f"{gettext('limit')} {drill.limit}"),
        (gettext("Came in"), drill.ladder.total, gettext("units")),
        (gettext("Difference"), drill.ladder.missing, gettext("units")),
    ]
    sections = [
        *_scored(drill),
        _ladder(gettext("Where the goods were"), drill.ladder),
        Section(
            gettext("What a recall would do"),
            (gettext("What"), gettext("Drafts"), gettext("Units")),
            [(one.what, one.count, one.units) for one in drill.would],
            (5, 1, 1),
            numbers=(1, 2),
        ),
        Section(
            gettext("Time of the server"),
            (gettext("Step"), gettext("Time")),
            drill.steps,
            (5, 1),
            numbers=(1,),
        ),
        _outside(drill),
    ]
    return _data(
        gettext("Drill report"),
        drill.number,
        facts,
        figures,
        sections,
        to,
        at,
        gettext("Nothing was held, nobody was told, no stock was touched."),
    )


def _scored(drill: drills.Drill) -> list[Section]:
    heads = (
        *(gettext("Aspect"), gettext("Why"), gettext("Points"), gettext("Of")),
        gettext("Lost"),
    )
    points = [
        (
            *(one.name, one.why, "—" if one.is_open else f"{one.points}", f"{one.weight}"),
            "" if one.is_open else f"{one.lost}",
        )
        for one in drill.points
    ]
    told = drill.row["conclusion"] or gettext("Not concluded yet.")
    return [
        Section(gettext("Score"), heads, points, (4, 6, 1, 1, 1), numbers=(2, 3, 4)),
        Section(gettext("Conclusion"), text=told),
    ]


def _outside(drill: drills.Drill) -> Section:
    heads = (
        *(gettext("Consignee"), gettext("Got"), gettext("Used"), gettext("Still there")),
        *(gettext("On the way"), gettext("Returned"), gettext("Can be reached")),
        gettext("Licence in force"),
    )
    rows = [
        (
            name,
            *counts,
            *(labels.of_value("", yes).in_language(drill.to.language) for yes in one.can),
        )
        for name, _, one, counts in drill.consignees
    ]
    return Section(
        gettext("Consignees"),
        heads,
        rows,
        (6, 1, 1, 1, 1, 1, 2, 2),
        numbers=(1, 2, 3, 4, 5),
        nothing=gettext("Nobody outside got any of it."),
        more=_left_out(drill.left_out),
    )


def _left_out(count: int) -> str:
    told = gettext("Consignees that are not shown here:")
    return f"{told} {count}" if count else ""


def _moment(at: datetime, to: Visitor) -> str:
    return f"{at.astimezone(ZoneInfo(to.time_zone)):%Y-%m-%d %H:%M}"


def _data(
    heading: str,
    title: str,
    facts: Iterable[tuple[str, str]],
    figures: Sequence[tuple[str, str, str]],
    sections: Iterable[Section],
    to: Visitor,
    at: datetime,
    notice: str = "",
) -> dict[str, Any]:
    made = [*facts, (gettext("As of"), _moment(at, to)), (gettext("Made by"), to.name)]
    return {
        "language": "zh" if to.language.startswith("zh") else "en",
        "heading": heading,
        "title": title,
        "notice": notice,
        "facts": [fact for fact in made if fact[1]],
        "figures": figures,
        "sections": [asdict(one) for one in sections],
        "signing": [gettext("Made by"), gettext("Checked by"), gettext("Approved by")],
        "page": gettext("Page {here} of {all}"),
        "unprintable": gettext("〓 stands for a character that cannot be printed."),
        "made_on": _moment(at, to),
    }
