"""The ledger: lots, serials, containers, moves, balances, promises, blocks, the past."""

from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from pydantic import AwareDatetime

from traceward.domain.places.models import Place
from traceward.domain.recalls.queries.settling import to_destroy
from traceward.domain.stock import queries
from traceward.domain.stock.models import (
    ClosedPeriod,
    Container,
    EarlyWarning,
    GenealogyEdge,
    Lot,
    Reservation,
    Serial,
    StockAlert,
    StockBalance,
    StockBlock,
    StockMove,
)
from traceward.domain.stock.queries import (
    Ending,
    ItemOnHand,
    ItemPast,
    Moment,
    OutOfLimits,
    Resting,
    Standing,
    Stood,
    Which,
)
from traceward.kernel.audit.models import AuditEntry, Signature
from traceward.kernel.org.scope import Grant
from traceward.resources.kit import (
    Finder,
    Ids,
    Limit,
    Reader,
    by_entity,
    by_site,
    now,
    question,
    resource,
    shared,
    within,
)

#: By what goods are searched where a row names them.
CALLED = ("item_code", "item_name_zh", "item_name_en", "lot_raw_number", "serial_raw_number")
#: Goods with their names, as every row about stock shows them.
IS_HELD = "True: on hold or recalled."
TO_DESTROY = "True: a running recall names it, and not all of it is proposed for destruction."
GOODS = ("item.*", "lot.*", "lot.expires_on", "serial.*", "container.*")


def moved_at(grants: tuple[Grant, ...]) -> Q:
    """Moves out of places that these grants cover, or into them: looked up in one list of ids, as
    most of the newest moves may be elsewhere."""
    here = by_site()(grants)
    places = Place.objects.filter(here).values("pk")
    return Q(from_place__in=places) | Q(to_place__in=places) if here else here


def is_to_destroy(asked: bool) -> Q:
    """Balances in the house of what a running recall names, or the others."""
    return to_destroy() if asked else ~to_destroy()


resource(
    "stock.lots",
    Lot,
    scope=shared,
    columns=(
        "id",
        "uid",
        "item.*",
        "maker.*",
        "number",
        "raw_number",
        "supplier_lot",
        "own_lot",
        "sterilisation_lot",
        "made_on",
        "expires_on",
        "expiry_precision",
        "expiry_basis",
        "expiry_raw",
        "first_received_at",
        "held_as",
    ),
    made={"held_as": queries.held_as(queries.on_lot())},
    search=("number", "raw_number", "supplier_lot", "own_lot"),
    brief="number",
)
resource(
    "stock.serials",
    Serial,
    scope=shared,
    columns=("id", "uid", "item.*", "lot.*", "lot.expires_on", "number", "raw_number", "held_as"),
    made={"held_as": queries.held_as(queries.on_serial())},
    search=("number", "raw_number"),
    brief="number",
)
resource(
    "stock.containers",
    Container,
    scope=within(queries.boxes_at),
    columns=("id", "uid", "code", "parent.*", "is_closed"),
    search=("code",),
    brief="code",
)
resource(
    "stock.moves",
    StockMove,
    scope=moved_at,
    columns=(
        "id",
        "command_id",
        "posted_at",
        "happened_at",
        "code",
        "document.*",
        "line",
        "item.*",
        "lot.*",
        "serial.*",
        "quantity",
        "from_place.*",
        "from_status",
        "from_owner.*",
        "from_container.*",
        "to_place.*",
        "to_status",
        "to_owner.*",
        "to_container.*",
        "actor_id",
        "reverses",
        "di",
        "reason",
        "device",
        "clock_offset_ms",
    ),
    only=(
        "document_id",
        "line_id",
        "item_id",
        "lot_id",
        "serial_id",
        "posted_at",
        "happened_at",
        "from_place_id",
        "to_place_id",
        "code",
    ),
    search=("document_number", "lot_raw_number", "serial_raw_number"),
)
resource(
    "stock.balances",
    StockBalance,
    scope=by_site("place__"),
    where=Q(stands=True),
    columns=(
        "id",
        *GOODS,
        "place.*",
        "place.kind",
        "site=place.site",
        "site_code=place.site.code",
        "status",
        "owner.*",
        "on_hand",
        "reserved",
        "held_as",
    ),
    made={"held_as": queries.held_as(queries.on_balance())},
    finders={
        "is_held": Finder(bool, queries.is_held, IS_HELD),
        "is_to_destroy": Finder(bool, is_to_destroy, TO_DESTROY),
    },
    search=(*CALLED, "place_code"),
)
resource(
    "stock.reservations",
    Reservation,
    scope=by_site("balance__place__"),
    where=Q(quantity__gt=0),
    columns=(
        "id",
        "line",
        "document=line.document",
        "document_number=line.document.number",
        "line_number=line.line_number",
        "item=balance.item",
        "item_code=balance.item.code",
        "item_name_zh=balance.item.name_zh",
        "item_name_en=balance.item.name_en",
        "lot=balance.lot",
        "lot_raw_number=balance.lot.raw_number",
        "serial=balance.serial",
        "serial_raw_number=balance.serial.raw_number",
        "place=balance.place",
        "place_code=balance.place.code",
        "quantity",
        "expires_at",
    ),
)
#: Who lifted a block signed for it.
LIFTED = Signature.objects.filter(subject_uid=OuterRef("uid"), meaning="lift block").order_by("-pk")


