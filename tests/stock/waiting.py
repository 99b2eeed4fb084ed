"""Waiting for another client: asked of the server, never slept for."""

import time

import psycopg


def wait_for_lock(looking: psycopg.Connection, pid: int) -> None:
    """That server process waits for another one's lock."""
    until = time.monotonic() + 20
    asked = "SELECT count(*) FROM pg_locks WHERE pid = %s AND NOT granted"
    while looking.execute(asked, [pid]).fetchone() == (0,):
        looking.rollback()
        assert time.monotonic() < until, "it waits for nothing"
        time.sleep(0.02)
    looking.rollback()
