"""The forms that a row begins without being all that they are about: labels, for example."""

from collections.abc import Mapping
from typing import Any

from traceward.resources import labels
from traceward.web.kit.documents import DocumentPage
from traceward.web.kit.lists import Link
from traceward.web.kit.suggestions import flat
from traceward.web.kit.verbs import address
from traceward.web.visitors import Visitor


def begun(page: DocumentPage, row: Mapping[str, Any], to: Visitor) -> list[Link]:
    """Those that the visitor may send, where the row gives something to begin with."""
    made = []
    for one in page.begins:
        given = one.give(row, to) if to.may(one.verb) else {}
        if given:
            text = labels.of_verb(one.verb).in_language(to.language)
            target = address(one.verb, **flat(dict(given), to))
            made.append(Link(text, target, tone=one.verb))
    return made
