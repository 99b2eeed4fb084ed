"""How a record of the law is declared: a resource whose columns bear the names of its fields."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import Q

from traceward.resources.kit import Column, Resource, RowScope, by_site, resource

RECORDS: dict[str, "Record"] = {}


@dataclass(frozen=True)
class When:
    """The field applies only to such lines: by this article, or by the nature of the goods."""

    zh: str
    en: str
    article: str
    condition: Q = field(compare=False)


@dataclass(frozen=True)
class Field:
    """What the law asks for, and the columns that say it; one of them is enough.

    A column is written as in a resource: "quantity", "lot_number=lot.raw_number".
    """

    zh: str
    en: str
    columns: tuple[str, ...]
    when: When | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The columns as the resource calls them, but for keys of other records."""
        return tuple(column.partition("=")[0] for column in self.columns)


@dataclass(frozen=True)
class Record:
    """A record of the law: its name in the trade, its articles, its fields, where it is read."""

    resource: Resource
    zh: str
    en: str
    articles: str
    fields: tuple[Field, ...]
    #: Paths to the documents that it is a record of, from the resource's model.
    of: tuple[str, ...]
    #: Path to the site whose days count, and to when its paper was made.
    site: str
    made_at: str
    #: Lines that were written as those of a device, or of what is none.
    as_device: Q = field(compare=False)

    @property
    def name(self) -> str:
        return self.resource.name

    def about(self, document_id: int) -> Q:
        """The lines that this document has part in."""
        found = Q()
        for path in self.of:
            found |= Q(**{path: document_id})
        return found

    def is_due(self, what: Field) -> Q:
        """The lines to which the field applies."""
        return what.when.condition if what.when else Q()

    def is_filled(self, what: Field) -> Q:
        """The lines on which the field says something."""
        found = Q()
        for name in what.names:
            found |= _is_filled(self.resource.columns[name], name in self.resource.made)
        return found


def _is_filled(column: Column, is_made: bool) -> Q:
    if is_made and isinstance(column.field, models.BooleanField):  # whether there is proof of it
        return Q(**{column.path: True})
    there = Q(**{f"{column.path}__isnull": False})
    return there & ~Q(**{column.path: ""}) if column.type is str else there


#: Columns of every line, before the law's own: where it stands.
STANDS = ("document={0}", "document_number={0}.number", "document_state={0}.state")


def record(
    name: str,
    model: type[models.Model],
    fields: tuple[Field, ...],
    *,
    zh: str,
    en: str,
    articles: str,
    header: str,
    of: tuple[str, ...],
    where: Q,
    scope: RowScope | None = None,
    made: Mapping[str, Any] | None = None,
    also: tuple[str, ...] = (),
    asked: tuple[str, ...] = (),
    facts: str = "",
    goods: str = "",
) -> Record:
    """The record is kept and read from now on; see `Record`. `header` is the path to its paper.

    `also` are columns that the law does not ask for; `asked` those of `made` that may be filtered.
    `facts` and `goods` lead to the row that keeps the device's papers and to that with the item.
    """
    head = [column.format(header) for column in STANDS] if header else HEAD_ITSELF
    stem = f"{header}." if header else ""
    place = (f"site={stem}site", f"site_code={stem}site.code", f"created_at={stem}created_at")
    columns = dict.fromkeys(column for what in fields for column in what.columns)
    read = resource(
        name,
        model,
        columns=("id", *head, *place, *columns, *also),
        scope=scope or by_site(stem.replace(".", "__")),
        where=where,
        made=made or {},
        asked=asked,
        order=("id",),
    )
    stem = stem.replace(".", "__")
    at = f"{stem}site", f"{stem}created_at"
    found = Record(read, zh, en, articles, fields, of, *at, as_device(facts, goods))
    RECORDS[name] = found
    return found


def as_device(facts: str, goods: str) -> Q:
    """Not the lines of what came under a certificate later: they were those of no device."""
    papers = {f"{facts}registration_number": "", f"{facts}registrant_name": ""}
    named = ~Q(**{f"{facts}device_name": ""})  # a step that keeps nothing at all is a gap
    return ~(named & Q(**papers) & Q(**{f"{goods}item__product__isnull": False}))


#: Where the paper is the line itself.
HEAD_ITSELF = ("document_id=id", "document_number=number", "document_state=state")


@dataclass(frozen=True)
class NotKept:
    """A record of the law that has no list of its own, and why."""

    zh: str
    en: str
    articles: str
    why: str


NOT_KEPT = (
    NotKept(
        "供货者档案、产品档案、购货者档案",
        "files of suppliers, products, buyers",
        "53, 54, 82",
        "`partners.licences` and `catalog.products` keep numbers, scope and days, and gate every "
        "step; stamped scans have no place yet",
    ),
    NotKept(
        "直调验收记录",
        "direct delivery",
        "59, 66, 93",
        "goods of ours are not sent past our own sites",
    ),
    NotKept("零售凭据", "retail voucher", "86", "there is no retail sale"),
    NotKept(
        "拼箱标识",
        "mixed carton",
        "94",
        "no field: a mark on the box; what is in it, `stock.balances` says by container",
    ),
    NotKept("承运协议", "carrier agreement", "98", "a contract with the carrier, not a step"),
    NotKept("售后、投诉", "after-sales, complaints", "104, 105", "not built yet"),
    NotKept(
        "召回记录",
        "recall",
        "111",
        "the article names no fields; `recalls.cases` with its parts keeps all of it",
    ),
    NotKept(
        "销毁记录",
        "destruction",
        "21",
        "the article names no fields; `warehousing.destructions` keeps two witnesses",
    ),
    NotKept("网络销售", "online sale", "NETGSP 2.17, 2.19", "there is no online sale"),
)
