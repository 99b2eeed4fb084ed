"""Partners and the licence gate, in sets."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from traceward.domain.partners.models import Licence, Partner
from traceward.domain.partners.rules import (
    Need,
    Paper,
    Verdict,
    Why,
    number_that_counts,
    verdict,
)
from traceward.kernel.base.prepared import Prepared
from traceward.kernel.base.refusals import Refusal, sentence
from traceward.kernel.org.models import Party


class LicenceLacking(Refusal):
    """No valid licence of the party covers these devices. # MDM-04"""


class NotQualified(Refusal):
    """The party is no partner in this role, or was not qualified yet (首营). # MDM-03"""


_LICENCES = Prepared(lambda ids: Licence.objects.filter(party_id__in=ids).order_by("pk"))
_PARTNERS = Prepared(lambda pk: Partner.objects.filter(party_id=pk).select_related("party"))


def papers_on_file(party_ids: Iterable[int]) -> dict[int, list[Paper]]:
    """The papers of each party, the oldest entry first; one query."""
    found: dict[int, list[Paper]] = defaultdict(list)
    for row in _LICENCES(set(party_ids)):
        found[row.party_id].append(paper_of(row))
    return found


def licence_gate(needs: Iterable[Need], day: date) -> dict[Need, Verdict]:
    """Each need with its verdict on that day; one query for all parties."""
    wanted = set(needs)
    papers = papers_on_file(n.party_id for n in wanted) if wanted else {}
    return {need: verdict(need, papers.get(need.party_id, ()), day) for need in wanted}


#: What each of several lines needs; None needs nothing.
Needs = Sequence[Need | None]


def require_licences(needs: Needs, day: date, *, field: str = "") -> dict[Need, Verdict]:
    """The verdicts; refused where a need is not covered, naming party, licence and reason.

    `field` may hold "{n}", which becomes the position of the need at fault.
    """
    return require_all_licences([needs], day, field=field)


def require_all_licences(
    groups: Sequence[Needs], day: date, *, field: str = ""
) -> dict[Need, Verdict]:
    """The same for several needs of each line: one query, the groups looked at in order."""
    verdicts = licence_gate({x for needs in groups for x in needs if x is not None}, day)
    if all(found.is_covered for found in verdicts.values()):
        return verdicts
    rows = next(rows for needs in groups if (rows := _lacking(needs, verdicts)))
    raise lacking(rows, field)


def lacking(rows: Sequence[dict[str, Any]], field: str = "") -> LicenceLacking:
    """The refusal for these rows of what is not covered."""
    return LicenceLacking(
        sentence(
            "{party}: the {kind} ({number}, valid until {until}) is “{why}” for class "
            "{device_class} devices of category {category}. Enter a valid licence first."
        ),
        field=field.format(n=rows[0]["n"]),
        details=list(rows),
        **{k: v for k, v in rows[0].items() if k != "n"},
    )


def licences_lacking(needs: Needs, day: date) -> list[dict[str, Any]]:
    """A row for each need that is not covered on that day, where nothing is to be refused."""
    return _lacking(needs, licence_gate((need for need in needs if need is not None), day))


def _lacking(needs: Needs, verdicts: Mapping[Need, Verdict]) -> list[dict[str, Any]]:
    lacking = [
        (n, need)
        for n, need in enumerate(needs)
        if need is not None and not verdicts[need].is_covered
    ]
    parties = Party.objects.in_bulk({need.party_id for _, need in lacking}) if lacking else {}
    return [
        {
            "n": n,
            "party": parties[need.party_id].names if need.party_id in parties else "—",
            "kind": KIND_WORDS[verdicts[need].kind],
            "number": verdicts[need].number or "—",
            "why": WHY_WORDS[Why(verdicts[need].why)],
            "until": str(verdicts[need].until or "—"),
            "device_class": need.device_class,
            "category": need.category or "—",
        }
        for n, need in lacking
    ]


def licence_numbers(party_ids: Iterable[int], kind: str, day: date) -> dict[int, str]:
    """By party, the number of the licence of this kind that counts on that day; one query."""
    found = {
        party: number_that_counts(papers, kind, day)
        for party, papers in papers_on_file(party_ids).items()
    }
    return {party: number for party, number in found.items() if number is not None}


KIND_WORDS = {
    "business": sentence("business licence"),
    "production": sentence("production licence"),
    "distribution": sentence("distribution licence"),
    "filing": sentence("distribution filing"),
    "institution": sentence("medical institution licence"),
    "authorisation": sentence("letter of authorisation"),
    "agreement": sentence("quality agreement"),
}


WHY_WORDS = {
    Why.MISSING: sentence("missing"),
    Why.CLASS: sentence("does not cover the class"),
    Why.CATEGORY: sentence("does not cover the category"),
    Why.PRODUCT: sentence("does not cover the product"),
    Why.REVOKED: sentence("revoked"),
    Why.NOT_YET: sentence("not yet valid"),
    Why.EXPIRED: sentence("expired"),
}

ROLE_WORDS = {
    "supplier": sentence("supplier"),
    "maker": sentence("maker"),
    "customer": sentence("customer"),
    "carrier": sentence("carrier"),
}


def paper_of(row: Licence) -> Paper:
    """The licence as plain values."""
    return Paper(
        row.kind,
        row.number,
        tuple(row.classes),
        tuple(row.categories),
        row.valid_from,
        row.valid_until,
        row.revoked_at is not None,
        tuple(row.registration_numbers),
    )


def carrier_written(name: str) -> str:
    """As papers have it: the Chinese name of a carrier of ours that was named in English."""
    name = name.strip()
    if not name or not name.isascii():
        return name
    ours = Partner.objects.filter(is_carrier=True, party__name_en__iexact=name)
    return ours.values_list("party__name_zh", flat=True).first() or name


def require_partner(party_id: int, role: str, *, field: str = "") -> Partner:
    """The qualified partner in this role ("supplier", "customer", "maker", "carrier")."""
    (partner,) = _PARTNERS(party_id) or (None,)
    if partner is None or not getattr(partner, f"is_{role}"):
        raise NotQualified(
            sentence("{party} is no partner of ours as “{what}”. Register it as one first."),
            field=field,
            party=partner.party.names if partner else party_id,
            what=ROLE_WORDS[role],
        )
    if not partner.is_qualified:
        raise NotQualified(
            sentence("{party} is not qualified yet. Quality has to qualify it first."),
            field=field,
            party=partner.party.names,
        )
    return partner
