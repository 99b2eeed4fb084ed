"""What is finished one by one: its verbs exist, and its items are those that they are possible for.

Every accepting verb is run on a real record: the record is among the items before, and not after;
it is in no state in which the verb is refused for the state; and who may use the verb elsewhere
does not find it.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from tests import inbound
from tests.house.examples import EXAMPLES
from tests.house.test_every_page import looked_at
from tests.house.test_from_states import is_possible
from tests.house.test_matrix import foreign_site, somebody
from tests.web.local import browser_of
from tests.world import World
from traceward.domain.catalog.models import Product
from traceward.domain.partners.models import Licence, LicenceKind
from traceward.domain.quality import commands as quality
from traceward.domain.stock.models import StockAlert
from traceward.flows import acceptance
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.people import all_grants_of, own, whole_group
from traceward.kernel.command.registry import REGISTRY
from traceward.kernel.command.run import run
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.documents.models import Document
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person
from traceward.resources import asking, reading
from traceward.resources.kit import now
from traceward.web import addresses
from traceward.web.kit.cells import cells_of
from traceward.web.kit.documents import page_of
from traceward.web.kit.suggestions import flat
from traceward.web.kit.worklists import WORKLISTS, Worklist, queue_of
from traceward.web.visitors import Visitor

assert addresses.urlpatterns, "worklists are known with the addresses"

Arguments = dict[str, Any]


def to_inspect(world: World) -> Arguments:
    """A receipt of which nothing was inspected, and all that is to be found."""
    receipt = inbound.received(world, (inbound.code("STENT", "L1"), 2))
    opened = quality.open_inspections(receipt.receipt_uid, by=world.by(roles.SYSTEM))
    (pk,) = opened.inspection_ids
    found = [acceptance.Found(pk, name, True, 1) for name in inbound.CHECKS]
    return {"receipt_id": receipt.receipt_id, "results": found}


def ending_licence(world: World) -> Arguments:
    """A licence that ends, and the one that follows."""
    ends = now().date() + timedelta(days=20)
    known = {"kind": LicenceKind.DISTRIBUTION, "number": "沪药监械经营许20220099号"}
    Licence.objects.create(
        party=world.supplier,
        classes=[3],
        valid_from=ends - timedelta(800),
        valid_until=ends,
        **known,
    )
    follows = {"classes": [3], "valid_from": ends + timedelta(days=1)}
    return {"party_id": world.supplier.pk, **known, **follows}


def ending_certificate(world: World) -> Arguments:
    Product.objects.update(valid_until=now().date() + timedelta(days=20))
    return EXAMPLES["catalog.renew_product"](world)


def stock_alert(world: World) -> Arguments:
    alert = StockAlert.objects.create(
        kind="resting",
        item=world.items["STENT"],
        site=world.shanghai,
        quantity=3,
        threshold=180,
        raised_at=now(),
    )
    return {"subject": "stock.alerts", "records": [alert.pk]}


#: What waits, and how it is finished, where the example of the verb is about something else.
OWN: dict[str, Callable[[World], Arguments]] = {
    "receipts": to_inspect,
    "licences": ending_licence,
    "registrations": ending_certificate,
    "alerts": stock_alert,
}


def visitor(by: Actor) -> Visitor:
    person = Person.objects.get(pk=by.person_id)
    return Visitor(person, "en", grants=all_grants_of(person.pk))


def found(work: Worklist, arguments: Arguments, to: Visitor) -> list[int]:
    """The items that these arguments mean."""
    resource = work.resource
    wanted = flat(REGISTRY[work.accept.verb].arguments.model_validate(arguments).model_dump(), to)
    ids = queue_of(work, to).ids
    columns = tuple(resource.columns.values())
    rows = [reading.one(resource, str(pk), columns, to.reader(resource.name)) for pk in ids]
    return [
        row["id"]
        for row in rows
        if flat(work.accept.arguments(resource.name, row, to), to).items() <= wanted.items()
    ]


def test_worklists_name_what_is_there() -> None:  # UX-01
    assert len(WORKLISTS) >= 16
    for work in WORKLISTS.values():
        resource = work.resource
        asking.read(resource, {"fields": [work.since]})
        assert resource.columns[work.since].is_sortable, work.key
        assert all(cell.label("zh-hans") for cell in cells_of(resource, work.facts)), work.key
        about = {one.verb for one in page_of(resource.name).verbs}
        for act in filter(None, (work.accept, work.reject)):
            assert act.meant or act.verb in about, f"{work.key}: {act.verb} is not about its rows"
            schema = act.command.arguments.model_json_schema()["properties"]
            assert set(act.needs) <= set(schema), work.key
        if work.reject and work.accept.verb != work.reject.verb:
            states = set(work.accept.command.from_states)
            assert states <= set(work.reject.command.from_states), work.key


def example_of(key: str, verb: str) -> Callable[[World], Arguments]:
    """What makes a record that waits under this key, and the arguments that finish it."""
    return OWN[key] if key in OWN else EXAMPLES[verb]


@pytest.mark.parametrize("key", sorted(WORKLISTS))
def test_items_are_those_that_can_be_finished(world: World, key: str) -> None:  # UX-01 ORG-03
    set_up_roles()
    work = WORKLISTS[key]
    command = REGISTRY[work.accept.verb]
    arguments = example_of(key, command.verb)(world)
    by = somebody(command.roles[0].code, None, None)
    to = visitor(by)
    (item,) = found(work, arguments, to)
    client = browser_of(*(role for role in command.roles if role != roles.SYSTEM))
    for do in work.acts(to):
        page = looked_at(client, "worklist", f"{work.address}?at={item}&do={do}")
        assert any("data-send" in one.attributes for one in page.all()), "nothing sends it"
    elsewhere = foreign_site()
    if command.scope is not own:
        places = [(elsewhere.legal_entity, None), (elsewhere.legal_entity, elsewhere.pk)]
        if command.scope is whole_group:
            places.append((world.entity, None))
        for entity, site in places:
            other = visitor(somebody(command.roles[0].code, entity, site))
            assert item not in queue_of(work, other).ids
    model = work.resource.model
    if getattr(model, "TRANSITIONS", None) and work.accept.meant is None:
        for state in sorted({str(one) for pair in model.TRANSITIONS for one in pair}):
            start = transaction.savepoint()
            Document.objects.filter(pk=item).update(state=state)
            is_there = bool(found(work, arguments, to))
            possible = is_possible(command, arguments, by.asking().reauthenticated())
            assert possible or not is_there, f"{key} offers what is refused when {state}"
            transaction.savepoint_rollback(start)
    run(command, arguments, by.asking().reauthenticated())
    assert item not in queue_of(work, to).ids, f"{key}: done, and still there"


@pytest.mark.parametrize("key", sorted(key for key, work in WORKLISTS.items() if work.apart))
def test_nobody_is_asked_about_what_they_made(world: World, key: str) -> None:  # ORG-03 QUA-04
    set_up_roles()
    work = WORKLISTS[key]
    command = REGISTRY[work.accept.verb]
    arguments = example_of(key, command.verb)(world)
    to = visitor(somebody(command.roles[0].code, None, None))
    (item,) = found(work, arguments, to)
    (path,) = work.apart
    who = work.resource.model.objects.values_list(path, flat=True).get(pk=item)
    if who is None:  # it was there before anybody counted
        work.resource.model.objects.filter(pk=item).update(**{path: to.person})
        who = to.person.pk if to.person else None
    maker = replace(to, person=Person.objects.get(pk=who))
    assert item not in queue_of(work, maker).ids
