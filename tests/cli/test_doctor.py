"""The doctor names what is wrong, and where."""

import argparse
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings

from tests import world as worlds
from tests.databases import ADMIN
from tests.kernel.verbs import name_party
from tests.ledger import database_now
from tests.stock.clock import set_clock
from traceward.cli import doctor
from traceward.kernel.audit import keys
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.documents import paper
from traceward.kernel.org import roles
from traceward.kernel.outbox.models import Event, ParkedEvent


def said(capsys: pytest.CaptureFixture[str]) -> str:
    doctor.run(argparse.Namespace(production=False))
    return capsys.readouterr().out


def test_the_doctor_names_what_holds_the_sequence_and_what_is_parked(
    fresh_database: str, django_db_blocker: Any, capsys: pytest.CaptureFixture[str]
) -> None:  # INT-04
    with django_db_blocker.unblock(), psycopg.connect(ADMIN) as other:
        set_up_roles()
        by = worlds.build().by(roles.SYSTEM)
        other.execute("SELECT pg_current_xact_id()")  # in another database of the server
        name_party("Lan", by=by)
        holder = f"pid {other.info.backend_pid} ({other.info.dbname})"
        assert holder not in said(capsys)  # the command is not a minute old
        set_clock(database_now() + timedelta(minutes=3))
        text = said(capsys)
        assert holder in text
        assert "3 min" in text
        row = ParkedEvent.objects.create(
            handler="testing.greet", event=Event.objects.get(), parked_at=by.at or database_now()
        )
        text = said(capsys)
        assert f"testing.greet ← testing.name.PartyNamed, {row.uid}" in text


def test_the_doctor_misses_the_private_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # INV-09
    monkeypatch.setattr(settings, "VAR", tmp_path)
    assert list(doctor._key()) == [], "before the first seal there is none"
    keys.make_first_key(tmp_path / "keys", 1)
    (found,) = doctor._key()
    assert found.advice == ""
    (tmp_path / "keys" / f"{found.seen}.pem").unlink()
    (missed,) = doctor._key()
    assert (missed.seen, missed.name) == ("—", str(tmp_path / "keys"))
    assert missed.advice


def test_the_doctor_misses_the_fonts_of_documents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # DOC-01
    (found,) = doctor._fonts()
    assert (found.seen, found.advice) == ("there", "")
    monkeypatch.setattr(paper, "FOLDER", tmp_path)
    (missed,) = doctor._fonts()
    assert missed.seen == "missing"
    assert "run ./dev" in missed.advice
