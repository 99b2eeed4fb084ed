"""/api/v1: every command, resource and question, as operations."""

from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Router
from ninja.security import HttpBearer

from traceward import __version__
from traceward.api import description, languages
from traceward.api.callers import Caller, caller_of
from traceward.api.commanding import bulk_view, command_view
from traceward.api.docs_page import is_chinese
from traceward.api.problems import json_answer, problem
from traceward.api.reading import file_view, labels_view, list_view, question_view, row_view
from traceward.kernel.base.refusals import NotFound, Refusal, sentence
from traceward.kernel.command.registry import REGISTRY
from traceward.resources.kit import QUESTIONS, RESOURCES


class Bearer(HttpBearer):
    """An API key or a person's token."""

    def __call__(self, request: HttpRequest) -> Caller:
        return caller_of(request)

    def authenticate(self, request: HttpRequest, token: str) -> None:
        raise AssertionError("__call__ does it")


class Api(NinjaAPI):
    """The operations, and an OpenAPI document that says all that the declarations know."""

    def get_openapi_schema(self, **_: Any) -> Any:
        return self.described

    @cached_property
    def described(self) -> Any:
        """Made once: to make it takes a second, and anybody may ask for it."""
        return description.complete(super().get_openapi_schema())

    @cached_property
    def in_chinese(self) -> Any:
        return languages.in_chinese(self.described)


api = Api(
    title="Traceward",
    version=__version__,
    description=description.INTRODUCTION,
    auth=Bearer(),
    docs_url=None,
    openapi_url="/openapi.json",
    urls_namespace="api-v1",
)


@api.exception_handler(Refusal)
def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    return problem(request, refusal)


def openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document in the language that was asked for."""
    return json_answer(api.in_chinese if is_chinese(request) else api.described)


def unknown_command(request: HttpRequest, verb: str) -> HttpResponse:
    """There is no command of this name."""
    raise NotFound(sentence("There is no command called {verb}."), verb=verb[:100])


def _add_commands(router: Router) -> None:
    for verb, command in sorted(REGISTRY.items()):
        for path, view, operation in (
            (f"/commands/{verb}", command_view(verb), verb),
            (f"/bulk/{verb}", bulk_view(verb), f"bulk.{verb}"),
        ):
            router.add_api_operation(
                path,
                ["POST"],
                view,
                operation_id=operation,
                summary=command.summary,
                tags=[verb.partition(".")[0]],
            )
    for path in ("/commands/{path:verb}", "/bulk/{path:verb}"):
        router.add_api_operation(path, ["POST"], unknown_command, include_in_schema=False)


def _add_readings(router: Router) -> None:
    for name, resource in sorted(RESOURCES.items()):
        path = f"/{resource.area}/{resource.noun}"
        what = description.what_of(resource)
        common: dict[str, Any] = {"tags": [resource.area]}
        router.add_api_operation(
            path,
            ["GET"],
            list_view(resource),
            operation_id=f"list.{name}",
            summary=f"List: {what}",
            **common,
        )
        router.add_api_operation(
            path + "/{key}",
            ["GET"],
            row_view(resource),
            operation_id=f"get.{name}",
            summary=f"One: {what}",
            **common,
        )
    router.add_api_operation(
        "/documents/files/{key}/content",
        ["GET"],
        file_view,
        operation_id="file.documents.files",
        summary="The file itself, such as a delivery note as PDF.",
        tags=["documents"],
    )
    router.add_api_operation(
        "/warehousing/label_prints/{key}/labels.{form}",
        ["GET"],
        labels_view,
        operation_id="labels.warehousing.label_prints",
        summary="The labels themselves, as PDF or as commands of a label printer.",
        tags=["warehousing"],
    )
    for name, question in sorted(QUESTIONS.items()):
        router.add_api_operation(
            f"/{question.area}/ask/{question.noun}",
            ["GET"],
            question_view(question),
            operation_id=f"ask.{name}",
            summary=question.summary,
            tags=[question.area],
        )


_router = Router()
_add_commands(_router)
_add_readings(_router)
api.add_router("", _router)
