"""Pages that are made by hand, and from where one comes to them."""

from collections.abc import Mapping
from typing import Any

from traceward.resources import labels
from traceward.web.kit.lists import Link
from traceward.web.visitors import Visitor

#: Question → the address of its page by hand.
CONSOLES: dict[str, str] = {}
#: By list, the page by hand about one of its rows: the question that says who sees it, the address.
BY_HAND: dict[str, tuple[str, str]] = {}


def links_by_hand(name: str, row: Mapping[str, Any], to: Visitor) -> list[Link]:
    """The page by hand about the row, where there is one that the visitor may see."""
    question, address = BY_HAND.get(name, ("", ""))
    if not address or not to.may(question):
        return []
    words = labels.of_question(question).in_language(to.language)
    return [Link(words, address.format(id=row["id"]))]
