"""The OpenAPI document: what the declarations of commands and resources know, said to clients.

ninja makes the paths; here each operation gets its parameters, bodies, answers and examples.
"""

import re
from collections.abc import Callable, Iterable
from inspect import getdoc
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from traceward.api.arguments import ARGUMENTS
from traceward.api.commanding import MAX_BULK
from traceward.api.examples import example_of, problem_examples
from traceward.api.ids import describe
from traceward.api.parameters import column_schema, fields_parameter, list_parameters
from traceward.api.problems import MEDIA_TYPE
from traceward.kernel.base.worded import WordedSchema
from traceward.kernel.command.registry import REGISTRY, Command
from traceward.kernel.org.roles import RoleName
from traceward.resources.kit import EVERYBODY, QUESTIONS, RESOURCES, Question, Resource
from traceward.resources.label_files import FORMS
from traceward.resources.plain import Described, is_list

Json = dict[str, Any]

INTRODUCTION = """\
Everything the product does, for programs. Commands are the only way to write, and run once per
`Idempotency-Key`; resources and questions are the way to read. `Authorization: Bearer KEY` says who
asks. Refusals are problem details (RFC 9457): `title` says what is wrong and what to do, `field`
which value; `Accept-Language: zh` answers in Chinese.

供程序使用的接口：写入只能用命令，每个 `Idempotency-Key` 只执行一次；读取用资源和查询。
`Authorization: Bearer KEY` 说明是谁在请求。拒绝一律按 RFC 9457 返回：
`title` 说明哪里不对、怎么办，`field` 指出是哪个值；`Accept-Language: zh` 用中文回答。
"""
REF = "#/components/schemas/{model}"
HELD = {
    "type": "object",
    "description": "The command waits for another person's decision.",
    "required": ["outcome", "held_uid", "why"],
    "properties": {
        "outcome": {"const": "held"},
        "held_uid": {"type": "string", "format": "uuid"},
        "why": {"type": "string"},
    },
}
VERSION = {
    "type": "object",
    "description": "a document that the command made or changed, and its version since",
    "required": ["id", "version"],
    "properties": {"id": {"type": "integer"}, "version": {"type": "integer"}},
}
SEEN = {
    "type": "string",
    "maxLength": 500,
    "description": "ETag of a document that you read, or several with commas; refused with 412 "
    "where one has changed since",
    "example": '"17-4"',
}
PROBLEM = {
    "type": "object",
    "description": "A refusal: what is wrong and what to do (RFC 9457).",
    "required": ["type", "title", "status", "field", "details"],
    "properties": {
        "type": {"type": "string", "description": "urn:traceward:refusal:NAME"},
        "title": {"type": "string", "description": "what is wrong and what to do"},
        "status": {"type": "integer"},
        "field": {"type": "string", "description": "path of the value at fault, or empty"},
        "details": {"type": "array", "items": {"type": "object"}},
        "instance": {"type": "string", "description": "urn:uuid: and the id of the request"},
    },
}


def what_of(resource: Resource) -> str:
    """What a row is, in the model's own words."""
    return str(resource.model._meta.verbose_name)


def complete(document: Json) -> Json:
    """The document with all that ninja does not know."""
    schemas = _Schemas()
    builders: dict[str, Callable[[str, Json], None]] = {
        "list": schemas.describe_list,
        "get": schemas.describe_row,
        "ask": schemas.describe_question,
        "bulk": schemas.describe_bulk,
        "file": schemas.describe_file,
        "labels": schemas.describe_labels,
    }
    for path in document["paths"].values():
        for operation in path.values():
            kind, _, name = operation["operationId"].partition(".")
            if kind in builders:
                builders[kind](name, operation)
            else:
                schemas.describe_command(operation["operationId"], operation)
            operation["responses"].update(_problems(operation))
    document["components"]["schemas"] = schemas.named()
    document["components"]["responses"] = {s: _problem(s, text) for s, text in STATUSES.items()}
    return document


