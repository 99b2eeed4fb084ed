"""What happened to partners."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PartnerQualified:
    party_uid: str


@dataclass(frozen=True)
class LicenceRevoked:
    licence_uid: str
    party_uid: str
