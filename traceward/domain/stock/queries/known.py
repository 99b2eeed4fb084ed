"""Whether what is named exists: said at the field, before the commit's foreign keys find out."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection, models

from traceward.domain.catalog.models import Item
from traceward.domain.places.models import Place
from traceward.domain.stock.models import Container, Lot, Serial
from traceward.kernel.base.refusals import NotFound, sentence
from traceward.kernel.org.models import Party

#: What the fields of a line name, whatever the line is.
NAMED: Mapping[str, type[models.Model]] = {
    "item_id": Item,
    "lot_id": Lot,
    "serial_id": Serial,
    "place_id": Place,
    "container_id": Container,
    "from_container_id": Container,
    "to_container_id": Container,
    "owner_id": Party,
    "customer_id": Party,
    "supplier_id": Party,
}


#: (field, id) of what names nothing.
Unknown = set[tuple[str, int]]


def require_known(lines: Sequence[Any], names: Sequence[str], *, field: str) -> None:
    """Refused at the first line with one of these ids that names nothing.

    `field` names a line: "lines.{n}".
    """
    refuse_unknown(lines, unknown_of(lines, names), field=field)


def unknown_of(lines: Iterable[Any], names: Sequence[str]) -> Unknown:
    """What names nothing. One query; none where no line gives any of these."""
    rows = list(lines)
    given = {name: {getattr(x, name) for x in rows} - {None} for name in names}
    asked = {name: ids for name, ids in given.items() if ids}
    if not asked:
        return set()
    parts = " UNION ALL ".join(
        f"SELECT '{name}', d FROM unnest(%s::bigint[]) d "  # noqa: S608  # names of our own
        f"WHERE NOT EXISTS (SELECT FROM {NAMED[name]._meta.db_table} x WHERE x.id = d)"
        for name in asked
    )
    with connection.cursor() as cursor:
        cursor.execute(parts, [list(ids) for ids in asked.values()])
        return set(cursor.fetchall())


def refuse_unknown(lines: Iterable[Any], unknown: Unknown, *, field: str) -> None:
    """Refused at the first of the lines that has one of these."""
    for n, line in enumerate(lines if unknown else ()):
        for name, pk in unknown:
            if getattr(line, name) == pk:
                raise NotFound(
                    sentence(
                        "There is no {what} with id {id}. Look it up in its list and try again."
                    ),
                    field=f"{field.format(n=n)}.{name}",
                    what=str(NAMED[name]._meta.verbose_name),
                    id=pk,
                )
