"""The jobs of the day and the hour do their work."""

from datetime import date, timedelta

import pytest
from procrastinate.contrib.django import app

from tests.ledger import database_now, set_clock
from tests.outbound import signed
from tests.recalls.test_commands import opened
from tests.world import World, move_clock
from traceward.domain.partners.commands import name_contact
from traceward.domain.partners.models import Licence
from traceward.domain.recalls import commands as recalls
from traceward.domain.stock import checkpoints
from traceward.jobs import tasks
from traceward.kernel.audit import verify
from traceward.kernel.audit.checks import Finding
from traceward.kernel.base.refusals import sentence
from traceward.kernel.command.figures import last_verification
from traceward.kernel.command.parameters import set_parameter
from traceward.kernel.org import roles
from traceward.kernel.outbox.models import Mail, MailState


def test_checkpoints_are_kept_every_hour(  # INV-08
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = {p.task.name: p.cron for p in app.periodic_registry.periodic_tasks.values()}
    assert times["traceward.keep_checkpoints"] == "27 * * * *"
    kept = checkpoints.Kept(renewed=1, made=2)
    monkeypatch.setattr(tasks, "keep_checkpoints", lambda: kept)
    assert tasks.keep_checkpoints_hourly(timestamp=0) == 3


def test_what_the_nightly_verification_found_is_kept(  # INV-09
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert last_verification() is None
    found = Finding("seals", sentence("Say why."))
    report = verify.Report(findings=[found], seals=3, seconds=1.5)
    monkeypatch.setattr(verify, "verify", lambda **_: report)
    assert tasks.verify_nightly(timestamp=0) == 1
    kept = last_verification()
    assert kept
    assert (kept.findings, kept.first_finding) == (1, "Say why.")


def test_early_warnings_are_raised_every_hour(world: World) -> None:  # INV-07
    times = {p.task.name: p.cron for p in app.periodic_registry.periodic_tasks.values()}
    assert times["traceward.warn_early"] == "7 * * * *"
    Licence.objects.filter(party=world.supplier, kind="agreement").update(valid_until=TODAY)
    move_clock(TODAY)
    assert tasks.warn_early(timestamp=0) == 1
    assert tasks.warn_early(timestamp=0) == 0


def test_stock_is_watched_every_hour(world: World) -> None:  # INV-11
    times = {p.task.name: p.cron for p in app.periodic_registry.periodic_tasks.values()}
    assert times["traceward.watch_stock"] == "37 * * * *"
    world.stock(world.lot("STENT", "L1"), 1)
    set_parameter("stock.minimum", 5, {}, by=world.by(roles.QUALITY_HEAD))
    assert tasks.watch_stock(timestamp=0) == 1
    assert tasks.watch_stock(timestamp=0) == 0


TODAY = date(2027, 6, 1)


def test_consignees_are_reminded_every_ten_minutes(world: World) -> None:  # TRC-03
    times = {p.task.name: p.cron for p in app.periodic_registry.periodic_tasks.values()}
    assert times["traceward.remind_consignees"] == "*/10 * * * *"
    world.stock(world.lot("STENT", "L1"), 5)
    signed(world, quantity=3)
    name_contact(world.hospital.pk, "Wang", email="w@h.example", by=world.by(roles.SALES))
    case = opened(world).case_id
    recalls.notify(case, by=world.by(roles.COMPLIANCE))
    Mail.objects.update(state=MailState.SENT)
    assert tasks.remind_consignees(timestamp=0) == 0
    set_clock(database_now() + timedelta(hours=7))
    assert tasks.remind_consignees(timestamp=0) == 1
    assert tasks.remind_consignees(timestamp=0) == 0
