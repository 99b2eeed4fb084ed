"""Commands over HTTP: one with its arguments as the body, or many in a bulk."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError

from traceward.api.callers import Caller, actor_of
from traceward.api.problems import (
    LengthRequired,
    WrongMediaType,
    as_problem,
    json_answer,
    language_of,
)
from traceward.kernel.base.refusals import (
    InvalidInput,
    NotAllowed,
    Refusal,
    SignatureRequired,
    TooLarge,
    sentence,
    tell,
)
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.json_arguments import read_arguments
from traceward.kernel.command.registry import REGISTRY
from traceward.kernel.command.run import NOT_PERMITTED, NOT_PERMITTED_HERE, Done, Held, run_json
from traceward.kernel.command.seen import read_seen
from traceward.kernel.command.uploads import AROUND, taken, too_large
from traceward.kernel.documents.contents import MAX_UPLOAD

#: So many requests come in one bulk.
MAX_BULK = 200
#: What the runner says to who lacks a right.
PERMISSIONS = frozenset({NOT_PERMITTED, NOT_PERMITTED_HERE})


def command_view(verb: str) -> Callable[..., HttpResponse]:
    """One command, run once per Idempotency-Key."""

    def post(request: HttpRequest) -> HttpResponse:
        caller: Caller = request.auth  # type: ignore[attr-defined]  # set by ninja
        by = actor_of(request, caller, request.headers.get("Idempotency-Key", ""), verb)
        by = replace(by, seen=read_seen(request.headers.get("If-Match", "")))
        done = _run(request, verb, _arguments(request, verb), by)
        status, answer = _outcome(verb, done, language_of(request))
        return json_answer(answer, status=status)

    return post


def _run(request: HttpRequest, verb: str, arguments: dict[str, Any], by: Actor) -> Done | Held:
    """The command; refusals about a signature speak of headers, and of the two who act."""
    try:
        return run_json(verb, arguments, by)
    except SignatureRequired:
        raise SignatureRequired(
            sentence(
                "This step needs a signature. Send the headers Signature-Login and "
                "Signature-Password of the person who signs; with a token of their own "
                "Signature-Password is enough. Use a new Idempotency-Key: this one is answered."
            ),
            field="Signature-Password",
        ) from None
    except NotAllowed as refusal:
        if "Signature-Login" not in request.headers or refusal.message not in PERMISSIONS:
            raise
        raise NotAllowed(
            sentence(
                "{login} lacks the right to “{verb}” here. The program's account needs it, and the "
                "person who signs: ask an administrator for a role that has it."
            ),
            field="Signature-Login",
            login=by.login,
            verb=verb,
        ) from None


def bulk_view(verb: str) -> Callable[..., HttpResponse]:
    """Many requests for one command: each its own transaction, each with its own answer."""

    def post(request: HttpRequest) -> HttpResponse:
        caller: Caller = request.auth  # type: ignore[attr-defined]  # set by ninja
        if "If-Match" in request.headers:
            raise InvalidInput(
                sentence("Say in each request of the bulk which version you read: “if_match”."),
                field="If-Match",
            )
        lines = _lines(_body(request))
        return json_answer({"results": [_line(request, caller, verb, line) for line in lines]})

    return post


def _lines(body: dict[str, Any]) -> list[dict[str, Any]]:
    lines = body.get("requests")
    if set(body) != {"requests"} or not isinstance(lines, list):
        raise InvalidInput(
            sentence("Send one list called “requests” and nothing else."), field="requests"
        )
    if not 1 <= len(lines) <= MAX_BULK:
        kind = TooLarge if lines else InvalidInput
        raise kind(
            sentence("Send 1 to {limit} requests at once."), field="requests", limit=MAX_BULK
        )
    seen: set[str] = set()
    for n, line in enumerate(lines):
        if not isinstance(line, dict) or set(line) - {"if_match"} != {"key", "arguments"}:
            raise InvalidInput(
                sentence("Each request has a key, its arguments, and perhaps “if_match”; no more."),
                field=f"requests.{n}",
            )
        if not isinstance(line.get("if_match", ""), str):
            raise InvalidInput(sentence("Send this as text."), field=f"requests.{n}.if_match")
        key = line["key"]
        if isinstance(key, str) and key in seen:
            raise InvalidInput(
                sentence("Another request of this list has the key “{key}” already."),
                field=f"requests.{n}.key",
                key=key,
            )
        if not isinstance(key, str) or not 1 <= len(key) <= 200:
            raise InvalidInput(
                sentence("Each request has a key of its own, of 1 to 200 characters."),
                field=f"requests.{n}.key",
            )
        if not isinstance(line["arguments"], dict):
            raise InvalidInput(
                sentence("The arguments are one JSON object."), field=f"requests.{n}.arguments"
            )
        seen.add(key)
    return lines


def _line(request: HttpRequest, caller: Caller, verb: str, line: dict[str, Any]) -> dict[str, Any]:
    language = language_of(request)
    try:
        by = actor_of(request, caller, line["key"], verb)
        by = replace(by, seen=read_seen(line.get("if_match", ""), "if_match"))
        status, answer = _outcome(verb, _run(request, verb, line["arguments"], by), language)
    except Refusal as refusal:
        status, answer = refusal.http_status, as_problem(refusal, language, refusal.http_status)
    return {"key": line["key"], "status": status, "result": answer}


def _outcome(verb: str, outcome: Done | Held, language: str) -> tuple[int, dict[str, Any]]:
    if isinstance(outcome, Held):
        why = tell(outcome.why, language)
        return 202, {"outcome": "held", "held_uid": str(outcome.held_uid), "why": why}
    versions = [{"id": pk, "version": version} for pk, version in outcome.versions.items()]
    answer = REGISTRY[verb].told(outcome.answer)
    return 200, {"outcome": "done", "answer": answer, "documents": versions}


def _arguments(request: HttpRequest, verb: str) -> dict[str, Any]:
    """The body as JSON; of a command that takes files as multipart, too."""
    names = REGISTRY[verb].uploads
    if not names or request.content_type != "multipart/form-data":
        return _body(request)
    length = request.headers.get("Content-Length", "")
    if not length.isdecimal():
        raise LengthRequired(sentence("Send the body with its Content-Length, not in chunks."))
    if int(length) > MAX_UPLOAD + AROUND:
        raise too_large(int(length))
    try:
        text, files = request.POST.get("arguments", "{}"), request.FILES
    except (MultiPartParserError, UnreadablePostError, SuspiciousOperation):
        raise InvalidInput(sentence("The multipart body cannot be read.")) from None
    arguments = read_arguments(text)
    if arguments is None:
        raise InvalidInput(
            sentence("The part “arguments” must be one JSON object."), field="arguments"
        )
    return {**arguments, **taken(names, files)}


def _body(request: HttpRequest) -> dict[str, Any]:
    if request.content_type not in ("", "application/json"):
        raise WrongMediaType(sentence("Send the arguments as application/json."))
    if "Transfer-Encoding" in request.headers and "Content-Length" not in request.headers:
        raise LengthRequired(sentence("Send the body with its Content-Length, not in chunks."))
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    try:
        body = read_arguments(request.body.decode())
    except RequestDataTooBig:
        raise TooLarge(sentence("The body is larger than {limit} bytes."), limit=limit) from None
    except UnreadablePostError:
        raise InvalidInput(sentence("The body ended before its Content-Length.")) from None
    except UnicodeDecodeError:
        body = None
    if body is None:
        raise InvalidInput(sentence("The body must be one JSON object with the arguments."))
    return body
