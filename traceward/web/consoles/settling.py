"""What a recall still asks for, each with its verb, or with who does it. # TRC-03"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext

from traceward.domain.recalls.queries.settling import Journey, Settling, Stands, UnderWay, settling
from traceward.kernel.org.models import Site
from traceward.resources import labels
from traceward.web.kit.lists import Link
from traceward.web.kit.verbs import address, may_at, who_does
from traceward.web.visitors import Visitor

#: Of what is to be done, so many are named one by one; lines that an address takes along.
PARTS, LINES = 6, 60
RETURN, DESTROY, RECEIVE = (
    *("sales.announce_return", "warehousing.propose_destruction", "transfers.receive"),
)
#: What is under way, and its state → what comes next, of which document, and where it is shown.
NEXT = {
    ("destruction", "proposed"): ("warehousing.approve_destruction", "destruction_id"),
    ("destruction", "approved"): ("warehousing.destroy", "destruction_id"),
    ("return", "announced"): ("sales.receive_return", "return_id"),
}
SHOWN = {"destruction": "/warehousing/destructions", "return": "/sales/returns"}
LISTS = {"destruction": "warehousing.destructions", "return": "sales.returns"}


@dataclass(frozen=True)
class Part:
    """A part of what is to do: what, the verb, its form where the visitor may, else who may."""

    text: str
    verb: str
    address: str = ""
    who: str = ""


class Settle:
    """What is to be begun and what is under way of one recall, for one visitor."""

    def __init__(self, case_id: int, case: str, reason: str, path: str, to: Visitor) -> None:
        self.case_id, self.to, self.path = case_id, to, path
        self.reason = f"{gettext('Recall')} {case} {reason}"[:300]

    @cached_property
    def found(self) -> Settling:
        return settling(self.case_id)

    @cached_property
    def sites(self) -> dict[int, Site]:
        return Site.objects.only("code", "time_zone").in_bulk()

    @cached_property
    def by_party(self) -> dict[int, list[Journey]]:
        """The shipments by which goods are at each consignee, or on the way to it."""
        found = defaultdict(list)
        for one in self.found.journeys:
            if one.to_site_id is None:
                found[one.party_id].append(one)
        return found

    @cached_property
    def coming_back(self) -> dict[int, list[UnderWay]]:
        """Returns that are announced, by consignee."""
        found = defaultdict(list)
        for one in self.found.under_way:
            if one.party_id is not None:
                found[one.party_id].append(one)
        return found

    def _part(self, text: str, verb: str, site: int, **given: Any) -> Part:
        word = labels.of_verb(verb).in_language(self.to.language)
        if may_at(verb, site, self.to):
            return Part(text, word, address(verb, **given, next=self.path))
        return Part(text, word, who=who_does(verb, self.to))

    def house(self) -> list[Part]:
        """Own stock, site by site: to be destroyed; what nobody inspected is rejected first."""
        made = []
        for site, rows in _by_site(self.found.here).items():
            given: dict[str, Any] = {"site_id": f"#{site}", "reason": self.reason}
            for n, one in enumerate(rows[:LINES]):
                given[f"lines.{n}.balance_id"] = f"#{one.id}"
                given[f"lines.{n}.quantity"] = one.quantity
            made.append(self._part(self._many(site, rows), DESTROY, site, **given))
        for site, rows in _by_site(self.found.pending).items():
            told = gettext("{what}, not inspected yet").format(what=self._many(site, rows))
            decide = self._part(told, "quality.decide", site)
            is_mine = decide.address and self.to.may("quality.inspections")
            made.append(Part(told, decide.verb, "/release" if is_mine else "", decide.who))
        return made[:PARTS]

    def _many(self, site: int, rows: Sequence[Stands]) -> str:
        return f"{self.sites[site].code} · {sum(one.quantity for one in rows):,}"

    def on_the_way(self) -> list[Part]:
        """What is on the way: turned back, or taken in where it goes to a site of ours."""
        moving = [one for one in self.found.journeys if one.is_on_the_way]
        return [self.turned(one) for one in moving[:PARTS]]

    def outside(self, parties: Sequence[int | None]) -> list[Part]:
        """What these consignees have, shipment by shipment."""
        found = [one for party in parties for one in self.by_party.get(party or 0, ())]
        there = [one for one in found if not one.is_on_the_way]
        return [self.turned(one) for one in there[:PARTS]]

    def turned(self, one: Journey) -> Part:
        """How the goods of this shipment come to rest."""
        text, key = f"{one.number} · {one.quantity:,}", f"#{one.shipment_id}"
        if one.to_site_id is not None:
            return self._part(text, RECEIVE, one.to_site_id, shipment_id=key)
        return self._part(text, RETURN, one.site_id, shipment_id=key, reason=self.reason)

    def under_way(self) -> list[tuple[str, Part]]:
        """Documents that were begun, each with what comes next of it."""
        made = []
        for one in self.found.under_way[:PARTS]:
            verb, argument = NEXT[one.what, one.state]
            part = self._part("", verb, one.site_id, **{argument: f"#{one.document_id}"})
            state = labels.of_value(f"{LISTS[one.what]}.state", one.state)
            text = f"{one.number} · {state.in_language(self.to.language)} · {one.quantity:,}"
            made.append((text, part))
        return made

    def acts(self, party: int | None) -> list[Link]:
        """What fetches this consignee's goods back, and what was begun of it."""
        found = self.by_party.get(party or 0, [])
        parts = [self.turned(one) for one in found]
        made = [
            Link(f"{one.verb} · {one.text}" if len(parts) > 1 else one.verb, one.address)
            for one in parts
            if one.address
        ]
        begun = self.coming_back.get(party or 0, ())
        if not self.to.may(LISTS["return"]):
            return made
        return made + [Link(one.number, f"{SHOWN[one.what]}/{one.document_id}") for one in begun]

    def who(self, party: int | None) -> str:
        """Who fetches its goods back, where the visitor may not."""
        parts = [self.turned(one) for one in self.by_party.get(party or 0, ())]
        shut = next((one for one in parts if one.who), None)
        return f"{shut.verb} · {shut.who}" if shut and all(one.who for one in parts) else ""


def _by_site(rows: Sequence[Stands]) -> dict[int, list[Stands]]:
    found = defaultdict(list)
    for one in rows:
        found[one.site_id].append(one)
    return found
