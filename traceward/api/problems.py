"""Answers of no, as problem details (RFC 9457) in the caller's language."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, JsonResponse

from traceward.kernel.base.refusals import (
    InvalidInput,
    NotAllowed,
    NotFound,
    Refusal,
    sentence,
    tell,
)

MEDIA_TYPE = "application/problem+json"


class NotSignedIn(NotAllowed):
    """No key or token, or one that is wrong, too old or revoked."""

    http_status = 401


class TooManyRequests(NotAllowed):
    """The account, or the address, asked more often than it may."""

    http_status, is_final = 429, False


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


def language_of(request: HttpRequest) -> str:
    """The language that the caller reads."""
    return "zh-hans" if request.headers.get("Accept-Language", "").startswith("zh") else "en"


class Encoder(DjangoJSONEncoder):
    """Moments keep their microseconds."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if isinstance(o, datetime) else super().default(o)


def json_answer(content: Any, **options: Any) -> JsonResponse:
    """As UTF-8, in which people can read it too."""
    options.setdefault("json_dumps_params", {"ensure_ascii": False})
    return JsonResponse(content, safe=False, encoder=Encoder, **options)


def problem(request: HttpRequest, refusal: Refusal, status: int = 0) -> HttpResponse:
    """What is wrong and what to do, at which field."""
    status = status or refusal.http_status
    told = as_problem(refusal, language_of(request), status)
    request_id = getattr(request, "request_id", None)
    if request_id is not None:  # the log and the audit entry have it, too
        told["instance"] = f"urn:uuid:{request_id}"
    answer = json_answer(told, status=status)
    answer["Content-Type"] = MEDIA_TYPE
    if status == 405:
        answer["Allow"] = refusal.values.get("allow", "POST")
    if status == 401:
        answer["WWW-Authenticate"] = "Bearer"
    if "seconds" in refusal.values and status == 429:
        answer["Retry-After"] = str(refusal.values["seconds"])
    return answer


def as_problem(refusal: Refusal, language: str, status: int) -> dict[str, Any]:
    return {
        "type": f"urn:traceward:refusal:{type(refusal).__name__}",
        "title": refusal.in_language(language),
        "status": status,
        "field": refusal.field,
        "details": retold(refusal.details, language),
    }


def retold(value: Any, language: str) -> Any:
    """The same values; sentences of ours among their values are in the caller's language."""
    if isinstance(value, list):
        return [retold(one, language) for one in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"sentence", "values"}:
        return tell(value, language)
    return {name: retold(one, language) for name, one in value.items()}


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What the server could not even read."""
    told = InvalidInput(sentence("The request cannot be read. Correct it and send again."))
    return problem(request, told, status=400)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """An address that nothing answers."""
    told = NotFound(sentence("There is nothing at this address. /api/v1/docs shows what there is."))
    return problem(request, told)


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of ours; the same request id makes it safe to ask again."""
    told = Fault(
        sentence(
            "Something went wrong here; it is in the server's log. Send the same request again "
            "with the same Idempotency-Key: nothing is done twice."
        )
    )
    return problem(request, told)


def methods_told(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Middleware: where an address takes another method, a problem says so; of pages a page."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_said = response.get("Content-Type") == MEDIA_TYPE or hasattr(request, "visitor")
        if response.status_code != 405 or is_said:
            return response
        allowed = response.get("Allow", "POST")
        told = WrongMethod(sentence("This address takes {allow} only."), allow=allowed)
        return problem(request, told)

    return answer
