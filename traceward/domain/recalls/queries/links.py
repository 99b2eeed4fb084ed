"""The links by which consignees answer: whose each is, and whether it counts. # TRC-03"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from traceward.domain.recalls.models import CaseState, RecallAnswer, RecallMessage


class Standing(StrEnum):
    """Whether a link may be answered by, and why it may not."""

    OPEN = "open"
    ANSWERED = "answered"
    REPLACED = "replaced"
    EXPIRED = "expired"
    ENDED = "ended"


@dataclass(frozen=True)
class Found:
    """A link that somebody has the secret of."""

    message: RecallMessage
    standing: Standing
    #: What was said by it; None while nothing was.
    answer: RecallAnswer | None


def mark_of(secret: str) -> bytes:
    """What is kept of a secret: it has more chance in it than anybody can try."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def found_by(secret: str, now: datetime) -> Found | None:
    """The link of this secret; None where there is none, whatever the secret looks like."""
    rows = RecallMessage.objects.select_related(
        "notice__case__site__legal_entity__party", "notice__consignee", "contact"
    )
    message = rows.filter(sha256=mark_of(secret)).first()
    if message is None:
        return None
    answer = RecallAnswer.objects.filter(message=message).first()
    return Found(message, _standing(message, answer, now), answer)


def _standing(message: RecallMessage, answer: RecallAnswer | None, now: datetime) -> Standing:
    if answer is not None:
        return Standing.ANSWERED
    if message.notice.case.state != CaseState.OPEN:
        return Standing.ENDED
    newer = RecallMessage.objects.filter(notice=message.notice_id, number__gt=message.number)
    if newer.filter(sha256__isnull=False).exists():
        return Standing.REPLACED
    return Standing.EXPIRED if message.expires_at and message.expires_at <= now else Standing.OPEN
