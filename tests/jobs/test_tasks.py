"""The jobs of the day and the hour do their work."""

import pytest
from procrastinate.contrib.django import app

from tests.world import World
from traceward.domain.stock import checkpoints
from traceward.jobs import tasks


def test_checkpoints_are_kept_every_hour(  # INV-08
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = {p.task.name: p.cron for p in app.periodic_registry.periodic_tasks.values()}
    assert times["traceward.keep_checkpoints"] == "27 * * * *"
    kept = checkpoints.Kept(renewed=1, made=2)
    monkeypatch.setattr(tasks, "keep_checkpoints", lambda: kept)
    assert tasks.keep_checkpoints_hourly(timestamp=0) == 3
