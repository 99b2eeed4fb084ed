"""Every command there is, under its one word."""

import inspect
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, get_type_hints

from pydantic import BaseModel, ConfigDict, TypeAdapter, create_model

from traceward.kernel.base.canonical import canonical_json
from traceward.kernel.base.refusals import Phrase
from traceward.kernel.command.shown_once import SHOWING
from traceward.kernel.org.roles import RoleName
from traceward.kernel.org.scope import ScopeKey

ScopeOf = Callable[..., Iterable[ScopeKey]]
HoldWhy = Callable[..., Phrase | None]

REGISTRY: dict[str, "Command"] = {}
#: What may be read, and by which roles by default: its name is the permission.
READINGS: dict[str, tuple[RoleName, ...]] = {}


@dataclass(frozen=True)
class Command:
    """A verb: its function, who may use it by default, where it counts, and what it asks for."""

    verb: str
    function: Callable[..., Any]
    roles: tuple[RoleName, ...]
    scope: ScopeOf
    #: The meaning of the electronic signature that it needs, or "".
    signed: str = ""
    #: Says why the command must be held for another person's decision, or None.
    hold: HoldWhy | None = None
    #: Event names on which it runs by itself: from when the handler is new, not for what was before
    subscribes: tuple[str, ...] = ()
    #: … unless it is to run for all events there ever were.
    from_start: bool = False
    #: States of the document it is about in which it is possible; empty where none forbids it.
    from_states: tuple[str, ...] = ()

    @cached_property
    def arguments(self) -> type[BaseModel]:
        """The arguments as one checked model, made from the signature."""
        hints = get_type_hints(self.function, include_extras=True)
        fields: dict[str, Any] = {}
        for name, parameter in inspect.signature(self.function).parameters.items():
            if name == "by":
                continue
            default = ... if parameter.default is inspect.Parameter.empty else parameter.default
            fields[name] = (hints[name], default)
        config = ConfigDict(extra="forbid", str_max_length=10_000)
        return create_model(self.verb, __config__=config, **fields)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The arguments' names in order."""
        return tuple(n for n in inspect.signature(self.function).parameters if n != "by")

    @cached_property
    def has_erasable(self) -> bool:
        """Whether personal data are among the arguments, however deep."""
        return '"format": "erasable"' in json.dumps(self.arguments.model_json_schema())

    @cached_property
    def uploads(self) -> tuple[str, ...]:
        """The arguments that are files."""
        known = self.arguments.model_json_schema().get("properties", {})
        return tuple(name for name, one in known.items() if one.get("format") == "upload")

    @cached_property
    def has_free_names(self) -> bool:
        """Whether an argument is a mapping, whose names come in any order."""
        schema = json.dumps(self.arguments.model_json_schema())
        return re.search('"additionalProperties": (?!false)', schema) is not None

    def canonical(self, arguments: BaseModel) -> bytes:
        """The verb and all arguments; the same bytes for the same, in whatever order they came."""
        if self.has_free_names:
            return canonical_json([self.verb, arguments.model_dump(mode="json")])
        return f'["{self.verb}",{arguments.model_dump_json()}]'.encode()

    @cached_property
    def outcome(self) -> TypeAdapter[Any]:
        return TypeAdapter(get_type_hints(self.function)["return"])

    def told(self, answer: Any) -> Any:
        """The answer as plain values, for whoever asked; a door gives no other."""
        return self.outcome.dump_python(answer, mode="json", context=SHOWING)

    @property
    def summary(self) -> str:
        return (inspect.getdoc(self.function) or "").split("\n", 1)[0]

    def bind(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """Positional arguments under their names."""
        return {**dict(zip(self.names, args, strict=False)), **kwargs}


def register(command: Command) -> None:
    if command.signed and command.hold:
        raise ValueError(f"{command.verb} is held and signed; sign the decision instead")
    if command.verb in REGISTRY:
        raise ValueError(f"two commands are called {command.verb}; a verb is one function")
    REGISTRY[command.verb] = command


def register_reading(name: str, roles: tuple[RoleName, ...]) -> None:
    """The roles may read what has this name; one word is not a verb and a reading."""
    if name in REGISTRY or name in READINGS:
        raise ValueError(f"{name} is the name of something else already")
    READINGS[name] = roles
