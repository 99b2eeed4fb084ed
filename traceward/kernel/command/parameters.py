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
from traceward.kernel.rules.rules import fits


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
            sentence("There is no parameter “{key}”. rules.known_parameters lists them."),
            field="key",
            key=key,
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
    if not fits(value, spec.default, spec.choices):
        if spec.choices:
            raise InvalidInput(
                sentence("The value of “{key}” is one of: {known}."),
                field="value",
                key=key,
                known=", ".join(str(one) for one in spec.choices),
            )
        raise InvalidInput(
            sentence("The value of “{key}” must be like {default}, and no number below 0."),
            field="value",
            key=key,
            default=_shown(spec.default),
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


def _shown(default: Any) -> str:
    """As a sentence names it."""
    if isinstance(default, dict):
        return ", ".join(f"{name}: {value}" for name, value in default.items())
    return str(default)
