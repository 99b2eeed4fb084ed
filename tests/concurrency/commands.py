"""Commands of the races: they open documents, and refuse after having written."""

import os
import time
from collections import Counter
from collections.abc import Callable

from tests.world import World
from traceward.domain.stock.commands import collect, promise
from traceward.domain.stock.models import Code, Lot
from traceward.domain.stock.rules import BalanceKey, Leg, Promise
from traceward.kernel.base.refusals import WrongState, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.command.write import open_document
from traceward.kernel.documents.models import Document
from traceward.kernel.org import roles
from traceward.kernel.org.models import Site
from traceward.kernel.org.scope import WHOLE_GROUP


class RaceSlip(Document):
    """A document of the races."""

    KIND, PREFIX = "testing.race", "RC"

    class Meta:
        proxy = True
        app_label = "testing"  # no application of ours: migrations and rights pass it by


RAN: Counter[str] = Counter()


@command("testing.slip", roles=(roles.SYSTEM,), scope=lambda **_: [WHOLE_GROUP])
def open_slip(site_id: int, *, fails: bool, by: Actor) -> int:
    """A numbered document is open, or nothing is."""
    slip = RaceSlip()
    open_document(slip, site=Site.objects.get(pk=site_id), state="open", by=by)
    if fails:
        raise WrongState(sentence("Not this one. Take another."))
    return slip.pk


@command("testing.counted", roles=(roles.SYSTEM,), scope=lambda **_: [WHOLE_GROUP])
def counted_move(leg: Leg, *, by: Actor) -> int:
    """The leg is posted; how often the body ran in this process is counted."""
    RAN[str(by.request_id)] += 1
    time.sleep(0.01)
    collect([leg], by=by)
    return by.work.command_id


def counting_move(leg: Leg, *, by: Actor) -> tuple[int, int, int]:
    """The answer, this process's id, and how often the body ran in it for this request."""
    answer = counted_move(leg, by=by)
    return answer, os.getpid(), RAN[str(by.request_id)]


#: What happens elsewhere while the next command of this process is at work.
MEANWHILE: list[Callable[[], None]] = []


@command("testing.meanwhile", roles=(roles.SYSTEM,), scope=lambda **_: [WHOLE_GROUP])
def move_meanwhile(leg: Leg, *, by: Actor) -> int:
    """The leg is posted after what was to happen meanwhile."""
    MEANWHILE.pop()()
    collect([leg], by=by)
    return 1


@command("testing.pick", roles=(roles.SYSTEM,), scope=lambda **_: [WHOLE_GROUP])
def pick_promised(leg: Leg, line_id: int, *, by: Actor) -> int:
    """The goods stand in staging and the promise goes along."""
    here = BalanceKey(
        leg.item_id, leg.lot_id, leg.from_place_id, leg.from_status, leg.from_owner_id
    )
    there = here._replace(place_id=leg.to_place_id)
    collect([leg], by=by)
    promise([Promise(line_id, here, -leg.quantity), Promise(line_id, there, leg.quantity)], by=by)
    return leg.quantity


def picked(world: World, lot: Lot, quantity: int) -> Leg:
    return world.leg(Code.PICK, lot, quantity, "A-01", "STAGE")
