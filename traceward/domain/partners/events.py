"""What happened to partners."""

import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class PartnerQualified:
    party_uid: uuid.UUID


@dataclass(frozen=True)
class LicenceRevoked:
    licence_uid: uuid.UUID
    party_uid: uuid.UUID


@dataclass(frozen=True)
class LicenceReinstated:
    licence_uid: uuid.UUID
    party_uid: uuid.UUID