class _Schemas:
    """The schemas of all types at once, so that one name is one type."""

    def __init__(self) -> None:
        commands = [(verb, c) for verb, c in sorted(REGISTRY.items())]
        questions = [(name, q) for name, q in sorted(QUESTIONS.items())]
        self.known: dict[Any, Json] = {}
        self.components: Json = {"Problem": PROBLEM, "Held": HELD, "Version": VERSION}
        self._add(
            [
                *((verb, "validation", TypeAdapter(c.arguments)) for verb, c in commands),
                *((f"answer {verb}", "serialization", c.outcome) for verb, c in commands),
            ],
            "",
            WordedSchema,
        )
        self._add(
            [
                *((name, "validation", TypeAdapter(q.arguments)) for name, q in questions),
                *((f"answer {name}", "serialization", q.outcome) for name, q in questions),
            ],
            "Asked.",
            Described,
        )
        for (name, mode), schema in self.known.items():
            if mode == "validation":
                describe(self._resolved(schema), name.partition(".")[0])
        for schema in self.components.values():
            describe(schema)

    def _resolved(self, schema: Json) -> Json:
        return self.components[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema

    def _add(self, types: list[Any], prefix: str, generator: type[GenerateJsonSchema]) -> None:
        """Commands answer with named tuples as arrays, questions as objects: two sets of names."""
        reference = REF.replace("{model}", prefix + "{model}")
        known, rest = TypeAdapter.json_schemas(
            types, ref_template=reference, schema_generator=generator
        )
        self.known |= known
        self.components |= {prefix + name: one for name, one in rest.get("$defs", {}).items()}

    def of(self, key: str, mode: str) -> Json:
        found: Json = self.known[(key, mode)]
        return found

    def named(self) -> Json:
        """All components, each with a title and a sentence."""
        said = {"JsonValue": "Any JSON value.", **self._said()}
        for name, schema in self.components.items():
            words = "One of a few words." if "enum" in schema else f"Part of what has a {name}."
            schema.setdefault("title", name.rpartition("__")[2].removeprefix("Asked."))
            schema.setdefault("description", said.get(name, words))
        return self.components

    def _said(self) -> dict[str, str]:
        """What the arguments and answers of commands are, by the names of their schemas."""
        said = {}
        for (name, mode), schema in self.known.items():
            verb = name.removeprefix("answer ")
            text = f"What `{verb}` answers." if mode == "serialization" else ""
            if not text and verb in REGISTRY:
                text = f"Arguments of `{verb}`: {REGISTRY[verb].summary}"
            if not text and verb in QUESTIONS:
                text = f"What the question `{verb}` takes."
            if text and "$ref" in schema:
                said[schema["$ref"].rpartition("/")[2]] = text
        return said

    def describe_command(self, verb: str, operation: Json) -> None:
        command = REGISTRY[verb]
        arguments = self.of(verb, "validation")
        operation["description"] = _description(command.function, command.roles)
        operation["parameters"] = [*_headers(command, once=True)]
        operation["requestBody"] = _body(verb, arguments, self.components)
        if command.uploads:
            operation["requestBody"]["content"] |= _multipart(command, arguments)
        operation["responses"] = {"200": _done(self._done(verb))}
        if command.hold:
            operation["responses"]["202"] = _json("Held for another person's decision", "Held")

    def _done(self, verb: str) -> Json:
        return {
            "type": "object",
            "required": ["outcome", "answer", "documents"],
            "properties": {
                "outcome": {"const": "done"},
                "answer": self.of(f"answer {verb}", "serialization"),
                "documents": {"type": "array", "items": {"$ref": REF.format(model="Version")}},
            },
        }

    def describe_bulk(self, verb: str, operation: Json) -> None:
        command = REGISTRY[verb]
        line = {
            "type": "object",
            "required": ["key", "arguments"],
            "additionalProperties": False,
            "properties": {
                "key": {"type": "string", "minLength": 1, "maxLength": 200},
                "arguments": {"type": "object"},
                "if_match": SEEN,
            },
        }
        body = {
            "type": "object",
            "required": ["requests"],
            "additionalProperties": False,
            "properties": {
                "requests": {"type": "array", "items": line, "minItems": 1, "maxItems": MAX_BULK}
            },
        }
        result = {
            "type": "object",
            "required": ["key", "status", "result"],
            "properties": {
                "key": {"type": "string"},
                "status": {"type": "integer"},
                "result": {
                    "anyOf": [
                        self._done(verb),
                        {"$ref": REF.format(model="Held")},
                        {"$ref": REF.format(model="Problem")},
                    ]
                },
            },
        }
        operation["description"] = (
            f"So many requests for `{verb}`, each with a key and its arguments: each is done or "
            "refused by itself, in this order, and answered in its own line."
        )
        operation["parameters"] = [*_headers(command, once=False)]
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": body}},
        }
        results = {"type": "array", "items": result}
        answer = {"type": "object", "required": ["results"], "properties": {"results": results}}
        operation["responses"] = {"200": _done(answer)}

    def describe_list(self, name: str, operation: Json) -> None:
        resource = RESOURCES[name]
        self._row(resource)
        operation["description"] = _readers(resource.readers)
        operation["parameters"] = [*list_parameters(resource)]
        rows = {"type": "array", "items": {"$ref": REF.format(model=f"Row.{name}")}}
        answer = {
            "type": "object",
            "required": ["rows", "next_cursor"],
            "properties": {
                "rows": rows,
                "next_cursor": {"type": ["string", "null"]},
                "count": {"type": "integer", "description": "at most 10000: at least so many"},
            },
        }
        operation["responses"] = {"200": _done(answer)}

    def describe_row(self, name: str, operation: Json) -> None:
        resource = RESOURCES[name]
        self._row(resource)
        parts = {
            part: {"type": "array", "items": {"$ref": REF.format(model=f"Row.{of}")}}
            for part, (of, _) in resource.parts.items()
        }
        for of, _ in resource.parts.values():
            self._row(RESOURCES[of])
        operation["description"] = _readers(resource.readers)
        key = {"name": "key", "in": "path", "required": True, "schema": {"type": "string"}}
        operation["parameters"] = [key | {"description": "id or uid"}, fields_parameter(resource)]
        row: Json = {"$ref": REF.format(model=f"Row.{name}")}
        if parts:
            row = {"allOf": [row, {"type": "object", "properties": parts}]}
        operation["responses"] = {"200": _done(row)}

    def describe_file(self, name: str, operation: Json) -> None:
        operation["description"] = _readers(RESOURCES[name].readers)
        key = {"name": "key", "in": "path", "required": True, "schema": {"type": "string"}}
        operation["parameters"] = [key | {"description": "id or uid of the file's row"}]
        content = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
        operation["responses"] = {"200": {"description": "The bytes", "content": content}}

    def describe_labels(self, name: str, operation: Json) -> None:
        self.describe_file(name, operation)
        schema = {"type": "string", "enum": sorted(FORMS)}
        form = {"name": "form", "in": "path", "required": True, "schema": schema}
        told = {"description": "`png` is a picture of the first label"}
        key = {"description": "id or uid of the print"}
        operation["parameters"] = [operation["parameters"][0] | key, form | told]

    def _row(self, resource: Resource) -> None:
        properties = {c.name: column_schema(resource, c) for c in resource.columns.values()}
        self.components[f"Row.{resource.name}"] = {
            "type": "object",
            "title": what_of(resource),
            "description": f"One row of the list `{resource.area}/{resource.noun}`.",
            "properties": properties,
        }

    def describe_question(self, name: str, operation: Json) -> None:
        asked = QUESTIONS[name]
        operation["description"] = _description(asked.function, asked.readers)
        operation["parameters"] = [*self._question_parameters(asked)]
        answer = {
            "type": "object",
            "required": ["answer"],
            "properties": {"answer": self.of(f"answer {name}", "serialization")},
        }
        operation["responses"] = {"200": _done(answer)}

    def _question_parameters(self, asked: Question) -> Iterable[Json]:
        described = self._resolved(self.of(asked.name, "validation"))
        for name, schema in described.get("properties", {}).items():
            found = asked.arguments.model_fields[name]
            yield {
                "name": name,
                "in": "query",
                "required": found.is_required(),
                "schema": _without_null(schema),
                **_said(name, schema),
                **({"explode": True, "style": "form"} if is_list(found.annotation) else {}),
            }


