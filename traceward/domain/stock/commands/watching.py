"""Stock out of its limits and dead stock: an event when it begins and one when it ends. # INV-11"""

from collections.abc import Mapping
from dataclasses import dataclass

from traceward.domain.catalog.models import Item
from traceward.domain.stock import events, queries
from traceward.domain.stock.models import AlertKind, StockAlert
from traceward.kernel.base.refusals import NotFound, sentence
from traceward.kernel.base.rows import save_rows
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.database_errors import OVERTAKEN
from traceward.kernel.command.run import command
from traceward.kernel.command.write import created, emit, set_values
from traceward.kernel.org.models import Site
from traceward.kernel.org.roles import PLANNER, SYSTEM
from traceward.kernel.org.scope import ScopeKey, scope_of

#: Events of one command; what is left waits for the next one.
MAX_EVENTS = 200
#: So much of each kind is looked through.
MAX_ROWS = 100_000

#: Another run told it meanwhile: looking again finds that.
OVERTAKEN.add("stock_alert_stands_once")

#: Kind, item.
Spot = tuple[str, int]


def site_scope(site_id: int, **_: object) -> list[ScopeKey]:
    return scope_of(Site, site_id, site="pk")


@dataclass(frozen=True)
class Watched:
    """So many alerts began and ended; more wait where there are more than one command tells."""

    raised: int
    ended: int
    is_complete: bool


@command("stock.watch", roles=(SYSTEM, PLANNER), scope=site_scope)
def watch(site_id: int, *, by: Actor) -> Watched:
    """Who subscribed hears when stock of the site leaves its limits or goes dead, and of its end.

    What stands is compared with what was told, so it may run as often as it likes.
    """
    site = Site.objects.find(site_id)
    if site is None:
        raise NotFound(sentence("There is no site with id {id}."), field="site_id", id=site_id)
    found, all_seen = _found(site, by)
    standing = {
        (row.kind, row.item_id): row
        for row in StockAlert.objects.lock_all(
            StockAlert.objects.filter(site=site, ended_at=None).values_list("pk", flat=True)
        )
        if row.ended_at is None  # by another run, while this one waited for it
    }
    new = [spot for spot in found if spot not in standing]
    over = [row for spot, row in standing.items() if spot not in found and spot[0] in all_seen]
    raised = _raised(site, {spot: found[spot] for spot in new[:MAX_EVENTS]}, by)
    ended = _ended(site, over[: MAX_EVENTS - raised], by)
    return Watched(raised, ended, len(new) + len(over) <= MAX_EVENTS)


def _found(site: Site, by: Actor) -> tuple[dict[Spot, tuple[int, int]], set[str]]:
    """What stands, as (quantity, threshold), and the kinds of which all was seen."""
    found: dict[Spot, tuple[int, int]] = {}
    limits = queries.out_of_limits(sites=[site.pk], now=by.now, limit=MAX_ROWS)
    for row in limits:
        kind, threshold = (
            (AlertKind.BELOW_MINIMUM, row.minimum)
            if row.is_below
            else (AlertKind.ABOVE_MAXIMUM, row.maximum)
        )
        found[kind.value, row.item_id] = row.usable, threshold
    rests = queries.resting(sites=[site.pk], now=by.now, limit=MAX_ROWS)
    for rest in rests:
        found[AlertKind.RESTING.value, rest.item_id] = rest.on_hand, rest.days
    all_seen = {AlertKind.RESTING.value} if len(rests) < MAX_ROWS else set()
    if len(limits) < MAX_ROWS:
        all_seen |= {AlertKind.BELOW_MINIMUM.value, AlertKind.ABOVE_MAXIMUM.value}
    return found, all_seen


def _raised(site: Site, new: Mapping[Spot, tuple[int, int]], by: Actor) -> int:
    items = Item.objects.find_all(item for _, item in new)
    rows = StockAlert.objects.bulk_create(
        StockAlert(
            kind=kind,
            item=items[item],
            site=site,
            quantity=quantity,
            threshold=threshold,
            raised_at=by.now,
        )
        for (kind, item), (quantity, threshold) in new.items()
    )
    for row in rows:
        told = (row.kind, row.item.code, site.code, row.quantity, row.threshold)
        created(row, by=by, kind=row.kind, item=row.item.code, site=site.code)
        emit(events.StockAlertRaised(*told), subject=row.uid, by=by)
    return len(rows)


def _ended(site: Site, over: list[StockAlert], by: Actor) -> int:
    items = Item.objects.find_all(row.item_id for row in over)
    for row in over:
        set_values(row, by=by, ended_at=by.now)
        told = (row.kind, items[row.item_id].code, site.code)
        emit(events.StockAlertEnded(*told), subject=row.uid, by=by)
    save_rows(over, ["ended_at"])
    return len(over)
