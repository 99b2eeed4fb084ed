"""Permission × role × scope × command, generated from the registry. # ORG-03

Every command is asked by every role: who lacks the permission is refused and on record. Whoever
has it for one site only is refused what lies elsewhere, and learns nothing about what is there.
And every command has a test of its own in which it succeeds, and one in which it is refused.
"""

import ast
import importlib
import uuid
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from tests.house.source import Source, modules
from tests.world import LONG_AGO, World
from traceward.domain.stock.models import StockMove
from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.base.refusals import NotAllowed
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.registry import REGISTRY, Command
from traceward.kernel.command.run import run
from traceward.kernel.documents.models import Document
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person, Role, RoleGrant, RolePermission

VERBS = sorted(verb for verb in REGISTRY if not verb.startswith("testing."))
#: Names nothing.
NOBODY = 987_654_321


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
        "uuid": str(uuid.UUID(int=NOBODY)),
        "date": "2026-01-01",
        "date-time": "2026-01-01T00:00:00Z",
    }
    plain = {"integer": NOBODY, "number": 1, "boolean": True, "string": "nothing", None: 1}
    return by_format.get(schema.get("format", ""), plain[kind])


def somebody(role: str, world: World, *, only_at: int | None) -> Actor:
    """A person with just this role, everywhere or at one site, who has just signed in again."""
    login = f"{role}-{only_at}"
    person, is_new = Person.objects.get_or_create(
        login=login, defaults={"name_en": login, "password": "!"}
    )
    if is_new:
        RoleGrant.objects.create(
            person=person,
            role=Role.objects.get(code=role),
            site_id=only_at,
            legal_entity=world.entity if only_at else None,
            granted_at=LONG_AGO,
        )
    return Actor(person.pk, person.login, "matrix").reauthenticated()


def state() -> tuple[int, int]:
    return StockMove.objects.count(), Document.objects.count()


def refused(command: Command, by: Actor) -> None:
    """The command is refused for lack of permission, on record, and nothing has changed."""
    before = state()
    with pytest.raises(NotAllowed):
        run(command, example(command), by)
    entry = AuditEntry.objects.get(actor_id=by.person_id, request_id=by.request_id)
    assert (entry.verb, entry.outcome) == (command.verb, "refused")
    assert state() == before


@pytest.mark.parametrize("verb", VERBS)
def test_who_lacks_the_permission_is_refused(world: World, verb: str) -> None:  # ORG-03 SEC-02
    command = REGISTRY[verb]
    having = {role.code for role in command.roles}
    assert (
        set(RolePermission.objects.filter(permission=verb).values_list("role__code", flat=True))
        == having
    )
    for role in roles.ALL:
        if role.code not in having:
            refused(command, world.by(role).reauthenticated())


@pytest.mark.parametrize("verb", VERBS)
def test_another_site_learns_nothing(world: World, verb: str) -> None:  # ORG-03
    """What does not exist is answered like what lies elsewhere: not allowed, never not found."""
    command = REGISTRY[verb]
    for role in command.roles:
        refused(command, somebody(role.code, world, only_at=world.chengdu.pk))


@pytest.mark.parametrize("verb", VERBS)
def test_an_inactive_person_may_do_nothing(world: World, verb: str) -> None:
    command = REGISTRY[verb]
    by = somebody(command.roles[0].code, world, only_at=None)
    Person.objects.filter(pk=by.person_id).update(is_active=False)
    refused(command, by)


@pytest.mark.parametrize("verb", [v for v in VERBS if REGISTRY[v].signed])
def test_a_signed_command_asks_for_the_password_again(world: World, verb: str) -> None:  # QUA-04
    command = REGISTRY[verb]
    by = somebody(command.roles[0].code, world, only_at=None)
    unsigned = Actor(by.person_id, by.login, "matrix")
    refused(command, unsigned)


@cache
def tried() -> dict[str, set[str]]:
    """Verb → "done" and "refused", as the tests' own calls show."""
    verbs = {id(c.function): verb for verb, c in REGISTRY.items()}
    found: dict[str, set[str]] = {verb: set() for verb in REGISTRY}
    for source in modules("tests"):
        names = dict(_names(source, verbs))
        inside = {id(n) for w in ast.walk(source.tree) if _is_raises(w) for n in ast.walk(w)}
        for node in ast.walk(source.tree):
            name = _called(node)
            if name in names:
                found[names[name]].add("refused" if id(node) in inside else "done")
    return found


def _names(source: Source, verbs: dict[int, str]) -> Iterator[tuple[str, str]]:
    """Names by which a test module calls commands: imported, or through an imported module."""
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("traceward."):
            continue
        module = importlib.import_module(node.module or "")
        for alias in node.names:
            thing = getattr(module, alias.name, None)
            local = alias.asname or alias.name
            inner = getattr(thing, "__wrapped__", None)
            if id(inner) in verbs:
                yield local, verbs[id(inner)]
            for name, value in vars(thing).items() if hasattr(thing, "__path__") else ():
                if id(getattr(value, "__wrapped__", None)) in verbs:
                    yield f"{local}.{name}", verbs[id(value.__wrapped__)]
            if type(thing).__name__ == "module":
                for name, value in vars(thing).items():
                    if id(getattr(value, "__wrapped__", None)) in verbs:
                        yield f"{local}.{name}", verbs[id(value.__wrapped__)]


def _called(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    function = node.func
    if isinstance(function, ast.Name):
        return function.id
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        return f"{function.value.id}.{function.attr}"
    return ""


def _is_raises(node: ast.AST) -> bool:
    """`with pytest.raises(…)`, or a helper of the tests whose name begins with "refus"."""
    if isinstance(node, ast.With):
        return any(_called(item.context_expr) in RAISES for item in node.items)
    return _called(node).rsplit(".", 1)[-1].startswith("refus")


RAISES = {"pytest.raises", "refused", "unchanged"}


@pytest.mark.parametrize("verb", VERBS)
def test_every_command_is_tried_both_ways(verb: str) -> None:
    lacking = {"done", "refused"} - tried()[verb]
    assert not lacking, (
        f"write a test in which {verb} is {' and one in which it is '.join(sorted(lacking))}"
    )
