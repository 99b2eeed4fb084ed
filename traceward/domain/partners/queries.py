"""Partners and the licence gate, in sets."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import F

from traceward.domain.partners.models import Licence, Partner
from traceward.domain.partners.rules import Need, Paper, Verdict, Why, verdict
from traceward.kernel.base.refusals import Refusal, sentence
from traceward.kernel.org.models import Party


class LicenceLacking(Refusal):
    """No valid licence of the party covers these devices. # MDM-04"""


class NotQualified(Refusal):
    """The party is no partner in this role, or was not qualified yet (首营). # MDM-03"""


def licence_gate(needs: Iterable[Need], day: date) -> dict[Need, Verdict]:
    """Each need with its verdict on that day; one query for all parties."""
    wanted = set(needs)
    papers: dict[int, list[Paper]] = defaultdict(list)
    for row in Licence.objects.filter(party_id__in={n.party_id for n in wanted}).order_by("pk"):
        papers[row.party_id].append(paper_of(row))
    return {need: verdict(need, papers[need.party_id], day) for need in wanted}


def require_licences(
    needs: Sequence[Need | None], day: date, *, field: str = ""
) -> dict[Need, Verdict]:
    """The verdicts; refused where a need is not covered, naming party, licence and reason.

    `field` may hold "{n}", which becomes the position of the need at fault; None needs nothing.
    """
    verdicts = licence_gate((need for need in needs if need is not None), day)
    rows = _lacking(needs, verdicts)
    if not rows:
        return verdicts
    raise LicenceLacking(
        sentence(
            "{party}: the {kind} ({number}, valid until {until}) is “{why}” for class "
            "{device_class} devices of category {category}. Enter a valid licence first."
        ),
        field=field.format(n=rows[0]["n"]),
        details=rows,
        **{k: v for k, v in rows[0].items() if k != "n"},
    )


def licences_lacking(needs: Sequence[Need | None], day: date) -> list[dict[str, Any]]:
    """A row for each need that is not covered on that day, where nothing is to be refused."""
    return _lacking(needs, licence_gate((need for need in needs if need is not None), day))


def _lacking(
    needs: Sequence[Need | None], verdicts: Mapping[Need, Verdict]
) -> list[dict[str, Any]]:
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


def licence_numbers(
    party_ids: Iterable[int], kind: str, day: date, *, or_before: bool = False
) -> dict[int, str]:
    """By party, the number of the licence of this kind that counts on that day; one query.

    `or_before`: where none does, the one that counted last. What was made under it is traded on.
    """
    rows = Licence.objects.filter(
        party_id__in=set(party_ids), kind=kind, revoked_at=None, valid_from__lte=day
    )
    if not or_before:
        rows = rows.exclude(valid_until__lt=day)
    # The last one stays: the longest that counts, and of several such the oldest.
    found = rows.order_by(F("valid_until").asc(nulls_last=True), "-pk")
    return dict(found.values_list("party_id", "number"))


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


def require_partner(party_id: int, role: str, *, field: str = "") -> Partner:
    """The qualified partner in this role ("supplier", "customer", "maker", "carrier")."""
    partner = Partner.objects.filter(party_id=party_id).select_related("party").first()
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
