"""A kit without an order: inputs are consumed and outputs produced in one step. # PRO-02"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from traceward.domain.places.models import Place
from traceward.domain.production.commands.checking import check_places, check_released
from traceward.domain.production.commands.goods import Input, Output, Transformed
from traceward.domain.production.commands.making import day_of, make
from traceward.domain.production.models import Transformation
from traceward.domain.stock.queries.known import require_known
from traceward.kernel.base.refusals import InvalidInput, NotFound, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.org.models import Site
from traceward.kernel.org.roles import PRODUCTION
from traceward.kernel.org.scope import WHOLE_GROUP, ScopeKey


def site_scope(
    site_id: int, inputs: Sequence[Input], outputs: Sequence[Output], **_: Any
) -> list[ScopeKey]:
    """The site, and the sites of all places that goods leave or enter."""
    places = {x.place_id for x in inputs} | {x.place_id for x in outputs}
    keys = set(Place.objects.filter(pk__in=places).values_list("legal_entity_id", "site_id"))
    keys |= set(Site.objects.filter(pk=site_id).values_list("legal_entity_id", "pk"))
    return [ScopeKey(*key) for key in sorted(keys)] or [WHOLE_GROUP]


@command("production.transform", roles=(PRODUCTION,), scope=site_scope)
def transform(
    site_id: int,
    inputs: list[Input],
    outputs: list[Output],
    *,
    made_on: date | None = None,
    by: Actor,
) -> Transformed:
    """The inputs are gone, the outputs wait for quality, and it is known what went into what.

    Unreleased, expired or blocked inputs are refused by the ledger. # PRO-02
    """
    site = Site.objects.select_related("legal_entity").find(site_id)
    if site is None:
        raise NotFound(sentence("There is no site with id {id}."), field="site_id", id=site_id)
    document = Transformation(made_on=day_of(site, made_on, by))
    if not inputs:
        raise InvalidInput(sentence("Say what was consumed."), field="inputs")
    if not outputs:
        raise InvalidInput(sentence("Say what was made."), field="outputs")
    wanted = {f"inputs.{n}": (x.place_id, x.quantity) for n, x in enumerate(inputs)}
    wanted |= {f"outputs.{n}": (x.place_id, x.quantity) for n, x in enumerate(outputs)}
    check_places(site_id, wanted)
    require_known(inputs, ("lot_id", "serial_id"), field="inputs.{n}")
    check_released(inputs)
    return make(document, site, inputs, outputs, by=by)
