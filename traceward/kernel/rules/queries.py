"""Reading parameters: declared by the areas that use them, looked up in sets."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Func

from traceward.kernel.base.prepared import Prepared
from traceward.kernel.rules import rules
from traceward.kernel.rules.models import Parameter

SPECS: dict[str, rules.Spec] = {}


def declare(
    key: str, default: Any, *dimensions: str, doc: str = "", choices: tuple[Any, ...] = ()
) -> rules.Spec:
    """The parameter exists from now on, with this default; dimensions the most specific first."""
    spec = rules.Spec(key, default, dimensions, doc, choices)
    SPECS[key] = spec
    return spec


@dataclass(frozen=True)
class ParameterReader:
    """The rules in force for one parameter, read once and asked for many contexts."""

    spec: rules.Spec
    candidates: tuple[rules.Candidate, ...]

    def value_for(self, context: Mapping[str, Any]) -> rules.Decided:
        return rules.decide(self.spec, self.candidates, context)


_IN_FORCE = Prepared(
    lambda key: Parameter.objects.filter(
        key=key, replaced_at=None, valid_from__lte=Func(function="tw_now")
    )
)


def reader(spec: rules.Spec) -> ParameterReader:
    """One query: every rule in force for the parameter at the database's time."""
    rows = _IN_FORCE(spec.key)
    candidates = (rules.Candidate(r.context, r.value, r.version, str(r.uid)) for r in rows)
    return ParameterReader(spec, tuple(candidates))
