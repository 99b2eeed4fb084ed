"""Refusals: the answers of no, each saying what is wrong and what to do.

A refusal carries its English sentence as a gettext message id and its values beside it, so that
it can be stored as plain JSON, answered again to a retry, and shown in the reader's language.
"""

from typing import Any, ClassVar

from django.utils import translation


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
TRANSLATED_VALUES = frozenset({"what", "state", "status", "action", "kind", "why"})


class _Values(dict[str, Any]):
    """Values for a sentence; words of ours among them are translated too."""

    def __getitem__(self, key: str) -> Any:
        value = dict.__getitem__(self, key)
        is_word = key in TRANSLATED_VALUES and isinstance(value, str) and value
        return translation.gettext(value) if is_word else value

    def __missing__(self, key: str) -> str:
        return "—"


def fill(message: str, values: dict[str, Any], language: str) -> str:
    """The sentence in "en" or "zh-hans", with its values filled in."""
    with translation.override(language):
        return translation.gettext(message).format_map(_Values(values))


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
