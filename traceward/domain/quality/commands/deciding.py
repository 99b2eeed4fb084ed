"""The use of inspected goods is decided, signed. # INB-03 QUA-02 QUA-04"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from traceward.domain.places.models import Place
from traceward.domain.quality import events, queries, rules
from traceward.domain.quality.commands import gates
from traceward.domain.quality.commands.inspecting import (
    inspection_scope,
)
from traceward.domain.quality.models import Inspection, InspectionState, Restriction
from traceward.domain.quality.rules import Share
from traceward.domain.stock.commands import collect
from traceward.domain.stock.models import Code, Serial, Status
from traceward.domain.stock.queries.known import refuse_unknown, unknown_of
from traceward.domain.stock.rules import BalanceKey, Leg
from traceward.kernel.audit.models import Signature
from traceward.kernel.base.prepared import Prepared
from traceward.kernel.base.refusals import InvalidInput, of_line, sentence
from traceward.kernel.base.rows import add_rows, save_rows
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.command.write import (
    COUNTED,
    emit,
    set_values,
    signed,
    step,
)
from traceward.kernel.documents.models import Document
from traceward.kernel.org.roles import QUALITY_CONTROLLER, QUALITY_HEAD

MEANING = "usage decision"


@dataclass(frozen=True)
class Verdict:
    """The usage decision about one inspection, as `quality.decide` takes it."""

    inspection_id: int
    shares: list[Share]
    conclusion: str
    defects: str = ""
    disposition: str = ""


@dataclass(frozen=True)
class Decided:
    inspection_id: int
    accepted: int
    rejected: int
    signature_uid: uuid.UUID


@command(
    "quality.decide",
    roles=(QUALITY_HEAD, QUALITY_CONTROLLER),
    scope=inspection_scope,
    signed=MEANING,
    from_states=(InspectionState.OPEN,),
)
def decide(
    inspection_id: int,
    shares: list[Share],
    conclusion: str,
    *,
    defects: str = "",
    disposition: str = "",
    by: Actor,
) -> Decided:
    """The inspected goods are qualified or rejected, each unit one of them, signed.

    The only way from 待验: it is refused while a required check has no result, to whoever
    inspected or received the goods, and where the shares are not all of what was inspected.
    # INB-03 QUA-02 QUA-04
    """
    inspection: Inspection = Inspection.objects.lock(inspection_id)
    verdict = Verdict(inspection_id, shares, conclusion, defects, disposition)
    (decided,) = decide_all([inspection], [verdict], by=by)
    return decided


#: What is changed of an inspection that is decided.
DECIDED = (
    "state", *COUNTED, "accepted", "rejected", "conclusion", "defects", "disposition",
    "inspected_by", "inspected_at", "decided_by", "decided_at",
)  # fmt: skip


def decide_all(
    inspections: Sequence[Inspection],
    verdicts: Sequence[Verdict],
    *,
    line: str = "",
    evidence: str = "",
    by: Actor,
) -> list[Decided]:
    """The goods of the locked inspections are decided about, each decision signed by itself.

    As many statements for many as for one; `line` names the line of a refusal, with "{n}" for its
    number. The events are those of `quality.decide`. The signatures are bound to the digest of the
    `evidence` too, where one was looked through.
    """
    by = replace(by, verb="quality.decide")
    known = {inspection.pk: inspection for inspection in inspections}
    facts = _Facts(inspections, verdicts, by)
    signatures, decided, legs = [], [], list[Leg]()
    for n, verdict in enumerate(verdicts):
        with of_line(line.format(n=n)):
            inspection = known[verdict.inspection_id]
            accepted, rejected = _checked(inspection, verdict, facts, by)
            legs += _legs(inspection, verdict)
            signature = _decided(inspection, verdict, (accepted, rejected), facts, evidence, by)
            signatures.append(signature)
            decided.append(Decided(inspection.pk, accepted, rejected, signature.uid))
    collect(legs, by=by)
    save_rows([known[pk] for pk in dict.fromkeys(v.inspection_id for v in verdicts)], DECIDED)
    add_rows(signatures)
    return decided


class _Facts(gates.Facts):
    """What is on record about these inspections and what is said of them, asked for at once."""

    def __init__(
        self, inspections: Sequence[Inspection], verdicts: Sequence[Verdict], by: Actor
    ) -> None:
        super().__init__(inspections, by)
        shares = [share for verdict in verdicts for share in verdict.shares]
        self.site_of = dict(_SITES({share.place_id for share in shares}))
        self.unknown = unknown_of(shares, ("serial_id", "container_id"))
        kept = [row for row in inspections if row.item.has_serials]
        self.serials = queries.serials_brought(kept) if kept else {}


_SITES = Prepared(lambda places: Place.objects.filter(pk__in=places).values_list("pk", "site_id"))


def _checked(inspection: Inspection, verdict: Verdict, facts: _Facts, by: Actor) -> tuple[int, int]:
    """Accepted and rejected; refused where it cannot be decided like that."""
    for gate in gates.BEFORE:
        gate.check(inspection, facts, by)
    refuse_unknown(verdict.shares, facts.unknown, field="shares.{n}")
    accepted, rejected = _check_shares(inspection, verdict.shares, facts)
    if accepted:
        gates.require_not_kept_back(inspection, facts, by)
    _require_words(verdict, rejected)
    if accepted and not verdict.defects.strip():
        gates.require_passed(inspection, facts, by)
    return accepted, rejected


def _decided(
    inspection: Inspection,
    verdict: Verdict,
    totals: tuple[int, int],
    facts: _Facts,
    evidence: str,
    by: Actor,
) -> Signature:
    """The inspection says how it was decided; its signature, not written yet."""
    accepted, rejected = totals
    last = facts.last.get(inspection.pk)
    inspected = (
        {"inspected_by_id": last.recorded_by_id, "inspected_at": last.recorded_at} if last else {}
    )
    step(inspection, InspectionState.DECIDED.value, by=by)
    set_values(
        inspection,
        by=by,
        accepted=accepted,
        rejected=rejected,
        conclusion=verdict.conclusion,
        defects=verdict.defects,
        disposition=verdict.disposition,
        **inspected,
        decided_by_id=by.person_id,
        decided_at=by.now,
    )
    emit(events.UsageDecided(inspection.uid, accepted, rejected), subject=inspection.uid, by=by)
    return signed(
        MEANING,
        kind=inspection.KIND,
        uid=inspection.uid,
        content=_content(inspection, verdict.shares, facts.found[inspection.pk], evidence),
        by=by,
    )


def forbid_acceptance(source: Document, reasons: Mapping[int, str]) -> None:
    """Of what the document brings in of these items nothing may be accepted, for these reasons.

    Called by the commands that bring goods in; a reason is a sentence's part of ours.
    """
    Restriction.objects.bulk_create(
        Restriction(source_id=source.pk, item_id=item_id, reason=reason)
        for item_id, reason in sorted(reasons.items())
    )


def _check_shares(
    inspection: Inspection, shares: Sequence[Share], facts: _Facts
) -> tuple[int, int]:
    """Accepted and rejected; refused where the shares are not just what was inspected."""
    n = rules.bad_share(shares)
    if n is not None:
        raise InvalidInput(
            sentence("Say how much is accepted or rejected there, as whole numbers."),
            field=f"shares.{n}",
        )
    for n, share in enumerate(shares):
        if facts.site_of.get(share.place_id) != inspection.site_id:
            raise InvalidInput(
                sentence("Give a place of {site}, where {number} was opened."),
                field=f"shares.{n}.place_id",
                site=inspection.site.code,
                number=str(inspection),
            )
    accepted, rejected = rules.totals(shares)
    if accepted + rejected != inspection.quantity:
        raise InvalidInput(
            sentence(
                "{number} is about {quantity} units; {accepted} accepted and {rejected} "
                "rejected are not all of them. Decide about each unit."
            ),
            field="shares",
            number=str(inspection),
            quantity=inspection.quantity,
            accepted=accepted,
            rejected=rejected,
        )
    if inspection.item.has_serials:
        _require_own_serials(inspection, shares, facts)
    return accepted, rejected


def _require_own_serials(inspection: Inspection, shares: Sequence[Share], facts: _Facts) -> None:
    """Each serial that the source brought in, and no other, is decided about."""
    goods = (inspection.source_id, inspection.item_id, inspection.lot_id)
    brought = facts.serials.get(goods, set())
    named = {s.serial_id for s in shares}
    strange = sorted(named.symmetric_difference(brought), key=lambda s: s or 0)
    if strange or len(shares) != len(brought):
        serial = Serial.objects.find(strange[0]) if strange and strange[0] else None
        raise InvalidInput(
            sentence("Decide about each serial of the receipt once; look at serial {serial}."),
            field="shares",
            serial=str(serial) if serial else "—",
        )


def _require_words(verdict: Verdict, rejected: int) -> None:
    defects, disposition = verdict.defects, verdict.disposition
    if not verdict.conclusion.strip():
        raise InvalidInput(sentence("Write the conclusion."), field="conclusion")
    if rejected and not (defects.strip() and disposition.strip()):
        raise InvalidInput(
            sentence("Say what is wrong with what is rejected, and what shall happen to it."),
            field="disposition" if defects.strip() else "defects",
        )


def _legs(inspection: Inspection, verdict: Verdict) -> list[Leg]:
    """The goods stay where they are and change their status."""
    legs = []
    for share in verdict.shares:
        pending = BalanceKey(
            inspection.item_id,
            inspection.lot_id,
            share.place_id,
            Status.PENDING,
            inspection.owner_id,
            share.serial_id,
            share.container_id,
        )
        for quantity, code, status, reason in (
            (share.accepted, Code.RELEASE, Status.QUALIFIED, verdict.conclusion),
            (share.rejected, Code.REJECT, Status.REJECTED, verdict.defects),
        ):
            if quantity:
                then = pending._replace(status=status)
                legs.append(
                    Leg.between(
                        code, pending, then, quantity, document_id=inspection.pk, reason=reason
                    )
                )
    return legs


def _content(
    inspection: Inspection, shares: Sequence[Share], found: Mapping[str, bool], evidence: str
) -> dict[str, object]:
    """What the signature is bound to."""
    return {
        "inspection": str(inspection.uid),
        "item": inspection.item.code,
        "lot": inspection.lot.raw_number if inspection.lot else "",
        "quantity": inspection.quantity,
        "accepted": inspection.accepted,
        "rejected": inspection.rejected,
        "conclusion": inspection.conclusion,
        "defects": inspection.defects,
        "disposition": inspection.disposition,
        "results": dict(sorted(found.items())),
        "shares": [
            [s.place_id, s.container_id, s.serial_id, s.accepted, s.rejected] for s in shares
        ],
        **({"evidence": evidence} if evidence else {}),
    }
