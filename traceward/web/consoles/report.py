"""The trace of a lot or unit on paper, and as events, to be passed on. # TRC-01

The paper is the page's own drawing and tables, typeset as delivery notes are (docs/adr/0247); it
says as of when, for whom and with which part of the group it was made.
"""

import json
import re
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext

from traceward.kernel.base.refusals import Refusal
from traceward.kernel.documents import paper
from traceward.web.consoles.flow import lying
from traceward.web.consoles.trace import Console, forbidden_name, opened
from traceward.web.kit.frames import forbidden

TEMPLATE = Path(__file__).with_name("report.typ")
STYLES = Path(__file__).parents[1] / "static" / "tw"
#: Events and flows that a report prints; it says how many there are.
EVENTS, FLOWS = 400, 400
SIMPLE = re.compile(r"^(\.tw-flow [^:{]*) \{(.*)\}$", re.MULTILINE)
TOKEN = re.compile(r"--tw-([\w-]+): (#[0-9A-Fa-f]+);")


def show_report(request: HttpRequest, kind: str, key: int) -> HttpResponse:
    """The trace as PDF, in the visitor's language."""
    console = opened(request, kind, key)
    name = forbidden_name(kind, console.to)
    if name:
        return forbidden(request, name)
    if console.problems:
        return render(request, "tw/trace.html", {"t": console}, status=422)
    try:
        made = paper.pdf(TEMPLATE, data_of(console), at=console.now)
    except Refusal as refusal:
        console.problems.append(refusal.in_language(console.to.language))
        return render(request, "tw/trace.html", {"t": console}, status=refusal.http_status)
    return file_of(made, paper.MEDIA_TYPE, f"{gettext('Trace report')} {console.title}.pdf")


def show_events(request: HttpRequest, kind: str, key: int) -> HttpResponse:
    """What happened as an EPCIS 2.0 document."""
    console = opened(request, kind, key)
    name = forbidden_name(kind, console.to) or (
        "" if console.to.may("trace.epcis") else "trace.epcis"
    )
    if name:
        return forbidden(request, name)
    try:
        found = console.epcis
    except Refusal as refusal:
        console.problems.append(refusal.in_language(console.to.language))
    if console.problems:
        return render(request, "tw/trace.html", {"t": console}, status=422)
    text = json.dumps(found, ensure_ascii=False, indent=1)
    return file_of(text.encode(), "application/json", f"{console.title} EPCIS.json")


def file_of(content: bytes, media_type: str, name: str) -> HttpResponse:
    """The content as a download of this name."""
    answer = HttpResponse(content, content_type=media_type)
    plain = re.sub(r'[\\/:*?"<>|\x00-\x1f]', "-", name)
    answer["Content-Disposition"] = content_disposition_header(True, plain) or "attachment"
    return answer


def data_of(console: Console) -> dict[str, Any]:
    """All texts of the report, as its template asks for them."""
    console.events_shown = EVENTS
    drawing = console.drawing
    svg = str(lying(drawing, console.title, ""))
    now = console.said(console.now)
    facts = [
        (gettext("Goods"), " ".join(filter(None, (console.item_text, console.item_sub)))),
        ("UDI-DI", console.di),
        (gettext("Expires"), console.expires),
        (gettext("State"), " · ".join(words for _, words, _ in console.tags)),
        (gettext("As of"), f"{console.at_told} {console.since_told}".strip() or now),
        (gettext("Made by"), console.to.name),
    ]
    return {
        "language": "zh" if console.to.language.startswith("zh") else "en",
        "heading": gettext("Trace report"),
        "title": console.title,
        "facts": [fact for fact in facts if fact[1]],
        "partial": console.partial_told if console.is_partial else "",
        "unseen": ""
        if console.is_seen
        else gettext("None of it is, or was, where you may see it."),
        "figures": [(one.label, one.value, one.more) for one in console.figures],
        "balance": gettext("Mass balance"),
        "flow": gettext("Flow"),
        "svg": svg.replace(">", f"><style>{print_style()}</style>", 1),
        "flows_heading": gettext("Flows"),
        "flows_heads": [gettext("From"), gettext("To"), gettext("Quantity")],
        "flows": [row[:3] for row in console.flow_rows[:FLOWS]],
        "places_heading": gettext("Where it was") if console.at else gettext("Where it is now"),
        "places_heads": [gettext("Where"), gettext("State"), gettext("Quantity")],
        "places": [
            (" ".join(filter(None, (p.name, p.code))), p.state, p.quantity) for p in console.places
        ]
        + ([(console.more_places, "", "")] if console.more_places else []),
        "nowhere": gettext("It stands nowhere: all of it was used or is gone."),
        "events_heading": f"{gettext('Timeline')} · {console.total_told}",
        "events_heads": [
            *(gettext("Time"), gettext("Event"), gettext("Where")),
            *(gettext("Quantity"), gettext("Document"), gettext("By")),
        ],
        "events": [
            (e.at, e.what, e.where, e.quantity, e.document.text, e.who) for e in console.events
        ],
        "cut": gettext("The newest {count} are printed.").format(count=EVENTS)
        if console.older
        else "",
        "page": gettext("Page {here} of {all}"),
        "unprintable": gettext("〓 stands for a character that cannot be printed."),
        "made_on": _day(console.now, console),
    }


def _day(at: datetime, console: Console) -> str:
    return console.said(at)


@cache
def print_style() -> str:
    """The drawing's own colours, as they are in daylight, for a reader that knows no variables."""
    tokens = dict(TOKEN.findall((STYLES / "tokens.css").read_text().partition("dark")[0]))
    rules = SIMPLE.findall((STYLES / "trace.css").read_text())
    text = "\n".join(f"{which.removeprefix('.tw-flow ')} {{{how}}}" for which, how in rules)
    coloured = re.sub(r"var\(--tw-([\w-]+)\)", lambda m: tokens[m[1]], text)
    return f"text {{ font-family: 'Noto Sans SC'; }}\n{coloured}"
