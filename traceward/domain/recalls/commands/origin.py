"""What set a recall off: a complaint, a supplier, the regulator, or what we found. # TRC-03"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from traceward.domain.recalls.models import OriginKind
from traceward.kernel.base.days import require_happened
from traceward.kernel.base.refusals import InvalidInput, NotFound, sentence
from traceward.kernel.org.models import Party


@dataclass(frozen=True)
class Origin:
    """What set the recall off: who said what, when it reached us, under which number of theirs.

    Of a complaint, a supplier's notice or a regulator's order it must be said who told us; the day
    is that of the decision where it is left out.
    """

    kind: OriginKind
    party_id: int | None = None
    #: Who it was where it is no party of ours.
    informant: str = ""
    received_on: date | None = None
    reference: str = ""
    text: str = ""


def columns_of(origin: Origin | None, decided_on: date, today: date) -> dict[str, Any]:
    """The case's columns of it; refused where it does not say who told us."""
    if origin is None:
        return {}
    informant = origin.informant.strip()
    if origin.kind is not OriginKind.OWN and origin.party_id is None and not informant:
        raise InvalidInput(
            sentence("Say who told you: a party, or in words."), field="origin.party_id"
        )
    if origin.party_id is not None and Party.objects.find(origin.party_id) is None:
        raise NotFound(
            sentence("There is no {what} with id {id}. Look it up in its list and try again."),
            field="origin.party_id",
            what=str(Party._meta.verbose_name),
            id=origin.party_id,
        )
    require_happened(origin.received_on, today, "origin.received_on")
    if origin.received_on is not None and origin.received_on > decided_on:
        raise InvalidInput(
            sentence("It came on {day}, after the recall was decided on {decided}. Correct one."),
            field="origin.received_on",
            day=str(origin.received_on),
            decided=str(decided_on),
        )
    return {
        "origin": origin.kind.value,
        "origin_party_id": origin.party_id,
        "origin_informant": informant,
        "origin_received_on": origin.received_on or decided_on,
        "origin_reference": origin.reference.strip(),
        "origin_text": origin.text.strip(),
    }
