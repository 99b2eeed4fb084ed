"""GS1 Digital Link: a web address that carries a key, its qualifiers and further data.

Source: GS1 Digital Link Standard, URI Syntax: the key is the rightmost one of the path, its
qualifiers follow in their order, other data stand in the query. Canonical addresses are at
https://id.gs1.org with numeric application identifiers.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from .ai_table import AI_TABLE
from .associations import check_associations, check_repeats
from .elements import Element, check_element, check_scan
from .keys import GTIN_LENGTHS
from .problems import CodeProblem

CANONICAL_STEM: Final = "https://id.gs1.org"

_URI_WRONG: Final = re.compile(r"[^A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]")
_SCHEME: Final = re.compile(r"https://|http://|HTTPS://|HTTP://")
#: Letters, digits, dots, hyphens; colons and square brackets for ports and IPv6.
_DOMAIN: Final = re.compile(r"[A-Za-z0-9\-.:\[\]]+")
_PERCENT_WRONG: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")

#: Words that older addresses have in place of numbers: read, never written.
CONVENIENCE_WORDS: Final = {
    "sscc": "00",
    "gtin": "01",
    "lot": "10",
    "ser": "21",
    "cpv": "22",
    "gdti": "253",
    "glnx": "254",
    "gcn": "255",
    "ginc": "401",
    "gsin": "402",
    "gln": "414",
    "party": "417",
    "grai": "8003",
    "giai": "8004",
    "itip": "8006",
    "cpid": "8010",
    "cpsn": "8011",
    "gmn": "8013",
    "gsrnp": "8017",
    "gsrn": "8018",
    "srin": "8019",
    "refno": "8020",
}


@dataclass(frozen=True, slots=True)
class DigitalLink:
    """A parsed address: what comes before the key, and the elements of path, then query."""

    stem: str
    elements: tuple[Element, ...]
    #: Names of query parameters that are no application identifiers; GS1 says to ignore them.
    ignored: tuple[str, ...] = ()


def unescape(text: str, *, in_query: bool = False) -> str:
    """Text with %XX turned into characters, byte by byte; in a query + is a space."""
    decode = unquote_plus if in_query else unquote
    return decode(text, encoding="latin-1")


def escape(text: str, *, in_query: bool = False) -> str:
    """Text with everything but RFC 3986 unreserved characters percent-encoded."""
    return quote_plus(text, safe="") if in_query else quote(text, safe="")


def parse_digital_link(raw: str, *, lenient: bool = True, associations: bool = True) -> DigitalLink:
    """The elements of a Digital Link address, checked as those of a barcode are.

    ``lenient``: a GTIN of 8, 12 or 13 digits is padded to 14, as older addresses have it.
    Raises ``CodeProblem``, "uri_no_key" for an ordinary web address.
    """
    uri = check_scan(raw)
    wrong = _URI_WRONG.search(uri)
    if wrong:
        raise CodeProblem("uri_character", position=wrong.start() + 1, found=wrong.group())
    scheme = _SCHEME.match(uri)
    if scheme is None:
        raise CodeProblem("uri_scheme", found=uri[:8])
    domain, slash, rest = uri[scheme.end() :].partition("/")
    if not _DOMAIN.fullmatch(domain):
        raise CodeProblem("uri_domain", found=domain)
    path, _, query = rest.partition("#")[0].partition("?")
    segments = path.split("/") if slash else []
    start = _key_position(segments)
    in_path = _path_elements(segments[start:], lenient)
    in_query, ignored = _query_elements(query, in_path, lenient)
    elements = in_path + in_query
    if associations:
        check_associations(elements)
    stem = "/".join([scheme.group() + domain, *segments[:start]])
    return DigitalLink(stem, tuple(elements), tuple(ignored))


def _path_ai(segment: str) -> str | None:
    ai = CONVENIENCE_WORDS.get(segment, segment)
    return ai if ai in AI_TABLE else None


def _key_position(segments: list[str]) -> int:
    """Index of the rightmost key; from there on the path is pairs of identifier and value."""
    for at in range(len(segments) - 2, -1, -2):
        ai = _path_ai(segments[at])
        if ai is None:
            break
        if AI_TABLE[ai].is_key:
            return at
    raise CodeProblem("uri_no_key")


def _path_elements(segments: list[str], lenient: bool) -> list[Element]:
    elements: list[Element] = []
    for name, value in zip(segments[::2], segments[1::2], strict=True):
        ai = _path_ai(name)
        assert ai is not None, "the key was found by walking over these pairs"
        elements.append(_element(ai, value, in_query=False, lenient=lenient))
    key, *qualifiers = [ai for ai, _ in elements]
    if not _is_qualifier_order(key, qualifiers):
        raise CodeProblem(
            "uri_qualifiers",
            ai=key,
            found=" ".join(f"({ai})" for ai in qualifiers),
            expected=_allowed_orders(key),
        )
    return elements


def _is_qualifier_order(key: str, qualifiers: list[str]) -> bool:
    """Whether the qualifiers are some of one alternative of the key, in its order, each once."""
    for order in AI_TABLE[key].qualifiers or ():
        remaining = iter(order)
        if all(ai in remaining for ai in qualifiers):
            return True
    return False


def _allowed_orders(key: str) -> str:
    orders = AI_TABLE[key].qualifiers or ()
    return " / ".join(" ".join(f"({ai})" for ai in order) or "-" for order in orders)


def _query_elements(
    query: str, in_path: list[Element], lenient: bool
) -> tuple[list[Element], list[str]]:
    elements: list[Element] = []
    ignored: list[str] = []
    seen = {ai for ai, _ in in_path}
    key, *qualifiers = [ai for ai, _ in in_path]
    for parameter in filter(None, query.split("&")):
        name, equals, value = parameter.partition("=")
        if not equals or not name.isdigit():
            ignored.append(name)
            continue
        if name in seen:
            raise CodeProblem("uri_ai_twice", ai=name)
        element = _element(name, value, in_query=True, lenient=lenient)
        if not AI_TABLE[name].in_query:
            raise CodeProblem("uri_not_attribute", ai=name)
        for order in AI_TABLE[key].qualifiers or ():
            if {name, *qualifiers} <= set(order):
                raise CodeProblem("uri_belongs_in_path", ai=name)
        seen.add(name)
        elements.append(element)
    return elements, ignored


def _element(ai: str, escaped: str, *, in_query: bool, lenient: bool) -> Element:
    wrong = _PERCENT_WRONG.search(escaped)
    if wrong:
        at = wrong.start()
        raise CodeProblem("bad_percent", ai=ai, position=at + 1, found=escaped[at : at + 3])
    value = unescape(escaped, in_query=in_query)
    if lenient and ai == "01" and len(value) in GTIN_LENGTHS:
        value = value.rjust(14, "0")
    check_element(ai, value)
    return Element(ai, value)


def _fit(order: tuple[str, ...], values: dict[str, str]) -> tuple[int, int]:
    """How many of the values an order takes: first those that can stand nowhere else."""
    taken = [ai for ai in order if ai in values]
    return sum(not AI_TABLE[ai].in_query for ai in taken), len(taken)


def build_digital_link(elements: Iterable[tuple[str, str]], *, stem: str = CANONICAL_STEM) -> str:
    """The address of a message; without ``stem`` the canonical one.

    The first key of the message is the key of the address. Its qualifiers follow in the order of
    the alternative that fits best; the rest goes into the query, identifiers of fixed length
    first. ``parse_digital_link`` gives the same elements back, in this order.
    """
    values = check_repeats(elements)
    for ai, value in values.items():
        check_element(ai, value)
    check_associations(list(values.items()))
    key = next((ai for ai in values if AI_TABLE[ai].is_key), None)
    if key is None:
        raise CodeProblem("no_key_to_link")
    best = max(AI_TABLE[key].qualifiers or (), key=lambda order: _fit(order, values), default=())
    in_path = [key, *(ai for ai in best if ai in values)]
    in_query = [ai for ai in values if ai not in in_path]
    for ai in in_query:
        if not AI_TABLE[ai].in_query:
            raise CodeProblem("uri_not_attribute", ai=ai)
    in_query.sort(key=lambda ai: AI_TABLE[ai].separated)
    path = "".join(f"/{ai}/{escape(values[ai])}" for ai in in_path)
    query = "&".join(f"{ai}={escape(values[ai], in_query=True)}" for ai in in_query)
    return stem.rstrip("/") + path + ("?" + query if query else "")
