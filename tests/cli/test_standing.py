"""The doctor tells of work that waits or fails, of clocks, folders, hosts and backups."""

import argparse
import uuid
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from tests.ledger import database_now
from tests.world import World
from traceward.cli import doctor, standing
from traceward.cli.standing import Finding
from traceward.kernel.audit.models import Verification
from traceward.kernel.command import figures, webhooks
from traceward.kernel.org import roles
from traceward.kernel.outbox.models import Event, Webhook, WebhookDelivery


def advised(found: Iterable[Finding]) -> dict[str, Finding]:
    return {finding.what: finding for finding in found if finding.advice}


@pytest.fixture
def hook(world: World) -> Webhook:
    made = webhooks.register_webhook(
        "ERP", "http://127.0.0.1:9/", ["stock.*"], by=world.by(roles.ADMINISTRATOR)
    )
    return Webhook.objects.get(uid=made.webhook_uid)


def test_work_in_order_needs_no_advice(hook: Webhook) -> None:
    assert advised(standing.work()) == {}


def test_webhooks_that_fail_are_named(world: World, hook: Webhook) -> None:  # INT-04
    Webhook.objects.filter(pk=hook.pk).update(failures=7, failing_since=database_now())
    (found,) = advised(standing.work()).values()
    assert (found.seen, found.name) == (f"ERP {hook.uid}", "7")
    webhooks.pause_webhook(hook.uid, "stocktaking", by=world.by(roles.ADMINISTRATOR))
    (found,) = advised(standing.work()).values()
    assert found.name == "stocktaking"
    webhooks.resume_webhook(hook.uid, by=world.by(roles.ADMINISTRATOR))
    event = Event.objects.create(
        command_id=1, ordinal=1, at=database_now(), name="stock.block.StockBlocked", data={}
    )
    WebhookDelivery.objects.create(
        webhook=hook,
        event=event,
        sequence=1,
        ordinal=1,
        subject=uuid.uuid4(),
        replay=0,
        state="parked",
        due_at=database_now(),
    )
    (found,) = advised(standing.work()).values()
    assert "outbox.retry_delivery" in found.advice


def test_lags_and_verifications_are_named(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "sealing", lambda: figures.Waiting(9, 301.0))
    monkeypatch.setattr(figures, "handlers", lambda: {"a.b": figures.Waiting(1, 500.0)})
    Verification.objects.create(
        at=database_now(), seconds=1, seals=1, is_fast=False, findings=1, first_finding="A seal."
    )
    found = advised(standing.work())
    assert found["commands that are not sealed yet"].seen == "9 (301 s)"
    assert found["a.b"].advice == standing.START
    assert found["last verification"].name == "A seal."
    Verification.objects.create(
        at=database_now() - timedelta(days=4), seconds=1, seals=1, is_fast=False, findings=0
    )
    assert advised(standing.work())["last verification"].advice == standing.START_JOBS
    monkeypatch.setattr(standing, "MAX_MOVES", -1)
    assert "moves since the newest checkpoint" in advised(standing.work())


def test_clocks_that_differ_are_named(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert advised(standing.clocks()) == {}
    now = standing.time.time()
    monkeypatch.setattr(standing.time, "time", lambda: now - 60)
    (found,) = advised(standing.clocks()).values()
    assert found.seen.startswith("+")


def test_folders_that_cannot_be_written_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert advised(standing.folders(tmp_path / "var")) == {}
    (tmp_path / "files").mkdir()

    def full(dir: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(standing.tempfile, "TemporaryFile", full)
    assert set(advised(standing.folders(tmp_path))) == {str(tmp_path), str(tmp_path / "files")}


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ("wms.example,10.0.0.5,[::1],.example", ""),
        ("https://wms.example", "'https://wms.example'"),
        ("wms.example:8000", "'wms.example:8000'"),
        ("wms.example, erp.example", "' erp.example'"),
        ("", "''"),
    ],
)
def test_hosts_are_host_names(given: str, wrong: str) -> None:
    (found,) = standing.hosts({standing.HOSTS: given})
    assert (bool(found.advice), found.name) == (bool(wrong), wrong)
    assert list(standing.hosts({})) == []
    (found,) = standing.hosts({standing.HOSTS: "*"})
    assert "every name" in found.advice


def test_the_age_of_the_last_backup(tmp_path: Path) -> None:
    assert list(standing.backup(tmp_path, 0.0, is_production=False)) == []
    (found,) = standing.backup(tmp_path, 0.0, is_production=True)
    assert "No backup" in found.advice
    standing.remember_backup(tmp_path, tmp_path / "monday.tar", 0.0)
    (found,) = standing.backup(tmp_path, 86_400.0, is_production=True)
    assert (found.advice, found.seen) == ("", f"1.0 d, {tmp_path / 'monday.tar'}")
    (found,) = standing.backup(tmp_path, 8 * 86_400.0, is_production=False)
    assert found.advice


@pytest.mark.django_db(databases=["default", "owner", "verify"])
def test_the_doctor_speaks_of_all_of_it(
    hook: Webhook, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(standing.HOSTS, raising=False)
    doctor.run(argparse.Namespace(production=True))
    text = capsys.readouterr().out
    for said in ("webhooks: 1", "clock of the database server", "not sealed yet", "last backup"):
        assert said in text
    assert "A sandbox may move its clock" in text
    assert "Set TRACEWARD_HOSTS" in text
    assert str(settings.VAR.parent) in text
