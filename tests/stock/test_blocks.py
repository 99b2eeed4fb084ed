"""Many scopes are blocked together: each by a block of its own, at one moment. # INV-05"""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.refusing import refused
from tests.world import World
from traceward.domain.stock.commands.blocks import Scope, block, block_all
from traceward.domain.stock.models import BlockKind
from traceward.kernel.base.refusals import InvalidInput, NotFound
from traceward.kernel.org import roles


def test_many_scopes_are_blocked_in_as_many_statements_as_one(world: World) -> None:
    def statements(*numbers: str) -> int:
        scopes = [Scope(lot_id=world.lot("STENT", n).pk) for n in numbers]
        with CaptureQueriesContext(connection) as seen:
            block_all(scopes, BlockKind.HOLD, "wet", by=world.by(roles.QUALITY_HEAD))
        return len(seen)

    statements("A")
    assert statements("B") == statements(*(f"C{n}" for n in range(30)))


def test_many_scopes_say_each_what(world: World) -> None:
    lot, by = world.lot("STENT", "L1"), world.by(roles.QUALITY_HEAD)
    with refused(InvalidInput, "scopes"):
        block_all([], BlockKind.HOLD, "why", by=by.asking())
    with refused(InvalidInput, "scopes.1"):
        block_all([Scope(lot_id=lot.pk), Scope()], BlockKind.HOLD, "why", by=by.asking())
    with refused(InvalidInput, "reason"):
        block_all([Scope(lot_id=lot.pk)], BlockKind.HOLD, " ", by=by.asking())


def test_what_is_not_there_is_refused_at_its_field(world: World) -> None:
    """Found by the fuzz: only the commit's foreign key noticed, and said no field."""
    lot, by = world.lot("STENT", "L1"), world.by(roles.QUALITY_HEAD)
    with refused(NotFound, "scope.lot_id"):
        block(Scope(lot_id=987_654_321), BlockKind.HOLD, "wet", by=by.asking())
    with refused(NotFound, "scopes.1.serial_id"):
        scopes = [Scope(lot_id=lot.pk), Scope(lot_id=lot.pk, serial_id=987_654_321)]
        block_all(scopes, BlockKind.HOLD, "wet", by=by.asking())
    with refused(NotFound, "case_id"):
        block(Scope(lot_id=lot.pk), BlockKind.RECALL, "wet", case_id=987_654_321, by=by.asking())
