"""Permission × role × scope × command, generated from the registry. # ORG-03

Every command is asked by every role: who lacks the permission is refused and on record. Whoever
has it for one site only is refused what lies elsewhere, and learns nothing about what is there.
And every command has a test of its own in which it succeeds, and one in which it is refused.
"""

import uuid
from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction

from tests.house.calls import tried
from tests.house.examples import EXAMPLES, begin
from tests.house.nothing_there import require_refused
from tests.refusing import everything
from tests.world import LONG_AGO, World
from traceward.domain.stock.models import StockMove
from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.base.refusals import NotAllowed
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.devices import Device
from traceward.kernel.command.people import own, whole_group
from traceward.kernel.command.registry import REGISTRY, Command
from traceward.kernel.command.run import run
from traceward.kernel.org import roles
from traceward.kernel.org.models import (
    LegalEntity,
    Party,
    Person,
    Role,
    RoleGrant,
    RolePermission,
    Site,
)

VERBS = sorted(verb for verb in REGISTRY if not verb.startswith("testing."))
#: Names nothing.
NOBODY = 987_654_321

#: Who may ask for a verb, which somebody else then decides about.
ASKING = {("warehousing.end_pick", roles.PICKER)}


def example(command: Command) -> dict[str, Any]:
    """Arguments of the right shape that name nothing that exists."""
    schema = command.arguments.model_json_schema()
    return {name: _value(schema, schema["properties"][name]) for name in schema.get("required", ())}


def _value(root: dict[str, Any], schema: dict[str, Any]) -> Any:
    if "$ref" in schema:
        return _value(root, root["$defs"][schema["$ref"].rsplit("/", 1)[-1]])
    if "anyOf" in schema:
        return _value(root, next(s for s in schema["anyOf"] if s.get("type") != "null"))
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    kind = schema.get("type")
    if kind == "object":
        wanted = schema.get("required", ())
        return {name: _value(root, schema["properties"][name]) for name in wanted}
    if kind == "array":
        items = schema.get("prefixItems") or [schema.get("items", {"type": "integer"})]
        return [_value(root, item) for item in items]
    by_format = {
        "byte": "JVBERi0x",
        "uuid": str(uuid.UUID(int=NOBODY)),
        "date": "2026-01-01",
        "date-time": "2026-01-01T00:00:00Z",
    }
    plain = {"integer": NOBODY, "number": 1, "boolean": True, "string": "nothing", None: 1}
    return by_format.get(schema.get("format", ""), plain[kind])


def somebody(role: str, entity: LegalEntity | None, site_id: int | None) -> Actor:
    """A person with just this role, everywhere or only there, who has just signed in again."""
    login = f"{role}-{entity.code if entity else ''}-{site_id}"
    person = Person.objects.create(login=login, name_en=login, password="!")
    RoleGrant.objects.create(
        person=person,
        role=Role.objects.get(code=role),
        site_id=site_id,
        legal_entity=entity,
        granted_at=LONG_AGO,
    )
    return Actor(person.pk, person.login, "matrix").reauthenticated()


def refused(command: Command, by: Actor) -> None:
    """The command is refused for lack of permission, and that is on record."""
    with pytest.raises(NotAllowed):
        run(command, example(command), by)
    entry = AuditEntry.objects.get(actor_id=by.person_id, request_id=by.request_id)
    assert (entry.verb, entry.outcome) == (command.verb, "refused")


@pytest.mark.parametrize("verb", VERBS)
def test_who_may_not_is_refused(world: World, verb: str) -> None:  # ORG-03 SEC-02 QUA-04
    """One world for all who may not: it takes longer to build than they take to be refused."""
    command = REGISTRY[verb]
    having = {role.code for role in command.roles}
    permitted = RolePermission.objects.filter(permission=verb)
    assert set(permitted.values_list("role__code", flat=True)) == having
    lacking = [world.by(role).reauthenticated() for role in roles.ALL if role.code not in having]
    # What does not exist is answered like what lies elsewhere: not allowed, never not found.
    elsewhere = [
        somebody(role.code, world.entity, world.chengdu.pk)
        for role in command.roles
        if command.scope is not own
    ]
    inactive = somebody(command.roles[0].code, None, None)
    Person.objects.filter(pk=inactive.person_id).update(is_active=False)
    before = everything()
    for by in (*lacking, *elsewhere, inactive):
        refused(command, by)
    if command.signed:  # without the password given again
        refused(command, world.by(command.roles[0]))
    assert everything() == before


SCANNER = Device("PDA-7", 20)
#: Commands that count at a site or in a legal entity, not in the whole group.
SCOPED = [verb for verb in VERBS if REGISTRY[verb].scope not in (own, whole_group)]
#: Commands that count for who asks alone, wherever their role was given.
OWN = [verb for verb in VERBS if REGISTRY[verb].scope is own]


