"""Queries whose SQL is written once, and lists that reach the server as one array.

Django writes a query's SQL anew each time, which takes longer than the server needs for a row by
its key; and it writes `IN (%s, %s, …)`, another text for each length, which is planned anew.
"""

import copy
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Expression, Field, ForeignObject, QuerySet
from django.db.models.fields.related_lookups import RelatedIn
from django.db.models.lookups import In
from django.db.models.sql.compiler import SQLCompiler
from psycopg.types.numeric import Int8

R = TypeVar("R")


class Slot(Expression):
    """Where a value stands that is given when the query is run."""

    def __init__(self, position: int) -> None:
        super().__init__()
        self.position = position

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, Any]:
        return "%s", [self]


class _AsArray(In):
    """`column = ANY (array)` instead of `column IN (a list)`."""

    def process_rhs(self, compiler: SQLCompiler, connection: Any) -> tuple[str, Any]:
        if not self.rhs_is_direct_value():
            return super().process_rhs(compiler, connection)
        values: Any = [value for value in self.rhs if value is not None]
        if not values:
            raise EmptyResultSet
        _, prepared = self.batch_process_rhs(compiler, connection, values)
        return "(%s)", [_array(list(prepared))]

    def get_rhs_op(self, connection: Any, rhs: str) -> str:
        is_array = self.rhs_is_direct_value() or isinstance(self.rhs, Slot)
        return f"= ANY {rhs}" if is_array else super().get_rhs_op(connection, rhs)


@Field.register_lookup
class AnyOf(_AsArray):
    """The lookup `in` of plain columns."""


@ForeignObject.register_lookup
class RelatedAnyOf(_AsArray, RelatedIn):
    """The lookup `in` of references."""


class Prepared(Generic[R]):
    """The rows of a query that is asked again and again with other values.

    `make` is called once, with a slot for each value: it may compare a column with it, by `__in`
    where the value is a list.
    """

    def __init__(self, make: Callable[..., QuerySet[Any, R]]) -> None:
        self._make = make

    def __call__(self, *values: Any) -> list[R]:
        """The rows, of the kind that the query gives: models, or tuples of values."""
        rows, compiler, sql, given, converters = self._written
        said = [_plain(values[x.position]) if isinstance(x, Slot) else x for x in given]
        mine = copy.copy(compiler)  # another thread may have written it
        vars(mine).update(
            connection=connections[DEFAULT_DB_ALIAS],
            as_sql=lambda: (sql, said),
            get_converters=lambda _: converters,
        )
        iterable: Any = rows._iterable_class
        return list(iterable(_Ready(rows, mine)))

    @cached_property
    def _written(
        self,
    ) -> tuple[QuerySet[Any, R], SQLCompiler, str, tuple[Any, ...], dict[int, Any]]:
        count = self._make.__code__.co_argcount
        rows = self._make(*(Slot(n) for n in range(count)))
        compiler = rows.query.get_compiler(connection=connection)
        sql, given = compiler.as_sql()
        converters = compiler.get_converters([column for column, *_ in compiler.select or ()])
        return rows, compiler, sql, tuple(given), converters


class _Ready:
    """What Django's iterables ask of a query set, for one whose compiler is ready."""

    db = DEFAULT_DB_ALIAS
    _known_related_objects: ClassVar[dict[Any, Any]] = {}

    def __init__(self, rows: QuerySet[Any, Any], compiler: SQLCompiler) -> None:
        self.query, self.model, self._compiler = self, rows.model, compiler

    def get_compiler(self, using: str) -> SQLCompiler:
        return self._compiler


def _plain(value: Any) -> Any:
    return _array(list(value)) if isinstance(value, set | frozenset | tuple | list) else value


def _array(array: list[Any]) -> list[Any]:
    """A list that the driver sends as it is meant.

    It types numbers by the largest, not the smallest, and writes moments with an offset that the
    server may not know.
    """
    if not array:
        return array
    if isinstance(array[0], int) and not isinstance(array[0], bool):
        # Django has said the column's type, which may be too narrow for what is asked for.
        array = [int(value) for value in array]
        if (least := min(array)) >= -(2**15):
            return array
        wide: Callable[[int], Any] = Int8 if least >= -(2**63) and max(array) < 2**63 else Decimal
        return [wide(value) for value in array]
    if isinstance(array[0], datetime):
        return [moment for value in array if (moment := _in_utc(value)) is not None]
    return array


def _in_utc(moment: datetime) -> datetime | None:
    """The same moment; none where it lies outside the years that a row can have."""
    if moment.tzinfo is None:
        return moment
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return None
