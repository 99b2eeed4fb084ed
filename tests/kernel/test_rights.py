"""What each database role may do: the ledger's functions are not open to readers. # SEC-05"""

import re

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, connections, transaction

from traceward.kernel.base.rights import grant_rights, rights_of

#: Functions that run as the owner: they write or lock what the application's role may not.
AS_OWNER = {
    "stock_post",
    "stock_block_reservations",
    "stock_candidates",
    "stock_lock_promises",
    "stock_make_checkpoint",
    "stock_nest",
    "stock_void_checkpoints",
    "tw_sequence_commands",
    "tw_set_clock",
}


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
    assert _may_execute("traceward_app") == AS_OWNER


LEDGER = (
    "stock_move",
    "stock_balance",
    "stock_reservation",
    "stock_genealogy",
    "stock_genealogy_void",
    "outbox_order",
)
HISTORY = ("audit_entry", "audit_signature", "audit_seal", "outbox_event")


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


def _allowed(table: str, role: str = "traceward_app") -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) r"
            " WHERE has_table_privilege(%s, %s, r)",
            [role, table],
        )
        return {row[0] for row in cursor.fetchall()}


def _declared() -> dict[str, str]:
    """What the application may do with each table, by its model; of ours without one: read."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = {row[0] for row in cursor.fetchall() if not row[0].startswith("procrastinate_")}
    models = apps.get_models(include_auto_created=True)
    by_model = {m._meta.db_table: rights_of(m) for m in models if not m._meta.proxy}
    return {table: by_model.get(table, "SELECT") for table in tables}


@pytest.mark.django_db
def test_each_role_may_do_what_is_declared_and_no_more() -> None:  # SEC-05
    for table, rights in _declared().items():
        listed = re.search(r"UPDATE \(([^)]*)\)", rights)
        columns = set(re.findall(r"\w+", listed.group(1))) if listed else set()
        whole = set(re.findall(r"[A-Z]+", re.sub(r"UPDATE \([^)]*\)", "", rights)))
        assert _allowed(table) == whole, table
        assert _changeable(table) == columns or "UPDATE" in whole, table
        assert _allowed(table, "traceward_verify") <= {"SELECT"}, table


def _changeable(table: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
            " AND NOT attisdropped"
            " AND has_column_privilege('traceward_app', attrelid, attnum, 'update')",
            [table],
        )
        return {row[0] for row in cursor.fetchall()}


@pytest.mark.django_db
def test_application_cannot_forge_the_sequence() -> None:  # INV-01 SEC-05
    assert _refused("INSERT INTO outbox_order VALUES (999999, 999999)") == "42501"
    assert _refused("DELETE FROM outbox_queue") == "42501"
    assert _refused("UPDATE outbox_queue SET xid = '1'") == "42501"
    assert _allowed("outbox_order") == {"SELECT"}
    assert _allowed("outbox_queue") == {"SELECT", "INSERT"}


@pytest.mark.django_db
def test_an_answer_that_was_given_stays_until_it_is_forgotten() -> None:  # SEC-05
    assert _refused("UPDATE command_request SET answer = ''") == "42501"
    assert _allowed("command_request") == {"SELECT", "INSERT", "DELETE"}


@pytest.mark.django_db
def test_functions_of_the_owner_look_for_temporary_tables_last() -> None:  # SEC-05
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.proname FROM pg_proc p WHERE p.prosecdef"
            " AND p.pronamespace = 'public'::regnamespace AND NOT EXISTS ("
            "  SELECT FROM unnest(p.proconfig) c WHERE c ~ '^search_path=.*, pg_temp$')"
        )
        assert cursor.fetchall() == []


def _readable(table: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
            " AND NOT attisdropped"
            " AND has_column_privilege('traceward_verify', attrelid, attnum, 'select')",
            [table],
        )
        return {row[0] for row in cursor.fetchall()}


SECRETS = {
    "org_second_factor": {"secret"},
    "org_pin": {"secret"},
    "org_recovery_code": {"digest"},
    "org_shared_device": {"digest"},
    "org_unknown_try": {"digest"},
    "org_person": {"password"},
    "org_api_key": {"sha256"},
    "command_request": {"answer"},
    "outbox_mail": {"secret"},
    "outbox_webhook": {"secret", "former_secret"},
    "recalls_message": {"sha256"},
    "partners_salesperson": {"text"},
    "sales_patient_reference": {"text"},
    "sales_delivery_receiver": {"text"},
    "sales_order_contact": {"text"},
    "warehousing_receipt_deliverer": {"text"},
    "warehousing_refusal_deliverer": {"text"},
}


@pytest.mark.django_db
@pytest.mark.parametrize("table", SECRETS)
def test_who_verifies_reads_no_secrets(table: str) -> None:  # SEC-05
    assert not SECRETS[table] & _readable(table)
    assert not _allowed(table, "traceward_verify")


@pytest.mark.django_db
def test_who_verifies_reads_everything_else() -> None:  # SEC-05
    for model in apps.get_models():
        if model.__module__.startswith("traceward."):
            table = model._meta.db_table
            columns = {f.column for f in model._meta.local_concrete_fields}
            assert columns - _readable(table) == SECRETS.get(table, set())


def test_nobody_but_the_owner_makes_temporary_tables(
    fresh_database: str, django_db_blocker: pytest.FixtureRequest
) -> None:  # SEC-05
    with django_db_blocker.unblock():
        grant_rights(connections["owner"])  # a clone does not take over its template's rights
        assert _refused("CREATE TEMP TABLE outbox_order (sequence bigint)") == "42501"
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT array_agg(has_database_privilege(r, current_database(), 'temp'))"
                " FROM unnest(ARRAY['traceward_app', 'traceward_verify', 'traceward_owner']) r"
            )
            assert cursor.fetchone()[0] == [False, False, True]
