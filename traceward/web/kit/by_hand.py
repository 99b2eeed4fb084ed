"""Pages that are made by hand, and from where one comes to them."""

from collections.abc import Mapping
from typing import Any

from traceward.kernel.base.refusals import fill
from traceward.resources import labels
from traceward.web.kit.lists import Link
from traceward.web.visitors import Visitor

#: Question → the address of its page by hand.
CONSOLES: dict[str, str] = {}
#: By list, the pages by hand about one of its rows: the question that says who sees each, and its
#: address.
BY_HAND: dict[str, tuple[tuple[str, str], ...]] = {}
#: By list, the page by hand that lists, boards and the finder open instead of the row's own.
OPENED: dict[str, tuple[str, str]] = {}
#: What such a page is called, where the question does not say it.
CALLED: dict[str, str] = {}


def opened_at(name: str, key: Any, to: Visitor) -> str:
    """Where lists, boards and the finder open the row; empty where it has only its own page."""
    question, address = OPENED.get(name, ("", ""))
    return address.format(id=key) if address and to.may(question) else ""


def address_of_row(name: str, key: Any, came_from: str, to: Visitor) -> str:
    """Where a list opens the row; its own page knows from which list one came."""
    return opened_at(name, key, to) or f"/{name.replace('.', '/')}/{key}?{came_from}"


def links_by_hand(name: str, row: Mapping[str, Any], to: Visitor) -> list[Link]:
    """The pages by hand about the row that the visitor may see."""
    return [
        Link(_called(question, address, to.language), address.format(id=row["id"]))
        for question, address in BY_HAND.get(name, ())
        if to.may(question)
    ]


def _called(question: str, address: str, language: str) -> str:
    if address in CALLED:
        return fill(CALLED[address], {}, language)
    return labels.of_question(question).in_language(language)
