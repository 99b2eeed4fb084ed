"""How a model is read, declared once: its columns, filters, search, order, scope and readers.

The API, pages, exports and reports are made from the same declaration. A *resource* is a table of
rows; a *question* is a query with arguments, such as a trace or the stock of a past day.
"""

import inspect
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, get_type_hints
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, create_model

from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.command.registry import register_reading
from traceward.kernel.documents.models import Document
from traceward.kernel.org import roles
from traceward.kernel.org.models import Site
from traceward.kernel.org.roles import RoleName
from traceward.kernel.org.scope import WHOLE_GROUP, Grant, ScopeKey

#: Says which rows a person with these grants may see.
RowScope = Callable[[tuple[Grant, ...]], Q]

#: Whoever works here, and the auditor; our own jobs read no resources.
EVERYBODY: tuple[RoleName, ...] = tuple(role for role in roles.ALL if role != roles.SYSTEM)

#: The id of a row, and how many rows an answer may have, as arguments of a question.
Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
Ids = Annotated[list[Id], Field(min_length=1, max_length=200)]
Limit = Annotated[int, Field(ge=1, le=10_000)]

RESOURCES: dict[str, "Resource"] = {}
QUESTIONS: dict[str, "Question"] = {}


@dataclass(frozen=True)
class Reader:
    """Who reads, and where the permission for what is being read counts."""

    person_id: int
    grants: tuple[Grant, ...]
    #: What was read for this one page or answer of the grants, and is not read twice.
    known: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    def sites(self) -> list[int] | None:
        """Ids of the sites that the reader may see; None is every one."""
        if Grant(None, None) in self.grants:
            return None
        if self.grants not in self.known:
            found = Site.objects.filter(sites_of(self.grants)).values_list("pk", flat=True)
            self.known[self.grants] = list(found)
        return list(self.known[self.grants])


def within(condition: Callable[[list[int]], Q]) -> RowScope:
    """Rows of which the condition holds, given the ids of the sites that the reader may see."""

    def allowed(grants: tuple[Grant, ...]) -> Q:
        if Grant(None, None) in grants:
            return Q()
        return condition(list(Site.objects.filter(sites_of(grants)).values_list("pk", flat=True)))

    return allowed


def now() -> datetime:
    """The database's time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tw_now()")
        moment: datetime = cursor.fetchone()[0]
        return moment


def sites_of(grants: tuple[Grant, ...]) -> Q:
    """The sites themselves that these grants cover."""
    seen = Q(pk__in=())
    for entity, site in grants:
        seen |= Q(pk=site) if site else Q(legal_entity=entity)
    return seen


def by_site(prefix: str = "") -> RowScope:
    """Rows that belong to a site and legal entity, reached by this path."""

    def allowed(grants: tuple[Grant, ...]) -> Q:
        seen = Q(pk__in=())
        for entity, site in grants:
            if entity is None and site is None:
                return Q()
            one = Q(**{f"{prefix}site": site}) if site else Q(**{f"{prefix}legal_entity": entity})
            seen |= one
        return seen

    return allowed


def by_entity(prefix: str = "") -> RowScope:
    """Rows that belong to a legal entity as a whole; who works at one site does not see them."""

    def allowed(grants: tuple[Grant, ...]) -> Q:
        entities = [entity for entity, site in grants if site is None]
        return Q() if None in entities else Q(**{f"{prefix}legal_entity__in": entities})

    return allowed


def either(*scopes: RowScope) -> RowScope:
    """Rows that one of the scopes shows."""

    def allowed(grants: tuple[Grant, ...]) -> Q:
        parts = [scope(grants) for scope in scopes]
        if not all(parts):  # an empty condition shows everything
            return Q()
        seen = parts[0]
        for part in parts[1:]:
            seen |= part
        return seen

    return allowed


def shared(_: tuple[Grant, ...]) -> Q:
    """Master records of the whole group: whoever may read them anywhere sees all of them."""
    return Q()


def whole_group(grants: tuple[Grant, ...]) -> Q:
    """Only for who may read in the whole group."""
    return Q() if Grant(None, None) in grants else Q(pk__in=())


@dataclass(frozen=True)
class Column:
    """One value of each row, and what may be asked of it. Types come from the model's field."""

    name: str
    #: Django path from the resource's model.
    path: str
    #: The model's field at the end of the path, null anywhere on the way.
    field: Any
    is_nullable: bool
    is_filter: bool = True
    is_sortable: bool = True
    #: The record behind the foreign key that it is of, where that is shown to its readers only.
    guard: str = ""
    #: Its text holds JSON, and is shown as what it holds.
    is_json: bool = False

    @property
    def type(self) -> Any:
        """The Python type of its values."""
        return Any if self.is_json else type_of(self.field)

    @property
    def key(self) -> str:
        """What a query calls it: its path, or the expression that keeps it from others."""
        return f"guarded_{self.name}" if self.guard else self.path

    @property
    def choices(self) -> list[Any]:
        return [value for value, _ in self.field.flatchoices]


