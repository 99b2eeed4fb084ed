"""Parameters are set by a command, so that who changed a rule, and when, is on record. # INV-06"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Max
from pydantic import JsonValue

from traceward.kernel.base.refusals import InvalidInput, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.people import whole_group
from traceward.kernel.command.run import command
from traceward.kernel.command.write import amend, created
from traceward.kernel.org.roles import ADMINISTRATOR, DATA_OWNER, QUALITY_HEAD, SYSTEM
from traceward.kernel.rules.models import Parameter
from traceward.kernel.rules.queries import SPECS


@dataclass(frozen=True)
class ParameterSet:
    """The value counts from now on; `version` counts the values of this key and context."""

    key: str
    version: int


@command(
    "rules.set_parameter",
    roles=(QUALITY_HEAD, DATA_OWNER, ADMINISTRATOR, SYSTEM),
    scope=whole_group,
)
def set_parameter(
    key: str, value: JsonValue, context: dict[str, JsonValue] | None = None, *, by: Actor
) -> ParameterSet:
    """The parameter has this value wherever the context matches; the old one is kept as history.

    The context names dimensions of the parameter, such as {"customer_class": "hospital"}; an
    empty one counts everywhere, and the more specific one decides.
    """
    spec = SPECS.get(key)
    if spec is None:
        raise InvalidInput(
            sentence("There is no parameter “{key}”. Choose one of the list."), field="key", key=key
        )
    where: dict[str, Any] = dict(context or {})
    strange = sorted(set(where) - set(spec.dimensions))
    if strange:
        raise InvalidInput(
            sentence("“{key}” does not depend on “{name}”, only on: {known}."),
            field="context",
            key=key,
            name=strange[0],
            known=", ".join(spec.dimensions),
        )
    if type(value) is not type(spec.default):
        raise InvalidInput(
            sentence("The value of “{key}” must be like {default}."),
            field="value",
            key=key,
            default=str(spec.default),
        )
    same = Parameter.objects.filter(key=key, context=where)
    version = (same.aggregate(last=Max("version"))["last"] or 0) + 1
    before = same.filter(replaced_at=None).first()
    if before is not None:
        amend(Parameter.objects.lock(before.pk), by=by, replaced_at=by.now)
    row = Parameter.objects.create(
        key=key, context=where, value=value, version=version, valid_from=by.now
    )
    created(row, by=by, key=key, context=where, value=value, version=version)
    return ParameterSet(key, version)
