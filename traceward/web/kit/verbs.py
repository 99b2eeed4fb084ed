"""Verbs about a row: which commands ask for one, by which argument, and in which state."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from traceward.kernel.command.people import whole_group
from traceward.kernel.command.registry import REGISTRY, Command
from traceward.kernel.org.models import Site
from traceward.kernel.org.roles import SYSTEM
from traceward.kernel.org.scope import Grant
from traceward.resources.ids import list_of
from traceward.web.visitors import Visitor

#: Ids of rows by uid, where the name of the argument is not that of the list.
BY_UID = {
    "held_uid": "workflow.held",
    "parked_uid": "outbox.parked",
    "quality.open_inspections.document_uid": "warehousing.receipts",
}

#: Verbs whose form is on a page made by hand, and where that is.
FORMS = {"recalls.open": "/recall/new"}
#: Verbs that are done at another site than the document's: its version counts for its own site.
ELSEWHERE = frozenset({"transfers.receive"})


#: Verbs that name the site only as where they are done; they are about what they are done to.
AT_SITE = frozenset(
    {
        "warehousing.print_box_labels",
        "warehousing.print_goods_labels",
        "warehousing.print_place_labels",
    }
)


@dataclass(frozen=True)
class About:
    """A command about a row of some list: its argument, and the row's column that it takes."""

    verb: str
    argument: str
    column: str = "id"

    @cached_property
    def command(self) -> Command:
        return REGISTRY[self.verb]

    def is_possible(self, row: Mapping[str, Any]) -> bool:
        """Whether the state of the row allows it; the command itself decides under its lock."""
        states = self.command.from_states
        return not states or str(row.get("state")) in states

    def given(self, row: Mapping[str, Any]) -> dict[str, str]:
        """The argument as the form takes it."""
        return {self.argument: str(row[self.column])}


def form_of(verb: str) -> str:
    """Where the form of a command is."""
    return FORMS.get(verb, f"/do/{verb}")


def address(verb: str, **given: Any) -> str:
    """The form of a command with some arguments filled in."""
    return f"{form_of(verb)}?{urlencode(given)}"


def who_does(verb: str, to: Visitor) -> str:
    """Whose work it is: what the roles are called for which the command was made."""
    is_zh = to.language.startswith("zh")
    names = [role.names["zh" if is_zh else "en"] for role in REGISTRY[verb].roles if role != SYSTEM]
    return ("、" if is_zh else ", ").join(names)


#: What names goods wherever they stand: the verb counts for the whole group then.
EVERYWHERE = frozenset({"scope.item_id", "scope.lot_id", "scope.serial_id"})


def may_at(
    verb: str, site: int | None, to: Visitor, entity: int | None = None, argument: str = ""
) -> bool:
    """Whether the visitor may use the verb at the site or legal entity, not only elsewhere."""
    grants = to.grants.get(verb, ())
    if Grant(None, None) in grants:
        return True
    if not grants or REGISTRY[verb].scope is whole_group or argument in EVERYWHERE:
        return False
    if entity is not None:
        return Grant(entity, None) in grants
    if site is None or any(grant.site_id == site for grant in grants):
        return True
    if "entities" not in to.known:
        to.known["entities"] = dict(Site.objects.values_list("pk", "legal_entity_id"))
    return Grant(to.known["entities"].get(site), None) in grants


def asks_for(command: Command) -> tuple[str, str]:
    """The first id that it must have, and the list of what it means; empty where there is none."""
    area = command.verb.partition(".")[0]
    if command.verb in AT_SITE:
        return "", ""
    for name in command.arguments.model_json_schema().get("required", ()):
        if name.endswith("_id") and (rows := list_of(name, area)):
            return name, rows
        if name.endswith("_uid") and (rows := by_uid(name, command.verb)):
            return name, rows
    return "", ""


def abouts(name: str) -> tuple[About, ...]:
    """Every command that is about a row of this list, in order of their names."""
    return tuple(about for verb in sorted(REGISTRY) for about in _of(REGISTRY[verb], name))


def _of(command: Command, name: str) -> list[About]:
    argument, rows = asks_for(command)
    if rows == name:
        return [About(command.verb, argument, "uid" if argument.endswith("_uid") else "id")]
    if rows:
        return []
    area, schema = command.verb.partition(".")[0], command.arguments.model_json_schema()
    return [
        About(command.verb, f"{group}.{one}")
        for group in schema.get("required", ())
        for one in _ids_in(schema, schema["properties"][group])
        if list_of(one, area) == name
    ]


def _ids_in(schema: dict[str, Any], one: dict[str, Any]) -> list[str]:
    """The ids of a group, of which one is chosen: what is blocked, for example."""
    if "$ref" not in one:
        return []
    group = schema["$defs"][one["$ref"].rpartition("/")[2]]
    return [name for name in group.get("properties", {}) if name.endswith("_id")]


def by_uid(name: str, verb: str) -> str:
    """The list whose rows an argument of this name means by their uid."""
    own = BY_UID.get(f"{verb}.{name}") or BY_UID.get(name)
    return own or list_of(name.replace("_uid", "_id"), verb.partition(".")[0]) or ""