def _said(name: str, schema: Json) -> Json:
    """What the argument is, where it says so or its name does."""
    text = schema.get("description") or ARGUMENTS.get(name, ("",))[0]
    return {"description": text} if text else {}


def _without_null(schema: Json) -> Json:
    """An address leaves a value out instead of saying null."""
    options = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    return options[0] if len(options) == 1 else {k: v for k, v in schema.items() if k != "default"}


#: Ids of requirements are for readers of the source.
_REQUIREMENTS = re.compile(r"\s*# [A-Z]{2,4}-\d+( [A-Z]{2,4}-\d+)*")


def _description(function: Any, roles: Iterable[RoleName]) -> str:
    text = _REQUIREMENTS.sub("", getdoc(function) or "").strip()
    return f"{text}\n\n{_readers(roles)}"


def _readers(roles: Iterable[RoleName]) -> str:
    names = ", ".join(f"{role.zh} {role.en}" for role in roles)
    if set(roles) == set(EVERYBODY):
        names = "所有角色 every role"
    return f"By default for: {names}."


def _headers(command: Command, *, once: bool) -> Iterable[Json]:
    text: Json = {"type": "string", "minLength": 1, "maxLength": 200}
    if once:
        yield {
            "name": "Idempotency-Key",
            "in": "header",
            "required": True,
            "schema": text,
            "description": "the same key again gets the first answer; nothing is done twice",
        }
        seen = {key: SEEN[key] for key in SEEN if key != "description"}
        yield {
            "name": "If-Match",
            "in": "header",
            "schema": seen,
            "description": SEEN["description"],
        }
    if command.signed:
        for name, what in (
            ("Signature-Login", "login of the person who signs, where a program sends this"),
            ("Signature-Password", f"signs: “{command.signed}”"),
        ):
            word: Json = {"type": "string", "maxLength": 200}
            yield {"name": name, "in": "header", "schema": word, "description": what}
    device: tuple[tuple[str, Json, str], ...] = (
        ("Device-Name", {"type": "string", "maxLength": 60}, "the scanner"),
        ("Device-Clock-Offset", {"type": "integer"}, "its clock less the server's, in ms"),
        ("Happened-At", {"type": "string", "format": "date-time"}, "when it was scanned"),
    )
    for name, schema, what in device:
        yield {"name": name, "in": "header", "schema": schema, "description": what}


