"""Papers that lapse are known before they do, with what they gate. # MDM-04 GSP art. 51(5)"""

from datetime import date, timedelta
from functools import partial

import pytest

from tests.world import LONG_AGO, World
from traceward.domain.catalog.models import Product
from traceward.domain.catalog.queries import GATES, lapsing
from traceward.domain.partners.models import Licence, LicenceKind, Partner
from traceward.domain.partners.rules import Paper, is_renewed
from traceward.kernel.command.parameters import set_parameter
from traceward.kernel.command.registry import REGISTRY
from traceward.kernel.org import roles

TODAY = date(2027, 6, 1)


def until(world: World, kind: str, days: int) -> Licence:
    row = Licence.objects.get(party=world.supplier, kind=kind)
    Licence.objects.filter(pk=row.pk).update(valid_until=TODAY + timedelta(days=days))
    row.refresh_from_db()
    return row


@pytest.mark.parametrize(
    ("days", "step"), [(91, "none"), (90, 90), (61, 90), (60, 60), (30, 30), (0, 30), (-1, None)]
)
def test_each_step_counts_from_its_day_on(world: World, days: int, step: object) -> None:
    row = until(world, "authorisation", days)
    found = [(x.id, x.days_left, x.step) for x in lapsing(TODAY)]
    assert found == ([] if step == "none" else [(row.pk, days, step)])


def test_it_says_what_will_be_refused(world: World) -> None:
    until(world, "production", 10)
    Product.objects.update(valid_until=TODAY + timedelta(days=5))
    Licence.objects.filter(party=world.us).update(valid_until=TODAY)
    ours, certificate, made = lapsing(TODAY)
    assert (ours.kind, ours.is_ours, ours.days_left) == ("distribution", True, 0)
    assert "warehousing.ship" in ours.gates
    assert (certificate.kind, certificate.items) == ("registration", 3)
    assert certificate.number == "国械注准20223130001"
    assert (made.kind, made.items, made.party["zh"]) == ("production", 3, "北辰器械")
    assert made.gates == ["purchasing.order", "warehousing.receive"]
    assert [x.kind for x in lapsing(TODAY, limit=1)] == ["distribution"]
    verbs = {verb for pair in GATES.values() for side in pair for verb in side}
    assert {*verbs, *certificate.gates} <= set(REGISTRY)


def test_what_was_renewed_revoked_or_belongs_to_nobody_is_left_out(world: World) -> None:
    row = until(world, "authorisation", 10)
    renewed = Licence.objects.create(
        party=row.party,
        kind=row.kind,
        number="NEW",
        classes=[1, 2, 3],
        valid_from=row.valid_until + timedelta(days=1),
    )
    assert lapsing(TODAY) == []
    Licence.objects.filter(pk=renewed.pk).update(classes=[1, 2])
    assert [x.number for x in lapsing(TODAY)] == [row.number]
    Licence.objects.filter(pk=renewed.pk).update(classes=[1, 2, 3], revoked_at=LONG_AGO)
    assert [x.number for x in lapsing(TODAY)] == [row.number]
    Licence.objects.filter(pk=row.pk).update(revoked_at=LONG_AGO)
    assert lapsing(TODAY) == []
    Licence.objects.filter(pk=row.pk).update(revoked_at=None)
    Partner.objects.filter(party=row.party).update(is_qualified=False)
    assert lapsing(TODAY) == []


def test_the_rule_of_its_kind_counts(world: World) -> None:
    until(world, "authorisation", 100)
    until(world, "agreement", 100)
    by = world.by(roles.QUALITY_HEAD)
    set_parameter("catalog.papers.warning_days", [120], {"kind": "agreement"}, by=by)
    assert [(x.kind, x.step) for x in lapsing(TODAY)] == [("agreement", 120)]


def test_a_renewal_covers_as_much_for_longer_without_a_gap() -> None:
    old = Paper("filing", "1", (2,), ("13",), LONG_AGO.date(), TODAY)
    after = TODAY + timedelta(days=1)

    new = partial(
        Paper, "filing", "2", classes=(2, 3), categories=(), valid_from=after, valid_until=None
    )

    assert is_renewed(old, new())
    assert is_renewed(old, new(categories=("13", "14")))
    assert not is_renewed(old, new(categories=("14",)))
    assert not is_renewed(old, new(classes=(3,)))
    assert not is_renewed(old, new(valid_from=after + timedelta(days=1)))
    assert not is_renewed(old, new(valid_from=LONG_AGO.date(), valid_until=TODAY))
    assert not is_renewed(old, new(is_revoked=True))
    assert not is_renewed(old, old)
    assert set(GATES) == {kind.value for kind in LicenceKind}
