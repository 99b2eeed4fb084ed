"""The argument class *erasable*: personal data that a command gets but that nothing keeps.

A command that takes a patient's pseudonym or a contact stores it once, in a table whose rows can
be emptied. Wherever arguments or answers are digested, stored or shown, only `KEPT_OUT` stands,
so neither the audit entry nor its digest says anything about the value. It follows that a retry
with the same request id and another erasable value gets the first answer.
"""

from typing import Any, ClassVar

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from traceward.kernel.command.shown_once import SHOWING
from traceward.kernel.command.unseen import UNSEEN, problem_with

#: What stands in digests, answers and texts instead of the value.
KEPT_OUT = "(erasable)"
MAX_LENGTH = 200


class Erasable:
    """A text that is passed on to one erasable row and written nowhere else."""

    __slots__ = ("_text",)
    __hash__: ClassVar[None]  # type: ignore[assignment]  # a hash would be a way to compare

    def __init__(self, text: str) -> None:
        self._text = text.strip()

    def reveal(self) -> str:
        """The text itself, for the one row that keeps it, or for the person who may read it."""
        return self._text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Erasable) and other._text == self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __repr__(self) -> str:
        return KEPT_OUT

    @classmethod
    def __get_pydantic_core_schema__(cls, _: Any, __: GetCoreSchemaHandler) -> CoreSchema:
        text = core_schema.str_schema(max_length=MAX_LENGTH, metadata={"erasable": True})
        return core_schema.no_info_wrap_validator_function(
            cls._taken,
            text,
            serialization=core_schema.plain_serializer_function_ser_schema(
                cls._written, info_arg=True
            ),
        )

    def _written(self, info: core_schema.SerializationInfo) -> str:
        """Kept out, but for the one answer that is given to who asked and stored nowhere."""
        return self._text if info.context == SHOWING else KEPT_OUT

    @classmethod
    def _taken(cls, given: Any, read: core_schema.ValidatorFunctionWrapHandler) -> "Erasable":
        """Texts that nobody can read are refused here: no other check sees inside."""
        made = given if isinstance(given, cls) else cls(read(given))
        problem = problem_with(made._text)
        if problem is not None:
            raise PydanticCustomError(UNSEEN, "{problem}", {"problem": problem})
        return made

    @classmethod
    def __get_pydantic_json_schema__(cls, _: Any, __: Any) -> dict[str, Any]:
        return {"type": "string", "maxLength": MAX_LENGTH, "format": "erasable"}
