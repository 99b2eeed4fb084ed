"""What of a page the keyboard cannot reach, or cannot know: read from its HTML. # UX-05

Reached are links, buttons, inputs, selects, text areas and summaries, in the order in which they
stand. Whatever asks for something else, is taken out of that order, or has no name, is a fault.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"input", "br", "img", "hr", "link", "meta", "col", "wbr", "source"})
FIELDS = frozenset({"input", "select", "textarea"})
REACHED = FIELDS | {"a", "button", "summary"}
#: What the browser presses when Enter is pressed in a field: the button that stands last.
FIRST = "tw-first"


@dataclass
class Element:
    """One element with what stands around and in it."""

    tag: str
    attributes: dict[str, str]
    around: "Element | None" = None
    within: list["Element"] = field(default_factory=list)
    text: str = ""

    def all(self) -> Iterator["Element"]:
        """Everything in it, in order."""
        for one in self.within:
            yield one
            yield from one.all()

    def outwards(self) -> Iterator["Element"]:
        """It, and everything around it."""
        one: Element | None = self
        while one is not None:
            yield one
            one = one.around

    @property
    def words(self) -> str:
        """What it says, as far as that is read aloud."""
        if self.attributes.get("aria-hidden") == "true":
            return ""
        own = self.attributes.get("aria-label") or self.attributes.get("alt", "")
        return (own or self.text + "".join(one.words for one in self.within)).strip()

    @property
    def is_hidden(self) -> bool:
        return "hidden" in self.attributes or self.attributes.get("type") == "hidden"

    def __str__(self) -> str:
        known = ("name", "value", "href", "class", "id")
        told = " ".join(f'{n}="{v}"' for n in known if (v := self.attributes.get(n)))
        return f"<{self.tag} {told}>"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = self.at = Element("", {})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        one = Element(tag, {name: value or "" for name, value in attrs}, self.at)
        self.at.within.append(one)
        if tag not in VOID:
            self.at = one

    def handle_endtag(self, tag: str) -> None:
        ending = next((one for one in self.at.outwards() if one.tag == tag), None)
        if ending is not None and ending.around is not None:
            self.at = ending.around

    def handle_data(self, data: str) -> None:
        self.at.text += data


def read(html: str) -> Element:
    """The page as elements."""
    reader = _Reader()
    reader.feed(html)
    return reader.root


def faults(page: Element) -> list[str]:
    """What is wrong for whoever has a keyboard only, or hears the page."""
    ids = {one.attributes["id"]: one for one in page.all() if "id" in one.attributes}
    labels = {one.attributes.get("for", ""): one for one in page.all() if one.tag == "label"}
    return [f"{fault}: {one}" for one in page.all() for fault in _faults(one, ids, labels)]


def _faults(one: Element, ids: dict[str, Element], labels: dict[str, Element]) -> Iterator[str]:
    if any(name.startswith("on") for name in one.attributes):
        yield "a script in an attribute"
    if one.tag not in REACHED:
        pressed = {"hx-get", "hx-post"} & set(one.attributes) and one.tag != "form"
        if pressed and "hx-trigger" not in one.attributes:
            yield "pressed, but no button or link"
        return
    if one.is_hidden or FIRST in one.attributes.get("class", "").split():
        return
    order = one.attributes.get("tabindex", "0")
    if order != "0":
        yield f"tabindex {order}"
    if any(around.attributes.get("aria-hidden") == "true" for around in one.outwards()):
        yield "reached, but not read aloud"
    if one.tag == "a" and not one.attributes.get("href"):
        yield "a link that leads nowhere"
    if not _name(one, ids, labels):
        yield "has no name"


def _name(one: Element, ids: dict[str, Element], labels: dict[str, Element]) -> str:
    """What it is called: by itself, by what names it, by the label before or around it."""
    named = one.attributes.get("aria-labelledby", "").split()
    if named:
        return "".join(ids[name].words for name in named if name in ids)
    if one.tag not in FIELDS:
        return one.words or one.attributes.get("title", "")
    own = one.attributes.get("aria-label", "")
    if not own and one.attributes.get("id") in labels:
        own = labels[one.attributes["id"]].words
    around = next((outer for outer in one.outwards() if outer.tag == "label"), None)
    return own or (around.words if around else "") or one.attributes.get("title", "")
