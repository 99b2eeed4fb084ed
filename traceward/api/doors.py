"""The plain door to commands: POST /commands/<verb> with a bearer token and an Idempotency-Key.

The whole API with resources, keys and OpenAPI comes later; this door already answers as it will:
200 done, 202 held, and problem details (RFC 9457) for refusals, in the caller's language.
"""

import uuid
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from traceward.kernel.base.refusals import (
    InvalidInput,
    NotAllowed,
    NotFound,
    Refusal,
    TooLarge,
    sentence,
    tell,
)
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.database_errors import persistent
from traceward.kernel.command.devices import Device, read_device
from traceward.kernel.command.json_arguments import read_arguments
from traceward.kernel.command.registry import REGISTRY
from traceward.kernel.command.run import Held, run_json
from traceward.kernel.command.signing import reauthenticated
from traceward.kernel.command.tokens import person_of

#: Keys that are no UUID become one, in this name space.
KEYS = uuid.UUID("0b7b7d2e-52a5-5a0f-8f3c-1f1b3c2d9e55")


class NotSignedIn(NotAllowed):
    """No token, or one that is wrong or too old."""

    http_status = 401


class WrongMethod(InvalidInput):
    """The address takes another method."""

    http_status = 405


class WrongMediaType(InvalidInput):
    """The body is not said to be JSON."""

    http_status = 415


class LengthRequired(InvalidInput):
    """The body comes without its length."""

    http_status = 411


class Fault(Refusal):
    """A fault of ours; the log has it."""

    http_status = 500


@csrf_exempt
def post_command(request: HttpRequest, verb: str) -> HttpResponse:
    """One command, run once per Idempotency-Key."""
    language = _language(request)
    try:
        if request.method != "POST":
            raise WrongMethod(sentence("Send commands by POST."))
        by = persistent(lambda: _actor(request, verb))
        answer = run_json(verb, _body(request), by)
    except Refusal as refusal:
        return _problem(refusal, language)
    if isinstance(answer, Held):
        return _json(
            {
                "outcome": "held",
                "held_uid": str(answer.held_uid),
                "why": tell(answer.why, language),
            },
            status=202,
        )
    return _json({"outcome": "done", "answer": REGISTRY[verb].told(answer)})


def _json(content: dict[str, Any], **options: Any) -> JsonResponse:
    """As UTF-8, in which people can read it too."""
    return JsonResponse(content, json_dumps_params={"ensure_ascii": False}, **options)


def _language(request: HttpRequest) -> str:
    return "zh-hans" if request.headers.get("Accept-Language", "").startswith("zh") else "en"


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


def _actor(request: HttpRequest, verb: str) -> Actor:
    """The person of the token, with the request id; re-authenticated where a password came too."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    person = person_of(token)
    if scheme != "Bearer" or person is None:
        raise NotSignedIn(sentence("Sign in: the token is missing, wrong or too old."))
    key = request.headers.get("Idempotency-Key", "")
    if not 1 <= len(key) <= 200:
        raise InvalidInput(
            sentence("Send an Idempotency-Key header of 1 to 200 characters."),
            field="Idempotency-Key",
        )
    origin = f"api {request.META.get('REMOTE_ADDR', '')}"
    by = Actor(person.pk, person.login, origin, _request_id(key), device=_device(request))
    password = request.headers.get("Signature-Password")
    if password is None:
        return by
    return reauthenticated(person, password, by, verb)


def _device(request: HttpRequest) -> Device | None:
    names = ("Device-Name", "Device-Clock-Offset", "Happened-At")
    return read_device(*(request.headers.get(name, "") for name in names))


def _request_id(key: str) -> uuid.UUID:
    try:
        return uuid.UUID(key)
    except ValueError:
        return uuid.uuid5(KEYS, key)


def bad_request(request: HttpRequest, exception: Exception) -> JsonResponse:
    """What the server could not even read."""
    told = InvalidInput(sentence("The request cannot be read. Correct it and send again."))
    return _problem(told, _language(request), status=400)


def not_found(request: HttpRequest, exception: Exception) -> JsonResponse:
    """An address that nothing answers."""
    told = NotFound(sentence("There is nothing at this address. Commands go to /commands/VERB."))
    return _problem(told, _language(request))


def server_error(request: HttpRequest) -> JsonResponse:
    """A fault of ours; the same request id makes it safe to ask again."""
    told = Fault(
        sentence(
            "Something went wrong here; it is in the server's log. Send the same request again "
            "with the same Idempotency-Key: nothing is done twice."
        )
    )
    return _problem(told, _language(request))


def _problem(refusal: Refusal, language: str, status: int = 0) -> JsonResponse:
    answer = _json(
        {
            "type": f"urn:traceward:refusal:{type(refusal).__name__}",
            "title": refusal.in_language(language),
            "status": status or refusal.http_status,
            "field": refusal.field,
            "details": refusal.details,
        },
        status=status or refusal.http_status,
        content_type="application/problem+json",
    )
    if isinstance(refusal, WrongMethod):
        answer.headers["Allow"] = "POST"
    return answer
