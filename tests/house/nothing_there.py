"""Ids that name nothing, put one by one into the arguments of a call that succeeds."""

import copy
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from pydantic_core import to_jsonable_python

from traceward.kernel.base.refusals import Refusal
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.command.registry import Command
from traceward.kernel.command.run import run

NOBODY = 987_654_321
NO_UID = str(uuid.UUID(int=NOBODY))
#: (verb, path) → why the refusal names something else, or why there is none.
EXCEPTIONS = {
    ("inbound.decide_lots", "receipt_id"): "each inspection named is none of that receipt's",
    ("inbound.record_results", "receipt_id"): "each inspection named is none of that receipt's",
    ("org.grant_role", "legal_entity_id"): "the site that is given is none of its own",
    ("outbox.register_webhook", "legal_entity_id"): "the site that is given is none of its own",
    ("purchasing.send_return", "transport.driver_id"): "a carrier's driver is not one of ours",
    ("purchasing.settle", "expected_uid"): "a handler: what nobody expected has nothing to settle",
    ("recalls.add_scope", "targets.0.place_id"): "a place without a time is refused before",
    ("recalls.drill", "targets.0.place_id"): "a place without a time is refused before",
    ("recalls.open", "targets.0.place_id"): "a place without a time is refused before",
    ("sales.order", "customer_id"): "the place that is given is none of its own",
    ("warehousing.ship", "transport.driver_id"): "a carrier's driver is not one of ours",
}


def plain(value: Any) -> Any:
    """The arguments as JSON has them."""
    if isinstance(value, Erasable):
        return value.reveal()
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return to_jsonable_python(value, serialize_unknown=True)


def require_refused(command: Command, arguments: dict[str, Any], by: Actor) -> None:
    """Each id of the arguments, given or left out, is refused at its field where it names nothing.

    Found by the command: constraints are deferred here, so no foreign key speaks. # INT-02
    """
    given, schema = plain(arguments), command.arguments.model_json_schema()
    for path, lost in ids(schema, schema, given, ()):
        field = ".".join(map(str, path))
        if (command.verb, field) in EXCEPTIONS:
            continue
        start = transaction.savepoint()
        with pytest.raises(Refusal) as caught:
            run(command, exchanged(given, path, lost), by.asking())
        transaction.savepoint_rollback(start)
        said = caught.value.field or "the whole"
        assert f"{field}.".startswith(f"{said}."), (
            f"{command.verb} is refused at {said} ({caught.value}): where {field} names nothing, "
            "refuse it at that field, before anything is written"
        )


Path = tuple[str | int, ...]


def ids(root: Any, schema: Any, value: Any, path: Path) -> Iterator[tuple[Path, int | str]]:
    """The paths of all ids that may be given, and one that names nothing; of a list the first."""
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rsplit("/", 1)[-1]]
    for choice in schema.get("anyOf", ()):
        yield from ids(root, choice, value, path)
    kind, name = schema.get("type"), next((str(p) for p in path[::-1] if isinstance(p, str)), "")
    if kind == "object" and isinstance(value, dict):
        for inner, described in schema.get("properties", {}).items():
            yield from ids(root, described, value.get(inner), (*path, inner))
    elif kind == "array" and (value or name.endswith(("_ids", "_uids"))):
        yield from ids(root, schema.get("items", {}), value[0] if value else None, (*path, 0))
    elif kind == "integer" and name.endswith(("_id", "_ids")):
        yield path, NOBODY
    elif schema.get("format") == "uuid":
        yield path, NO_UID


def exchanged(given: dict[str, Any], path: Path, lost: int | str) -> dict[str, Any]:
    """The arguments with this at the path; the list of a path that ends in 0 has it first."""
    changed = copy.deepcopy(given)
    *outer, last = path
    inner: Any = changed
    for step in outer:
        if isinstance(inner, dict) and inner.get(step) is None:
            inner[step] = []
        inner = inner[step]
    if isinstance(inner, list):
        inner[:1] = [lost]
    else:
        inner[last] = lost
    return changed
