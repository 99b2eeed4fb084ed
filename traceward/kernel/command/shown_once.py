"""A secret that an answer shows once: to whoever asked, never to a retry, and stored nowhere.

The stored answer and everything made from it hold `HIDDEN` instead; `Command.told` shows it.
Whoever lost it asks for a new one.
"""

from typing import Any

from pydantic import GetCoreSchemaHandler, SerializationInfo
from pydantic_core import CoreSchema, core_schema

HIDDEN = "(shown once)"
#: The context of serialisation that shows it.
SHOWING = {"shows_once": True}


class ShownOnce:
    """A text that only the first answer of a command holds."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself, for whoever asked."""
        return self._text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ShownOnce) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return HIDDEN

    @classmethod
    def __get_pydantic_core_schema__(cls, _: Any, __: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(
            lambda value: value if isinstance(value, cls) else cls(str(value)),
            core_schema.union_schema(
                [core_schema.is_instance_schema(cls), core_schema.str_schema()]
            ),
            serialization=core_schema.plain_serializer_function_ser_schema(
                _shown, info_arg=True, return_schema=core_schema.str_schema()
            ),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, _: Any, __: Any) -> dict[str, Any]:
        return {"type": "string", "description": f"shown once; later “{HIDDEN}”"}


def _shown(value: ShownOnce, info: SerializationInfo) -> str:
    shows = bool(info.context and info.context.get("shows_once"))
    return value.reveal() if shows else HIDDEN
