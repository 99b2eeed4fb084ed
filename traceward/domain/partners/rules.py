"""Whether a party's licences cover what it is about to do; pure, and with the reason why not.

Source: Order 54 art. 4 (class III needs a licence to trade, class II a filing, class I neither)
and GSP 2023 art. 53, 54, 82 (papers that must be valid before goods are bought or sold).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Act(StrEnum):
    """What a party does with devices."""

    MAKE = "make"  # supplies what it makes itself
    TRADE = "trade"  # buys and sells what others make
    USE = "use"  # uses devices on patients
    REPRESENT = "represent"  # sends a salesperson to us (GSP art. 53)


#: What we do ourselves with devices, by the kind of site that takes or gives them.
ACT_OF_SITE = {
    "plant": Act.MAKE,
    "distribution": Act.TRADE,
    "store": Act.TRADE,
    "hospital": Act.USE,
}

#: Kinds of licence that allow the act, for each device class; none means that none is needed.
NEEDED: dict[tuple[Act, int], tuple[str, ...]] = {
    (Act.MAKE, 1): (),
    (Act.MAKE, 2): ("production",),
    (Act.MAKE, 3): ("production",),
    (Act.TRADE, 1): (),
    (Act.TRADE, 2): ("filing", "distribution"),
    (Act.TRADE, 3): ("distribution",),
    (Act.USE, 1): ("institution",),
    (Act.USE, 2): ("institution",),
    (Act.USE, 3): ("institution",),
    (Act.REPRESENT, 1): ("authorisation",),
    (Act.REPRESENT, 2): ("authorisation",),
    (Act.REPRESENT, 3): ("authorisation",),
}


@dataclass(frozen=True)
class Paper:
    """A licence as it stands; no categories means every one of its classes."""

    kind: str
    number: str
    classes: tuple[int, ...]
    categories: tuple[str, ...]
    valid_from: date
    valid_until: date | None
    is_revoked: bool = False
    #: Of a letter of authorisation: the products; none means all.
    registration_numbers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Need:
    """The party does this with devices of this class; the categories name it in either catalogue.

    `category` is the code of the 2017 catalogue ("13-07-01"), `old_category` of 2002 ("6846").
    """

    party_id: int
    act: Act
    device_class: int
    category: str = ""
    old_category: str = ""
    registration_number: str = ""


class Why(StrEnum):
    """Why a licence does not count; in the order of how near it came."""

    MISSING = "missing"
    CLASS = "does not cover the class"
    CATEGORY = "does not cover the category"
    PRODUCT = "does not cover the product"
    REVOKED = "revoked"
    NOT_YET = "not yet valid"
    EXPIRED = "expired"


_NEARNESS = list(Why)


@dataclass(frozen=True)
class Verdict:
    """Whether it may, by which licence, or the licence that came nearest and why it fails."""

    is_covered: bool
    number: str = ""
    kind: str = ""
    why: str = ""
    until: date | None = None


def verdict(need: Need, papers: Iterable[Paper], day: date) -> Verdict:
    """The party's papers against what it is about to do on that day. # MDM-04"""
    kinds = NEEDED[need.act, need.device_class]
    if not kinds:
        return Verdict(True)
    nearest = Verdict(False, kind=kinds[-1], why=Why.MISSING)
    for paper in papers:
        if paper.kind not in kinds:
            continue
        why = fault(need, paper, day)
        if why is None:
            return Verdict(True, paper.number, paper.kind, until=paper.valid_until)
        if _NEARNESS.index(why) > _NEARNESS.index(Why(nearest.why)):
            nearest = Verdict(False, paper.number, paper.kind, why, paper.valid_until)
    return nearest


def fault(need: Need, paper: Paper, day: date) -> Why | None:
    """Why this paper does not cover the need on that day, or None."""
    if need.device_class not in paper.classes:
        return Why.CLASS
    if paper.categories and not covers_category(paper.categories, need):
        return Why.CATEGORY
    if paper.registration_numbers and need.registration_number not in paper.registration_numbers:
        return Why.PRODUCT
    if paper.is_revoked:
        return Why.REVOKED
    if day < paper.valid_from:
        return Why.NOT_YET
    if paper.valid_until is not None and day > paper.valid_until:
        return Why.EXPIRED
    return None


def number_that_counts(
    papers: Iterable[Paper], kind: str, day: date, *, or_before: bool = False
) -> str | None:
    """The number of the paper of this kind that counts longest on that day, the oldest first.

    `or_before`: where none does, the one that counted last. What was made under it is traded on.
    """
    counting = [
        paper
        for paper in papers
        if paper.kind == kind
        and not paper.is_revoked
        and paper.valid_from <= day
        and (or_before or paper.valid_until is None or day <= paper.valid_until)
    ]
    longest = max(counting, key=lambda paper: paper.valid_until or date.max, default=None)
    return longest.number if longest else None


def covers_category(categories: Iterable[str], need: Need) -> bool:
    """A licence names categories in the 2017 catalogue ("13", "13-07") or that of 2002 ("6846")."""
    return any(
        code == category or code.startswith(f"{category}-")
        for category in categories
        for code in (need.category, need.old_category)
    )


def is_renewed(paper: Paper, other: Paper) -> bool:
    """Whether the other paper covers all that this one does, without a gap, for longer."""
    if other.kind != paper.kind or paper.valid_until is None or other.is_revoked:
        return False
    lasts = other.valid_until is None or other.valid_until > paper.valid_until
    follows = other.valid_from <= paper.valid_until + timedelta(days=1)
    return (
        lasts
        and follows
        and set(other.classes) >= set(paper.classes)
        and _covers(other.categories, paper.categories)
        and _covers(other.registration_numbers, paper.registration_numbers)
    )


def _covers(wide: Iterable[str], narrow: Iterable[str]) -> bool:
    """None named means all."""
    names = set(wide)
    return not names or (bool(set(narrow)) and names >= set(narrow))
