"""Warnings that act early: an event for each step that a lot or a paper reaches, once. # INV-07"""

import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from traceward.domain.catalog import queries as papers
from traceward.domain.catalog.models import Product
from traceward.domain.catalog.queries import REGISTRATION
from traceward.domain.partners.models import Licence
from traceward.domain.stock import events, queries
from traceward.domain.stock.models import EarlyWarning, Lot
from traceward.domain.stock.queries import Ending
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.database_errors import OVERTAKEN
from traceward.kernel.command.people import whole_group
from traceward.kernel.command.run import command
from traceward.kernel.command.write import emit
from traceward.kernel.org.models import Party
from traceward.kernel.org.roles import QUALITY_CONTROLLER, SYSTEM

#: Papers count by the days of China.
SHANGHAI = ZoneInfo("Asia/Shanghai")
#: Events of one command; what is left waits for the next one.
MAX_EVENTS = 200
#: So much is looked through for what was not warned about yet.
MAX_ROWS = 100_000


#: Another run told it meanwhile: looking again finds that.
OVERTAKEN.add("stock_early_warning_once")


@dataclass(frozen=True)
class _Due:
    row: EarlyWarning
    event: events.LotEndsSoon | events.PaperLapsesSoon
    subject: uuid.UUID


@dataclass(frozen=True)
class Warned:
    """So many events were raised; more wait where there are more than one command raises."""

    raised: int
    is_complete: bool


@command("stock.warn", roles=(SYSTEM, QUALITY_CONTROLLER), scope=whole_group)
def warn(*, by: Actor) -> Warned:
    """Who subscribed hears of each lot and paper that has reached a step of its rule, once.

    A lot is warned about at each site where it stands; of several steps that it reached at once,
    about the most urgent one. What is expired and stands as if it were not is the last step.
    """
    due = [*_lots(by), *_papers(by)]
    for one in due[:MAX_EVENTS]:
        one.row.save(force_insert=True)
        emit(one.event, subject=one.subject, by=by)
    return Warned(min(len(due), MAX_EVENTS), len(due) <= MAX_EVENTS)


#: What a warning is about: (lot, site, licence, product, until, step).
Key = tuple[int | None, int | None, int | None, int | None, date, int | None]
ABOUT = ("lot", "site", "licence", "product", "until", "step")


def _known(**about: Any) -> set[Key]:
    """What was warned about already."""
    return set(EarlyWarning.objects.filter(**about).values_list(*ABOUT))


def _lots(by: Actor) -> list[_Due]:
    ending = queries.near_expiry(sites=None, now=by.now, limit=MAX_ROWS)
    found: dict[Key, list[Ending]] = defaultdict(list)
    for row in (*queries.expired(sites=None, now=by.now, limit=MAX_ROWS), *ending):
        found[row.lot_id, row.site_id, None, None, row.expires_on, row.step].append(row)
    known = _known(lot__in={key[0] for key in found})
    new = [(key, rows) for key, rows in found.items() if key not in known]
    new = new[: MAX_EVENTS + 1]  # one more says that some wait
    lots = Lot.objects.in_bulk({key[0] for key, _ in new})
    return [
        _Due(
            EarlyWarning(
                lot_id=one.lot_id,
                site_id=one.site_id,
                until=one.expires_on,
                step=one.step,
                warned_at=by.now,
            ),
            events.LotEndsSoon(
                lots[one.lot_id].uid,
                one.site,
                one.expires_on.isoformat(),
                one.days_left,
                one.step,
                sum(row.on_hand for row in rows),
            ),
            lots[one.lot_id].uid,
        )
        for _, rows in new
        for one in rows[:1]
    ]


def _papers(by: Actor) -> list[_Due]:
    today = by.now.astimezone(SHANGHAI).date()
    known = _known(lot=None)
    found = []
    for one in papers.lapsing(today, limit=MAX_ROWS):
        licence, product = (None, one.id) if one.kind == REGISTRATION else (one.id, None)
        if (None, None, licence, product, one.valid_until, one.step) not in known:
            found.append((one, licence, product))
    parties = Party.objects.in_bulk({one.party_id for one, *_ in found})
    licences = Licence.objects.in_bulk([pk for _, pk, _ in found if pk])
    products = Product.objects.in_bulk([pk for *_, pk in found if pk])
    due = []
    for one, licence, product in found:
        row = EarlyWarning(
            licence_id=licence,
            product_id=product,
            until=one.valid_until,
            step=one.step,
            warned_at=by.now,
        )
        event = events.PaperLapsesSoon(
            one.kind,
            one.number,
            parties[one.party_id].uid,
            one.valid_until.isoformat(),
            one.days_left,
            one.step,
        )
        paper = licences[licence] if licence else products[product]
        due.append(_Due(row, event, paper.uid))
    return due