TYPES: tuple[tuple[Any, Any], ...] = (
    (models.BooleanField, bool),
    (models.IntegerField, int),
    (models.DecimalField, Decimal),
    (models.FloatField, float),
    (models.DateTimeField, datetime),
    (models.DateField, date),
    (models.UUIDField, UUID),
    (models.JSONField, Any),
    (models.CharField, str),
    (models.TextField, str),
)


def type_of(found: Any) -> Any:
    """The Python type of a model field's values."""
    if isinstance(found, ArrayField):
        return list[type_of(found.base_field)]  # type: ignore[misc]  # made while running
    if isinstance(found, models.ForeignKey):
        return type_of(found.target_field)
    for kind, python in TYPES:
        if isinstance(found, kind):
            return python
    raise TypeError(f"resources cannot show a {type(found).__name__} yet; add it to TYPES")


@dataclass(frozen=True)
class Finder:
    """Rows found by something that is no column of theirs: the condition for one value."""

    type: Any
    find: Callable[[Any], Q]
    #: What the value is, for those who ask.
    what: str


@dataclass(frozen=True)
class Resource:
    """Rows of a model as interfaces read them.

    `name` is area.plural, and the permission to read. `columns` are paths from the model, shown
    with underscores ("supplier.code" is `supplier_code`) or under a name of their own
    ("uid=line.uid"); a path with a star is the record behind a foreign key: its id and names, and
    its code or number where it has one ("pick=from_pick.*": as `pick_id`, `pick_number`).
    """

    name: str
    model: type[models.Model]
    scope: RowScope
    paths: tuple[str, ...]
    readers: tuple[RoleName, ...] = EVERYBODY
    #: Columns that `q` looks in, of records behind foreign keys, too.
    search: tuple[str, ...] = ()
    #: Of a table that grows without end: the column, kept in capitals and indexed, whose beginning
    #: a text is looked for in that is too short for an index of parts (docs/adr/0223).
    brief: str = ""
    #: Only these may be filtered and sorted by, where a table is too large for others.
    only: tuple[str, ...] = ()
    #: The newest first, unless it says otherwise.
    order: tuple[str, ...] = ("-id",)
    #: What always holds of the rows.
    where: Q = field(default_factory=Q)
    #: Lines that come along with one row: name → (resource, its column with this row's id).
    parts: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    #: Columns that no table keeps, by name: expressions over the row, never sorted.
    made: Mapping[str, Any] = field(default_factory=dict)
    #: … and those of them that may be filtered.
    asked: tuple[str, ...] = ()
    #: What rows may be asked for besides columns, by name.
    finders: Mapping[str, Finder] = field(default_factory=dict)
    #: Texts that hold JSON, and are shown as what they hold.
    as_json: tuple[str, ...] = ()
    #: Foreign keys to records that have readers of their own, and whose values others get as null:
    #: the resource that reads the record, and its scope from here.
    guards: Mapping[str, tuple[str, RowScope]] = field(default_factory=dict)
    #: Of rows that are somebody's own: those that a person sees, by the person's id.
    own: Callable[[int], Q] | None = None

    @property
    def area(self) -> str:
        return self.name.partition(".")[0]

    @property
    def noun(self) -> str:
        return self.name.partition(".")[2]

    @cached_property
    def columns(self) -> dict[str, Column]:
        """By name, in the order in which they are shown."""
        made = [column for path in self.paths for column in self._of(path)]
        return {column.name: column for column in made}

    def made_for(self, needed: Container[str]) -> dict[str, Any]:
        """The expressions that are needed, and those that they are made from before them."""
        wanted: set[str] = set()
        for name, one in reversed([*self.made.items()]):
            if name in needed or name in wanted:
                parts: Any = one.flatten()
                names = [p.name for p in parts if isinstance(p, F)]  # type: ignore[attr-defined]
                wanted |= {name, *names}
        return {name: one for name, one in self.made.items() if name in wanted}

    def _of(self, path: str) -> Iterable[Column]:
        name, _, path = path.rpartition("=")
        if path in self.made:
            shown, asked = name or path, path in self.asked
            yield Column(shown, path, self.made[path].output_field, True, asked, False)
            return
        if not path.endswith(".*"):
            yield self._column(path, name)
            return
        stem, own = path.removesuffix(".*"), name
        yield self._column(stem, own)
        target = self._column(stem).field.related_model
        names = {one.name for one in target._meta.get_fields()}
        for name in ("code", "number", "login", "raw_number", "name_zh", "name_en"):
            if name in names and not (name == "number" and "raw_number" in names):
                yield self._column(f"{stem}.{name}", f"{own}_{name}" if own else "")

    def _column(self, path: str, name: str = "") -> Column:
        model: Any = self.model
        is_nullable = False
        found: Any = None
        parts = path.split(".")
        for part in parts:
            found = model._meta.pk if part == "id" else model._meta.get_field(part)
            is_nullable |= found.null
            model = found.related_model
        name = name or "_".join(parts)
        django = "__".join([*parts[:-1], "pk"] if parts[-1] == "id" else parts)
        if found.is_relation and parts[-1] != "id":
            name, django = f"{name}_id", f"{django}_id"
        asked = name == "id" or not self.only or name in self.only
        is_json = name in self.as_json
        plain = not is_json and not isinstance(found, ArrayField | models.JSONField)
        guard = parts[0] if parts[0] in self.guards else ""
        asked = asked and plain
        return Column(name, django, found, is_nullable, asked, asked, guard, is_json)