@pytest.mark.parametrize("verb", SCOPED)
def test_a_role_counts_where_it_was_given(world: World, verb: str) -> None:  # ORG-03
    """On real records: who has the role there succeeds, who has it elsewhere changes nothing.

    Whatever is done keeps the device that it was done with. # INV-01
    """
    assert verb in EXAMPLES, (
        f"{verb} counts at a site: add one call of it that succeeds to tests/house/examples.py"
    )
    command = REGISTRY[verb]
    arguments = EXAMPLES[verb](world)
    asked = command.arguments.model_validate(arguments)
    (key,) = command.scope(**{name: getattr(asked, name) for name in type(asked).model_fields})
    assert key.legal_entity_id == world.entity.pk
    assert key.site_id in (None, world.shanghai.pk)
    abroad = foreign_site()
    here, elsewhere = [], []
    for role in command.roles:
        here.append(replace(somebody(role.code, world.entity, key.site_id), device=SCANNER))
        elsewhere += [
            somebody(role.code, abroad.legal_entity, None),
            somebody(role.code, abroad.legal_entity, abroad.pk),
            somebody(role.code, world.entity, world.chengdu.pk),
        ]
    before = everything()
    for other in elsewhere:
        with pytest.raises(NotAllowed):
            run(command, arguments, other)
    assert everything() == before
    for role, one in zip(command.roles, here, strict=True):
        start = transaction.savepoint()
        begin(verb, arguments, one)
        run(command, arguments, one)
        entry = AuditEntry.objects.get(request_id=one.request_id)
        outcome = "held" if (verb, role) in ASKING else "done"
        assert (entry.verb, entry.outcome) == (verb, outcome)
        assert entry.facts["device"] == {"name": SCANNER.name, "clock_offset_ms": 20}
        moves = StockMove.objects.filter(command_id=entry.pk)
        # The approver's device saw nothing of what was held (ADR 0056).
        seen = (None, None) if verb == "workflow.release" else (SCANNER.name, 20)
        assert set(moves.values_list("device", "clock_offset_ms")) <= {seen}
        transaction.savepoint_rollback(start)
    require_refused(command, arguments, somebody(command.roles[0].code, None, None))


#: … of which these need something of the person's: tests/kernel/test_accounts.py and test_views.py.
OF_ONES_OWN = {
    "lists.remove_view",
    "lists.rename_view",
    "lists.share_view",
    "org.end_own_device",
    "org.remove_factor",
    "org.remove_pin",
    "org.renew_recovery_codes",
}


@pytest.mark.parametrize("verb", [verb for verb in OWN if verb not in OF_ONES_OWN])
def test_what_counts_for_oneself_needs_the_role_alone(world: World, verb: str) -> None:  # ORG-03
    command, arguments = REGISTRY[verb], EXAMPLES[verb](world)
    for role in command.roles:
        for site in (None, world.chengdu.pk):
            start = transaction.savepoint()
            one = somebody(role.code, world.entity if site else None, site)
            run(command, arguments, one)
            entry = AuditEntry.objects.get(request_id=one.request_id)
            assert (entry.verb, entry.outcome) == (verb, "done")
            transaction.savepoint_rollback(start)


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb not in {*SCOPED, *OWN}])
def test_who_has_the_role_in_the_whole_group_succeeds(world: World, verb: str) -> None:
    """ORG-03 INV-01: in one legal entity it does not count, and the device stays on record."""
    assert verb in EXAMPLES, (
        f"{verb} counts in the whole group: add one call of it that succeeds to "
        "tests/house/whole_group_examples.py"
    )
    command = REGISTRY[verb]
    arguments = EXAMPLES[verb](world)
    with pytest.raises(NotAllowed):
        run(command, arguments, somebody(command.roles[0].code, world.entity, None))
    for role in command.roles:
        start = transaction.savepoint()
        one = replace(somebody(role.code, None, None), device=SCANNER)
        run(command, arguments, one)
        entry = AuditEntry.objects.get(request_id=one.request_id)
        assert (entry.verb, entry.outcome) == (verb, "done")
        assert entry.facts["device"] == {"name": SCANNER.name, "clock_offset_ms": 20}
        transaction.savepoint_rollback(start)
    require_refused(command, arguments, somebody(command.roles[0].code, None, None))


def foreign_site() -> Site:
    """A site of another legal entity of the group."""
    party = Party.objects.create(name_zh="东海医疗", name_en="Donghai Medical")
    entity = LegalEntity.objects.create(code="DH", party=party)
    return Site.objects.create(
        code="NB", name_zh="宁波仓", kind="distribution", legal_entity=entity
    )


@pytest.mark.parametrize("verb", VERBS)
def test_every_command_is_tried_both_ways(verb: str) -> None:
    lacking = {"done", "refused"} - tried()[verb]
    assert not lacking, (
        f"write a test in which {verb} is {' and one in which it is '.join(sorted(lacking))}; "
        "the refused one in `with refused(…)` of tests/refusing.py"
    )
