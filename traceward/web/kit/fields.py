"""The fields of a form, made from the schema of a command's arguments, and read back from it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from traceward.resources import labels
from traceward.resources.ids import list_of
from traceward.web.kit.pickers import Resolver
from traceward.web.visitors import Visitor

Json = dict[str, Any]
Given = Mapping[str, str]
#: Names of arguments that hold more than a line of text.
LONG = frozenset(
    {"reason", "remark", "note", "explanation", "conclusion", "defects", "disposition", "answer"}
)
#: A form has so many lines at most; more come through the API or a file.
MAX_LINES = 200


@dataclass(frozen=True)
class Field:
    """One input: its path in the arguments, what it asks for, and what stands in it."""

    path: str
    kind: str
    label: str
    is_required: bool
    value: str = ""
    #: Of a choice, or a short list of records: (value, words).
    options: tuple[tuple[str, str], ...] = ()
    #: Of an id: the list whose rows are meant.
    rows: str = ""
    problem: str = ""
    #: Of a group or of lines: the fields within.
    within: tuple["Field", ...] = ()
    lines: tuple[tuple["Field", ...], ...] = field(default=())

    @property
    def slug(self) -> str:
        """As an id in the page."""
        return self.path.replace(".", "-")

    @property
    def search(self) -> str:
        """Where the rows are searched that may be meant."""
        return f"/pick/{self.rows.replace('.', '/')}" if self.rows else ""


@dataclass(frozen=True)
class Maker:
    """Makes the fields of one form: what was typed stands in them, problems at their path."""

    defs: Json
    verb: str
    to: Visitor
    given: Given
    problems: Mapping[str, str]
    more: str = ""

    def fields(self, schema: Json, prefix: str = "") -> tuple[Field, ...]:
        required = set(schema.get("required", ()))
        return tuple(
            self.field(f"{prefix}{name}", one, name in required)
            for name, one in schema.get("properties", {}).items()
        )

    def field(self, path: str, schema: Json, is_required: bool) -> Field:
        schema, default = resolved(schema, self.defs), schema.get("default")
        name = path.rpartition(".")[2]
        label = labels.of_argument(f"{self.verb}.{name}").in_language(self.to.language)
        kind = kind_of(name, schema)
        problem = self.problems.get(path, "")
        value = self.given.get(path, "" if default is None else _written(default))
        made = Field(path, kind, label, is_required, problem=problem)
        if kind == "group":
            return replace(made, within=self.fields(schema, f"{path}."))
        if kind == "lines":
            return replace(made, lines=self._lines(path, schema))
        options: tuple[tuple[str, str], ...] = ()
        language = self.to.language
        if kind == "choice":
            options = tuple(
                (str(one), labels.of_value(f"{self.verb}.{name}", one).in_language(language))
                for one in schema["enum"]
            )
        rows = list_of(name, self.verb.partition(".")[0]) or "" if kind == "id" else ""
        return replace(made, value=value, options=options, rows=rows)

    def _lines(self, path: str, schema: Json) -> tuple[tuple[Field, ...], ...]:
        line = resolved(schema["items"], self.defs)
        count = min(_count(self.given, path) + (self.more == path), MAX_LINES)
        return tuple(self.fields(line, f"{path}.{n}.") for n in range(max(count, 1)))


def resolved(schema: Json, defs: Json) -> Json:
    """The schema of a value that is there: without null, references followed."""
    if "anyOf" in schema:
        several = [one for one in schema["anyOf"] if one.get("type") != "null"]
        return resolved(several[0], defs)
    if "$ref" in schema:
        return resolved(defs[schema["$ref"].rpartition("/")[2]], defs)
    if "allOf" in schema:
        return resolved(schema["allOf"][0], defs)
    return schema


def kind_of(name: str, schema: Json) -> str:
    """What sort of input asks for it."""
    if "enum" in schema:
        return "choice"
    if name.endswith("_id") and schema.get("type") == "integer":
        return "id"
    kinds = {"integer": "integer", "number": "number", "boolean": "yes", "object": "group"}
    if schema.get("type") == "array":
        inner = schema.get("items", {})
        return "lines" if "$ref" in inner or inner.get("type") == "object" else "several"
    if schema.get("type") == "string":
        formats = {"date": "day", "date-time": "moment"}
        return formats.get(schema.get("format", ""), "long" if name in LONG else "text")
    return kinds.get(schema.get("type", ""), "text")


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _count(given: Given, path: str) -> int:
    """How many lines were filled in."""
    numbers = [name[len(path) + 1 :].partition(".")[0] for name in given if _is_line(name, path)]
    return max((int(n) + 1 for n in numbers if n.isdecimal() and len(n) < 5), default=0)


def _is_line(name: str, path: str) -> bool:
    return name.startswith(f"{path}.")


def read(schema: Json, defs: Json, given: Given, to: Resolver, prefix: str = "") -> Json:
    """What was filled in as arguments; what was left empty is left out."""
    found: Json = {}
    for name, one in schema.get("properties", {}).items():
        value = _read_one(f"{prefix}{name}", name, resolved(one, defs), defs, given, to)
        if value is not None:
            found[name] = value
    return found


def _read_one(path: str, name: str, schema: Json, defs: Json, given: Given, to: Resolver) -> Any:
    kind = kind_of(name, schema)
    if kind == "group":
        return read(schema, defs, given, to, f"{path}.") or None
    if kind == "lines":
        line = resolved(schema["items"], defs)
        lines = [
            read(line, defs, given, to, f"{path}.{n}.")
            for n in range(min(_count(given, path), MAX_LINES))
        ]
        return [one for one in lines if one] or None
    text = given.get(path, "").strip()
    if not text:
        return None
    if kind == "several":
        inner = schema.get("items", {}).get("type")
        parts = [part.strip() for part in re.split(r"[\n,，]", text) if part.strip()]
        return [_number(part) if inner == "integer" else part for part in parts]
    return to.id_of(path, name, text) if kind == "id" else _value(kind, text, to.to)


def _value(kind: str, text: str, to: Visitor) -> Any:
    if kind == "integer":
        return _number(text)
    if kind == "yes":
        return text == "true" if text in ("true", "false") else text
    if kind == "moment":
        try:
            return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(to.time_zone)).isoformat()
        except ValueError:
            return text
    return text


def _number(text: str) -> Any:
    plain = text.replace("−", "-")
    return int(plain) if re.fullmatch(r"-?\d{1,19}", plain) else text
