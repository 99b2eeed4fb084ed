"""What each database role may do: the ledger's functions are not open to readers. # SEC-05"""

import pytest
from django.db import DatabaseError, connection, transaction

WRITERS = (
    "stock_post",
    "stock_block_reservations",
    "tw_sequence_commands",
    "tw_set_clock",
)


def _may_execute(role: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
            " WHERE n.nspname = 'public' AND p.prosecdef"
            " AND has_function_privilege(%s, p.oid, 'execute')",
            [role],
        )
        return {row[0] for row in cursor.fetchall()}


@pytest.mark.django_db
def test_functions_that_write_as_the_owner_are_for_the_application_only() -> None:  # SEC-05
    assert _may_execute("traceward_verify") == set()
    assert _may_execute("traceward_app") >= set(WRITERS)


LEDGER = ("stock_move", "stock_balance", "stock_reservation", "stock_genealogy")
HISTORY = ("audit_entry", "audit_signature", "audit_seal", "outbox_event", "outbox_order")


def _refused(statement: str) -> str:
    with pytest.raises(DatabaseError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    return error.value.__cause__.sqlstate  # type: ignore[union-attr]  # set by the driver


@pytest.mark.django_db
@pytest.mark.parametrize("table", [*LEDGER, *HISTORY])
def test_application_cannot_change_history(table: str) -> None:  # INV-01 SEC-05
    for statement in ("DELETE FROM {}", "TRUNCATE {} CASCADE"):
        assert _refused(statement.format(table)) == "42501"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT has_table_privilege('traceward_app', %s, 'update'),"
            " has_table_privilege('traceward_app', %s, 'insert')",
            [table, table],
        )
        assert cursor.fetchone() == (False, table in HISTORY)
