"""The fields of a form, made from the schema of a command's arguments, and read back from it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from traceward.resources import labels
from traceward.resources.ids import list_of
from traceward.resources.labels.values import VALUES
from traceward.web.kit.days import COARSE, DAY, MONTH, PRECISION, Read
from traceward.web.kit.pickers import Resolver
from traceward.web.kit.units import MEASURED, has_unit
from traceward.web.kit.verbs import by_uid
from traceward.web.visitors import Visitor

Json = dict[str, Any]
Given = Mapping[str, str]
#: Names of arguments that hold more than a line of text.
LONG = frozenset(
    {"reason", "remark", "note", "explanation", "conclusion", "defects", "disposition", "answer"}
)
#: Under this name a line carries in words what it is about; no argument is called so.
ABOUT = "~"
#: Fields that a scanned label fills, each with what it says of it.
SCANNED = frozenset({"codes", "item_id", "lot_id", "serial_id", "place_code", "place_id", "sscc"})
#: Texts that are mostly one of our words: these are offered, and others may be typed.
WORDED = frozenset({"check_name", "product_line"})
#: Texts of which some are offered, and others may be typed.
OPEN = frozenset({"carrier_name"})
#: What may be chosen stands in a wide field where it is longer.
LONG_WORDS = 40
#: Among values that are ticked: that something could be, whether or not anything is.
TICKED = "~"
#: A form has so many lines at most; more come through the API or a file.
MAX_LINES = 200
#: So many fields of a line stand beside each other.
IN_A_LINE = 9


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
    #: … and which of them, as its address asks for them.
    where: str = ""
    problem: str = ""
    #: Of a group or of lines: the fields within; of lines without one, those of an empty one.
    within: tuple["Field", ...] = ()
    lines: tuple[tuple["Field", ...], ...] = field(default=())
    #: Shown, and sent as it is.
    is_fixed: bool = False
    #: … in words, where the value is one of ours.
    said: str = ""
    #: Of lines: what each is about, where its arguments do not say it.
    abouts: tuple[str, ...] = ()
    #: Never kept by the browser: personal data that can be erased.
    is_private: bool = False

    @property
    def name(self) -> str:
        """What the argument is called within its line or group."""
        return self.path.rpartition(".")[2]

    @property
    def slug(self) -> str:
        """As an id in the page."""
        return self.path.replace(".", "-")

    @property
    def words(self) -> str:
        """What stands in it, without the id."""
        return self.said or re.sub(r"^#[0-9]{1,18} ", "", self.value)

    @property
    def told(self) -> list[tuple[str, str, tuple["Field", ...]]]:
        """Each line with what it is about, and the path of that."""
        abouts = self.abouts or ("",) * len(self.lines)
        return [
            (f"{self.path}.{n}.{ABOUT}", about, line)
            for n, (about, line) in enumerate(zip(abouts, self.lines, strict=True))
        ]

    @property
    def choices(self) -> list[tuple[str, str]]:
        """What may be chosen: of records the id is sent, and not shown."""
        if self.kind != "record":
            return list(self.options)
        return [(f"#{pk}", re.sub(r"^#[0-9]+ ", "", words)) for pk, words in self.options]

    @property
    def chosen(self) -> str:
        return f"#{self.value}" if self.kind == "record" and self.value else self.value

    @property
    def is_grid(self) -> bool:
        """Whether its lines are rows of a table: they have no lines or groups themselves."""
        return all(one.kind not in ("lines", "group") for one in self.within)

    @property
    def is_roomy(self) -> bool:
        """Whether a line of it has more fields than stand beside each other: it is a card."""
        return len(self.within) > IN_A_LINE

    @property
    def is_filled(self) -> bool:
        """Whether something stands in it, or in a field within."""
        inner = (*self.within, *(one for line in self.lines for one in line))
        own = bool(self.value or self.problem)
        return own if not inner else own or any(one.is_filled for one in inner)

    @property
    def is_scan(self) -> bool:
        """Whether a label may be scanned into it."""
        return self.path.rpartition(".")[2] in SCANNED

    @property
    def is_secret(self) -> bool:
        """Whether nobody beside the person may read it."""
        return self.path == "password"

    @property
    def is_measured(self) -> bool:
        """Whether it counts goods, and takes their units."""
        return self.kind == "integer" and self.path.rpartition(".")[2] in MEASURED

    @property
    def ticks(self) -> list[tuple[str, str, bool]]:
        """What may be ticked, and whether it is."""
        on = set(self.value.split("\n"))
        return [(value, words, value in on) for value, words in self.options]

    @property
    def size(self) -> str:
        """The class of its width."""
        if self.kind in ("integer", "number", "day", "coarse", "yes"):
            return "tw-f-s"
        is_chosen = self.kind in ("choice", "record")
        if is_chosen and any(len(words) > LONG_WORDS for _, words in self.options):
            return "tw-wide"
        return "tw-wide" if self.kind in ("long", "several", "file", "ticks", "pairs") else ""

    @property
    def height(self) -> int:
        """Lines of text that are seen at once."""
        return min(max(self.value.count("\n") + 1, 1 if self.kind == "several" else 2), 8)

    @property
    def search(self) -> str:
        """Where the rows are searched that may be meant."""
        asked = f"?{self.where}" if self.where else ""
        return f"/pick/{self.rows.replace('.', '/')}{asked}" if self.rows else ""


@dataclass(frozen=True)
class Maker:
    """Makes the fields of one form: what was typed stands in them, problems at their path."""

    defs: Json
    verb: str
    to: Visitor
    given: Given
    problems: Mapping[str, str]
    #: Names of arguments that are shown only.
    fixed: frozenset[str] = frozenset()
    #: Paths that are asked for, though the schema does not say so.
    needed: frozenset[str] = frozenset()
    #: By name, which rows are offered.
    narrowed: Mapping[str, Mapping[str, list[str]]] = field(default_factory=dict)
    #: By name of a text or list, what is chosen from.
    offers: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)

    def fields(self, schema: Json, prefix: str = "") -> tuple[Field, ...]:
        required = set(schema.get("required", ()))
        return tuple(
            self.field(f"{prefix}{name}", one, name in required)
            for name, one in schema.get("properties", {}).items()
            if name != PRECISION
        )

    def field(self, path: str, schema: Json, is_required: bool) -> Field:
        schema, default = resolved(schema, self.defs), schema.get("default")
        name = path.rpartition(".")[2]
        label = labels.of_argument(f"{self.verb}.{name}").in_language(self.to.language)
        kind = kind_of(name, schema)
        if kind == "day" and f"{self.verb.partition('.')[0]}.{name}" in COARSE:
            kind = "coarse"
        offers = self.offers.get(name, ())
        if offers and kind in ("text", "several") and name not in OPEN:
            kind = "choice" if kind == "text" else "ticks"
        problem = self.problems.get(path, "")
        value = self.given.get(path, "" if default is None else _written(default))
        plain = re.sub(r"\.\d+", "", path)
        is_required |= any(one == plain or one.startswith(f"{plain}.") for one in self.needed)
        made = Field(path, kind, label, is_required, problem=problem)
        if kind == "group":
            within = self.fields(schema, f"{path}.")
            if not is_required:  # a browser sends no form that lacks what nobody sees
                within = tuple(replace(one, is_required=False) for one in within)
            return replace(made, within=within)
        if kind == "lines":
            line = resolved(schema["items"], self.defs)
            empty = replace(self, given={}, problems={}).fields(line, f"{path}.0.")
            lines = self._lines(path, line, is_required)
            shown = [n for n, one in enumerate(empty) if not self._is_idle(n, one, lines)]
            return replace(
                made,
                within=tuple(empty[n] for n in shown),
                abouts=self._abouts(path, len(lines)),
                lines=tuple(tuple(one[n] for n in shown) for one in lines),
            )
        options: tuple[tuple[str, str], ...] = ()
        language = self.to.language
        if kind == "text" and name in WORDED:
            options = tuple((zh_or_en(one, language), "") for one in VALUES[name].values())
        if offers:
            options = offers
        elif kind == "choice":
            options = tuple(
                (str(one), labels.of_value(f"{self.verb}.{name}", one).in_language(language))
                for one in schema["enum"]
            )
        if kind == "text" and name not in self.fixed:
            said = labels.of_value(f"{self.verb}.{name}", value).in_language(language)
            value = said if labels.meant(f"{self.verb}.{name}", said) == value else value
        rows = ""
        if kind == "id" or (kind == "several" and is_of_records(name, schema)):
            rows = list_of(name, self.verb.partition(".")[0]) or ""
        if schema.get("format") == "uuid":
            rows = by_uid(name, self.verb)
        return replace(
            made,
            value=value,
            options=options,
            rows=rows,
            where=urlencode(self.narrowed.get(name, {}), doseq=True) if rows else "",
            is_fixed=name in self.fixed and bool(value),
            said=self._said(name, kind, value),
            is_private=schema.get("format") == "erasable",
        )

    def _said(self, name: str, kind: str, value: str) -> str:
        if name not in self.fixed or kind == "id" or not value:
            return ""
        return labels.of_value(f"{self.verb}.{name}", value).in_language(self.to.language)

    def _abouts(self, path: str, count: int) -> tuple[str, ...]:
        told = tuple(self.given.get(f"{path}.{n}.{ABOUT}", "") for n in range(count))
        return told if any(told) else ()

    def _is_idle(self, n: int, one: Field, lines: tuple[tuple[Field, ...], ...]) -> bool:
        """Whether no line says it, and none has to: what is known already names it, or does not."""
        name = one.path.rpartition(".")[2]
        filled = any(line[n].is_filled for line in lines)
        return name in self.fixed and not one.is_required and not filled

    def _lines(self, path: str, line: Json, is_required: bool) -> tuple[tuple[Field, ...], ...]:
        count = min(_count(self.given, path), MAX_LINES)
        return tuple(
            self.fields(line, f"{path}.{n}.") for n in range(max(count, 1 if is_required else 0))
        )


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
    if schema.get("format") == "upload":
        return "file"
    if name.endswith("_id") and schema.get("type") == "integer":
        return "id"
    if (
        schema.get("type") == "object"
        and "additionalProperties" in schema
        and not (schema.get("properties") or schema["additionalProperties"] is False)
    ):
        return "pairs"
    kinds = {"integer": "integer", "number": "number", "boolean": "yes", "object": "group"}
    if schema.get("type") == "array":
        inner = schema.get("items", {})
        return "lines" if "$ref" in inner or inner.get("type") == "object" else "several"
    if schema.get("type") == "string":
        formats = {"date": "day", "date-time": "moment"}
        return formats.get(schema.get("format", ""), "long" if name in LONG else "text")
    return kinds.get(schema.get("type", ""), "text")


def is_of_records(name: str, schema: Json) -> bool:
    """Whether several records are meant, a line for each."""
    inner = schema.get("items", {}).get("type")
    return name.endswith("_ids") and schema.get("type") == "array" and inner == "integer"


def zh_or_en(said: tuple[str, str], language: str) -> str:
    return said[0 if language.startswith("zh") else 1]


def _written(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(map(_written, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _count(given: Given, path: str) -> int:
    """How many lines were filled in."""
    numbers = [name[len(path) + 1 :].partition(".")[0] for name in given if _is_line(name, path)]
    return max((int(n) + 1 for n in numbers if n.isdecimal() and len(n) < 5), default=0)


def _is_line(name: str, path: str) -> bool:
    return name.startswith(f"{path}.")


def closed_up(schema: Json, defs: Json, given: Given, prefix: str = "") -> dict[str, str]:
    """What was filled in, without lines in which nothing was: their numbers follow on."""
    found: dict[str, str] = {}
    for name, one in schema.get("properties", {}).items():
        path, one = f"{prefix}{name}", resolved(one, defs)
        kind = kind_of(name, one)
        if kind == "group":
            found |= closed_up(one, defs, given, f"{path}.")
        elif kind != "lines":
            found |= {path: given[path]} if path in given else {}
        else:
            line, place = resolved(one["items"], defs), 0
            for n in range(min(_count(given, path), MAX_LINES + 1)):
                inner = closed_up(line, defs, given, f"{path}.{n}.")
                if not _is_blank(inner, line, f"{path}.{n}."):
                    about = given.get(f"{path}.{n}.{ABOUT}", "")
                    found |= {f"{path}.{place}.{ABOUT}": about} if about else {}
                    found |= {
                        f"{path}.{place}.{key.removeprefix(f'{path}.{n}.')}": text
                        for key, text in inner.items()
                    }
                    place += 1
    return found


def _is_blank(inner: Given, line: Json, prefix: str) -> bool:
    """Whether nothing stands in the line but what an empty one has."""
    for path, text in inner.items():
        one = line.get("properties", {}).get(path.removeprefix(prefix), {})
        default = one.get("default")
        if text.strip() and text != ("" if default is None else _written(default)):
            return False
    return True


def another(given: Given, path: str) -> dict[str, str]:
    """The same with one line more, empty."""
    return {**given, f"{path}.{min(_count(given, path), MAX_LINES - 1)}.": ""}


def without(given: Given, path: str) -> dict[str, str]:
    """The same without this line."""
    return {name: text for name, text in given.items() if not _is_line(name, path)}


def read(schema: Json, defs: Json, given: Given, to: Resolver, prefix: str = "") -> Json:
    """What was filled in as arguments; what was left empty is left out."""
    found: Json = {}
    for name, one in schema.get("properties", {}).items():
        value = _read_one(f"{prefix}{name}", name, resolved(one, defs), defs, given, to)
        if isinstance(value, Read):
            if value.precision != DAY and PRECISION in schema["properties"]:
                found[PRECISION] = MONTH
            value = value.on.isoformat()
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
    if kind == "file":
        return to.files.get(path)
    text = given.get(path, "").strip()
    if not text:
        return None
    if not schema:  # any JSON value: a number is one, a word is a text
        return _json(text)
    if kind == "pairs":
        return _pairs(text)
    if kind == "several":
        inner = schema.get("items", {}).get("type")
        # A label may have a comma in its lot number.
        apart = r"\n" if name == "codes" else r"[\n,，]"
        parts = [part.strip(" \t\r") for part in re.split(apart, text) if part.strip()]
        parts = [part for part in parts if part != TICKED]
        if is_of_records(name, schema):
            return [to.one_of(path, name, part) for part in parts]
        return [_number(part) if inner == "integer" else part for part in parts]
    if schema.get("format") == "uuid":
        return to.uid_of(path, name, text)
    if kind == "text":
        return labels.meant(f"{to.verb}.{name}", text)
    if kind == "day":
        return to.day_of(path, name, text)
    if kind == "integer" and has_unit(name, text):
        return to.quantity_of(path, text, given)
    return to.id_of(path, name, text) if kind == "id" else _value(kind, text, to.to)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _pairs(text: str) -> Any:
    """Lines of “name = value” as a mapping; the text as it is where a line is none."""
    lines = [line.partition("=") for line in text.splitlines() if line.strip()]
    if not all(apart and name.strip() for name, apart, _ in lines):
        return text
    return {name.strip(): _json(value.strip()) for name, _, value in lines}


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