Names = tuple[str, ...]
#: What records are called by; goods besides by their names.
NUMBERS, NAMES = ("number", "raw_number"), ("code", "name_zh", "name_en")


def known_by(model: type[models.Model], columns: Iterable[str], how: Mapping[str, Any]) -> Names:
    """Columns by which rows that name records are searched: numbers of documents, lots, serials,
    and what the goods are called."""
    made = how.get("made", ())
    own = tuple(path for path in columns if path.rpartition("=")[2] not in made)
    rows = Resource("", model, shared, own, guards=how.get("guards", {}))
    found = []
    for column in rows.columns.values():
        stem, _, last = column.path.rpartition("__")
        is_goods = stem.rpartition("__")[2] == "item" and last in NAMES
        is_own = not stem and issubclass(model, Document)
        if not column.guard and (is_goods or ((stem or is_own) and last in NUMBERS)):
            found.append(column.name)
    return tuple(found)


def resource(name: str, model: type[models.Model], **how: Any) -> Resource:
    """The model is read under this name from now on; see `Resource`."""
    columns = tuple(how.pop("columns"))
    how.setdefault("search", known_by(model, columns, how))
    made = Resource(name, model, paths=columns, **how)
    if name in RESOURCES:
        raise ValueError(f"two resources are called {name}")
    RESOURCES[name] = made
    register_reading(name, made.readers)
    return made