def said_by(name: str, rows: QuerySet[Any], person: str) -> dict[str, Subquery]:
    """The person that the first of the rows names: id and names."""
    return {
        f"{name}_id": Subquery(rows.values(person)[:1]),
        f"{name}_name_zh": Subquery(rows.values(f"{person}__name_zh")[:1]),
        f"{name}_name_en": Subquery(rows.values(f"{person}__name_en")[:1]),
    }


resource(
    "stock.blocks",
    StockBlock,
    scope=within(queries.blocks_at),
    guards={"case": ("recalls.cases", by_site("case__"))},
    columns=(
        "id",
        "uid",
        "kind",
        "lot.*",
        "serial.*",
        "container.*",
        "place.*",
        "item.*",
        "reason",
        "case.*",
        "placed_at",
        *("placed_by_id", "placed_by_name_zh", "placed_by_name_en"),
        "until",
        "lifted_at",
        *("lifted_by_id", "lifted_by_name_zh", "lifted_by_name_en"),
        "lift_reason",
    ),
    made={
        **said_by("placed_by", AuditEntry.objects.filter(pk=OuterRef("command_id")), "actor"),
        **said_by("lifted_by", LIFTED, "person"),
    },
)
resource(
    "stock.genealogy",
    GenealogyEdge,
    scope=within(queries.transformations_at),
    columns=(
        "id",
        "command_id",
        "input_lot.*",
        "input_serial.*",
        "output_lot.*",
        "output_serial.*",
        "quantity",
    ),
)
resource(
    "stock.closed_periods",
    ClosedPeriod,
    scope=by_entity(),
    columns=(
        "id",
        "uid",
        "legal_entity.*",
        "legal_entity_name_zh=legal_entity.party.name_zh",
        "legal_entity_name_en=legal_entity.party.name_en",
        "closed_until",
        "closed_at",
    ),
)


def where_it_is(grants: tuple[Grant, ...]) -> Q:
    """What is of one of the reader's sites."""
    seen = Q(pk__in=())
    for entity, site in grants:
        if entity is None and site is None:
            return Q()
        seen |= Q(site=site) if site else Q(site__legal_entity=entity)
    return seen


def where_or_paper(grants: tuple[Grant, ...]) -> Q:
    """Lots at the reader's sites; papers are of the whole group."""
    return where_it_is(grants) | Q(site__isnull=True)


