"""Why a lot was taken or passed over: a code with values, told in the reader's language."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from traceward.kernel.base.refusals import Refusal, sentence

SENTENCES = {
    "first.fefo": sentence("Lot {lot} first: it expires earliest ({expires_on})."),
    "first.edd": sentence("Lot {lot} first: still good on the due date, expires {expires_on}."),
    "first.fifo": sentence("Lot {lot} first: it was received earliest ({received_on})."),
    "first.lefo": sentence("Lot {lot} first: it expires latest ({expires_on})."),
    "first.lot_first": sentence("Lot {lot} first: least is left of it, so it is emptied."),
    "first.one_lot": sentence("Lot {lot}: it expires earliest ({expires_on}) of those that cover."),
    "first.nearest": sentence("Place {place} first: it is nearest (lot {lot})."),
    "first.serial": sentence("These serials were asked for."),
    "first.lot": sentence("Lot {lot} was asked for."),
    "skip.pending": sentence("Lot {lot} skipped: {status}."),
    "skip.rejected": sentence("Lot {lot} skipped: {status}."),
    "skip.qualified": sentence("Lot {lot} skipped: {status}."),
    "skip.on_hold": sentence("Lot {lot} skipped: on hold ({cause})."),
    "skip.recalled": sentence("Lot {lot} skipped: recalled ({cause})."),
    "skip.expired": sentence("Lot {lot} skipped: expired after {expires_on}."),
    "skip.not_bin": sentence("Lot {lot} at {place} skipped: the place is not a storage bin."),
    "skip.closed": sentence("Lot {lot} at {place} skipped: the place is closed."),
    "skip.temperature": sentence(
        "Lot {lot} at {place} skipped: the place is not kept at the temperature it needs."
    ),
    "skip.promised": sentence("Lot {lot} at {place} skipped: promised to other lines."),
    "skip.short_life": sentence("Lot {lot} skipped: {days} days left, {required} are required."),
    "skip.too_small": sentence(
        "Lot {lot} skipped: {there} left, {needed} are needed from one lot only."
    ),
    "skip.other_lot": sentence("Lot {lot} skipped: the line began with another lot."),
    "serial.absent": sentence("Serial {serial} skipped: it does not stand at this site."),
    "others": sentence("More lots were skipped; the item's stock list names them all."),
    "short": sentence("{missing} of {asked} are missing."),
}

STATUS_WORDS = {
    "pending": "pending inspection",
    "rejected": "rejected",
    #: Only where the status policy forbids to allocate qualified stock.
    "qualified": "qualified",
}
PLACE_CODES = frozenset({"not_bin", "closed", "temperature", "promised"})


@dataclass(frozen=True)
class Reason:
    """A code of `SENTENCES`, with its values as pairs of name and value."""

    code: str
    values: tuple[tuple[str, int | str], ...]

    def told(self, language: str = "en") -> str:
        """The sentence in "en" or "zh-hans"."""
        values: dict[str, Any] = dict(self.values)
        return Refusal(SENTENCES[self.code], **values).in_language(language)

    @property
    def lot(self) -> str:
        return str(dict(self.values).get("lot", ""))


def reason(code: str, **values: int | str | None) -> Reason:
    return Reason(code, tuple((k, v) for k, v in values.items() if v is not None))


def passed_over(skip: str, lot: str, place: str, cause: str, expires_on: date | None) -> Reason:
    """Why nobody may take from a balance, whatever they ask."""
    code = f"skip.{skip}"
    if skip in PLACE_CODES:
        return reason(code, lot=lot, place=place)
    if skip in STATUS_WORDS:
        return reason(code, lot=lot, status=STATUS_WORDS[skip])
    if skip in ("on_hold", "recalled"):
        return reason(code, lot=lot, cause=cause)
    if skip == "expired":
        return reason(code, lot=lot, expires_on=expires_on.isoformat() if expires_on else None)
    return reason(code, lot=lot)
