"""Events as CloudEvents 1.0, structured JSON: the same bytes each time the same event is sent."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from traceward.kernel.base.canonical import canonical_json

MEDIA_TYPE = "application/cloudevents+json; charset=utf-8"


@dataclass(frozen=True)
class Fact:
    """An event with its place in the order."""

    uid: uuid.UUID
    name: str
    subject: uuid.UUID | None
    at: datetime
    sequence: int
    ordinal: int
    data: dict[str, Any]


def body_of(fact: Fact, database: uuid.UUID) -> bytes:
    """The event as it goes out; `sequence` sorts as text in the order in which facts became true.

    `source` names the database, so that `source` and `id` together are unique everywhere.
    """
    envelope: dict[str, Any] = {
        "specversion": "1.0",
        "id": str(fact.uid),
        "source": f"urn:uuid:{database}",
        "type": f"traceward.{fact.name}",
        "time": fact.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "sequence": f"{fact.sequence:019d}.{fact.ordinal:05d}",
        "datacontenttype": "application/json",
        "data": fact.data,
    }
    if fact.subject is not None:
        envelope["subject"] = str(fact.subject)
    return canonical_json(envelope)
