"""Help: what a page is for, how the work is done, what columns mean, keys; the data dictionary."""

import re
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from traceward.kernel.command.registry import REGISTRY
from traceward.resources import labels
from traceward.resources.choices import values_of
from traceward.resources.kit import QUESTIONS, RESOURCES
from traceward.resources.labels.summaries import SUMMARIES
from traceward.web.kit.cells import stems_of
from traceward.web.kit.fields import kind_of, resolved
from traceward.web.kit.procedures import PROCEDURES, procedures_for
from traceward.web.kit.worklists import AT_WORK, WORKLISTS
from traceward.web.visitors import Visitor, is_part, visitor_of

#: Values that a column may have are named up to so many.
VALUES = 12
PLACE = re.compile(r"^/(?:ask/|do/)?([a-z_]+)[./]([a-z_]+)(?:/.*)?$")


@dataclass(frozen=True)
class Term:
    """A column or field: its word, its name for programs, what may stand in it."""

    text: str
    name: str
    values: str = ""


def show_help(request: HttpRequest) -> HttpResponse:
    """Help for the page of this address, within what the visitor may see."""
    to = visitor_of(request)
    name = _name(request.GET.get("page", ""))
    context: dict[str, Any] = (
        {"title": "", "terms": [], "what": ""} if not to.may(name) else _about(name, to)
    )
    context["procedures"] = procedures_for(name, to)
    page = "tw/help_part.html" if is_part(request) else "tw/help.html"
    return render(request, page, {"help": context, "name": name})


def show_procedures(request: HttpRequest) -> HttpResponse:
    """How the main work is done, what the visitor has a part in first."""
    to = visitor_of(request)
    order = sorted(PROCEDURES.values(), key=lambda one: not one.is_of(to))
    return render(request, "tw/procedures.html", {"procedures": [one.told(to) for one in order]})


def show_dictionary(request: HttpRequest) -> HttpResponse:
    """Every list that the visitor may read, with its columns."""
    to = visitor_of(request)
    lists = [{"name": name, **_about(name, to)} for name in RESOURCES if to.may(name)]
    return render(request, "tw/dictionary.html", {"lists": sorted(lists, key=_title)})


def _title(one: dict[str, Any]) -> str:
    return str(one["title"])


def _name(path: str) -> str:
    """What the page of this address shows: a list, also of a worklist, a question, a command."""
    if path.startswith(AT_WORK) and (work := WORKLISTS.get(path.removeprefix(AT_WORK))):
        return work.wait.name
    found = PLACE.match(path[:200])
    return f"{found[1]}.{found[2]}" if found else ""


def _about(name: str, to: Visitor) -> dict[str, Any]:
    if name in RESOURCES:
        return _list(name, to)
    if name in QUESTIONS:
        words, schema = labels.of_question(name), QUESTIONS[name].arguments.model_json_schema()
    elif name in REGISTRY:
        words, schema = labels.of_verb(name), REGISTRY[name].arguments.model_json_schema()
    else:
        return {"title": "", "terms": [], "what": ""}
    return {
        "title": words.in_language(to.language),
        "what": _what(name, to),
        "terms": [_argument(name, field, one, schema, to) for field, one in _fields(schema)],
    }


def _fields(schema: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return list(schema.get("properties", {}).items())


def _argument(
    name: str, field: str, one: dict[str, Any], schema: dict[str, Any], to: Visitor
) -> Term:
    plain = resolved(one, schema.get("$defs", {}))
    values = ""
    if kind_of(field, plain) == "choice":
        values = _values(f"{name}.{field}", plain["enum"], to)
    text = labels.of_argument(f"{name}.{field}").in_language(to.language)
    return Term(text, field, values)


def _list(name: str, to: Visitor) -> dict[str, Any]:
    resource = RESOURCES[name]
    terms = []
    for stem in stems_of(resource):
        column = resource.columns.get(stem)
        shown = next((n for n in resource.columns if n == stem or n.startswith(f"{stem}_")), stem)
        if column is None and shown not in resource.columns:
            shown = next((n for n in ("name_zh", "name_en") if n in resource.columns), "")
        text = labels.of_column(f"{name}.{shown}").in_language(to.language)
        known = values_of(resource, column) if column is not None else ()
        terms.append(Term(text, stem, _values(f"{name}.{stem}", list(known), to)))
    words = labels.of_resource(name).in_language(to.language)
    return {"title": words, "what": _what(name, to), "terms": terms}


def _values(name: str, values: list[Any], to: Visitor) -> str:
    told = [labels.of_value(name, one).in_language(to.language) for one in values if one != ""]
    more = " …" if len(told) > VALUES else ""
    return " · ".join(told[:VALUES]) + more


def _what(name: str, to: Visitor) -> str:
    """One sentence about a list, question or command."""
    if to.language.startswith("zh"):
        return SUMMARIES.get(name, "")
    if name in QUESTIONS:
        return QUESTIONS[name].summary
    if name in REGISTRY:
        return REGISTRY[name].summary
    return (RESOURCES[name].model.__doc__ or "").strip().split("\n", 1)[0].split(" # ", 1)[0]
