"""The argument class *upload*: a file's name and bytes, of which only the hash is written down.

JSON holds the bytes as base64; a page or a multipart request gives them as they came. Digests,
audit entries and answers hold name, size and SHA-256 instead, so the same request sent again is
known as the same, and another file under its request id is refused.
"""

import base64
import binascii
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from traceward.kernel.base.refusals import TooLarge, sentence
from traceward.kernel.command.unseen import UNSEEN
from traceward.kernel.documents.contents import MAX_UPLOAD, cleaned

MAX_NAME = 1_000
#: A request with one file is larger than the file by no more than this.
AROUND = 200_000
NO_BASE64 = sentence("it is no base64")
TOO_LARGE = sentence(
    "The file has {size} MB; at most {most} MB are taken. Make it smaller, or split it."
)


def too_large(size: int, field: str = "file") -> TooLarge:
    """The refusal for a file, or a request with one, of so many bytes."""
    shown = f"{size / 1_000_000:.1f}"
    return TooLarge(TOO_LARGE, field=field, size=shown, most=MAX_UPLOAD // 1_000_000)


class Upload:
    """A file as somebody sent it: its cleaned name, its bytes and their hash."""

    __slots__ = ("content", "name", "sha256")

    def __init__(self, name: str, content: bytes) -> None:
        if len(content) > MAX_UPLOAD:
            raise too_large(len(content))
        self.name, self.content = cleaned(name[:MAX_NAME]), content
        self.sha256 = sha256(content).hexdigest()

    def __repr__(self) -> str:
        return f"{self.name} ({self.sha256})"

    def written(self) -> dict[str, Any]:
        """What is kept of it wherever arguments are kept."""
        return {"name": self.name, "size": len(self.content), "sha256": self.sha256}

    @classmethod
    def __get_pydantic_core_schema__(cls, _: Any, __: GetCoreSchemaHandler) -> CoreSchema:
        text = core_schema.str_schema(max_length=4 * MAX_UPLOAD // 3 + 4)
        parts = core_schema.typed_dict_schema(
            {
                "name": core_schema.typed_dict_field(
                    core_schema.str_schema(min_length=1, max_length=MAX_NAME)
                ),
                "base64": core_schema.typed_dict_field(text),
            },
            extra_behavior="forbid",
        )
        return core_schema.no_info_wrap_validator_function(
            cls._taken,
            parts,
            serialization=core_schema.plain_serializer_function_ser_schema(cls.written),
        )

    @classmethod
    def _taken(cls, given: Any, read: core_schema.ValidatorFunctionWrapHandler) -> "Upload":
        if isinstance(given, cls):
            return given
        parts = read(given)
        try:
            return cls(parts["name"], base64.b64decode(parts["base64"], validate=True))
        except (binascii.Error, ValueError):
            problem = {"sentence": NO_BASE64, "values": {}}
            raise PydanticCustomError(UNSEEN, "{problem}", {"problem": problem}) from None

    @classmethod
    def __get_pydantic_json_schema__(cls, _: Any, __: Any) -> dict[str, Any]:
        return {
            "type": "object",
            "format": "upload",
            "additionalProperties": False,
            "required": ["name", "base64"],
            "properties": {
                "name": {"type": "string", "minLength": 1, "maxLength": MAX_NAME},
                "base64": {"type": "string", "format": "byte"},
            },
        }


def taken(names: Iterable[str], sent: Mapping[str, Any]) -> dict[str, Upload]:
    """The arguments of these names that came as files of a request."""
    return {name: Upload(str(sent[name].name), sent[name].read()) for name in names if name in sent}