@dataclass(frozen=True)
class Question:
    """A query with arguments, asked of the ledger or of what stands on it."""

    name: str
    function: Callable[..., Any]
    readers: tuple[RoleName, ...]
    #: Gets the arguments by name and gives the scope keys that the answer touches; or None where
    #: the function itself shows only what `to` may see.
    scope: Callable[..., Iterable[ScopeKey]] | None

    @property
    def area(self) -> str:
        return self.name.partition(".")[0]

    @property
    def noun(self) -> str:
        return self.name.partition(".")[2]

    @cached_property
    def arguments(self) -> type[BaseModel]:
        """The arguments as one checked model, made from the signature."""
        hints = get_type_hints(self.function, include_extras=True)
        fields: dict[str, Any] = {}
        for name, parameter in inspect.signature(self.function).parameters.items():
            if name == "to":
                continue
            default = ... if parameter.default is inspect.Parameter.empty else parameter.default
            fields[name] = (hints[name], default)
        config = ConfigDict(extra="forbid", str_max_length=1_000)
        return create_model(self.name, __config__=config, **fields)

    @cached_property
    def outcome(self) -> TypeAdapter[Any]:
        return TypeAdapter(get_type_hints(self.function)["return"])

    @property
    def summary(self) -> str:
        return (inspect.getdoc(self.function) or "").split("\n", 1)[0]

    def is_open_to(self, grants: tuple[Grant, ...]) -> bool:
        """Whether who has these grants may ask it of anything at all."""
        return bool(grants) and (self.scope is not everywhere or Grant(None, None) in grants)


def everywhere(**_: Any) -> list[ScopeKey]:
    """What is asked of the whole group: part of a lot, or of a recall, would not add up."""
    return [WHOLE_GROUP]


def question(
    name: str,
    *,
    readers: Iterable[RoleName] = EVERYBODY,
    scope: Callable[..., Iterable[ScopeKey]] | None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The function answers the question `name` from now on; see `Question`."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        if name in QUESTIONS or name in RESOURCES:
            raise ValueError(f"{name} is read in another way already")
        made = Question(name, function, tuple(readers), scope)
        QUESTIONS[name] = made
        register_reading(name, made.readers)
        return function

    return decorate


def _of_entry(field: str) -> Subquery:
    """What the audit entry of the command that made this version of the document says."""
    entry = AuditEntry.objects.filter(pk=OuterRef("version_command_id"))
    detail = Cast("detail", models.JSONField())
    asked = KeyTextTransform("reason", KeyTransform("arguments", detail))
    reason = Coalesce(asked, KeyTextTransform("reason", detail))
    return Subquery(entry.annotate(reason=reason).values(field))


#: Who changed a document last, when, by which command, and why: of an ended one, how it ended.
CHANGED: Mapping[str, Any] = {
    "changed_at": _of_entry("at"),
    "changed_with": _of_entry("verb"),
    "changed_because": _of_entry("reason"),
    "changed_by_id": _of_entry("actor"),
    "changed_by_login": _of_entry("actor__login"),
    "changed_by_name_zh": _of_entry("actor__name_zh"),
    "changed_by_name_en": _of_entry("actor__name_en"),
}


def document(name: str, model: type[models.Model], **how: Any) -> Resource:
    """A kind of document: number, state, version, place in the organisation, then its own columns,
    who made it, and who changed it last and why."""
    own = tuple(how.pop("columns"))
    columns = (
        *("id", "uid", "number", "state", "version", "legal_entity.code", "site.*"),
        *own,
        *("created_at", "created_by.*", *CHANGED),
    )
    how.setdefault("brief", "number")
    made = {**how.pop("made", {}), **CHANGED}
    scope = how.pop("scope", by_site())
    return resource(name, model, columns=columns, scope=scope, made=made, **how)


def lines(name: str, model: type[models.Model], **how: Any) -> Resource:
    """Lines of a document kind: id, line number and header, then their own columns."""
    header = how.pop("of")
    own = tuple(how.pop("columns"))
    document = header if "=" in header else f"{header}.*"
    columns = ("id", "uid=line.uid", "line_number=line.line_number", document, *own)
    how.setdefault("order", ("id",))
    scope = how.pop("scope", by_site("line__document__"))
    return resource(name, model, columns=columns, scope=scope, **how)
