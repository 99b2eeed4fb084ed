"""Refusals: the answers of no, each saying what is wrong and what to do.

A refusal carries its English sentence as a gettext message id and its values beside it, so that
it can be stored as plain JSON, answered again to a retry, and shown in the reader's language.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.utils import translation

#: See `phrase`.
Phrase = dict[str, Any]


def sentence(text: str) -> str:
    """Mark a message id for translation; it is translated where it is shown."""
    return text


class Refusal(Exception):
    """The command did nothing, and this says why and what to do next.

    `field` is the path of the argument at fault ("lines.3.quantity"), or "" for the whole;
    `details` are rows of plain values when more than one line is at fault.
    """

    http_status: ClassVar[int] = 409
    exit_code: ClassVar[int] = 10
    #: False where asking again may be answered otherwise, so the answer is not kept.
    is_final: ClassVar[bool] = True
    kinds: ClassVar[dict[str, type["Refusal"]]] = {}

    def __init_subclass__(cls) -> None:
        Refusal.kinds[cls.__name__] = cls

    def __init__(
        self,
        message: str,
        *,
        field: str = "",
        details: list[dict[str, Any]] | None = None,
        **values: Any,
    ) -> None:
        super().__init__(message)
        self.message, self.field, self.values = message, field, values
        self.details = details or []

    def __str__(self) -> str:
        return self.in_language("en")

    def in_language(self, language: str) -> str:
        """The sentence in "en" or "zh-hans", with its values filled in."""
        return fill(self.message, self.values, language)

    def as_json(self) -> dict[str, Any]:
        return {
            "refusal": type(self).__name__,
            "message": self.message,
            "values": self.values,
            "field": self.field,
            "details": self.details,
        }

    @staticmethod
    def from_json(data: dict[str, Any]) -> "Refusal":
        kind = Refusal.kinds.get(data["refusal"], Refusal)
        return kind(data["message"], field=data["field"], details=data["details"], **data["values"])


#: Values under these names are words of ours (message ids), not the user's own text.
TRANSLATED_VALUES = frozenset(
    {"what", "state", "served_in", "status", "action", "kind", "why", "checks"}
)
#: A value whose words are those of another one.
WORDED_AS = {"served_in": "state"}


class _Values(dict[str, Any]):
    """Values for a sentence; words and sentences of ours among them are translated too."""

    def __getitem__(self, key: str) -> Any:
        return _shown(key, dict.__getitem__(self, key))

    def __missing__(self, key: str) -> str:
        return "—"


def _shown(key: str, value: Any) -> Any:
    if value is None:
        return "—"
    if isinstance(value, int) and value < 0:
        return f"−{-value}"
    if isinstance(value, dict):
        if "moment" in value:
            return datetime.fromisoformat(value["moment"]).strftime("%Y-%m-%d %H:%M")
        is_phrase = "sentence" in value
        return _filled(value["sentence"], value["values"]) if is_phrase else _name(value)
    if isinstance(value, list | tuple):
        return translation.gettext(SEPARATOR).join(str(_shown(key, one)) for one in value)
    if key not in TRANSLATED_VALUES or not isinstance(value, str) or not value:
        return value
    # A word may be another one as a state than as a status: the value's name is the context.
    word = translation.pgettext(WORDED_AS.get(key, key), value)
    return translation.gettext(value) if word == value else word


SEPARATOR = sentence(", ")


def _name(names: dict[str, str]) -> str:
    """A record's own name in the reader's language, or the one that it has."""
    first, second = names["zh"], names["en"]
    if not translation.get_language().startswith("zh"):
        first, second = second, first
    return first or second


def _filled(message: str, values: dict[str, Any]) -> str:
    return translation.gettext(message).format_map(_Values(values))


def phrase(message: str, **values: Any) -> Phrase:
    """A sentence of ours with its values, as plain JSON: it can be a value of another one."""
    return {"sentence": message, "values": values}


#: Where no site says otherwise.
HOME_ZONE = "Asia/Shanghai"


def local(at: datetime, zone: str | None = None) -> str:
    """The moment as people of that zone write it, to the second, with its offset: ISO 8601."""
    return at.astimezone(ZoneInfo(zone or HOME_ZONE)).isoformat(timespec="seconds")


def moment(at: datetime, zone: str | None = None) -> dict[str, str]:
    """The moment as a value of a sentence, which shows it as the clock of that zone has it."""
    return {"moment": local(at, zone)}


def tell(told: Phrase, language: str) -> str:
    """The phrase in "en" or "zh-hans"."""
    return fill(told["sentence"], told["values"], language)


def fill(message: str, values: dict[str, Any], language: str) -> str:
    """The sentence in "en" or "zh-hans", with its values filled in."""
    with translation.override(language):
        return _filled(message, values)


def in_both(message: str) -> dict[str, str]:
    """A sentence without values in both languages, as a record's names are given."""
    return {"zh": fill(message, {}, "zh-hans"), "en": fill(message, {}, "en")}


class InvalidInput(Refusal):
    """A value is missing, malformed or too large."""

    http_status, exit_code = 422, 2


class TooLarge(Refusal):
    """More lines or bytes than one command takes."""

    http_status, exit_code = 413, 2


class NotFound(Refusal):
    """What was named does not exist, or is outside the person's scope."""

    http_status, exit_code = 404, 3


class NotAllowed(Refusal):
    """The person lacks the permission, or has it for other sites only."""

    http_status, exit_code = 403, 4


class SignatureRequired(NotAllowed):
    """The act needs an electronic signature: sign in again and state its meaning."""


class SamePerson(NotAllowed):
    """Segregation of duties: another person has to do this step. # ORG-03"""


class Conflict(Refusal):
    """The request id was used for something else, or the record changed since it was read."""

    exit_code = 5


class WrongState(Refusal):
    """The document is in a state from which this step is not possible."""

    exit_code = 6


class Busy(Refusal):
    """The database could not finish in time; asking again with the same request id is safe."""

    http_status, exit_code, is_final = 503, 75, False


@contextmanager
def called(field: str, name: str) -> Iterator[None]:
    """A refusal inside names the field as this command calls it."""
    try:
        yield
    except Refusal as refusal:
        if refusal.field == field:
            refusal.field = name
        raise


@contextmanager
def of_line(name: str) -> Iterator[None]:
    """A refusal inside names the line before its own field; "" is no line."""
    try:
        yield
    except Refusal as refusal:
        if name:
            refusal.field = f"{name}.{refusal.field}" if refusal.field else name
        raise