resource(
    "stock.early_warnings",
    EarlyWarning,
    scope=where_or_paper,
    columns=(
        "id",
        "uid",
        "lot.*",
        "site.*",
        "licence.*",
        "product",
        "registration=product.registration_number",
        "until",
        "step",
        "warned_at",
    ),
)


resource(
    "stock.alerts",
    StockAlert,
    scope=where_it_is,
    columns=(
        "id",
        "uid",
        "kind",
        "item.*",
        "site.*",
        "quantity",
        "threshold",
        "raised_at",
        "ended_at",
    ),
)


def _which(**given: list[int] | None) -> Which:
    return Which(**given)


@question("stock.items_on_hand", scope=None)
def items_on_hand(
    items: Ids | None = None, limit: Limit = 1_000, *, to: Reader
) -> list[ItemOnHand]:
    """Per item, what stands in our own places and on its way, in base units."""
    return queries.items_on_hand(sites=to.sites(), which=_which(items=items), limit=limit)


@question("stock.on_hand", scope=None)
def on_hand(
    items: Ids | None = None,
    lots: Ids | None = None,
    serials: Ids | None = None,
    places: Ids | None = None,
    is_inside: bool = False,
    limit: Limit = 1_000,
    *,
    to: Reader,
) -> list[Standing]:
    """What stands where, with what is derived: expired, on hold, recalled.

    Where it is said, in our own places and on the way only, and not with suppliers and customers.
    """
    which = _which(items=items, lots=lots, serials=serials, places=places)
    return queries.on_hand(
        sites=to.sites(), now=now(), which=which, limit=limit, is_inside=is_inside
    )


@question("stock.items_in_past", scope=None)
def items_in_past(
    happened: AwareDatetime,
    posted: AwareDatetime | None = None,
    items: Ids | None = None,
    *,
    to: Reader,
) -> list[ItemPast]:
    """Per item and site, what stood at the moment, as known now or as known then."""
    return queries.items_in_past(Moment(happened, posted=posted), sites=to.sites(), items=items)


@question("stock.in_past", scope=None)
def in_past(
    happened: AwareDatetime,
    posted: AwareDatetime | None = None,
    items: Ids | None = None,
    lots: Ids | None = None,
    serials: Ids | None = None,
    places: Ids | None = None,
    *,
    to: Reader,
) -> list[Stood]:
    """What stood where at the moment, as known now or as known then."""
    which = _which(items=items, lots=lots, serials=serials, places=places)
    return queries.stood(Moment(happened, posted=posted), sites=to.sites(), which=which)


@question("stock.near_expiry", scope=None)
def near_expiry(
    items: Ids | None = None, places: Ids | None = None, limit: Limit = 1_000, *, to: Reader
) -> list[Ending]:
    """Lots that end within the days that the rules say, where they stand, and what to do."""
    which = _which(items=items, places=places)
    return queries.near_expiry(sites=to.sites(), now=now(), which=which, limit=limit)


@question("stock.expired", scope=None)
def expired(
    items: Ids | None = None, places: Ids | None = None, limit: Limit = 1_000, *, to: Reader
) -> list[Ending]:
    """Expired goods that stand as if they were not: neither rejected nor on hold."""
    which = _which(items=items, places=places)
    return queries.expired(sites=to.sites(), now=now(), which=which, limit=limit)


@question("stock.out_of_limits", scope=None)
def out_of_limits(limit: Limit = 1_000, *, to: Reader) -> list[OutOfLimits]:
    """Items below their minimum or above their maximum at a site, and what is proposed."""
    return queries.out_of_limits(sites=to.sites(), now=now(), limit=limit)


@question("stock.resting", scope=None)
def resting(limit: Limit = 1_000, *, to: Reader) -> list[Resting]:
    """Dead stock: what is here for long and of which nothing went out."""
    return queries.resting(sites=to.sites(), now=now(), limit=limit)
