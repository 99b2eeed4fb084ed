"""Dumps go where the reader says, wherever PostgreSQL's programs work."""

from pathlib import Path

import pytest

from traceward.cli import dumps


def test_a_dump_goes_to_a_place_named_from_here(
    django_db_setup: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = dumps.this_server()
    monkeypatch.chdir(tmp_path)
    dumps.dump_database(server, Path("here.dump"))
    assert (tmp_path / "here.dump").read_bytes().startswith(b"PGDMP")