def _body(verb: str, schema: Json, components: Json) -> Json:
    examples = {
        language: {"value": example_of(verb, schema, components, language)}
        for language in ("zh", "en")
    }
    return {
        "required": True,
        "content": {"application/json": {"schema": schema, "examples": examples}},
    }


def _multipart(command: Command, arguments: Json) -> Json:
    """The same with files as parts of their own, as they are, and the rest as JSON."""
    told = {"type": "string", "contentMediaType": "application/json"}
    text = told | {"description": "the other arguments, as one JSON object"}
    file = {"type": "string", "format": "binary", "description": "the file; at most 20 MB"}
    properties = {"arguments": text, **dict.fromkeys(command.uploads, file)}
    schema = {"type": "object", "required": [*properties], "properties": properties}
    return {"multipart/form-data": {"schema": schema}}


def _done(schema: Json) -> Json:
    return {"description": "Done", "content": {"application/json": {"schema": schema}}}


def _json(text: str, model: str) -> Json:
    schema = {"$ref": REF.format(model=model)}
    return {"description": text, "content": {"application/json": {"schema": schema}}}


STATUSES = {
    "400": "The request cannot be read",
    "401": "No key or token that counts, or a wrong password for the signature",
    "403": "Not allowed",
    "404": "Nothing there",
    "405": "Another method is needed",
    "409": "Refused: it conflicts with what is there",
    "411": "The body comes without its length",
    "412": "A document has changed since you read it",
    "413": "Too large",
    "415": "Not application/json",
    "422": "A value that cannot be used",
    "429": "Too many requests, or too many wrong passwords",
    "503": "Busy, or the work took too long",
}
#: Only where something is written.
WRITING = ("409", "411", "412", "413", "415")


def _problems(operation: Json) -> Json:
    is_writing = "requestBody" in operation
    return {
        status: {"$ref": f"#/components/responses/{status}"}
        for status in STATUSES
        if is_writing or status not in WRITING
    }


def _problem(status: str, text: str) -> Json:
    content: Json = {"schema": {"$ref": REF.format(model="Problem")}}
    if status in ("403", "422"):
        content["examples"] = problem_examples(status)
    return {"description": text, "content": {MEDIA_TYPE: content}}
