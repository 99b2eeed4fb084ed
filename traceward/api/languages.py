"""The OpenAPI document in Chinese: what each operation is for, who may, and what it takes."""

from collections.abc import Iterable
from copy import deepcopy
from typing import Any

from django.utils import translation

from traceward.api.arguments import ARGUMENTS
from traceward.api.chinese import OTHERS, PARAMETERS, STATUSES
from traceward.api.ids import list_of
from traceward.kernel.command.registry import REGISTRY
from traceward.kernel.org.roles import RoleName
from traceward.resources.kit import EVERYBODY, QUESTIONS, RESOURCES
from traceward.resources.labels.summaries import SUMMARIES

Json = dict[str, Any]


def in_chinese(document: Json) -> Json:
    """The same document; summaries and descriptions are Chinese, names stay what they are."""
    told: Json = deepcopy(document)
    told["info"]["description"] = told["info"]["description"].strip().rpartition("\n\n")[2]
    with translation.override("zh-hans"):
        for path in told["paths"].values():
            for operation in path.values():
                _operation(operation)
    for status, answer in told["components"]["responses"].items():
        answer["description"] = STATUSES.get(status, answer["description"])
    return told


def _operation(operation: Json) -> None:
    kind, _, name = operation["operationId"].partition(".")
    if kind in ("list", "get"):
        what = translation.gettext(str(RESOURCES[name].model._meta.verbose_name))
        summary = f"{what}列表" if kind == "list" else f"一条{what}"
        readers, area = RESOURCES[name].readers, name.partition(".")[0]
    elif kind == "ask":
        summary = SUMMARIES.get(name, str(operation["summary"]))
        readers, area = QUESTIONS[name].readers, name.partition(".")[0]
    elif kind in ("file", "labels"):
        summary = OTHERS[f"{kind}.{name}"]
        readers, area = RESOURCES[name].readers, name.partition(".")[0]
    else:
        verb = name if kind == "bulk" else operation["operationId"]
        summary = SUMMARIES.get(verb, str(operation["summary"]))
        readers, area = REGISTRY[verb].roles, verb.partition(".")[0]
        if kind == "bulk":
            summary = f"批量：{summary}"
    operation["summary"] = summary
    operation["description"] = f"{summary}\n\n{_readers(readers)}"
    for parameter in operation.get("parameters", ()):
        _parameter(parameter, area, is_question=kind == "ask")


def _readers(roles: Iterable[RoleName]) -> str:
    is_all = set(roles) == set(EVERYBODY)
    return f"默认角色：{'所有角色' if is_all else '、'.join(role.zh for role in roles)}。"


def _parameter(parameter: Json, area: str, *, is_question: bool) -> None:
    name, said = parameter["name"], parameter.get("description")
    rows = list_of(name, area) if name.endswith(("_id", "_ids")) else None
    if is_question and name in ARGUMENTS:
        parameter["description"] = ARGUMENTS[name][1]
    elif name in PARAMETERS:
        parameter["description"] = PARAMETERS[name]
    elif said and translation.gettext(said) != said:
        parameter["description"] = translation.gettext(said)
    elif rows is not None:
        parameter["description"] = f"`{rows}` 中一行的标识"
