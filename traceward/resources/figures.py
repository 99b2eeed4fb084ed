"""Sums over the whole: stock by state, what ends when, what came and went. # ANA-01"""

from typing import Annotated

from pydantic import Field

from traceward.domain.stock.queries import figures
from traceward.domain.stock.queries.figures import Day, SiteEnding, SiteStock
from traceward.domain.stock.queries.standing import PlaceStock, standing
from traceward.kernel.base.refusals import NotFound, sentence
from traceward.resources.kit import Id, Reader, question

Days = Annotated[int, Field(ge=1, le=366)]


@question("stock.by_status", scope=None)
def by_status(*, to: Reader) -> list[SiteStock]:
    """Per site, what stands in its own places by its state, and of how many lots."""
    return figures.by_status(sites=to.sites())


@question("stock.ending_by_site", scope=None)
def ending_by_site(*, to: Reader) -> list[SiteEnding]:
    """Per site, how many lots that stand there end within so many days."""
    return figures.ending_by_site(sites=to.sites())


@question("warehousing.by_day", scope=None)
def by_day(days: Days = 14, site_id: Id | None = None, *, to: Reader) -> list[Day]:
    """Receipts and shipments of each of the last days, today included; days of Shanghai."""
    sites = to.sites()
    if site_id is not None:
        sites = [site_id] if sites is None or site_id in sites else []
    return figures.by_day(days, sites=sites)


@question("places.standing", scope=None)
def places_standing(site_id: Id, *, to: Reader) -> list[PlaceStock]:
    """The places of a site, what each is for, and what stands in it."""
    sites = to.sites()
    if sites is not None and site_id not in sites:
        raise NotFound(
            sentence("There is no {what} with id {id}. Look it up in its list and try again."),
            field="site_id",
            what="site",
            id=site_id,
        )
    return standing(site_id)
